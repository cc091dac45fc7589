package dashboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/dashboard/view"
	"tidemark/schema"
	"tidemark/schema/mapping"
)

// newNode is a node in memory that remembers what was done to it.
type newNode struct {
	view.SetupStanding
	who        Newcomer
	passphrase string
	founding   Founding
	done       []string
	export     int // bytes of the last one
	err        error
}

func (n *newNode) Standing(context.Context) (view.SetupStanding, error) {
	s := n.SetupStanding
	s.Codebook = schema.Incident()
	return s, nil
}

func (n *newNode) Make(_ context.Context, who Newcomer, passphrase string) error {
	n.done = append(n.done, "make")
	if n.err != nil {
		return n.err
	}
	n.who, n.passphrase, n.Made, n.Slug = who, passphrase, true, who.Slug
	n.Words = spokenWords
	return nil
}

func (n *newNode) Finish(context.Context) (string, error) {
	n.done = append(n.done, "finish")
	return "/enter?t=fresh", n.err
}

func (n *newNode) Plan(sizes []int, first schema.Period, mode schema.Mode) (planner.Modes, error) {
	cb := schema.Incident()
	plan, err := planner.Choose(cb, sizes, planner.InMode(planner.Frame(cb, schema.Local, first), mode, len(sizes)))
	if err != nil {
		return planner.Modes{}, err
	}
	return planner.Compare(cb, plan, sizes)
}

func (n *newNode) Found(_ context.Context, f Founding) error {
	n.done = append(n.done, "found")
	n.founding = f
	n.Coalition = &view.SetupCoalition{Name: f.Name, Active: 1, Next: f.First, Slot: time.Date(2027, 1, 10, 6, 0, 0, 0, time.UTC)}
	return nil
}

func (n *newNode) Request() ([]byte, error) { return []byte("tidemark/request/v1\n"), nil }

// spokenWords are what the fake node's request sounds like.
const spokenWords = "unicorn pumpkin denim animal basket laundry cement giraffe"

func (n *newNode) Join(_ context.Context, invitation []byte, words string) error {
	n.done = append(n.done, "join "+string(invitation)+" "+words)
	if n.err == nil {
		n.Coalition = &view.SetupCoalition{Name: "open-harbour-12", Active: 4}
	}
	return n.err
}

func (n *newNode) Check(_ context.Context, text []byte, export io.Reader) (view.SetupCheck, error) {
	n.done = append(n.done, "check")
	m, err := mapping.Parse(text, schema.Incident())
	if err != nil {
		return view.SetupCheck{}, &SetupError{SetupMapping, err}
	}
	rows, err := io.ReadAll(export)
	if err != nil {
		return view.SetupCheck{}, err
	}
	n.export = len(rows)
	check := view.SetupCheck{Protects: m.Protection(), Doubts: m.Lint()}
	run := m.Begin()
	for i, row := range strings.Split(strings.TrimSpace(string(rows)), "\n") {
		cells := make([]string, len(m.Columns()))
		copy(cells, strings.Split(row, ","))
		check.Rows++
		if _, refusal := run.Map(mapping.Row{Number: i + 1, Cells: cells}); refusal != nil {
			check.Refused++
			check.Refusals = append(check.Refusals, *refusal)
			check.Reasons = []view.SetupReason{{Field: refusal.Field, Reason: refusal.Reason, Count: check.Refused}}
			continue
		}
		check.Mapped++
	}
	check.Coverage = run.Coverage()
	return check, nil
}

func (n *newNode) Take(context.Context) (view.SetupTaken, error) {
	n.done = append(n.done, "take")
	n.Cases, n.Persons = 2, 2
	return view.SetupTaken{Added: 2, Unchanged: 1}, n.err
}

func (n *newNode) Drop() {}

const ownYAML = `name: small
format: csv
person: {id: who}
case: {id: id}
date: {column: day, formats: [iso]}
dimensions:
  threat_type: {column: what, default: unknown, unmapped: other, values: {doxing: [dox]}}
absent: {gender: not_recorded, attribution_confidence: not_assessed, online_offline_link: not_assessed, link_evidence: not_assessed, platform_response_time: not_applicable_unknown, defender_gender: not_recorded}
`

