package main

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The house: which of our packages may know which, transitively. A package that is not
// listed here fails the test: whoever adds a room says where its doors are.
// A name that ends in "/..." stands for everything below it too.
var doors = map[string][]string{
	"schema":           {},
	"schema/mapping":   {"schema"},
	"schema/fiction":   {"schema"},
	"schema/wire":      {"schema"},
	"schema/coalition": {"schema", "schema/wire"},
	"schema/bundle":    {"schema", "schema/wire"},
	"schema/spoken":    {"schema"},

	"schema/coalition/plain": {"schema", "schema/wire", "schema/coalition", "schema/spoken"},

	"aggregation":                {"schema", "aggregation/internal/exact", "aggregation/noise", "aggregation/account"},
	"aggregation/internal/exact": {"schema"},
	"aggregation/internal/anova": {"schema"},
	"aggregation/noise":          {"schema", "aggregation/account"},
	"aggregation/account":        {"schema"},
	"aggregation/planner":        {"schema", "aggregation/account", "aggregation/internal/anova"},
	"aggregation/combine":        {"schema", "schema/wire", "aggregation/account", "aggregation/internal/anova"},
	"aggregation/joint":          {"schema"},
	"aggregation/audittest":      {},

	"node/control":           {},
	"node/archive":           {"schema"},
	"node/internal/badgerdb": {},
	"node/internal/tap":      {},
	"node/vault":             {"schema/...", "aggregation", "aggregation/internal/exact", "aggregation/noise", "aggregation/account", "aggregation/joint", "node/internal/badgerdb"},
	"node/vault/apart":       {"schema/...", "aggregation", "aggregation/internal/exact", "aggregation/noise", "aggregation/account", "aggregation/joint", "node/internal/badgerdb", "node/vault"},
	"node/intake":            {"schema", "schema/mapping"},
	"node/feeds":             {"schema", "schema/wire", "schema/coalition", "node/gate", "node/internal/badgerdb"},
	"node/gate":              {"schema", "schema/wire", "schema/coalition"},
	"node/link":              {"schema", "schema/wire", "schema/coalition", "node/internal/tap"},
	"node/gossip":            {"schema", "schema/wire", "schema/coalition", "node/gate", "node/feeds", "node/internal/badgerdb"},
	"node/catchup":           {"schema", "schema/wire", "schema/coalition", "node/gate", "node/feeds", "node/internal/badgerdb"},
	"node/mesh":              {"schema", "schema/wire", "schema/coalition", "node/gate", "node/feeds", "node/internal/badgerdb", "node/internal/tap", "node/link", "node/gossip", "node/catchup"},
	"node/nodetest":          {"schema/...", "aggregation/joint", "node/..."},
	"node/nodetest/canary":   {},
	"node":                   {"schema/...", "aggregation/...", "node/..."},

	"dashboard/words":            {"schema"},
	"dashboard/chart":            {},
	"dashboard/guard":            {},
	"dashboard/web":              {},
	"dashboard/view":             {"schema", "schema/mapping", "schema/wire", "schema/coalition", "schema/coalition/plain", "schema/spoken", "aggregation/account", "aggregation/combine", "aggregation/planner", "aggregation/internal/anova", "dashboard/words", "dashboard/chart"},
	"dashboard":                  {"schema", "schema/mapping", "schema/wire", "schema/coalition", "schema/coalition/plain", "schema/spoken", "aggregation/account", "aggregation/combine", "aggregation/planner", "aggregation/internal/anova", "dashboard/words", "dashboard/chart", "dashboard/guard", "dashboard/web", "dashboard/view", "dashboard/brief/..."},
	"dashboard/brief":            {"schema", "schema/mapping", "schema/wire", "schema/coalition", "schema/coalition/plain", "schema/spoken", "aggregation/account", "aggregation/combine", "aggregation/planner", "aggregation/internal/anova", "dashboard/words", "dashboard/chart", "dashboard/view", "dashboard/brief/doc", "dashboard/brief/docx"},
	"dashboard/brief/doc":        {},
	"dashboard/brief/docx":       {"dashboard/brief/doc"},
	"dashboard/internal/browser": {},
	"dashboard/internal/sample":  {"schema/...", "aggregation/account", "aggregation/combine", "aggregation/planner", "aggregation/internal/anova", "dashboard/..."},

	"cmd/tidemark":                 {"schema/...", "aggregation/...", "node/...", "dashboard", "dashboard/words", "dashboard/chart", "dashboard/guard", "dashboard/web", "dashboard/view", "dashboard/brief/...", "cmd/tidemark/internal/demo", "cmd/tidemark/internal/press", "cmd/tidemark/internal/screen"},
	"cmd/tidemark/internal/demo":   {"schema/...", "aggregation/...", "node/..."},
	"cmd/tidemark/internal/press":  {"schema/...", "aggregation/...", "node/...", "dashboard", "dashboard/words", "dashboard/chart", "dashboard/guard", "dashboard/web", "dashboard/view", "dashboard/brief/...", "cmd/tidemark/internal/screen"},
	"cmd/tidemark/internal/screen": {"schema/...", "aggregation/...", "node/...", "dashboard", "dashboard/words", "dashboard/chart", "dashboard/guard", "dashboard/web", "dashboard/view", "dashboard/brief/..."},
}

