package petition

import (
	"fmt"
	"testing"
	"time"
)

// acts are everything that can be asked of a petition, each with what is right.
func acts(l *Profile, now time.Time) map[string]func(Petition) error {
	drop := func(_ Change, err error) error { return err }
	return map[string]func(Petition) error{
		"confirm":  func(p Petition) error { return drop(l.Confirm(p, now)) },
		"sign":     func(p Petition) error { return l.CheckSign(p, now) },
		"count in": func(p Petition) error { return l.CheckConfirm(p, now) },
		"take":     func(p Petition) error { return l.CheckWithdraw(p, now) },
		"publish":  func(p Petition) error { return drop(l.Decide(p, decision(p, Publish, "", 9), now)) },
		"reject":   func(p Petition) error { return drop(l.Decide(p, decision(p, Reject, "unclear", 9), now)) },
		"return":   func(p Petition) error { return drop(l.Decide(p, decision(p, Return, "unclear", 9), now)) },
		"lodge":    func(p Petition) error { return drop(l.Lodge(p, "words", now)) },
		"resubmit": func(p Petition) error { return drop(l.Resubmit(p, p.Texts, now)) },
		"withdraw": func(p Petition) error { return drop(l.Withdraw(p, now)) },
		"respond":  func(p Petition) error { return drop(l.Respond(p, Answer{Outcome: "partly", By: 3}, now)) },
	}
}

func TestEveryActInEveryState(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	// What is possible; everything else is refused with the error after it.
	possible := map[string]map[State]error{
		"confirm":  {Draft: nil},
		"sign":     {Supporting: nil, Moderation: nil, Open: nil, Draft: ErrNotOpen, Returned: ErrNotOpen, Appealed: ErrNotOpen, Hidden: ErrHidden, "*": ErrClosed},
		"count in": {Supporting: nil, Moderation: nil, Open: nil, Closed: nil, Draft: ErrNotOpen, Returned: ErrNotOpen, Appealed: ErrNotOpen, Hidden: ErrHidden, "*": ErrClosed},
		"take":     {Supporting: nil, Moderation: nil, Returned: nil, Appealed: nil, Open: nil, Hidden: ErrHidden, "*": ErrClosed},
		"publish":  {Moderation: nil, Appealed: nil},
		"reject":   {Moderation: nil, Appealed: nil},
		"return":   {Moderation: nil, Appealed: ErrReason},
		"lodge":    {Refused: nil},
		"resubmit": {Returned: nil},
		"withdraw": {Draft: nil, Supporting: nil, Moderation: nil, Returned: nil, Appealed: nil, Open: nil},
		"respond":  {Open: nil, Closed: nil},
	}
	for name, act := range acts(l, now) {
		for _, s := range allStates {
			p := inState(t, l, s, now)
			if p.State != s {
				t.Fatalf("led to %s, want %s", p.State, s)
			}
			want, listed := possible[name][s]
			if other, ok := possible[name]["*"]; !listed && ok {
				want = other
			} else if !listed {
				want = ErrState
			}
			wantErr(t, fmt.Sprintf("%s in %s", name, s), act(p), want)
		}
	}
}

func TestStartAndConfirm(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	c := l.Start(Petition{ID: 7, Kind: KindPetition}, now)
	wantKinds(t, "start", c, EvStarted)
	if p := c.Petition; p.State != Draft || p.TextVersion != 1 || p.Profile != l.Ref() || !p.CreatedAt.Equal(now) {
		t.Errorf("draft %+v", p)
	}
	c, err := l.Confirm(c.Petition, now)
	wantErr(t, "confirm", err, nil)
	wantKinds(t, "confirm", c, EvConfirmed)
	// 30 days after 23 November: the last is 23 December, gone at the midnight after it.
	if p := c.Petition; p.State != Supporting || !p.SupportUntil.Equal(at(t, l, "2026-12-24 00:00:00")) {
		t.Errorf("%s until %s", p.State, p.SupportUntil)
	}
	if _, err := l.Confirm(c.Petition, now); err == nil {
		t.Error("confirmed twice")
	}
	proposal := l.Start(Petition{Kind: KindProposal}, now).Petition
	c, err = l.Confirm(proposal, now)
	wantErr(t, "confirm a proposal", err, nil)
	wantKinds(t, "confirm a proposal", c, EvConfirmed, EvQueued)
	if c.Petition.State != Moderation || c.Petition.DecideBy.IsZero() {
		t.Errorf("a proposal waits in %s until %s", c.Petition.State, c.Petition.DecideBy)
	}
	l.Support.Threshold = 0
	c, err = l.Confirm(draft(l, now), now)
	wantErr(t, "confirm without supporters", err, nil)
	wantKinds(t, "confirm without supporters", c, EvConfirmed, EvQueued)
}

