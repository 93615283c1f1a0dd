package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// manyCases are 100,000 petitions of two years: 5,000 wait, 20,000 were
// refused; with their events, and tallies in every month, reason and day.
var manyCases = []string{
	`INSERT INTO petitions (id, uid, number, version, origin, archived, listed, state, profile, profile_version, lang, body, place, record,
		count, shown, next_threshold, created_at, updated_at, queued_at)
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
	SELECT i, randomblob(16), 1000000 + i, 1, 'here', 0, 1, CASE WHEN i <= 5000 THEN 'moderation' WHEN i <= 25000 THEN 'refused' ELSE 'open' END,
		'kz-civic', '1', 'kk', 'akimat', '', '{"kind":"petition","lang":"kk","texts":{"kk":{"title":"Invented ' || i || '","ask":"' || hex(zeroblob(400)) ||
		'"}},"decide_by":"2026-11-' || (i % 20 + 10) || 'T00:00:00+05:00"}',
		0, 0, 0, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z' FROM n`,
	`INSERT INTO desk (petition_id, state, due, second, words)
	SELECT id, state, '2026-11-' || (id % 20 + 10) || 'T00:00:00.000Z', 0, ' invented' FROM petitions WHERE state = 'moderation'`,
	`INSERT INTO events (seq, petition_id, kind, at, actor, data)
	SELECT p.id * 6 + k.i, p.id, CASE k.i WHEN 0 THEN 'started' WHEN 1 THEN 'confirmed' WHEN 2 THEN 'queued'
		ELSE CASE p.state WHEN 'refused' THEN 'refused' ELSE 'published' END END, '2026-10-01T00:00:00.000Z', 'officer:1', '{"reason":"unclear"}'
	FROM petitions p, (SELECT 0 AS i UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) k WHERE k.i < 3 OR p.state <> 'moderation'`,
	`INSERT INTO tallies (month, act, reason, days, count)
	WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 24 * 10 * 30 - 1)
	SELECT printf('%04d-%02d', 2025 + i / 3600, i / 300 % 12 + 1), CASE i % 10 WHEN 0 THEN 'published' ELSE 'refused' END, 'reason-' || (i % 10), i / 10 % 30, 14 FROM n`,
	`ANALYZE`,
}

// BenchmarkModeration is what the pages of openness ask of the store with
// 100,000 petitions: under 200 ms each, and then kept by the cache.
func BenchmarkModeration(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "bench.db"), storetest.Laws(b))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, statement := range manyCases {
		store.Exec(b, s, statement)
	}
	now := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	b.Run("statistics", func(b *testing.B) {
		for b.Loop() {
			m, err := s.PublicModeration(b.Context(), now)
			if err != nil || m.Waiting != 5000 || m.Overdue == 0 || len(m.Tallies) != 7200 {
				b.Fatalf("%d waiting, %d overdue, %d tallies: %v", m.Waiting, m.Overdue, len(m.Tallies), err)
			}
		}
	})
	b.Run("removals", func(b *testing.B) {
		for b.Loop() {
			list, total, err := s.PublicRemovals(b.Context(), 0, 50)
			if err != nil || total != 20_000 || len(list) != 50 {
				b.Fatalf("%d of %d: %v", len(list), total, err)
			}
		}
	})
}
