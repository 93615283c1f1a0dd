package store_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// A settling that broke is tried again although nobody came meanwhile.
func TestSettlingBreaksAndNobodyComes(t *testing.T) {
	faultyWorlds(t, func(t *testing.T, w *storetest.World, breakLater func(int), commits func() int) {
		if w.S.Engine() != "sqlite" {
			return
		}
		p := w.Publish(storetest.Small)
		crowd := w.Batch(p.ID, 10_000, 50, "KZ-10")
		outcome(t, w, crowd, store.Added)
		for range 2 {
			breakLater(0)
			if _, err := w.S.Settle(t.Context(), atOnce); !errors.Is(err, store.ErrCut) {
				t.Fatal(err)
			}
			outcome(t, w, crowd, store.Again)
		}
		if _, err := w.S.Settle(t.Context(), atOnce); err != nil {
			t.Fatal(err)
		}
		outcome(t, w, crowd, store.Again)
		sound(t, w.S)
	})
}

// Who came behind an attempt that erased some rows and broke, and begins like
// somebody who was in one of them, is found behind it.
func TestWhoBeginsAlikeBehindABrokenAttempt(t *testing.T) {
	faultyWorlds(t, func(t *testing.T, w *storetest.World, breakLater func(int), _ func() int) {
		if w.S.Engine() != "sqlite" {
			return
		}
		p := w.Publish(storetest.Small)
		first := w.Batch(p.ID, 10_000, 20, "KZ-10")
		outcome(t, w, first, store.Added)
		breakLater(1) // at the erasing
		if _, err := w.S.Settle(t.Context(), atOnce); !errors.Is(err, store.ErrCut) {
			t.Fatal(err)
		}
		store.Exec(t, w.S, `DELETE FROM recent`) // one of several portions of it had gone through
		alike := w.Batch(p.ID, 10_000, 20, "KZ-10")
		for i := range alike {
			other := storetest.Nullifier(50_000 + i)
			copy(alike[i].Nullifier[8:], other[:])
		}
		outcome(t, w, alike, store.Added)
		breakLater(0)
		if _, err := w.S.Settle(t.Context(), atOnce); !errors.Is(err, store.ErrCut) {
			t.Fatal(err)
		}
		outcome(t, w, alike, store.Again)
		outcome(t, w, first, store.Again)
		sound(t, w.S)
	})
}

// Two who settle at once wait for each other: the end of the first attempt would
// forget who is set aside by the second one.
func TestTwoSettleAtOnce(t *testing.T) {
	w, _ := recentWorld(t)
	p := w.Publish(storetest.Civic)
	outcome(t, w, w.Batch(p.ID, 1000, 30, "KZ-10"), store.Added)
	later := w.Batch(p.ID, 2000, 30, "KZ-10")
	release, second := make(chan struct{}), make(chan error, 1)
	_, err := w.S.Settle(t.Context(), func(int, int) {
		outcome(t, w, later, store.Added)
		began := make(chan struct{})
		go func() {
			_, err := w.S.Settle(t.Context(), func(int, int) { close(began); <-release })
			second <- err
		}()
		select {
		case <-began:
		case <-time.After(100 * time.Millisecond):
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	outcome(t, w, later, store.Again)
	close(release)
	if err := <-second; err != nil {
		t.Fatal(err)
	}
	outcome(t, w, later, store.Again)
	sound(t, w.S)
}

// Who signed behind a backup is not there once it replaces what is in the file,
// and counts when they sign again, also for a server that had them in its set.
func TestReplacingForgetsWhoIsRecent(t *testing.T) {
	w, addr := recentWorld(t)
	p := w.Publish(storetest.Civic)
	before, behind := w.Batch(p.ID, 1000, 30, "KZ-10"), w.Batch(p.ID, 2000, 30, "KZ-10")
	outcome(t, w, before, store.Added)
	var b bytes.Buffer
	if _, err := w.S.Backup(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	outcome(t, w, behind, store.Added)
	if _, err := openAgain(t, addr).Restore(t.Context(), &b, true); err != nil {
		t.Fatal(err)
	}
	sound(t, w.S)
	outcome(t, w, before, store.Again)
	outcome(t, w, behind, store.Added)
	if got := w.Load(p.ID).Count; got != 20+60 {
		t.Errorf("count %d", got)
	}
	if _, err := w.S.Settle(t.Context(), atOnce); err != nil {
		t.Fatal(err)
	}
	sound(t, w.S)
}
