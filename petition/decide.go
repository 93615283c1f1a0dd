package petition

import (
	"slices"
	"time"
)

// Decide applies an officer's decision on a petition in moderation or under appeal.
//
//  1. The officer must have read the version that stands (ErrTextChanged).
//  2. A refusal or a return needs a reason of the profile (ErrReason).
//  3. Where the profile asks for two officers, the first refusal is a proposal;
//     only a different officer (ErrSameOfficer) can make it a refusal. Anybody
//     may publish, who proposed to refuse as well: publishing needs one.
//  4. Nobody who took part in a refusal decides the appeal (ErrDecidedOwn).
//  5. Once a term has run out, what the calendar does then comes first (ErrLate).
//
// A refusal gets a public number: it is shown, with its reason.
func (l *Profile) Decide(p Petition, d Decision, now time.Time) (Change, error) {
	if p.State != Moderation && p.State != Appealed {
		return Change{}, ErrState
	}
	if d.TextVersion != p.TextVersion {
		return Change{}, ErrTextChanged
	}
	if due := l.NextDue(p); !due.IsZero() && !now.Before(due) {
		return Change{}, ErrLate
	}
	if p.State == Appealed && slices.Contains(p.RefusedBy, d.Officer) {
		return Change{}, ErrDecidedOwn
	}
	d.At = now
	switch d.Verdict {
	case Publish:
		return l.publish(p, now, ActorOfficer(d.Officer), d.Note), nil
	case Return:
		return l.giveBack(p, d)
	case Reject:
		return l.refuse(p, d)
	}
	return Change{}, ErrReason
}

// publish opens a petition, or, where the law has its supporters found after
// the check, lets them be found first.
func (l *Profile) publish(p Petition, now time.Time, actor, note string) Change {
	if l.Support.AfterCheck && p.Kind != KindProposal && p.CheckedAt.IsZero() && p.Count < l.supportNeeded() {
		return l.passed(p, now, actor, note)
	}
	p.AutoPublished = p.AutoPublished && p.State == Supporting || actor == ActorCalendar
	if step := l.Counts.Step(now); actor == ActorSigners && step.After(p.CheckedAt) {
		now = step // nobody learns the moment at which the last supporter signed
	}
	p.State, p.OpenedAt, p.Proposed, p.Refusal, p.HideText = Open, now, nil, nil, false
	p.ClosesAt, p.DecideBy, p.AppealUntil = time.Time{}, time.Time{}, time.Time{}
	if w := l.window(p); !w.IsZero() {
		p.ClosesAt = l.end(w, now)
	}
	l.freeze(&p, l.Today(now))
	p.Shown, p.ShownAt = p.Count, now
	var data map[string]string
	if note != "" {
		data = map[string]string{"note": note}
	}
	c := changed(p, EvPublished, now, actor, data)
	c.NeedsNumber = true
	return l.reach(c, now)
}

// passed lets a petition that passed the check look for its supporters by link.
func (l *Profile) passed(p Petition, now time.Time, actor, note string) Change {
	p.State, p.CheckedAt, p.Proposed, p.Refusal, p.HideText = Supporting, now, nil, nil, false
	p.DecideBy, p.AppealUntil, p.SupportUntil = time.Time{}, time.Time{}, time.Time{}
	p.AutoPublished = actor == ActorCalendar
	if !l.Support.Window.IsZero() {
		p.SupportUntil = l.end(l.Support.Window, now)
	}
	var data map[string]string
	if note != "" {
		data = map[string]string{"note": note}
	}
	return changed(p, EvChecked, now, actor, data)
}

func (l *Profile) giveBack(p Petition, d Decision) (Change, error) {
	if _, ok := l.Reason(d.Reason); !ok || p.State == Appealed {
		return Change{}, ErrReason
	}
	p.State, p.DecideBy, p.Proposed = Returned, time.Time{}, nil
	// The petitioner has as long to hand it in again as supporters had to be found.
	p.SupportUntil = time.Time{}
	if !l.Support.Window.IsZero() {
		p.SupportUntil = l.end(l.Support.Window, d.At)
	}
	return changed(p, EvReturned, d.At, ActorOfficer(d.Officer), reasonData(d)), nil
}

