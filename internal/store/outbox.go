package store

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Letter priorities: what proves an address goes before news.
const (
	PriorityProof = 0
	PriorityActs  = 5
	PriorityNews  = 9
)

// Letter is a letter on its way into the outbox. Sealed holds everything that
// is personal: address, words and link.
type Letter struct {
	UID       string // unique for ever; a second letter with the same is dropped
	Kind      string // which template; for metrics
	Priority  int
	Sealed    []byte
	NotBefore time.Time
}

// ClaimedLetter is a letter a sender holds.
type ClaimedLetter struct {
	ID       int64
	UID      string
	Kind     string
	Sealed   []byte
	Attempts int
	Holder   string // whose it is
}

// The stages of a letter in the outbox.
const (
	letterWaiting = 0
	letterHeld    = 1
	letterHanded  = 2
)

// Enqueue puts a letter into the outbox within the transaction that is the
// reason for it.
func (tx *Tx) Enqueue(l Letter) error {
	return tx.exec(`INSERT INTO outbox (uid, kind, priority, sealed, stage, attempts, not_before, holder)
		VALUES ($1, $2, $3, $4, $5, 0, $6, '') ON CONFLICT (uid) DO NOTHING`,
		l.UID, l.Kind, l.Priority, l.Sealed, letterWaiting, stamp(l.NotBefore))
}

// ClaimLetters gives holder up to n letters that are due. They are its own
// until the moment until; then another sender may take those that were not
// handed over.
func (s *Store) ClaimLetters(ctx context.Context, holder string, n int, now, until time.Time) ([]ClaimedLetter, error) {
	var due int
	// A cheap read first: an idle sender must not write.
	err := s.r.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM outbox WHERE stage < 2 AND not_before <= $1 LIMIT 1) x`, stamp(now)).Scan(&due)
	if err != nil || due == 0 {
		return nil, s.d.classify(err)
	}
	var out []ClaimedLetter
	err = s.write(ctx, func(tx *Tx) error {
		out = nil
		priority := make(map[int64]int)
		// Materialized: PostgreSQL might run a plain subquery again, and claim more.
		rows, err := tx.tx.QueryContext(ctx, `WITH due AS MATERIALIZED (SELECT id FROM outbox
			WHERE stage < 2 AND not_before <= $4 ORDER BY priority, id LIMIT $5`+tx.d.skipLocked+`)
			UPDATE outbox SET stage = $1, holder = $2, not_before = $3 WHERE id IN (SELECT id FROM due)
			RETURNING id, uid, kind, sealed, attempts, priority`, letterHeld, holder, stamp(until), stamp(now), n)
		err = tx.d.each(rows, err, func(scan func(...any) error) error {
			l := ClaimedLetter{Holder: holder}
			var prio int
			if err := scan(&l.ID, &l.UID, &l.Kind, &l.Sealed, &l.Attempts, &prio); err != nil {
				return err
			}
			priority[l.ID], out = prio, append(out, l)
			return nil
		})
		// RETURNING has no order.
		slices.SortFunc(out, func(a, b ClaimedLetter) int {
			return cmp.Or(cmp.Compare(priority[a.ID], priority[b.ID]), cmp.Compare(a.ID, b.ID))
		})
		return err
	})
	return out, err
}

// HandOver notes, durably and before the receiver is asked to take the letter,
// that it is about to be asked. A letter that a crash leaves in this stage is
// never sent by itself again: it may have arrived. False means that holder
// lost the letter to another sender and must not send it.
func (s *Store) HandOver(ctx context.Context, id int64, holder string, until time.Time) (bool, error) {
	var n int64
	err := s.write(ctx, func(tx *Tx) (err error) {
		n, err = tx.affected(`UPDATE outbox SET stage = $1, not_before = $2 WHERE id = $3 AND holder = $4 AND stage = $5`,
			letterHanded, stamp(until), id, holder, letterHeld)
		return err
	})
	return n == 1, err
}

// LetterDone erases a letter: sent, or given up for good.
func (s *Store) LetterDone(ctx context.Context, ids ...int64) error {
	return s.write(ctx, func(tx *Tx) error {
		for _, id := range ids {
			if err := tx.exec(`DELETE FROM outbox WHERE id = $1`, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// LetterAgain puts a letter back that was surely not taken, to be tried from
// notBefore on. It does nothing when another sender than holder has it by now.
func (s *Store) LetterAgain(ctx context.Context, id int64, holder string, notBefore time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE outbox SET stage = $1, holder = '', attempts = attempts + 1, not_before = $2 WHERE id = $3 AND holder = $4`,
			letterWaiting, stamp(notBefore), id, holder)
	})
}

// ReleaseLetters is called when this process is known to be the only sender
// (an embedded database, at start): what others held waits again, at once.
func (s *Store) ReleaseLetters(ctx context.Context, now time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE outbox SET stage = $1, holder = '', not_before = $2 WHERE stage = $3`, letterWaiting, stamp(now), letterHeld)
	})
}

// UncertainLetters returns letters that were handed over by a sender that did
// not live to note the answer: those whose time ran out before now.
func (s *Store) UncertainLetters(ctx context.Context, now time.Time, limit int) ([]ClaimedLetter, error) {
	var out []ClaimedLetter
	rows, err := s.r.QueryContext(ctx, `SELECT id, uid, kind, sealed, attempts, holder FROM outbox
		WHERE stage = $1 AND not_before <= $2 ORDER BY id LIMIT $3`, letterHanded, stamp(now), limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var l ClaimedLetter
		if err := scan(&l.ID, &l.UID, &l.Kind, &l.Sealed, &l.Attempts, &l.Holder); err != nil {
			return err
		}
		out = append(out, l)
		return nil
	})
	return out, err
}

// OutboxSize counts letters that wait, and those whose fate is uncertain.
func (s *Store) OutboxSize(ctx context.Context) (waiting, uncertain int64, err error) {
	err = s.r.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE stage < 2), count(*) FILTER (WHERE stage = 2) FROM outbox`).Scan(&waiting, &uncertain)
	return waiting, uncertain, s.d.classify(err)
}
