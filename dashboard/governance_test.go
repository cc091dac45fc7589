package dashboard_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidemark/dashboard"
	"tidemark/dashboard/guard"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
	"tidemark/dashboard/words"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// admin sits before the pages of a sample, without a guard between.
type admin struct {
	t *testing.T
	*sample.Coalition
	d *dashboard.Dashboard
}

func council(t *testing.T, cfg sample.Config) *admin {
	t.Helper()
	cfg.Members, cfg.People, cfg.Quarters = 5, 500, 5
	c := sample.New(t, cfg)
	return &admin{t, c, opened(t, c, false)}
}

func (a *admin) governing() view.Governing {
	g, err := a.Governing(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	return g
}

// proposed is the open proposal with a verb.
func (a *admin) proposed(verb string) view.Proposal {
	a.t.Helper()
	for _, p := range a.governing().Proposals {
		if p.Act.Change.Verb() == verb {
			return p
		}
	}
	a.t.Fatalf("no proposal to %s", verb)
	return view.Proposal{}
}

func (a *admin) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	a.d.ServeHTTP(w, r)
	return w
}

// hidden reads what a page's form hands on; browsers end lines with two signs.
var hidden = regexp.MustCompile(`(?s)<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

func handedOn(page string) url.Values {
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		form.Add(m[1], strings.ReplaceAll(html.UnescapeString(m[2]), "\n", "\r\n"))
	}
	return form
}

func with(form url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, v := range form {
		out[k] = slices.Clone(v)
	}
	for i := 0; i < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

func (a *admin) did(want ...string) {
	a.t.Helper()
	if !slices.Equal(a.Done, want) {
		a.t.Errorf("done %q, want %q", a.Done, want)
	}
}

// A proposal is read, ticked and signed; without the tick, and for an id that is not
// here, nothing happens.
func TestAProposalIsSignedThroughTheForm(t *testing.T) {
	a := council(t, sample.Config{Council: true})
	p := a.proposed("suspend")
	page := fetch(a.d, "/governance/proposal/"+p.ID.String())
	form := handedOn(page.Body.String())
	if page.Code != 200 || form.Get("proposal") != p.ID.String() || strings.Count(page.Body.String(), "Suspend "+string(a.World.Organisations[1].Slug)) != 2 {
		t.Fatalf("%d, hands on %v", page.Code, form)
	}
	if w := a.post("/governance/sign", form); w.Code != http.StatusBadRequest {
		t.Errorf("without the tick: %d", w.Code)
	}
	if w := a.post("/governance/sign", url.Values{"agreed": {"yes"}, "proposal": {schema.Hash{1}.String()}}); w.Code != http.StatusConflict {
		t.Errorf("another id: %d", w.Code)
	}
	a.did()
	if w := a.post("/governance/sign", with(form, "agreed", "yes")); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/governance" {
		t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
	}
	a.did("sign suspend")
}

// A proposal from a file is shown first, and signed with its own text.
func TestAProposalFromAFile(t *testing.T) {
	a := council(t, sample.Config{Council: true})
	p := a.proposed("remove")
	note := p.Note
	a.Forget()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, _ := m.CreateFormFile("note", "proposal")
	_, _ = part.Write([]byte(note))
	_ = m.Close()
	r := httptest.NewRequest("POST", "/governance/look", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	w := httptest.NewRecorder()
	a.d.ServeHTTP(w, r)
	form := handedOn(w.Body.String())
	if w.Code != 200 || !form.Has("note") {
		t.Fatalf("%d, hands on %v", w.Code, form)
	}
	a.did()
	a.post("/governance/sign", with(form, "agreed", "yes"))
	a.did("sign remove")
}

// Whoever is no admin reads everything and is offered no form; a request that is made up
// is refused.
func TestWhoeverIsNoAdminOnlyReads(t *testing.T) {
	a := council(t, sample.Config{Council: true, Outsider: true})
	p := a.proposed("suspend")
	for _, path := range []string{"/governance", "/governance/admit", "/governance/propose", "/governance/proposal/" + p.ID.String()} {
		page := fetch(a.d, path).Body.String()
		if !strings.Contains(page, "Only admins propose and sign") || strings.Contains(page, `name="agreed"`) || strings.Contains(page, `name="verb"`) {
			t.Errorf("%s: offers a form, or does not say why there is none", path)
		}
	}
	request, spoken := sample.Request("new-tern")
	second := string(a.World.Organisations[1].Slug)
	for path, form := range map[string]url.Values{
		"/governance/sign":       {"agreed": {"yes"}, "proposal": {p.ID.String()}},
		"/governance/propose":    {"verb": {"suspend"}, "member": {second}},
		"/governance/confirm":    {"agreed": {"yes"}, "version": {"6"}, "verb": {"suspend"}, "member": {second}},
		"/governance/admit":      {"verb": {"admit"}, "request": {string(request)}, "words": {spoken}},
		"/governance/invitation": {"request": {string(request)}, "words": {spoken}},
	} {
		if w := a.post(path, form); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	a.did()
}

// A plan that admins have adopted is agreed to by this member's operator, admin or not.
func TestConsentIsGivenThroughTheForm(t *testing.T) {
	a := council(t, sample.Config{Council: true, Outsider: true})
	plan := a.governing().Unagreed[0]
	if page := fetch(a.d, "/governance").Body.String(); !strings.Contains(page, "Nothing is released by it until you do.") {
		t.Error("the page does not say that consent is missing")
	}
	form := handedOn(fetch(a.d, "/governance/plan/"+plan.String()).Body.String())
	if form.Get("plan") != plan.String() {
		t.Fatalf("hands on %v", form)
	}
	if w := a.post("/governance/consent", form); w.Code != http.StatusBadRequest {
		t.Errorf("without the tick: %d", w.Code)
	}
	a.did()
	a.post("/governance/consent", with(form, "agreed", "yes"))
	a.did("consent " + plan.Short())
	if page := fetch(a.d, "/governance/plan/"+plan.String()).Body.String(); strings.Contains(page, `name="agreed"`) {
		t.Error("what was agreed to is asked for again")
	}
	if w := a.post("/governance/consent", with(form, "agreed", "yes")); w.Code != http.StatusConflict {
		t.Errorf("agreed twice: %d", w.Code)
	}
}

// What is proposed is what the page before has shown, and of the same coalition.
func TestEveryChangeIsConfirmedBeforeItIsProposed(t *testing.T) {
	one := council(t, sample.Config{})
	first, second := string(one.World.Organisations[0].Slug), string(one.World.Organisations[1].Slug)
	s, err := one.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	plan := s.State.Charter().Plan
	plan.Cap += 1000
	for verb, form := range map[string]url.Values{
		"suspend":    {"member": {second}},
		"remove":     {"member": {second}, "days": {"7"}},
		"rotate-key": {"days": {"3"}},
		"admins":     {"admin": {first, second}, "threshold": {"2"}},
		"keepers":    {"keeper": {first, second, string(one.World.Organisations[3].Slug)}},
		"adopt-plan": {"plan": {strings.ReplaceAll(wire.PlanText(plan), "\n", "\r\n")}, "people": {"300 400 500"}},
	} {
		a := council(t, sample.Config{})
		form.Set("verb", verb)
		page := a.post("/governance/propose", form)
		next := handedOn(page.Body.String())
		if page.Code != 200 || next.Get("verb") != verb {
			t.Fatalf("%s: %d, hands on %v", verb, page.Code, next)
		}
		if w := a.post("/governance/confirm", next); w.Code != http.StatusBadRequest {
			t.Errorf("%s without the tick: %d", verb, w.Code)
		}
		if w := a.post("/governance/confirm", with(next, "agreed", "yes", "version", "4")); w.Code != http.StatusConflict {
			t.Errorf("%s of an older coalition: %d", verb, w.Code)
		}
		a.did()
		if w := a.post("/governance/confirm", with(next, "agreed", "yes")); w.Code != http.StatusSeeOther {
			t.Errorf("%s: %d %s", verb, w.Code, regexp.MustCompile("<code.*</code>").FindString(w.Body.String()))
		}
		a.did("propose " + verb)
	}
}

// Forms that cannot be meant lead to a page that says so, and to no act.
func TestFormsThatCannotBeMeant(t *testing.T) {
	a := council(t, sample.Config{})
	second := string(a.World.Organisations[1].Slug)
	for name, form := range map[string]url.Values{
		"no verb":         {},
		"no member":       {"verb": {"suspend"}, "member": {""}},
		"another member":  {"verb": {"suspend"}, "member": {"nobody"}},
		"no days":         {"verb": {"rotate-key"}},
		"too many days":   {"verb": {"rotate-key"}, "days": {"31"}},
		"no admins":       {"verb": {"admins"}, "threshold": {"1"}},
		"a stranger":      {"verb": {"admins"}, "threshold": {"1"}, "admin": {"nobody"}},
		"three of one":    {"verb": {"admins"}, "threshold": {"3"}, "admin": {second}},
		"two keepers":     {"verb": {"keepers"}, "keeper": {second, string(a.World.Organisations[2].Slug)}},
		"a keeper twice":  {"verb": {"keepers"}, "keeper": {second, second, string(a.World.Organisations[2].Slug)}},
		"a strange one":   {"verb": {"keepers"}, "keeper": {second, "nobody", string(a.World.Organisations[2].Slug)}},
		"no request":      {"verb": {"admit"}, "words": {"one"}},
		"no plan":         {"verb": {"adopt-plan"}, "plan": {"nothing"}},
		"no plan retired": {"verb": {"retire-plan"}, "plan": {"nothing"}},
	} {
		if w := a.post("/governance/propose", form); w.Code != http.StatusBadRequest && w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Nothing was changed") {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	a.did()
}

// Request, words, what the new member will see, the act, the invitation, the words to read.
func TestAMemberIsAdmitted(t *testing.T) {
	a := council(t, sample.Config{})
	request, spoken := sample.Request("new-tern")
	form := url.Values{"verb": {"admit"}, "request": {string(request)}, "words": {"eight words that nobody has said here today"}, "first": {"2026-Q4"}}
	if w := a.post("/governance/admit", form); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "These are not the words") {
		t.Errorf("other words: %d", w.Code)
	}
	page := a.post("/governance/admit", with(form, "words", spoken))
	if !strings.Contains(page.Body.String(), "What a new member will see") || !strings.Contains(page.Body.String(), "Admit new-tern as a member. It owes releases from Q4 2026 on.") {
		t.Fatalf("%d: does not say what is done", page.Code)
	}
	done := a.post("/governance/confirm", with(handedOn(page.Body.String()), "agreed", "yes"))
	a.did("propose admit")
	if done.Code != 200 || !strings.Contains(done.Body.String(), a.governing().Words) {
		t.Fatalf("%d: the words to read are not shown", done.Code)
	}
	file := a.post("/governance/invitation", handedOn(done.Body.String()))
	if file.Body.String() != "an invitation" || file.Header().Get("Content-Disposition") != `attachment; filename="tidemark.invitation"` {
		t.Errorf("%d %s", file.Code, file.Header().Get("Content-Disposition"))
	}
	again := a.post("/governance/admit", with(form, "words", spoken))
	if !strings.Contains(again.Body.String(), "It is a member already") {
		t.Error("a member is admitted twice")
	}
	a.did("propose admit", "invite")
}

// An invitation is for who is seated: asking for one admits nobody.
func TestAnInvitationAdmitsNobody(t *testing.T) {
	a := council(t, sample.Config{})
	request, spoken := sample.Request("new-tern")
	if w := a.post("/governance/invitation", url.Values{"request": {string(request)}, "words": {spoken}}); w.Code != http.StatusConflict {
		t.Errorf("%d", w.Code)
	}
	a.did()
}

// No other page can make a browser send these forms, and a stranger is not heard.
func TestGovernanceFormsAreGuarded(t *testing.T) {
	a := council(t, sample.Config{Council: true})
	g, err := guard.New(guard.Config{Node: "river-heron", Page: a.d.GuardPage})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g.Wrap(a.d))
	defer server.Close()
	jar := session(t, g, server.URL)
	for _, path := range []string{"look", "sign", "consent", "admit", "propose", "confirm", "invitation"} {
		for name, c := range map[string]struct {
			site   string
			cookie bool
			want   int
		}{"another site": {"cross-site", true, http.StatusForbidden}, "a stranger": {"same-origin", false, http.StatusUnauthorized}} {
			r, _ := http.NewRequest("POST", server.URL+"/governance/"+path, strings.NewReader("agreed=yes"))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", c.site)
			if c.cookie {
				r.AddCookie(jar)
			}
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != c.want {
				t.Errorf("%s from %s: %d, want %d", path, name, resp.StatusCode, c.want)
			}
		}
	}
	a.did()
}

// session enters by the launch link.
func session(t *testing.T, g *guard.Guard, base string) *http.Cookie {
	t.Helper()
	link, err := url.Parse(g.Link(base))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(base+"/enter", url.Values{"t": {link.Query().Get("t")}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(resp.Cookies()) != 1 {
		t.Fatalf("entered with %d", resp.StatusCode)
	}
	return resp.Cookies()[0]
}

// Every proposal of every kind has its words in every language.
func TestEveryProposalHasItsPage(t *testing.T) {
	a := council(t, sample.Config{Council: true})
	for _, lang := range words.Tags {
		for _, p := range a.governing().Proposals {
			w := fetch(a.d, "/governance/proposal/"+p.ID.String()+"?people=300+400+500&lang="+lang)
			if w.Code != 200 || unsaid.MatchString(w.Body.String()) {
				t.Errorf("%s %s: %d, says %s", lang, p.Act.Change.Verb(), w.Code, unsaid.FindString(w.Body.String()))
			}
		}
	}
	if w := fetch(a.d, "/governance/proposal/"+schema.Hash{1}.String()); w.Code != 404 {
		t.Errorf("another id: %d", w.Code)
	}
	if w := fetch(a.d, "/governance/confirm"); w.Code != http.StatusSeeOther {
		t.Errorf("a form's address that is only looked at: %d", w.Code)
	}
}
