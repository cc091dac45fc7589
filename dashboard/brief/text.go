package brief

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"
)

// Text is the writer's words by language tag. In a spec of one language it may stand as
// one string, which is kept under the empty tag until the spec is validated.
type Text map[string]string

// UnmarshalYAML reads a string, or a text for each language.
func (t *Text) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*t = Text{"": n.Value}
		return nil
	}
	var m map[string]string
	if err := n.Decode(&m); err != nil {
		return fmt.Errorf("line %d: want a text, or a text for each language", n.Line)
	}
	*t = m
	return nil
}

// MarshalYAML writes a text of one language as a string.
func (t Text) MarshalYAML() (any, error) {
	if s, alone := t[""]; alone && len(t) == 1 {
		return s, nil
	}
	return map[string]string(t), nil
}

// empty tells that nothing is said in any language.
func (t Text) empty() bool {
	for _, s := range t {
		if strings.TrimSpace(s) != "" {
			return false
		}
	}
	return true
}

// settled has one entry for each language that is there, normalised, without those that
// are blank.
func (t Text) settled(languages []string, longest int) (Text, error) {
	if t.empty() {
		return nil, nil
	}
	out := Text{}
	for tag, s := range t {
		if tag == "" {
			tag = languages[0]
		}
		if !slices.Contains(languages, tag) {
			return nil, fmt.Errorf("language %.8q: not one of the brief's", tag)
		}
		if _, twice := out[tag]; twice {
			return nil, fmt.Errorf("language %s: stands twice", tag)
		}
		s, err := settle(s, longest)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", tag, err)
		}
		if s != "" {
			out[tag] = s
		}
	}
	return out, nil
}

// settle brings a text into the one form that is signed: NFC, line feeds, no blank at the
// end of a line. Characters that could make it read otherwise than it stands are refused.
func settle(s string, longest int) (string, error) {
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("text: not UTF-8")
	}
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ", "\u00a0", " ").Replace(s)
	if len(s) > longest {
		return "", fmt.Errorf("text: %d bytes, at most %d", len(s), longest)
	}
	for _, r := range s {
		if r != '\n' && !printable(r) {
			return "", fmt.Errorf("text: character U+%04X, which does not print or turns the text around", r)
		}
	}
	lines := strings.Split(norm.NFC.String(s), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n"), nil
}

// printable lets the joiners through that Arabic, Persian and Indic words are written with.
func printable(r rune) bool {
	return unicode.IsPrint(r) || r == '\u200c' || r == '\u200d' || r == '\u202f'
}
