package store_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// Every sort of damage is found: one row each, made past all rules.
func TestCheckFinds(t *testing.T) {
	damages := []struct{ do, undo, want string }{
		{`UPDATE petitions SET count = count + 1 WHERE id = 1`, `UPDATE petitions SET count = count - 1 WHERE id = 1`, "signatures are active"},
		{`UPDATE place_counts SET count = count + 1 WHERE place = 1`, `UPDATE place_counts SET count = count - 1 WHERE place = 1`, "place 1: count"},
		{`INSERT INTO day_counts (petition_id, day, count) VALUES (1, 1, 5)`, `DELETE FROM day_counts WHERE day = 1`, "day 1: count is 5, 0"},
		{`UPDATE petitions SET shown = shown - 1 WHERE id = 1`, `UPDATE petitions SET shown = shown + 1 WHERE id = 1`, "live, and its public count"},
		{`UPDATE place_counts SET shown = shown + 1 WHERE petition_id = 2`, `UPDATE place_counts SET shown = shown - 1 WHERE petition_id = 2`, "public places add up"},
		{`UPDATE petitions SET state = 'closed' WHERE id = 1`, `UPDATE petitions SET state = 'open' WHERE id = 1`, "column state"},
		{`UPDATE petitions SET listed = 0 WHERE id = 1`, `UPDATE petitions SET listed = 1 WHERE id = 1`, "column listed"},
		{`UPDATE petitions SET next_threshold = 77 WHERE id = 2`, `UPDATE petitions SET next_threshold = 1000 WHERE id = 2`, "column next_threshold"},
		{`UPDATE petitions SET next_due = NULL WHERE id = 1`, `UPDATE petitions SET next_due = closes_at WHERE id = 1`, "column next_due"},
		{`UPDATE petitions SET shown = shown + 1 WHERE origin = 'uk-csv'`, `UPDATE petitions SET shown = shown - 1 WHERE origin = 'uk-csv'`, "imported, and its public count"},
		{`DELETE FROM stages WHERE stage = 'letter'`, `INSERT INTO stages (petition_id, stage) VALUES (1, 'letter')`, "table of stages"},
		{`UPDATE events SET kind = 'closed' WHERE kind = 'stage' AND seq = (SELECT max(seq) FROM events WHERE kind = 'stage')`, `UPDATE events SET kind = 'stage' WHERE kind = 'closed'`, "events of stages"},
		{`UPDATE events SET seq = 1000 WHERE seq = 1`, `UPDATE events SET seq = 1 WHERE seq = 1000`, "events: "},
		{`UPDATE counters SET value = value + 1 WHERE name = 'event'`, `UPDATE counters SET value = value - 1 WHERE name = 'event'`, "events: "},
		{`UPDATE cursors SET seq = seq + 1000`, `UPDATE cursors SET seq = seq - 1000`, "ahead of the last event"},
		{`UPDATE counters SET value = 1000000 WHERE name = 'number'`, `UPDATE counters SET value = 1000002 WHERE name = 'number'`, "was not given yet"},
		{`UPDATE counters SET name = 'x' WHERE name = 'purged'`, `UPDATE counters SET name = 'purged' WHERE name = 'x'`, "a counter is missing"},
		{`UPDATE texts SET texts = '{}' WHERE petition_id = 3`, ``, "is not what was hashed"},
		{`DELETE FROM texts WHERE petition_id = 2`, ``, "no text of version 1"},
		{`UPDATE outbox SET holder = 'x'`, `UPDATE outbox SET holder = ''`, "does not fit its holder"},
		{`UPDATE mailings SET event_seq = event_seq + 1000`, `UPDATE mailings SET event_seq = event_seq - 1000`, "is not there"},
		{`UPDATE petitions SET profile = 'kz-none' WHERE id = 2`, `UPDATE petitions SET profile = 'kz-civic' WHERE id = 2`, "column profile"},
		{`UPDATE counters SET value = value - 1000 WHERE name = 'search'`, `UPDATE counters SET value = value + 1000 WHERE name = 'search'`, "number that was not given yet"},
		{`UPDATE petition_words SET words = 'x' WHERE petition_id IN (SELECT max(id) FROM petitions WHERE listed = 1)`,
			``, "its search words are not those of its text"},
		{`INSERT INTO petition_words (petition_id, seq, words) SELECT min(id), 0, 'x' FROM petitions WHERE listed = 0
			AND id NOT IN (SELECT petition_id FROM petition_words)`, ``, "found by search and not public"},
		{`UPDATE petitions SET archived_at = '2026-11-23T06:00:00.000Z' WHERE id = 1`, `UPDATE petitions SET archived_at = NULL WHERE id = 1`, "column archived_at"},
		{`UPDATE petitions SET record = '{"state":' WHERE id = 3`, ``, "record does not read"},
	}
	onEach(t, func(t *testing.T, w *storetest.World) {
		w.Populate()
		for _, d := range damages {
			before, err := w.S.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			store.Exec(t, w.S, d.do)
			after, err := w.S.Check(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", d.do, err)
			}
			if !strings.Contains(strings.Join(after, "\n"), d.want) || strings.Contains(strings.Join(before, "\n"), d.want) {
				t.Errorf("%s:\nfound %q\nbefore %q\nwant %q", d.do, after, before, d.want)
			}
			if d.undo != "" {
				store.Exec(t, w.S, d.undo)
			}
		}
	})
}

