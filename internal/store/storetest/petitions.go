package storetest

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func notMigrated(w *World) {
	ctx := w.T.Context()
	w.want(w.S.Ready(ctx), store.ErrNotMigrated)
	w.Migrate()
	w.must(w.S.Ready(ctx))
	w.must(w.S.Migrate(ctx)) // twice is nothing
	w.must(w.S.Ready(ctx))
	w.sound()
}

// kinds are the kinds of events, in order.
func kinds(events []petition.Event) []petition.EventKind {
	var ks []petition.EventKind
	for _, e := range events {
		ks = append(ks, e.Kind)
	}
	return ks
}

func life(w *World) {
	w.Migrate()
	p := w.Publish(Small)
	equal(w, "state", p.State, petition.Open)
	equal(w, "number", p.Number, 1000001)
	got, events, err := w.S.DeskPetition(w.T.Context(), p.ID)
	w.must(err)
	want := []petition.EventKind{petition.EvStarted, petition.EvConfirmed, petition.EvQueued, petition.EvPublished}
	if !slices.Equal(kinds(events), want) {
		w.T.Errorf("events %v, want %v", kinds(events), want)
	}
	for i, e := range events {
		equal(w, "event number", e.Seq, int64(i+1))
	}
	equal(w, "count", got.Count, 3)
	equal(w, "shown at publication", got.Shown, 3)
	equal(w, "version", got.Version, p.Version)
	if !got.ClosesAt.Equal(p.ClosesAt) || got.UID != p.UID || got.Texts["ru"] != p.Texts["ru"] {
		w.T.Errorf("record changed on its way: %+v", got)
	}
	w.sound()
}

func refusal(w *World) {
	w.Migrate()
	p := w.Supporting(Small)
	w.Sign(p.ID, 1, 3, "")
	refuse := func(officer petition.OfficerID) petition.Petition {
		return w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Decide(p, petition.Decision{Verdict: petition.Reject, Reason: "personal-data", TextVersion: 1, Officer: officer}, w.Now)
		})
	}
	equal(w, "number of a proposal", refuse(1).Number, 0)
	_, err := w.S.Change(w.T.Context(), p.ID, w.Now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		return w.law(Small).Decide(p, petition.Decision{Verdict: petition.Reject, Reason: "personal-data", TextVersion: 1, Officer: 1}, w.Now)
	})
	w.want(err, petition.ErrSameOfficer)
	got := refuse(2)
	equal(w, "number of a refusal", got.Number, 1000001)
	equal(w, "hidden", got.HideText, true)
	w.sound()
}

func numbers(w *World) {
	w.Migrate()
	first := w.Publish(Small)
	w.must(importRows(w, row(1000002, "uk-csv", "taken by an import")))
	second := w.Publish(Small)
	equal(w, "first", first.Number, 1000001)
	equal(w, "past the imported one", second.Number, 1000003)
	w.Change(second.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Withdraw(p, w.Now) })
	equal(w, "never again", w.Publish(Small).Number, 1000004)
	w.sound()
}

func conflict(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Supporting(Small)
	stale := w.Load(p.ID)
	rename := func(name string) func(*store.Tx, petition.Petition) (petition.Change, error) {
		return func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
			p.Creator.Name = name
			return petition.Change{Petition: p}, nil
		}
	}
	_, err := w.S.Change(ctx, p.ID, w.Now, rename("Bolat Testov"))
	w.must(err)
	_, err = w.S.Change(ctx, p.ID, w.Now, func(*store.Tx, petition.Petition) (petition.Change, error) {
		return petition.Change{Petition: stale, Events: []petition.Event{{Petition: p.ID, Kind: petition.EvWithdrawn, At: w.Now, Actor: petition.ActorPetitioner}}}, nil
	})
	w.want(err, store.ErrConflict)
	got, events, err := w.S.DeskPetition(ctx, p.ID)
	w.must(err)
	equal(w, "name", got.Creator.Name, "Bolat Testov")
	equal(w, "events", len(events), 2)
	_, err = w.S.Change(ctx, p.ID+1000, w.Now, rename("x"))
	w.want(err, store.ErrNotFound)
	w.sound()
}

func changesAtOnce(w *World) {
	w.Migrate()
	p := w.Supporting(Small)
	w.Sign(p.ID, 1, 3, "")
	const officers = 12
	errs := make([]error, officers)
	var wg sync.WaitGroup
	for i := range officers {
		wg.Go(func() {
			_, errs[i] = w.S.Change(w.T.Context(), p.ID, w.Now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
				return w.law(Small).Decide(p, petition.Decision{Verdict: petition.Publish, TextVersion: 1, Officer: petition.OfficerID(i + 1)}, w.Now)
			})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, petition.ErrState) && !errors.Is(err, store.ErrConflict):
			w.T.Errorf("a loser heard %v", err)
		}
	}
	equal(w, "winners", won, 1)
	_, events, err := w.S.DeskPetition(w.T.Context(), p.ID)
	w.must(err)
	published := 0
	for _, e := range events {
		if e.Kind == petition.EvPublished {
			published++
		}
	}
	equal(w, "published events", published, 1)
	w.sound()
}

