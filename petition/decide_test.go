package petition

import (
	"slices"
	"testing"
	"time"
)

func TestDecideReadsTheVersionThatStands(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Returned, noon(t, l))
	c, err := l.Resubmit(p, Texts{"kk": {Title: "Жаңа", Ask: "Жаңа мәтін"}}, noon(t, l))
	wantErr(t, "resubmit", err, nil)
	wantKinds(t, "resubmit", c, EvResubmitted, EvQueued)
	p = c.Petition
	if p.TextVersion != 2 || p.State != Moderation || p.Escalated {
		t.Fatalf("version %d in %s, escalated %v", p.TextVersion, p.State, p.Escalated)
	}
	for _, version := range []int{0, 1, 3} {
		d := decision(p, Publish, "", 1)
		d.TextVersion = version
		_, err := l.Decide(p, d, noon(t, l))
		wantErr(t, "version not read", err, ErrTextChanged)
	}
}

func TestDecideNeedsAReasonOfTheProfile(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Moderation, noon(t, l))
	for _, d := range []Decision{
		decision(p, Reject, "", 1), decision(p, Reject, "dislike", 1),
		decision(p, Return, "", 1), decision(p, Return, "dislike", 1),
		decision(p, "", "unclear", 1), decision(p, "hide", "unclear", 1),
	} {
		_, err := l.Decide(p, d, noon(t, l))
		wantErr(t, string(d.Verdict)+"/"+d.Reason, err, ErrReason)
	}
}

func TestTwoOfficersRefuse(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	p := inState(t, l, Moderation, now)
	c, err := l.Decide(p, decision(p, Reject, "unclear", 1), now)
	wantErr(t, "the first", err, nil)
	wantKinds(t, "the first", c, EvProposed)
	if c.NeedsNumber || c.Petition.State != Moderation || c.Petition.Refusal != nil || p.Proposed != nil {
		t.Fatalf("one officer refused: %+v", c)
	}
	proposed := c.Petition
	_, err = l.Decide(proposed, decision(proposed, Reject, "hatred", 1), now)
	wantErr(t, "the same officer again", err, ErrSameOfficer)
	second := decision(proposed, Reject, "hatred", 2)
	second.Note = "see the second paragraph"
	c, err = l.Decide(proposed, second, now)
	wantErr(t, "the second", err, nil)
	wantKinds(t, "the second", c, EvRefused)
	q := c.Petition
	if q.State != Refused || q.Proposed != nil || q.Refusal == nil || q.Refusal.Reason != "hatred" || !q.HideText || !c.NeedsNumber {
		t.Errorf("refused as %+v", q)
	}
	if !slices.Equal(q.RefusedBy, []OfficerID{2, 1}) || c.Events[0].Data["note"] != second.Note || c.Events[0].Data["reason"] != "hatred" {
		t.Errorf("by %v, event %v", q.RefusedBy, c.Events[0])
	}
	if want := at(t, l, "2026-12-08 00:00:00"); !q.AppealUntil.Equal(want) { // ten working days
		t.Errorf("appeal until %s, want %s", q.AppealUntil, want)
	}
	c, err = l.Decide(proposed, decision(proposed, Publish, "", 2), now)
	wantErr(t, "the second publishes", err, nil)
	if c.Petition.State != Open || c.Petition.Proposed != nil || len(c.Petition.RefusedBy) != 0 || !c.NeedsNumber {
		t.Errorf("published as %+v", c.Petition)
	}
	c, err = l.Decide(proposed, decision(proposed, Return, "unclear", 2), now)
	wantErr(t, "the second returns", err, nil)
	if c.Petition.Proposed != nil || !c.Petition.DecideBy.IsZero() {
		t.Error("a returned petition keeps the proposal to refuse it")
	}
}

func TestOneOfficerRefusesWhereTheLawAsksForOne(t *testing.T) {
	l := parliament(t)
	p := inState(t, l, Moderation, noon(t, l))
	c, err := l.Decide(p, decision(p, Reject, "unclear", 1), noon(t, l))
	wantErr(t, "reject", err, nil)
	wantKinds(t, "reject", c, EvRefused)
	if !c.Petition.AppealUntil.IsZero() || c.Petition.State != Refused {
		t.Errorf("appeal until %s in %s", c.Petition.AppealUntil, c.Petition.State)
	}
	_, err = l.Lodge(c.Petition, "words", noon(t, l))
	wantErr(t, "an appeal the law does not know", err, ErrState)
}

func TestAppealOnBothSidesOfItsTerm(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Refused, noon(t, l))
	_, err := l.Lodge(p, "words", p.AppealUntil)
	wantErr(t, "when the term has ended", err, ErrLate)
	last := p.AppealUntil.Add(-instant)
	c, err := l.Lodge(p, "words", last)
	wantErr(t, "in the last moment", err, nil)
	wantKinds(t, "appeal", c, EvAppealed)
	q := c.Petition
	if q.State != Appealed || q.Appeal != "words" || !q.AppealedAt.Equal(last) || !q.DecideBy.Equal(at(t, l, "2026-12-22 00:00:00")) {
		t.Errorf("appealed as %+v", q)
	}
	for _, who := range []OfficerID{1, 2} {
		for _, v := range []Verdict{Publish, Reject} {
			_, err := l.Decide(q, decision(q, v, "unclear", who), last)
			wantErr(t, "an officer of the refusal", err, ErrDecidedOwn)
		}
	}
	c, err = l.Decide(q, decision(q, Publish, "", 3), last)
	wantErr(t, "another officer", err, nil)
	if o := c.Petition; o.State != Open || o.Refusal != nil || o.HideText || !o.DecideBy.IsZero() || !o.AppealUntil.IsZero() {
		t.Errorf("published after the appeal as %+v", o)
	}
}

func TestUpheldIsFinal(t *testing.T) {
	l := civic(t)
	p := inState(t, l, Appealed, noon(t, l))
	p.HideText = true // for the reason of the first refusal
	later := noon(t, l).Add(48 * time.Hour)
	c, err := l.Decide(p, decision(p, Reject, "hatred", 3), later)
	wantErr(t, "a third officer", err, nil)
	wantKinds(t, "a third officer", c, EvProposed)
	if c.Petition.State != Appealed {
		t.Fatalf("one officer decided the appeal: %s", c.Petition.State)
	}
	p = c.Petition
	_, err = l.Decide(p, decision(p, Reject, "hatred", 3), later)
	wantErr(t, "the same again", err, ErrSameOfficer)
	c, err = l.Decide(p, decision(p, Reject, "unclear", 4), later)
	wantErr(t, "a fourth officer", err, nil)
	wantKinds(t, "a fourth officer", c, EvUpheld)
	q := c.Petition
	if q.State != Refused || !q.AppealUntil.IsZero() || !slices.Equal(q.RefusedBy, []OfficerID{2, 1, 4, 3}) || q.HideText {
		t.Errorf("upheld as %+v", q)
	}
	if len(p.RefusedBy) != 2 {
		t.Error("the record that was given was changed")
	}
	_, err = l.Lodge(q, "again", later)
	wantErr(t, "a second appeal", err, ErrState)
	if due, want := l.NextDue(q), at(t, l, "2026-12-26 00:00:00"); !due.Equal(want) {
		t.Errorf("purged at %s, want %s: 30 days after the last refusal", due, want)
	}
}
