package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dauys/dauys/petition"
)

// maxLetters is how many letters one address may ask for to sign a petition, and
// to take its signature back, in 72 hours.
const maxLetters = 5

// NewPending is a request to sign or to withdraw that waits for its letter to
// be answered.
type NewPending struct {
	Petition     petition.ID
	Asker        [16]byte // the column nullifier: keyed hash of petition and person, which leads to no signature
	Withdrawal   bool     // the letter is about taking the signature back
	Subscription *NewSubscription
	Letter       Letter
	Unsent       bool // no letter goes out; the row that caps letters stays as it is
}

// letter is its letter, in the lane of the petition.
func (n NewPending) letter() Letter {
	l := n.Letter
	l.Lane = n.Petition
	return l
}

// NewSubscription is an address that asked for news of a petition. It becomes
// active when the link in the letter is used.
type NewSubscription struct {
	ID      [16]byte // keyed hash of petition and address
	Address []byte   // sealed
	Lang    petition.Lang
}

// AddPending commits a batch of requests, each with its letter, in one
// transaction: the row that caps the letters, the subscription that waits, the
// letter in the outbox. It reports for each whether a letter will go out; the
// person who asked is told the same either way, and as late: whoever gets no
// letter is written as well, and erased before the commit. Otherwise a stranger
// who asks for letters to an address until the answers come sooner would learn
// how many its owner had asked for.
func (s *Store) AddPending(ctx context.Context, batch []NewPending, now time.Time) ([]bool, error) {
	queued := make([]bool, len(batch))
	hour := now.Unix() / 3600
	// In one order, so that two batches with the same people never wait in a circle.
	order := make([]int, 0, len(batch))
	for i, n := range batch {
		if !n.Unsent {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(batch[a].Petition, batch[b].Petition), bytes.Compare(batch[a].Asker[:], batch[b].Asker[:]))
	})
	err := s.writeSoon(ctx, func(tx *Tx) error {
		clear(queued)
		if err := tx.addPending(batch, order, queued, hour); err != nil {
			return err
		}
		return tx.writeAndErase(unsent(batch, queued), hour)
	})
	return queued, err
}

// addPending writes those of a batch that order names, and notes in queued whose
// letter is in the outbox.
func (tx *Tx) addPending(batch []NewPending, order []int, queued []bool, hour int64) error {
	if tx.d.name != sqlite.name {
		return tx.addPendingPostgres(batch, order, queued, hour)
	}
	for _, i := range order {
		n := batch[i]
		ok, err := tx.capLetters(n, hour)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		queued[i] = true
		if err := tx.subscribe(n.Petition, n.Subscription, hour); err != nil {
			return err
		}
		if err := tx.Enqueue(n.letter()); err != nil {
			return err
		}
	}
	return nil
}

// What happens to who asks again, in the words of both engines: a letter more
// as far as $5 goes, $4 being the hour.
const (
	askedAgain = ` ON CONFLICT (petition_id, nullifier, withdrawal) DO UPDATE SET letters = pending.letters + 1, hour = excluded.hour
		WHERE pending.letters < $5`
	followedAgain = ` ON CONFLICT (id) DO UPDATE SET lang = excluded.lang, hour = excluded.hour WHERE subscriptions.active = 0`
)

