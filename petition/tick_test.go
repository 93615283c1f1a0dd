package petition

import (
	"testing"
	"time"
)

// stillThen checks that nothing happens before due, and returns what does at it.
func stillThen(t *testing.T, l *Profile, p Petition, due time.Time, want EventKind) Petition {
	t.Helper()
	if got := l.NextDue(p); !got.Equal(due) {
		t.Errorf("%s: due %s, want %s", p.State, got, due)
	}
	if c, ok := l.Tick(p, due.Add(-instant)); ok {
		t.Errorf("%s before its term ended: %v", p.State, kinds(c))
	}
	c, ok := l.Tick(p, due)
	if !ok || len(c.Events) == 0 || c.Events[0].Kind != want {
		t.Fatalf("%s at its end: %v %v, want %s", p.State, ok, kinds(c), want)
	}
	if c.Events[0].Actor != ActorCalendar || !c.Events[0].At.Equal(due) {
		t.Errorf("%s by %s at %s", want, c.Events[0].Actor, c.Events[0].At)
	}
	return c.Petition
}

func TestTooFewSupporters(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Supporting, noon(t, l))
	p = stillThen(t, l, p, at(t, l, "2026-12-24 00:00:00"), EvLapsed)
	if p.State != Lapsed || !p.EndedAt.Equal(at(t, l, "2026-12-24 00:00:00")) {
		t.Errorf("%s at %s", p.State, p.EndedAt)
	}
	p = stillThen(t, l, p, at(t, l, "2027-01-24 00:00:00"), EvPurged)
	if _, ok := l.Tick(p, at(t, l, "2099-01-01 00:00:00")); ok || !l.NextDue(p).IsZero() {
		t.Error("a purged petition has something to do")
	}
}

func TestMissedModerationPublishesByItself(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Moderation, noon(t, l))
	p = stillThen(t, l, p, at(t, l, "2026-12-08 00:00:00"), EvEscalated) // 10 working days: Monday 7 December is the last
	if p.State != Moderation || !p.Escalated {
		t.Fatalf("%s, escalated %v", p.State, p.Escalated)
	}
	p = stillThen(t, l, p, at(t, l, "2026-12-11 00:00:00"), EvPublished) // 3 more: Thursday
	if p.State != Open || !p.AutoPublished || !p.OpenedAt.Equal(at(t, l, "2026-12-11 00:00:00")) {
		t.Errorf("%s, by itself %v, at %s", p.State, p.AutoPublished, p.OpenedAt)
	}
	p = stillThen(t, l, p, at(t, l, "2027-06-12 00:00:00"), EvClosed)
	if p.State != Closed || p.Shown != p.Count {
		t.Errorf("%s shows %d of %d", p.State, p.Shown, p.Count)
	}
	p = stillThen(t, l, p, at(t, l, "2027-07-13 00:00:00"), EvPurged)
	if p.State != Closed {
		t.Errorf("purged into %s", p.State)
	}
}

func TestMissedModerationWaitsWhereTheLawSaysSo(t *testing.T) {
	l := parliament(t)
	p := inState(t, l, Moderation, noon(t, l))
	p = stillThen(t, l, p, at(t, l, "2026-12-08 00:00:00"), EvEscalated)
	if _, ok := l.Tick(p, at(t, l, "2036-01-01 00:00:00")); ok || !l.NextDue(p).IsZero() {
		t.Error("a petition that waits for an officer moved by itself")
	}
	if ph := l.PhaseOf(p, at(t, l, "2026-12-08 00:00:00")); ph.Key != "moderation-overdue" || ph.DaysLeft != -1 {
		t.Errorf("phase %+v", ph)
	}
	if _, err := l.Decide(p, decision(p, Publish, "", 1), at(t, l, "2027-02-01 10:00:00")); err != nil {
		t.Errorf("decided late: %v", err)
	}
}

func TestMissedAppeal(t *testing.T) {
	l := civic(t)
	p := stillThen(t, l, inState(t, l, Appealed, noon(t, l)), at(t, l, "2026-12-08 00:00:00"), EvPublished)
	if !p.AutoPublished || p.Refusal != nil {
		t.Errorf("published as %+v", p)
	}
}

func TestRefusedIsKeptForItsAppeal(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Refused, noon(t, l))
	// Appeal until Monday 7 December, then 30 days of retention.
	stillThen(t, l, p, at(t, l, "2027-01-08 00:00:00"), EvPurged)
	l.Appeal.Allowed = false
	p = inState(t, l, Refused, noon(t, l))
	stillThen(t, l, p, at(t, l, "2026-12-24 00:00:00"), EvPurged)
}

func TestEndedPetitionsArePurged(t *testing.T) {
	for _, s := range []State{Withdrawn, Removed, Lapsed} {
		l := civic(t)
		stillThen(t, l, inState(t, l, s, noon(t, l)), at(t, l, "2026-12-24 00:00:00"), EvPurged)
	}
}

func TestCatchingUpDatesEachActWhenItWasDue(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Moderation, noon(t, l))
	now := at(t, l, "2030-01-01 09:30:00") // the machine was off for three years
	want := []struct {
		kind EventKind
		at   time.Time
	}{
		{EvEscalated, at(t, l, "2026-12-08 00:00:00")},
		{EvPublished, at(t, l, "2026-12-11 00:00:00")},
		{EvClosed, at(t, l, "2027-06-12 00:00:00")},
		{EvPurged, now},   // what was destroyed today was not destroyed then
		{EvArchived, now}, // and the petitioner is told today, with days left for what is theirs
	}
	for _, w := range want {
		c, ok := l.Tick(p, now)
		if !ok {
			t.Fatalf("no %s", w.kind)
		}
		if e := c.Events[0]; e.Kind != w.kind || !e.At.Equal(w.at) {
			t.Errorf("%s at %s, want %s at %s", e.Kind, e.At, w.kind, w.at)
		}
		p = c.Petition
	}
	if c, ok := l.Tick(p, now); ok {
		t.Errorf("and then %v", kinds(c))
	}
}

func TestADraftHasNoCalendar(t *testing.T) {
	l := civic(t)
	if due := l.NextDue(inState(t, l, Draft, noon(t, l))); !due.IsZero() {
		t.Errorf("a draft is due at %s", due)
	}
}

func TestAReturnedPetitionLapses(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Returned, noon(t, l))
	due := l.NextDue(p)
	if _, ok := l.Tick(p, due.Add(-instant)); ok {
		t.Error("lapsed before its term ran out")
	}
	c, ok := l.Tick(p, due)
	if !ok || c.Petition.State != Lapsed {
		t.Errorf("at %s: %v in state %s", due, kinds(c), c.Petition.State)
	}
}

func TestAMissedAppealNeverPublishesAnUnlawfulText(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Appealed, noon(t, l))
	if l.NextDue(p).IsZero() {
		t.Fatal("a missed appeal publishes under this law")
	}
	p.HideText = true
	if due := l.NextDue(p); !due.IsZero() {
		t.Errorf("the hidden text would be published at %s", due)
	}
}

func TestTheCalendarComesBeforeALateDecision(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Moderation, noon(t, l))
	d := Decision{Verdict: Publish, Officer: 1, TextVersion: p.TextVersion}
	if _, err := l.Decide(p, d, p.DecideBy.Add(-instant)); err != nil {
		t.Errorf("in time: %v", err)
	}
	_, err := l.Decide(p, d, p.DecideBy)
	wantErr(t, "late", err, ErrLate)
}
