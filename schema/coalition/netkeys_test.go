package coalition

import (
	"encoding/base64"
	"strings"
	"testing"

	"tidemark/schema"
)

// sealedTo looks like a network key for so many box keys; nobody can open it.
func sealedTo(recipients int, from schema.Date) schema.NetworkKey {
	file := "age-encryption.org/v1\n" + strings.Repeat("-> X25519 ephemeral\nwrapped\n", recipients) + "--- mac\nkey"
	return schema.NetworkKey{From: from, Sealed: base64.StdEncoding.EncodeToString([]byte(file))}
}

// networkKey is that of a transcript's line: from=DATE sealed=N; none without from.
func networkKey(c command) schema.NetworkKey {
	if c.options["from"] == "" {
		return schema.NetworkKey{}
	}
	return sealedTo(c.number("sealed", 0), date(c.options["from"]))
}

func TestNetworkKeysAreThoseOfTheActs(t *testing.T) {
	s := told(t, small+`act date=2026-02-01 by=finch,otter remove gull from=2026-02-08 sealed=2
act date=2026-02-02 by=finch,otter rotate-key from=2026-02-02 sealed=2
`)
	keys := s.NetworkKeys()
	if len(keys) != 2 || keys[0].Version != 4 || keys[0].From != date("2026-02-08") || keys[1].Version != 5 || keys[1].Sealed != sealedTo(2, 0).Sealed {
		t.Errorf("%+v", keys)
	}
	keys[0].Version = 9
	if s.NetworkKeys()[0].Version != 4 {
		t.Error("the caller's slice is the state's")
	}
}