func (tx *Tx) capLetters(n NewPending, hour int64) (bool, error) {
	var letters int
	err := tx.d.scan(tx.rowOften(`INSERT INTO pending (petition_id, nullifier, withdrawal, letters, hour) VALUES ($1, $2, $3, 1, $4)`+
		askedAgain+` RETURNING letters`, int64(n.Petition), n.Asker[:], bit(n.Withdrawal), hour, maxLetters), &letters)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// subscribe keeps a subscription that waits for its link. One that is proven
// stays as it is: whoever types an address in has not shown that it is theirs.
func (tx *Tx) subscribe(id petition.ID, n *NewSubscription, hour int64) error {
	if n == nil {
		return nil
	}
	return tx.execOften(`INSERT INTO subscriptions (id, petition_id, address, lang, active, hour) VALUES ($1, $2, $3, $4, 0, $5)`+followedAgain, n.ID[:], int64(id), n.Address, string(n.Lang), hour)
}

// ActivateSubscription makes a subscription that waits count, and reports
// whether there was one. Again is harmless. Nobody follows a petition of which
// there can be no news any more.
func (s *Store) ActivateSubscription(ctx context.Context, id []byte) (bool, error) {
	var n int64
	err := s.write(ctx, func(tx *Tx) (err error) {
		n, err = tx.affected(`UPDATE subscriptions SET active = 1 WHERE id = $1
			AND NOT EXISTS (SELECT 1 FROM petitions p WHERE p.id = subscriptions.petition_id AND `+newsOver+`)`, id)
		return err
	})
	return n > 0, err
}

// Unsubscribe erases a subscription. It says nothing of whether there was one.
func (s *Store) Unsubscribe(ctx context.Context, id []byte) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`DELETE FROM subscriptions WHERE id = $1`, id)
	})
}

// Purged counts what a purge destroyed.
type Purged struct {
	Subscriptions int64 // that nobody confirmed
	Links         int64 // of logins
	Sessions      int64
	Letters       int64 // whose fate is not known
}

// Sum is how many rows there were.
func (p Purged) Sum() int64 { return p.Subscriptions + p.Links + p.Sessions + p.Letters }

// PurgePending erases subscriptions that nobody confirmed, sessions and login
// links that ended before, and letters whose fate is not known. Requests, of
// which there are as many as people who signed, are PurgeRequests'.
func (s *Store) PurgePending(ctx context.Context, before time.Time) (Purged, error) {
	var p Purged
	hour := before.Unix() / 3600
	err := s.write(ctx, func(tx *Tx) error {
		for _, x := range []struct {
			n     *int64
			query string
			args  []any
		}{
			{&p.Subscriptions, `DELETE FROM subscriptions WHERE active = 0 AND hour < $1`, []any{hour}},
			{&p.Links, `DELETE FROM login_links WHERE expires_at < $1`, []any{stamp(before)}},
			{&p.Sessions, `DELETE FROM sessions WHERE expires_at < $1`, []any{stamp(before)}},
			// A letter whose fate is not known is of no use any more; its address goes.
			{&p.Letters, `DELETE FROM outbox WHERE stage = $1 AND not_before < $2`, []any{letterHanded, stamp(before)}},
		} {
			var err error
			if *x.n, err = tx.affected(x.query, x.args...); err != nil {
				return err
			}
		}
		return nil
	})
	return p, err
}

const (
	oldestRequests = `SELECT petition_id, nullifier, withdrawal FROM pending WHERE hour < $1 ORDER BY hour LIMIT $2`
	eraseRequest   = `DELETE FROM pending WHERE petition_id = $1 AND nullifier = $2 AND withdrawal = $3`
)

// PurgeRequests erases at most limit requests older than before, the oldest
// first, and returns how many.
func (s *Store) PurgeRequests(ctx context.Context, before time.Time, limit int) (n int64, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		n, err = tx.purgeRequests(before.Unix()/3600, limit)
		return err
	})
	return n, err
}

// purgeRequests is PurgeRequests in a transaction. SQLite would look at all of a
// petition's for a row value, and so it is told each.
func (tx *Tx) purgeRequests(hour int64, limit int) (int64, error) {
	if tx.d.name != sqlite.name {
		return tx.affected(`DELETE FROM pending WHERE (petition_id, nullifier, withdrawal) IN (`+oldestRequests+`)`, hour, limit)
	}
	var keys [][3]any
	rows, err := tx.tx.QueryContext(tx.ctx, oldestRequests, hour, limit)
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		var petition, withdrawal int64
		var asker []byte
		err := scan(&petition, &asker, &withdrawal)
		keys = append(keys, [3]any{petition, asker, withdrawal})
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, key := range keys {
		if err := tx.execOften(eraseRequest, key[:]...); err != nil {
			return 0, err
		}
	}
	return int64(len(keys)), nil
}

