package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
)

const short = 150 * time.Millisecond

// leaseWorld is a world with the few words of these tests.
type leaseWorld struct{ *storetest.World }

func (w leaseWorld) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

func equal[V comparable](w leaseWorld, what string, got, want V) {
	w.T.Helper()
	if got != want {
		w.T.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestLeases(t *testing.T) {
	onEach(t, func(_ *testing.T, w *storetest.World) { leases(leaseWorld{w}) })
}

// Work is begun in one tenure and would be committed in the next.
func TestFences(t *testing.T) {
	onEach(t, func(_ *testing.T, w *storetest.World) { fences(leaseWorld{w}) })
}

func leases(w leaseWorld) {
	ctx := w.T.Context()
	lease := func(holder string, ttl time.Duration) (int64, bool) {
		w.T.Helper()
		f, ok, err := w.S.Lease(ctx, "work", holder, ttl)
		w.must(err)
		return f.Epoch, ok
	}
	held := func(what, holder string, ttl time.Duration, epoch int64, want bool) {
		w.T.Helper()
		e, ok := lease(holder, ttl)
		equal(w, what, ok, want)
		if want {
			equal(w, what+": tenure", e, epoch)
		}
	}
	held("first", "a", time.Minute, 1, true)
	held("second", "b", time.Minute, 0, false)
	held("kept", "a", short, 1, true)
	time.Sleep(2 * short)
	held("run out", "b", time.Minute, 2, true)
	held("lost", "a", time.Minute, 0, false)
	w.must(w.S.EndLease(ctx, store.Fence{Name: "work", Holder: "a", Epoch: 1})) // not its own
	held("still lost", "a", time.Minute, 0, false)
	w.must(w.S.EndLease(ctx, store.Fence{Name: "work", Holder: "b", Epoch: 2}))
	held("given back", "a", short, 3, true)
	time.Sleep(2 * short)
	held("the same holder, late", "a", time.Minute, 4, true)
	w.must(w.S.EndLease(ctx, store.Fence{Name: "work", Holder: "a", Epoch: 4}))
	var wg sync.WaitGroup
	var mu sync.Mutex
	holders := 0
	for g := range 8 {
		wg.Go(func() {
			_, ok, err := w.S.Lease(ctx, "work", fmt.Sprint("g", g), time.Minute)
			if err != nil {
				w.T.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if ok {
				holders++
			}
		})
	}
	wg.Wait()
	equal(w, "holders", holders, 1)
}

func fences(w leaseWorld) {
	p := w.Publish(storetest.Civic)
	first, ok, err := w.S.Lease(w.T.Context(), "work", "a", short)
	w.must(err)
	equal(w, "first", ok, true)
	under := store.Under(w.T.Context(), first)
	w.must(w.S.SetMeta(under, "by", "a"))
	time.Sleep(2 * short)
	w.must(w.S.SetMeta(under, "by", "a, whose time is over and whom nobody followed"))
	_, ok, err = w.S.Lease(w.T.Context(), "work", "b", time.Minute)
	w.must(err)
	equal(w, "second", ok, true)

	events := 0
	late := map[string]error{
		"a setting": w.S.SetMeta(under, "by", "late"),
		"a change": func() error {
			_, err := w.S.Change(under, p.ID, w.Now, func(_ *store.Tx, q petition.Petition) (petition.Change, error) {
				return petition.Change{Petition: q}, nil
			})
			return err
		}(),
		"events": func() error {
			_, err := w.S.Follow(under, "late", 10, func(*store.Tx, petition.Event) error { events++; return nil })
			return err
		}(),
	}
	for what, err := range late {
		equal(w, what+" is fenced", errors.Is(err, store.ErrFenced), true)
	}
	equal(w, "events seen late", events, 0)
	by, err := w.S.Meta(w.T.Context(), "by")
	w.must(err)
	equal(w, "the setting", by, "a, whose time is over and whom nobody followed")
	n, err := w.S.Follow(context.WithoutCancel(w.T.Context()), "late", 10, func(*store.Tx, petition.Event) error { events++; return nil })
	w.must(err)
	equal(w, "events wait for the next tenure", n > 0 && n == events, true)
}