func TestNewerSchemaIsRefused(t *testing.T) {
	onEach(t, func(t *testing.T, w *storetest.World) {
		w.Populate()
		file := w.Backup()
		store.Exec(t, w.S, `INSERT INTO schema_version (version_id, is_applied) VALUES (9000, `+map[string]string{"sqlite": "1", "postgres": "true"}[w.S.Engine()]+`)`)
		if err := w.S.Migrate(t.Context()); !errors.Is(err, store.ErrNewer) {
			t.Errorf("migrate: %v", err)
		}
		if err := w.S.Ready(t.Context()); !errors.Is(err, store.ErrNewer) {
			t.Errorf("ready: %v", err)
		}
		newer := w.Backup()
		store.Exec(t, w.S, `DELETE FROM schema_version WHERE version_id = 9000`)
		if _, err := w.S.Restore(t.Context(), strings.NewReader(string(newer)), true); !errors.Is(err, store.ErrNewer) {
			t.Errorf("restore of a newer backup: %v", err)
		}
		if _, err := w.S.Restore(t.Context(), strings.NewReader(string(file)), true); err != nil {
			t.Error(err)
		}
	})
}

// Several processes start on one new database at once.
func TestMigrateAtOnce(t *testing.T) {
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			addr := e.addr(t)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					s, err := store.Open(t.Context(), addr, storetest.Laws(t))
					if err != nil {
						t.Error(err)
						return
					}
					defer s.Close()
					if err := errors.Join(s.Migrate(t.Context()), s.Ready(t.Context())); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
	}
}

// A server of the release before locks the petition and then signatures, a step
// of the migration the other way round: PostgreSQL gives one of them up, and the
// migration begins that step again. Who waited for a second first is given up: on a
// machine that stands still for so long it is the server, and the test begins again.
func TestMigrateBesideAServerThatSigns(t *testing.T) {
	server := os.Getenv("DAUYS_TEST_POSTGRES")
	if server == "" {
		t.Log("it needs PostgreSQL")
		return
	}
	t.Parallel()
	for range 5 {
		addr := storetest.Schema(t, server)
		s := engine{"postgres", func(*testing.T) string { return addr }}.open(t)
		t.Cleanup(func() { s.Close() })
		store.MigrateTo(t, s, 19)
		if migratedBesideALock(t, s) {
			return
		}
	}
	t.Error("the migration was never given up")
}

// migratedBesideALock is false when not the migration was given up.
func migratedBesideALock(t *testing.T, s *store.Store) bool {
	t.Helper()
	old := store.Transaction(t, s)
	lock := func(table string) error {
		_, err := old.ExecContext(t.Context(), `LOCK TABLE `+table+` IN ROW EXCLUSIVE MODE`)
		return err
	}
	if err := lock("petitions"); err != nil {
		t.Fatal(err)
	}
	migrated := make(chan error, 1)
	go func() { migrated <- s.Migrate(t.Context()) }()
	look := store.Transaction(t, s)
	until(t, "the migration waits for petitions", func() bool {
		var n int
		err := look.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_locks
			WHERE NOT granted AND relation = to_regclass('petitions')`).Scan(&n)
		return err == nil && n > 0
	})
	err := lock("signatures") // returns when the migration was given up
	var lost *pgconn.PgError
	if errors.As(err, &lost) && lost.Code == "40P01" {
		if err := errors.Join(old.Rollback(), <-migrated); err != nil {
			t.Fatal(err)
		}
		return false
	}
	if err := errors.Join(err, old.Commit(), <-migrated, s.Ready(t.Context())); err != nil {
		t.Fatal(err)
	}
	return true
}

// A backup that nobody takes ends with the writer's error.
func TestBackupToBrokenWriter(t *testing.T) {
	onEach(t, func(t *testing.T, w *storetest.World) {
		w.Populate()
		pr, pw := io.Pipe()
		pr.CloseWithError(store.ErrCut)
		if _, err := w.S.Backup(t.Context(), pw); !errors.Is(err, store.ErrCut) {
			t.Errorf("got %v", err)
		}
	})
}
