package mesh_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidemark/node/mesh"
	"tidemark/node/nodetest"
	"tidemark/schema"
)

// BenchmarkPublishToLastOf12 is from the publish of a release's parcel to its being
// stored by the last of twelve members on loopback, pre-shared key and all.
func BenchmarkPublishToLastOf12(b *testing.B) {
	_, nodes := group(b, 12)
	a := nodes[0]
	for _, raw := range a.History(b, 1) {
		publish(b, a, raw)
	}
	_, release := a.Head()
	time.Sleep(2 * time.Second) // two heartbeats: the topic's mesh stands
	b.ResetTimer()
	for range b.N {
		publish(b, a, a.Say(b, schema.Notice{Link: a.Link(), Release: release, Reason: schema.OtherReason}))
		for !level(nodes...) {
			time.Sleep(100 * time.Microsecond)
		}
	}
}

// BenchmarkCatchUp30MembersTwoYears is a new member's first exchange: 30 members, each
// with a declaration, eight quarters and a year.
func BenchmarkCatchUp30MembersTwoYears(b *testing.B) {
	c := nodetest.NewCoalition(b, 30)
	full := c.Store(b)
	bytes := 0
	for _, m := range c.Members {
		for _, raw := range append(m.History(b, 4), m.Release(b, schema.Period{Year: 2025})) {
			if _, err := full.Accept(raw, nodetest.Now); err != nil {
				b.Fatal(err)
			}
			bytes += len(raw)
		}
	}
	server := c.Loopback(b, c.Members[0], full)
	late := c.Admit(b)
	publish(b, server, c.State.Log()[len(c.State.Log())-1])
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		store := c.Store(b)
		b.StartTimer()
		n := c.Loopback(b, late, store)
		for stored(n) < 180 {
			time.Sleep(time.Millisecond)
		}
		b.StopTimer()
		if err := n.Network.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(bytes), "bytes")
}

const childVariable = "TIDEMARK_MESH_BENCH"

// BenchmarkMemoryWith20Peers reports the resident memory of a process of its own that
// runs one node (its store in memory) with twenty connected peers.
func BenchmarkMemoryWith20Peers(b *testing.B) {
	c := nodetest.NewCoalition(b, 21)
	var addresses []string
	for _, m := range c.Members[1:] {
		n := c.Loopback(b, m, c.Store(b))
		addresses = append(addresses, n.Network.Listening()[0])
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestMemoryChild$", "-test.v")
	cmd.Env = append(os.Environ(), childVariable+"="+strings.Join(addresses, ","))
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	var rss, anon float64
	for line := range strings.Lines(string(out)) {
		_, _ = fmt.Sscanf(line, "rss %f anon %f", &rss, &anon)
	}
	b.ReportMetric(rss, "RSS-MB")
	b.ReportMetric(anon, "RSS-anon-MB")
	b.ReportMetric(0, "ns/op")
}

// TestMemoryChild is the process of BenchmarkMemoryWith20Peers.
func TestMemoryChild(t *testing.T) {
	addresses, ok := os.LookupEnv(childVariable)
	if !ok {
		t.Skip("runs for BenchmarkMemoryWith20Peers only")
	}
	c := nodetest.NewCoalition(t, 21)
	for i, a := range strings.Split(addresses, ",") {
		c.Announce(t, c.Members[i+1], a)
	}
	network, err := mesh.Start(context.Background(), mesh.Config{
		Store: c.Store(t), Self: c.Members[0].Slug, Key: c.Members[0].NodeKey, PSK: nodetest.PSK, Degree: 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer network.Close()
	nodetest.Until(t, "connected", func() bool {
		for _, p := range network.Peers() {
			if !p.Connected {
				return false
			}
		}
		return true
	})
	if err := network.Sync(context.Background()); err != nil {
		t.Fatal(err)
	}
	debug.FreeOSMemory()
	time.Sleep(3 * time.Second)
	status, err := os.Open("/proc/self/status")
	if err != nil {
		t.Skip("no /proc here")
	}
	defer status.Close()
	fields := map[string]float64{}
	for s := bufio.NewScanner(status); s.Scan(); {
		name, value, _ := strings.Cut(s.Text(), ":")
		if kb, err := strconv.ParseFloat(strings.Fields(value + " 0")[0], 64); err == nil {
			fields[name] = kb / 1024
		}
	}
	fmt.Printf("\nrss %.1f anon %.1f\n", fields["VmRSS"], fields["RssAnon"])
}
