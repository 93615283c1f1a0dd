package petition

import (
	"slices"
	"strconv"
	"time"
)

// The actors of events that no officer did.
const (
	ActorPetitioner = "petitioner"
	ActorCalendar   = "calendar" // a term ran out
	ActorSigners    = "signers"  // a threshold was met
	ActorImport     = "import"
	// ActorOrganisation is the organisation in whose name a petition stands.
	ActorOrganisation = "organisation"
	// ActorMember is a member of the assembly who was asked to stand behind a petition.
	ActorMember = "member"
)

// ActorOfficer names an officer in an event.
func ActorOfficer(id OfficerID) string { return "officer:" + strconv.FormatInt(int64(id), 10) }

// Start makes the record of a new petition: a draft whose petitioner has not
// proven an address yet. The texts must have passed CheckTexts.
func (l *Profile) Start(p Petition, now time.Time) Change {
	p.State, p.Profile, p.CreatedAt, p.TextVersion = Draft, l.Ref(), now, 1
	if l.Local != nil {
		p.Place = l.Local.Code
	}
	return changed(p, EvStarted, now, ActorPetitioner, nil)
}

// Confirm records that the petitioner proved an address. The petition then
// looks for supporters, or goes to moderation where the law asks for none.
func (l *Profile) Confirm(p Petition, now time.Time) (Change, error) {
	if p.State != Draft {
		return Change{}, ErrState
	}
	p.ConfirmedAt = now
	c := changed(p, EvConfirmed, now, ActorPetitioner, nil)
	if p.Kind == KindProposal || l.Support.Threshold == 0 || l.Support.AfterCheck {
		return l.handIn(c, now, ActorPetitioner), nil
	}
	c.Petition.State = Supporting
	if !l.Support.Window.IsZero() {
		c.Petition.SupportUntil = l.end(l.Support.Window, now)
	}
	return c, nil
}

// end is the moment a term started at at has run out.
func (l *Profile) end(t Term, at time.Time) time.Time {
	return t.End(at, &l.Calendar, l.location()).UTC()
}

// handIn leads a petition that has its supporters to the desk, by way of a
// member of the assembly where the law asks for one.
func (l *Profile) handIn(c Change, now time.Time, actor string) Change {
	if c.Petition.SupportedAt = now; l.needsMember(c.Petition) {
		return l.seek(c, now, actor)
	}
	return l.queue(c, now, actor)
}

func (l *Profile) queue(c Change, now time.Time, actor string) Change {
	p := &c.Petition
	p.State, p.QueuedAt, p.Escalated = Moderation, now, false
	p.DecideBy = l.end(l.Moderation.Term, now)
	c.Events = append(c.Events, Event{Petition: p.ID, Kind: EvQueued, At: now, Actor: actor})
	return c
}

// supportNeeded counts the petitioner's own signature beside the threshold
// where the law counts it.
func (l *Profile) supportNeeded() int64 {
	if l.Support.PetitionerSigns {
		return l.Support.Threshold + 1
	}
	return l.Support.Threshold
}

// supportMax is the number of signatures at which no more supporters are taken; 0 for no limit.
func (l *Profile) supportMax() int64 {
	if l.Support.Max == 0 || !l.Support.PetitionerSigns {
		return l.Support.Max
	}
	return l.Support.Max + 1
}

// CheckSign says whether the petition takes a signature asked for at now.
func (l *Profile) CheckSign(p Petition, now time.Time) error {
	switch {
	case p.OrgCheck.disowned():
		return ErrClosed
	case p.State == Hidden:
		return ErrHidden
	case p.State == Open && (p.ClosesAt.IsZero() || now.Before(p.ClosesAt)):
		return nil
	case p.State == Supporting && !p.SupportUntil.IsZero() && !now.Before(p.SupportUntil):
		return ErrClosed
	case p.State != Supporting && p.State.Signable() && p.State != Open && l.Support.AfterCheck:
		return ErrNotOpen // nobody supports what was not checked
	case p.State == Supporting || p.State == Authorising || p.State == Moderation:
		if m := l.supportMax(); m > 0 && p.Count >= m {
			return ErrClosed
		}
		return nil
	case p.State == Open, p.State == Closed, p.State.over():
		return ErrClosed
	}
	return ErrNotOpen
}

// CheckConfirm says whether a letter's link may still count at now: like
// CheckSign, and for the hours of grace after the close.
func (l *Profile) CheckConfirm(p Petition, now time.Time) error {
	if p.OrgCheck.disowned() {
		return ErrClosed
	}
	if (p.State == Open || p.State == Closed) && !p.ClosesAt.IsZero() {
		if until := p.ClosesAt.Add(l.grace()); now.Before(until) {
			return nil
		}
		return ErrClosed
	}
	return l.CheckSign(p, now)
}