// operator is a browser without a guard between.
type operator struct {
	t    *testing.T
	node *newNode
	*Setup
}

func setUp(t *testing.T) *operator {
	t.Helper()
	n := &newNode{}
	slugs := 0
	s, err := NewSetup(SetupConfig{
		Node: n, Coalition: n, Cases: n, Unsafe: true,
		Slug: func() (schema.Slug, error) { slugs++; return schema.Slug(fmt.Sprintf("calm-tern-%d", slugs)), nil },
		Line: func(line string) error {
			if !strings.HasPrefix(line, "/ip4/") {
				return &SetupError{Says: SetupLine}
			}
			return nil
		},
		Now: func() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return &operator{t, n, s}
}

func (o *operator) do(r *http.Request) *httptest.ResponseRecorder {
	o.t.Helper()
	w := httptest.NewRecorder()
	o.ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "setup.") || strings.Contains(w.Body.String(), "style=") {
		o.t.Errorf("%s: a text without words, or a style attribute", r.URL)
	}
	return w
}

func (o *operator) get(path string) *httptest.ResponseRecorder {
	o.t.Helper()
	return o.do(httptest.NewRequest("GET", path, nil))
}

// post returns where the answer leads.
func (o *operator) post(path string, fields ...string) string {
	o.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return o.leads(o.do(r))
}

func (o *operator) leads(w *httptest.ResponseRecorder) string {
	o.t.Helper()
	if w.Code != http.StatusSeeOther {
		o.t.Errorf("status %d, want 303", w.Code)
	}
	return w.Header().Get("Location")
}

// file is a part of an upload; without a name it is a plain field.
type file struct{ field, name, text string }

func (o *operator) upload(path string, files ...file) string {
	o.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, f := range files {
		create := form.CreateFormField
		if f.name != "" || f.text == "" {
			create = func(field string) (io.Writer, error) { return form.CreateFormFile(field, f.name) }
		}
		w, err := create(f.field)
		if err == nil {
			_, err = io.WriteString(w, f.text)
		}
		if err != nil {
			o.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		o.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &b)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return o.leads(o.do(r))
}

// made goes the first two steps.
func (o *operator) made() *operator {
	o.t.Helper()
	o.post("/setup/who", "title", "Casa Segura", "slug", "calm-tern-1")
	o.post("/setup/passphrase", "passphrase", "five words that nobody guesses", "again", "five words that nobody guesses")
	if !o.node.Made {
		o.t.Fatal("no node was made")
	}
	return o
}

func TestTheFounder(t *testing.T) {
	o := setUp(t)
	for _, step := range []struct {
		path   string
		fields []string
		to     string
	}{
		{"/setup/who", []string{"title", " Casa Segura ", "language", "es", "slug", "Calm-Tern-1", "line", "/ip4/192.0.2.7/tcp/7461"}, "/setup/passphrase"},
		{"/setup/passphrase", []string{"passphrase", "cinco palabras que nadie sabe", "again", "cinco palabras que nadie sabe"}, "/setup/coalition"},
		{"/setup/plan", []string{"people", "1000\n٧٠٠, 500", "first", "2025-Q1", "name", "river-ford-3"}, "/setup/found#plan"},
		{"/setup/found", nil, "/setup/coalition"},
		{"/setup/done", nil, "/enter?t=fresh"},
	} {
		if to := o.post(step.path, step.fields...); to != step.to {
			t.Errorf("%s leads to %s, want %s", step.path, to, step.to)
		}
	}
	if want := (Newcomer{"Casa Segura", "es", "calm-tern-1", "/ip4/192.0.2.7/tcp/7461"}); o.node.who != want {
		t.Errorf("made %+v, want %+v", o.node.who, want)
	}
	if o.node.passphrase != "cinco palabras que nadie sabe" {
		t.Error("the passphrase is another one")
	}
	if have := fmt.Sprint(o.node.founding); have != "{river-ford-3 [1000 700 500] 2025-Q1 local}" {
		t.Errorf("founded %s", have)
	}
}

// Both modes are shown before anything is founded, and what was chosen is founded.
func TestAFounderChoosesTheMode(t *testing.T) {
	o := setUp(t).made()
	o.post("/setup/plan", "people", "300 200 100 50 50", "first", "2026-Q4", "name", "river-ford", "mode", "joint")
	page := o.get("/setup/found").Body.String()
	for _, want := range []string{"Joint mode (this plan)", "Nobody sees one member&#39;s table", "With fewer than 4 contributions", `value="joint" selected`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if len(o.node.done) != 1 { // only the node was made
		t.Errorf("done: %q", o.node.done)
	}
	o.post("/setup/found")
	if o.node.founding.Mode != schema.Joint {
		t.Errorf("founded %+v", o.node.founding)
	}
}

func TestThePassphraseIsShownNowhere(t *testing.T) {
	o := setUp(t)
	const secret = "a secret of many words"
	o.post("/setup/passphrase", "passphrase", secret, "again", "another one of many words")
	o.node.err = errors.New("the disk is full")
	o.post("/setup/passphrase", "passphrase", secret, "again", secret)
	for _, p := range setupPages() {
		w := o.get("/setup/" + p.name)
		if strings.Contains(w.Body.String()+fmt.Sprint(w.Header()), secret) {
			t.Errorf("%s shows it", p.name)
		}
	}
	if strings.Contains(fmt.Sprintf("%+v", o.now()), secret) {
		t.Error("the draft keeps it")
	}
}

func TestWhatIsTypedWrong(t *testing.T) {
	const pass = "five words that nobody guesses"
	for name, c := range map[string]struct {
		path   string
		fields []string
		says   string
	}{
		"long title":    {"/setup/who", []string{"title", strings.Repeat("ا", 10_000), "slug", "calm-tern"}, "at most 120 characters"},
		"turned title":  {"/setup/who", []string{"title", "Casa \u202eaugeS", "slug", "calm-tern"}, "signs that cannot be seen"},
		"broken title":  {"/setup/who", []string{"title", "Casa\nSegura", "slug", "calm-tern"}, "signs that cannot be seen"},
		"bytes":         {"/setup/who", []string{"title", "Casa \xff", "slug", "calm-tern"}, "signs that cannot be seen"},
		"slug":          {"/setup/who", []string{"slug", "Casa Segura"}, "2 to 32 of a to z"},
		"line":          {"/setup/who", []string{"slug", "calm-tern", "line", "casa.example"}, "not one that members can dial"},
		"short":         {"/setup/passphrase", []string{"passphrase", "too short", "again", "too short"}, "at least 15 characters"},
		"differ":        {"/setup/passphrase", []string{"passphrase", pass, "again", pass + " "}, "differ"},
		"long":          {"/setup/passphrase", []string{"passphrase", strings.Repeat("x", 1001), "again", strings.Repeat("x", 1001)}, "too long"},
		"huge":          {"/setup/passphrase", []string{"passphrase", strings.Repeat("x", 100_000)}, "did not come through whole"},
		"control":       {"/setup/passphrase", []string{"passphrase", pass + "\x00", "again", pass + "\x00"}, "cannot be typed"},
		"no sizes":      {"/setup/plan", []string{"people", " ", "first", "2026-Q4", "name", "river-ford"}, "one whole number"},
		"nobody":        {"/setup/plan", []string{"people", "0", "first", "2026-Q4", "name", "river-ford"}, "one whole number"},
		"grouped":       {"/setup/plan", []string{"people", "1,000", "first", "2026-Q4", "name", "river-ford"}, "without separators"},
		"decimal":       {"/setup/plan", []string{"people", "1.5", "first", "2026-Q4", "name", "river-ford"}, "one whole number"},
		"many":          {"/setup/plan", []string{"people", strings.Repeat("5 ", 201), "first", "2026-Q4", "name", "river-ford"}, "at most 200 members"},
		"first":         {"/setup/plan", []string{"people", "500", "first", "1999-Q4", "name", "river-ford"}, "one of the quarters"},
		"coalition":     {"/setup/plan", []string{"people", "500", "first", "2026-Q4", "name", "x"}, "2 to 32 of a to z"},
		"small joint":   {"/setup/plan", []string{"people", "500 400", "first", "2026-Q4", "name", "river-ford", "mode", "joint"}, "takes at least 3 members"},
		"no invitation": {"/setup/join", nil, "did not come through whole"},
	} {
		t.Run(name, func(t *testing.T) {
			o := setUp(t)
			if !strings.HasSuffix(c.path, "who") && !strings.HasSuffix(c.path, "passphrase") {
				o.made()
			}
			o.node.done = nil
			page := o.get(o.post(c.path, c.fields...)).Body.String()
			if !strings.Contains(page, c.says) || !strings.Contains(page, `role="alert"`) {
				t.Errorf("the page does not say %q", c.says)
			}
			if len(o.node.done) > 0 {
				t.Errorf("done: %q", o.node.done)
			}
		})
	}
}

func TestATitleThatPagesCanShow(t *testing.T) {
	o := setUp(t)
	for _, title := range []string{`<b>"Casa" & Söhne</b>`, "بيت الأمان", "می\u200cخواهیم"} {
		if to := o.post("/setup/who", "title", title, "slug", "calm-tern"); to != "/setup/passphrase" {
			t.Errorf("%s leads to %s", title, to)
		}
		if page := o.get("/setup/who").Body.String(); strings.Contains(page, "<b>\"Casa") {
			t.Error("the title is markup")
		}
	}
}

func TestAnotherSlugKeepsWhatWasTyped(t *testing.T) {
	o := setUp(t)
	before := o.now().who.Slug
	if to := o.post("/setup/who", "title", "Casa Segura", "slug", string(before), "another", "1"); to != "/setup/who" {
		t.Errorf("leads to %s", to)
	}
	if d := o.now(); d.who.Slug == before || d.who.Title != "Casa Segura" {
		t.Errorf("have %+v", d.who)
	}
}

func TestNothingBeforeThereIsANode(t *testing.T) {
	o := setUp(t)
	for _, p := range setupPages() {
		if w := o.get("/setup/" + p.name); !p.early && w.Header().Get("Location") != "/setup/who" {
			t.Errorf("GET %s: %d", p.name, w.Code)
		}
	}
	for _, a := range setupActs() {
		if to := o.post("/setup/" + a.path); !a.early && to != "/setup/who" {
			t.Errorf("POST %s leads to %s", a.path, to)
		}
	}
	if w := o.get("/setup/request"); w.Header().Get("Location") != "/setup/who" {
		t.Errorf("request: %d", w.Code)
	}
	if len(o.node.done) > 0 {
		t.Errorf("done: %q", o.node.done)
	}
}

func TestASecondClickDoesNothingTwice(t *testing.T) {
	o := setUp(t).made()
	o.post("/setup/passphrase", "passphrase", "other words that nobody guesses", "again", "other words that nobody guesses")
	o.post("/setup/who", "title", "Another", "slug", "other-slug")
	o.post("/setup/plan", "people", "900 700 500", "first", "2026-Q4", "name", "river-ford")
	for range 2 {
		o.post("/setup/found")
	}
	o.upload("/setup/join", file{"invitation", "i", "sealed"})
	o.upload("/setup/check", file{"source", "", ownMapping}, file{"mapping", "m.yaml", ownYAML}, file{"export", "e.csv", "a,1,2026-01-02,dox"})
	for range 2 {
		o.post("/setup/take")
	}
	if have := fmt.Sprint(o.node.done); have != "[make found check take]" {
		t.Errorf("done: %s", have)
	}
	if o.node.who.Title != "Casa Segura" {
		t.Error("the name changed after the node was made")
	}
}

func TestTwoClicksAtOnce(t *testing.T) {
	o := setUp(t)
	o.post("/setup/who", "slug", "calm-tern")
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			o.post("/setup/passphrase", "passphrase", "five words that nobody guesses", "again", "five words that nobody guesses")
		})
	}
	both.Wait()
	if have := fmt.Sprint(o.node.done); have != "[make]" {
		t.Errorf("done: %s", have)
	}
}

