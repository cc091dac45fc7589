package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"tidemark/dashboard/brief"
	"tidemark/node"
	"tidemark/node/archive"
	"tidemark/node/control"
	"tidemark/node/vault"
	"tidemark/node/vault/apart"
	"tidemark/schema/coalition"
)

// Exit statuses.
const (
	exitDone    = 0
	exitRefused = 1 // refused, or a problem found
	exitUsage   = 2
)

// app is what a command may touch.
type app struct {
	ctx            context.Context
	cwd            string
	stdin          *os.File // nil in a node that answers over its socket
	stdout, stderr io.Writer
	flags          *flags
	shared         *node.Node    // the running node; nil: a command opens the folder itself
	own            *vault.Vault  // the vault of a process that holds nothing else
	link           func() string // a fresh way into the running node's pages; nil: it has none
}

// flags are the whole command line.
type flags struct {
	Dir            string `help:"The node's folder." env:"TIDEMARK_DIR" placeholder:"DIR"`
	PassphraseFile string `help:"Read the vault's passphrase from a file." env:"TIDEMARK_PASSPHRASE_FILE" placeholder:"FILE"`
	JSON           bool   `name:"json" help:"Print JSON, for programs."`

	Open      openCmd      `cmd:"" default:"withargs" help:"Open the pages: of the node that runs, of one that is started, or those that make a new one. What tidemark does without a command."`
	Demo      demoCmd      `cmd:"" help:"Twelve fictional members on this machine."`
	Init      initCmd      `cmd:"" help:"Make a new node."`
	Coalition coalitionCmd `cmd:"" help:"Found, ask, admit, join."`
	Plan      planCmd      `cmd:"" help:"What the coalition has agreed to release."`
	Cases     casesCmd     `cmd:"" help:"This organisation's own cases. They stay here."`
	Release   releaseCmd   `cmd:"" help:"What leaves this node."`
	Capacity  capacityCmd  `cmd:"" help:"What this organisation offers to people who ask, and what the others do."`
	Vault     vaultCmd     `cmd:"" help:"Hold the vault alone, in a process without a network, for a node that runs elsewhere on this machine."`
	Run       runCmd       `cmd:"" help:"Run the node: network, schedule and pages."`
	Dashboard dashboardCmd `cmd:"" help:"Print a fresh link into the pages of the running node."`
	Trends    trendsCmd    `cmd:"" help:"What the coalition sees."`
	Changes   changesCmd   `cmd:"" help:"What has changed since the period before."`
	Brief     briefCmd     `cmd:"" help:"Joint briefs, whose every figure can be checked again."`
	Bundle    bundleCmd    `cmd:"" help:"The same notes on a stick or by e-mail."`
	NodeKey   nodeKeyCmd   `cmd:"" help:"Make another node key, for the admins to put in the place of this one."`
	Backup    backupCmd    `cmd:"" help:"Write all that rebuilds this node into one encrypted file."`
	Restore   restoreCmd   `cmd:"" help:"Make a node anew: from a backup, or from its recovery sheet."`
	Sheet     sheetCmd     `cmd:"" help:"Write the recovery sheet: the keys on one page, to be printed and put into a safe."`
	Status    statusCmd    `cmd:"" help:"How this node stands."`
	Version   versionCmd   `cmd:"" help:"The version."`
}

