package petition

import "time"

// NextDue is the moment at which the calendar will next act on the petition;
// the zero time when it never will. The store keeps it beside the record, so
// that one indexed look-up finds what is due.
func (l *Profile) NextDue(p Petition) time.Time {
	switch p.State {
	case Supporting, Returned:
		return p.SupportUntil
	case Moderation, Appealed:
		// A missed appeal publishes, too, but never a text that was refused as unlawful.
		if p.Escalated && (l.Moderation.OnMissed != "publish" || p.HideText) {
			return time.Time{}
		}
		return p.DecideBy
	case Open:
		if due := p.mergeDue(); !due.IsZero() && (p.ClosesAt.IsZero() || due.Before(p.ClosesAt)) {
			return due
		}
		return p.ClosesAt
	case Authorising:
		if a := p.Asked(); a != nil {
			return a.Until
		}
		return time.Time{}
	case Hidden:
		return p.Hiding.Until
	}
	due, _ := l.restDue(p)
	return due
}

// restDue is what the calendar still does to a petition that has ended: its
// keys are destroyed, and it goes to the archive, whichever is first.
func (l *Profile) restDue(p Petition) (due time.Time, archives bool) {
	if ended := p.ended(); !ended.IsZero() && p.PurgedAt.IsZero() {
		due = l.purgeAt(ended)
	}
	if a := l.ArchiveDue(p); !a.IsZero() && (due.IsZero() || a.Before(due)) {
		return a, true
	}
	return due, false
}

// ended is when the petition stopped taking signatures for good, as far as decided.
func (p Petition) ended() time.Time {
	switch p.State {
	case Closed:
		return p.ClosedAt
	case Refused:
		if p.AppealUntil.After(p.RefusedAt) && p.AppealedAt.IsZero() {
			return p.AppealUntil
		}
		return p.RefusedAt
	case Removed:
		return p.RemovedAt
	case Lapsed, Withdrawn:
		return p.EndedAt
	}
	return time.Time{}
}

func (l *Profile) purgeAt(ended time.Time) time.Time {
	return l.end(l.Collect.Retention, ended)
}

// Tick does the one thing that is due at now, if any. The caller repeats it
// until it reports false, so that downtime is caught up with act by act, each
// dated with the moment it was due.
func (l *Profile) Tick(p Petition, now time.Time) (Change, bool) {
	due := l.NextDue(p)
	if due.IsZero() || now.Before(due) {
		return Change{}, false
	}
	switch p.State {
	case Supporting, Returned:
		p.State, p.EndedAt = Lapsed, due
		return changed(p, EvLapsed, due, ActorCalendar, nil), true
	case Moderation, Appealed:
		return l.missed(p, due), true
	case Authorising:
		return l.declined(p, SaidSilent, due, ActorCalendar), true
	case Hidden:
		return l.restore(p, due, ActorCalendar), true
	case Open:
		if p.ClosesAt.IsZero() || due.Before(p.ClosesAt) {
			return lapseMerges(Change{Petition: p}, due, false), true
		}
		p.State, p.ClosedAt = Closed, due
		p.Shown, p.ShownAt = p.Count, due
		return lapseMerges(changed(p, EvClosed, due, ActorCalendar, nil), due, true), true
	}
	if _, archives := l.restDue(p); archives {
		return archive(p, now, ActorCalendar, nil), true
	}
	p.PurgedAt = now
	return changed(p, EvPurged, now, ActorCalendar, nil), true
}

// missed is what follows a moderation term that ran out: another officer's
// term, then publication without a decision where the profile says so.
func (l *Profile) missed(p Petition, due time.Time) Change {
	if p.Escalated {
		return l.publish(p, due, ActorCalendar, "")
	}
	p.Escalated = true
	if !l.Moderation.SecondTerm.IsZero() {
		p.DecideBy = l.end(l.Moderation.SecondTerm, due.Add(-time.Nanosecond))
	}
	return changed(p, EvEscalated, due, ActorCalendar, nil)
}
