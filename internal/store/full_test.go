package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// The disk is full: signatures are refused with ErrFull and none is half
// there, pages are read, and with room again the same batch is counted.
func TestTheDiskIsFull(t *testing.T) {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "full.db"), storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := (&storetest.World{T: t, S: s, Now: noon}).Migrate()
	p := w.Publish(storetest.Civic)
	before := w.Load(p.ID).Count
	pages := func(n int64) { store.Exec(t, s, fmt.Sprintf(`PRAGMA max_page_count = %d`, n)) }
	size, err := s.Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pages(size/4096 + 4)
	batch := w.Batch(p.ID, 1000, 3000, "KZ-10")
	for range 3 { // it is asked again and again
		if _, err := s.AddSignatures(t.Context(), batch, w.Now); !errors.Is(err, store.ErrFull) {
			t.Fatalf("on a full disk: %v", err)
		}
	}
	v, err := s.PublicPetition(t.Context(), p.Number)
	if err != nil || w.Load(p.ID).Count != before || v.Number != p.Number {
		t.Errorf("count %d, want %d; reading: %v", w.Load(p.ID).Count, before, err)
	}
	if findings, err := s.Check(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("check: %v, %v", findings, err)
	}
	pages(1 << 30)
	out, err := s.AddSignatures(t.Context(), batch, w.Now)
	if err != nil || out[0] != store.Added || w.Load(p.ID).Count != before+3000 {
		t.Errorf("with room again: %v, count %d", err, w.Load(p.ID).Count)
	}
}
