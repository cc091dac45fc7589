package view

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/aggregation/combine"
	"tidemark/schema"
)

func anyFilter(t *rapid.T, name string) combine.Filter {
	if rapid.Bool().Draw(t, name+" none") {
		return combine.Filter{}
	}
	return combine.Filter{
		Axis: rapid.SampledFrom([]schema.Axis{{Dimension: "threat_type"}, {Dimension: "region"}, {Dimension: "platform_response", Rollup: "group"}}).Draw(t, name+" axis"),
		Code: schema.Code(rapid.StringMatching(`[a-z0-9_]{1,20}`).Draw(t, name+" code")),
	}
}

func anyPeriod(t *rapid.T, name string) schema.Period {
	if rapid.Bool().Draw(t, name+" none") {
		return schema.Period{}
	}
	return schema.Period{Year: rapid.IntRange(1970, 2100).Draw(t, name+" year"), Quarter: rapid.IntRange(0, 4).Draw(t, name+" quarter")}
}

// What a Query writes, it reads back: 100 random ones.
func TestQueryComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Query{
			Lang: rapid.SampledFrom([]string{"", "es", "ar"}).Draw(t, "lang"), What: anyFilter(t, "what"), And: anyFilter(t, "and"),
			From: anyPeriod(t, "from"), To: anyPeriod(t, "to"), Period: anyPeriod(t, "period"),
			Every: rapid.SampledFrom([]schema.Cadence{"", schema.Quarterly, schema.Yearly}).Draw(t, "every"),
			Show:  rapid.SampledFrom([]string{"", ShowLevel, ShowChange}).Draw(t, "show"), Time: rapid.SampledFrom([]string{"", "rtl"}).Draw(t, "time"),
			Pin: rapid.StringMatching(`([a-f0-9]{16}-[A-Za-z0-9_-]{0,20})?`).Draw(t, "pin"), Print: rapid.Bool().Draw(t, "print"),
		}
		values, err := url.ParseQuery(q.Encode())
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseQuery(values)
		if err != nil || back.Encode() != q.Encode() {
			t.Fatalf("%s came back as %s, %v", q.Encode(), back.Encode(), err)
		}
	})
}

func TestQueryRefuses(t *testing.T) {
	for _, raw := range []string{
		"colour=red", "what=threat_type.doxing&what=threat_type.other", "what=doxing", "what=.doxing", "what=threat_type.",
		"what=Threat.doxing", "what=threat_type." + strings.Repeat("a", 49), "from=2026-Q5", "from=2026-q1", "to=yesterday",
		"every=month", "show=colour", "time=up", "pin=%3Cscript%3E", "pin=" + strings.Repeat("a", longest+1), "figure=pie~x", "print=2",
		"lang=ENGLISH!", "table=a*b*c", "table=threat_type*", "%00=1",
	} {
		values, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatal(err)
		}
		if q, err := ParseQuery(values); err == nil {
			t.Errorf("%q was taken: %+v", raw, q)
		} else if strings.Contains(err.Error(), "script") || strings.Contains(err.Error(), "colour") {
			t.Errorf("the refusal of %q quotes it: %v", raw, err)
		}
	}
}

// Forms send empty values: they are as if they were not there.
func TestQueryTakesEmptyValues(t *testing.T) {
	q, err := ParseQuery(url.Values{"what": {""}, "from": {""}, "lang": {""}})
	if err != nil || q.Encode() != "" {
		t.Errorf("%+v, %v", q, err)
	}
}

func TestFigureIDs(t *testing.T) {
	for _, id := range []string{
		"trend~threat_type.doxing~all~2023-Q4~2026-Q3",
		"trend~all~all~2024~2025",
		"trend~threat_type(group).exposure~region.m49_419~2023~2025",
		"heat~threat_type*offline_consequence(group)~2025~level",
		"heat~region~2026-Q3~change",
		"rank~threat_type~2026-Q3",
	} {
		f, err := ParseFigureID(id)
		if err != nil || f.String() != id {
			t.Errorf("%s: %s, %v", id, f, err)
		}
	}
	for _, id := range []string{
		"", "trend", "pie~threat_type~2026", "trend~threat_type.doxing~all~2023-Q4", "trend~~all~2023-Q4~2026-Q3", "rank~threat_type~2026-Q3~x",
		"heat~threat_type~2026-Q3~colour", "rank~<script>~2026-Q3", "trend~all~all~2023-Q4~2026-Q3 ", "rank~threat_type~02026-Q3", strings.Repeat("~", longest+1),
	} {
		if f, err := ParseFigureID(id); err == nil {
			t.Errorf("%.40q was taken as %s", id, f)
		}
	}
}

func FuzzFigureID(f *testing.F) {
	f.Add("trend~threat_type.doxing~all~2023-Q4~2026-Q3")
	f.Add("heat~a*b~2025~level")
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseFigureID(s); err == nil && id.String() != s {
			t.Errorf("%q is read as %q", s, id)
		}
	})
}
