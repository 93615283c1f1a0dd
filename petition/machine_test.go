package petition

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// walk is one petition under random acts, with what was true of it before.
type walk struct {
	l        *Profile
	p        Petition
	now      time.Time
	numbered bool
	events   []Event
}

// legal are the ways a petition may go; it may always stay.
var legal = map[State][]State{
	Draft: {Supporting, Authorising, Moderation, Withdrawn}, Supporting: {Authorising, Moderation, Open, Lapsed, Withdrawn},
	Authorising: {Moderation, Lapsed, Withdrawn},
	Moderation:  {Open, Supporting, Refused, Returned, Withdrawn, Lapsed}, Returned: {Moderation, Withdrawn, Lapsed},
	Refused: {Appealed, Hidden}, Appealed: {Open, Supporting, Refused, Withdrawn, Hidden}, Open: {Closed, Withdrawn, Hidden},
	Closed: {Hidden}, Hidden: {Open, Closed, Refused, Appealed, Removed},
}

func TestRandomLivesStayLegal(t *testing.T) {
	for _, l := range []*Profile{civic(t), parliament(t), commons(t), checkedFirst(t)} {
		start := noon(t, l)
		rapid.Check(t, func(t *rapid.T) {
			w := &walk{l: l, now: start}
			w.p = draft(l, w.now)
			if rapid.Bool().Draw(t, "proposal") {
				w.p.Kind = KindProposal
			}
			w.take(t, l.Start(w.p, w.now), nil)
			for range rapid.IntRange(1, 60).Draw(t, "acts") {
				w.act(t)
			}
		})
	}
}

func (w *walk) act(t *rapid.T) {
	l, p := w.l, w.p
	who := OfficerID(rapid.IntRange(1, 4).Draw(t, "officer"))
	reason := rapid.SampledFrom([]string{"unclear", "hatred", "", "dislike"}).Draw(t, "reason")
	switch rapid.IntRange(0, 17).Draw(t, "act") {
	case 0:
		c, err := l.Confirm(p, w.now)
		w.take(t, c, err)
	case 1, 2, 3:
		w.sign(t, rapid.Int64Range(-30, 4000).Draw(t, "signatures"))
	case 4, 5:
		c, err := l.Decide(p, decision(p, Publish, "", who), w.now)
		w.take(t, c, err)
	case 6, 7:
		c, err := l.Decide(p, decision(p, Reject, reason, who), w.now)
		w.take(t, c, err)
	case 8:
		c, err := l.Decide(p, decision(p, Return, reason, who), w.now)
		w.take(t, c, err)
	case 9:
		c, err := l.Lodge(p, "words", w.now)
		w.take(t, c, err)
	case 10:
		c, err := l.Resubmit(p, p.Texts, w.now)
		w.take(t, c, err)
	case 11:
		w.end(t, who)
	case 12:
		w.pass(t)
	case 13, 14:
		w.takeDown(t, who, reason)
	case 15, 16:
		w.member(t, who)
	case 17:
		w.world(t)
	}
}

// end are the rarer acts that lead out.
func (w *walk) end(t *rapid.T, who OfficerID) {
	switch rapid.IntRange(0, 9).Draw(t, "end") {
	case 0:
		c, err := w.l.Withdraw(w.p, w.now)
		w.take(t, c, err)
	case 1, 2, 3:
		c, err := w.l.Respond(w.p, Answer{Outcome: "refused", By: who}, w.now)
		w.take(t, c, err)
	}
}

// member writes to a member of the assembly, or answers for one.
func (w *walk) member(t *rapid.T, who OfficerID) {
	if w.p.Asked() == nil {
		name := rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(t, "member")
		c, err := w.l.AskMember(w.p, name, "https://assembly.example/"+name, []byte(name), who, w.now)
		w.take(t, c, err)
		return
	}
	c, err := w.l.AnswerMember(w.p, w.p.Asked().Nonce, rapid.Bool().Draw(t, "yes"), w.now)
	w.take(t, c, err)
}

// world is what happens to the site and the assembly: an outage that just
// ended, or, rarely, a dissolution.
func (w *walk) world(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "world") > 0 {
		hours := time.Duration(rapid.IntRange(1, 60).Draw(t, "outage")) * time.Hour
		if c, ok := w.l.Extend(w.p, Outage{w.now.Add(-hours), w.now}, w.now); ok {
			w.take(t, c, nil)
		}
		return
	}
	if c, ok := w.l.Dissolve(w.p, w.l.Today(w.now), w.now); ok {
		w.take(t, c, nil)
	}
}

