package planner

import (
	"fmt"

	"tidemark/aggregation/account"
	"tidemark/schema"
)

// Assumed is how many members a joint plan counts on by default, in a coalition of so
// many: those who contribute and keep their noise to themselves, and those of the others
// who may tell what they know.
func Assumed(members int) (honest, colluders int) { return (members + 1) / 2, max(1, members/6) }

// InMode is the plan with the same tables and charges in a mode; in joint mode, where it is
// not in it already, by the defaults for so many members.
func InMode(p schema.Plan, mode schema.Mode, members int) schema.Plan {
	if p.Mode == mode {
		return p
	}
	p.Mode, p.Noise, p.Honest, p.Colluders = mode, schema.GoogleNoise, 0, 0
	if mode == schema.Joint {
		p.Noise = schema.ExactNoise
		p.Honest, p.Colluders = Assumed(members)
	}
	return p
}

// Modes are what one plan promises in either mode, with the same tables at the same
// charges.
type Modes struct {
	Mode         schema.Mode // the plan's own
	Local, Joint Prospect
	Obstacle     Obstacle // why joint mode opens nothing, or cannot be
	Trust        Trust    // what joint mode rests on
}

// Obstacle is what keeps a coalition from joint mode.
type Obstacle string

// The obstacles.
const (
	TooFew Obstacle = "few"  // members: fewer than keepers, or than its sums need
	Unfit  Obstacle = "plan" // more cells than joint mode draws, or too little noise to split
)

// Trust is what joint mode rests on in a coalition of a size.
type Trust struct {
	Honest, Colluders int
	Least             int // contributions that are opened at least
	Keepers           int
	Open              int // keepers that together open everything
	Lying             int // keepers that may lie and get no second sum signed
	// Alone and Pair are what the plan's cap becomes if every other member colluded, when
	// a member's own share of the noise alone stands before its people; and for someone
	// known to two members, who moves the one sum twice.
	Alone, Pair schema.Charge
}

// TrustIn is what a joint plan rests on with so many keepers.
func TrustIn(p *schema.Plan, keepers int) Trust {
	t := Trust{Honest: p.Honest, Colluders: p.Colluders, Least: p.Honest + p.Colluders, Keepers: keepers}
	t.Open = schema.KeepersNeeded(t.Keepers)
	t.Lying = max(0, 2*t.Open-t.Keepers-1)
	t.Alone, t.Pair = p.Cap*schema.Charge(p.Honest), 4*p.Cap
	return t
}

// Own is the prospect in the plan's own mode, Other that in the other one.
func (m *Modes) Own() Prospect {
	if m.Mode == schema.Joint {
		return m.Joint
	}
	return m.Local
}

// Other is the prospect in the mode that the plan is not in.
func (m *Modes) Other() Prospect {
	if m.Mode == schema.Joint {
		return m.Local
	}
	return m.Joint
}

// Noise is how far a number of the coalition's sum is off in joint mode, for 1 in local
// mode: the root of 1/H, but for rounding up. 0: there is nothing to compare.
func (m *Modes) Noise() float64 {
	if m.Obstacle != "" || len(m.Joint.Report.Tables) == 0 {
		return 0
	}
	return m.Joint.Report.Tables[0].SD / m.Local.Report.Tables[0].SD
}

// Compare works out a plan's prospects in both modes, for typed sizes (people a quarter).
func Compare(cb *schema.Codebook, plan schema.Plan, sizes []int) (Modes, error) {
	members := len(sizes)
	local, joint := InMode(plan, schema.Local, members), InMode(plan, schema.Joint, members)
	m := Modes{Mode: plan.Mode, Trust: TrustIn(&joint, min(members, schema.MaxKeepers))}
	var err error
	if m.Local, err = Look(cb, local, sizes); err != nil {
		return Modes{}, fmt.Errorf("compare local: %w", err)
	}
	if members < max(m.Trust.Least, schema.MinKeepers) {
		m.Obstacle = TooFew
	} else if joint.Validate(cb) != nil {
		m.Obstacle = Unfit
	}
	if m.Obstacle != "" && plan.Mode != schema.Joint {
		return m, nil
	}
	if m.Joint, err = Look(cb, joint, sizes); err != nil {
		return Modes{}, fmt.Errorf("compare joint: %w", err)
	}
	return m, nil
}

// Words says what tells the modes apart, in sentences: pairs of local and joint.
func (m *Modes) Words() [][2]string {
	t, n := m.Trust, m.Local.Report.Members
	guess := func(c schema.Charge) string { return fmt.Sprintf("%.0f", account.BestGuess(c)) }
	limit := t.Alone / schema.Charge(t.Honest)
	return [][2]string{
		{fmt.Sprintf("Each member adds a noise of its own: %d in the sum.", n),
			fmt.Sprintf("One noise for all, shared out: as much as %.1f in the sum.", float64(n)/float64(t.Honest))},
		{"Each member's noisy tables are seen by all members.",
			"Nobody sees one member's tables, not even the coalition: only the sum is opened."},
		{"A number can be read without any one member.",
			"No member can be left out of a number; what one member adds is neither seen nor bounded."},
		{"Whoever released is added up; who is missing is named.",
			fmt.Sprintf("If fewer than %d members contribute, the period is missed: nothing is repeated.", t.Least)},
		{"It rests on nobody else: a member's noise protects its people.",
			fmt.Sprintf("It rests on others: at most %d of the contributors tell what they know, at most %d of %d keepers lie.", t.Colluders, t.Lying, t.Keepers)},
		{fmt.Sprintf("If all others colluded, a guess about one person would still be right %s times in 100 at most, over 12 months.", guess(limit)),
			fmt.Sprintf("If all others colluded, or %d keepers, it would be right up to %s times in 100, not %s.", t.Open, guess(t.Alone), guess(limit))},
		{fmt.Sprintf("About someone known to two members: %s times in 100.", guess(2*limit)),
			fmt.Sprintf("About someone known to two members: %s times in 100.", guess(t.Pair))},
	}
}

// OtherWords says in a sentence what the other mode would give.
func (m *Modes) OtherWords() string {
	switch {
	case m.Mode == schema.Joint && m.Obstacle != "":
		return "In local mode: " + m.Local.Report.Words()[0]
	case m.Obstacle == TooFew:
		return fmt.Sprintf("Joint mode is not possible: it wants %d members.", max(m.Trust.Least, schema.MinKeepers))
	case m.Obstacle == Unfit:
		return fmt.Sprintf("Joint mode is not possible with these tables: it draws %d cells at most, and no less noise than can be shared out.", schema.MaxJointCells)
	case m.Mode == schema.Joint:
		return fmt.Sprintf("In local mode, where each member's tables are seen, the same tables would be off by %.1f times as much. %s", 1/m.Noise(), m.Local.Report.Words()[0])
	}
	return fmt.Sprintf("In joint mode, where only the coalition's sum is seen, the same tables would be off by %.2f times as much. %s", m.Noise(), m.Joint.Report.Words()[0])
}
