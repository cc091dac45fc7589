package gate_test

import (
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"tidemark/node/feeds"
	"tidemark/node/gate"
	"tidemark/node/nodetest"
	"tidemark/schema"
	"tidemark/schema/wire"
)

// kept is a coalition of six in joint mode, of whom five keep, with the notes of its first
// round, which sums three members at least; of the keepers four agree and open. The store
// knows the acts and the declarations.
type kept struct {
	scene
	*nodetest.Round
	given, lists [][]byte
}

func newKept(t testing.TB) *kept {
	t.Helper()
	c := nodetest.NewJoint(t, 6, 5)
	k := &kept{scene: scene{c, c.Store(t), c.Members[0]}, Round: c.Round(t, nodetest.Quarter(0))}
	for i, m := range c.Members {
		k.accept(t, m.Declare(t))
		k.given = append(k.given, k.Give(t, m, int64(i)))
	}
	for _, m := range k.KeptBy() {
		k.lists = append(k.lists, k.List(t, m, k.given...))
	}
	return k
}

func (k *kept) member(i int) *nodetest.Member { return k.Coalition.Members[i] }

// takes lets the store accept all these.
func (k *kept) takes(t *testing.T, raws ...[]byte) {
	t.Helper()
	for _, raw := range raws {
		k.accept(t, raw)
	}
}

// agreement is what the first lists allow, by so many keepers.
func (k *kept) agreement(t testing.TB, lists int, signers ...int) []byte {
	t.Helper()
	return k.signed(t, k.Propose(t, k.lists[:lists]...), signers...)
}

func (k *kept) signed(t testing.TB, a schema.Agreement, signers ...int) []byte {
	t.Helper()
	var by []*wire.Signer
	for _, i := range signers {
		by = append(by, k.member(i).Signer)
	}
	return nodetest.Sign(t, a, by...)
}

func (k *kept) sum(t testing.TB, keeper int, agreement []byte) []byte {
	t.Helper()
	return k.Sum(t, k.member(keeper), agreement, k.given...)
}

// onDesks counts the notes of joint rounds that lie on the desks.
func (k *kept) onDesks() (count int) {
	for _, d := range k.store.Desks() {
		count += len(d.Joint)
	}
	return count
}

// A round from the keepers' keys to the last sum: everything is taken once, what comes after
// the first sum is stale, and the last sum leaves nothing on the desks.
func TestARoundGoesThroughTheGate(t *testing.T) {
	k := newKept(t)
	for _, m := range k.KeptBy() {
		k.takes(t, k.Key(m))
	}
	k.takes(t, k.given...)
	k.takes(t, k.lists...)
	whole := k.agreement(t, 5, 0, 1, 2, 3)
	k.takes(t, k.agreement(t, 5, 0), k.agreement(t, 5, 1), whole)
	if n := k.onDesks(); n != 5+6+5+1 {
		t.Errorf("%d notes lie on the desks", n)
	}
	for i := range 5 {
		a := k.accept(t, k.sum(t, i, whole))
		if a.Kind() != gate.Parcel || a.Place().Kind != schema.KindSum || a.Place().Intent != nodetest.IDOf(whole) {
			t.Errorf("%s of %s", a.Kind(), a.Place().Kind)
		}
		k.wants(t, gate.ErrStale, k.signed(t, k.Propose(t, k.lists[:4]...), 4))
	}
	if n := k.onDesks(); n != 0 {
		t.Errorf("%d notes are left", n)
	}
	for _, raw := range [][]byte{k.Key(k.member(0)), k.given[5], k.lists[0], whole} {
		k.wants(t, gate.ErrStale, raw)
	}
}

// Each kind of note is early until its moment.
func TestNotesOfARoundComeInTheirTime(t *testing.T) {
	k := newKept(t)
	slot, day := k.Plan().SlotOf(k.Period), 24*time.Hour
	whole := k.agreement(t, 5, 0, 1, 2, 3)
	for name, c := range map[string]struct {
		raw  []byte
		from time.Time
	}{
		"a key":          {k.Key(k.member(0)), k.Period.End().Time().Add(-schema.KeysLead * day)},
		"a contribution": {k.given[0], k.Period.End().Time().Add(day)},
		"a list":         {k.lists[0], slot},
		"an agreement":   {whole, slot},
		"a sum":          {k.sum(t, 0, whole), slot},
	} {
		if _, err := gate.Check(k.store, c.raw, c.from.Add(-gate.Skew-time.Second)); !errors.Is(err, gate.ErrEarly) {
			t.Errorf("%s before its time: %v", name, err)
		}
		if _, err := gate.Check(k.store, c.raw, c.from.Add(-gate.Skew)); err != nil {
			t.Errorf("%s in its time: %v", name, err)
		}
	}
}

