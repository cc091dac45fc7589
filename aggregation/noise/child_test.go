package noise

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"tidemark/schema"
)

// pair is a connection of which both directions are given.
type pair struct {
	io.Reader
	io.Writer
}

var twoTables = []Ask{{3600, 450_000, 108, schema.GoogleNoise}, {10_800, 900_000, 200, schema.ExactNoise}}

func TestRequestAndServe(t *testing.T) {
	toChild, fromParent := io.Pipe()
	toParent, fromChild := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(toChild, fromChild) }()
	drawn, err := Request(pair{toParent, fromParent}, twoTables)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	if len(drawn) != 2 || len(drawn[0]) != 108 || len(drawn[1]) != 200 {
		t.Error("not as many values as asked for")
	}
}

func TestTwoChildrenNeverDrawTheSame(t *testing.T) {
	var draws [2][][]int64
	for i := range draws {
		c := child(t, "serve")
		stdin, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if draws[i], err = Request(pair{stdout, stdin}, twoTables); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range twoTables {
		if slices.Equal(draws[0][i], draws[1][i]) {
			t.Errorf("ask %d: two children drew the same", i+1)
		}
	}
}

// The request's bytes are an interface between two processes that may be of different
// ages, so they are written down.
func TestRequestText(t *testing.T) {
	var sent bytes.Buffer
	_, _ = Request(pair{strings.NewReader(""), &sent}, []Ask{{3600, 450_000, 108, ""}, {10_800, 900_000, 6, "exact"}})
	want := "tidemark-noise/v1 2\ngoogle 3600 450000 108\nexact 10800 900000 6\n"
	if sent.String() != want {
		t.Errorf("have %q, want %q", sent.String(), want)
	}
}

func TestServeRefuses(t *testing.T) {
	for name, request := range map[string]string{
		"nothing":            "",
		"another protocol":   "tidemark-noise/v2 1\ngoogle 3600 450000 1\n",
		"no asks":            "tidemark-noise/v1 0\n",
		"too many asks":      "tidemark-noise/v1 65\n",
		"fewer asks":         "tidemark-noise/v1 2\ngoogle 3600 450000 1\n",
		"more asks":          "tidemark-noise/v1 1\ngoogle 3600 450000 1\ngoogle 3600 450000 1\n",
		"another sampler":    "tidemark-noise/v1 1\nfloat 3600 450000 1\n",
		"no sampler":         "tidemark-noise/v1 1\n 3600 450000 1\n",
		"a field too many":   "tidemark-noise/v1 1\ngoogle 3600 450000 1 1\n",
		"a leading zero":     "tidemark-noise/v1 1\ngoogle 3600 0450000 1\n",
		"a plus":             "tidemark-noise/v1 1\ngoogle 3600 +450000 1\n",
		"a float":            "tidemark-noise/v1 1\ngoogle 3600 450000.5 1\n",
		"a negative count":   "tidemark-noise/v1 1\ngoogle 3600 450000 -1\n",
		"too many values":    "tidemark-noise/v1 1\ngoogle 3600 450000 20001\n",
		"a huge count":       "tidemark-noise/v1 1\ngoogle 3600 450000 9223372036854775807\n",
		"a huge bound":       "tidemark-noise/v1 1\ngoogle 1099511627777 1099511627776 1\n",
		"a return":           "tidemark-noise/v1 1\r\ngoogle 3600 450000 1\r\n",
		"no end of line":     "tidemark-noise/v1 1\ngoogle 3600 450000 1",
		"a line without end": "tidemark-noise/v1 " + strings.Repeat("1", 1<<16),
	} {
		var answer bytes.Buffer
		if Serve(strings.NewReader(request), &answer) == nil {
			t.Errorf("%s: served", name)
		}
		if !strings.HasPrefix(answer.String(), "tidemark-noise/v1 refused ") || strings.Count(answer.String(), "\n") != 1 || answer.Len() > maxLine {
			t.Errorf("%s: answer %q", name, answer.String())
		}
		if _, err := Request(pair{&answer, io.Discard}, twoTables); err == nil {
			t.Errorf("%s: the parent took a refusal", name)
		}
	}
}

func TestServeReportsAnAnswerThatDoesNotGoOut(t *testing.T) {
	request := "tidemark-noise/v1 1\ngoogle 3600 450000 1\n"
	broken := errors.New("closed")
	if err := Serve(strings.NewReader(request), brokenWriter{broken}); !errors.Is(err, broken) {
		t.Errorf("have %v", err)
	}
}

type brokenWriter struct{ err error }

func (b brokenWriter) Write([]byte) (int, error) { return 0, b.err }

func TestRequestRefusesAnswers(t *testing.T) {
	ask := []Ask{{3600, 3600, 2, ""}}
	for name, answer := range map[string]string{
		"nothing":           "",
		"too few":           "tidemark-noise/v1 1\n5\n",
		"too many":          "tidemark-noise/v1 3\n5\n6\n7\n",
		"cut off":           "tidemark-noise/v1 2\n5\n",
		"cut off in a line": "tidemark-noise/v1 2\n5\n6",
		"goes on":           "tidemark-noise/v1 2\n5\n6\n7\n",
		"a float":           "tidemark-noise/v1 2\n5\n6.5\n",
		"minus zero":        "tidemark-noise/v1 2\n5\n-0\n",
		"too large":         "tidemark-noise/v1 2\n5\n9223372036854775808\n",
		"beyond 64 sigma":   "tidemark-noise/v1 2\n5\n-3841\n",
		"a refusal":         "tidemark-noise/v1 refused \"no\"\n",
	} {
		if _, err := Request(pair{strings.NewReader(answer), io.Discard}, ask); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	drawn, err := Request(pair{iotest.OneByteReader(strings.NewReader("tidemark-noise/v1 2\n-3840\n6\n")), io.Discard}, ask)
	if err != nil || fmt.Sprint(drawn) != "[[-3840 6]]" {
		t.Errorf("have %v, %v", drawn, err)
	}
	broken := errors.New("closed")
	if _, err := Request(pair{nil, brokenWriter{broken}}, ask); !errors.Is(err, broken) {
		t.Errorf("request that does not go out: %v", err)
	}
}

// A child whose noise is none would publish exact counts.
func TestRequestRefusesNoiseThatIsNone(t *testing.T) {
	const n = 200
	ask := []Ask{{3600, 90_000, n, ""}}
	for _, c := range []struct {
		value int64
		fine  bool
	}{{0, false}, {149, false}, {151, true}, {300, true}, {599, true}, {601, false}, {90_000 / 60, false}} {
		answer := fmt.Sprintf("tidemark-noise/v1 %d\n%s", n, strings.Repeat(fmt.Sprintln(c.value), n))
		_, err := Request(pair{strings.NewReader(answer), io.Discard}, ask)
		if (err == nil) != c.fine {
			t.Errorf("%d values of %d at sigma 300: %v", n, c.value, err)
		}
	}
}

func FuzzServe(f *testing.F) {
	f.Add([]byte("tidemark-noise/v1 2\ngoogle 3600 450000 3\nexact 3600 450000 3\n"))
	f.Add([]byte("tidemark-noise/v1 1\ngoogle 1099511627776 17179869184 1\n"))
	f.Add([]byte("tidemark-noise/v1 1\nexact 1 1 1\n"))
	f.Add([]byte("tidemark-noise/v1 65\n"))
	f.Fuzz(func(t *testing.T, request []byte) {
		var answer bytes.Buffer
		err := Serve(bytes.NewReader(request), &answer)
		first, _, _ := strings.Cut(answer.String(), "\n")
		if refused := strings.HasPrefix(first, header+" refused "); refused != (err != nil) {
			t.Fatalf("answer %q with error %v", first, err)
		}
		if err != nil {
			return
		}
		var want int
		if _, err := fmt.Sscanf(first, header+" %d", &want); err != nil || strings.Count(answer.String(), "\n") != want+1 {
			t.Fatalf("answer %q has %d lines", first, strings.Count(answer.String(), "\n"))
		}
	})
}

func FuzzRequest(f *testing.F) {
	f.Add([]byte("tidemark-noise/v1 2\n-12\n60\n"))
	f.Add([]byte("tidemark-noise/v1 refused \"no\"\n"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		drawn, err := Request(pair{bytes.NewReader(answer), io.Discard}, []Ask{{3600, 3600, 2, ""}})
		if err != nil {
			return
		}
		if again := fmt.Sprintf("tidemark-noise/v1 2\n%d\n%d\n", drawn[0][0], drawn[0][1]); again != string(answer) {
			t.Fatalf("took %q for %q", answer, again)
		}
	})
}
