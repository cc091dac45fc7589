package wire

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"tidemark/schema"
)

var (
	languageForm = form[string]{itself, parseLanguage}
	serviceForm  = form[schema.Service]{writeService, parseService}
	trainingForm = form[schema.Training]{writeTraining, parseTraining}
	resourceForm = form[schema.Resource]{writeResource, parseResource}
)

// capacityLines say what a member offers (W41).
func capacityLines(p *page, c *schema.Capacity) {
	linkLines(p, &c.Link)
	field(p, "date", &c.Date, dateForm)
	repeated(p, "language", &c.Languages, schema.MaxLanguages, languageForm)
	repeated(p, "service", &c.Services, schema.MaxServices, serviceForm)
	needs := map[schema.Code]bool{}
	for _, s := range c.Services {
		p.require(!needs[s.Need], "service: two for one need")
		needs[s.Need] = true
	}
	repeated(p, "training", &c.Trainings, schema.MaxTrainings, trainingForm)
	repeated(p, "resource", &c.Resources, schema.MaxResources, resourceForm)
}

var languageSyntax = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{2,8}){0,2}$`)

func parseLanguage(s string) (string, error) {
	if !languageSyntax.MatchString(s) {
		return "", fmt.Errorf("want a tag in small letters as es or pt-br")
	}
	return s, nil
}

func writeService(s schema.Service) string {
	words := []string{string(s.Need), string(s.Room)}
	for _, region := range s.Regions {
		words = append(words, string(region))
	}
	return strings.Join(words, " ")
}

func parseService(line string) (s schema.Service, err error) {
	words := strings.Split(line, " ")
	if len(words) < 2 || len(words) > 2+schema.MaxServed {
		return s, fmt.Errorf("want a need, a state and at most %d regions", schema.MaxServed)
	}
	if s.Need, err = parseCode(words[0]); err != nil {
		return s, err
	}
	if s.Room = schema.Room(words[1]); !slices.Contains(schema.Rooms, s.Room) {
		return s, fmt.Errorf("want open, limited or full")
	}
	for _, word := range words[2:] {
		region, err := parseCode(word)
		if err != nil {
			return s, err
		}
		if slices.Contains(s.Regions, region) {
			return s, fmt.Errorf("a region is there twice")
		}
		s.Regions = append(s.Regions, region)
	}
	return s, nil
}

func writeTraining(t schema.Training) string {
	s := fmt.Sprintf("%s %s %s", t.Topic, t.Region, t.Quarter)
	if t.Town != "" {
		s += " " + t.Town
	}
	return s
}

func parseTraining(line string) (t schema.Training, err error) {
	words := strings.SplitN(line, " ", 4)
	if len(words) < 3 {
		return t, fmt.Errorf("want a topic, a region and a quarter")
	}
	if t.Topic, err = parseCode(words[0]); err != nil {
		return t, err
	}
	if t.Region, err = parseCode(words[1]); err != nil {
		return t, err
	}
	if t.Quarter, err = parseQuarter(words[2]); err != nil {
		return t, err
	}
	if len(words) == 4 {
		t.Town, err = parseWords(words[3])
	}
	return t, err
}

// linkSyntax has no user, no fragment and no name in other letters than a-z: what is read
// is where it leads.
var linkSyntax = regexp.MustCompile(`^https://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?(/[!$-;=?-Z_a-z~]*)?$`)

func writeResource(r schema.Resource) string { return r.Link + " " + r.Title }

func parseResource(line string) (r schema.Resource, err error) {
	link, title, _ := strings.Cut(line, " ")
	if len(link) > schema.MaxOfferLink || !linkSyntax.MatchString(link) {
		return r, fmt.Errorf("want an address as https://example.org/... of at most %d characters", schema.MaxOfferLink)
	}
	title, err = parseWords(title)
	return schema.Resource{Link: link, Title: title}, err
}

// parseWords reads a short text. Which characters may stand in it says W2: a sender gets
// that said of the line, not of the whole note.
func parseWords(s string) (string, error) {
	if err := checkCharacters(s); err != nil {
		return "", err
	}
	if s == "" || utf8.RuneCountInString(s) > schema.MaxOfferWords || strings.Join(strings.Fields(s), " ") != s {
		return "", fmt.Errorf("want 1 to %d characters with single blanks between words", schema.MaxOfferWords)
	}
	return s, nil
}
