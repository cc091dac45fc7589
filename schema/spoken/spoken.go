package spoken

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/schema"
)

// Count is how many words stand for a hash: one for each of its first bytes, 64 bits.
const Count = 8

// Words are what is read out for a hash: lower case, divided by blanks.
func Words(h schema.Hash) string {
	var said []string
	for _, b := range h[:Count] {
		said = append(said, list[b])
	}
	return strings.Join(said, " ")
}

// Match tells whether what was typed are the words of a hash. Case does not matter, nor
// how the words are divided: by blanks, commas, full stops or hyphens. Nothing else is
// forgiven: a word that is nearly right is wrong.
func Match(typed string, h schema.Hash) bool {
	words := strings.FieldsFunc(strings.ToLower(typed), func(r rune) bool {
		return strings.ContainsRune(" \t\r\n,.-\u2010\u2011\u2013\u00a0", r)
	})
	return slices.Equal(words, strings.Fields(Words(h)))
}

// Invitation is what is hashed for the words of an invitation: which coalition it is to,
// and which admin gives it.
func Invitation(coalition schema.Hash, adminKey string) schema.Hash {
	return schema.HashOf(fmt.Appendf(nil, "tidemark/spoken-invitation/v1\ncoalition %s\nadmin %s\n", coalition, adminKey))
}
