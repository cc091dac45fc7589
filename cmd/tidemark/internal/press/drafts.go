package press

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"filippo.io/age"

	"tidemark/dashboard"
	"tidemark/dashboard/brief"
	"tidemark/node"
)

// Drafts lie in the node's folder, each sealed to the member's own box key: a documented
// case may stand in one, and a laptop may be seized.
const (
	draftFolder = "briefs"
	draftEnding = ".age"
	maxDrafts   = 500
	maxDraft    = 16 << 20
)

var draftName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,47}$`)

func (p *Press) draftPath(name string) (string, error) {
	if !draftName.MatchString(name) {
		return "", dashboard.ErrNoDraft
	}
	return filepath.Join(p.Dir, draftFolder, name+draftEnding), nil
}

// Drafts lists the names of those that are kept, in order.
func (p *Press) Drafts() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(p.Dir, draftFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("briefs: %w", err)
	}
	var out []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), draftEnding); ok && draftName.MatchString(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// Draft opens one.
func (p *Press) Draft(name string) (d brief.Draft, err error) {
	path, err := p.draftPath(name)
	if err != nil {
		return d, err
	}
	sealed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return d, dashboard.ErrNoDraft
	}
	if err != nil {
		return d, fmt.Errorf("brief: %w", err)
	}
	key, err := age.ParseX25519Identity(p.Node.Vault().BoxIdentity())
	if err != nil {
		return d, fmt.Errorf("brief: box key: %w", err)
	}
	plain, err := age.Decrypt(bytes.NewReader(sealed), key)
	if err != nil {
		return d, fmt.Errorf("brief: the draft is damaged, or another member's: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(plain, maxDraft))
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		return d, fmt.Errorf("brief: the draft is damaged")
	}
	return d, nil
}

// Keep seals a draft and puts it in the place of the one before, all of it or nothing.
func (p *Press) Keep(name string, d brief.Draft) error {
	path, err := p.draftPath(name)
	if err != nil {
		return err
	}
	if all, err := p.Drafts(); err != nil || len(all) >= maxDrafts && !slices.Contains(all, name) {
		return fmt.Errorf("briefs: at most %d are kept: %w", maxDrafts, err)
	}
	to, err := age.ParseX25519Recipient(p.Node.Vault().BoxKey())
	if err != nil {
		return fmt.Errorf("brief: box key: %w", err)
	}
	plain, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("brief: %w", err)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return fmt.Errorf("brief: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return fmt.Errorf("brief: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("brief: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("brief: %w", err)
	}
	if err := node.ReplaceFile(path, sealed.Bytes()); err != nil {
		return fmt.Errorf("brief: %w", err)
	}
	return nil
}

// Drop deletes a draft.
func (p *Press) Drop(name string) error {
	path, err := p.draftPath(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("brief: %w", err)
	}
	return nil
}

// Verify is the package's Verify, for the pages.
func (p *Press) Verify(file, annex []byte, key, language string) (*brief.Report, error) {
	return Verify(file, annex, key, language)
}