// execute parses and runs, and returns the exit status.
func (a *app) execute(args []string) int {
	a.flags = &flags{}
	exit := -1
	parser, err := kong.New(a.flags, kong.Name("tidemark"), kong.Writers(a.stdout, a.stderr),
		kong.Description("Federated threat trends for organisations that protect women human rights defenders."),
		kong.Exit(func(code int) { exit = code }), kong.UsageOnError(),
		kong.Vars{"pages": defaultPages, "notice": strconv.Itoa(node.KeyNotice)})
	if err != nil {
		return a.fail(err)
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		fmt.Fprintf(a.stderr, "tidemark: %v\nSee tidemark --help.\n", err)
		return exitUsage
	}
	if a.shared != nil && alone(parsed.Command()) {
		return a.fail(fmt.Errorf("%s: a running node does not do that for others", parsed.Command()))
	}
	if a.own != nil && !strings.HasPrefix(parsed.Command(), "cases ") {
		return a.fail(fmt.Errorf("%s: this process holds the vault alone and does cases only", parsed.Command()))
	}
	if a.shared == nil && a.own == nil && !alone(parsed.Command()) {
		call := control.Call{Args: args, Cwd: a.cwd}
		code, err := control.Do(a.ctx, a.dir(), call, a.stdout, a.stderr)
		if !errors.Is(err, control.ErrNotRunning) {
			if err != nil {
				return a.fail(err)
			}
			return code
		}
	}
	if err := parsed.Run(a); err != nil {
		return a.fail(err)
	}
	return exitDone
}

// alone tells commands that have no use for a running node, or that it must not carry out.
func alone(command string) bool {
	if strings.HasPrefix(command, "brief verify") || strings.HasPrefix(command, "brief new") {
		return true
	}
	verb, _, _ := strings.Cut(command, " ")
	return slices.Contains([]string{"open", "demo", "init", "vault", "run", "restore", "sheet", "version"}, verb)
}

// fail prints one line and a hint where there is one.
func (a *app) fail(err error) int {
	fmt.Fprintf(a.stderr, "tidemark: %v\n", err)
	if hint := hintFor(err); hint != "" {
		fmt.Fprintf(a.stderr, "  %s\n", hint)
	}
	return exitRefused
}

// hints say what to do next, in one place.
var hints = []struct {
	err  error
	hint string
}{
	{node.ErrNoNode, "Make one with: tidemark --dir DIR init"},
	{node.ErrNoCoalition, "Found one with: tidemark coalition create, or ask for an invitation: tidemark coalition request -o FILE"},
	{coalition.ErrGap, "Synchronise first: run the node, or import a bundle from a member."},
	{coalition.ErrOld, "Another act has taken its place in the log: propose it anew."},
	{node.ErrWords, "Hear them once more, by voice or in person. If they still differ, stop: somebody may have put another file in its place."},
	{errNotRunning, "Start it with: tidemark run"},
	{vault.ErrPassphrase, "Check the passphrase; nothing was changed. There is no way around it."},
	{vault.ErrLocked, "Another tidemark holds this folder. Stop it, or use the one that runs."},
	{vault.ErrDisk, "Make room on this disk; nothing was lost and nothing was written."},
	{vault.ErrTooEarly, "The slot is fixed by the plan; it comes by itself while `tidemark run` runs."},
	{vault.ErrTooFew, "Nobody draws real cases before three active members; admit them first."},
	{vault.ErrCap, "The charge would pass the cap of 12 months. It frees itself as old releases grow older than a year."},
	{brief.ErrLoose, "Write them into it: tidemark brief pin SPEC.yaml"},
	{vault.ErrApart, "Cases: type it where the vault is, tidemark --dir VAULT-FOLDER cases ... Everything else: stop both processes and type it on the whole folder."},
	{apart.ErrNotJoined, "Agree to its plan on the whole folder, with both processes stopped: tidemark plan agree"},
	{vault.ErrUnconfirmed, "They have been asked. Run the command again when they are connected, or carry the question to them: tidemark bundle export FILE, and import what comes back."},
	{vault.ErrConsent, "Read what it changes, and agree or leave: tidemark plan agree"},
	{vault.ErrBehind, "Take in what the others hold: stay connected, or import a bundle from any member. If another copy of this folder is at work, stop one of them for good."},
	{vault.ErrLost, "Another copy of this folder has announced a release, or this folder came back from a backup. If the other copy is at work, use that one. If its bytes are lost for good: tidemark release void PERIOD --lost."},
	{archive.ErrDamaged, "Use another copy of the backup. Nothing of this one was kept."},
	{vault.ErrSheet, "Compare it with the paper. The last five letters of a line check the others; blanks and case do not matter."},
	{node.ErrNotEmpty, "Give a new or an empty folder with --dir. To replace a node, stop it and move its folder away; do not delete it yet."},
	{vault.ErrJournal, "Do not delete anything. Restore the folder from its backup, or ask your coalition's admin."},
}

