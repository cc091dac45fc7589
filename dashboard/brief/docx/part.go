package docx

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

const (
	declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	office      = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packaging   = "http://schemas.openxmlformats.org/package/2006/"
	namespaces  = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="` + office + `"`
)

// file is a part of the package.
type file struct {
	name string
	data []byte
}

// part is one that is being written, with what it refers to.
type part struct {
	strings.Builder
	refs []ref
}

// ref is a relationship; its id is its place.
type ref struct {
	kind, target string
	external     bool
}

// markup is text that is not escaped.
type markup string

// put writes markup. Strings among the arguments are escaped, markup is not.
func (p *part) put(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = escape(s)
		}
	}
	fmt.Fprintf(p, format, args...)
}

func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

// refer gives the id of what the part refers to.
func (p *part) refer(r ref) string {
	at := slices.Index(p.refs, r)
	if at < 0 {
		at = len(p.refs)
		p.refs = append(p.refs, r)
	}
	return fmt.Sprintf("rId%d", at+1)
}

func (p *part) link(target string) string { return p.refer(ref{office + "/hyperlink", target, true}) }

func (p *part) inner(kind, target string) string {
	return p.refer(ref{office + "/" + kind, target, false})
}

// files is the part under a name, and its relationships if it has some.
func (p *part) files(folder, name string) []file {
	fs := []file{{folder + name, []byte(declaration + p.String())}}
	if len(p.refs) == 0 {
		return fs
	}
	return append(fs, file{folder + "_rels/" + name + ".rels", relationships(p.refs)})
}

func relationships(refs []ref) []byte {
	var p part
	p.put(`<Relationships xmlns="` + packaging + `relationships">`)
	for i, r := range refs {
		p.put(`<Relationship Id="rId%d" Type="%s" Target="%s"`, i+1, r.kind, r.target)
		if r.external {
			p.put(` TargetMode="External"`)
		}
		p.put(`/>`)
	}
	p.put(`</Relationships>`)
	return []byte(declaration + p.String())
}
