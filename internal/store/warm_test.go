package store_test

import (
	"bytes"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// Every signature of a large open petition is read, whatever its nullifier
// begins with, and none of a small one.
func TestWarmReadsTheWholeIndexOfLargePetitions(t *testing.T) {
	onEach(t, warms)
}

func warms(t *testing.T, w *storetest.World) {
	s := w.S
	large, small := w.Publish(storetest.Civic), w.Publish(storetest.Civic)
	batch := w.Batch(large.ID, 10_000, 600, "KZ-10")
	for i, b := range []byte{0x00, 0x00, 0xff, 0xff, 0x80} {
		n := batch[0]
		n.Nullifier = [16]byte(bytes.Repeat([]byte{b}, 16))
		n.Nullifier[15] ^= byte(i)
		batch = append(batch, n)
	}
	for _, b := range [][]store.NewSignature{batch, w.Batch(small.ID, 20_000, 20, "")} {
		if _, err := s.AddSignatures(t.Context(), b, w.Now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Settle(t.Context(), func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	if n, err := store.WarmFrom(t.Context(), s, 500); err != nil || n != w.Load(large.ID).Count {
		t.Errorf("read %d of %d: %v", n, w.Load(large.ID).Count, err)
	}
	if n, err := s.Warm(t.Context()); err != nil || n != 0 {
		t.Errorf("read %d of a town: %v", n, err)
	}
}
