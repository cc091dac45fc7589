package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// The README's walk of four members is carried out word for word, by a shell, in four
// folders with real processes on loopback.
func TestTheReadmesCommands(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the walk is written for a POSIX shell")
	}
	if testing.Short() {
		t.Skip("starts several nodes")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	script.WriteString("set -e\n")
	for _, block := range shellBlock.FindAllStringSubmatch(string(readme), -1) {
		script.WriteString(block[1])
	}
	out := runShell(t, script.String())
	for _, want := range []string{
		"Made the node of amber-lark", "Founded the coalition", "Good: plan", "4 active members",
		"rows, ", "added", "OWN CASES, NOT SHARED", "tidemark/release/v1", "·",
		"Released 2026-", "Wrote to-d.bundle", "0 were refused", "The witnesses are asked", "Drawn: 2026-Q1. It has the lines of 0 witnesses and needs 2",
		"PEOPLE KNOWN TO THE MEMBERS", "4 of 4", "period,table,threat_type,estimate,lower,upper,sd,band,members_reporting,members_total,plan,mode,sd_local",
		"cells changed clearly", "Privacy spent",
		"Nothing to object to", "Pinned.", "Agreed to brief", "attested by all 4 members whose numbers it uses", "ok: Attested by 4 members, by its own account",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the walk never said %q", want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

func runShell(t *testing.T, script string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "walk") // short: a socket's path may be 100 bytes long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+binary(t)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		logs, _ := os.ReadFile(filepath.Join(dir, "a.log"))
		t.Fatalf("%v\n%s\n--- a.log\n%s", err, out, logs)
	}
	return string(out)
}