func TestSupportersOnBothSidesOfTheThreshold(t *testing.T) {
	for _, l := range []*Profile{civic(t), parliament(t)} {
		now := noon(t, l)
		p := inState(t, l, Supporting, now)
		need := l.Support.Threshold
		if l.Support.PetitionerSigns {
			need++
		}
		if got := l.NextThreshold(p); got != need {
			t.Errorf("%s: next threshold %d, want %d", l.ID, got, need)
		}
		if c, ok := l.Count(p, need-1, now); ok {
			t.Errorf("%s: %d are enough: %v", l.ID, need-1, kinds(c))
		}
		c, ok := l.Count(p, need, now)
		if !ok || c.Petition.State != Moderation || c.Petition.Count != need {
			t.Fatalf("%s: %d supporters: %v %s", l.ID, need, ok, c.Petition.State)
		}
		wantKinds(t, l.ID, c, EvQueued)
		if c.Events[0].Actor != ActorSigners {
			t.Errorf("queued by %s", c.Events[0].Actor)
		}
	}
}

func TestSupportersHaveATermAndALimit(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Supporting, noon(t, l))
	wantErr(t, "before the term ends", l.CheckSign(p, p.SupportUntil.Add(-instant)), nil)
	wantErr(t, "when it has ended", l.CheckSign(p, p.SupportUntil), ErrClosed)
	wantErr(t, "a letter answered too late", l.CheckConfirm(p, p.SupportUntil), ErrClosed)
	l = parliament(t)
	for _, s := range []State{Supporting, Moderation} {
		p := inState(t, l, s, noon(t, l))
		p.Count = 20 // the petitioner is one of them
		wantErr(t, "20 with the petitioner", l.CheckSign(p, noon(t, l)), nil)
		p.Count = 21
		wantErr(t, "21 with the petitioner", l.CheckSign(p, noon(t, l)), ErrClosed)
		wantErr(t, "21 with the petitioner, letter", l.CheckConfirm(p, noon(t, l)), ErrClosed)
	}
	l.Support.PetitionerSigns = false
	p = inState(t, l, Moderation, noon(t, l))
	p.Count = 19
	wantErr(t, "19 without the petitioner", l.CheckSign(p, noon(t, l)), nil)
	p.Count = 20
	wantErr(t, "20 without the petitioner", l.CheckSign(p, noon(t, l)), ErrClosed)
}

func TestStagesOnBothSidesOfEachThreshold(t *testing.T) {
	for _, l := range []*Profile{civic(t), parliament(t)} {
		now := noon(t, l)
		p := inState(t, l, Open, now)
		for i, s := range l.Stages {
			if got := l.NextThreshold(p); got != s.Threshold {
				t.Errorf("%s: next %d, want %d", l.ID, got, s.Threshold)
			}
			if c, ok := l.Count(p, s.Threshold-1, now); ok {
				t.Errorf("%s: %d signatures: %v", l.ID, s.Threshold-1, kinds(c))
			}
			c, ok := l.Count(p, s.Threshold, now)
			if !ok || len(c.Petition.Stages) != i+1 {
				t.Fatalf("%s: %d signatures: %v, stages %v", l.ID, s.Threshold, ok, c.Petition.Stages)
			}
			wantKinds(t, s.ID, c, EvStage)
			r, _ := c.Petition.Reached(s.ID)
			if !r.AnswerBy.IsZero() || !r.At.Equal(now) || r.Threshold != s.Threshold {
				t.Errorf("%s: frozen as %+v", s.ID, r)
			}
			if len(p.Stages) != i {
				t.Error("Count changed the record it was given")
			}
			if _, again := l.Count(c.Petition, s.Threshold, now); again {
				t.Errorf("%s is reached twice", s.ID)
			}
			if d, ok := l.Count(c.Petition, 0, now); ok || len(d.Petition.Stages) > i+1 {
				t.Errorf("%s: a withdrawal undoes a stage", s.ID)
			}
			p = c.Petition
		}
		if got := l.NextThreshold(p); got != 0 {
			t.Errorf("%s: next %d after the last", l.ID, got)
		}
	}
}

