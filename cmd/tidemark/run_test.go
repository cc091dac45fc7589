package main

import (
	"strings"
	"testing"

	"tidemark/node"
	"tidemark/schema"
)

// Who cannot reach the others is told what may stand between them.
func TestStatusSaysWhatTheNetworkKeyIs(t *testing.T) {
	since, next := schema.NewDate(2026, 2, 8), schema.NewDate(2026, 3, 1)
	for _, c := range []struct {
		key   node.KeyNow
		alone bool
		want  string
	}{
		{node.KeyNow{Held: true}, false, ""},
		{node.KeyNow{Act: 5, Since: &since, Held: true, Next: &next}, false, "Network key: that of act 5, since 2026-02-08.\nAnother network key begins on 2026-03-01.\n"},
		{node.KeyNow{Act: 5, Since: &since}, true, "Network key: that of act 5, since 2026-02-08.\nThis node cannot open the network key in force and reaches nobody who has it: ask an admin for another invitation.\n"},
		{node.KeyNow{Held: true}, true, "No member is connected. If the network key has changed since act 7, a bundle from any member brings it.\n"},
	} {
		var have strings.Builder
		printKey(&have, node.Status{Coalition: &node.CoalitionNow{Version: 7}, Key: &c.key, Alone: c.alone})
		if have.String() != c.want {
			t.Errorf("%+v: %q", c.key, have.String())
		}
	}
}
