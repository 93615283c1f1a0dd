package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// How the copy of the signatures goes on while people sign.
const (
	// narrowAtOnce is how large the old table may be for a migration, which a
	// start waits for, to do it: a few seconds.
	narrowAtOnce = 2 * narrowPages
	// narrowPages is how much of the old table a transaction copies: some
	// hundred thousand signatures, which a second is enough for. They go in by
	// the order of the key, so that each page of the index is touched once.
	narrowPages = 1000
	// changeWithin is how long everybody who signs waits for those who read the
	// old table, a backup for instance, before the change is put off.
	changeWithin = "500ms"
	changePause  = time.Second
	changeTries  = 600
	// narrowSchema is the first schema whose programs take the types as they are.
	narrowSchema = 22
)

// Narrow finishes what a migration began and left for its length: it writes
// PostgreSQL's signatures into the narrower table that 0022_narrow made, and puts
// that in the place of theirs. Servers of this release sign meanwhile. It tells
// whether there was anything to do, and is ErrOlder while a server of a release
// before is up: PostgreSQL would refuse what that has prepared, once on each
// connection. Both tables are written until then.
//
// Order of effects, each step in transactions of its own:
//  1. every signature that is added or changed is in both tables, by the
//     triggers of 0022_narrow: it waited for all who wrote before it;
//  2. what was there is copied, page after page; a row that is there by now is
//     the newer one and stays;
//  3. both are compared as of one moment, in which they must be the same;
//  4. under the lock of the old table it goes, and the new one takes its name.
//
// No signature is ever deleted, so that a copied row cannot be one that has
// gone. Cut off in the middle, it begins again at 2; until then all servers use
// the table that has the name. One process at a time does it.
func (s *Store) Narrow(ctx context.Context) (done bool, err error) {
	if wide, err := s.wide(ctx); err != nil || !wide {
		return false, err
	}
	return true, s.narrow(ctx, narrowPages)
}

// narrowSmall is Narrow where it takes no time.
func (s *Store) narrowSmall(ctx context.Context) error {
	wide, err := s.wide(ctx)
	if err != nil || !wide {
		return err
	}
	if all, err := s.pages(ctx); err != nil || all > narrowAtOnce {
		return err
	}
	if err := s.narrow(ctx, narrowPages); !errors.Is(err, ErrOlder) {
		return err
	}
	return nil
}

// older is ErrOlder while a server is up that does not know the new table.
func (s *Store) older(ctx context.Context) error {
	var up bool
	err := s.d.scan(s.w.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM servers WHERE knows < $1 AND until >= (`+s.d.clock+`))`, narrowSchema), &up)
	if err == nil && up {
		err = ErrOlder
	}
	return err
}

// wide says whether the signatures are still in the table of before.
func (s *Store) wide(ctx context.Context) (wide bool, err error) {
	if s.d.name == sqlite.name {
		return false, nil
	}
	return wide, s.d.scan(s.w.QueryRowContext(ctx, `SELECT to_regclass('signatures_lean') IS NOT NULL`), &wide)
}

// pages is how large the table of signatures is.
func (s *Store) pages(ctx context.Context) (n int64, err error) {
	return n, s.d.scan(s.w.QueryRowContext(ctx, `SELECT pg_relation_size('signatures') / CAST(current_setting('block_size') AS BIGINT)`), &n)
}

func (s *Store) narrow(ctx context.Context, pages int64) error {
	unlock, err := s.lock(ctx, "dauys narrow ")
	if err != nil {
		return fmt.Errorf("store: narrower signatures: %w", s.d.classify(err))
	}
	defer unlock()
	if wide, err := s.wide(ctx); err != nil || !wide {
		return err // somebody else has done it by now
	}
	if err := s.older(ctx); err != nil {
		return err
	}
	if err := s.copySignatures(ctx, pages); err != nil {
		return fmt.Errorf("store: narrower signatures: %w", err)
	}
	if err := s.sameSignatures(ctx); err != nil {
		return fmt.Errorf("store: narrower signatures: %w", err)
	}
	if err := s.changeSignatures(ctx); err != nil {
		return fmt.Errorf("store: narrower signatures: %w", err)
	}
	return nil
}

// copySignatures copies the rows of before. A row that is changed meanwhile may
// be read in its place of before or after, or in neither: then it was copied by
// the trigger.
func (s *Store) copySignatures(ctx context.Context, pages int64) error {
	all, err := s.pages(ctx)
	if err != nil {
		return err
	}
	for from := int64(0); from < all; from += pages {
		err := s.write(ctx, func(tx *Tx) error {
			return tx.exec(`INSERT INTO signatures_lean (petition_id, place, day, status, generation, nullifier)
				SELECT petition_id, place, day, status, generation, nullifier FROM signatures
				WHERE ctid >= CAST($1 AS TID) AND ctid < CAST($2 AS TID) ORDER BY petition_id, nullifier
				ON CONFLICT (petition_id, nullifier) DO NOTHING`, fmt.Sprintf("(%d,0)", from), fmt.Sprintf("(%d,0)", from+pages))
		})
		if err != nil {
			return err
		}
	}
	// The first who sign must not be planned for an empty table.
	return s.write(ctx, func(tx *Tx) error { return tx.exec(`ANALYZE signatures_lean`) })
}

// sameSignatures compares both tables in one statement, which sees one moment.
// A table that differs is emptied: the next migration copies all of it.
func (s *Store) sameSignatures(ctx context.Context) error {
	const all = `SELECT CAST(ROW(count(*), sum(petition_id), sum(place), sum(day), sum(status), sum(generation)) AS TEXT) FROM `
	var old, lean string
	err := s.d.scan(s.w.QueryRowContext(ctx, `SELECT (`+all+`signatures), (`+all+`signatures_lean)`), &old, &lean)
	if err != nil || old == lean {
		return err
	}
	err = s.write(ctx, func(tx *Tx) error { return tx.exec(`TRUNCATE signatures_lean`) })
	return errors.Join(fmt.Errorf("the copy holds %s, the signatures are %s: migrate again", lean, old), err)
}

// changeSignatures puts the new table in the place of the old one. Whoever
// signs waits for a moment, and finds the new one.
func (s *Store) changeSignatures(ctx context.Context) error {
	for try := 1; ; try++ {
		if err := s.older(ctx); err != nil { // it came during the copy
			return err
		}
		err := s.write(ctx, func(tx *Tx) error {
			for _, query := range []string{
				`SET LOCAL lock_timeout = '` + changeWithin + `'`,
				`LOCK TABLE signatures IN ACCESS EXCLUSIVE MODE`,
				`DROP TABLE signatures`,
				`DROP FUNCTION signatures_to_lean()`,
				`ALTER TABLE signatures_lean RENAME TO signatures`,
				`ALTER INDEX signatures_lean_key RENAME TO signatures_petition_id_nullifier_key`,
				`ALTER TABLE signatures RENAME CONSTRAINT signatures_lean_nullifier_check TO signatures_nullifier_check`,
			} {
				if err := tx.exec(query); err != nil {
					return err
				}
			}
			return nil
		})
		var pe *pgconn.PgError
		if try == changeTries || !errors.As(err, &pe) || pe.Code != pgLockTimeout {
			return err
		}
		pause, cancel := context.WithTimeout(ctx, changePause)
		<-pause.Done()
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