// CheckWithdraw says whether a signature may be taken back at now.
func (l *Profile) CheckWithdraw(p Petition, now time.Time) error {
	if p.State == Hidden {
		return ErrHidden
	}
	if !l.Collect.Withdrawals || !p.State.Signable() && p.State != Returned && p.State != Appealed {
		return ErrClosed
	}
	if p.State == Open && !p.ClosesAt.IsZero() && !now.Before(p.ClosesAt) {
		return ErrClosed
	}
	return nil
}

func (l *Profile) grace() time.Duration { return time.Duration(l.Collect.GraceHours) * time.Hour }

func (s State) over() bool { return s == Refused || s == Lapsed || s == Withdrawn || s == Removed }

// Count takes the number of active signatures after a batch was committed and
// returns what follows: enough supporters, or a stage reached and frozen. It
// reports false when nothing does. Stages never fall back.
func (l *Profile) Count(p Petition, count int64, now time.Time) (Change, bool) {
	p.Count = count
	switch p.State {
	case Supporting:
		if count < l.supportNeeded() {
			return Change{}, false
		}
		if l.Support.AfterCheck {
			return l.publish(p, now, ActorSigners, ""), true
		}
		return l.handIn(Change{Petition: p}, now, ActorSigners), true
	case Open, Closed: // the last letters are confirmed after the close
		c := l.reach(Change{Petition: p}, now)
		return c, len(c.Events) > 0
	}
	return Change{}, false
}

// reach freezes every stage whose threshold the count meets.
func (l *Profile) reach(c Change, now time.Time) Change {
	p := &c.Petition
	if p.Archived() {
		return c
	}
	if p.Kind == KindProposal {
		return l.address(c, now)
	}
	for _, s := range l.Stages {
		if _, done := p.Reached(s.ID); done || !s.met(*p) {
			continue
		}
		r := StageReached{Stage: s.ID, Threshold: p.Needed(s), At: now}
		if !s.Term.IsZero() && !l.needsDelivery(s) {
			r.AnswerBy = s.Term.LastDay(l.Today(now), &l.Calendar)
		}
		p.Stages = append(slices.Clone(p.Stages), r)
		c.Events = append(c.Events, Event{Petition: p.ID, Kind: EvStage, At: now, Actor: ActorSigners,
			Data: map[string]string{"stage": s.ID, "threshold": strconv.FormatInt(p.Needed(s), 10)}})
	}
	return c
}

// NextThreshold is the count at which Count will next have something to say,
// or 0 when it never will in this state. The pool compares counts with it
// before it loads the record.
func (l *Profile) NextThreshold(p Petition) int64 {
	switch p.State {
	case Supporting:
		return l.supportNeeded()
	case Open, Closed:
		if p.Archived() {
			return 0
		}
		for _, s := range l.Stages {
			if _, done := p.Reached(s.ID); !done && p.Kind != KindProposal && p.Needed(s) > 0 {
				return p.Needed(s)
			}
		}
	}
	return 0
}

// Show decides what count the public sees. From StepBelow on it is live. Below,
// the number moves in steps, so that a watcher cannot tell when a person signed
// or withdrew:
//
//  1. never in the step of the clock in which the count changed: what a watcher
//     learns is that it was some time before this step began;
//  2. at most once a step, and by StepBy or more;
//  3. or by less when both the count and what is shown are of an earlier civil date.
func (l *Profile) Show(p Petition, count int64, now time.Time) (shown int64, moved bool) {
	r := l.Counts
	if count == p.Shown {
		return p.Shown, false
	}
	if count >= r.StepBelow {
		return count, true
	}
	step := r.Step(now)
	if !p.CountedAt.Before(step) || !r.Step(p.ShownAt).Before(step) {
		return p.Shown, false
	}
	apart := max(count-p.Shown, p.Shown-count) >= r.StepBy
	today := l.Today(now)
	if apart || l.Today(p.ShownAt).Before(today) && l.Today(p.CountedAt).Before(today) {
		return count, true
	}
	return p.Shown, false
}

// Step is the beginning of the step of the clock that now lies in.
func (r CountRule) Step(now time.Time) time.Time {
	return now.UTC().Truncate(time.Duration(max(r.StepMinutes, 1)) * time.Minute)
}

// Live reports whether a petition's public numbers follow every signature.
func (l *Profile) Live(count int64) bool { return count >= l.Counts.StepBelow }
