package petition

import (
	"slices"
	"time"
)

// HideLife is how long one officer alone can keep a petition from the public.
const HideLife = 24 * time.Hour

// Hiding is a petition taken from the public at once by one officer, until
// another confirms it, somebody lifts it, or its time runs out.
type Hiding struct {
	Reason  string    `json:"reason"` // code of the profile
	Note    string    `json:"note,omitempty"`
	Officer OfficerID `json:"officer"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until"` // then the calendar lifts it
	Was     State     `json:"was"`   // the state it goes back to
}

// Hide takes a public petition from the public at once, with a reason of the
// profile (ErrReason). An officer who hid it before cannot hide it again
// (ErrSameOfficer): one person alone never holds back a petition for longer
// than HideLife.
func (l *Profile) Hide(p Petition, reason, note string, officer OfficerID, now time.Time) (Change, error) {
	if !p.State.Public() {
		return Change{}, ErrState
	}
	if due := l.NextDue(p); !due.IsZero() && !now.Before(due) {
		return Change{}, ErrLate // what the calendar does then comes first
	}
	if _, ok := l.Reason(reason); !ok {
		return Change{}, ErrReason
	}
	if slices.Contains(p.HiddenBy, officer) {
		return Change{}, ErrSameOfficer
	}
	p.Hiding = &Hiding{Reason: reason, Note: note, Officer: officer, At: now, Until: now.Add(HideLife), Was: p.State}
	p.State, p.HiddenBy = Hidden, appendOfficer(p.HiddenBy, officer)
	return changed(p, EvHidden, now, ActorOfficer(officer), hidingData(p.Hiding)), nil
}

// Remove confirms a hiding: the petition is gone for ever, and the reason
// stays. It takes another officer than the one who hid it (ErrSameOfficer).
func (l *Profile) Remove(p Petition, officer OfficerID, now time.Time) (Change, error) {
	if err := p.hidden(now); err != nil {
		return Change{}, err
	}
	if p.Hiding.Officer == officer {
		return Change{}, ErrSameOfficer
	}
	p.State, p.RemovedAt, p.Proposed = Removed, now, nil
	return lapseMerges(changed(p, EvRemoved, now, ActorOfficer(officer), hidingData(p.Hiding)), now, true), nil
}

// Lift ends a hiding: the petition is back as it was. Any officer may, the one
// who hid it as well: a mistake should be undone at once.
func (l *Profile) Lift(p Petition, officer OfficerID, now time.Time) (Change, error) {
	if err := p.hidden(now); err != nil {
		return Change{}, err
	}
	return l.restore(p, now, ActorOfficer(officer)), nil
}

// hidden reports whether a decision about the hiding can be taken at now.
func (p Petition) hidden(now time.Time) error {
	switch {
	case p.State != Hidden || p.Hiding == nil:
		return ErrState
	case !now.Before(p.Hiding.Until):
		return ErrLate
	}
	return nil
}

// restore puts a hidden petition back. Days that were taken from the signing,
// from an appeal or from its decision are given back, in whole days.
func (l *Profile) restore(p Petition, now time.Time, actor string) Change {
	days := int((now.Sub(p.Hiding.At) + 24*time.Hour - 1) / (24 * time.Hour))
	for _, end := range []*time.Time{&p.ClosesAt, &p.AppealUntil, &p.DecideBy} {
		if end.After(p.Hiding.At) {
			*end = end.In(l.location()).AddDate(0, 0, days).UTC()
		}
	}
	p.State, p.Hiding = p.Hiding.Was, nil
	c := changed(p, EvRestored, now, actor, nil)
	if p.State == Open || p.State == Closed {
		return l.reach(c, now) // letters that were under way may have been counted meanwhile
	}
	return c
}

func hidingData(h *Hiding) map[string]string {
	return reasonData(Decision{Reason: h.Reason, Note: h.Note})
}
