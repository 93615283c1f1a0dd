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
	from.MergeInto = into.Number
	into.MergeOffers = append(slices.Clone(into.MergeOffers), from.Number)
	return changed(from, EvMergeAsked, now, ActorPetitioner, otherData(into.Number)),
		changed(into, EvMergeOffered, now, ActorPetitioner, otherData(from.Number)), nil
}

// asked reports whether from waits for the word of into.
func asked(from, into Petition) bool {
	return from.MergeInto == into.Number && into.Number != 0 && slices.Contains(into.MergeOffers, from.Number)
}

func withoutOffer(into Petition, number int64) Petition {
	into.MergeOffers = slices.DeleteFunc(slices.Clone(into.MergeOffers), func(n int64) bool { return n == number })
	if len(into.MergeOffers) == 0 {
		into.MergeOffers = nil
	}
	return into
}

// DeclineMerge is the other petitioner's no, or the first one's change of mind.
func DeclineMerge(from, into Petition, now time.Time) (Change, Change, error) {
	if !asked(from, into) {
		return Change{}, Change{}, ErrState
	}
	from.MergeInto = 0
	return changed(from, EvMergeDeclined, now, ActorPetitioner, otherData(into.Number)),
		changed(withoutOffer(into, from.Number), EvMergeDeclined, now, ActorPetitioner, otherData(from.Number)), nil
}

// AcceptMerge is the other petitioner's consent: from closes in favour of into.
func AcceptMerge(from, into Petition, now time.Time) (Change, Change, error) {
	if !asked(from, into) || !from.mergeable() || !into.mergeable() {
		return Change{}, Change{}, ErrState
	}
	from.MergeInto, from.MergedInto = 0, into.Number
	a := changed(from, EvMerged, now, ActorPetitioner, otherData(into.Number))
	a.Petition.State, a.Petition.ClosedAt, a.Petition.ClosesAt = Closed, now, now
	a.Petition.Shown, a.Petition.ShownAt = a.Petition.Count, now
	into = withoutOffer(into, from.Number)
	into.Merged = append(slices.Clone(into.Merged), from.Number)
	return a, changed(into, EvMergedIn, now, ActorPetitioner, otherData(from.Number)), nil
}
