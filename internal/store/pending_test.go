package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// The commit of a request whose letter does not go out must cost what any other
// does. Where it wrote nothing, its answer took a third of the time, and a
// stranger could count how many letters an address had asked for.
func TestARequestWithoutALetterWritesAsMuch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "unsent.db")
	s, err := store.Open(t.Context(), "sqlite:"+path, storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := &storetest.World{T: t, S: s, Now: noon}
	w.Migrate()
	p := w.Publish(storetest.Civic)
	const frame = 4096 + 24
	letters := 0
	pages := func(asker int, unsent bool) (int64, bool) {
		before := logSize(t, path)
		letters++
		queued, err := s.AddPending(t.Context(), []store.NewPending{{Petition: p.ID, Asker: storetest.Nullifier(asker), Unsent: unsent,
			Subscription: &store.NewSubscription{ID: storetest.Nullifier(asker), Address: []byte("sealed"), Lang: "kk"},
			Letter:       w.Letter(fmt.Sprint("letter ", letters), store.PriorityProof)}}, w.Now)
		if err != nil {
			t.Fatal(err)
		}
		return (logSize(t, path) - before) / frame, queued[0]
	}
	usual, _ := pages(100, false)
	for n := range 4 {
		if _, queued := pages(100, false); !queued {
			t.Fatalf("letter %d of five is not sent", n+2)
		}
	}
	capped, sent := pages(100, false)
	muted, muteSent := pages(101, true)
	t.Logf("pages written: %d with a letter, %d when there were five, %d beyond the rate of the address", usual, capped, muted)
	if sent || muteSent {
		t.Error("a letter goes out that must not")
	}
	for what, n := range map[string]int64{"when there were five": capped, "beyond the rate of the address": muted} {
		if n < usual-1 || n > usual+1 {
			t.Errorf("%s a request writes %d pages, otherwise %d", what, n, usual)
		}
	}
}

func logSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
