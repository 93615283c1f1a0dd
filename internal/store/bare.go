package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/dauys/dauys/petition"
)

// Bare is the least that keeps the same rows: plain tables, one statement for
// many rows, one commit for a batch, under the same settings of the engine. It
// is the limit that the benchmark measures the store against, and has no
// petitions, counters, search or events. It lives in a database of its own.
type Bare struct {
	s      *Store
	places map[string]int // keys of the places, which a plain table has for nothing
}

// Bare makes the plain tables, or takes those that an earlier run left.
func (s *Store) Bare(ctx context.Context) (*Bare, error) {
	signatures := `id INTEGER PRIMARY KEY, petition_id BIGINT NOT NULL, nullifier BLOB NOT NULL,
		place INTEGER NOT NULL, day INTEGER NOT NULL, status INTEGER NOT NULL, generation INTEGER NOT NULL`
	if s.d.name != sqlite.name {
		signatures = `petition_id INTEGER NOT NULL, place INTEGER NOT NULL, day SMALLINT NOT NULL,
		status SMALLINT NOT NULL, generation SMALLINT NOT NULL, nullifier BYTEA NOT NULL`
	}
	err := s.write(ctx, func(tx *Tx) error {
		if err := tx.exec(`CREATE TABLE IF NOT EXISTS bare_signatures (` + signatures + `, UNIQUE (petition_id, nullifier))`); err != nil {
			return err
		}
		return tx.exec(`CREATE TABLE IF NOT EXISTS bare_petitions (number BIGINT PRIMARY KEY, state TEXT NOT NULL, title TEXT NOT NULL, count BIGINT NOT NULL)`)
	})
	if err != nil {
		return nil, fmt.Errorf("store: bare tables: %w", err)
	}
	return &Bare{s, map[string]int{}}, nil
}

// Rows is how many signatures are in the plain table. It reads all of its index.
func (b *Bare) Rows(ctx context.Context) (n int, err error) {
	return n, b.s.d.scan(b.s.r.QueryRowContext(ctx, `SELECT count(*) FROM bare_signatures`), &n)
}

// Signatures inserts a batch in one durable transaction, some hundred
// rows a statement. No two may be of the same person, and one
// caller calls at a time.
func (b *Bare) Signatures(ctx context.Context, batch []NewSignature) error {
	for i := range batch {
		if _, ok := b.places[batch[i].Place]; !ok {
			b.places[batch[i].Place] = len(b.places)
		}
	}
	return b.insert(ctx, `INSERT INTO bare_signatures (petition_id, nullifier, place, day, status, generation) VALUES `, 6, len(batch),
		func(args []any, i int) []any {
			n := &batch[i]
			return append(args, int64(n.Petition), n.Nullifier[:], b.places[n.Place], n.Day, active, n.Generation)
		})
}

// Petitions inserts a batch of imported rows in one durable transaction.
func (b *Bare) Petitions(ctx context.Context, batch []Import) error {
	return b.insert(ctx, `INSERT INTO bare_petitions (number, state, title, count) VALUES `, 4, len(batch),
		func(args []any, i int) []any {
			m := &batch[i]
			return append(args, m.Number, string(m.State), m.Texts[m.Lang].Title, m.Count)
		})
}

func (b *Bare) insert(ctx context.Context, head string, width, n int, row func([]any, int) []any) error {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return b.s.write(ctx, func(tx *Tx) error {
		for chunk := range slices.Chunk(all, insertRows) {
			args := make([]any, 0, width*len(chunk))
			for _, i := range chunk {
				args = row(args, i)
			}
			if err := tx.exec(head+tx.d.tuples(len(chunk), width), args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// insertRows is how many rows one statement of VALUES inserts: long enough to
// spread the cost of a statement, short enough for both engines' parameters.
const insertRows = 500

// Size is how many bytes the database takes, its log aside.
func (s *Store) Size(ctx context.Context) (int64, error) {
	query := `SELECT pg_database_size(current_database())`
	if s.d.name == sqlite.name {
		query = `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`
	}
	var n int64
	err := s.d.scan(s.r.QueryRowContext(ctx, query), &n)
	return n, err
}

// BareSubscribers gives a petition n active subscriptions of nobody, all with
// one sealed address, for measuring; nothing else of them is kept.
func (s *Store) BareSubscribers(ctx context.Context, id petition.ID, n int, address []byte, lang petition.Lang) error {
	for done := 0; done < n; {
		err := s.write(ctx, func(tx *Tx) error {
			for range 20 { // statements a commit
				chunk := min(insertRows, n-done)
				args := make([]any, 0, 6*chunk)
				for i := range chunk {
					var sub [16]byte
					binary.BigEndian.PutUint64(sub[:], uint64(done+i+1)*0x9e3779b97f4a7c15) // spread as hashes are
					binary.BigEndian.PutUint64(sub[8:], uint64(done+i))
					args = append(args, sub[:], int64(id), address, string(lang), 1, 0)
				}
				if chunk > 0 {
					if err := tx.exec(`INSERT INTO subscriptions (id, petition_id, address, lang, active, hour) VALUES `+tx.d.tuples(chunk, 6), args...); err != nil {
						return err
					}
				}
				done += chunk
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
