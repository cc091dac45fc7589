package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/libp2p/go-libp2p/core/crypto"

	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/node/internal/badgerdb"
	"tidemark/node/link"
	"tidemark/node/mesh"
	"tidemark/node/vault"
	"tidemark/node/vault/apart"
	"tidemark/schema"
	"tidemark/schema/coalition"
)

// Unlock is how the vault is opened: a passphrase or a key file.
type Unlock = vault.Unlock

// Node is one member's open folder. Its methods may be called from several goroutines.
type Node struct {
	cfg      Config
	settings Settings
	key      crypto.PrivKey
	vault    vaultAPI
	feeds    *feeds.Store
	reads    *reader

	mu    sync.Mutex                   // one change of the coalition or the own feed at a time
	epoch uint64                       // the act whose network key the mesh runs under; under mu
	ended map[schema.Round]bool        // joint rounds in which nothing is left to do; under mu
	down  bool                         // it was to start anew and could not; under mu
	trial bool                         // the mesh runs under the next node key, which no act here names; under mu
	mesh  atomic.Pointer[mesh.Network] // while it runs; changed under mu, read by pages at any time

	netMu  sync.Mutex    // guards the file of network keys
	turned chan struct{} // an act was stored: look whether another key is due

	founded chan struct{} // closed by once when a coalition is founded or joined
	once    sync.Once

	attending  sync.Mutex           // one look at the desks at a time; guards told
	told       map[schema.Hash]bool // notes of which a refusal was told
	nudged     chan struct{}        // something is under way about others
	woken      chan struct{}        // something came for the own releases
	serving    sync.WaitGroup
	stopServe  context.CancelFunc
	complained string // of the schedule's last error
}

// ErrNoCoalition says that the node has neither founded nor joined one.
var ErrNoCoalition = errors.New("this node is in no coalition yet")

const (
	vaultName = "vault"
	feedsName = "feeds"
	keyName   = "node.key"
	pskName   = "network.psk"
)

// Init makes a folder for a new node: keys, an empty vault, an empty store of feeds.
func Init(cfg Config, s Settings) error {
	cfg.defaults()
	if err := s.validate(); err != nil {
		return err
	}
	if _, err := readSettings(cfg.Dir); !errors.Is(err, ErrNoNode) {
		return fmt.Errorf("init %s: there is a node already", cfg.Dir)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	if err := vault.Create(cfg.vault(), s.Slug, cfg.Unlock); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	return cfg.furnish(s)
}

// furnish puts what a folder needs beside the vault.
func (c *Config) furnish(s Settings) error {
	if _, err := link.CreateKey(filepath.Join(c.Dir, keyName)); err != nil {
		return err
	}
	return s.write(c.Dir) // last: a folder with a config.yaml is whole
}

// ProbeStore is what the child of Config.Probe does: it opens the store of which it reads
// on r, and returns how the process has to end.
func ProbeStore(r io.Reader) (exit int) { return badgerdb.Probe(r) }

func (c *Config) vault() vault.Config {
	return vault.Config{
		Dir: filepath.Join(c.Dir, vaultName), Now: c.Now,
		Noise: vault.NoiseChild{Command: c.Noise}, Probe: c.Probe,
	}
}

// Open opens a folder. It fails with vault.ErrLocked while another process holds it.
func Open(ctx context.Context, cfg Config) (*Node, error) {
	cfg.defaults()
	s, err := readSettings(cfg.Dir)
	if err != nil {
		return nil, err
	}
	n := &Node{
		cfg: cfg, settings: s, founded: make(chan struct{}), told: map[schema.Hash]bool{}, ended: map[schema.Round]bool{},
		nudged: make(chan struct{}, 1), woken: make(chan struct{}, 1), turned: make(chan struct{}, 1),
	}
	if err := n.open(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Node) open(ctx context.Context) (err error) {
	if err := n.openVault(ctx); err != nil {
		return err
	}
	if n.key, err = link.LoadKey(n.in(keyName)); err != nil {
		return err
	}
	n.reads = newReader(n.cfg.Now)
	n.feeds, err = feeds.Open(ctx, feeds.Config{Dir: n.in(feedsName), Probe: n.cfg.Probe, Verified: n.reads.hear})
	if err != nil {
		return err
	}
	n.reads.feeds = n.feeds
	if n.State() == nil {
		return nil
	}
	if err := n.vault.SetCodebook(n.feeds.Codebook()); err != nil {
		return err
	}
	return n.recover(ctx)
}

// openVault opens the vault, or finds the process that holds it. Nil stays nil on an error.
func (n *Node) openVault(ctx context.Context) error {
	if n.cfg.Vault == "" {
		v, err := vault.Open(n.cfg.vault(), n.cfg.Unlock)
		if err == nil {
			n.vault = v
		}
		return err
	}
	c, err := apart.Dial(ctx, n.cfg.Vault)
	if err != nil {
		return err
	}
	if c.Slug() != n.Slug() {
		return fmt.Errorf("vault apart: it is %s's, this folder %s's", c.Slug(), n.Slug())
	}
	n.vault = c
	return nil
}

// recover stores what the own feed file holds and the store of feeds has lost, gives the
// vault what others hold and it does not, and goes on with what was under way.
func (n *Node) recover(ctx context.Context) error {
	for parcel, err := range n.vault.Feed() {
		if err != nil {
			return err
		}
		err = n.keep(parcel)
		if errors.Is(err, gate.ErrEquivocation) {
			n.cfg.Told("the own feed is in dispute: two copies of this folder have said different things; the admins have to give this member a new key")
			break
		}
		if err != nil {
			return fmt.Errorf("own feed: %w", err)
		}
	}
	if err := n.adopt(ctx); err != nil {
		return fmt.Errorf("own feed: %w", err)
	}
	return n.attend(ctx)
}

// Close closes stores and network.
func (n *Node) Close() error {
	var errs []error
	n.rest()
	if network := n.mesh.Load(); network != nil {
		errs = append(errs, network.Close())
	}
	if n.feeds != nil {
		errs = append(errs, n.feeds.Close())
	}
	if n.vault != nil {
		errs = append(errs, n.vault.Close())
	}
	return errors.Join(errs...)
}

// Vault is where the cases rest.
func (n *Node) Vault() vaultAPI { return n.vault }

// Apart tells whether another process holds the vault.
func (n *Node) Apart() bool { return n.cfg.Vault != "" }

// Feeds is what is known of the coalition.
func (n *Node) Feeds() *feeds.Store { return n.feeds }

// Slug is the member's short name.
func (n *Node) Slug() schema.Slug { return n.settings.Slug }

// Settings are what config.yaml holds.
func (n *Node) Settings() Settings { return n.settings }

// State is the coalition, or nil before it is founded or joined.
func (n *Node) State() *coalition.State { return n.feeds.State() }

// Codebook is the coalition's, or the built-in one before there is a coalition.
func (n *Node) Codebook() *schema.Codebook {
	if cb := n.feeds.Codebook(); cb != nil {
		return cb
	}
	return schema.Incident()
}

// coalition is the state for work that needs one.
func (n *Node) coalition() (*coalition.State, error) {
	if st := n.State(); st != nil {
		return st, nil
	}
	return nil, ErrNoCoalition
}

// Unlocks tells whether a passphrase opens this node's vault.
func (n *Node) Unlocks(passphrase string) bool { return n.vault.Unlocks(passphrase) }