func TestAFileIsReadUpToItsLimit(t *testing.T) {
	for size, want := range map[int]string{9: "", 10: "", 11: "large"} {
		_, err := small(strings.NewReader(strings.Repeat("x", size)), 10, "large")
		var said *SetupError
		if errors.As(err, &said) != (want != "") || want != "" && said.Says != want {
			t.Errorf("%d bytes of 10: %v", size, err)
		}
	}
}

func TestTheJoiner(t *testing.T) {
	o := setUp(t).made()
	w := o.get("/setup/request")
	if w.Header().Get("Content-Disposition") != `attachment; filename="tidemark.request"` || !strings.HasPrefix(w.Body.String(), "tidemark/request/v1") {
		t.Errorf("request: %v %q", w.Header(), w.Body)
	}
	if page := o.get("/setup/join").Body.String(); !strings.Contains(page, spokenWords) {
		t.Error("the page does not say what to read to the admin")
	}
	o.node.err = &SetupError{SetupInvitation, errors.New("it is for another node")}
	if page := o.get(o.upload("/setup/join", file{"invitation", "i", "wrong"})).Body.String(); !strings.Contains(page, "it is for another node") {
		t.Error("the page does not say what is wrong")
	}
	if page := o.get(o.upload("/setup/join", file{"invitation", "", ""})).Body.String(); !strings.Contains(page, "Choose a file first") {
		t.Error("the page does not ask for a file")
	}
	o.node.err = &SetupError{Says: SetupWords}
	if page := o.get(o.upload("/setup/join", file{"words", "", "other words"}, file{"invitation", "i", "sealed"})).Body.String(); !strings.Contains(page, "not the words of this invitation") {
		t.Error("the page does not say that the words are wrong")
	}
	o.node.err = nil
	if to := o.upload("/setup/join", file{"words", "", "eight words"}, file{"invitation", "i", "sealed"}); to != "/setup/coalition" {
		t.Errorf("leads to %s", to)
	}
	if last := o.node.done[len(o.node.done)-1]; last != "join sealed eight words" {
		t.Errorf("did %s", last)
	}
	if page := o.get("/setup/coalition").Body.String(); !strings.Contains(page, "open-harbour-12") || !strings.Contains(page, "4 active members") || strings.Contains(page, "role=\"alert\"") {
		t.Error("the page does not show the coalition")
	}
	if to := o.leads(o.get("/")); to != "/setup/cases" {
		t.Errorf("the root leads to %s", to)
	}
}

