package petition

import (
	"cmp"
	"slices"
)

// Act is what the statistics of moderation count.
type Act string

// The acts, in the order of a petition's life.
const (
	ActSubmitted     Act = "submitted"
	ActConfirmed     Act = "confirmed"
	ActReturned      Act = "returned"
	ActPublished     Act = "published"      // by an officer
	ActPublishedAuto Act = "published-auto" // by the calendar: both terms ran out
	ActRefused       Act = "refused"
	ActAppealed      Act = "appealed"
	ActAppealGranted Act = "appeal-granted" // published after all, or let look for its supporters
	ActAppealLost    Act = "appeal-lost"    // the refusal stands
	ActWithdrawn     Act = "withdrawn"      // after the publication
	ActRemoved       Act = "removed"
)

// Acts lists them.
func Acts() []Act {
	return []Act{ActSubmitted, ActConfirmed, ActReturned, ActPublished, ActPublishedAuto, ActRefused, ActAppealed,
		ActAppealGranted, ActAppealLost, ActWithdrawn, ActRemoved}
}

// NoDays stands where an act took no working days or they are not known.
const NoDays = -1

// Tally is how many acts of one kind there were in one month.
type Tally struct {
	Month  string `json:"month"` // 2026-11, in the zone of the law
	Act    Act    `json:"act"`
	Reason string `json:"reason,omitempty"` // code of a refusal
	Days   int    `json:"days"`             // working days from the queue to the decision, or NoDays
	Count  int64  `json:"count"`
}

// Tally says what an event counts as; false for nothing. before is the record
// that the event changed.
func (l *Profile) Tally(before Petition, e Event) (Tally, bool) {
	on := l.Today(e.At)
	t := Tally{Month: on.String()[:len("2026-11")], Days: NoDays, Count: 1}
	switch e.Kind {
	case EvStarted:
		t.Act = ActSubmitted
	case EvConfirmed:
		t.Act = ActConfirmed
	case EvReturned:
		t.Act = ActReturned
	case EvChecked:
		if before.State != Appealed {
			return Tally{}, false // what is published then counts when it is
		}
		t.Act = ActAppealGranted
	case EvPublished:
		switch t.Act = ActPublished; {
		case before.State == Appealed:
			t.Act = ActAppealGranted
		case !before.CheckedAt.IsZero() && !before.AppealedAt.IsZero():
			return Tally{}, false // counted when the appeal was granted
		case e.Actor == ActorCalendar, e.Actor == ActorSigners && before.AutoPublished:
			t.Act = ActPublishedAuto
		}
	case EvRefused:
		t.Act, t.Reason = ActRefused, e.Data["reason"]
	case EvAppealed:
		t.Act = ActAppealed
	case EvUpheld:
		t.Act = ActAppealLost
	case EvRemoved:
		t.Act = ActRemoved
	case EvWithdrawn:
		t.Act = ActWithdrawn
	default:
		return Tally{}, false
	}
	if t.Act == ActWithdrawn && before.OpenedAt.IsZero() {
		return Tally{}, false // never public
	}
	if decides(t.Act) && !before.QueuedAt.IsZero() {
		if !before.CheckedAt.IsZero() {
			on = l.Today(before.CheckedAt) // supporters were found after the decision
		}
		t.Days = l.Calendar.Workdays(l.Today(before.QueuedAt), on)
	}
	return t, true
}

// decides reports whether the act ends a wait in the queue.
func decides(a Act) bool { return a == ActPublished || a == ActPublishedAuto || a == ActRefused }

// Figures are the statistics of a month, or of all time.
type Figures struct {
	Month   string           `json:"month,omitempty"` // "" for all time
	Acts    map[Act]int64    `json:"acts"`
	Reasons map[string]int64 `json:"reasons"` // refusals by reason
	Median  int              `json:"median"`  // working days to a decision, or NoDays
	P90     int              `json:"p90"`

	days map[int]int64
}

// Statistics sums tallies up: all time, and each month, the latest first.
func Statistics(tallies []Tally) (all Figures, months []Figures) {
	all = newFigures("")
	byMonth := map[string]*Figures{}
	for _, t := range tallies {
		m := byMonth[t.Month]
		if m == nil {
			f := newFigures(t.Month)
			m = &f
			byMonth[t.Month] = m
		}
		m.add(t)
		all.add(t)
	}
	for _, m := range byMonth {
		m.spread()
		months = append(months, *m)
	}
	slices.SortFunc(months, func(a, b Figures) int { return cmp.Compare(b.Month, a.Month) })
	all.spread()
	return all, months
}

func newFigures(month string) Figures {
	return Figures{Month: month, Acts: map[Act]int64{}, Reasons: map[string]int64{}, days: map[int]int64{}}
}

func (f *Figures) add(t Tally) {
	f.Acts[t.Act] += t.Count
	if t.Act == ActRefused {
		f.Reasons[t.Reason] += t.Count
	}
	if t.Days != NoDays {
		f.days[t.Days] += t.Count
	}
}

func (f *Figures) spread() { f.Median, f.P90 = rank(f.days, 50), rank(f.days, 90) }

// rank is the smallest number of days within which p per cent were decided
// (nearest rank), NoDays of none.
func rank(days map[int]int64, p int64) int {
	var total, seen int64
	keys := make([]int, 0, len(days))
	for d, n := range days {
		keys, total = append(keys, d), total+n
	}
	slices.Sort(keys)
	for _, d := range keys {
		if seen += days[d]; seen*100 >= p*total {
			return d
		}
	}
	return NoDays
}