func (k *kept) Plan() *schema.Plan { return &k.Coalition.Plan }

// Notes of rounds that this coalition does not hold.
func TestNotesOfForeignRounds(t *testing.T) {
	k := newKept(t)
	for name, c := range map[string]struct {
		want  error
		spoil func(*schema.Round)
	}{
		"another coalition":            {gate.ErrInvalid, func(r *schema.Round) { r.Coalition[0]++ }},
		"another plan":                 {gate.ErrUnknown, func(r *schema.Round) { r.Plan[0]++ }},
		"a period before the plan's":   {gate.ErrUnknown, func(r *schema.Round) { r.Period = nodetest.Quarter(-1) }},
		"a year, which draws no table": {gate.ErrInvalid, func(r *schema.Round) { r.Period = schema.Period{Year: 2025} }},
		"a period to come":             {gate.ErrEarly, func(r *schema.Round) { r.Period = nodetest.Quarter(6) }},
	} {
		r := k.Joint.Round
		c.spoil(&r)
		contribution, held, key := k.Contribution(t, k.member(0), 1), k.Held(t, k.member(0)), schema.KeeperKey{Keeper: k.member(0).Slug, Made: nodetest.Now, Key: make([]byte, schema.KeeperKeySize)}
		agreement := k.Propose(t, k.lists...)
		contribution.Round, held.Round, key.Round, agreement.Round = r, r, r, r
		for _, body := range []schema.Body{contribution, held, key, agreement} {
			t.Run(name+": "+string(body.Kind()), func(t *testing.T) {
				k.wants(t, c.want, nodetest.Sign(t, body, k.member(0).Signer))
			})
		}
	}
}

// Of one author's key and contribution for a round the first stays; a list is not taken twice.
func TestOneOfEachKindFromEachAuthor(t *testing.T) {
	k := newKept(t)
	again := nodetest.Sign(t, schema.KeeperKey{Round: k.Joint.Round, Keeper: k.member(0).Slug, Made: nodetest.Now, Key: make([]byte, schema.KeeperKeySize)}, k.member(0).Signer)
	for _, c := range []struct{ first, second []byte }{
		{k.Key(k.member(0)), again},
		{k.given[0], k.Give(t, k.member(0), 99)},
		{k.lists[0], k.lists[0]},
	} {
		k.accept(t, c.first)
		k.wants(t, gate.ErrStale, c.second)
		k.wants(t, gate.ErrStale, c.first)
		body := Must(wire.Peek(c.first)).(schema.InRound)
		if note, ok := k.store.Desk(k.member(0).Slug).Note(body.In(), body.Kind()); !ok || note.ID() != nodetest.IDOf(c.first) {
			t.Errorf("%s: the first has not stayed", body.Kind())
		}
	}
}

// Contributions come from who has part in the round, at the plan's charge, in the plan's
// size, with shares for its keepers in their order.
func TestContributionsThatAreRefused(t *testing.T) {
	k := newKept(t)
	late := k.AdmitOn(t, k.Period.End()-2) // after the roster was settled
	k.accept(t, k.State.Log()[k.State.Roster().Version])
	with := func(spoil func(*schema.Contribution)) []byte {
		c := k.Contribution(t, k.member(5), 1)
		spoil(&c)
		return nodetest.Sign(t, c, k.member(5).Signer)
	}
	other := k.Contribution(t, k.member(5), 1)
	other.Member = late.Slug
	for name, c := range map[string]struct {
		want error
		raw  []byte
	}{
		"nothing spoiled":                 {nil, with(func(*schema.Contribution) {})},
		"a keeper that had no key":        {nil, with(func(c *schema.Contribution) { c.Shares = c.Shares[1:] })},
		"a member without part in it":     {gate.ErrUnknown, nodetest.Sign(t, other, late.Signer)},
		"another charge":                  {gate.ErrInvalid, with(func(c *schema.Contribution) { c.Charge-- })},
		"shares that are longer":          {gate.ErrInvalid, with(sized(1))},
		"shares that are shorter":         {gate.ErrInvalid, with(sized(-1))},
		"shares for another order":        {gate.ErrUnknown, with(func(c *schema.Contribution) { slices.Reverse(c.Shares) })},
		"a share for who keeps nothing":   {gate.ErrUnknown, with(func(c *schema.Contribution) { c.Shares[4].Keeper = k.member(5).Slug })},
		"fewer shares than open anything": {gate.ErrUnknown, with(func(c *schema.Contribution) { c.Shares = c.Shares[:3] })},
	} {
		t.Run(name, func(t *testing.T) { k.wants(t, c.want, c.raw) })
	}
	k.accept(t, k.ActOn(t, schema.DateOf(nodetest.Now)-1, schema.Suspend{Member: k.member(5).Slug}))
	k.wants(t, gate.ErrSuspended, k.given[5])
	k.accept(t, k.ActOn(t, schema.DateOf(nodetest.Now), schema.Remove{Member: k.member(0).Slug}))
	k.wants(t, gate.ErrSuspended, k.Key(k.member(0)))
}

