package press

import "testing"

// An age key file has comments around its key, as age-keygen writes them.
func TestTheKeyInAKeyFile(t *testing.T) {
	for file, want := range map[string]string{
		"# created: 2026-11-28\n# public key: age1x\nAGE-SECRET-KEY-1X\n": "AGE-SECRET-KEY-1X",
		"AGE-SECRET-KEY-1X":         "AGE-SECRET-KEY-1X",
		"\r\nAGE-SECRET-KEY-1X\r\n": "AGE-SECRET-KEY-1X",
		"# nothing\n":               "",
		"":                          "",
	} {
		if got := identityIn(file); got != want {
			t.Errorf("%q: %q", file, got)
		}
	}
}
