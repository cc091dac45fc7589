package dashboard_test

import (
	"archive/zip"
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/internal/sample"
)

// oneBrief has every kind of block, in two languages, and words that somebody might try.
var oneBrief = brief.Draft{Spec: []byte(`title: {en: "<script>alert(1)</script> & co", ar: عنوان}
template: statement
languages: [en, ar]
from: ["=cmd|'/c calc'!A0", "{{.}} <img src=x onerror=alert(1)>"]
blocks:
  - text: {en: "In {doxing.period}: **{doxing.last}**. More than 900 women wrote.", ar: "{doxing.says}"}
  - {figure: "trend~threat_type.doxing~all~2024-Q1~2026-Q3", as: doxing}
  - {figure: "rank~threat_type~2026-Q3", as: ranks}
  - context: {date: 2026-03-01, source: "javascript:alert(1)", text: {en: A form was removed.}}
  - case: {scope: public, expires: 2027-06-30, text: {en: What she said., ar: ما قالته.}}
`)}

// writer makes a brief on the pages of a sample.
type writer struct {
	*admin
	t *testing.T
}

func newWriter(t *testing.T) *writer {
	t.Helper()
	c := sample.New(t, sample.Config{Members: 5, People: 8000, Quarters: 6})
	return &writer{&admin{t, c, opened(t, c, false)}, t}
}

// leads posts a form and follows where it leads.
func (w *writer) leads(path string, pairs ...string) string {
	w.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := w.post(path, form)
	if r.Code != http.StatusSeeOther {
		w.t.Fatalf("POST %s: %d %s", path, r.Code, problemIn(r.Body.String()))
	}
	to, _, _ := strings.Cut(r.Header().Get("Location"), "#")
	if strings.Contains(path, "lang=") != strings.Contains(to, "lang=") {
		w.t.Errorf("POST %s leads to %s, in another language", path, to)
	}
	return w.page(to)
}

var detail = regexp.MustCompile(`(?s)<p class="(?:warn|fine detail|vtext)[^"]*">.*?</p>`)

func problemIn(page string) string { return strings.Join(detail.FindAllString(page, 4), " ") }

func (w *writer) page(path string) string {
	w.t.Helper()
	r := httptest.NewRecorder()
	w.d.ServeHTTP(r, httptest.NewRequest("GET", path, nil))
	if r.Code != http.StatusOK {
		w.t.Fatalf("GET %s: %d", path, r.Code)
	}
	return r.Body.String()
}

// A brief from "Add to brief" to a file that everybody has agreed to, by forms alone.
func TestABriefByForms(t *testing.T) {
	w := newWriter(t)
	figure := "trend~threat_type.doxing~all~2025-Q2~2026-Q3"
	if page := w.page("/trends?what=threat_type.doxing"); !strings.Contains(page, "/briefs/add?figure=") {
		t.Error("a figure cannot be added to a brief")
	}
	w.page("/briefs/add?figure=" + figure)
	page := w.leads("/briefs/add", "figure", figure, "title", "Doxing", "template", "statement")
	if !strings.Contains(page, `action="/briefs/doxing/pin"`) || strings.Contains(page, "/briefs/doxing/agree") {
		t.Error("a brief that is not fixed can be agreed to, or not be fixed")
	}
	page = w.leads("/briefs/doxing/block", "block", "1", "do", "save", "text.en", "Doxing falls: {f1.last}.")
	if !strings.Contains(page, "says more than the figure") {
		t.Error("a fall that the numbers do not know is not refused")
	}
	w.leads("/briefs/doxing/block", "block", "1", "do", "save", "text.en", "{f1.says}")
	w.leads("/briefs/doxing/block?lang=fr", "block", "3", "do", "up")
	w.leads("/briefs/doxing/new", "kind", "context", "date", "2026-03-01", "source", "A gazette", "text.en", "A law came.")
	page = w.leads("/briefs/doxing/pin")
	if !strings.Contains(page, "/briefs/doxing/agree") {
		t.Fatal("what is fixed cannot be agreed to")
	}
	if r := w.post("/briefs/doxing/agree", url.Values{}); r.Code == http.StatusSeeOther {
		t.Error("agreed without the tick")
	}
	w.leads("/briefs/doxing/agree", "agreed", "yes")
	w.othersAgree("doxing")
	page = w.page("/briefs/doxing")
	if !strings.Contains(page, "Everybody whose numbers it uses has agreed") {
		t.Error("it does not say that it is final")
	}
	w.verified("doxing")
	w.anOldAnswer("doxing")
	w.verified("doxing")
	page = w.leads("/briefs/doxing/block", "block", "1", "do", "save", "text.en", "Something else.")
	if strings.Contains(page, "Everybody whose numbers it uses has agreed") {
		t.Error("what was agreed to still counts after a change")
	}
	w.leads("/briefs/doxing/drop", "agreed", "yes")
	if drafts, _ := w.Drafts(); len(drafts) != 0 {
		t.Error("the draft is still there")
	}
}

