package dashboard_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"tidemark/dashboard/internal/sample"
)

// someFigures are one of each kind.
var someFigures = []string{
	"trend~threat_type.doxing~all~2024-Q3~2026-Q3",
	"trend~all~all~2025~2025",
	"trend~threat_type(group).exposure~region.m49_419~2025~2025",
	"heat~region*threat_type(group)~2025~level",
	"heat~threat_type~2026-Q3~level",
	"heat~threat_type~2026-Q3~change",
	"rank~threat_type~2026-Q3",
}

var asciiName = regexp.MustCompile(`^tidemark-[A-Za-z0-9_-]+\.(svg|png|csv|json|zip)$`)

// Every figure has every form, as a file to be kept.
func TestFiguresInEveryForm(t *testing.T) {
	site := apiOf(t)
	for _, id := range someFigures {
		for ending, kind := range map[string]string{
			"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv", "json": "application/json", "zip": "application/zip",
		} {
			w := site.ask(t, "/fig/"+id+"."+ending)
			if w.Code != http.StatusOK {
				t.Errorf("%s.%s: %d", id, ending, w.Code)
				continue
			}
			if have, _, _ := mime.ParseMediaType(w.Header().Get("Content-Type")); have != kind {
				t.Errorf("%s.%s: %s", id, ending, have)
			}
			how, named, err := mime.ParseMediaType(w.Header().Get("Content-Disposition"))
			if err != nil || how != "attachment" || !asciiName.MatchString(named["filename"]) {
				t.Errorf("%s.%s: %q", id, ending, w.Header().Get("Content-Disposition"))
			}
			if err := wellFormed(ending, w.Body.Bytes()); err != nil {
				t.Errorf("%s.%s: %v", id, ending, err)
			}
			again := site.ask(t, "/fig/"+id+"."+ending+"?pin="+site.snapshot(t).Pin)
			if !bytes.Equal(again.Body.Bytes(), w.Body.Bytes()) && ending != "json" { // whose permanent address holds the pin
				t.Errorf("%s.%s: pinned it is another one", id, ending)
			}
			policy := w.Header().Get("Content-Security-Policy")
			if (policy == "sandbox; default-src 'none'; style-src 'unsafe-inline'") != (ending == "svg") {
				t.Errorf("%s.%s: policy %q", id, ending, policy)
			}
		}
	}
}

func wellFormed(ending string, text []byte) error {
	switch ending {
	case "svg":
		d := xml.NewDecoder(bytes.NewReader(text))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	case "png":
		_, err := png.Decode(bytes.NewReader(text))
		return err
	case "csv":
		_, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		return err
	case "json":
		var v struct{ Figure, Title, Pin string }
		if err := json.Unmarshal(text, &v); err != nil {
			return err
		}
		if v.Figure == "" || v.Title == "" || v.Pin == "" {
			return errors.New("no figure, title or pin")
		}
		return nil
	}
	_, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	return err
}

// A picture that travels alone says where it comes from.
func TestPicturesSayTheirSource(t *testing.T) {
	site := apiOf(t)
	for _, id := range someFigures {
		svg := site.ask(t, "/fig/"+id+".svg").Body.String()
		for _, want := range []string{"demonstration", "Releases 0123456789abcdef.", "Made with Tidemark", "19 times in 20"} {
			if !strings.Contains(svg, want) {
				t.Errorf("%s does not say %q", id, want)
			}
		}
		if strings.Contains(svg, "Demonstration data") {
			t.Errorf("%s: says demonstration of real numbers", id)
		}
		for _, never := range []string{"<script", "style=", "href=", "http://www.w3.org/1999/xlink"} {
			if strings.Contains(svg, never) {
				t.Errorf("%s holds %s", id, never)
			}
		}
	}
}

