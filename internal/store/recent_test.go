package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
)

func atOnce(int, int) {}

// recentWorld is a world on SQLite with the name of its file.
func recentWorld(t *testing.T) (*storetest.World, string) {
	t.Helper()
	addr := "sqlite:" + filepath.Join(t.TempDir(), "dauys.db")
	return (&storetest.World{T: t, S: openAgain(t, addr), Now: noon}).Migrate(), addr
}

func openAgain(t *testing.T, addr string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), addr, storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func recent(t *testing.T, s *store.Store, want int) {
	t.Helper()
	if n, err := s.Recent(t.Context()); err != nil || n != want {
		t.Fatalf("%d are recent, want %d (%v)", n, want, err)
	}
}

func settle(t *testing.T, s *store.Store, want int) {
	t.Helper()
	if n, err := s.Settle(t.Context(), atOnce); err != nil || n != want {
		t.Fatalf("settled %d, want %d (%v)", n, want, err)
	}
	recent(t, s, 0)
}

// outcome signs with one batch and wants the same to come of each.
func outcome(t *testing.T, w *storetest.World, batch []store.NewSignature, want store.Outcome) {
	t.Helper()
	out, err := w.S.AddSignatures(t.Context(), batch, w.Now)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range out {
		if o != want {
			t.Fatalf("outcome %d is %d, want %d", i, o, want)
		}
	}
}

func sound(t *testing.T, s *store.Store) {
	t.Helper()
	if findings, err := s.Check(t.Context()); err != nil || len(findings) > 0 {
		t.Fatalf("check: %v, %v", findings, err)
	}
}

func state(t *testing.T, s *store.Store, id petition.ID, signer int, want store.SignatureState) {
	t.Helper()
	if st, err := s.SignerSignature(t.Context(), id, storetest.Nullifier(signer)); err != nil || st != want {
		t.Fatalf("signer %d: %+v, want %+v (%v)", signer, st, want, err)
	}
}

