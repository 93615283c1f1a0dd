package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/jobs"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

// BenchmarkDeskQueue is a page of the queue with its counts and a search, with
// many petitions waiting: make bench, or go test -bench DeskQueue. The target
// is 50 ms with 100,000.
func BenchmarkDeskQueue(b *testing.B) {
	const waiting = 100_000
	s := deskStore(b, "sqlite:"+b.TempDir()+"/desk.db")
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
	b.Run("case", func(b *testing.B) { // what a decision page reads
		for n := 0; b.Loop(); n++ {
			id := petition.ID(1 + n*37%waiting)
			if _, _, err := s.DeskPetition(b.Context(), id); err != nil {
				b.Fatal(err)
			}
			if _, err := s.Claims(b.Context(), now, id); err != nil {
				b.Fatal(err)
			}
			if _, err := s.Notes(b.Context(), id); err != nil {
				b.Fatal(err)
			}
			if _, err := s.MineVersions(b.Context(), id); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("statistics", func(b *testing.B) {
		for b.Loop() {
			if m, err := s.PublicModeration(b.Context(), now); err != nil || m.Waiting != waiting {
				b.Fatal(m.Waiting, err)
			}
		}
	})
}

// deskStore is a new store.
func deskStore(b testing.TB, addr string) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), addr, storetest.Laws(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkMidnight closes 10,000 petitions in the steps of moderation.Tick
// while people sign another one: one signature a commit, the hardest case for
// SQLite's one writer. It prints the seconds it took and how long signatures
// waited, beside those of a quiet night. The target is 30 s.
// scripts/with-postgres.sh adds the other engine.
func BenchmarkMidnight(b *testing.B) {
	engines := map[string]func() string{"sqlite": func() string { return "sqlite:" + filepath.Join(b.TempDir(), "desk.db") }}
	if server := os.Getenv("DAUYS_TEST_POSTGRES"); server != "" {
		engines["postgres"] = func() string { return storetest.Schema(b, server) }
	}
	for name, addr := range engines {
		b.Run(name+", without rest", func(b *testing.B) { midnight(b, addr, 0) })
		b.Run(name+", with rest", func(b *testing.B) { midnight(b, addr, 6*time.Millisecond) })
	}
}

func midnight(b *testing.B, addr func() string, rest time.Duration) {
	const closing, step = 10_000, 8
	paced := jobs.Pace(time.Now, rest)
	for b.Loop() {
		s := deskStore(b, addr())
		law := profiles.ByID(s.Laws(), storetest.Civic)
		opened := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
		ends := opened.AddDate(0, 0, 20)
		if _, err := s.FillOpen(b.Context(), 0, closing, law, opened, ends); err != nil {
			b.Fatal(err)
		}
		hot := hotPetition(b, s, law, opened, ends.AddDate(0, 0, 9))
		quiet := signFor(b, s, hot, 0, func() { time.Sleep(3 * time.Second) })
		began := time.Now()
		busy := signFor(b, s, hot, 1<<20, func() {
			for {
				ids, err := s.Due(b.Context(), ends, 200)
				if err != nil || len(ids) == 0 {
					return
				}
				for some := range slices.Chunk(ids, step) {
					err := paced(b.Context(), func() error {
						_, err := s.ChangeEach(b.Context(), some, ends, func(p petition.Petition) (petition.Change, bool) { return law.Tick(p, ends) })
						return err
					})
					if err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
		b.ReportMetric(time.Since(began).Seconds(), "s/closing")
		b.ReportMetric(float64(rank(quiet, 99).Microseconds())/1000, "ms-quiet-p99")
		b.ReportMetric(float64(rank(quiet, 50).Microseconds())/1000, "ms-quiet-p50")
		b.ReportMetric(float64(rank(busy, 99).Microseconds())/1000, "ms-busy-p99")
		b.ReportMetric(float64(rank(busy, 50).Microseconds())/1000, "ms-busy-p50")
	}
}

func hotPetition(b *testing.B, s *store.Store, law *petition.Profile, opened, ends time.Time) petition.ID {
	b.Helper()
	id, err := s.FillOpen(b.Context(), 1_000_000, 1, law, opened, ends)
	if err != nil {
		b.Fatal(err)
	}
	return id
}

// signFor signs, one signature a commit, while work runs, and returns how long
// each took.
func signFor(b *testing.B, s *store.Store, id petition.ID, from int, work func()) []time.Duration {
	done := make(chan struct{})
	go func() { defer close(done); work() }()
	var took []time.Duration
	for n := from; ; n++ {
		select {
		case <-done:
			return took
		default:
		}
		began := time.Now()
		if _, err := s.AddSignatures(b.Context(), []store.NewSignature{{Petition: id, Nullifier: storetest.Nullifier(n)}}, began); err != nil {
			b.Error(err)
			<-done
			return took
		}
		took = append(took, time.Since(began))
	}
}

func rank(took []time.Duration, p int) time.Duration {
	slices.Sort(took)
	return took[max(0, len(took)*p/100-1)]
}
