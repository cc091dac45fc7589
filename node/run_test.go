package node

import (
	"context"
	"testing"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/schema"
)

// A node that runs before it has a coalition joins the network as soon as it has one.
func TestRunStartsTheNetworkOnceFounded(t *testing.T) {
	cfg := Config{Dir: t.TempDir(), Unlock: Unlock{Passphrase: "a long passphrase for this test", WorkFactor: 10}}
	if err := Init(cfg, Settings{Slug: "amber-lark"}); err != nil {
		t.Fatal(err)
	}
	n, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	plan, err := planner.SmallLocal(schema.Period{Year: 2026, Quarter: 1})
	if err != nil {
		t.Fatal(err)
	}
	if n.mesh.Load() != nil {
		t.Error("a network without a coalition")
	}
	if err := n.Found(t.Context(), "calm-delta", schema.Incident(), plan); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); n.mesh.Load() == nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the network never started")
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
