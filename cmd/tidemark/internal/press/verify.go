package press

import (
	"bytes"
	"fmt"
	"strings"

	"tidemark/cmd/tidemark/internal/screen"
	"tidemark/dashboard/brief"
	"tidemark/dashboard/words"
	"tidemark/node"
	"tidemark/schema"
	"tidemark/schema/bundle"
)

// Verify checks a file, and with an annex and the key that opens it works every number out
// again. It needs no node, no folder and no network. The key is an age key file's text.
func Verify(file, annex []byte, key, language string) (*brief.Report, error) {
	languages, err := words.Load(schema.Incident())
	if err != nil {
		return nil, err
	}
	l := languages.Of(language)
	if l == nil {
		return nil, fmt.Errorf("verify: language %.8q: there are no words in it", language)
	}
	r := brief.Verify(file, l, languages)
	if annex == nil || r.Opened() == nil {
		return r, nil
	}
	b, err := bundle.Open(bytes.NewReader(annex), identityIn(key))
	if err != nil {
		r.Add(l, "annex.open")
		return r, nil
	}
	reading, err := node.ReadAnnex(b)
	if err != nil {
		r.Add(l, "annex.notes", "why", err.Error())
		return r, nil
	}
	if languages, err = words.Load(reading.Codebook); err != nil {
		return nil, err
	}
	a := brief.Annex{Answers: b.Notes}
	for _, item := range b.Sealed {
		if item.Name == annexSpec {
			a.Spec = item.Data
		}
	}
	snapshot := screen.Of(reading)
	snapshot.Demo = r.Opened().Manifest.Demo
	r.VerifyAnnex(brief.Source{Snapshot: snapshot, Languages: languages}, a, reading.State.Ring(), languages.Of(language))
	return r, nil
}

// identityIn is the line of an age key file that is no comment; empty: there is none.
func identityIn(key string) string {
	for line := range strings.Lines(key) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return line
		}
	}
	return ""
}
