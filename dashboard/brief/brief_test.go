package brief_test

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"sync"
	"testing"

	"tidemark/dashboard/brief"
	"tidemark/dashboard/internal/sample"
	"tidemark/dashboard/words"
	"tidemark/schema"
	"tidemark/schema/wire"
)

var today = schema.DateOf(sample.Now)

// sources keeps samples: they are costly to make, and nothing changes them.
var sources sync.Map

// source is a sample coalition as a brief is gathered from.
func source(t testing.TB, cfg sample.Config) brief.Source {
	t.Helper()
	key := fmt.Sprint(cfg.Members, cfg.People, cfg.Quarters, cfg.Joint, cfg.Withdraw, cfg.Demo)
	if s, made := sources.Load(key); made {
		return s.(brief.Source)
	}
	s, err := sample.New(t, cfg).Snapshot()
	must(t, err)
	languages, err := words.Load(s.Codebook)
	must(t, err)
	src := brief.Source{Snapshot: s, Languages: languages, Today: today}
	sources.Store(key, src)
	return src
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// statement has one of everything, in two languages.
const statement = `
title: {en: Doxing of women who defend rights, ar: كشف بيانات المدافعات عن الحقوق}
template: statement
languages: [en, ar]
date: 2026-11-28
to: {en: The platforms that can stop it, ar: إلى المنصات القادرة على وقفه}
from: [Coalition of helplines, Réseau d'appui]
blocks:
  - text:
      en: |
        ## What we see

        In {doxing.period}, **{doxing.last}** women known to {doxing.members} were doxed. {doxing.says}

        - Platforms have the means to act.
        - Police have the duty to.

        > We ask for an answer within thirty days.

        See [the guide](https://example.org/guide).
      ar: |
        ## ما نراه

        {doxing.says}
  - figure: trend~threat_type.doxing~all~2024-Q1~2026-Q3
    as: doxing
  - figure: rank~threat_type~2026-Q3
    as: threats
  - context:
      date: 2026-03-01
      text: {en: A platform removed its form for reports., ar: أزالت منصة نموذج البلاغات.}
      source: https://example.org/change
`

func gathered(t testing.TB, src brief.Source, yaml string) *brief.Gathered {
	t.Helper()
	spec, err := brief.ParseSpec([]byte(yaml))
	must(t, err)
	g, err := brief.Gather(src, spec)
	must(t, err)
	return g
}

// agreed is a brief that so many keys have signed.
func agreed(t testing.TB, g *brief.Gathered, n int) *brief.Brief {
	t.Helper()
	id, err := g.ID()
	must(t, err)
	var signers []*wire.Signer
	b := &brief.Brief{Manifest: g.Manifest}
	for i := range n {
		s := coSigner(t, i)
		signers = append(signers, s)
		b.Keys = append(b.Keys, s.VerifierKey())
	}
	note, err := wire.Sign(schema.Attestation{Brief: id}, signers...)
	must(t, err)
	b.Notes = [][]byte{note}
	slices.Sort(b.Keys)
	return b
}

func coSigner(t testing.TB, i int) *wire.Signer {
	t.Helper()
	seed := schema.HashOf(fmt.Append(nil, "co-signer ", i))
	s, err := wire.NewSigner(schema.CoSigner, ed25519.NewKeyFromSeed(seed[:]))
	must(t, err)
	return s
}