func (l *Profile) refuse(p Petition, d Decision) (Change, error) {
	reason, ok := l.Reason(d.Reason)
	if !ok {
		return Change{}, ErrReason
	}
	if l.Moderation.RefusalOfficers > 1 {
		if p.Proposed == nil {
			p.Proposed = &d
			return changed(p, EvProposed, d.At, ActorOfficer(d.Officer), reasonData(d)), nil
		}
		if p.Proposed.Officer == d.Officer {
			return Change{}, ErrSameOfficer
		}
	}
	upheld := p.State == Appealed
	p.RefusedBy = appendOfficer(p.RefusedBy, d.Officer)
	if p.Proposed != nil {
		p.RefusedBy = appendOfficer(p.RefusedBy, p.Proposed.Officer)
	}
	p.State, p.RefusedAt, p.DecideBy, p.Proposed = Refused, d.At, time.Time{}, nil
	p.Refusal, p.HideText = &d, reason.HideText
	kind := EvRefused
	if upheld {
		kind, p.AppealUntil = EvUpheld, time.Time{}
	} else if l.Appeal.Allowed {
		p.AppealUntil = l.end(l.Appeal.Window, d.At)
	}
	c := changed(p, kind, d.At, ActorOfficer(d.Officer), reasonData(d))
	c.NeedsNumber = true
	return c, nil
}

func reasonData(d Decision) map[string]string {
	m := map[string]string{"reason": d.Reason}
	if d.Note != "" {
		m["note"] = d.Note
	}
	return m
}

func appendOfficer(ids []OfficerID, id OfficerID) []OfficerID {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(slices.Clone(ids), id)
}

// Lodge is the petitioner's appeal against a refusal, in the petitioner's words.
func (l *Profile) Lodge(p Petition, words string, now time.Time) (Change, error) {
	if p.Archived() {
		return Change{}, ErrArchived
	}
	if p.State != Refused || !p.AppealedAt.IsZero() || !l.Appeal.Allowed {
		return Change{}, ErrState
	}
	if !now.Before(p.AppealUntil) {
		return Change{}, ErrLate
	}
	p.State, p.AppealedAt, p.Appeal = Appealed, now, words
	p.DecideBy, p.Escalated = l.end(l.Appeal.Term, now), true
	return changed(p, EvAppealed, now, ActorPetitioner, nil), nil
}

// Resubmit hands in a changed text after a return. It is a new version.
func (l *Profile) Resubmit(p Petition, texts Texts, now time.Time) (Change, error) {
	if p.State != Returned {
		return Change{}, ErrState
	}
	data := backedVersion(p)
	p.Texts, p.TextVersion = texts, p.TextVersion+1
	c := changed(p, EvResubmitted, now, ActorPetitioner, data)
	return l.queue(c, now, ActorPetitioner), nil
}

// Withdraw takes the petition back; only before the close.
func (l *Profile) Withdraw(p Petition, now time.Time) (Change, error) {
	if p.State.over() || p.State == Closed || p.State == Hidden {
		return Change{}, ErrState
	}
	if p.State == Open && !p.ClosesAt.IsZero() && !now.Before(p.ClosesAt) {
		return Change{}, ErrLate
	}
	p.State, p.EndedAt = Withdrawn, now
	return lapseMerges(changed(p, EvWithdrawn, now, ActorPetitioner, nil), now, true), nil
}

// Respond records the body's answer. The first answer stands.
func (l *Profile) Respond(p Petition, a Answer, now time.Time) (Change, error) {
	if p.Archived() {
		return Change{}, ErrArchived
	}
	if p.State != Open && p.State != Closed || p.Answer != nil {
		return Change{}, ErrState
	}
	if errs := l.checkAnswer(a, now); len(errs) > 0 {
		return Change{}, errs
	}
	a.At = now
	p.Answer = &a
	data := map[string]string{"outcome": a.Outcome}
	if a.Source != "" {
		data["source"] = a.Source
	}
	return changed(p, EvAnswered, now, ActorOfficer(a.By), data), nil
}
