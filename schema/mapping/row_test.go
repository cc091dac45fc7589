package mapping

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tidemark/schema"
)

func TestSpellingsMeetWhateverTheirDress(t *testing.T) {
	m := mustParse(t)
	for _, cell := range []string{
		"Tätlicher Übergriff", "TÄTLICHER ÜBERGRIFF", "  tatlicher   ubergriff ", "T&auml;tlicher&nbsp;&Uuml;bergriff",
		"Ta\u0308tlicher U\u0308bergriff", "Tätlicher\u200b Über\u00adgriff", "tätlicher\n\tübergriff", "T&amp;auml;tlicher Übergriff",
	} {
		if have, refusal := codesOf(t, m, "what", cell, "sex", "f"); have != "attack woman unknown" {
			t.Errorf("%q: have %q, %v", cell, have, refusal)
		}
	}
	if have, _ := codesOf(t, m, "what", "Threat &amp; Menace", "sex", "f"); have != "threat woman unknown" {
		t.Errorf("an entity inside a spelling: %q", have)
	}
}

func TestNothingPassesThrough(t *testing.T) {
	m := mustParse(t)
	// The code's own name is no spelling, nor is part of one, nor one with more behind it.
	for _, cell := range []string{"attack", "Tätlicher", "Tätlicher Übergriff!", "Insult, Insult", "Zarifa"} {
		if have, _ := codesOf(t, m, "what", cell, "sex", "f"); have != "unknown woman unknown" {
			t.Errorf("%q: have %q", cell, have)
		}
	}
}

func TestFallbacks(t *testing.T) {
	m := mustParse(t)
	for _, c := range []struct{ what, sex, want, reason string }{
		{"insult", "f", "insult woman unknown", ""},
		{"", "f", "unknown woman unknown", ""},
		{" - ", "f", "unknown woman unknown", ""},
		{"N/A", "f", "unknown woman unknown", ""},
		{"Zarifa", "f", "unknown woman unknown", ""},
		{"insult", "", "", reasonEmpty},
		{"insult", "n/a", "", reasonEmpty},
		{"insult", "Zarifa", "", reasonUnlisted},
	} {
		have, refusal := codesOf(t, m, "what", c.what, "sex", c.sex)
		if have != c.want || (refusal != nil) != (c.reason != "") || refusal != nil && (refusal.Reason != c.reason || refusal.Field != "gender" || refusal.Row != 7) {
			t.Errorf("%q, %q: have %q, %v", c.what, c.sex, have, refusal)
		}
	}
	m = mustParse(t, "column: what", "column: what\n    default: other\n    unmapped: refuse", "column: sex", "column: sex\n    default: not_recorded\n    unmapped: not_recorded")
	for _, c := range []struct{ what, sex, want string }{
		{"", "", "other not_recorded unknown"},
		{"insult", "Zarifa", "insult not_recorded unknown"},
		{"Zarifa", "f", ""},
	} {
		if have, _ := codesOf(t, m, "what", c.what, "sex", c.sex); have != c.want {
			t.Errorf("%q, %q: have %q", c.what, c.sex, have)
		}
	}
}

func TestSeveralValues(t *testing.T) {
	const old, spellings = "column: what", "insult: [Insult, Beleidigung]"
	for _, c := range []struct{ spec, cell, want string }{
		{"separator: ','\n    pick: first", "Insult, Tätlicher Übergriff, ", "insult"},
		{"separator: ','\n    pick: first", " , Bedrohung,,Insult", "threat"},
		{"separator: ','\n    pick: first", "Zarifa, Bedrohung", "threat"},
		{"separator: ','\n    pick: most_serious", "Insult, Tätlicher Übergriff, Bedrohung", "attack"},
		{"separator: ','\n    pick: most_serious", "Elsewhere, Insult", "insult"}, // other is not the most serious
		{"separator: ','\n    pick: most_serious", "Dunno, Elsewhere", "other"},
		{"separator: ','\n    pick: first", "Hate, bad words, Bedrohung", "insult"}, // the separator inside a spelling
		{"separator: '&'\n    pick: most_serious", "Threat & menace", "threat"},
		{"separator: '&'\n    pick: most_serious", "Insult &amp; Threat &amp; menace", "threat"},
		{"separator: ' '\n    pick: most_serious", "Insult Tätlicher Übergriff Beleidigung", "attack"},
		{"separator: '|'\n    languages: '/'\n    pick: first", "Beleidigung / Insult|Bedrohung", "insult"},
		{"separator: '|'\n    languages: '/'\n    pick: first", "Injure / Insult", "insult"},
		{"separator: '|'\n    languages: '/'\n    pick: first", "Bedrohung / Insult", "unknown"}, // two codes: neither
		{"languages: '|'", "Injure | Insult", "insult"},
		{"separator: ','\n    pick: first\n    ignore: [urgent]", "urgent, Insult", "insult"},
		{"separator: ','\n    pick: first\n    ignore: [urgent]\n    default: other", "urgent", "other"},
		{"separator: ','\n    pick: first\n    unmapped: refuse", "Zarifa, Insult", ""},
	} {
		more := spellings[:len(spellings)-1] + `, "Hate, bad words"]` + "\n      other: [Elsewhere]\n      unknown: [Dunno]"
		m := mustParse(t, old, old+"\n    "+c.spec, spellings, more)
		have, refusal := codesOf(t, m, "what", c.cell, "sex", "f")
		if first, _, _ := strings.Cut(have, " "); first != c.want {
			t.Errorf("%s: %q: have %q, %v", c.spec, c.cell, have, refusal)
		}
	}
}

