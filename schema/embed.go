package schema

import (
	"embed"
	"fmt"
	"sync"
)

//go:embed codebook/incident*.json
var incidentFiles embed.FS

// Languages of the built-in codebook.
var Languages = []string{"en", "es", "fr", "ar"}

// Incident is the built-in codebook: attacks on defenders, their consequences, and what
// police, platforms and helpers did. The fault of a broken build is a panic.
var Incident = sync.OnceValue(func() *Codebook {
	text, err := incidentFiles.ReadFile("codebook/incident.json")
	if err != nil {
		panic(err)
	}
	cb, err := ParseCodebook(text)
	if err != nil {
		panic(err)
	}
	return cb
})

// IncidentLabels are the built-in codebook's words in one of Languages.
func IncidentLabels(language string) (*Labels, error) {
	text, err := incidentFiles.ReadFile("codebook/incident." + language + ".json")
	if err != nil {
		return nil, fmt.Errorf("labels: no language %.8q", language)
	}
	return ParseLabels(text, Incident())
}
