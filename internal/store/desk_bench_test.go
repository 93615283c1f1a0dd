package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// BenchmarkDeskQueue is a page of the queue with its counts and a search, with
// many petitions waiting: make bench, or go test -bench DeskQueue. The target
// is 50 ms with 100,000.
func BenchmarkDeskQueue(b *testing.B) {
	const waiting = 100_000
	s, err := store.Open(b.Context(), "sqlite:"+b.TempDir()+"/desk.db", storetest.Laws(b))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	if err := s.FillDesk(b.Context(), waiting, now); err != nil {
		b.Fatal(err)
	}
	for _, words := range []string{"", "lantern", "lantern 99", "lantern 99999"} {
		b.Run(fmt.Sprintf("words %q", words), func(b *testing.B) {
			for b.Loop() {
				q := store.DeskQuery{Now: now, Soon: now.Add(72 * time.Hour), Words: words, Limit: 50}
				if page, err := s.DeskQueue(b.Context(), q); err != nil || page.Total == 0 {
					b.Fatal(page.Total, err)
				}
			}
		})
	}
}
