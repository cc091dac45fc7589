package words

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Tongue names a language in this one: "es" is "Spanish". What has no name here is its tag.
func (l *Language) Tongue(tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	if namer := display.Tags(l.tag); namer != nil {
		if name := namer.Name(parsed); name != "" && parsed != language.Und {
			return name
		}
	}
	return tag
}
