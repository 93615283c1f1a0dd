package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dauys/dauys/petition"
)

// Tx is one write transaction. It lives as long as the function it is given to.
type Tx struct {
	ctx context.Context
	tx  *sql.Tx
	d   dialect
	s   *Store
	// bumped is set when the transaction changes what the public sees.
	bumped bool
	words  map[petition.ID]string   // to be written by saveWords
	kept   map[string]*sql.Stmt     // see often
	wanted []string                 // see keep
	recent map[int64]appendedPeople // see recentSignature
}

// write runs f in one write transaction. It commits when f returns nil.
// Returned nil means durable.
//
//	begin -> fence -> f -> search words -> generation (when the public sees a change) -> commit -> local generation
//
// The commit may have landed even when an error is returned (a cut connection):
// every f must be safe to run again.
//
// A transaction that PostgreSQL gave up for another one's sake runs again.
func (s *Store) write(ctx context.Context, f func(*Tx) error) error {
	for try := 1; ; try++ {
		err := s.writeOnce(ctx, f)
		if errors.Is(err, ErrDisk) {
			s.refused.Store(true)
		}
		if try == 5 || !lostRace(err) {
			return err
		}
	}
}

func (s *Store) writeOnce(ctx context.Context, f func(*Tx) error) error {
	sqlTx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return s.d.classify(err)
	}
	defer sqlTx.Rollback()
	tx := &Tx{ctx: ctx, tx: sqlTx, d: s.d, s: s}
	if s.pooled {
		if err := tx.exec(pooledLimit); err != nil {
			return err
		}
	}
	if err := tx.checkFence(); err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.saveWords(); err != nil {
		return err
	}
	var gen int64
	if tx.bumped {
		if err := tx.d.scan(tx.rowOften(tx.d.bump), &gen); err != nil {
			return err
		}
	}
	if err := sqlTx.Commit(); err != nil {
		return s.d.classify(err)
	}
	s.saw(gen)
	s.keep(ctx, tx.wanted)
	if s.d.name == sqlite.name {
		select {
		case s.committed <- struct{}{}:
		default:
		}
	}
	return nil
}

// saw notes a generation that was committed. Commits may be noted out of
// order, and the number never falls.
func (s *Store) saw(gen int64) {
	for {
		have := s.gen.Load()
		if gen <= have || s.gen.CompareAndSwap(have, gen) {
			return
		}
	}
}

func (tx *Tx) exec(query string, args ...any) error {
	_, err := tx.tx.ExecContext(tx.ctx, query, args...)
	return tx.d.classify(err)
}

// affected runs a statement and returns how many rows it touched.
func (tx *Tx) affected(query string, args ...any) (int64, error) {
	res, err := tx.tx.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, tx.d.classify(err)
	}
	return res.RowsAffected()
}

func (tx *Tx) row(query string, args ...any) *sql.Row {
	return tx.tx.QueryRowContext(tx.ctx, query, args...)
}

// clock is the database's time, which all servers share.
func (tx *Tx) clock() (time.Time, error) {
	var text string
	if err := tx.d.scan(tx.row(tx.d.clock), &text); err != nil {
		return time.Time{}, err
	}
	return parseStamp(text)
}

// scan reads one row; a missing one is ErrNotFound.
func (d dialect) scan(row *sql.Row, dest ...any) error {
	err := row.Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return d.classify(err)
}

// each calls f for every row and closes them.
func (d dialect) each(rows *sql.Rows, err error, f func(scan func(...any) error) error) error {
	if err != nil {
		return d.classify(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return d.classify(rows.Err())
}

// next takes n numbers from a counter and returns the last of them. The row
// stays locked until the commit, so commit order is number order and a
// follower of events cannot skip one.
func (tx *Tx) next(counter string, n int64) (int64, error) {
	var v int64
	err := tx.d.scan(tx.row(`UPDATE counters SET value = value + $1 WHERE name = $2 RETURNING value`, n, counter), &v)
	return v, err
}

// Generation is a number that grows whenever something the public sees has
// changed, as far as this process knows. See PollGeneration. While the public
// reads from a replica it is the replica's.
func (s *Store) Generation() int64 {
	if s.replica.on.Load() {
		return s.replica.gen.Load()
	}
	return s.gen.Load()
}

// PollGeneration learns of changes that other processes committed.
func (s *Store) PollGeneration(ctx context.Context) error {
	var v int64
	if err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT value FROM counters WHERE name = 'generation'`), &v); err != nil {
		return err
	}
	s.saw(v)
	return nil
}

// appendEvents gives the events their numbers and writes them, and counts on
// being the last but one lock of the transaction.
func (tx *Tx) appendEvents(id petition.ID, events []petition.Event) error {
	if len(events) == 0 {
		return nil
	}
	last, err := tx.next("event", int64(len(events)))
	if err != nil {
		return err
	}
	first := last - int64(len(events)) + 1
	for i, e := range events {
		data, err := json.Marshal(e.Data)
		if err != nil {
			return err
		}
		if err := tx.exec(`INSERT INTO events (seq, petition_id, kind, at, actor, data) VALUES ($1, $2, $3, $4, $5, $6)`,
			first+int64(i), int64(id), string(e.Kind), stamp(e.At), e.Actor, string(data)); err != nil {
			return err
		}
	}
	return nil
}

// stampLayout is fixed width, so that text order is time order in both engines.
const stampLayout = "2006-01-02T15:04:05.000Z"

func stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// stampOrNull is NULL for the zero time.
func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func parseStamp(s string) (time.Time, error) {
	t, err := time.Parse(stampLayout, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("store: time %q: %w", s, err)
	}
	return t, nil
}

// parseStampOrZero reads what stampOrNull wrote.
func parseStampOrZero(s sql.NullString) (time.Time, error) {
	if !s.Valid {
		return time.Time{}, nil
	}
	return parseStamp(s.String)
}

// bools are integers in both engines.
func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// tuples writes the VALUES of a multi-row statement: rows of width parameters,
// which must be the first of the statement. For SQLite they have no names: it
// looks a name up by walking all the others, which for a thousand parameters
// takes longer than the statement.
func (d dialect) tuples(rows, width int) string {
	if d.name != sqlite.name {
		return tuples(1, rows, width)
	}
	row := "(" + strings.Repeat("?,", width-1) + "?)"
	return strings.Repeat(row+",", rows-1) + row
}

// tuples writes the VALUES of a multi-row insert: rows of width parameters,
// starting at $from.
func tuples(from, rows, width int) string {
	var b strings.Builder
	b.Grow(rows * width * 6)
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j := range width {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "$%d", from+i*width+j)
		}
		b.WriteByte(')')
	}
	return b.String()
}
