package petition

import (
	"slices"
	"time"
)

// address puts a published proposal to its body: it needs no signatures, so
// the first duty the law gives to a body is owed from the publication on. Its
// term runs as that of a petition: from the delivery, and where the site is the
// authority's own from this day. Later calls change nothing.
func (l *Profile) address(c Change, now time.Time) Change {
	p := &c.Petition
	for _, s := range l.Stages {
		if s.Actor != "body" {
			continue
		}
		if _, done := p.Reached(s.ID); done {
			return c
		}
		r := StageReached{Stage: s.ID, At: now}
		if !s.Term.IsZero() && !l.needsDelivery(s) {
			r.AnswerBy = s.Term.LastDay(l.Today(now), &l.Calendar)
		}
		p.Stages = append(slices.Clone(p.Stages), r)
		c.Events = append(c.Events, Event{Petition: p.ID, Kind: EvAddressed, At: now, Actor: ActorCalendar,
			Data: map[string]string{"stage": s.ID}})
		return c
	}
	return c
}