func TestDemonstrationFiguresSaySo(t *testing.T) {
	site := apiSiteOf(t, sample.Config{Members: 3, People: 300, Quarters: 4}, true)
	const id = "/fig/trend~gender.woman~all~2025-Q4~2026-Q3"
	if svg := site.ask(t, id+".svg").Body.String(); !strings.Contains(svg, ">Demonstration data</text>") {
		t.Error("svg: no watermark")
	}
	if page := site.ask(t, id).Body.String(); !strings.Contains(page, "Nothing here is real") {
		t.Error("page: does not say so")
	}
	if file := site.ask(t, id+".json").Body.String(); !strings.Contains(file, `"demonstration": true`) {
		t.Error("json: no field")
	}
	if api := site.ask(t, "/api/v1/trends?table=gender").Body.String(); !strings.Contains(api, `"demonstration": true`) {
		t.Error("API: no field")
	}
	for _, ending := range []string{"svg", "png", "csv", "json", "zip"} {
		if name := site.ask(t, id+"."+ending).Header().Get("Content-Disposition"); !strings.Contains(name, "demonstration") {
			t.Errorf("%s: file %s", ending, name)
		}
	}
}

func TestFigurePages(t *testing.T) {
	site := apiOf(t)
	for _, id := range someFigures {
		for _, lang := range []string{"en", "ar"} {
			w := site.ask(t, "/fig/"+id+"?lang="+lang)
			page := w.Body.String()
			if w.Code != http.StatusOK {
				t.Fatalf("%s %s: %d", id, lang, w.Code)
			}
			if strings.Count(page, "<h1") != 1 || strings.Contains(page, "<nav") || strings.Contains(page, " style=") || strings.Contains(page, "<script") {
				t.Errorf("%s: one heading, no navigation, no style attribute and no script are wanted", id)
			}
			if !strings.Contains(page, `dir="`+map[string]string{"en": "ltr", "ar": "rtl"}[lang]+`"`) || !strings.Contains(page, "pin=0123456789abcdef") {
				t.Errorf("%s %s: direction or permanent link is missing", id, lang)
			}
			if !strings.Contains(page, "<tbody><tr") {
				t.Errorf("%s: no table of the numbers", id)
			}
		}
	}
}

// The file of a heat map of changes holds the changes themselves: nobody may subtract two
// numbers of different members.
func TestChangesInAFile(t *testing.T) {
	lines, err := csv.NewReader(apiOf(t).ask(t, "/fig/heat~threat_type~2026-Q3~change.csv").Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if head := strings.Join(lines[0], ","); head != "period,since,table,threat_type,difference,lower,upper,sd,verdict,listed,members_in_both" {
		t.Errorf("head %s", head)
	}
	last := lines[len(lines)-1]
	if last[0] != "2026-Q3" || last[1] != "2025-Q3" || len(lines) < 18 {
		t.Errorf("%d lines, the last %v", len(lines), last)
	}
}

func TestNoSuchFigure(t *testing.T) {
	site := apiOf(t)
	for path, status := range map[string]int{
		"/fig/nothing":     http.StatusNotFound,
		"/fig/nothing.svg": http.StatusNotFound,
		"/fig/trend~threat_type.doxing~all~2024-Q3~2026-Q3.exe":                    http.StatusNotFound,
		"/fig/trend~threat_type.nothing~all~2024-Q3~2026-Q3.csv":                   http.StatusBadRequest,
		"/fig/trend~gender.woman~region.m49_419~2024-Q3~2026-Q3.csv":               http.StatusNotFound,
		"/fig/trend~gender.woman~all~1999-Q3~1999-Q4.png":                          http.StatusBadRequest,
		"/fig/rank~region*threat_type(group)~2025.svg":                             http.StatusNotFound,
		"/fig/trend~threat_type.doxing~all~2024-Q3~2026-Q3.csv?what=gender.woman":  http.StatusBadRequest,
		"/fig/trend~threat_type.doxing~all~2024-Q3~2026-Q3.csv?pin=ffffffffffffff": http.StatusNotFound,
		"/fig/trend~threat_type.doxing~all~2024-Q3~2026-Q3?unknown=1":              http.StatusBadRequest,
	} {
		if w := site.ask(t, path); w.Code != status {
			t.Errorf("%s: %d, want %d", path, w.Code, status)
		}
	}
	alone := apiSiteOf(t, sample.Config{Members: 3, People: 100, Quarters: 2, Alone: true}, false)
	if w := alone.ask(t, "/fig/trend~all~all~2026-Q2~2026-Q3.csv"); strings.HasPrefix(w.Header().Get("Content-Type"), "text/csv") {
		t.Error("a node without a coalition gives out numbers")
	}
}
