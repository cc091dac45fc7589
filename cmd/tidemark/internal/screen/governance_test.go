package screen_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/cmd/tidemark/internal/press"
	"tidemark/cmd/tidemark/internal/screen"
	"tidemark/dashboard"
	"tidemark/node"
	"tidemark/schema"
	"tidemark/schema/wire"
)

var today = time.Date(2026, 2, 3, 10, 0, 0, 0, time.UTC)

// office is an organisation with its node and its pages.
type office struct {
	t     *testing.T
	node  *node.Node
	pages http.Handler
}

func opens(t *testing.T, slug schema.Slug) *office {
	t.Helper()
	cfg := node.Config{
		Dir: t.TempDir(), Unlock: node.Unlock{Passphrase: "a long passphrase for this test", WorkFactor: 10},
		Now: func() time.Time { return today },
	}
	if err := node.Init(cfg, node.Settings{Slug: slug}); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	s := &screen.Screen{Node: n}
	d, err := dashboard.New(dashboard.Config{Coalition: s, Own: s, Governance: s, Admin: s, Briefs: &press.Press{Node: n, Screen: s, Now: time.Now, Dir: t.TempDir()}, Codebook: n.Codebook()})
	if err != nil {
		t.Fatal(err)
	}
	return &office{t, n, d}
}

func (o *office) founds() schema.Plan {
	o.t.Helper()
	plan, err := planner.SmallLocal(schema.Period{Year: 2026, Quarter: 1})
	if err == nil {
		err = o.node.Found(o.t.Context(), "calm-delta", schema.Incident(), plan)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return plan
}

func (o *office) looks(path string) string {
	o.t.Helper()
	w := httptest.NewRecorder()
	o.pages.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if w.Code != http.StatusOK {
		o.t.Fatalf("%s: %d %s", path, w.Code, said(w.Body.String()))
	}
	return w.Body.String()
}

func (o *office) posts(path string, form url.Values) string {
	o.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	o.pages.ServeHTTP(w, r)
	if w.Code != http.StatusOK && w.Code != http.StatusSeeOther {
		o.t.Fatalf("%s: %d %s", path, w.Code, said(w.Body.String()))
	}
	return w.Body.String()
}

// confirms goes through the page between a form and its act.
func (o *office) confirms(path string, form url.Values) string {
	o.t.Helper()
	return o.posts("/governance/confirm", agreed(o.posts(path, form)))
}

var (
	hidden  = regexp.MustCompile(`(?s)<input type="hidden" name="([a-z]+)" value="([^"]*)">`)
	refused = regexp.MustCompile(`(?s)<h1>.*</main>`)
	signing = regexp.MustCompile(`/governance/proposal/[0-9a-f]{64}`)
)

func said(page string) string { return refused.FindString(page) }

// agreed is a page's form, ticked; browsers end lines with two signs.
func agreed(page string) url.Values {
	form := url.Values{"agreed": {"yes"}}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		form.Add(m[1], strings.ReplaceAll(html.UnescapeString(m[2]), "\n", "\r\n"))
	}
	return form
}

// carry takes everything from one node to another, on a stick.
func carry(t *testing.T, from, to *office) {
	t.Helper()
	var stick strings.Builder
	if err := from.node.Export(&stick); err != nil {
		t.Fatal(err)
	}
	if _, err := to.node.Import(t.Context(), []byte(stick.String())); err != nil {
		t.Fatal(err)
	}
}

// Two organisations by their pages alone: one founds, admits and invites the other, makes
// it an admin, proposes a plan that both sign, and each agrees to it for itself.
func TestACoalitionIsGovernedByThePages(t *testing.T) {
	a, b := opens(t, "amber-lark"), opens(t, "quiet-heron")
	plan := a.founds()
	request, err := b.node.Request()
	if err != nil {
		t.Fatal(err)
	}
	words, err := b.node.RequestWords()
	if err != nil {
		t.Fatal(err)
	}
	page := a.confirms("/governance/admit", url.Values{"verb": {"admit"}, "request": {string(request)}, "words": {words}, "first": {"2026-Q1"}})
	spoken, err := a.node.InvitationWords()
	if err != nil || !strings.Contains(page, spoken) {
		t.Fatalf("the words to read are not shown: %v", err)
	}
	if err := b.node.Join(t.Context(), []byte(a.posts("/governance/invitation", agreed(page))), spoken); err != nil {
		t.Fatal(err)
	}
	b.looks("/governance")

	a.confirms("/governance/propose", url.Values{"verb": {"admins"}, "admin": {"amber-lark", "quiet-heron"}, "threshold": {"2"}})
	carry(t, a, b)
	b.posts("/governance/sign", agreed(b.looks(signing.FindString(b.looks("/governance")))))
	carry(t, b, a)
	if got := len(a.node.State().Roster().Admins); got != 2 {
		t.Fatalf("%d admins", got)
	}

	plan.LateDays, plan.First = 90, schema.Period{Year: 2026, Quarter: 2}
	a.confirms("/governance/propose", url.Values{"verb": {"adopt-plan"}, "plan": {strings.ReplaceAll(wire.PlanText(plan), "\n", "\r\n")}, "people": {"300 400"}})
	carry(t, a, b)
	b.posts("/governance/sign", agreed(b.looks(signing.FindString(b.looks("/governance")))))
	hash := wire.PlanHash(plan)
	if _, adopted := b.node.State().Plan(hash); !adopted || b.node.Consents()[hash] {
		t.Fatalf("adopted %v, agreed to %v: a signature is no consent", adopted, b.node.Consents()[hash])
	}
	consent := b.looks("/governance/plan/" + hash.String())
	if !strings.Contains(b.looks("/cases"), "waits for your consent") {
		t.Error("My cases does not say that a consent is missing")
	}
	b.posts("/governance/consent", agreed(consent))
	if !b.node.Consents()[hash] || len(b.node.Unagreed()) > 0 || strings.Contains(b.looks("/cases"), "waits for your consent") {
		t.Error("not agreed to")
	}
}
