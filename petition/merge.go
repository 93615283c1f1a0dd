package petition

import (
	"slices"
	"strconv"
	"time"
)

// Merging is by consent of both petitioners: one petition closes in favour of
// the other and its followers are invited to sign that one. The counts stand
// side by side and are never added, since persons cannot be matched across
// petitions.

// MergeLife is how long an offer to merge may be answered. Then the petition
// that made it may ask another one.
const MergeLife = 30 * 24 * time.Hour

func otherData(number int64) map[string]string {
	return map[string]string{"other": strconv.FormatInt(number, 10)}
}

func (p Petition) mergeable() bool {
	return p.State == Open && p.Kind == KindPetition && p.MergedInto == 0 && !p.OrgCheck.disowned()
}

// ProposeMerge asks the petition into to take the followers of from. Both
// must be open; a petition asks one other at a time.
func ProposeMerge(from, into Petition, now time.Time) (Change, Change, error) {
	if !from.mergeable() || !into.mergeable() || from.ID == into.ID || from.MergeInto != 0 || from.Profile.ID != into.Profile.ID {
		return Change{}, Change{}, ErrState
	}
	from.MergeInto, from.MergeUntil = into.Number, now.Add(MergeLife)
	into = withoutOffer(into, from.Number) // one that lapsed there
	into.MergeOffers = append(slices.Clone(into.MergeOffers), from.Number)
	into.OffersUntil = append(slices.Clone(into.OffersUntil), from.MergeUntil)
	return changed(from, EvMergeAsked, now, ActorPetitioner, otherData(into.Number)),
		changed(into, EvMergeOffered, now, ActorPetitioner, otherData(from.Number)), nil
}

// asked reports whether from waits for the word of into.
func asked(from, into Petition) bool {
	return from.MergeInto == into.Number && into.Number != 0 && slices.Contains(into.MergeOffers, from.Number)
}

func withoutOffer(into Petition, number int64) Petition {
	into, _ = into.dropOffers(func(n int64, _ time.Time) bool { return n == number })
	return into
}

// dropOffers leaves out the offers of others that gone names, and returns them.
// One without a date is of before there were dates.
func (p Petition) dropOffers(gone func(number int64, until time.Time) bool) (Petition, []int64) {
	var offers, dropped []int64
	var ends []time.Time
	for i, n := range p.MergeOffers {
		var until time.Time
		if i < len(p.OffersUntil) {
			until = p.OffersUntil[i]
		}
		if gone(n, until) {
			dropped = append(dropped, n)
			continue
		}
		offers, ends = append(offers, n), append(ends, until)
	}
	p.MergeOffers, p.OffersUntil = offers, ends
	return p, dropped
}

// mergeDue is the moment at which the next offer lapses, made or received; the
// zero time for none.
func (p Petition) mergeDue() time.Time {
	var due time.Time
	for _, at := range append(slices.Clone(p.OffersUntil), p.MergeUntil) {
		if !at.IsZero() && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	return due
}

// lapseMerges ends the offers whose time has run out at the moment at, or all
// of them: of a petition that has ended.
func lapseMerges(c Change, at time.Time, all bool) Change {
	p := &c.Petition
	over := func(until time.Time) bool { return all || !until.IsZero() && !at.Before(until) }
	var lapsed []int64
	if p.MergeInto != 0 && over(p.MergeUntil) {
		lapsed = append(lapsed, p.MergeInto)
		p.MergeInto, p.MergeUntil = 0, time.Time{}
	}
	var offers []int64
	*p, offers = p.dropOffers(func(_ int64, until time.Time) bool { return over(until) })
	for _, n := range append(lapsed, offers...) {
		c.Events = append(c.Events, Event{Petition: p.ID, Kind: EvMergeLapsed, At: at, Actor: ActorCalendar, Data: otherData(n)})
	}
	return c
}

// DeclineMerge is the other petitioner's no, or the first one's change of mind.
func DeclineMerge(from, into Petition, now time.Time) (Change, Change, error) {
	if !asked(from, into) {
		return Change{}, Change{}, ErrState
	}
	from.MergeInto, from.MergeUntil = 0, time.Time{}
	return changed(from, EvMergeDeclined, now, ActorPetitioner, otherData(into.Number)),
		changed(withoutOffer(into, from.Number), EvMergeDeclined, now, ActorPetitioner, otherData(from.Number)), nil
}

// AcceptMerge is the other petitioner's consent: from closes in favour of into.
func AcceptMerge(from, into Petition, now time.Time) (Change, Change, error) {
	if !asked(from, into) || !from.mergeable() || !into.mergeable() {
		return Change{}, Change{}, ErrState
	}
	from.MergeInto, from.MergeUntil, from.MergedInto = 0, time.Time{}, into.Number
	a := changed(from, EvMerged, now, ActorPetitioner, otherData(into.Number))
	a.Petition.State, a.Petition.ClosedAt, a.Petition.ClosesAt = Closed, now, now
	a.Petition.Shown, a.Petition.ShownAt = a.Petition.Count, now
	a = lapseMerges(a, now, true)
	into = withoutOffer(into, from.Number)
	into.Merged = append(slices.Clone(into.Merged), from.Number)
	return a, changed(into, EvMergedIn, now, ActorPetitioner, otherData(from.Number)), nil
}
