package screen

import (
	"context"

	"tidemark/dashboard/view"
	"tidemark/node"
	"tidemark/schema"
)

// Governing is what waits to be decided.
func (s *Screen) Governing(ctx context.Context) (view.Governing, error) {
	out := view.Governing{Signer: s.Node.Vault().MemberKey(), Unagreed: s.Node.Unagreed()}
	for _, d := range s.Node.Proposals() {
		out.Proposals = append(out.Proposals, proposal(d))
	}
	status, err := s.Node.Status(ctx)
	if err != nil {
		return out, err
	}
	out.Alone = status.Alone
	if k := status.Key; k != nil {
		out.Key = view.NetworkKey{Act: k.Act, Since: k.Since, Next: k.Next, Held: k.Held}
	}
	if words, err := s.Node.InvitationWords(); err == nil { // else it is no admin
		out.Words = words
	}
	sight, err := s.Node.Sight()
	out.Releases = sight.Releases
	return out, err
}

// waiting is what the own releases wait for.
func (s *Screen) waiting(ctx context.Context) (view.Waiting, error) {
	status, err := s.Node.Status(ctx)
	if err != nil {
		return view.Waiting{}, err
	}
	out := view.Waiting{
		NewNodeKey: status.NewNodeKey, LacksKey: status.Key != nil && !status.Key.Held, Unagreed: s.Node.Unagreed(),
	}
	waits := s.Node.Waiting()
	if waits.Asked != nil {
		out.Asked = &view.Lines{Have: waits.Asked.Have, Need: waits.Asked.Need}
	}
	for _, d := range waits.Drawn {
		out.Drawn = append(out.Drawn, view.DrawnRelease{Period: d.Due.Period, Slot: d.Due.Slot, Lines: &view.Lines{Have: d.Lines.Have, Need: d.Lines.Need}})
	}
	return out, nil
}

func proposal(d node.Drafted) view.Proposal {
	return view.Proposal{Note: string(d.Note), Proposal: d.Proposal}
}

// Look says what a proposal is.
func (s *Screen) Look(note []byte) (view.Proposal, error) {
	d, err := s.Node.Look(note)
	return proposal(d), err
}

// Cosign adds this member's line.
func (s *Screen) Cosign(ctx context.Context, note []byte) (view.Adopted, error) {
	return adopted(s.Node.Cosign(ctx, note))
}

// Propose signs the next act.
func (s *Screen) Propose(ctx context.Context, change schema.Change) (view.Adopted, error) {
	return adopted(s.Node.Propose(ctx, change))
}

func adopted(d node.Drafted, err error) (view.Adopted, error) {
	return view.Adopted{Act: d.Proposal.Act.Version, Adopted: d.Adopted}, err
}

// Consent lets this member release by an adopted plan.
func (s *Screen) Consent(ctx context.Context, plan schema.Hash) error {
	return s.Node.Consent(ctx, plan)
}

// Admission is the change that seats who asks.
func (s *Screen) Admission(request []byte, words string, first schema.Period) (schema.Admit, error) {
	change, err := s.Node.AdmitRequest(request, words, first)
	return change, said(err)
}

// Invite is the invitation of a member that is seated: the node admits nobody for it.
func (s *Screen) Invite(ctx context.Context, request []byte, words string) ([]byte, error) {
	file, err := s.Node.Admit(ctx, request, words, schema.Period{})
	return file, said(err)
}

// NetworkKey makes a network key for an act of today.
func (s *Screen) NetworkKey(removed schema.Slug, days int) (schema.NetworkKey, error) {
	return s.Node.NewNetworkKey(removed, days)
}