// sized makes every share longer or shorter by so many bytes.
func sized(by int) func(*schema.Contribution) {
	return func(c *schema.Contribution) {
		for i := range c.Shares {
			c.Shares[i].Sealed = slices.Grow(c.Shares[i].Sealed, 1)[:len(c.Shares[i].Sealed)+by]
		}
	}
}

// Keys and lists come from keepers, and a list names members of the round.
func TestListsThatAreRefused(t *testing.T) {
	k := newKept(t)
	key := schema.KeeperKey{Round: k.Joint.Round, Keeper: k.member(5).Slug, Made: nodetest.Now, Key: make([]byte, schema.KeeperKeySize)}
	k.wants(t, gate.ErrUnknown, nodetest.Sign(t, key, k.member(5).Signer))
	list := k.Held(t, k.member(0), k.given...)
	list.Keeper = k.member(5).Slug
	k.wants(t, gate.ErrUnknown, nodetest.Sign(t, list, k.member(5).Signer))
	list = k.Held(t, k.member(0), k.given...)
	list.Contributions[5].Member = "quiet-stranger"
	k.wants(t, gate.ErrUnknown, nodetest.Sign(t, list, k.member(0).Signer))
}

// An agreement rests on enough lists of keepers, names enough members of the round or is
// void, and has lines of keepers alone.
func TestAgreementsThatAreRefused(t *testing.T) {
	k := newKept(t)
	with := func(spoil func(*schema.Agreement)) []byte {
		a := k.Propose(t, k.lists...)
		spoil(&a)
		return k.signed(t, a, 0)
	}
	for name, c := range map[string]struct {
		want error
		raw  []byte
	}{
		"nothing spoiled":                {nil, with(func(*schema.Agreement) {})},
		"as few members as there may":    {nil, with(func(a *schema.Agreement) { a.Contributions = a.Contributions[:3] })},
		"fewer":                          {gate.ErrInvalid, with(func(a *schema.Agreement) { a.Contributions = a.Contributions[:2] })},
		"fewer, and void":                {nil, with(func(a *schema.Agreement) { a.Contributions, a.Void = a.Contributions[:2], true })},
		"enough, and void":               {gate.ErrInvalid, with(func(a *schema.Agreement) { a.Void = true })},
		"lists of fewer than open it":    {gate.ErrUnknown, with(func(a *schema.Agreement) { a.Lists = a.Lists[:3] })},
		"a list of who keeps nothing":    {gate.ErrUnknown, with(func(a *schema.Agreement) { a.Lists[4].Who = k.member(5).Slug })},
		"a member who has no part":       {gate.ErrUnknown, with(func(a *schema.Agreement) { a.Contributions[5].Who = "quiet-stranger" })},
		"a line of who keeps nothing":    {gate.ErrUnknown, k.agreement(t, 5, 0, 5)},
		"a line of somebody unknown":     {gate.ErrUnknown, Must(wire.Cosign(k.agreement(t, 5, 0), nodetest.SignerOf(t, "stranger", sha256.Sum256(nil))))},
		"a line of an admin, not seated": {gate.ErrUnknown, Must(wire.Cosign(k.agreement(t, 5, 0), k.Admin()))},
	} {
		t.Run(name, func(t *testing.T) { k.wants(t, c.want, c.raw) })
	}
}

