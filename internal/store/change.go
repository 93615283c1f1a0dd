package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dauys/dauys/petition"
)

// Contact is where the petitioner is written to: sealed, with a keyed hash for look-up.
type Contact struct {
	Hash   [16]byte
	Sealed []byte
	Lang   petition.Lang
}

// Decide is a pure decision about the petition it is given. It may use tx for
// rows that belong to the same act (a letter, a signature); it runs again when
// the transaction is retried.
type Decide func(tx *Tx, p petition.Petition) (petition.Change, error)

// Change is the one shape of a write to a petition.
//
// Order of effects, in one transaction:
//  1. the petition row is locked and loaded;
//  2. decide says what it shall be, or refuses;
//  3. a public number is given where the decision asks for one;
//  4. the row is saved with its derived columns and search words;
//  5. the events get the next numbers and are written, and counted.
//
// Mail, ledger, feeds and search follow the events; nothing else is done here.
// Returned nil means durable.
func (s *Store) Change(ctx context.Context, id petition.ID, now time.Time, decide Decide) (petition.Petition, error) {
	var after petition.Petition
	err := s.write(ctx, func(tx *Tx) error {
		p, err := tx.load(id)
		if err != nil {
			return err
		}
		c, err := decide(tx, p)
		if err != nil {
			return err
		}
		after, err = tx.apply(p, c, now)
		return err
	})
	return after, err
}

// apply saves a decided change of the loaded and locked petition before.
func (tx *Tx) apply(before petition.Petition, c petition.Change, now time.Time) (petition.Petition, error) {
	p := c.Petition
	if c.NeedsNumber && p.Number == 0 {
		n, err := tx.publicNumber()
		if err != nil {
			return p, err
		}
		p.Number = n
	}
	if err := tx.save(before, p, now); err != nil {
		return p, err
	}
	if err := tx.queueNews(before, p); err != nil {
		return p, err
	}
	for _, r := range p.Stages[len(before.Stages):] {
		if err := tx.exec(`INSERT INTO stages (petition_id, stage) VALUES ($1, $2) ON CONFLICT DO NOTHING`, int64(p.ID), r.Stage); err != nil {
			return p, err
		}
	}
	if err := tx.attach(before, p); err != nil {
		return p, err
	}
	if !slices.Equal(p.Topics, before.Topics) {
		if err := tx.exec(`DELETE FROM topics WHERE petition_id = $1`, int64(p.ID)); err != nil {
			return p, err
		}
		if err := tx.setTopics(p.ID, p.Topics); err != nil {
			return p, err
		}
	}
	if p.Shown != before.Shown {
		if err := tx.showCells(p.ID); err != nil {
			return p, err
		}
	}
	if err := tx.appendEvents(p.ID, c.Events); err != nil {
		return p, err
	}
	if err := tx.tally(before, c.Events); err != nil {
		return p, err
	}
	tx.bumped = tx.bumped || before.State.Public() || p.State.Public()
	p.Version++
	return p, nil
}

// publicNumber takes the next public number, past those that imports brought along.
func (tx *Tx) publicNumber() (int64, error) {
	for {
		n, err := tx.next("number", 1)
		if err != nil {
			return 0, err
		}
		var taken int
		if err := tx.d.scan(tx.row(`SELECT count(*) FROM petitions WHERE number = $1`, n), &taken); err != nil || taken == 0 {
			return n, err
		}
	}
}

// Create writes a new petition with its salt, contact and events, and the
// letter that proves the petitioner's address, in one transaction.
func (s *Store) Create(ctx context.Context, c petition.Change, salt []byte, contact Contact, now time.Time, letter func(petition.Petition) (Letter, error)) (petition.Petition, error) {
	p := c.Petition
	err := s.write(ctx, func(tx *Tx) error {
		cols, err := columns(p, s.laws.Of(p), now)
		if err != nil {
			return err
		}
		if p.ID, err = tx.insert(p, Here, salt, cols); err != nil {
			return err
		}
		p.Version = 1
		if err := tx.saveText(p); err != nil {
			return err
		}
		if err := tx.setTopics(p.ID, p.Topics); err != nil {
			return err
		}
		if err := tx.nameOrg(p); err != nil {
			return err
		}
		if err := tx.exec(`INSERT INTO contacts (petition_id, address_hash, address, lang) VALUES ($1, $2, $3, $4)`,
			int64(p.ID), contact.Hash[:], contact.Sealed, string(contact.Lang)); err != nil {
			return err
		}
		l, err := letter(p)
		if err != nil {
			return err
		}
		l.Lane = p.ID
		if err := tx.Enqueue(l); err != nil {
			return err
		}
		if err := tx.appendEvents(p.ID, c.Events); err != nil {
			return err
		}
		return tx.tally(p, c.Events)
	})
	return p, err
}