func calendar(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Publish(Small)
	none, err := w.S.Due(ctx, w.Now, 10)
	w.must(err)
	equal(w, "due at once", len(none), 0)
	w.Now = p.ClosesAt.Add(time.Minute)
	due, err := w.S.Due(ctx, w.Now, 10)
	w.must(err)
	if !slices.Equal(due, []petition.ID{p.ID}) {
		w.T.Fatalf("due at the close: %v", due)
	}
	w.want(w.S.Purge(ctx, p.ID, w.Now), petition.ErrState) // only what is due
	closed := w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		c, ok := l.Tick(p, w.Now)
		if !ok {
			w.T.Fatal("nothing to do at the close")
		}
		return c, nil
	})
	equal(w, "state", closed.State, petition.Closed)
	_, err = w.S.AddPending(ctx, []store.NewPending{{Petition: p.ID, Asker: Nullifier(77), Letter: w.Letter("late", 0)}}, w.Now)
	w.must(err)
	w.wait(40 * 24 * time.Hour)
	w.must(w.S.Purge(ctx, p.ID, w.Now))
	v, err := w.S.SigningPetitionByID(ctx, p.ID)
	w.must(err)
	equal(w, "salt", len(v.Salt), 0)
	equal(w, "purged", v.PurgedAt.IsZero(), false)
	n, err := w.S.PurgeRequests(ctx, w.Now.Add(time.Hour), 10)
	w.must(err)
	equal(w, "pending rows left", n, 0)
	w.Now = w.Now.AddDate(10, 0, 0)
	due, err = w.S.Due(ctx, w.Now, 10)
	w.must(err)
	equal(w, "due for the archive", len(due), 1)
	w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		c, ok := l.Tick(p, w.Now)
		equal(w, "archived", ok && c.Petition.Archived(), true)
		return c, nil
	})
	due, err = w.S.Due(ctx, w.Now.AddDate(10, 0, 0), 10)
	w.must(err)
	equal(w, "due for ever after", len(due), 0)
	w.want(w.S.Purge(ctx, p.ID, w.Now), petition.ErrState)
	w.sound()
}

func drafts(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	first := w.Draft(Small)
	kept := w.Supporting(Small)
	w.wait(73 * time.Hour)
	young := w.Draft(Small)
	n, err := w.S.PurgeDrafts(ctx, w.Now.Add(-72*time.Hour))
	w.must(err)
	equal(w, "erased", n, 1)
	_, _, err = w.S.DeskPetition(ctx, first.ID)
	w.want(err, store.ErrNotFound)
	for _, id := range []petition.ID{kept.ID, young.ID} {
		_, _, err = w.S.DeskPetition(ctx, id)
		w.must(err)
	}
	n, err = w.S.PurgeDrafts(ctx, w.Now.Add(time.Hour))
	w.must(err)
	equal(w, "erased then", n, 1)
	if again := w.Draft(Small); again.ID <= young.ID {
		w.T.Errorf("id %d was given again after %d", again.ID, young.ID)
	}
	w.sound()
}

func followers(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	for range 3 {
		w.Publish(Small)
	}
	var seen []int64
	follow := func(limit int) int {
		n, err := w.S.Follow(ctx, "test", limit, func(_ *store.Tx, e petition.Event) error {
			seen = append(seen, e.Seq)
			return nil
		})
		w.must(err)
		return n
	}
	for follow(5) > 0 {
	}
	equal(w, "events", len(seen), 12)
	w.Publish(Small)
	equal(w, "news", follow(100), 4)
	equal(w, "nothing new", follow(100), 0)
	for i, seq := range seen {
		equal(w, "order", seq, int64(i+1))
	}
	n, err := w.S.Follow(ctx, "another", 100, func(*store.Tx, petition.Event) error { return nil })
	w.must(err)
	equal(w, "a follower of its own", n, 16)
	w.sound()
}

// What a follower writes happens exactly once, however often it fails.
func followerFails(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	w.Publish(Small)
	before, _, err := w.S.OutboxSize(ctx)
	w.must(err)
	failures := errors.New("the third event fails")
	tell := func(fail bool) (int, error) {
		return w.S.Follow(ctx, "teller", 100, func(tx *store.Tx, e petition.Event) error {
			if fail && e.Seq == 3 {
				return failures
			}
			if _, err := tx.Petition(e.Petition); err != nil {
				return err
			}
			return tx.Enqueue(w.Letter("event-"+strconv.FormatInt(e.Seq, 10), store.PriorityActs))
		})
	}
	for range 2 {
		n, err := tell(true)
		w.want(err, failures)
		equal(w, "told", n, 0)
	}
	after, _, err := w.S.OutboxSize(ctx)
	w.must(err)
	equal(w, "letters of a failed step", after-before, 0)
	var wg sync.WaitGroup
	total := make([]int, 6)
	for i := range total {
		wg.Go(func() {
			n, err := tell(false)
			if err != nil {
				w.T.Error(err)
			}
			total[i] = n
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range total {
		sum += n
	}
	equal(w, "events told by all", sum, 4)
	after, _, err = w.S.OutboxSize(ctx)
	w.must(err)
	equal(w, "letters", after-before, 4)
}