// othersAgree takes in the answers of all other members.
func (w *writer) othersAgree(name string) {
	w.t.Helper()
	kept, err := w.Draft(name)
	if err != nil {
		w.t.Fatal(err)
	}
	spec, err := brief.ParseSpec(kept.Spec)
	if err != nil {
		w.t.Fatal(err)
	}
	g, err := w.Gather(spec)
	if err != nil {
		w.t.Fatal(err)
	}
	pairs := []string{}
	for i := 1; i < 5; i++ {
		answer, err := w.AnswerOf(i, g, false)
		if err != nil {
			w.t.Fatal(err)
		}
		pairs = append(pairs, "answer", string(answer))
	}
	w.leads("/briefs/"+name+"/answers", pairs...)
}

// anOldAnswer puts an answer to something else among those of a draft, as a notice that came
// meanwhile does: it counts for nothing and stops nothing.
func (w *writer) anOldAnswer(name string) {
	w.t.Helper()
	kept, err := w.Draft(name)
	if err != nil {
		w.t.Fatal(err)
	}
	spec, err := brief.ParseSpec([]byte(strings.Replace(string(kept.Spec), "A law came", "No law came", 1)))
	if err != nil {
		w.t.Fatal(err)
	}
	g, err := w.Gather(spec)
	if err != nil {
		w.t.Fatal(err)
	}
	old, err := w.AnswerOf(2, g, false)
	if err != nil {
		w.t.Fatal(err)
	}
	kept.Answers = append([][]byte{old}, kept.Answers...)
	if err := w.Keep(name, kept); err != nil {
		w.t.Fatal(err)
	}
}

// verified takes every file away and has it checked.
func (w *writer) verified(name string) {
	w.t.Helper()
	for _, format := range brief.Formats {
		r := httptest.NewRecorder()
		w.d.ServeHTTP(r, httptest.NewRequest("GET", "/briefs/"+name+"/file?format="+format, nil))
		if r.Code != http.StatusOK || !strings.HasPrefix(r.Header().Get("Content-Disposition"), "attachment") {
			w.t.Errorf("%s: %d %s", format, r.Code, problemIn(r.Body.String()))
			continue
		}
		page := w.check(r.Body.Bytes())
		if !strings.Contains(page, "Nothing was changed in it") || !strings.Contains(page, "Attested by 5 members") {
			w.t.Errorf("%s: %s", format, problemIn(page))
		}
	}
}

// check drops a file on the page that checks it.
func (w *writer) check(file []byte) string {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "brief")
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/verify", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	out := httptest.NewRecorder()
	w.d.ServeHTTP(out, r)
	return out.Body.String()
}

// Whatever is typed, nothing of it becomes markup, and no file is made of what is refused.
func TestABriefOfHostileWords(t *testing.T) {
	w := newWriter(t)
	if err := w.Keep("one", oneBrief); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/briefs", "/briefs/one", "/briefs/one/preview", "/briefs/one/preview?in=ar"} {
		page := w.page(path)
		for _, bad := range []string{"<script>alert", "<img src=x", `href="javascript`} {
			if strings.Contains(page, bad) {
				t.Errorf("%s holds %s", path, bad)
			}
		}
	}
	page := w.page("/briefs/one")
	for _, want := range []string{"claims something without a figure", "Something is not said in العربية", "no valid line by who holds it"} {
		if !strings.Contains(page, want) {
			t.Errorf("the panel does not say: %s", want)
		}
	}
	r := httptest.NewRecorder()
	w.d.ServeHTTP(r, httptest.NewRequest("GET", "/briefs/one/file?format=zip", nil))
	if _, err := zip.NewReader(bytes.NewReader(r.Body.Bytes()), int64(r.Body.Len())); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/briefs/none", "/briefs/none/preview", "/briefs/one/file", "/briefs/one/file?format=exe"} {
		r := httptest.NewRecorder()
		w.d.ServeHTTP(r, httptest.NewRequest("GET", path, nil))
		if r.Code < 400 || r.Code >= 500 {
			t.Errorf("GET %s: %d", path, r.Code)
		}
	}
	for name, bad := range map[string][]byte{"nothing": nil, "half a zip": []byte("PK\x03\x04"), "a page": []byte("<!doctype html>")} {
		if page := w.check(bad); strings.Contains(page, "Nothing was changed in it") {
			t.Errorf("%s passes", name)
		}
	}
}

// What another member has sent is opened as it came.
func TestABriefThatWasSent(t *testing.T) {
	w := newWriter(t)
	sent := "title: Sent\ntemplate: letter\nlanguages: [en]\nblocks:\n  - {figure: trend~threat_type.doxing~all~2025-Q2~2026-Q3, as: f1}\n# a comment stays\n"
	page := w.leads("/briefs", "sent", sent)
	if !strings.Contains(page, "Sent") {
		t.Error("it is not opened")
	}
	kept, err := w.Draft("sent")
	if err != nil || string(kept.Spec) != sent {
		t.Errorf("kept as %q, %v", kept.Spec, err)
	}
	if r := w.post("/briefs", url.Values{"sent": {"no brief"}}); r.Code != http.StatusConflict {
		t.Errorf("what is no brief: %d", r.Code)
	}
}
