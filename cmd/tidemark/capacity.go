package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"go.yaml.in/yaml/v3"

	"tidemark/dashboard/view"
	"tidemark/node"
	"tidemark/schema"
	"tidemark/schema/wire"
)

type capacityCmd struct {
	Check   checkCapacityCmd   `cmd:"" help:"Read a file of what this organisation offers, and print what would be said. Says nothing."`
	Declare declareCapacityCmd `cmd:"" help:"Tell the coalition what this organisation offers. A later file takes the place of an earlier one."`
	Show    showCapacityCmd    `cmd:"" help:"What the members offer, and who has not said."`
}

// offerFile is a file of what an organisation offers.
type offerFile struct {
	Languages []string `yaml:"languages"`
	Services  []struct {
		Need    schema.Code   `yaml:"need"`
		State   schema.Room   `yaml:"state"`
		Regions []schema.Code `yaml:"regions"`
	} `yaml:"services"`
	Trainings []struct {
		Topic   schema.Code `yaml:"topic"`
		Region  schema.Code `yaml:"region"`
		Quarter string      `yaml:"quarter"`
		Town    string      `yaml:"town"`
	} `yaml:"trainings"`
	Resources []struct {
		Title string `yaml:"title"`
		Link  string `yaml:"link"`
	} `yaml:"resources"`
}

// maxOfferFile is more than the longest offer takes.
const maxOfferFile = 256 << 10

// readOffer reads a file strictly.
func readOffer(path string) (schema.Offer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return schema.Offer{}, err
	}
	if len(text) > maxOfferFile {
		return schema.Offer{}, fmt.Errorf("%d bytes, at most %d", len(text), maxOfferFile)
	}
	var f offerFile
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return schema.Offer{}, err
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return schema.Offer{}, fmt.Errorf("want one document")
	}
	return f.offer()
}

func (f offerFile) offer() (schema.Offer, error) {
	var o schema.Offer
	o.Languages = append(o.Languages, f.Languages...)
	for _, s := range f.Services {
		o.Services = append(o.Services, schema.Service{Need: s.Need, Room: s.State, Regions: append([]schema.Code(nil), s.Regions...)})
	}
	for i, t := range f.Trainings {
		quarter, err := schema.ParsePeriod(t.Quarter)
		if err != nil {
			return o, fmt.Errorf("training %d: %w", i+1, err)
		}
		o.Trainings = append(o.Trainings, schema.Training{Topic: t.Topic, Region: t.Region, Quarter: quarter, Town: t.Town})
	}
	for _, r := range f.Resources {
		o.Resources = append(o.Resources, schema.Resource{Title: r.Title, Link: r.Link})
	}
	return o, nil
}

type checkCapacityCmd struct {
	File string `arg:"" help:"The file." placeholder:"FILE.yaml"`
}

func (c *checkCapacityCmd) Run(a *app) error {
	o, err := readOffer(a.path(c.File))
	if err != nil {
		return fmt.Errorf("capacity check: %w", err)
	}
	return a.with(func(n *node.Node) error {
		lines, err := n.CheckOffer(o)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "Good. %s would say to every member, for as long as they keep it:\n\n%s", n.Slug(), lines)
		return nil
	})
}

type declareCapacityCmd struct {
	File string        `arg:"" help:"The file; tidemark capacity check reads it without saying anything." placeholder:"FILE.yaml"`
	Wait time.Duration `help:"How long to wait for the other members, if any is connected." default:"20s"`
}

func (c *declareCapacityCmd) Run(a *app) error {
	o, err := readOffer(a.path(c.File))
	if err != nil {
		return fmt.Errorf("capacity declare: %w", err)
	}
	return a.with(func(n *node.Node) error {
		said, err := n.WriteCapacity(a.ctx, o)
		if err != nil {
			return err
		}
		if err := n.SayCapacity(a.ctx, said, c.Wait); err != nil {
			return err
		}
		text, err := wire.Text(said)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "%s\nSaid, as number %d of this member's feed. It cannot be called back; what you declare next takes its place.\n", text, said.Sequence)
		return nil
	})
}

type showCapacityCmd struct{}

func (c *showCapacityCmd) Run(a *app) error {
	return a.reads(func(s *view.Snapshot) error {
		rows := s.APIOffers()
		if a.flags.JSON {
			return a.printJSON(rows)
		}
		printOffers(a.stdout, rows)
		return nil
	})
}

func printOffers(w io.Writer, rows []view.APIOffer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "MEMBER\tSAID ON\tWHAT\tSTATE\tWHERE")
	for _, row := range rows {
		if !row.Declared {
			fmt.Fprintf(t, "%s\thas not said\t\t\t\n", row.Member)
			continue
		}
		date := row.Date.String()
		if row.Old {
			date += " (old)"
		}
		fmt.Fprintf(t, "%s\t%s\tlanguages\t\t%s\n", row.Member, date, strings.Join(row.Languages, ", "))
		for _, s := range row.Services {
			fmt.Fprintf(t, "\t\t%s\t%s\t%s\n", s.Need, s.State, where(s.Regions))
		}
		for _, one := range row.Trainings {
			fmt.Fprintf(t, "\t\ttraining: %s\t%s\t%s\n", one.Topic, one.Quarter, strings.TrimSuffix(string(one.Region)+", "+one.Town, ", "))
		}
		for _, one := range row.Resources {
			fmt.Fprintf(t, "\t\t%s\t\t%s\n", one.Title, one.Link)
		}
	}
	t.Flush()
}

func where(regions []schema.Code) string {
	if len(regions) == 0 {
		return "everywhere it works"
	}
	words := make([]string, len(regions))
	for i, region := range regions {
		words[i] = string(region)
	}
	return strings.Join(words, ", ")
}
