package contest

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestServeRefuses(t *testing.T) {
	broken := func(context.Context, Job) ([][]int64, error) { return nil, errors.New("out of order") }
	contenders := map[string]Contender{"broken": broken}
	for args, want := range map[string]string{
		"":               "a contender's name, rows and path",
		"other 10 file":  "a contender's name, rows and path",
		"broken 10":      "a contender's name, rows and path",
		"broken 0 file":  "rows: want a positive number",
		"broken ten x":   "rows: want a positive number",
		"broken 10 file": "broken: out of order",
	} {
		err := serve(contenders, strings.Fields(args))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: have %v, want %q", args, err, want)
		}
	}
}

// What Command asks for is what serve hands on.
func TestCommandAndServeAgree(t *testing.T) {
	want := Job{Rows: 12, Path: "some file.csv"}
	var have Job
	keep := func(_ context.Context, job Job) ([][]int64, error) {
		have = job
		return nil, nil
	}
	args := Command(t.Context(), "binary", "keep", want).Args[1:]
	if err := serve(map[string]Contender{"keep": keep}, args); err != nil || have != want {
		t.Errorf("have %v %v, want %v", have, err, want)
	}
}

func TestTablesReadsAnAnswer(t *testing.T) {
	if tables, err := Tables([]byte("[[1,-2],[3]]\n")); err != nil || len(tables) != 2 || tables[0][1] != -2 {
		t.Errorf("have %v, %v", tables, err)
	}
	if _, err := Tables([]byte("[[1.5]]")); err == nil {
		t.Error("half a person was read")
	}
}
