package brief

import (
	"bytes"
	"slices"

	"tidemark/dashboard/words"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// Annex is what stands in the sealed annex beside the members' notes.
type Annex struct {
	Spec    []byte   // as it was built
	Answers [][]byte // the members' own notes that bind the keys
}

// VerifyAnnex works the brief out again from the notes of its annex, and says whose keys
// have signed it. The source is what the annex's notes tell, verified; the ring has the
// coalition's keys.
func (r *Report) VerifyAnnex(src Source, a Annex, ring wire.Ring, l *words.Language) {
	w := &verifier{l: l, languages: src.Languages, r: r}
	if r.brief == nil {
		return
	}
	spec, err := ParseSpec(a.Spec)
	if err != nil {
		w.problem("annex.spec")
		return
	}
	again, err := Gather(src, spec)
	if err != nil {
		w.problem("annex.short")
		return
	}
	st := src.Snapshot.State
	w.say("charter", "coalition", st.Charter().Name, "id", st.ID())
	before := len(r.Problems)
	w.compareManifests(again.Manifest)
	if len(r.Problems) == before {
		w.say("annex", "n", len(again.Manifest.Figures), "members", len(again.Contributors))
	}
	w.signers(again, a.Answers, ring)
}

// compareManifests names what does not follow from the members' notes.
func (v *verifier) compareManifests(again *Manifest) {
	m := v.r.brief.Manifest
	named := false
	for i := range m.Figures {
		f := &m.Figures[i]
		other := again.figure(f.Name)
		if other == nil || !same(f.settled(), other.settled()) {
			v.problem("annex.figure", "figure", m.in(v.l).name(f))
			named = true
		}
		if other != nil && other.withdrawn() && !f.withdrawn() {
			v.problem("annex.withdrawn", "figure", m.in(v.l).name(f))
		}
	}
	x, y := *m, *again
	x.Figures, y.Figures = nil, nil
	if !named && !same(x, y) {
		v.problem("annex.other")
	}
}

// settled is a figure without what may have been withdrawn since.
func (f *Figure) settled() Figure {
	out := *f
	out.Points = slices.Clone(f.Points)
	for i := range out.Points {
		out.Points[i].Withdrawn = false
	}
	if f.Table != nil {
		t := *f.Table
		t.Withdrawn = false
		out.Table = &t
	}
	return out
}

func same(a, b any) bool {
	x, errX := canonical(a)
	y, errY := canonical(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// signers holds the keys that have signed against the members' answers.
func (v *verifier) signers(g *Gathered, answers [][]byte, ring wire.Ring) {
	b := v.r.brief
	id, err := b.Manifest.ID()
	if err != nil {
		v.problem("damaged")
		return
	}
	whose, members := map[string]schema.Slug{}, map[schema.Slug]bool{}
	for _, raw := range answers {
		note, err := wire.Verify(raw, ring)
		if err != nil {
			v.problem("annex.answer")
			return
		}
		if a, ok := note.Body().(schema.Answer); ok && a.Of == id && slices.Contains(g.Contributors, a.Member) {
			whose[a.Key] = a.Member
		}
	}
	for _, key := range b.Keys {
		m, ok := whose[key]
		if !ok || members[m] {
			v.problem("annex.key")
			return
		}
		members[m] = true
	}
	if len(b.Keys) > 0 {
		v.say("annex.keys", "n", len(b.Keys))
	}
}
