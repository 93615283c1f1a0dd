package storetest

import (
	"slices"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func (w *World) outcomes(batch []store.NewSignature, want ...store.Outcome) {
	w.T.Helper()
	out, err := w.S.AddSignatures(w.T.Context(), batch, w.Now)
	w.must(err)
	if !slices.Equal(out, want) {
		w.T.Fatalf("outcomes %v, want %v", out, want)
	}
}

func duplicates(w *World) {
	w.Migrate()
	p, q := w.Publish(Civic), w.Publish(Civic)
	one := func(id petition.ID, n int) store.NewSignature { return w.Batch(id, n, 1, "KZ-10")[0] }
	batch := []store.NewSignature{one(q.ID, 100), one(p.ID, 100), one(p.ID, 101), one(p.ID, 100), one(p.ID, 1)}
	w.outcomes(batch, store.Added, store.Added, store.Added, store.Again, store.Again)
	w.outcomes(batch, store.Again, store.Again, store.Again, store.Again, store.Again) // the same batch once more
	w.outcomes([]store.NewSignature{one(p.ID, 102), one(p.ID, 101)}, store.Added, store.Again)
	w.outcomes(nil)
	equal(w, "count of the first", w.Load(p.ID).Count, 23)
	equal(w, "count of the second", w.Load(q.ID).Count, 21)
	st, err := w.S.SignerSignature(w.T.Context(), p.ID, Nullifier(102))
	w.must(err)
	equal(w, "signature", st, store.SignatureState{Exists: true, Active: true})
	st, err = w.S.SignerSignature(w.T.Context(), q.ID, Nullifier(102))
	w.must(err)
	equal(w, "no signature", st, store.SignatureState{})
	w.sound()
}

// A nullifier is any 16 bytes: whatever carries it into the engine must neither
// end at a zero nor read a quote, an escape or half of a letter into it.
func everyNullifier(w *World) {
	w.Migrate()
	p := w.Publish(Civic)
	var batch []store.NewSignature
	var want []store.Outcome
	for b := range 256 {
		n := w.Batch(p.ID, 0, 1, "KZ-10")[0]
		for i := range n.Nullifier {
			n.Nullifier[i] = byte(b + i%3*b%7) // the same byte all over, or others between
		}
		batch, want = append(batch, n), append(want, store.Added)
	}
	w.outcomes(batch, want...)
	for i, n := range batch {
		st, err := w.S.SignerSignature(w.T.Context(), p.ID, n.Nullifier)
		w.must(err)
		equal(w, "signature", st, store.SignatureState{Exists: true, Active: true})
		want[i] = store.Again
	}
	w.outcomes(batch, want...)
	w.must(w.S.WithdrawSignature(w.T.Context(), p.ID, batch[0].Nullifier, 0, w.Now))
	equal(w, "count", w.Load(p.ID).Count, 20+255)
	w.sound()
}

// Batches in any order, with the same people, over petitions and places that
// are new: no deadlock, no lost and no double signature.
func manyAtOnce(w *World) {
	w.Migrate()
	p, q := w.Publish(Civic), w.Publish(Civic)
	places := []string{"KZ-10", "KZ-11", "KZ-15", "KZ-19", "KZ-23", ""}
	const workers, rounds, people = 8, 4, 30
	var wg sync.WaitGroup
	added := make([]int, workers)
	for g := range workers {
		wg.Go(func() {
			for r := range rounds {
				var batch []store.NewSignature
				for i := range people {
					id, n := p.ID, 1000+(g%4)*people*rounds+r*people+i // two workers carry the same people
					if (i+g)%2 == 0 {
						id = q.ID
					}
					batch = append(batch, w.Batch(id, n, 1, places[(n+g)%len(places)])...)
				}
				if g%2 == 0 {
					slices.Reverse(batch)
				}
				out, err := w.S.AddSignatures(w.T.Context(), batch, w.Now)
				if err != nil {
					w.T.Errorf("worker %d: %v", g, err)
					return
				}
				for _, o := range out {
					if o == store.Added {
						added[g]++
					}
				}
			}
		})
	}
	wg.Wait()
	sum := int64(0)
	for _, n := range added {
		sum += int64(n)
	}
	equal(w, "added and counted", w.Load(p.ID).Count+w.Load(q.ID).Count, 40+sum)
	w.sound() // counters by petition, place and day against the rows
}

// People sign in batches, in either order, while they withdraw and their links
// are used again: nobody waits in a circle, and the counters stay those of the rows.
func signingAndWithdrawing(w *World) {
	w.Migrate()
	p := w.Publish(Civic)
	const workers, people = 6, 40
	var wg sync.WaitGroup
	for g := range workers {
		wg.Go(func() {
			batch := w.Batch(p.ID, 1000, people, "KZ-10")
			for i := range batch {
				batch[i].Generation = (i + g) % 3
			}
			if g%2 == 0 {
				slices.Reverse(batch)
			}
			for range 3 {
				if _, err := w.S.AddSignatures(w.T.Context(), batch, w.Now); err != nil {
					w.T.Errorf("signing: %v", err)
				}
				for i := g; i < people; i += workers / 2 {
					if err := w.S.WithdrawSignature(w.T.Context(), p.ID, Nullifier(1000+i), g%2, w.Now); err != nil {
						w.T.Errorf("withdrawing: %v", err)
					}
				}
			}
		})
	}
	wg.Wait()
	w.sound() // counters by petition, place and day against the rows
}

func withdrawal(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Publish(Civic)
	events := len(w.events(p.ID))
	w.Sign(p.ID, 50, 2, "KZ-10")
	take := func(n, generation int) {
		w.T.Helper()
		w.must(w.S.WithdrawSignature(ctx, p.ID, Nullifier(n), generation, w.Now))
	}
	take(50, 0)
	take(50, 0)  // twice is nothing
	take(999, 0) // a stranger is nothing
	equal(w, "count", w.Load(p.ID).Count, 21)
	st, err := w.S.SignerSignature(ctx, p.ID, Nullifier(50))
	w.must(err)
	equal(w, "signature", st, store.SignatureState{Exists: true, Generation: 1})
	old := w.Batch(p.ID, 50, 1, "KZ-10")
	w.outcomes(old, store.Stale)
	w.outcomes(old, store.Stale)
	fresh := w.Batch(p.ID, 50, 1, "KZ-11")
	fresh[0].Generation = 1
	w.outcomes(fresh, store.Added)
	w.outcomes(fresh, store.Again)
	w.outcomes(old, store.Again) // it counts: nothing is stale about that
	take(50, 0)                  // a link of before the first withdrawal is nothing
	equal(w, "count again", w.Load(p.ID).Count, 22)
	take(50, 1)
	w.outcomes(append(fresh, old...), store.Stale, store.Stale)
	equal(w, "count then", w.Load(p.ID).Count, 21)
	third := w.Batch(p.ID, 50, 1, "KZ-11")
	third[0].Generation = 2
	w.outcomes(slices.Concat(old, third, third, w.Batch(p.ID, 51, 1, "")), store.Stale, store.Added, store.Again, store.Again) // in one batch
	equal(w, "count with the third", w.Load(p.ID).Count, 22)
	take(50, 2)
	equal(w, "count in the end", w.Load(p.ID).Count, 21)
	equal(w, "events of withdrawals", len(w.events(p.ID)), events)
	w.sound()
	w.Now = p.ClosesAt.Add(time.Second)
	w.want(w.S.WithdrawSignature(ctx, p.ID, Nullifier(51), 0, w.Now), petition.ErrClosed)
	w.want(w.S.WithdrawSignature(ctx, p.ID+1000, Nullifier(51), 0, w.Now), store.ErrNotFound)
}

func (w *World) events(id petition.ID) []petition.Event {
	w.T.Helper()
	_, events, err := w.S.DeskPetition(w.T.Context(), id)
	w.must(err)
	return events
}

func stages(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Publish(Small) // 3
	w.Sign(p.ID, 50, 1, "")
	equal(w, "stages at 4", len(w.Load(p.ID).Stages), 0)
	w.Sign(p.ID, 51, 1, "")
	got := w.Load(p.ID)
	equal(w, "stages at 5", len(got.Stages), 1)
	frozen := got.Stages[0]
	w.must(w.S.WithdrawSignature(ctx, p.ID, Nullifier(51), 0, w.Now))
	w.wait(time.Hour)
	w.Sign(p.ID, 52, 1, "") // 5 again
	got = w.Load(p.ID)
	equal(w, "stages at 5 again", len(got.Stages), 1)
	equal(w, "frozen", got.Stages[0], frozen)
	w.Sign(p.ID, 60, 7, "") // 12: past the second in one batch
	w.must(w.S.WithdrawSignature(ctx, p.ID, Nullifier(60), 0, w.Now))
	reached := 0
	for _, e := range w.events(p.ID) {
		if e.Kind == petition.EvStage {
			reached++
		}
	}
	equal(w, "stage events", reached, 2)
	page, err := w.S.PublicList(ctx, store.ListQuery{Facet: store.FacetAll, Stage: "answer", Limit: 10})
	w.must(err)
	equal(w, "listed by stage", page.Total, 1)
	page, err = w.S.PublicList(ctx, store.ListQuery{Facet: store.FacetAwaitingResponse, Limit: 10})
	w.must(err)
	equal(w, "awaiting an answer", page.Total, 1)
	w.sound()
}

// cells are the public places and what is below the cell, as one number each.
func (w *World) cells(p petition.Petition) (named, other int64) {
	w.T.Helper()
	v, err := w.S.PublicPetition(w.T.Context(), p.Number)
	w.must(err)
	shown, other, err := w.S.PublicPlaces(w.T.Context(), v.Petition, 20)
	w.must(err)
	for _, c := range shown {
		named += c.Count
	}
	return named, other
}

func (w *World) public(p petition.Petition) int64 {
	w.T.Helper()
	v, err := w.S.PublicPetition(w.T.Context(), p.Number)
	w.must(err)
	return v.Count
}

func steps(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Publish(Small) // 3 without a place; moves by 3 and after 10 minutes; live from 10
	gen := w.S.Generation()
	w.Sign(p.ID, 50, 3, "KZ-10")
	equal(w, "too early", w.public(p), 3)
	equal(w, "the public saw no change", w.S.Generation(), gen+1) // the first stage was reached at 5
	named, other := w.cells(p)
	equal(w, "cells too early", named+other, 0)
	w.wait(11 * time.Minute)
	w.must(w.S.Show(ctx, p.ID, w.Now))
	equal(w, "after ten minutes", w.public(p), 6)
	named, _ = w.cells(p)
	equal(w, "cells with the count", named, 3)
	w.wait(11 * time.Minute)
	w.Sign(p.ID, 60, 2, "KZ-10")
	equal(w, "too few", w.public(p), 6)
	unshown, err := w.S.Unshown(ctx, 0, 10)
	w.must(err)
	equal(w, "behind", len(unshown), 1)
	w.wait(24 * time.Hour)
	w.must(w.S.Show(ctx, p.ID, w.Now))
	equal(w, "on the next day", w.public(p), 8)
	w.Sign(p.ID, 70, 2, "KZ-10") // 10: live
	equal(w, "live", w.public(p), 10)
	gen = w.S.Generation()
	w.Sign(p.ID, 80, 1, "KZ-11")
	equal(w, "live, each", w.public(p), 11)
	equal(w, "generation", w.S.Generation(), gen+1)
	named, other = w.cells(p)
	equal(w, "live cells", named, 7)
	equal(w, "live other", other, 1)
	w.sound()
}

// A petition that falls below the live count shows its last live moment until
// the next step: neither the count nor the places tell of the withdrawal.
func stepsFromLive(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Publish(Small)
	w.Sign(p.ID, 50, 7, "KZ-10") // 10: live
	named, _ := w.cells(p)
	equal(w, "live", named, 7)
	today := w.law(Small).Today(w.Now)
	w.publicDays(p.ID, today.AddDays(1), store.DayCount{Day: today, Count: 10})
	w.Sign(p.ID, 60, 2, "KZ-11")
	trending := func(what string, lately int64) {
		w.T.Helper()
		trends, err := w.S.Trending(ctx, today, 10)
		w.must(err)
		if len(trends) != 1 || trends[0].Lately != lately || trends[0].Count != w.public(p) {
			w.T.Errorf("trending %s: %+v, want %d of %d", what, trends, lately, w.public(p))
		}
	}
	trending("live", 12)
	for _, n := range []int{1, 2, 50} { // two without a place: 10 and live still; then 9
		w.must(w.S.WithdrawSignature(ctx, p.ID, Nullifier(n), 0, w.Now))
	}
	trending("behind", 10)
	equal(w, "count behind", w.public(p), 10)
	named, _ = w.cells(p)
	equal(w, "places behind", named, 9)
	w.publicDays(p.ID, today.AddDays(1), store.DayCount{Day: today, Count: 10}) // the withdrawals that crossed the line do not show
	w.sound()
	w.wait(24 * time.Hour)
	w.must(w.S.Show(ctx, p.ID, w.Now))
	equal(w, "count", w.public(p), 9)
	named, _ = w.cells(p)
	equal(w, "places", named, 8)
	w.sound()
}

// publicDays compares the days before a date, as everyone may see them.
func (w *World) publicDays(id petition.ID, before petition.Date, want ...store.DayCount) {
	w.T.Helper()
	got, err := w.S.PublicDays(w.T.Context(), w.Load(id), before)
	w.must(err)
	if !slices.Equal(got, want) {
		w.T.Errorf("days before %v: %v, want %v", before, got, want)
	}
}

func days(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Publish(Civic)
	first := w.law(Civic).Today(w.Now)
	w.wait(24 * time.Hour)
	w.Sign(p.ID, 50, 5, "")
	today := w.law(Civic).Today(w.Now)
	w.must(w.S.WithdrawSignature(ctx, p.ID, Nullifier(1), 0, w.Now))
	w.publicDays(p.ID, today, store.DayCount{Day: first, Count: 20}) // neither act shows before the count moves
	w.publicDays(p.ID, today.AddDays(1), store.DayCount{Day: first, Count: 20})
	real, err := w.S.ReplayDays(ctx, p.ID)
	w.must(err)
	if !slices.Equal(real, []store.DayCount{{Day: first, Count: 19}, {Day: today, Count: 5}}) {
		w.T.Errorf("days as they are: %v", real)
	}
	trends, err := w.S.Trending(ctx, today, 10)
	w.must(err)
	equal(w, "trending of a count that is behind", len(trends), 0)
	w.must(w.S.Show(ctx, p.ID, w.Now.Add(24*time.Hour)))
	w.publicDays(p.ID, today, store.DayCount{Day: first, Count: 19})
	w.publicDays(p.ID, today.AddDays(1), store.DayCount{Day: first, Count: 19}, store.DayCount{Day: today, Count: 5})
	w.sound()
	trends, err = w.S.Trending(ctx, today, 10)
	w.must(err)
	if len(trends) != 1 || trends[0].Lately != 5 || trends[0].Number != p.Number {
		w.T.Errorf("trends: %+v", trends)
	}
}