// CreateReplay writes a petition that replays a document of another site: its
// signers are synthetic, and nobody is written to.
func (s *Store) CreateReplay(ctx context.Context, c petition.Change, salt []byte, now time.Time) (petition.Petition, error) {
	p := c.Petition
	err := s.write(ctx, func(tx *Tx) error {
		cols, err := columns(p, s.laws.Of(p), now)
		if err != nil {
			return err
		}
		if p.ID, err = tx.insert(p, Replay, salt, cols); err != nil {
			return err
		}
		p.Version = 1
		if err := tx.saveText(p); err != nil {
			return err
		}
		return tx.appendEvents(p.ID, c.Events)
	})
	return p, err
}

func (tx *Tx) setTopics(id petition.ID, topics []string) error {
	for _, t := range topics {
		if err := tx.exec(`INSERT INTO topics (petition_id, topic) VALUES ($1, $2) ON CONFLICT DO NOTHING`, int64(id), t); err != nil {
			return err
		}
	}
	return nil
}

// Contact returns where the petitioner of a petition is written to.
func (tx *Tx) Contact(id petition.ID) (Contact, error) {
	var c Contact
	var hash []byte
	err := tx.d.scan(tx.row(`SELECT address_hash, address, lang FROM contacts WHERE petition_id = $1`, int64(id)),
		&hash, &c.Sealed, &c.Lang)
	copy(c.Hash[:], hash)
	return c, err
}

// Due returns up to limit petitions for which the calendar has something to do at now.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]petition.ID, error) {
	return s.ids(ctx, `SELECT id FROM petitions WHERE next_due IS NOT NULL AND next_due <= $1 ORDER BY next_due, id LIMIT $2`,
		stamp(now), limit)
}

// Unshown returns up to limit petitions with an id above after whose public
// count is behind.
func (s *Store) Unshown(ctx context.Context, after petition.ID, limit int) ([]petition.ID, error) {
	return s.ids(ctx, `SELECT p.id FROM petitions p WHERE p.count <> p.shown AND `+signable+` AND p.id + 0 > $1
		ORDER BY p.id + 0 LIMIT $2`, int64(after), limit)
}

// signable is that a petition takes or took signatures. It is written so that
// no index fits it: SQLite, which keeps no statistics, would rather walk through
// all that ever closed than take the index of the few that are meant. So is
// what adds nothing to a column.
const signable = `COALESCE(p.state, '') IN ('open', 'closed')`

func (s *Store) ids(ctx context.Context, query string, args ...any) ([]petition.ID, error) {
	var ids []petition.ID
	rows, err := s.query(ctx, query, args...)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var id petition.ID
		if err := scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
		return nil
	})
	return ids, err
}

// Show moves the public count of a small petition when its rule says so.
func (s *Store) Show(ctx context.Context, id petition.ID, now time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		p, err := tx.load(id)
		if err != nil {
			return err
		}
		law := s.laws.Of(p)
		if law == nil || !p.State.Public() {
			return nil // publication shows the count that stands then
		}
		_, err = tx.show(law, p, now)
		return err
	})
}

// showCells makes the public cells, of places and of days, follow the public count.
func (tx *Tx) showCells(id petition.ID) error {
	if err := tx.exec(`UPDATE place_counts SET shown = count WHERE petition_id = $1 AND shown <> count`, int64(id)); err != nil {
		return err
	}
	return tx.exec(`UPDATE day_counts SET shown = count WHERE petition_id = $1 AND shown <> count`, int64(id))
}

