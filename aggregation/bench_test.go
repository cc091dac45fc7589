package aggregation

import (
	"encoding/binary"
	"iter"
	"math/rand/v2"
	"runtime/metrics"
	"slices"
	"testing"

	"tidemark/schema"
)

// twelve tables as a large coalition's plan has them, over the built-in codebook.
var twelve = []string{
	"quarter people threat_type*gender 450000",
	"quarter people offline_consequence(group)*link_evidence 450000",
	"quarter people suspected_actor(group)*police_response(group) 450000",
	"quarter people support_need*support_outcome(group) 450000",
	"quarter people region*threat_type(group) 450000",
	"quarter people threat_type*offline_consequence 450000",
	"quarter people platform_brand*platform_response(group) 450000",
	"quarter people access_context*threat_type(group) 450000",
	"quarter people known_elsewhere 450000",
	"quarter people gender 450000",
	"quarter people online_offline_link 450000",
	"quarter people channel_encryption 450000",
}

// crowd generates n records of about 0.7 n people in person order: four in five have one
// case, some have dozens. The codes come from a ring made beforehand, so that what is
// measured is the counting. At every 64th part it calls watch.
func crowd(n int, watch func()) iter.Seq2[*schema.Record, error] {
	cb := schema.Incident()
	r := rand.New(rand.NewPCG(1, 2))
	ring := make([]schema.Record, 4096)
	for i := range ring {
		ring[i].Date = mustDate("2026-01-01") + schema.Date(r.IntN(90))
		for d := range cb.Dimensions {
			k := len(cb.Dimensions[d].Codes)
			ring[i].Codes = append(ring[i].Codes, byte(min(r.IntN(k), r.IntN(k))))
		}
	}
	return func(yield func(*schema.Record, error) bool) {
		var person uint64
		left := 0
		for i := range n {
			rec := &ring[i%len(ring)]
			if left == 0 {
				person++
				switch h := person * 0x9e3779b97f4a7c15 >> 32 % 1000; {
				case h < 800:
					left = 1
				case h < 998:
					left = 2 + int(h%4)
				default:
					left = 80
				}
			}
			left--
			binary.BigEndian.PutUint64(rec.Person[:], person)
			rec.Seq = uint64(i)
			if i%(n/64+1) == 0 {
				watch()
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// BenchmarkDraw counts a million records into twelve tables, with twelve earlier slots
// in the rule. Target: 0.8 s, 64 MiB. "generator" is what making the records takes and
// is part of the other figures.
func BenchmarkDraw(b *testing.B) {
	const records = 1_000_000
	b.Run("generator", func(b *testing.B) {
		b.ReportAllocs()
		all := crowd(records, func() {})
		for b.Loop() {
			for range all {
			}
		}
	})
	b.Run("people", func(b *testing.B) { benchmarkDraw(b, twelve, records) })
	mixed := append([]string{"quarter reached:3 threat_type 900000000", "quarter cases:5 gender 90000000000"}, twelve[2:]...)
	b.Run("mixed", func(b *testing.B) { benchmarkDraw(b, mixed, records) })
}

func benchmarkDraw(b *testing.B, lines []string, records int) {
	b.ReportAllocs()
	plan := planOf(schema.Incident(), lines...)
	plan.First = mustPeriod("2023-Q1")
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	var peak uint64
	watch := func() {
		metrics.Read(heap)
		peak = max(peak, heap[0].Value.Uint64())
	}
	task := Task{Codebook: schema.Incident(), Plan: plan, Period: mustPeriod("2026-Q1"), Records: crowd(records, watch)}
	for p := plan.First; !task.Period.Before(p); p = p.Add(1) {
		task.Slots = append(task.Slots, Slotted{Period: p, Cutoff: uint64(records)})
	}
	for b.Loop() {
		got, err := Draw(background, task, &none{})
		if err != nil || slices.Max(got[len(got)-1].Cells) < schema.UnitsPerPerson*int64(records)/100 {
			b.Fatal("nobody was counted", err)
		}
	}
	b.ReportMetric(float64(peak)/(1<<20), "peak-heap-MiB")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(records), "ns/record")
}