// A crowd is counted, found, checked, carried in a backup and withdrawn the same
// before it is settled and after; a few who sign together need no settling.
func TestACrowdIsTheSameBeforeItIsSettledAndAfter(t *testing.T) {
	w, addr := recentWorld(t)
	p := w.Publish(storetest.Civic)
	settle(t, w.S, 20) // who supported it
	w.Sign(p.ID, 1000, 7, "KZ-10")
	recent(t, w.S, 0)
	crowd := append(w.Batch(p.ID, 2000, 300, "KZ-10"), w.Batch(p.ID, 3000, 50, "")...)
	outcome(t, w, crowd, store.Added)
	recent(t, w.S, 350)
	there := store.SignatureState{Exists: true, Active: true}
	backup := func() []byte {
		var b bytes.Buffer
		if _, err := w.S.Backup(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		return rows(t, b.Bytes())
	}
	before := backup()
	for range 2 {
		outcome(t, w, crowd, store.Again)
		sound(t, w.S)
		state(t, w.S, p.ID, 2001, there)
		state(t, w.S, p.ID, 3049, there)
		state(t, w.S, p.ID, 3050, store.SignatureState{})
		w.S.Close()
		w.S = openAgain(t, addr) // both survive the end of the process
	}
	outcome(t, w, crowd[:1], store.Again)
	settle(t, w.S, 350)
	outcome(t, w, crowd, store.Again)
	sound(t, w.S)
	state(t, w.S, p.ID, 2001, there)
	if !bytes.Equal(before, backup()) {
		t.Error("a backup tells who is settled")
	}
	if got := w.Load(p.ID).Count; got != 20+7+350 {
		t.Errorf("count %d", got)
	}
}

// Who is recent withdraws and signs again; settling them changes nothing of it.
func TestWithdrawingWhileRecent(t *testing.T) {
	w, _ := recentWorld(t)
	p := w.Publish(storetest.Civic)
	crowd := w.Batch(p.ID, 1000, 20, "KZ-10")
	outcome(t, w, crowd, store.Added)
	withdraw := func(signer, generation int) {
		t.Helper()
		if err := w.S.WithdrawSignature(t.Context(), p.ID, storetest.Nullifier(signer), generation, w.Now); err != nil {
			t.Fatal(err)
		}
		sound(t, w.S)
	}
	withdraw(1000, 0)
	withdraw(1001, 0)
	withdraw(1001, 0) // twice
	withdraw(1002, 1) // by no link of theirs
	gone, there := store.SignatureState{Exists: true, Generation: 1}, store.SignatureState{Exists: true, Active: true}
	for range 2 {
		state(t, w.S, p.ID, 1000, gone)
		state(t, w.S, p.ID, 1002, there)
		outcome(t, w, crowd[:1], store.Stale)
		outcome(t, w, crowd[2:], store.Again)
		if _, err := w.S.Settle(t.Context(), atOnce); err != nil {
			t.Fatal(err)
		}
	}
	again := w.Batch(p.ID, 1001, 1, "KZ-11")
	again[0].Generation = 1
	outcome(t, w, again, store.Added)
	state(t, w.S, p.ID, 1001, store.SignatureState{Exists: true, Active: true, Generation: 1})
	if got := w.Load(p.ID).Count; got != 20+19 {
		t.Errorf("count %d", got)
	}
	sound(t, w.S)
}

// Two people whose nullifiers begin alike are two people, in one batch, in two,
// and beside somebody in the table; and each of them is one.
func TestNullifiersThatBeginAlike(t *testing.T) {
	w, _ := recentWorld(t)
	p := w.Publish(storetest.Civic)
	alike := func(from, n int) []store.NewSignature {
		batch := w.Batch(p.ID, 1000, n, "KZ-10")
		for i := range batch {
			other := storetest.Nullifier(from + i)
			copy(batch[i].Nullifier[8:], other[:])
		}
		return batch
	}
	pairs := append(w.Batch(p.ID, 1000, 10, "KZ-10"), alike(1, 10)...)
	outcome(t, w, pairs, store.Added)
	outcome(t, w, alike(50, 10), store.Added)
	outcome(t, w, w.Batch(p.ID, 1000, 10, "KZ-11"), store.Again)
	for range 2 {
		outcome(t, w, pairs, store.Again)
		outcome(t, w, alike(50, 10), store.Again)
		sound(t, w.S)
		if _, err := w.S.Settle(t.Context(), atOnce); err != nil {
			t.Fatal(err)
		}
	}
	outcome(t, w, alike(100, 10), store.Added)
	if got := w.Load(p.ID).Count; got != 20+40 {
		t.Errorf("count %d", got)
	}
	sound(t, w.S)
}

// While a crowd is being settled people sign, sign again and withdraw, before
// their turn and behind it.
func TestSigningWhileOthersAreSettled(t *testing.T) {
	w, _ := recentWorld(t)
	p := w.Publish(storetest.Civic)
	const people = 2500
	store.SettleInSlices(w.S, 1000)
	w.Sign(p.ID, 1000, people, "KZ-10")
	want := w.Load(p.ID).Count
	turns := 0
	_, err := w.S.Settle(t.Context(), func(settled, of int) {
		if turns++; of != people+20 || settled > of {
			t.Errorf("settled %d of %d", settled, of)
		}
		outcome(t, w, w.Batch(p.ID, 1000+turns*100, 100, "KZ-11"), store.Again)
		w.Sign(p.ID, 5000+turns*20, 20, "KZ-11")
		want += 20
		for i := range 40 {
			if err := w.S.WithdrawSignature(t.Context(), p.ID, storetest.Nullifier(1000+turns*100+i), 0, w.Now); err != nil {
				t.Fatal(err)
			}
		}
		want -= 40
		outcome(t, w, w.Batch(p.ID, 1000+turns*100, 40, "KZ-11"), store.Stale)
		sound(t, w.S)
	})
	if err != nil || turns != 3 {
		t.Fatalf("%d turns, %v", turns, err)
	}
	settle(t, w.S, 3*20)
	if got := w.Load(p.ID).Count; got != want {
		t.Errorf("count %d, want %d", got, want)
	}
	sound(t, w.S)
}

// Settling is cut at each of its commits, before and after: nobody is lost,
// nobody is there twice, and the next attempt comes to its end.
func TestSettlingBreaksAtEveryCommit(t *testing.T) {
	faultyWorlds(t, func(t *testing.T, w *storetest.World, breakLater func(int), commits func() int) {
		if w.S.Engine() != "sqlite" {
			return
		}
		p := w.Publish(storetest.Small)
		const people = 2100 // three slices of a portion each, and one to erase
		store.SettleInSlices(w.S, 1000)
		for n := range 4 {
			crowd := w.Batch(p.ID, 10_000*(n+1), people, "KZ-10")
			outcome(t, w, crowd, store.Added)
			breakLater(n)
			if _, err := w.S.Settle(t.Context(), atOnce); !errors.Is(err, store.ErrCut) {
				t.Fatalf("commit %d is to break: %v", n, err)
			}
			sound(t, w.S)
			outcome(t, w, crowd, store.Again)
			outcome(t, w, w.Batch(p.ID, 10_000*(n+1)+people, 30, ""), store.Added)
			before := commits()
			if _, err := w.S.Settle(t.Context(), atOnce); err != nil {
				t.Fatal(err)
			}
			if n == 0 && commits()-before != 4 {
				t.Fatalf("%d commits: has the order of effects changed?", commits()-before)
			}
			recent(t, w.S, 0)
			outcome(t, w, crowd, store.Again)
			sound(t, w.S)
		}
	})
}

// Who comes above the limit goes into the table, and a program beside the server,
// which has a set of its own, counts nobody twice.
func TestRecentIsBoundedAndShared(t *testing.T) {
	w, addr := recentWorld(t)
	p := w.Publish(storetest.Civic)
	settle(t, w.S, 20)
	store.LimitRecent(w.S, 50)
	w.Sign(p.ID, 1000, 40, "KZ-10")
	w.Sign(p.ID, 2000, 40, "KZ-10")
	recent(t, w.S, 40)
	other := &storetest.World{T: t, S: openAgain(t, addr), Now: w.Now}
	outcome(t, other, w.Batch(p.ID, 1000, 40, "KZ-10"), store.Again)
	outcome(t, other, w.Batch(p.ID, 3000, 30, "KZ-10"), store.Added)
	outcome(t, w, w.Batch(p.ID, 3000, 30, "KZ-10"), store.Again)
	settle(t, other.S, 70)
	outcome(t, other, w.Batch(p.ID, 4000, 30, "KZ-10"), store.Added)
	for _, from := range []int{1000, 2000, 3000, 4000} {
		outcome(t, w, w.Batch(p.ID, from, 30, "KZ-10"), store.Again)
		state(t, w.S, p.ID, from, store.SignatureState{Exists: true, Active: true})
	}
	if got, want := fmt.Sprint(w.Load(p.ID).Count), fmt.Sprint(20+40+40+30+30); got != want {
		t.Errorf("count %s, want %s", got, want)
	}
	sound(t, w.S)
}
