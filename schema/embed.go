package schema

import (
	_ "embed"
	"sync"
)

//go:embed codebook/incident.json
var incidentJSON []byte

// Incident is the built-in codebook: attacks on defenders, their consequences, and what
// police, platforms and helpers did. The fault of a broken build is a panic.
var Incident = sync.OnceValue(func() *Codebook {
	cb, err := ParseCodebook(incidentJSON)
	if err != nil {
		panic(err)
	}
	return cb
})
