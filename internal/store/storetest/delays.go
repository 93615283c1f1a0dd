package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func delays(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	officer, err := w.S.AddStaff(ctx, [16]byte{9}, []byte("sealed"), store.Moderator, "", w.Now)
	w.must(err)
	began := w.Now
	var late []petition.Petition
	for n := range 5 {
		w.author = byte(1 + n%3) // three petitioners have five petitions
		late = append(late, w.waiting())
	}
	at := late[0].DecideBy
	w.Now = at.Add(-time.Hour)
	w.author = 8
	w.waiting() // not late
	letter := petition.DelayLetter{Texts: map[petition.Lang]petition.DelayText{"en": {Subject: "Later", Text: "Sorry."}}}
	whom := func(d petition.DelayLetter) (n int) {
		langs, err := w.S.DeskLate(ctx, d, at)
		w.must(err)
		for _, m := range langs {
			n += m
		}
		return n
	}
	equal(w, "late", whom(letter), 3)
	old, other := letter, letter
	old.Queued, other.Profile = began.Add(-time.Hour), Civic
	equal(w, "late for longer", whom(old), 0)
	equal(w, "late under another law", whom(other), 0)
	laws, err := w.S.DeskLateLaws(ctx, at)
	w.must(err)
	equal(w, "late by law", fmt.Sprint(laws), fmt.Sprintf("map[%s:5]", Small))

	for range 2 { // the same form again is the same act
		w.must(w.S.SendDelay(ctx, "form", officer.ID, letter, at))
	}
	w.Change(late[4].ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Decide(p, petition.Decision{Verdict: petition.Publish, TextVersion: 1, Officer: 7}, w.Now)
	})
	w.tellLate(2)
	acts, err := w.S.DeskDelays(ctx, 10)
	w.must(err)
	if len(acts) != 1 || !acts[0].Done || acts[0].Told != 3 || acts[0].Staff != officer.ID || !acts[0].At.Equal(at) || acts[0].Texts["en"].Text != "Sorry." {
		w.T.Errorf("acts %+v", acts)
	}
	w.sound()
}

// tellLate writes the letters of the oldest act in small steps, one of which
// fails half-way as a crash does, and looks who got one.
func (w *World) tellLate(step int) {
	w.T.Helper()
	ctx := w.T.Context()
	var told []byte
	calls := 0
	write := func(a store.DelayAct, to store.Addressee) (store.Letter, error) {
		if calls++; calls == 2 {
			return store.Letter{}, store.ErrUnavailable
		}
		return w.Letter(fmt.Sprintf("delay-%d-%d", a.ID, to.Petition.ID), store.PriorityNews), nil
	}
	before, _, err := w.S.OutboxSize(ctx)
	w.must(err)
	_, err = w.S.ExpandDelay(ctx, step, write)
	w.want(err, store.ErrUnavailable)
	after, _, err := w.S.OutboxSize(ctx)
	w.must(err)
	equal(w, "letters of a step that failed", after, before)
	for more := true; more; {
		more, err = w.S.ExpandDelay(ctx, step, func(a store.DelayAct, to store.Addressee) (store.Letter, error) {
			told = append(told, to.Hash[1])
			return write(a, to)
		})
		w.must(err)
	}
	slices.Sort(told)
	equal(w, "told", slices.Equal(told, []byte{1, 2, 3}), true)
}