// Copies of an agreement are united. There are never more agreements than keepers: one that
// is not here yet needs a keeper that has signed none, however many a liar signs.
func TestAgreementsCollectTheirLines(t *testing.T) {
	k := newKept(t)
	a := k.Propose(t, k.lists...)
	k.takes(t, k.signed(t, a, 0), k.signed(t, a, 1, 2), k.signed(t, a, 0, 3))
	k.wants(t, gate.ErrStale, k.signed(t, a, 0, 2))
	all := k.store.Desk(a.Lists[0].Who).Agreements(a.Round)
	if len(all) != 1 || len(all[0].Signers()) != 4 {
		t.Fatalf("%d agreements", len(all))
	}
	if err := k.Agreed(a, all[0].Slugs()); err != nil {
		t.Error(err)
	}
	for i := range 40 {
		a.Contributions[0].ID = schema.Hash{byte(i), 1}
		_, err := k.store.Accept(k.signed(t, a, 4), nodetest.Now)
		if stored := err == nil; stored != (i == 0) {
			t.Errorf("the liar's %d: %v", i, err)
		}
	}
	if n := k.onDesks(); n != 2 {
		t.Errorf("%d agreements are kept", n)
	}
}

// A sum goes with its agreement, that enough keepers have signed and that rests on the list
// of its keeper; it has the plan's number of scalars.
func TestSumsThatAreRefused(t *testing.T) {
	k := newKept(t)
	whole, onFour := k.agreement(t, 5, 0, 1, 2, 3), k.agreement(t, 4, 0, 1, 2, 3)
	few := k.Propose(t, k.lists...)
	few.Void, few.Contributions = true, few.Contributions[:2]
	void := k.signed(t, few, 0, 1, 2, 3)
	with := func(agreement []byte, spoil func(*schema.Sum)) []byte {
		s := k.SumOf(t, k.member(0), agreement, k.given...)
		spoil(&s)
		return nodetest.Pack(t, agreement, nodetest.Sign(t, s, k.member(0).Signer))
	}
	same := func(*schema.Sum) {}
	lone := Must(wire.Unpack(with(whole, same)))
	first := k.member(0).Version()
	first.Rewind()
	for name, c := range map[string]struct {
		want error
		raw  []byte
	}{
		"nothing spoiled":          {nil, with(whole, same)},
		"of a void":                {nil, with(void, same)},
		"scalars of a void":        {gate.ErrInvalid, with(void, func(s *schema.Sum) { s.Scalars = make([][32]byte, 2) })},
		"no scalars":               {gate.ErrInvalid, with(whole, func(s *schema.Sum) { s.Scalars = nil })},
		"a scalar more":            {gate.ErrInvalid, with(whole, func(s *schema.Sum) { s.Scalars = append(s.Scalars, s.Scalars[0]) })},
		"of another agreement":     {gate.ErrInvalid, nodetest.Pack(t, onFour, lone[1])},
		"of another period":        {gate.ErrInvalid, with(whole, func(s *schema.Sum) { s.Period = nodetest.Quarter(1) })},
		"too few lines":            {gate.ErrUnknown, with(k.agreement(t, 5, 0, 1, 2), same)},
		"a line of no keeper":      {gate.ErrUnknown, with(k.agreement(t, 5, 0, 1, 2, 3, 5), same)},
		"without its agreement":    {gate.ErrInvalid, nodetest.Pack(t, lone[1])},
		"on a desk":                {gate.ErrInvalid, lone[1]},
		"the other way round":      {gate.ErrInvalid, nodetest.Pack(t, lone[1], lone[0])},
		"of who keeps nothing":     {gate.ErrUnknown, k.alien(t, whole)},
		"not on its keeper's list": {gate.ErrInvalid, k.Sum(t, k.member(4).Version(), onFour, k.given...)},
		"at the first place":       {gate.ErrInvalid, k.Sum(t, first, whole, k.given...)},
		"two places ahead":         {gate.ErrGap, with(whole, func(s *schema.Sum) { s.Sequence++ })},
	} {
		t.Run(name, func(t *testing.T) { k.wants(t, c.want, c.raw) })
	}
}

// alien is a sum in the feed of a member that keeps nothing.
func (k *kept) alien(t *testing.T, agreement []byte) []byte {
	s := k.SumOf(t, k.member(0), agreement, k.given...)
	s.Link = k.member(5).Link()
	return nodetest.Pack(t, agreement, nodetest.Sign(t, s, k.member(5).Signer))
}

