package store_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

// Every figure of the statistics of moderation is what a recount from the
// history of each petition gives, in a world of random acts under two laws:
// petitions that are hidden, removed, merged, erased and purged among them. The
// clock goes on for about a year.
func TestStatisticsAreARecount(t *testing.T) {
	onEach(t, func(t *testing.T, w *storetest.World) {
		r := &randomWorld{t: t, w: w, rand: rand.New(rand.NewPCG(7, 11))}
		for n := range 700 {
			if n%12 == 0 {
				r.ids = append(r.ids, w.Supporting([]string{storetest.Small, storetest.Checked}[r.rand.IntN(2)]).ID)
			}
			recent := r.ids[max(0, len(r.ids)-10):]
			r.act(recent[r.rand.IntN(len(recent))])
		}
		m, err := w.S.PublicModeration(t.Context(), w.Now)
		if err != nil {
			t.Fatal(err)
		}
		all, months := petition.Statistics(m.Tallies)
		want := r.recount()
		for _, f := range append(months, all) {
			want.compare(t, f)
		}
		if len(months) != len(want)-1 || len(months) < 6 {
			t.Errorf("%d months, want %d and six at least", len(months), len(want)-1)
		}
		for _, act := range petition.Acts() {
			if all.Acts[act] == 0 {
				t.Errorf("nothing was %s: the test proves nothing of it", act)
			}
		}
		late := 0
		for range 3 { // the calendar rests
			waiting, overdue := r.waiting()
			if m, err := w.S.PublicModeration(t.Context(), w.Now); err != nil || m.Waiting != waiting || m.Overdue != overdue {
				t.Errorf("%d wait, %d overdue; want %d and %d; %v", m.Waiting, m.Overdue, waiting, overdue, err)
			}
			w.Now, late = w.Now.AddDate(0, 0, 9), max(late, overdue)
		}
		if late == 0 {
			t.Error("nothing is ever overdue: the test proves nothing of it")
		}
		if len(r.did) < 14 {
			t.Errorf("the world knows only %v", slices.Sorted(maps.Keys(r.did)))
		}
	})
}

type randomWorld struct {
	t      *testing.T
	w      *storetest.World
	rand   *rand.Rand
	ids    []petition.ID
	signed int
	did    map[petition.EventKind]bool
}

// act tries one act on a petition; what the law refuses does not happen.
func (r *randomWorld) act(id petition.ID) {
	r.t.Helper()
	w, ctx := r.w, r.t.Context()
	w.Now = w.Now.Add(time.Duration(r.rand.IntN(20)) * time.Hour)
	r.calendar()
	who := petition.OfficerID(1 + r.rand.IntN(7))
	reason := []string{"unclear", "personal-data", "duplicate"}[r.rand.IntN(3)]
	switch n := r.rand.IntN(16); n { // what leads to a decision comes more often
	case 0, 1, 2, 3:
		r.signed++
		_, err := w.S.AddSignatures(ctx, w.Batch(id, 10*r.signed, 3, ""), w.Now)
		r.lawful(err)
	case 4, 5, 6, 7, 8:
		v := []petition.Verdict{petition.Publish, petition.Reject, petition.Reject, petition.Reject, petition.Return}[n-4]
		r.change(id, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			d := petition.Decision{Verdict: v, Reason: reason, TextVersion: p.TextVersion, Officer: who}
			if p.State == petition.Appealed && r.rand.IntN(4) > 0 || p.State == petition.Appealed && v == petition.Return || p.Proposed != nil && r.rand.IntN(3) > 0 {
				d.Verdict = petition.Reject
			}
			return l.Decide(p, d, w.Now)
		})
	case 9, 10:
		r.change(id, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Lodge(p, "Again.", w.Now)
		})
	case 11:
		r.change(id, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Resubmit(p, storetest.Texts("Mill Road"), w.Now)
		})
	case 12:
		for range 2 {
			r.takeDown(id, who, reason)
			who = petition.OfficerID(1 + r.rand.IntN(7))
		}
	case 13:
		if r.rand.IntN(3) == 0 {
			r.change(id, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Withdraw(p, w.Now) })
		}
	case 14:
		err := w.S.EraseContact(ctx, id, w.Now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
			return w.S.Laws().Of(p).Erase(p, w.Now)
		})
		r.lawful(err)
	case 15:
		other := r.ids[r.rand.IntN(len(r.ids))]
		for _, act := range []func(a, b petition.Petition, now time.Time) (petition.Change, petition.Change, error){petition.ProposeMerge, petition.AcceptMerge} {
			if other != id {
				r.lawful(w.S.ChangeBoth(ctx, id, other, w.Now, func(a, b petition.Petition) (petition.Change, petition.Change, error) { return act(a, b, w.Now) }))
			}
		}
	}
}

