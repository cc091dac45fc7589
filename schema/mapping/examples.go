package mapping

import "embed"

// Examples are the files under examples: a mapping per case system (NAME.yaml), and the
// codebooks that some of them map onto (NAME.codebook.json).
//
//go:embed examples
var Examples embed.FS
