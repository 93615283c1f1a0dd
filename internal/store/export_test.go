package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/dauys/dauys/petition"
)

// Unpack are the lines of a backup.
func Unpack(t testing.TB, file []byte) []byte {
	t.Helper()
	zr, err := zstd.NewReader(bytes.NewReader(file)) // any zstd reads it, seal and all
	if err != nil {
		t.Fatal(err)
	}
	defer zr.Close()
	lines, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// BackedUp are the columns of a backup as table.column.
func BackedUp() (names []string) {
	for _, t := range tables {
		for _, c := range t.columns {
			names = append(names, t.name+"."+c)
		}
	}
	return names
}

// Columns are the columns that a database has as table.column.
func Columns(t testing.TB, s *Store) (names []string) {
	t.Helper()
	query := `SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`
	if s.d.name == postgres.name {
		query = `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema()`
	}
	rows, err := s.r.QueryContext(t.Context(), query)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Dump is every column of every row of every table, as it is stored.
func Dump(t testing.TB, s *Store) []byte {
	t.Helper()
	var all bytes.Buffer
	seen := map[string]bool{}
	for _, column := range Columns(t, s) {
		table, _, _ := strings.Cut(column, ".")
		if seen[table] {
			continue
		}
		seen[table] = true
		rows, err := s.r.QueryContext(t.Context(), `SELECT * FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(names))
			dest := make([]any, len(names))
			for i := range values {
				dest[i] = &values[i]
			}
			if err := rows.Scan(dest...); err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				fmt.Fprintf(&all, "%s.%s=%v\n", table, names[i], v)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all.Bytes()
}

// Exec runs a statement past all rules, to break things.
func Exec(t testing.TB, s *Store, query string, args ...any) {
	t.Helper()
	if _, err := s.w.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// FillDesk puts n petitions on the desk that only a benchmark asks for.
func (s *Store) FillDesk(ctx context.Context, n int, now time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		for i := range n {
			p := petition.Petition{Kind: petition.KindPetition, State: petition.Moderation, Lang: "en", TextVersion: 1, CreatedAt: now,
				QueuedAt: now, DecideBy: now.Add(time.Duration(i%400-40) * time.Hour),
				Texts: petition.Texts{"en": {Title: fmt.Sprintf("Lanterns for the invented street %d", i), Ask: strings.Repeat("Put lanterns there. ", 10)}}}
			binary.BigEndian.PutUint64(p.UID[:], uint64(i))
			cols, err := columns(p, nil, now)
			if err != nil {
				return err
			}
			if p.ID, err = tx.insert(p, Here, nil, cols); err != nil {
				return err
			}
			if err := tx.saveDesk(petition.Petition{}, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// FillOpen opens n petitions, numbered after from, under law that close at the moment ends.
func (s *Store) FillOpen(ctx context.Context, from, n int, law *petition.Profile, opened, ends time.Time) (first petition.ID, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		for i := range n {
			p := petition.Petition{Kind: petition.KindPetition, State: petition.Open, Lang: "en", TextVersion: 1, CreatedAt: opened, OpenedAt: opened,
				ClosesAt: ends, Profile: law.Ref(), Number: int64(2_000_000 + from + i),
				Texts: petition.Texts{"en": {Title: fmt.Sprintf("Lanterns for the invented street %d", i), Ask: strings.Repeat("Put lanterns there. ", 10)}}}
			binary.BigEndian.PutUint64(p.UID[:], uint64(from+i)+1<<40)
			cols, err := columns(p, law, opened)
			if err != nil {
				return err
			}
			if p.ID, err = tx.insert(p, Here, []byte("salt"), cols); err != nil {
				return err
			}
			if i == 0 {
				first = p.ID
			}
		}
		return nil
	})
	return first, err
}

// InsertSQLite is the statement by which SQLite takes signatures.
const InsertSQLite = insertSQLite

// LongLog is longLog, and LogPages how many pages SQLite's log has.
const LongLog = longLog

// LogPages carries over what it can, as it tells.
func LogPages(ctx context.Context, s *Store) (int, error) {
	var carried int
	return s.checkpoint(ctx, s.r, &carried)
}

// HoldWriter takes the writer's connection until it is let go.
func HoldWriter(t testing.TB, s *Store) (letGo func()) {
	t.Helper()
	c, err := s.w.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return func() { c.Close() }
}

// WarmFrom is Warm for petitions with so many signatures.
func WarmFrom(ctx context.Context, s *Store, many int64) (int64, error) { return s.warm(ctx, many) }

// MigrateTo brings a fresh database to an older schema.
func MigrateTo(t testing.TB, s *Store, version int64) {
	t.Helper()
	p, err := s.provider()
	if err == nil {
		_, err = p.UpTo(t.Context(), version)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Transaction begins a transaction past the store.
func Transaction(t testing.TB, s *Store) *sql.Tx {
	t.Helper()
	tx, err := s.w.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

// Narrow is what a migration does with PostgreSQL's signatures, by so many pages.
func Narrow(ctx context.Context, s *Store, pages int64) error { return s.narrow(ctx, pages) }

// Shelved is how many of these petitions lie on the shelf.
func (s *Store) Shelved(ids []petition.ID) (n int) {
	now := s.follower.now.Load()
	if now == nil {
		return 0
	}
	_, missing := now.take(ids, make([]Public, len(ids)))
	return len(ids) - len(missing)
}

// Forget forgets the index and the shelf.
func (s *Store) Forget() { s.follower.now.Store(nil) }

// ForgetRecent does to the set of recent signatures what a start of the server does.
func ForgetRecent(s *Store) { s.recent = recentSet{most: mostRecent, slice: settleSlice} }

// SettleInSlices has about n people read at once.
func SettleInSlices(s *Store, n int) { s.recent.slice = n }

// LimitRecent lets no more than n signatures wait to be settled.
func LimitRecent(s *Store, n int) { s.recent.most = n }
