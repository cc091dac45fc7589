package coalition

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tidemark/schema"
	"tidemark/schema/wire"
)

// proposal carries out the commands of a transcript that are about proposals.
func (s *story) proposal(c command) string {
	name := c.word(1)
	if s.notes == nil {
		s.notes = map[string][]byte{}
	}
	var err error
	switch c.word(0) {
	case "propose":
		s.notes[name] = s.sign(command{words: append(c.words[:1:1], c.words[2:]...), options: c.options})
	case "sign":
		for _, signer := range signers(c.list("by")) {
			s.notes[name], err = wire.Cosign(s.notes[name], signer)
		}
	case "unite":
		s.notes[name], err = wire.Unite(s.notes[name], s.notes[c.word(2)])
	case "enact":
		return s.answer(s.state.Apply(s.notes[name]))
	}
	if err != nil {
		return "refused: " + err.Error()
	}
	return s.draft(name, c.options["on"])
}

func (s *story) draft(name, on string) string {
	p, err := s.state.Draft(s.notes[name])
	switch {
	case errors.Is(err, ErrOld):
		return "old"
	case errors.Is(err, ErrGap):
		return "gap"
	case err != nil:
		return "refused: " + err.Error()
	case on != "" && p.Expired(date(on)):
		return "expired"
	}
	lacks := fmt.Sprintf("%d missing", p.Missing)
	if p.MissingNew > 0 {
		lacks += fmt.Sprintf(", %d of the new admins", p.MissingNew)
	}
	if p.Ready() {
		lacks = "ready"
	}
	return fmt.Sprintf("version %d, %s by %v: %s", p.Act.Version, p.Act.Change.Verb(), p.Signed, lacks)
}

// A proposal that is ready is what Apply takes, and no other is.
func TestReadyIsWhatApplyTakes(t *testing.T) {
	s := told(t, small)
	for _, line := range []string{
		"suspend heron", "admit teal", "adopt b first=2026-Q3", "remove gull",
		"admins admins=finch,otter,heron threshold=3", "admins admins=heron,gull threshold=1", "suspend teal",
	} {
		for _, by := range []string{"finch", "finch,otter", "finch,otter,heron", "heron,gull", "swan"} {
			act := &story{state: s, names: map[schema.Hash]string{}}
			raw := act.sign(parseCommand("act date=2026-01-13 by=" + by + " " + line))
			p, draftErr := s.Draft(raw)
			_, applyErr := s.Apply(raw)
			if (draftErr == nil && p.Ready()) != (applyErr == nil) {
				t.Errorf("%s by %s: %+v %v, %v", line, by, p, draftErr, applyErr)
			}
			if draftErr == nil && len(p.Signed) != strings.Count(by, ",")+1 {
				t.Errorf("%s by %s: signed by %v", line, by, p.Signed)
			}
		}
	}
	if _, err := s.Draft(s.Log()[0]); err == nil {
		t.Error("a charter is no proposal")
	}
}
