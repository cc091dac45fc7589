package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// file is a mapping as written: one YAML document, every key of which is listed here.
type file struct {
	Name       string                   `yaml:"name"`
	Codebook   string                   `yaml:"codebook"` // the name of the codebook it maps onto
	Format     string                   `yaml:"format"`   // csv, json, jsonl, xlsx
	Delimiter  string                   `yaml:"delimiter"`
	Encoding   string                   `yaml:"encoding"`
	Sheet      string                   `yaml:"sheet"`
	Path       string                   `yaml:"path"` // of the array in a JSON file: data.cases
	Header     int                      `yaml:"header"`
	BlankRow   string                   `yaml:"blank_row"` // end or skip
	Empty      []string                 `yaml:"empty"`
	Person     *personFile              `yaml:"person"`
	Case       caseFile                 `yaml:"case"`
	Date       dateFile                 `yaml:"date"`
	Dimensions map[string]dimensionFile `yaml:"dimensions"`
	Absent     map[string]string        `yaml:"absent"` // dimension -> code
}

type personFile struct {
	ID        string   `yaml:"id"`
	Composite []string `yaml:"composite"`
	Columns   []string `yaml:"columns"`
	Separator string   `yaml:"separator"`
	Missing   string   `yaml:"missing"` // refuse (the default) or case
	None      bool     `yaml:"none"`
}

type caseFile struct {
	ID        string   `yaml:"id"`
	Composite []string `yaml:"composite"`
}

type dateFile struct {
	Column  string   `yaml:"column"`
	Columns []string `yaml:"columns"`
	Formats []string `yaml:"formats"`
	Year    string   `yaml:"year"`
	Month   string   `yaml:"month"`
	Day     string   `yaml:"day"`
}

type dimensionFile struct {
	Column    string              `yaml:"column"`
	Columns   []string            `yaml:"columns"`
	Values    map[string][]string `yaml:"values"` // code -> spellings
	Flags     map[string]string   `yaml:"flags"`  // column of ticks or numbers -> code
	Separator string              `yaml:"separator"`
	Languages string              `yaml:"languages"` // between the labels of one value: "fr | en"
	Pick      string              `yaml:"pick"`
	Ignore    []string            `yaml:"ignore"`
	Default   string              `yaml:"default"`
	Unmapped  string              `yaml:"unmapped"`
	Constant  string              `yaml:"constant"`
}

const maxFile = 256 << 10

func readFile(text []byte) (*file, error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("%d bytes, at most %d", len(text), maxFile)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	f := &file{}
	if err := d.Decode(f); err != nil {
		return nil, quiet(err)
	}
	if err := d.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	return f, nil
}

var (
	lineOf     = regexp.MustCompile(`line ([0-9]+)`)
	unknownKey = regexp.MustCompile(`field ([a-z_]{1,20}) not found`)
)

// quiet keeps where the YAML is wrong and drops what stands there: somebody will hand
// in an export instead of a mapping.
func quiet(err error) error {
	text := err.Error()
	at := ""
	if m := lineOf.FindStringSubmatch(text); m != nil {
		at = "line " + m[1] + ": "
	}
	switch key := unknownKey.FindStringSubmatch(text); {
	case key != nil:
		return fmt.Errorf("yaml: %sunknown key %s", at, key[1])
	case strings.Contains(text, "not found in type"):
		return fmt.Errorf("yaml: %sunknown key", at)
	case strings.Contains(text, "already defined"):
		return fmt.Errorf("yaml: %sthe same key twice", at)
	case strings.Contains(text, "cannot unmarshal"):
		return fmt.Errorf("yaml: %sanother kind of value is expected here", at)
	case errors.Is(err, io.EOF):
		return errors.New("yaml: the file is empty")
	}
	return fmt.Errorf("yaml: %snot well formed", at)
}
