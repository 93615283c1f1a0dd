package petition

import (
	"testing"
	"time"
)

func TestTakeDownTakesTwoOfficers(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	for _, s := range allStates {
		p := inState(t, l, s, now)
		_, err := l.Hide(p, "hatred", "", 1, now)
		var want error
		if !s.Public() {
			want = ErrState
		}
		wantErr(t, "hide "+string(s), err, want)
	}
	p := inState(t, l, Open, now)
	for _, reason := range []string{"", "dislike"} {
		_, err := l.Hide(p, reason, "", 1, now)
		wantErr(t, "reason "+reason, err, ErrReason)
	}
	c, err := l.Hide(p, "hatred", "Paragraph two", 1, now)
	hidden := must(t, c, err)
	wantKinds(t, "hide", c, EvHidden)
	if hidden.State != Hidden || c.Events[0].Data["note"] != "Paragraph two" {
		t.Errorf("%s, %v", hidden.State, c.Events[0].Data)
	}
	wantErr(t, "sign", l.CheckSign(hidden, now), ErrHidden)
	_, err = l.Withdraw(hidden, now)
	wantErr(t, "withdraw", err, ErrState)
	_, err = l.Remove(hidden, 1, now)
	wantErr(t, "alone", err, ErrSameOfficer)
	_, err = l.Remove(hidden, 2, now.Add(HideLife))
	wantErr(t, "late", err, ErrLate)
	c, err = l.Remove(hidden, 2, now.Add(HideLife-instant))
	removed := must(t, c, err)
	wantKinds(t, "remove", c, EvRemoved)
	if removed.State != Removed || removed.RemovedAt.IsZero() || c.Events[0].Data["reason"] != "hatred" {
		t.Errorf("%s, %v", removed.State, c.Events[0].Data)
	}
	_, err = l.Lift(removed, 2, now)
	wantErr(t, "lift what is gone", err, ErrState)
}

func TestHidingIsLiftedAndTimeGivenBack(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	for _, s := range []State{Open, Closed, Refused, Appealed} {
		p := inState(t, l, s, now)
		c, err := l.Hide(p, "unclear", "", 1, now)
		hidden := must(t, c, err)
		if due := l.NextDue(hidden); !due.Equal(now.Add(HideLife)) {
			t.Errorf("%s: due %s", s, due)
		}
		if _, ok := l.Tick(hidden, now.Add(HideLife-instant)); ok {
			t.Errorf("%s: lifted early", s)
		}
		c, ok := l.Tick(hidden, now.Add(HideLife))
		if !ok {
			t.Fatalf("%s: not lifted", s)
		}
		wantKinds(t, "calendar", c, EvRestored)
		back := c.Petition
		if back.State != s || back.Hiding != nil || c.Events[0].Actor != ActorCalendar {
			t.Errorf("%s came back as %s", s, back.State)
		}
		_, err = l.Hide(back, "unclear", "", 1, now.Add(HideLife))
		wantErr(t, "the same officer again", err, ErrSameOfficer)
		for name, ends := range map[string][2]time.Time{"closes": {p.ClosesAt, back.ClosesAt},
			"appeal": {p.AppealUntil, back.AppealUntil}, "decide": {p.DecideBy, back.DecideBy}} {
			if s != Closed && ends[0].After(now) && l.date(ends[0]).DaysUntil(l.date(ends[1])) != 1 {
				t.Errorf("%s: %s at %s, now %s", s, name, ends[0], ends[1])
			}
		}
	}
}

func TestStageReachedWhileHidden(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	p := inState(t, l, Open, now)
	c, err := l.Hide(p, "unclear", "", 1, now)
	p = must(t, c, err)
	p.Count = 1000
	if _, ok := l.Count(p, 1000, now); ok {
		t.Error("a hidden petition moved")
	}
	c, err = l.Lift(p, 1, now.Add(time.Hour))
	must(t, c, err)
	wantKinds(t, "lift", c, EvRestored, EvStage)
}