func TestStagesAreJumpedTogether(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Open, noon(t, l))
	c, ok := l.Count(p, 1_000_000, noon(t, l))
	if !ok {
		t.Fatal("nothing reached")
	}
	wantKinds(t, "a million at once", c, EvStage, EvStage, EvStage)
	// 15 working days after Monday 23 November.
	c, err := l.Deliver(c.Petition, Delivery{Stage: "answer", On: l.Today(noon(t, l)), Channel: ByHand}, noon(t, l))
	wantErr(t, "delivered", err, nil)
	if r, _ := c.Petition.Reached("answer"); r.AnswerBy != (Date{Year: 2026, Month: 12, Day: 14}) {
		t.Errorf("answer by %s", r.AnswerBy)
	}
	p = inState(t, l, Moderation, noon(t, l))
	p.Count = 1000
	c, err = l.Decide(p, decision(p, Publish, "", 1), noon(t, l))
	wantErr(t, "publish", err, nil)
	wantKinds(t, "published with 1,000", c, EvPublished, EvStage)
}

func TestGraceReachesAStageAfterTheClose(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Closed, noon(t, l))
	if got := l.NextThreshold(p); got != 1000 {
		t.Errorf("next threshold %d, want 1000", got)
	}
	c, ok := l.Count(p, 1000, p.ClosesAt.Add(time.Hour))
	if !ok || c.Petition.State != Closed {
		t.Fatalf("the last letter is answered and nothing follows: %v %s", ok, c.Petition.State)
	}
	wantKinds(t, "grace", c, EvStage)
}

func TestSigningEndsAtTheClose(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Open, noon(t, l))
	if want := at(t, l, "2027-05-24 00:00:00"); !p.ClosesAt.Equal(want) {
		t.Fatalf("closes %s, want %s", p.ClosesAt, want)
	}
	before, end := p.ClosesAt.Add(-instant), p.ClosesAt
	late := end.Add(24 * time.Hour)
	wantErr(t, "sign before", l.CheckSign(p, before), nil)
	wantErr(t, "sign at the close", l.CheckSign(p, end), ErrClosed)
	wantErr(t, "take back before", l.CheckWithdraw(p, before), nil)
	wantErr(t, "take back at the close", l.CheckWithdraw(p, end), ErrClosed)
	_, err := l.Withdraw(p, before)
	wantErr(t, "withdraw before", err, nil)
	_, err = l.Withdraw(p, end)
	wantErr(t, "withdraw at the close", err, ErrLate)
	for _, s := range []State{Open, Closed} { // the calendar may be late
		p.State = s
		wantErr(t, "letter at the close", l.CheckConfirm(p, end), nil)
		wantErr(t, "letter within the grace", l.CheckConfirm(p, late.Add(-instant)), nil)
		wantErr(t, "letter after the grace", l.CheckConfirm(p, late), ErrClosed)
	}
	l.Collect.Withdrawals = false
	p.State = Open
	wantErr(t, "where the law allows no withdrawal", l.CheckWithdraw(p, before), ErrClosed)
	l.Collect.Window = Term{}
	p = inState(t, l, Open, noon(t, l))
	if !p.ClosesAt.IsZero() || !l.NextDue(p).IsZero() {
		t.Errorf("a petition without a window closes %s", p.ClosesAt)
	}
	wantErr(t, "sign without a window", l.CheckSign(p, late.AddDate(10, 0, 0)), nil)
	wantErr(t, "letter without a window", l.CheckConfirm(p, late.AddDate(10, 0, 0)), nil)
}

func TestRespondOnce(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	p := inState(t, l, Closed, now)
	c, err := l.Respond(p, Answer{Outcome: "partly", By: 4}, now)
	wantErr(t, "answer", err, nil)
	wantKinds(t, "answer", c, EvAnswered)
	if a := c.Petition.Answer; a == nil || !a.At.Equal(now) || c.Events[0].Actor != "officer:4" || c.Events[0].Data["outcome"] != "partly" {
		t.Errorf("answer %+v, event %+v", a, c.Events[0])
	}
	_, err = l.Respond(c.Petition, Answer{Outcome: "satisfied"}, now)
	wantErr(t, "a second answer", err, ErrState)
}
