package node

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	ma "github.com/multiformats/go-multiaddr"
	"go.yaml.in/yaml/v3"

	"tidemark/schema"
)

// Settings are what config.yaml holds.
type Settings struct {
	Slug     schema.Slug `yaml:"slug"`
	Title    string      `yaml:"title,omitempty"`    // the organisation's name; stays here
	Language string      `yaml:"language,omitempty"` // of the pages; empty: the browser's
	// Regions that the organisation says it serves, as its seat will show to the members.
	Regions  []schema.Code `yaml:"regions,omitempty"`
	Listen   string        `yaml:"listen,omitempty"`   // multiaddr to listen on; empty: none
	Announce []string      `yaml:"announce,omitempty"` // multiaddrs that other members dial
}

const configName = "config.yaml"

// ErrNoNode says that a folder holds no node yet.
var ErrNoNode = errors.New("no node in this folder")

func readSettings(dir string) (Settings, error) {
	var s Settings
	text, err := os.ReadFile(filepath.Join(dir, configName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, ErrNoNode
	}
	if err != nil {
		return s, fmt.Errorf("config: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("config %s: %w", configName, err)
	}
	return s, s.validate()
}

func (s Settings) write(dir string) error {
	text, err := yaml.Marshal(s)
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, configName), text, 0o600); err != nil {
		return fmt.Errorf("config: %w", err)
	}
	return nil
}

func (s Settings) validate() error {
	if _, err := schema.ParseSlug(string(s.Slug)); err != nil {
		return fmt.Errorf("config: %w", err)
	}
	for _, r := range s.Regions {
		if !r.Valid() {
			return fmt.Errorf("config region: want a code in snake_case, like m49_419")
		}
	}
	addresses := s.Announce
	if s.Listen != "" {
		addresses = append(addresses[:len(addresses):len(addresses)], s.Listen)
	}
	for _, a := range addresses {
		if _, err := ma.NewMultiaddr(a); err != nil {
			return fmt.Errorf("config address: want a multiaddr like /ip4/127.0.0.1/tcp/7461")
		}
		if strings.HasPrefix(a, "/dns") {
			return fmt.Errorf("config address: names are looked up in the open; give an IP address or an onion")
		}
	}
	return nil
}

// Config is what a node is opened with.
type Config struct {
	Dir    string
	Unlock Unlock
	// Vault is the socket of a vault that another process holds (node/vault/apart); empty:
	// this one opens DIR/vault by Unlock.
	Vault string
	Now   func() time.Time // nil: the machine's clock
	// Schedule is the moment up to which releases are carried out; nil: Now. A demonstration
	// lets a member stop in the past by it.
	Schedule func() time.Time
	Noise    []string // the command that draws noise; nil: this program's noise-child
	// Probe is the command that opens each store before this process does: a program that
	// ends as ProbeStore says. Damaged files end it instead of this one; nil: nobody does.
	Probe []string
	// Told hears of what the node does while it runs, one line each, no case values.
	Told func(string)
}

func (c *Config) defaults() {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Schedule == nil {
		c.Schedule = c.Now
	}
	if c.Told == nil {
		c.Told = func(string) {}
	}
}
