package petition

import (
	"slices"
	"strconv"
	"time"
)

// Outage is a time in which the site could not be reached, measured by its own
// heartbeat: From is the last beat before, To the first one after.
type Outage struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Extension is what an outage added to the windows of a petition.
type Extension struct {
	Outage
	Days int `json:"days"`
}

// Extend gives a petition back the days that an outage took from its windows;
// false when the law gives none, the outage was shorter than the law counts,
// nothing ran at the time, or it was given already. Days are whole: a part of
// one counts as one, since windows end with a day.
func (l *Profile) Extend(p Petition, o Outage, now time.Time) (Change, bool) {
	least := time.Duration(l.Downtime.FromHours) * time.Hour
	if !l.Downtime.Compensate || !o.From.Before(o.To) || o.To.Sub(o.From) < least {
		return Change{}, false
	}
	if slices.ContainsFunc(p.Extensions, func(e Extension) bool { return e.From.Equal(o.From) }) {
		return Change{}, false
	}
	began, end := p.OpenedAt, &p.ClosesAt
	switch p.State {
	case Open:
	case Supporting:
		began, end = p.ConfirmedAt, &p.SupportUntil
	default:
		return Change{}, false
	}
	from, to := o.From, o.To
	if began.After(from) {
		from = began
	}
	if end.Before(to) {
		to = *end
	}
	if end.IsZero() || !from.Before(to) {
		return Change{}, false
	}
	days := int((to.Sub(from) + 24*time.Hour - 1) / (24 * time.Hour))
	*end = end.In(l.location()).AddDate(0, 0, days).UTC()
	p.Extensions = append(slices.Clone(p.Extensions), Extension{Outage: o, Days: days})
	return changed(p, EvExtended, now, ActorCalendar, map[string]string{"days": strconv.Itoa(days),
		"from": o.From.UTC().Format(time.RFC3339), "to": o.To.UTC().Format(time.RFC3339)}), true
}
