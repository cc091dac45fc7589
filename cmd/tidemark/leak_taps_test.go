package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tidemark/node/nodetest"
	"tidemark/schema/bundle"
)

// leakTap is a place where something could come out. It gives what is there, by a name
// for the report.
type leakTap struct {
	name string
	read func(*leakWorld) (map[string][]byte, error)
}

var leakTaps = []leakTap{
	{"streams", func(w *leakWorld) (map[string][]byte, error) { return numberedBytes(w.heard.Said()), nil }},
	{"logs", func(w *leakWorld) (map[string][]byte, error) { return map[string][]byte{"log": w.log.bytes()}, nil }},
	{"told", func(w *leakWorld) (map[string][]byte, error) { return map[string][]byte{"told": w.told.bytes()}, nil }},
	{"commands", func(w *leakWorld) (map[string][]byte, error) { return map[string][]byte{"said": w.said.bytes()}, nil }},
	{"answers", func(w *leakWorld) (map[string][]byte, error) { return unzipped(w.answers), nil }},
	{"exports", func(w *leakWorld) (map[string][]byte, error) { return filesBelow(w.file("out"), "") }},
	{"bundles", (*leakWorld).bundles},
	{"temp folder", func(w *leakWorld) (map[string][]byte, error) { return filesBelow(w.file("tmp"), "") }},
	{"own folder", func(w *leakWorld) (map[string][]byte, error) { return filesBelow(w.members[0].cfg.Dir, "vault") }},
	{"own vault", func(w *leakWorld) (map[string][]byte, error) {
		return filesBelow(filepath.Join(w.members[0].cfg.Dir, "vault"), "")
	}},
	{"others' folders", (*leakWorld).othersFolders},
	{"others' stores", (*leakWorld).othersStores},
}

func numberedBytes(all [][]byte) map[string][]byte {
	m := map[string][]byte{}
	for i, b := range all {
		m[fmt.Sprint(i)] = b
	}
	return m
}

// filesBelow reads a folder's files, whatever they are; names count as content.
func filesBelow(dir, without string) (map[string][]byte, error) {
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && name == without:
			return filepath.SkipDir
		case !d.Type().IsRegular():
			all[name] = []byte(name)
			return nil
		}
		text, err := os.ReadFile(path)
		all[name] = append([]byte(name+"\n"), text...)
		return err
	})
	return all, err
}

// unzipped adds the parts of every zip: what is compressed is searched as it was before.
func unzipped(all map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, text := range all {
		out[name] = text
		at := bytes.Index(text, []byte("PK\x03\x04"))
		if at < 0 {
			continue
		}
		z, err := zip.NewReader(bytes.NewReader(text[at:]), int64(len(text)-at))
		if err != nil {
			continue // not one
		}
		for _, part := range z.File {
			if r, err := part.Open(); err == nil {
				b, _ := io.ReadAll(r)
				out[name+" "+part.Name] = append([]byte(part.Name+part.Comment+string(part.Extra)+"\n"), b...)
				r.Close()
			}
		}
	}
	return out
}

// bundles are those that were exported, opened as another member opens them.
func (w *leakWorld) bundles() (map[string][]byte, error) {
	names, err := filepath.Glob(w.file("out", "*.bundle"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no bundle: %v", err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		sealed, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		b, err := bundle.Open(bytes.NewReader(sealed), w.members[1].identity)
		if err != nil {
			return nil, err
		}
		var plain bytes.Buffer
		if err := bundle.Write(&plain, b); err != nil { // nothing in it is compressed
			return nil, err
		}
		all[filepath.Base(name)] = plain.Bytes()
	}
	return all, nil
}

// othersFolders are the other members' files as they lie there, with their vaults.
func (w *leakWorld) othersFolders() (map[string][]byte, error) {
	all := map[string][]byte{}
	for _, m := range w.members[1:] {
		files, err := filesBelow(m.cfg.Dir, "")
		if err != nil {
			return nil, err
		}
		for name, text := range files {
			all[filepath.Base(m.cfg.Dir)+"/"+name] = text
		}
	}
	return all, nil
}

// othersStores is what they hold of the coalition, key by key and version by version.
func (w *leakWorld) othersStores() (map[string][]byte, error) {
	all := map[string][]byte{}
	for _, m := range w.members[1:] {
		pairs, err := nodetest.Stored(filepath.Join(m.cfg.Dir, "feeds"))
		if err != nil {
			return nil, err
		}
		for name, text := range numberedBytes(pairs) {
			all[filepath.Base(m.cfg.Dir)+" "+name] = text
		}
	}
	return all, nil
}

// leakPages are where a look at everything begins; links lead on from there.
var leakPages = []string{
	"/", "/trends", "/heat", "/ranking", "/online-offline", "/redress", "/coverage", "/evidence", "/members", "/budget",
	"/cases", "/cases/preview", "/plan", "/explainer", "/method", "/metrics", "/healthz",
	"/api/v1/status", "/api/v1/plan", "/api/v1/codebook", "/api/v1/trends?table=threat_type", "/api/v1/trends?table=region&format=csv",
	"/api/v1/changes?period=2026-Q2", "/api/v1/coverage", "/api/v1/releases", "/api/v1/budget", "/api/v1/acts", "/api/v1/members",
	"/fig/heat~threat_type~2026-Q3~level", "/fig/heat~threat_type~2026-Q3~level.svg", "/fig/heat~threat_type~2026-Q3~level.png",
	"/fig/heat~threat_type~2026-Q3~level.csv", "/fig/heat~threat_type~2026-Q3~level.json", "/fig/heat~threat_type~2026-Q3~level.zip",
	"/fig/rank~region~2026-Q2.zip", "/no-such-page", "/api/v1/nothing", "/trends?table=nothing",
}

var linkOnPage = regexp.MustCompile(`(?:href|src|action)="(/[^"#]*)"`)

// look goes through the pages, up to so many addresses.
func (w *leakWorld) look(t *testing.T, most int) {
	t.Helper()
	todo, known := slices.Clone(leakPages), map[string]bool{}
	for _, address := range todo {
		known[address] = true
	}
	for i := 0; i < len(todo) && i < most; i++ {
		answer, err := w.fetch(w.browser, w.pages.base, todo[i])
		must(t, err)
		if answer.StatusCode == http.StatusUnauthorized || answer.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s: status %d", todo[i], answer.StatusCode)
		}
		for _, m := range linkOnPage.FindAllSubmatch(w.answers[todo[i]], -1) {
			address := strings.ReplaceAll(string(m[1]), "&amp;", "&")
			if !known[address] && !strings.HasPrefix(address, "/static/") && address != "/lock" {
				known[address] = true
				todo = append(todo, address)
			}
		}
	}
}
