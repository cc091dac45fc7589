package wire

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the vectors and the examples of SPEC.md")

const vectorDir = "testdata/vectors"

// vector is a file of vectorDir: lines "form", "rule", "expect", "what", a line "---",
// then the bytes to judge, up to the end of the file.
type vector struct {
	name   string
	form   string // note, charter, request, parcel or plan: what to read the bytes as
	rule   string // the rule of SPEC.md that decides
	expect string // ok, ok id and the note's id, unknown-signer, or invalid: and a part of our error
	what   string
	raw    []byte
}

func (v vector) file() []byte {
	head := fmt.Sprintf("form: %s\nrule: %s\nexpect: %s\nwhat: %s\n---\n", v.form, v.rule, v.expect, v.what)
	return append([]byte(head), v.raw...)
}

func parseVector(name string, file []byte) (vector, error) {
	head, raw, ok := bytes.Cut(file, []byte("\n---\n"))
	v := vector{name: name, raw: raw}
	n, err := fmt.Sscanf(string(head), "form: %s\nrule: %s\n", &v.form, &v.rule)
	_, rest, ok2 := strings.Cut(string(head), "\nexpect: ")
	v.expect, v.what, _ = strings.Cut(rest, "\nwhat: ")
	if !ok || !ok2 || n != 2 || err != nil {
		return v, fmt.Errorf("vector %s: malformed head", name)
	}
	return v, nil
}

func readVectors(t testing.TB) []vector {
	t.Helper()
	files, err := filepath.Glob(vectorDir + "/*.vector")
	must(t, err)
	var vs []vector
	for _, f := range files {
		file, err := os.ReadFile(f)
		must(t, err)
		v, err := parseVector(strings.TrimSuffix(filepath.Base(f), ".vector"), file)
		must(t, err)
		vs = append(vs, v)
	}
	return vs
}

func vectorRing(t testing.TB) Ring {
	t.Helper()
	file, err := os.ReadFile(vectorDir + "/ring")
	must(t, err)
	ring, err := NewRing(strings.Fields(string(file))...)
	must(t, err)
	return ring
}

// judge reads the bytes as the vector says and holds what is accepted to its promise:
// written again it is the same.
func (v vector) judge(ring Ring) error {
	switch v.form {
	case "plan":
		p, err := ParsePlan(string(v.raw))
		if err == nil && PlanText(p) != string(v.raw) {
			return errors.New("the plan is written differently")
		}
		return err
	case "parcel":
		return judgeParcel(v.raw)
	}
	open := map[string]func([]byte) (Verified, error){
		"note":    func(raw []byte) (Verified, error) { return Verify(raw, ring) },
		"charter": OpenCharter,
		"request": OpenRequest,
	}[v.form]
	n, err := open(v.raw)
	if err != nil {
		return err
	}
	if id, told := strings.CutPrefix(v.expect, "ok id "); told && n.ID().String() != id {
		return errors.New("another id")
	}
	return judgeVerified(n, v.raw)
}

func judgeVerified(n Verified, raw []byte) error {
	again, err := Text(n.Body())
	if err != nil || !strings.HasPrefix(string(raw), again+"\n") {
		return fmt.Errorf("the text is written differently: %w", err)
	}
	if n.ID() != hash(again) || !bytes.Equal(n.Raw(), raw) {
		return errors.New("another id or other bytes")
	}
	return nil
}

func judgeParcel(raw []byte) error {
	notes, err := Unpack(raw)
	if err != nil {
		return err
	}
	if again, err := Pack(notes...); err != nil || !bytes.Equal(again, raw) {
		return fmt.Errorf("the parcel is packed differently: %w", err)
	}
	return nil
}

func TestVectors(t *testing.T) {
	ring := vectorRing(t)
	vs := readVectors(t)
	if len(vs) < 60 {
		t.Errorf("%d vectors", len(vs))
	}
	for _, v := range vs {
		t.Run(v.name, func(t *testing.T) {
			err := v.judge(ring)
			reason, refused := strings.CutPrefix(v.expect, "invalid: ")
			switch {
			case strings.HasPrefix(v.expect, "ok") && err != nil:
				t.Errorf("refused: %v", err)
			case v.expect == "unknown-signer" && !errors.Is(err, ErrUnknownSigner):
				t.Errorf("have %v", err)
			case refused && (err == nil || errors.Is(err, ErrUnknownSigner)):
				t.Errorf("have %v", err)
			case refused && !strings.Contains(err.Error(), reason):
				t.Errorf("refused for another reason: %v", err)
			}
		})
	}
}

// The files are what others test with; this keeps them what the code here would write.
func TestVectorFilesAreCurrent(t *testing.T) {
	want := map[string][]byte{
		"ring":           []byte(strings.Join(ringKeys(), "\n") + "\n"),
		".gitattributes": []byte("* -text\n"),
	}
	for _, v := range vectors() {
		if want[v.name+".vector"] != nil {
			t.Errorf("two vectors %s", v.name)
		}
		want[v.name+".vector"] = v.file()
	}
	if *update {
		must(t, os.RemoveAll(vectorDir))
		must(t, os.MkdirAll(vectorDir, 0o755))
		for name, file := range want {
			must(t, os.WriteFile(filepath.Join(vectorDir, name), file, 0o644))
		}
	}
	entries, err := os.ReadDir(vectorDir)
	must(t, err)
	for _, e := range entries {
		have, err := os.ReadFile(filepath.Join(vectorDir, e.Name()))
		must(t, err)
		if !bytes.Equal(have, want[e.Name()]) {
			t.Errorf("%s is not what the code writes", e.Name())
		}
		delete(want, e.Name())
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
}
