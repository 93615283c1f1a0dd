package moderation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

// crossroads makes petitions whose terms end within the same days: one that
// lapses, one whose moderation is missed twice, one that closes, one whose keys
// are due.
func (w *world) crossroads() []petition.ID {
	w.t.Helper()
	lapses := w.confirmed().Petition.ID
	missed := w.queued().Petition.ID
	var open []petition.ID
	for range 2 {
		id := w.queued().Petition.ID
		if _, err := w.Decide(w.t.Context(), officer(1), id, Verdict{Verdict: petition.Publish, Version: 1}); err != nil {
			w.t.Fatal(err)
		}
		open = append(open, id)
	}
	return append([]petition.ID{lapses, missed}, open...)
}

// acts are what happened to the petitions, with the moment each act is dated
// with; the destruction of keys is dated with the moment it was done.
func (w *world) acts(ids []petition.ID) []string {
	w.t.Helper()
	var acts []string
	for n, id := range ids {
		p, events, err := w.store.DeskPetition(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, e := range events {
			at := e.At.Format(time.RFC3339)
			if e.Kind == petition.EvPurged {
				at = "any"
			}
			acts = append(acts, fmt.Sprintf("%d %s %s", n, e.Kind, at))
		}
		acts = append(acts, fmt.Sprintf("%d is %s", n, p.State))
	}
	return acts
}

func (w *world) tickAll() {
	w.t.Helper()
	if _, err := w.Tick(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// A server that was down while terms passed catches up in one run, to the
// state and the dates of one that ran every day. A clock that was wrong for a
// while, back or forth, changes nothing either.
func TestDowntimeAndClocksChangeNothing(t *testing.T) {
	const days = 500 // past every term of this law
	daily, down, jumps := newWorld(t, "kz-civic"), newWorld(t, "kz-civic"), newWorld(t, "kz-civic")
	var ids [3][]petition.ID
	for i, w := range []*world{daily, down, jumps} {
		ids[i] = w.crossroads()
	}
	start := daily.clock()
	for day := range days {
		at := start.AddDate(0, 0, day)
		daily.set(at)
		daily.tickAll()
		if day%97 >= 94 { // three days without a server
			continue
		}
		jumps.set(at.AddDate(0, 0, -9)) // the clock goes back, and nothing is undone
		jumps.tickAll()
		jumps.set(at)
		jumps.tickAll()
	}
	end := start.AddDate(0, 0, days)
	for _, w := range []*world{daily, down, jumps} { // down was off all the time
		w.set(end)
		w.tickAll()
		if n, err := w.Tick(t.Context()); n.Sum() != 0 || err != nil {
			t.Errorf("something fires twice: %v, %v", n, err)
		}
	}
	want := daily.acts(ids[0])
	for name, got := range map[string][]string{"down": down.acts(ids[1]), "jumps": jumps.acts(ids[2])} {
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q\nwant %q", name, got, want)
		}
	}
	for _, kind := range []petition.EventKind{petition.EvLapsed, petition.EvEscalated, petition.EvPublished, petition.EvClosed, petition.EvPurged} {
		if !slices.ContainsFunc(want, func(act string) bool {
			return len(act) > 2 && len(act[2:]) > len(kind) && act[2:2+len(kind)] == string(kind)
		}) {
			t.Errorf("nothing is %s: the test proves nothing about it", kind)
		}
	}
	for _, w := range []*world{daily, down, jumps} {
		if n := w.number(`SELECT count(*) FROM petitions WHERE salt IS NOT NULL AND state <> 'open'`); n != 0 {
			t.Errorf("%d salts are left", n)
		}
	}
}
