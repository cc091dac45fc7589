package feeds

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"tidemark/node/gate"
	"tidemark/schema"
	"tidemark/schema/coalition"
	"tidemark/schema/wire"
)

// Proposals are the acts that lack lines, by their ids.
func (s *Store) Proposals() []gate.Draft {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ids := slices.SortedFunc(maps.Keys(s.drafts), func(a, b schema.Hash) int { return bytes.Compare(a[:], b[:]) })
	all := make([]gate.Draft, len(ids))
	for i, id := range ids {
		all[i] = s.drafts[id]
	}
	return all
}

// grown is a proposal with the lines of the copy that is stored, and what it still lacks.
func (s *Store) grown(a gate.Accepted) (raw []byte, p coalition.Proposal, err error) {
	raw = a.Raw()
	for _, d := range s.Proposals() {
		if d.ID == a.ID() {
			if raw, err = wire.Unite(d.Raw, raw); err != nil {
				return nil, p, fmt.Errorf("feeds: proposal: %w", gate.ErrStale)
			}
		}
	}
	if p, err = s.State().Draft(raw); err != nil {
		return nil, p, fmt.Errorf("feeds: proposal: %w", gate.ErrStale) // the log has gone on
	}
	return raw, p, nil
}

func (s *Store) putProposal(a gate.Accepted) error {
	raw, p, err := s.grown(a)
	if err != nil {
		return err
	}
	if p.Ready() {
		return fmt.Errorf("feeds: put: %w", gate.ErrGap) // it is an act by now: ask the gate again
	}
	if err := s.disk.commit([]change{{keyOfDraft(a.ID()), raw}}); err != nil {
		return fmt.Errorf("feeds: put: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draft(raw, p)
	return nil
}

// draft keeps a proposal in memory; s.mu is held.
func (s *Store) draft(raw []byte, p coalition.Proposal) {
	s.drafts[p.ID] = gate.Draft{ID: p.ID, Signed: p.Signed, Raw: raw}
	s.revision++
}

// overtaken lists the deletions of all proposals: an act has taken their place.
func (s *Store) overtaken() []change {
	var changes []change
	for _, d := range s.Proposals() {
		changes = append(changes, change{key: keyOfDraft(d.ID)})
	}
	return changes
}

// draftMark sums the proposals up for a vector.
func (s *Store) draftMark() DeskMark {
	var raws [][]byte
	for _, d := range s.Proposals() {
		raws = append(raws, d.Raw)
	}
	return markOfAll(raws)
}

const prefixDraft = "7proposal/"

func keyOfDraft(id schema.Hash) []byte { return append([]byte(prefixDraft), id[:]...) }