func hintFor(err error) string {
	for _, h := range hints {
		if errors.Is(err, h.err) {
			return h.hint
		}
	}
	return ""
}

// dir is the folder: the flag, the environment, or the user's own data folder.
func (a *app) dir() string {
	if a.flags.Dir != "" {
		return a.path(a.flags.Dir)
	}
	base, err := os.UserConfigDir()
	if err != nil {
		base = "."
	}
	return filepath.Join(base, "tidemark")
}

// path makes a typed path absolute from where it was typed.
func (a *app) path(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(a.cwd, p)
}

// open returns the node and what releases it again.
func (a *app) open() (*node.Node, func(), error) {
	if a.shared != nil {
		return a.shared, func() {}, nil
	}
	unlock, err := a.unlock(false)
	if err != nil {
		return nil, nil, err
	}
	return a.openNode(node.Config{Unlock: unlock})
}

// openNode opens the folder's node; cfg says where the vault is.
func (a *app) openNode(cfg node.Config) (*node.Node, func(), error) {
	cfg.Dir, cfg.Told, cfg.Now, cfg.Probe = a.dir(), a.tell, clock, probe()
	n, err := node.Open(a.ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	return n, func() { a.warn(n.Close()) }, nil
}

func (a *app) tell(line string) { fmt.Fprintln(a.stderr, line) }

func (a *app) warn(err error) {
	if err != nil {
		a.tell("tidemark: " + err.Error())
	}
}

// with runs f on the open node.
func (a *app) with(f func(*node.Node) error) error {
	n, done, err := a.open()
	if err != nil {
		return err
	}
	defer done()
	return f(n)
}

// unlock asks for the passphrase, twice for a new one, or reads it from the file.
func (a *app) unlock(fresh bool) (node.Unlock, error) {
	if f := a.flags.PassphraseFile; f != "" {
		text, err := os.ReadFile(a.path(f))
		if err != nil {
			return node.Unlock{}, fmt.Errorf("passphrase: %w", err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		return node.Unlock{Passphrase: strings.TrimRight(line, "\r"), WorkFactor: workFactor}, nil
	}
	if a.stdin == nil || !term.IsTerminal(int(a.stdin.Fd())) {
		return node.Unlock{}, fmt.Errorf("passphrase: no terminal to ask on; use --passphrase-file")
	}
	first, err := a.ask("Passphrase: ")
	if err != nil || !fresh {
		return node.Unlock{Passphrase: first}, err
	}
	again, err := a.ask("Once more: ")
	if err == nil && again != first {
		err = fmt.Errorf("passphrase: the two differ")
	}
	return node.Unlock{Passphrase: first}, err
}

// typed asks for a line that may be seen, where there is somebody to ask.
func (a *app) typed(prompt string) (string, error) {
	if a.stdin == nil || !term.IsTerminal(int(a.stdin.Fd())) {
		return "", fmt.Errorf("words: no terminal to ask on; use --words")
	}
	fmt.Fprint(a.stderr, prompt)
	line, err := bufio.NewReader(a.stdin).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("words: %w", err)
	}
	return line, nil
}

func (a *app) ask(prompt string) (string, error) {
	fmt.Fprint(a.stderr, prompt)
	b, err := term.ReadPassword(int(a.stdin.Fd()))
	fmt.Fprintln(a.stderr)
	return string(b), err
}

// show prints v as JSON if that was asked for, else what text writes.
func (a *app) show(v any, text func(io.Writer)) error {
	if !a.flags.JSON {
		text(a.stdout)
		return nil
	}
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
