package petition

import "time"

// The effects of a dissolution.
const (
	DissolveStop  = "stop"
	DissolveCarry = "carry-over"
)

// Stopped reports whether the dissolution of the assembly ended the petition.
func (p Petition) Stopped() bool { return !p.DissolvedOn.IsZero() }

// DissolvedAt is the moment at which an assembly that is dissolved on a day
// ceases to take petitions: the beginning of that day.
func (l *Profile) DissolvedAt(on Date) time.Time { return on.Midnight(l.location()).UTC() }

// TakesPetitions reports whether new petitions may be started at now, when the
// assembly is dissolved on a day; the zero date for an assembly that sits.
func (l *Profile) TakesPetitions(on Date, now time.Time) bool {
	return on.IsZero() || l.Dissolution.Effect != DissolveStop || now.Before(l.DissolvedAt(on))
}

// Dissolve is what the dissolution of the assembly on a day does to a petition
// under a law that stops them then; false when it does nothing. An open petition
// closes with the signatures it has, and one on its way to publication ends.
// Refusals, answers and what has closed stand as they are. Days count from the
// dissolution, not from when somebody told of it.
func (l *Profile) Dissolve(p Petition, on Date, now time.Time) (Change, bool) {
	if l.TakesPetitions(on, now) || p.Stopped() || p.CreatedAt.After(l.DissolvedAt(on)) {
		return Change{}, false
	}
	at := l.DissolvedAt(on)
	data := map[string]string{"on": on.String()}
	switch p.State {
	case Open:
		p.DissolvedOn = on
		c := changed(p, EvDissolved, now, ActorCalendar, data)
		c = shut(c, now, ActorCalendar)
		c.Petition.ClosedAt, c.Petition.ClosesAt = at, at
		return c, true
	case Appealed: // the refusal stands: nobody is left to decide otherwise
		p.DissolvedOn, p.Proposed, p.DecideBy, p.State = on, nil, time.Time{}, Refused
		return changed(p, EvDissolved, now, ActorCalendar, data), true
	case Supporting, Authorising, Moderation, Returned:
		p.DissolvedOn, p.Proposed, p.DecideBy = on, nil, time.Time{}
		p.State, p.EndedAt = Lapsed, now
		return changed(p, EvDissolved, now, ActorCalendar, data), true
	}
	return Change{}, false
}