// By a joint plan nobody releases anything alone, nor says that it will not: not after a
// void either.
func TestNothingIsReleasedByAJointPlan(t *testing.T) {
	k := newKept(t)
	m := k.member(5)
	wants := func() {
		t.Helper()
		k.wants(t, gate.ErrInvalid, m.Version().Release(t, k.Period))
		k.wants(t, gate.ErrInvalid, m.Announce(t, k.Period, 7))
		void := schema.Void{Link: m.Link(), Plan: k.Joint.Round.Plan, Period: k.Period, Intent: schema.Hash{7}, Charge: k.Plan().ChargeQuarter}
		k.wants(t, gate.ErrInvalid, m.Version().Say(t, void))
	}
	wants()
	few := k.Propose(t, k.lists...)
	few.Void, few.Contributions = true, few.Contributions[:2]
	k.accept(t, k.Sum(t, k.member(0), k.signed(t, few, 0, 1, 2, 3)))
	wants()
	for _, raw := range [][]byte{k.given[5], k.lists[0], k.agreement(t, 5, 4)} { // no rerun
		k.wants(t, gate.ErrStale, raw)
	}
}

// Who keeps a round follows from acts. A store that lacks some calls nothing invalid that is
// right by them, so that nobody is punished for being ahead.
func TestNotesOfARoundBeforeItsActs(t *testing.T) {
	c := nodetest.NewCoalitionBy(t, 6, nodetest.JointPlan())
	behind := c.Store(t)
	var keepers []schema.Slug
	for _, m := range c.Members[1:] {
		keepers = append(keepers, m.Slug)
	}
	c.Act(t, schema.Remove{Member: c.Members[0].Slug})
	c.Act(t, schema.AppointKeepers{Keepers: keepers[:4]})
	r := c.Round(t, nodetest.Quarter(0))
	for _, m := range c.Members {
		accept(t, behind, m.Declare(t))
	}
	var given, lists [][]byte
	for _, m := range c.Members[1:] {
		given = append(given, r.Give(t, m, 1))
	}
	for _, m := range r.KeptBy() {
		lists = append(lists, r.List(t, m, given...))
	}
	a := nodetest.Sign(t, r.Propose(t, lists...), c.Members[1].Signer, c.Members[2].Signer, c.Members[3].Signer)
	for _, raw := range append([][]byte{r.Key(c.Members[1]), lists[0], a, r.Sum(t, c.Members[1], a, given...)}, given...) {
		if _, err := gate.Check(behind, raw, nodetest.Now); err != nil && !errors.Is(err, gate.ErrUnknown) {
			t.Errorf("%s: %v", raw[:30], err)
		}
	}
}

func accept(t *testing.T, s *feeds.Store, raw []byte) {
	t.Helper()
	if _, err := s.Accept(raw, nodetest.Now); err != nil {
		t.Fatal(err)
	}
}

// A new member key ends nothing in a round: what was said with the earlier one stays, and is
// not taken any more where it comes later.
func TestAReplacedKeyLeavesTheRound(t *testing.T) {
	k := newKept(t)
	a := k.Propose(t, k.lists...)
	m := k.member(0)
	k.takes(t, k.Key(m), k.given[0], k.lists[0], k.signed(t, a, 0))
	sequence, head := m.Head()
	fresh := nodetest.SignerOf(t, m.Slug, sha256.Sum256([]byte("fresh")))
	act := k.Act(t, schema.ReplaceMember{Member: m.Slug, MemberKey: fresh.VerifierKey(), BoxKey: k.State.Roster().Member(m.Slug).BoxKey, Sequence: sequence, Head: head})
	k.accept(t, act)
	if n := k.onDesks(); n != 4 {
		t.Errorf("%d of four notes are left", n)
	}
	later := k.Store(t)
	for _, raw := range [][]byte{k.Key(m), k.given[0], k.lists[0]} {
		if _, err := later.Accept(raw, nodetest.Now); !errors.Is(err, gate.ErrStale) {
			t.Errorf("with the earlier key: %v", err)
		}
	}
	m.Signer = fresh
	accept(t, later, k.Give(t, m, 3))
	k.takes(t, k.signed(t, a, 1, 2, 3))
	k.accept(t, k.Sum(t, m, k.signed(t, a, 1, 2, 3, 4), k.given...))
}

// A keeper that is removed in the middle of a round may still give its sum: the others have
// counted on it.
func TestARemovedKeeperGivesItsSum(t *testing.T) {
	k := newKept(t)
	whole := k.agreement(t, 5, 0, 1, 2, 3)
	k.accept(t, k.ActOn(t, schema.DateOf(nodetest.Now)-1, schema.Remove{Member: k.member(0).Slug}))
	k.wants(t, gate.ErrSuspended, k.lists[0])
	k.takes(t, k.agreement(t, 5, 1), k.sum(t, 0, whole))
}
