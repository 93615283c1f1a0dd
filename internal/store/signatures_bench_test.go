package store_test

import (
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// BenchmarkAddSignatures counts 1,000 people from 600 places in one
// transaction; the figure is of one person. Beside it bare inserts of the same
// rows.
func BenchmarkAddSignatures(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "bench.db"), storetest.Laws(b))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	w := (&storetest.World{T: b, S: s, Now: noon}).Migrate()
	p := w.Publish(storetest.Civic)
	batch := make([]store.NewSignature, 1000)
	next := func() []store.NewSignature {
		for i := range batch {
			n := &batch[i]
			n.Petition, n.Place, n.Day = p.ID, "KZ-"+strconv.Itoa(rand.IntN(600)), 20000
			binary.LittleEndian.PutUint64(n.Nullifier[:], rand.Uint64())
		}
		return batch
	}
	b.Run("store", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.AddSignatures(b.Context(), next(), noon); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch)), "ns/signature")
	})
	bare, err := s.Bare(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			if err := bare.Signatures(b.Context(), next()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch)), "ns/signature")
	})
}