func TestSeveralColumnsAndFlags(t *testing.T) {
	m := mustParse(t, "column: what", "columns: [what, more]\n    pick: most_serious")
	if have, _ := codesOf(t, m, "what", "Insult", "more", "Bedrohung", "sex", "f"); have != "threat woman unknown" {
		t.Errorf("columns: %q", have)
	}
	flags := "flags: {Q/a: insult, Q/b: attack}\n    pick: most_serious"
	m = mustParse(t, testMapping[strings.Index(testMapping, "column: what"):strings.Index(testMapping, "  gender:")], flags+"\n")
	for _, c := range []struct{ a, b, want string }{
		{"1", "0", "insult"}, {"1", "3", "attack"}, {"Sí", "n/a", "insult"}, {"TRUE", "false", "insult"},
		{"0", "0", "unknown"}, {"", "", "unknown"}, {"x", "Zarifa", "insult"}, {"", "Zarifa", "unknown"},
	} {
		if have, _ := codesOf(t, m, "Q/a", c.a, "Q/b", c.b, "sex", "f"); have != c.want+" woman unknown" {
			t.Errorf("%q, %q: %q", c.a, c.b, have)
		}
	}
}

func TestPersons(t *testing.T) {
	const old = "person: {id: who}"
	for _, c := range []struct {
		spec       string
		cells      []string
		persons    []string
		reason     string
		protection schema.Protection
	}{
		{old, []string{"who", " P-1\u200b "}, []string{"P-1"}, "", schema.PerID},
		{old, []string{"who", "  "}, nil, reasonNoID, schema.PerID},
		{old, []string{"who", "N/A"}, nil, reasonNoID, schema.PerID},
		{old, []string{"who", strings.Repeat("x", 257)}, nil, reasonLongID, schema.PerID},
		{"person: {id: who, missing: case}", []string{"who", ""}, nil, "", schema.PerCase},
		{"person: {id: who, separator: ','}", []string{"who", "a, b,, a ,c"}, []string{"a", "b", "c"}, "", schema.PerID},
		{"person: {id: who, separator: ','}", []string{"who", ", ,"}, nil, reasonNoID, schema.PerID},
		{"person: {columns: [who, who2]}", []string{"who", "a", "who2", ""}, []string{"a"}, "", schema.PerID},
		{"person: {columns: [who, who2]}", []string{"who", "a", "who2", "b"}, []string{"a", "b"}, "", schema.PerID},
		{"person: {none: true}", nil, nil, "", schema.PerCase},
		{"person: {composite: [who, born]}", []string{"who", "A", "born", ""}, nil, reasonPart, schema.PerComposite},
	} {
		m := mustParse(t, old, c.spec)
		got, refusal := m.Map(rowOf(t, m, append([]string{"no", "1", "day", "2026-03-09", "sex", "f"}, c.cells...)...))
		if m.Protection() != c.protection || !slices.Equal(got.Persons, c.persons) {
			t.Errorf("%s: %d persons, per %s", c.spec, len(got.Persons), m.Protection())
		}
		if (refusal == nil) != (c.reason == "") || refusal != nil && (refusal.Field != "person" || refusal.Reason != c.reason) {
			t.Errorf("%s: %v, want %q", c.spec, refusal, c.reason)
		}
	}
}

func TestCompositesMeetAndDoNotCollide(t *testing.T) {
	m := mustParse(t, "person: {id: who}", "person: {composite: [who, born]}", "case: {id: no}", "case: {composite: [no, born]}")
	person := func(who, born string) string {
		c, refusal := m.Map(rowOf(t, m, "no", who, "who", who, "born", born, "day", "2026-03-09", "sex", "f"))
		if refusal != nil {
			t.Fatal(refusal)
		}
		if c.ID != c.Persons[0] {
			t.Error("the same parts make two ids")
		}
		return c.ID
	}
	if person("José  Pérez", "1980") != person(" jose perez", "1980") {
		t.Error("accents and blanks split a person")
	}
	if person("a1", "2") == person("a", "12") || person("a2:b", "c") == person("a", "2:bc") {
		t.Error("two lists of parts have one id")
	}
	// A case's id may lack a part, not all of them.
	m = mustParse(t, "case: {id: no}", "case: {composite: [no, born]}")
	if _, refusal := m.Map(rowOf(t, m, "no", "1", "who", "x", "day", "2026-03-09", "sex", "f")); refusal != nil {
		t.Error(refusal)
	}
	if _, refusal := m.Map(rowOf(t, m, "who", "x", "day", "2026-03-09", "sex", "f")); refusal == nil || refusal.Field != "case" {
		t.Errorf("have %v", refusal)
	}
}

