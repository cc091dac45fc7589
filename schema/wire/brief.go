package wire

import (
	"fmt"
	"strings"

	"tidemark/schema"
)

// yesForm is a yes or a no.
var yesForm = form[bool]{
	func(yes bool) string {
		if yes {
			return "yes"
		}
		return "no"
	},
	func(s string) (bool, error) {
		if s != "yes" && s != "no" {
			return false, fmt.Errorf("want yes or no")
		}
		return s == "yes", nil
	},
}

func attestationLines(p *page, a *schema.Attestation) { field(p, "brief", &a.Brief, hashForm) }

func printingLines(p *page, r *schema.Printing) {
	field(p, "brief", &r.Brief, hashForm)
	field(p, "file", &r.File, hashForm)
}

func holdingLines(p *page, h *schema.Holding) {
	field(p, "case", &h.Case, hashForm)
	field(p, "expires", &h.Expires, dateForm)
}

func answerLines(p *page, a *schema.Answer) {
	field(p, "coalition", &a.Coalition, hashForm)
	field(p, "member", &a.Member, slugForm)
	field(p, "of", &a.Of, hashForm)
	field(p, "key", &a.Key, verifierForm)
	made := strings.HasPrefix(a.Key, string(schema.CoSigner)+"+") || strings.HasPrefix(a.Key, string(schema.CaseHolder)+"+")
	p.require(made, "key: want one of %s or %s", schema.CoSigner, schema.CaseHolder)
	field(p, "annex", &a.Annex, yesForm)
}

// onlyNamed wants lines, all of keys under one name.
func onlyNamed(name schema.Slug, lines []keyID) error {
	for _, l := range lines {
		if l.name != string(name) {
			return fmt.Errorf("signers: want keys named %s", name)
		}
	}
	return some(lines)
}
