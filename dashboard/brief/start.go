package brief

import (
	"fmt"

	"tidemark/dashboard/words"
)

// Start is a brief with nothing in it but its template's headings, in the language in which
// it is begun.
func Start(template, title string, l *words.Language) (*Spec, error) {
	parts, ok := starts[template]
	if !ok {
		return nil, fmt.Errorf("brief: template: want one of %v", Templates)
	}
	s := &Spec{Title: Text{l.Tag: title}, Template: template, Languages: []string{l.Tag}}
	for i := range parts {
		heading := "## " + l.Say(fmt.Sprintf("brief.start.%s.%d", template, i+1))
		s.Blocks = append(s.Blocks, Block{Text: Text{l.Tag: heading}})
	}
	if err := s.validate(); err != nil {
		return nil, fmt.Errorf("brief: %w", err)
	}
	return s, nil
}

// starts are how many parts readers of each kind expect.
var starts = map[string]int{"statement": 2, "submission": 4, "letter": 3, "court": 3, "donor": 3}