func TestCoverageCountsEveryRow(t *testing.T) {
	m := mustParse(t, "column: what", "column: what\n    separator: ','\n    pick: first", "column: sex", "column: sex\n    default: not_recorded")
	run := m.Begin()
	for i, c := range [][2]string{{"Insult", "f"}, {"Insult", "m"}, {"", "f"}, {"Zarifa", "f"}, {"Zarifa, Insult", ""}, {"Yalda", "Zarifa"}} {
		_, refusal := run.Map(rowOf(t, m, "no", fmt.Sprint(i), "who", "p", "day", "2026-03-09", "what", c[0], "sex", c[1]))
		if (refusal != nil) != (i == 5) {
			t.Errorf("row %d: %v", i, refusal)
		}
	}
	have := run.Coverage()
	if c := have[0]; c.Dimension != "act" || c.Mapped != 3 || c.Default != 1 || c.Unmapped != 1 {
		t.Errorf("act: %+v", c)
	}
	if c := have[1]; c.Mapped != 4 || c.Default != 1 || c.Unmapped != 0 {
		t.Errorf("gender: %+v", c)
	}
	texts := have[0].Unlisted.ForOperatorsScreen()
	if len(texts) != 2 || texts[0].Value != "Zarifa" || texts[0].Count != 2 || texts[1].Value != "Yalda" {
		t.Errorf("unlisted: %d texts", len(texts))
	}
}

func TestUnlistedTextsAreBounded(t *testing.T) {
	m := mustParse(t)
	run := m.Begin()
	for i := range 1_000 {
		run.Map(rowOf(t, m, "no", "1", "who", "p", "day", "2026-03-09", "sex", "f", "what", fmt.Sprintf("%03d%s", i%500, strings.Repeat("ä", 200))))
	}
	u := run.Coverage()[0].Unlisted
	texts := u.ForOperatorsScreen()
	if len(texts) != maxUnlisted || u.Others() != 600 || texts[0].Count != 2 {
		t.Errorf("%d texts, %d others", len(texts), u.Others())
	}
	if n := len([]rune(texts[0].Value)); n != maxShown {
		t.Errorf("%d characters", n)
	}
}

func TestTheCacheAnswersAsTheTable(t *testing.T) {
	m := mustParse(t, "column: what", "column: what\n    separator: ','\n    pick: most_serious")
	run := m.Begin()
	for i := range 3 * maxCached {
		cell := fmt.Sprintf("insult,%s bedrohung", strings.Repeat(" ", i%(maxCached+9)))
		row := rowOf(t, m, "no", "1", "who", "p", "day", "2026-03-09", "sex", "f", "what", cell)
		cached, _ := run.Map(row)
		fresh, _ := m.Map(row)
		if !slices.Equal(cached.Codes, fresh.Codes) {
			t.Fatalf("cell %d: %v and %v", i, cached.Codes, fresh.Codes)
		}
	}
	if n := len(run.caches[0]); n > maxCached {
		t.Errorf("%d cells cached", n)
	}
}

func TestCasesDoNotShow(t *testing.T) {
	m := mustParse(t)
	row := rowOf(t, m, "no", "Zarifa", "who", "Zarifa", "day", "2026-03-09", "sex", "f", "what", "Zarifa")
	run := m.Begin()
	c, refusal := run.Map(row)
	if refusal != nil {
		t.Fatal(refusal)
	}
	u := run.Coverage()
	for _, v := range []any{row, &row, c, &c, []Case{c}, u, &u[0], u[0].Unlisted.ForOperatorsScreen()} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), string(text)} {
			if strings.Contains(s, "Zarifa") {
				t.Errorf("%T shows the cell", v)
			}
		}
	}
}

func TestRefusalsHoldNoCell(t *testing.T) {
	m := mustParse(t, "column: what", "column: what\n    unmapped: refuse")
	good := []string{"no", "1", "who", "p", "day", "2026-03-09", "what", "insult", "sex", "f"}
	long := "Zarifa" + strings.Repeat(" Zarifa", 100)
	for i := 1; i < len(good); i += 2 {
		for _, bad := range []string{"Zarifa", long, ""} {
			cells := slices.Clone(good)
			cells[i] = bad
			if _, refusal := m.Map(rowOf(t, m, cells...)); refusal != nil && strings.Contains(fmt.Sprint(refusal, *refusal), "Zarifa") {
				t.Errorf("column %s: %v", cells[i-1], refusal)
			}
		}
	}
}