// takeDown hides, confirms the hiding or lifts it.
func (w *walk) takeDown(t *rapid.T, who OfficerID, reason string) {
	c, err := w.l.Hide(w.p, reason, "", who, w.now)
	if w.p.State == Hidden {
		c, err = w.l.Lift(w.p, who, w.now)
		if rapid.Bool().Draw(t, "confirm") {
			c, err = w.l.Remove(w.p, who, w.now)
		}
	}
	w.take(t, c, err)
}

// sign lets n people sign, or take a signature back, as the store would.
func (w *walk) sign(t *rapid.T, n int64) {
	if n > 0 && w.l.CheckConfirm(w.p, w.now) != nil || n < 0 && w.l.CheckWithdraw(w.p, w.now) != nil {
		return
	}
	count := max(0, w.p.Count+n)
	next := w.l.NextThreshold(w.p)
	c, ok := w.l.Count(w.p, count, w.now)
	if ok != (next > 0 && count >= next) {
		t.Fatalf("%s at %d with the next threshold %d: Count says %v", w.p.State, count, next, ok)
	}
	if ok {
		w.take(t, c, nil)
		return
	}
	w.p.Count = count
}

// pass lets time pass, and the calendar act.
func (w *walk) pass(t *rapid.T) {
	w.now = w.now.Add(time.Duration(rapid.IntRange(1, 24*40).Draw(t, "hours")) * time.Hour)
	for n := 0; ; n++ {
		due := w.l.NextDue(w.p)
		c, ok := w.l.Tick(w.p, w.now)
		if ok != (!due.IsZero() && !w.now.Before(due)) {
			t.Fatalf("%s is due at %s; at %s Tick says %v", w.p.State, due, w.now, ok)
		}
		if !ok {
			return
		}
		if n > 5 {
			t.Fatalf("%s: the calendar never comes to an end", w.p.State)
		}
		w.take(t, c, nil)
	}
}

// take accepts a change after it has looked at it hard.
func (w *walk) take(t *rapid.T, c Change, err error) {
	if err != nil {
		return
	}
	before, p := w.p, c.Petition
	if before.State != p.State && !slices.Contains(legal[before.State], p.State) {
		t.Fatalf("from %s to %s", before.State, p.State)
	}
	if len(c.Events) == 0 {
		t.Fatalf("from %s to %s without an event", before.State, p.State)
	}
	if len(p.Stages) < len(before.Stages) || !slices.Equal(p.Stages[:len(before.Stages)], before.Stages) {
		t.Fatalf("stages %v became %v", before.Stages, p.Stages)
	}
	if p.Count < 0 || p.Shown < 0 {
		t.Fatalf("counts %d, shown %d", p.Count, p.Shown)
	}
	if p.State == Refused && (p.Refusal == nil || p.RefusedAt.IsZero()) {
		t.Fatal("refused without a reason")
	}
	if p.State == Refused {
		if _, ok := w.l.Reason(p.Refusal.Reason); !ok || len(p.RefusedBy) < w.l.Moderation.RefusalOfficers {
			t.Fatalf("refused for %q by %v", p.Refusal.Reason, p.RefusedBy)
		}
	}
	if p.State == Open && p.Refusal != nil {
		t.Fatal("open, and refused")
	}
	if p.State == Removed && p.HiddenBy[len(p.HiddenBy)-1] == p.Hiding.Officer && len(c.Events) == 1 && c.Events[0].Actor == ActorOfficer(p.Hiding.Officer) {
		t.Fatalf("officer %d removed it alone", p.Hiding.Officer)
	}
	appealDecided := before.State == Appealed && (p.State == Open || p.State == Refused)
	for _, e := range c.Events {
		for _, who := range before.RefusedBy {
			if appealDecided && e.Actor == ActorOfficer(who) {
				t.Fatalf("officer %d decided the appeal against their own refusal", who)
			}
		}
	}
	w.numbered = w.numbered || c.NeedsNumber
	if p.State.Public() && !w.numbered {
		t.Fatalf("%s without a number", p.State)
	}
	if p.State == Moderation && p.DecideBy.IsZero() {
		t.Fatal("in moderation without a term")
	}
	w.events = append(w.events, c.Events...)
	w.p = p
}