// ChangeEach lets the calendar act on several petitions in one transaction, and
// returns those it acted on. One that decide refuses, or that is gone, is left.
//
// Order of effects, in one transaction:
//  1. all rows are locked and loaded, in the order of their ids: the counter of
//     events, which the first change takes, comes after every petition;
//  2. each is decided on and saved as in Change, so that a commit serves all;
//  3. of those whose keys are due, the salt and what waits for a confirmation
//     are destroyed.
//
// Afterwards the log is emptied when anything was destroyed.
func (s *Store) ChangeEach(ctx context.Context, ids []petition.ID, now time.Time, decide func(petition.Petition) (petition.Change, bool)) ([]petition.Change, error) {
	var done []petition.Change
	purged := false
	err := s.write(ctx, func(tx *Tx) error {
		done, purged = nil, false
		list, err := tx.loadAll(ids)
		if err != nil {
			return err
		}
		for _, p := range list {
			c, ok := decide(p)
			if !ok {
				continue
			}
			if p.PurgedAt.IsZero() && !c.Petition.PurgedAt.IsZero() {
				purged = true
				if err := tx.destroyKeys(p.ID); err != nil {
					return err
				}
			}
			if c.Petition, err = tx.apply(p, c, now); err != nil {
				return fmt.Errorf("store: petition %d: %w", p.ID, err)
			}
			done = append(done, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if purged {
		err = s.Scrub(ctx)
	}
	return done, err
}

// loadAll reads petitions and locks their rows, in the order of their ids.
func (tx *Tx) loadAll(ids []petition.ID) ([]petition.Petition, error) {
	ids = slices.Sorted(slices.Values(ids))
	list := make([]petition.Petition, 0, len(ids))
	for _, id := range slices.Compact(ids) {
		p, err := tx.load(id)
		if errors.Is(err, ErrNotFound) {
			continue
		} else if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// destroyKeys destroys the petition's salt, and with it both keys of its
// signatures, and what waits for a confirmation.
func (tx *Tx) destroyKeys(id petition.ID) error {
	if err := tx.exec(`UPDATE petitions SET salt = NULL WHERE id = $1`, int64(id)); err != nil {
		return err
	}
	return tx.exec(`DELETE FROM pending WHERE petition_id = $1`, int64(id))
}

// Purge destroys the keys of one petition whose retention has ended, and
// records the act; ErrState when it is not time.
func (s *Store) Purge(ctx context.Context, id petition.ID, now time.Time) error {
	done, err := s.ChangeEach(ctx, []petition.ID{id}, now, func(p petition.Petition) (petition.Change, bool) {
		law := s.laws.Of(p)
		if law == nil {
			return petition.Change{}, false
		}
		c, ok := law.Tick(p, now)
		return c, ok && p.PurgedAt.IsZero() && !c.Petition.PurgedAt.IsZero()
	})
	if err == nil && len(done) == 0 {
		err = petition.ErrState
	}
	return err
}

// Scrub lets SQLite empty its log, which may still hold a page with what was
// destroyed. It waits for readers only a moment: when one is in the way, the
// log is emptied by a later purge or at the end of the process.
func (s *Store) Scrub(ctx context.Context) error {
	if s.d.name != sqlite.name {
		return nil
	}
	c, err := s.w.Conn(ctx)
	if err != nil {
		return s.d.classify(err)
	}
	defer c.Close()
	_, err = c.ExecContext(ctx, `PRAGMA busy_timeout = 200`)
	if err == nil {
		_, err = c.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	// Whatever happened: this is the one connection that writes.
	_, again := c.ExecContext(context.WithoutCancel(ctx), `PRAGMA busy_timeout = 10000`)
	return s.d.classify(errors.Join(err, again))
}

// FirstNumber makes number the first that a petition made here may get, unless
// the counter is beyond it already.
func (s *Store) FirstNumber(ctx context.Context, number int64) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE counters SET value = $1 WHERE name = 'number' AND value < $1`, number-1)
	})
}

// SkipEvents moves a follower's cursor behind everything there is. The demo
// calls it once its world is made, so that history sends no letters.
func (s *Store) SkipEvents(ctx context.Context, name string) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`INSERT INTO cursors (name, seq) SELECT $1, value FROM counters WHERE name = 'event'
			ON CONFLICT (name) DO UPDATE SET seq = excluded.seq`, name)
	})
}