// pure packages do not directly import os, net or log, nor call time.Now.
var pure = []string{
	"schema", "schema/mapping", "schema/fiction", "schema/wire", "schema/coalition", "schema/coalition/plain", "schema/bundle", "schema/spoken",
	"aggregation", "aggregation/internal/exact", "aggregation/internal/anova", "aggregation/noise", "aggregation/account",
	"aggregation/planner", "aggregation/combine", "aggregation/joint", "node/gate", "node/archive", "dashboard/words", "dashboard/chart", "dashboard/view",
	"dashboard/brief", "dashboard/brief/doc", "dashboard/brief/docx",
}

// libraries that only some rooms reach, transitively.
var libraries = []struct {
	path string
	only []string
	why  string
}{
	{"github.com/libp2p/", []string{"node", "node/internal/tap", "node/link", "node/gossip", "node/catchup", "node/mesh", "node/nodetest", "cmd/tidemark", "cmd/tidemark/internal/demo", "cmd/tidemark/internal/press", "cmd/tidemark/internal/screen"}, "what holds cases reaches no network"},
	{"github.com/yuin/goldmark", []string{"dashboard/brief", "dashboard", "dashboard/internal/sample", "cmd/tidemark", "cmd/tidemark/internal/press", "cmd/tidemark/internal/screen"}, "what writers type has one reader"},
	{"github.com/chromedp/", []string{"dashboard/internal/browser"}, "a browser is for tests"},
	{"github.com/cloudflare/circl/", []string{"aggregation/joint", "node", "node/nodetest", "node/vault", "node/vault/apart", "cmd/tidemark", "cmd/tidemark/internal/demo", "cmd/tidemark/internal/press", "cmd/tidemark/internal/screen"}, "shares have one importer"},
	{"github.com/google/differential-privacy/", []string{"aggregation/noise", "aggregation", "node/vault", "node/vault/apart", "node", "node/nodetest", "cmd/tidemark", "cmd/tidemark/internal/demo", "cmd/tidemark/internal/press", "cmd/tidemark/internal/screen"}, "noise has one importer"},
}

type goPackage struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

func listPackages(t *testing.T) map[string]goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,Deps", "tidemark/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]goPackage{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(p.ImportPath, "tidemark/")] = p
	}
	return all
}

func allowed(doors []string, room string) bool {
	return slices.ContainsFunc(doors, func(d string) bool {
		base, tree := strings.CutSuffix(d, "/...")
		return room == base || tree && strings.HasPrefix(room, base+"/")
	})
}

func TestTheHouse(t *testing.T) {
	all := listPackages(t)
	for name, p := range all {
		open, listed := doors[name]
		if !listed {
			t.Errorf("%s: not in the house; say here which of our packages it may know", name)
			continue
		}
		for _, dep := range p.Deps {
			if room, ours := strings.CutPrefix(dep, "tidemark/"); ours && !allowed(open, room) {
				t.Errorf("%s reaches %s", name, room)
			}
		}
	}
	for name := range doors {
		if _, there := all[name]; !there {
			t.Errorf("%s: in the house by name, but no such package", name)
		}
	}
	for _, l := range libraries {
		for name, p := range all {
			reaches := slices.ContainsFunc(p.Deps, func(d string) bool { return strings.HasPrefix(d, l.path) })
			if reaches && !slices.Contains(l.only, name) {
				t.Errorf("%s reaches %s: %s", name, l.path, l.why)
			}
		}
	}
}

func TestPurePackagesKnowNoWorld(t *testing.T) {
	all := listPackages(t)
	for _, name := range pure {
		p, ok := all[name]
		if !ok {
			t.Errorf("%s: no such package", name)
			continue
		}
		for _, imp := range p.Imports {
			root, _, _ := strings.Cut(imp, "/")
			// net/url only reads addresses.
			random := imp == "crypto/rand" && name != "aggregation/noise" && name != "aggregation/joint"
			if root == "os" || root == "net" && imp != "net/url" || root == "log" || random {
				t.Errorf("%s imports %s", name, imp)
			}
		}
		for _, file := range p.GoFiles {
			if at := callsNow(t, filepath.Join(p.Dir, file)); at != "" {
				t.Errorf("%s: calls time.Now at %s", name, at)
			}
		}
	}
}

func callsNow(t *testing.T, path string) (at string) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && (s.Sel.Name == "Now" || s.Sel.Name == "Since") {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" {
				at = fset.Position(s.Pos()).String()
			}
		}
		return true
	})
	return at
}