func TestCasesAreCheckedThenTaken(t *testing.T) {
	o := setUp(t).made()
	rows := "a,1,2026-01-02,dox\nb,2,,dox\nc,3,2026-02-03,<i>\u202eodd words\n"
	page := o.get(strings.TrimSuffix(o.upload("/setup/check",
		file{"source", "", ownMapping}, file{"mapping", "m.yaml", ownYAML}, file{"export", "e.csv", rows}), "#check")).Body.String()
	for _, want := range []string{"3 rows were read: 2 can be taken in, 1 refused", "no date", "&lt;i&gt;\\u202eodd words", "each person is protected as one"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if to := o.post("/setup/take"); to != "/setup/cases" {
		t.Errorf("leads to %s", to)
	}
	if page := o.get("/setup/cases").Body.String(); !strings.Contains(page, "2 cases were added") || !strings.Contains(page, "1 case was here already") {
		t.Error("the page does not say what was taken")
	}
}

func TestFilesThatAreNone(t *testing.T) {
	export := file{"export", "e.csv", "x"}
	for name, c := range map[string]struct {
		files []file
		says  string
	}{
		"nothing":        {[]file{{"source", "", ownMapping}}, "Choose a file first"},
		"no export":      {[]file{{"source", "", "zammad"}, {"export", "", ""}}, "Choose a file first"},
		"no source":      {[]file{export}, "Say where the cases come from"},
		"unknown source": {[]file{{"source", "", "../arvig"}, export}, "Say where the cases come from"},
		"no mapping":     {[]file{{"source", "", ownMapping}, export}, "your own mapping, too"},
		"two mappings":   {[]file{{"source", "", "zammad"}, {"mapping", "m.yaml", ownYAML}, export}, "built-in mapping and a file"},
		"not a mapping":  {[]file{{"source", "", ownMapping}, {"mapping", "m.yaml", "name,secret\nx,y\n"}, export}, "The mapping is not good"},
		"large mapping":  {[]file{{"source", "", ownMapping}, {"mapping", "m.yaml", strings.Repeat("#\n", mostMapping)}, export}, "The mapping is not good"},
		"many parts":     {[]file{{"a", "", "1"}, {"a", "", "1"}, {"a", "", "1"}, {"a", "", "1"}, {"a", "", "1"}, {"a", "", "1"}, {"a", "", "1"}, {"a", "", "1"}}, "did not come through whole"},
	} {
		t.Run(name, func(t *testing.T) {
			o := setUp(t).made()
			page := o.get(strings.TrimSuffix(o.upload("/setup/check", c.files...), "#check")).Body.String()
			if !strings.Contains(page, c.says) {
				t.Errorf("the page does not say %q", c.says)
			}
			if strings.Contains(page, "secret") {
				t.Error("the page quotes the file")
			}
			if to := o.post("/setup/take"); to != "/setup/cases" || o.node.Cases > 0 {
				t.Error("something was taken in")
			}
		})
	}
}

func TestACutUploadTakesNothing(t *testing.T) {
	o := setUp(t).made()
	body := "--x\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\nzammad\r\n--x\r\nContent-Disposition: form-data; name=\"export\"; filename=\"e\"\r\n\r\n{\"tickets\": ["
	r := httptest.NewRequest("POST", "/setup/check", strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if page := o.get(o.leads(o.do(r))).Body.String(); !strings.Contains(page, "did not arrive whole") || o.now().check != nil {
		t.Error("the page does not say that the file broke off")
	}
}

func TestTheExamplesCanBeDownloaded(t *testing.T) {
	o := setUp(t).made()
	for _, e := range examples(schema.Incident()) {
		w := o.get("/setup/mapping/" + e.name)
		if _, err := mapping.Parse(w.Body.Bytes(), schema.Incident()); err != nil || w.Header().Get("Content-Disposition") == "" {
			t.Errorf("%s: %v", e.name, err)
		}
	}
	if w := o.get("/setup/mapping/arvig"); w.Code != http.StatusNotFound {
		t.Errorf("a mapping onto another codebook: %d", w.Code)
	}
	page := o.get("/setup/cases").Body.String()
	for _, want := range []string{"A list in a spreadsheet (XLSX)", "Zammad (JSON)", "Your own mapping"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s on the page", want)
		}
	}
}

func TestNothingChangesOnGET(t *testing.T) {
	o := setUp(t).made()
	o.node.done = nil
	for _, a := range setupActs() {
		o.get("/setup/" + a.path)
	}
	if len(o.node.done) > 0 {
		t.Errorf("done: %q", o.node.done)
	}
}

func TestTheLanguageIsTheAnswers(t *testing.T) {
	o := setUp(t)
	if page := o.get("/setup/who?lang=ar").Body.String(); !strings.Contains(page, `lang="ar" dir="rtl"`) {
		t.Error("the address does not choose")
	}
	o.post("/setup/who", "language", "fr", "slug", "calm-tern")
	if page := o.get("/setup/passphrase").Body.String(); !strings.Contains(page, `<html lang="fr"`) {
		t.Error("the answer does not choose")
	}
}
