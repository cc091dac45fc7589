package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidemark/aggregation/planner"
	"tidemark/cmd/tidemark/internal/demo"
)

// small is a demonstration of three members that has run.
func small(t *testing.T) *demo.Coalition {
	t.Helper()
	if testing.Short() {
		t.Skip("three members take seconds")
	}
	t.Setenv("PATH", binary(t)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	d, err := demo.Run(t.Context(), demo.Config{
		Dir: t.TempDir(), Members: 3, People: 2400, Now: time.Now(),
		Steps: func(int) {}, Step: func(string) {}, Expected: func(planner.Report) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// The same question by command, API and figure gets the same bytes, over real releases;
// without the token there is no answer.
func TestTheSameNumbersEverywhere(t *testing.T) {
	d := small(t)
	flags := pagesFlags{Dashboard: "127.0.0.1:0"}
	p, err := flags.serve(d.FirstDir(), d.First(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	token, err := os.ReadFile(filepath.Join(d.FirstDir(), "api-token"))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(d.FirstDir(), "api-token")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token's file: %v, %v", info.Mode(), err)
	}
	for _, q := range []struct{ query, args string }{
		{"table=threat_type", "--table threat_type"},
		{"table=region*threat_type(group)", "--table region*threat_type(group)"},
		{"table=threat_type&where=threat_type=doxing", "--table threat_type --where threat_type=doxing"},
	} {
		for _, format := range []string{"csv", "json"} {
			status, api := fetch(t, p.base+"/api/v1/trends?"+q.query+"&format="+format, strings.TrimSpace(string(token)))
			cli := inTheNode(t, d, "trends "+q.args+" --format "+format)
			if status != 200 || api != cli || strings.Count(api, "\n") < 3 {
				t.Errorf("%s as %s: status %d, %d bytes by the API, %d by the command", q.query, format, status, len(api), len(cli))
			}
		}
	}
	for _, path := range []string{"/api/v1/trends?table=threat_type", "/api/v1/budget", "/metrics", "/healthz", "/cases", "/"} {
		if status, body := fetch(t, p.base+path, ""); status != 401 || strings.Contains(body, "threat_type") {
			t.Errorf("%s without a token: %d %.200s", path, status, body)
		}
	}
	if status, _ := fetch(t, p.base+"/cases", strings.TrimSpace(string(token))); status != 401 {
		t.Errorf("the own cases by token: %d", status)
	}
}

func fetch(t *testing.T, url, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// inTheNode carries a command out in the running node, as the control socket would.
func inTheNode(t *testing.T, d *demo.Coalition, line string) string {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{ctx: t.Context(), cwd: t.TempDir(), stdout: &out, stderr: &errs, shared: d.First()}
	if status := a.execute(strings.Fields(line)); status != exitDone {
		t.Fatalf("%s: %d %s", line, status, &errs)
	}
	return out.String()
}

// Pages do not listen beyond this machine unless that was asked for.
func TestPagesListenOnThisMachineOnly(t *testing.T) {
	d := small(t)
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:0", "example.org:80"} {
		flags := pagesFlags{Dashboard: address}
		if p, err := flags.serve(d.FirstDir(), d.First(), false); err == nil {
			p.close()
			t.Errorf("%s: listens", address)
		}
	}
}
