package wire

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tidemark/schema"
)

// capacityVectors are refusals of what a member says that it offers.
func capacityVectors() []vector {
	c := text(sampleCapacity())
	act := func(name, rule, reason, what, old, new string) vector {
		return bad(name, rule, reason, what, forced(edit(c, old, new), me))
	}
	refused := func(name, reason, what, old, new string) vector { return act(name, "W41", reason, what, old, new) }
	many := func(n int, line string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, line, i)
		}
		return b.String()
	}
	title := "Safer phones: a kit in Spanish and Quechua"
	return []vector{
		refused("capacity-language-capital", "small letters", "a language in capitals", "language es", "language ES"),
		refused("capacity-language-twice", "there twice", "a language twice", "language qu", "language es"),
		refused("capacity-languages-31", "at most 30", "31 languages", "language qu\nlanguage pt-br\n", many(30, "language es-%03d\n")),
		refused("capacity-service-twice", "two for one need", "two states of one service", "psychosocial open", "legal_aid open"),
		refused("capacity-service-state", "open, limited or full", "a state in free words", "psychosocial open", "psychosocial busy"),
		refused("capacity-service-bare", "want a need", "a service without its state", "psychosocial open", "psychosocial"),
		refused("capacity-service-code", "snake_case", "a need in free words", "psychosocial open", "Psycho-social open"),
		refused("capacity-service-region-twice", "twice", "a region twice", "m49_419 m49_021\n", "m49_419 m49_419\n"),
		refused("capacity-service-41-regions", "at most 40 regions", "41 regions of a service", " m49_419 m49_021\n", many(41, " r%d")+"\n"),
		refused("capacity-services-41", "at most 40", "41 services", "service psychosocial open\n", many(40, "service need_%d open\n")),
		refused("capacity-training-year", "want a quarter", "a training in a year", "2027-Q1", "2027"),
		refused("capacity-training-bare", "want a topic", "a training without its quarter", " 2027-Q1", ""),
		refused("capacity-training-blanks", "single blanks", "two blanks in a town", "San Aldo", "San  Aldo"),
		refused("capacity-trainings-41", "at most 40", "41 trainings", "training digital_security_advice m49_419 2027-Q1\n", many(40, "training topic_%d m49_419 2027-Q1\n")),
		refused("capacity-town-long", "1 to 100 characters", "a town of 101 characters", "San Aldo del Río", strings.Repeat("a", 101)),
		refused("capacity-resource-http", "want an address", "an address that is not encrypted", "https://", "http://"),
		refused("capacity-resource-script", "want an address", "an address that is a script", "https://example.org/kit?lang=es", "javascript:alert(1)"),
		refused("capacity-resource-user", "want an address", "an address that seems to lead elsewhere", "https://example.org/", "https://example.org@example.net/"),
		refused("capacity-resource-host", "want an address", "a host in letters that look like others", "https://example.org/", "https://exаmple.org/"),
		refused("capacity-resource-long", "at most 200", "an address of more than 200 characters", "?lang=es", "?"+strings.Repeat("a", 200)),
		refused("capacity-resource-untitled", "1 to 100 characters", "a resource without a title", " "+title, ""),
		refused("capacity-resource-twice", "there twice", "a resource twice", title+"\n", title+"\nresource https://example.org/kit?lang=es "+title+"\n"),
		refused("capacity-resources-21", "at most 20", "21 resources", title+"\n", title+"\n"+many(20, "resource https://example.org/%d Kit\n")),
		act("capacity-title-bidi", "W2", "does not print", "a title that turns its direction", "Safer", "Sa\u202efer"),
		act("capacity-date", "W19", "date", "a date of one digit", "date 2026-10-07", "date 2026-10-7"),
		act("capacity-lines-swapped", "W14", "end of the text", "a language after the services", "language pt-br\nservice legal_aid full m49_419 m49_021\n", "service legal_aid full m49_419 m49_021\nlanguage pt-br\n"),
		act("capacity-words", "W14", "end of the text", "a sentence after the last line", title+"\n", title+"\nplease call Ana\n"),
		bad("capacity-signed-by-another", "W9", "want the member", "signed by another member", forced(c, "amber-finch")),
	}
}

func drawCode(t *rapid.T) schema.Code {
	return schema.Code(rapid.StringMatching(`[a-z0-9]{1,9}(_[a-z0-9]{1,9}){0,2}`).Draw(t, "code"))
}

func drawCapacity(t *rapid.T) schema.Capacity {
	c := schema.Capacity{Link: drawLink(t), Date: drawDate(t)}
	words := rapid.StringMatching(`[A-Za-zÀ-Öأ-ي.,:!?0-9]{1,9}( [A-Za-z()é]{1,9}){0,4}`)
	for i := range rapid.IntRange(0, 4).Draw(t, "services") {
		s := schema.Service{Need: schema.Code(fmt.Sprintf("%s_%d", drawCode(t), i)), Room: rapid.SampledFrom(schema.Rooms).Draw(t, "room")}
		for k := range rapid.IntRange(0, 3).Draw(t, "regions") {
			s.Regions = append(s.Regions, schema.Code(fmt.Sprintf("%s_%d", drawCode(t), k)))
		}
		c.Services = append(c.Services, s)
		c.Languages = append(c.Languages, fmt.Sprintf("%s-%02d", rapid.StringMatching(`[a-z]{2,3}`).Draw(t, "language"), i))
		c.Trainings = append(c.Trainings, schema.Training{Topic: s.Need, Region: drawCode(t), Quarter: drawQuarter(t)})
		c.Resources = append(c.Resources, schema.Resource{Link: fmt.Sprintf("https://example.org/%d", i), Title: words.Draw(t, "title")})
		if rapid.Bool().Draw(t, "town") {
			c.Trainings[i].Town = words.Draw(t, "town")
		}
	}
	return c
}

// What cannot be read back is not written, whoever asks for it.
func TestOffersWithoutATextAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*schema.Capacity){
		"a title of two lines":      func(c *schema.Capacity) { c.Resources[0].Title = "a\nservice medical open" },
		"a title that turns":        func(c *schema.Capacity) { c.Resources[0].Title = "a\u202eb" },
		"a title that is no text":   func(c *schema.Capacity) { c.Resources[0].Title = "a\xff" },
		"a town that is not NFC":    func(c *schema.Capacity) { c.Trainings[0].Town = "Rio\u0301" },
		"a state with more in it":   func(c *schema.Capacity) { c.Services[0].Room = "open m49_005" },
		"a region of two":           func(c *schema.Capacity) { c.Services[0].Regions[0] = "m49_005 m49_015" },
		"a training of a year":      func(c *schema.Capacity) { c.Trainings[0].Quarter = schema.Period{Year: 2026} },
		"an address with its title": func(c *schema.Capacity) { c.Resources[0].Link = "https://example.org/ x" },
	} {
		c := sampleCapacity()
		spoil(&c)
		if text, err := Text(c); err == nil {
			t.Errorf("%s was written:\n%s", name, text)
		}
	}
}