// newsOver is the condition that a petition p can have no news any more: it is
// in the archive, or it was refused, withdrawn, removed or lapsed, and its keys
// were destroyed.
const newsOver = `p.origin = 'here' AND (p.archived_at IS NOT NULL OR p.salt IS NULL AND p.state IN ('lapsed', 'refused', 'removed', 'withdrawn'))`

// followersCursor is the cursor of PurgeFollowers in the events.
const followersCursor = "followers"

// PurgeFollowers erases the addresses of those who asked for news of a petition
// that can have none any more. It erases up to limit in a transaction of its
// own, and returns how many; fewer than limit when none is left of a petition.
//
// It follows the events, since each petition of which news are over had one as
// it came to that: what it reads grows with what has happened since the last
// time, not with the petitions there are. Nobody begins to follow one
// afterwards, see ActivateSubscription.
//
// Order: the cursor moves up to a petition with followers, and beyond it only
// when they are gone.
func (s *Store) PurgeFollowers(ctx context.Context, limit int) (n int64, err error) {
	var after, last int64
	if err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT COALESCE((SELECT seq FROM cursors WHERE name = $1), 0), COALESCE((SELECT max(seq) FROM events), 0)`,
		followersCursor), &after, &last); err != nil || after >= last {
		return 0, err
	}
	var at int64
	var id petition.ID
	err = s.d.scan(s.r.QueryRowContext(ctx, followedOver, after, last), &at, &id)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	found := err == nil
	err = s.write(ctx, func(tx *Tx) error {
		n = 0
		if found {
			if n, err = tx.affected(`DELETE FROM subscriptions WHERE id IN (SELECT id FROM subscriptions WHERE petition_id = $1 AND active = 1 LIMIT $2)`,
				int64(id), limit); err != nil {
				return err
			}
			last = at - 1
		}
		return tx.exec(`INSERT INTO cursors (name, seq) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq WHERE cursors.seq < excluded.seq`,
			followersCursor, last)
	})
	return n, err
}

// followedOver finds the first event behind a cursor of a petition whose news
// are over and that has followers.
const followedOver = `SELECT e.seq, e.petition_id FROM events e JOIN petitions p ON p.id = e.petition_id WHERE e.seq > $1 AND e.seq <= $2 AND ` + newsOver + `
	AND EXISTS (SELECT 1 FROM subscriptions s WHERE s.petition_id = p.id AND s.active = 1) ORDER BY e.seq LIMIT 1`

// PurgeDrafts erases petitions whose petitioner never proved an address and
// that are older than before: record, texts, contact and events.
func (s *Store) PurgeDrafts(ctx context.Context, before time.Time) (n int64, err error) {
	ids, err := s.ids(ctx, `SELECT id FROM petitions WHERE state = 'draft' AND created_at < $1 ORDER BY id LIMIT 500`, stamp(before))
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		done, err := s.purgeDraft(ctx, id)
		if err != nil {
			return n, err
		}
		n += done
	}
	return n, nil
}

// purgeDraft erases one draft, and returns 0 when it is none any more. The
// counter purged keeps how many events went, so that Check can tell an erased
// draft from a lost event.
func (s *Store) purgeDraft(ctx context.Context, id petition.ID) (n int64, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		n = 0
		p, err := tx.load(id)
		if errors.Is(err, ErrNotFound) || err == nil && p.State != petition.Draft {
			return nil
		} else if err != nil {
			return err
		}
		for _, table := range []string{"texts", "topics", "contacts", "org_names"} {
			if err := tx.exec(`DELETE FROM `+table+` WHERE petition_id = $1`, int64(id)); err != nil {
				return err
			}
		}
		events, err := tx.affected(`DELETE FROM events WHERE petition_id = $1`, int64(id))
		if err != nil {
			return err
		}
		if err := tx.exec(`DELETE FROM petitions WHERE id = $1`, int64(id)); err != nil {
			return err
		}
		n = 1
		_, err = tx.next("purged", events)
		return err
	})
	return n, err
}