// takeDown hides, or confirms or lifts what is hidden.
func (r *randomWorld) takeDown(id petition.ID, who petition.OfficerID, reason string) {
	r.change(id, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		switch {
		case p.State != petition.Hidden:
			return l.Hide(p, reason, "", who, r.w.Now)
		case r.rand.IntN(2) == 0:
			return l.Lift(p, who, r.w.Now)
		}
		return l.Remove(p, who, r.w.Now)
	})
}

func (r *randomWorld) change(id petition.ID, decide func(l *petition.Profile, p petition.Petition) (petition.Change, error)) {
	r.t.Helper()
	_, err := r.w.S.Change(r.t.Context(), id, r.w.Now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		return decide(r.w.S.Laws().Of(p), p)
	})
	r.lawful(err)
}

// lawful passes what the law refuses.
func (r *randomWorld) lawful(err error) {
	r.t.Helper()
	for _, refused := range []error{petition.ErrState, petition.ErrLate, petition.ErrSameOfficer, petition.ErrDecidedOwn, petition.ErrClosed, petition.ErrNotOpen, petition.ErrHidden} {
		if errors.Is(err, refused) {
			return
		}
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// calendar lets everything happen that is due; now and then it is late.
func (r *randomWorld) calendar() {
	r.t.Helper()
	if r.rand.IntN(4) > 0 {
		return
	}
	for {
		ids, err := r.w.S.Due(r.t.Context(), r.w.Now, 100)
		if err != nil {
			r.t.Fatal(err)
		}
		if len(ids) == 0 {
			return
		}
		if _, err := r.w.S.ChangeEach(r.t.Context(), ids, r.w.Now, func(p petition.Petition) (petition.Change, bool) {
			return r.w.S.Laws().Of(p).Tick(p, r.w.Now)
		}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// counted are the figures of a month ("" for all), counted one by one.
type counted map[string]*countedMonth

type countedMonth struct {
	acts    map[petition.Act]int64
	reasons map[string]int64
	days    []int
}

func (c counted) month(name string) *countedMonth {
	if c[name] == nil {
		c[name] = &countedMonth{acts: map[petition.Act]int64{}, reasons: map[string]int64{}}
	}
	return c[name]
}

// recount reads what happened to each petition, as somebody with the histories
// only would.
func (r *randomWorld) recount() counted {
	r.t.Helper()
	c := counted{"": {acts: map[petition.Act]int64{}, reasons: map[string]int64{}}}
	r.did = map[petition.EventKind]bool{}
	for _, id := range r.ids {
		p, events, err := r.w.S.DeskPetition(r.t.Context(), id)
		if err != nil {
			r.t.Fatal(err)
		}
		h := history{law: profiles.ByID(r.w.S.Laws(), p.Profile.ID)}
		for _, e := range events {
			r.did[e.Kind] = true
			act, days := h.next(e)
			if act == "" {
				continue
			}
			for _, m := range []*countedMonth{c.month(""), c.month(h.law.Today(e.At).String()[:7])} {
				m.acts[act]++
				if act == petition.ActRefused {
					m.reasons[e.Data["reason"]]++
				}
				if days >= 0 {
					m.days = append(m.days, days)
				}
			}
		}
	}
	return c
}

// history follows the acts of one petition.
type history struct {
	law                      *petition.Profile
	queued, checked          petition.Date
	public, appealed, passed bool // passed: the appeal was granted, supporters are looked for
	byCalendar               bool // checked by the calendar
}

// next is what an act counts as ("" for nothing), and the working days of a
// decision, -1 for none.
func (h *history) next(e petition.Event) (petition.Act, int) {
	on, auto := h.law.Today(e.At), e.Actor == petition.ActorCalendar
	workdays := func(to petition.Date) int { return h.law.Calendar.Workdays(h.queued, to) }
	switch e.Kind {
	case petition.EvStarted:
		return petition.ActSubmitted, -1
	case petition.EvConfirmed:
		return petition.ActConfirmed, -1
	case petition.EvQueued:
		h.queued = on
	case petition.EvReturned:
		return petition.ActReturned, -1
	case petition.EvChecked:
		h.checked, h.byCalendar = on, auto
		if h.appealed {
			h.appealed, h.passed = false, true
			return petition.ActAppealGranted, -1
		}
	case petition.EvPublished:
		h.public = true
		switch {
		case h.appealed:
			h.appealed = false
			return petition.ActAppealGranted, -1
		case h.passed:
			return "", -1
		case !h.checked.IsZero():
			on, auto = h.checked, h.byCalendar
		}
		if auto {
			return petition.ActPublishedAuto, workdays(on)
		}
		return petition.ActPublished, workdays(on)
	case petition.EvRefused:
		return petition.ActRefused, workdays(on)
	case petition.EvAppealed:
		h.appealed = true
		return petition.ActAppealed, -1
	case petition.EvUpheld:
		h.appealed = false
		return petition.ActAppealLost, -1
	case petition.EvRemoved:
		return petition.ActRemoved, -1
	case petition.EvWithdrawn:
		if h.public {
			return petition.ActWithdrawn, -1
		}
	}
	return "", -1
}

// compare looks at every figure of a month.
func (c counted) compare(t *testing.T, f petition.Figures) {
	t.Helper()
	m := c.month(f.Month)
	for _, act := range petition.Acts() {
		if f.Acts[act] != m.acts[act] {
			t.Errorf("%q: %d %s, want %d", f.Month, f.Acts[act], act, m.acts[act])
		}
	}
	if !maps.Equal(f.Reasons, m.reasons) {
		t.Errorf("%q: refused %v, want %v", f.Month, f.Reasons, m.reasons)
	}
	slices.Sort(m.days)
	at := func(p int) int {
		if len(m.days) == 0 {
			return petition.NoDays
		}
		return m.days[max((p*len(m.days)+99)/100, 1)-1]
	}
	if f.Median != at(50) || f.P90 != at(90) {
		t.Errorf("%q: %d and %d working days, want %d and %d of %v", f.Month, f.Median, f.P90, at(50), at(90), m.days)
	}
}

// waiting counts those that wait for a decision, and those of them for which a
// term of the law has run out.
func (r *randomWorld) waiting() (all, overdue int) {
	r.t.Helper()
	for _, id := range r.ids {
		p, events, err := r.w.S.DeskPetition(r.t.Context(), id)
		if err != nil {
			r.t.Fatal(err)
		}
		if p.State != petition.Moderation && p.State != petition.Appealed {
			continue
		}
		all++
		missed := !r.w.Now.Before(p.DecideBy)
		for _, e := range events {
			switch e.Kind {
			case petition.EvEscalated:
				missed = true
			case petition.EvQueued, petition.EvAppealed:
				missed = !r.w.Now.Before(p.DecideBy) // a new wait
			}
		}
		if missed {
			overdue++
		}
	}
	return all, overdue
}
