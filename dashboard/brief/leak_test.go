package brief_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/view"
)

// The public form names no member: no slug, no key, no note, no table of one, in no format.
func TestThePublicFormNamesNoMember(t *testing.T) {
	for name, cfg := range map[string]sample.Config{"local": {People: 20_000}, "joint": {People: 20_000, Joint: 3}} {
		src := source(t, cfg)
		out := string(src.Snapshot.State.Roster().Members[11].Slug)
		g := gathered(t, src, strings.Replace(statement, "template: statement", "template: statement\nannex: true\npin: "+src.Snapshot.Pin, 1))
		b := agreed(t, g, g.Members)
		secrets := secretsOf(src, g)
		secrets = append(secrets, out, src.Snapshot.Pin)
		for _, format := range brief.Formats {
			file, err := b.Write(format, src.Languages.Of("en"))
			must(t, err)
			all := unpacked(t, file)
			for _, secret := range secrets {
				if strings.Contains(all, secret) {
					t.Errorf("%s, %s holds %.40s", name, format, secret)
				}
			}
			if !strings.Contains(all, "co-signer") {
				t.Errorf("%s, %s: the search does not see what the file carries", name, format)
			}
		}
	}
}

// secretsOf are the names, keys and notes of everybody.
func secretsOf(src brief.Source, g *brief.Gathered) (out []string) {
	for _, m := range src.Snapshot.State.Roster().Members {
		_, key, _ := strings.Cut(m.MemberKey, "+")
		out = append(out, string(m.Slug), key, m.BoxKey, m.NodeKey)
	}
	for _, p := range g.Periods {
		for _, s := range src.Snapshot.Book.Coverage(p).Reporting {
			out = append(out, s.Release.String(), string(s.Release[:]))
		}
	}
	return out
}

var packedText = regexp.MustCompile(`(?:[A-Za-z0-9+/]{76}\n)+[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9+/]{200,}={0,2}`)

// unpacked is everything that a file says, packed or not.
func unpacked(t *testing.T, file []byte) string {
	t.Helper()
	var all strings.Builder
	all.Write(file)
	if z, err := zip.NewReader(bytes.NewReader(file), int64(len(file))); err == nil {
		for _, f := range z.File {
			r, err := f.Open()
			must(t, err)
			data, err := io.ReadAll(r)
			must(t, err)
			all.Write(data)
		}
	}
	for _, text := range packedText.FindAllString(all.String(), -1) {
		if raw, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", "")); err == nil {
			all.Write(raw)
		}
	}
	return all.String()
}

// The data package is one: every resource is there with its size and hash, and its CSV has
// the fields that its schema says (Frictionless Data Package 1.0).
func TestTheDataPackageIsOne(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	b := agreed(t, gathered(t, src, statement), 12)
	file, err := b.Write("zip", src.Languages.Of("en"))
	must(t, err)
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	read := func(name string) []byte {
		f, err := z.Open(name)
		must(t, err)
		data, err := io.ReadAll(f)
		must(t, err)
		return data
	}
	var p struct {
		Profile, Name, Title string
		DP                   map[string]any
		Resources            []struct {
			Name, Path, Profile, Hash string
			Bytes                     int
			Schema                    struct{ Fields []struct{ Name, Type string } }
		}
	}
	must(t, json.Unmarshal(read("datapackage.json"), &p))
	if p.Profile != "tabular-data-package" || !regexp.MustCompile(`^[a-z0-9._/-]+$`).MatchString(p.Name) || p.DP["privacy_unit"] == "" || len(p.Resources) != 3 {
		t.Fatalf("%s %s, %d resources", p.Profile, p.Name, len(p.Resources))
	}
	for _, r := range p.Resources {
		data := read(r.Path)
		sum := sha256.Sum256(data)
		if r.Bytes != len(data) || r.Hash != "sha256:"+hex.EncodeToString(sum[:]) {
			t.Errorf("%s: size or hash", r.Path)
		}
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		must(t, err)
		var fields []string
		for _, f := range r.Schema.Fields {
			fields = append(fields, f.Name)
		}
		if strings.Join(rows[0], ",") != strings.Join(fields, ",") {
			t.Errorf("%s: %v, the schema says %v", r.Path, rows[0], fields)
		}
	}
	tagged, err := csv.NewReader(bytes.NewReader(read("figure-1-hxl.csv"))).ReadAll()
	must(t, err)
	for _, tag := range tagged[1] {
		if !strings.HasPrefix(tag, "#") {
			t.Errorf("HXL row: %q", tag)
		}
	}
}

// A brief that LibreOffice has opened and saved again still verifies.
func TestABriefThatAnOfficeSavedAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("starts an office twice")
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("no LibreOffice here")
	}
	src := source(t, sample.Config{People: 20_000})
	b := agreed(t, gathered(t, src, statement), 12)
	for _, tag := range []string{"en", "ar"} {
		dir := t.TempDir()
		file, err := b.Write("docx", src.Languages.Of(tag))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, "brief.docx"), file, 0o600))
		cmd := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+dir+"/profile", "--headless",
			"--convert-to", "docx:MS Word 2007 XML", "--outdir", filepath.Join(dir, "again"), filepath.Join(dir, "brief.docx"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		saved, err := os.ReadFile(filepath.Join(dir, "again", "brief.docx"))
		must(t, err)
		r := brief.Verify(saved, src.Languages.Of("en"), src.Languages)
		if !r.OK() || r.Attested != 12 || bytes.Equal(saved, file) {
			t.Errorf("%s: %v %v", tag, r.Problems, r.Says)
		}
	}
}

// What a brief says of a figure is what the pages say of it.
func TestABriefSaysWhatThePagesSay(t *testing.T) {
	src := source(t, sample.Config{People: 20_000})
	g := gathered(t, src, figure("trend~threat_type.doxing~all~2023-Q4~2026-Q3", "{one.says}"))
	q, err := view.ParseFigureID("trend~threat_type.doxing~all~2023-Q4~2026-Q3")
	must(t, err)
	page, err := src.Snapshot.In(src.Languages.Of("en"), q.Query(view.Query{})).Trends()
	must(t, err)
	for _, o := range g.Offers(src.Languages.Of("en"), "one") {
		switch o.Field {
		case "{one.last}":
			if o.Says != page.Facts[0].Value.Full() {
				t.Errorf("last %s, the page says %s", o.Says, page.Facts[0].Value.Full())
			}
		case "{one.verdict}":
			if o.Says != page.Verdict.Text {
				t.Errorf("verdict %s, the page says %s", o.Says, page.Verdict.Text)
			}
		case "{one.says}":
			if !strings.HasSuffix(o.Says, page.Says[0]) {
				t.Errorf("says %q, the page %q", o.Says, page.Says[0])
			}
		}
	}
}
