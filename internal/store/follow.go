package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/dauys/dauys/petition"
)

// Follow hands the events after the cursor of the follower name to f, oldest
// first and at most limit, and moves the cursor, in one transaction: what f
// writes through tx happens exactly once for each event. It returns how many
// there were.
func (s *Store) Follow(ctx context.Context, name string, limit int, f func(tx *Tx, e petition.Event) error) (int, error) {
	// A cheap read first: an idle follower must not write.
	var behind int
	err := s.r.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM events
		WHERE seq > COALESCE((SELECT seq FROM cursors WHERE name = $1), 0) LIMIT 1) x`, name).Scan(&behind)
	if err != nil || behind == 0 {
		return 0, s.d.classify(err)
	}
	n := 0
	err = s.write(ctx, func(tx *Tx) error {
		n = 0
		if err := tx.exec(`INSERT INTO cursors (name, seq) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING`, name); err != nil {
			return err
		}
		var seq int64
		if err := tx.d.scan(tx.row(`SELECT seq FROM cursors WHERE name = $1`+tx.d.forUpdate, name), &seq); err != nil {
			return err
		}
		events, err := tx.eventsAfter(seq, limit)
		if err != nil || len(events) == 0 {
			return err
		}
		for _, e := range events {
			if err := f(tx, e); err != nil {
				return err
			}
		}
		n = len(events)
		return tx.exec(`UPDATE cursors SET seq = $1 WHERE name = $2`, events[n-1].Seq, name)
	})
	return n, err
}

const eventColumns = `seq, petition_id, kind, at, actor, data`

func scanEvent(scan func(...any) error) (petition.Event, error) {
	var e petition.Event
	var at, data string
	if err := scan(&e.Seq, &e.Petition, &e.Kind, &at, &e.Actor, &data); err != nil {
		return e, err
	}
	if err := json.Unmarshal([]byte(data), &e.Data); err != nil {
		return e, err
	}
	var err error
	e.At, err = parseStamp(at)
	return e, err
}

func (tx *Tx) eventsAfter(seq int64, limit int) ([]petition.Event, error) {
	var events []petition.Event
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT `+eventColumns+` FROM events WHERE seq > $1 ORDER BY seq LIMIT $2`, seq, limit)
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		e, err := scanEvent(scan)
		events = append(events, e)
		return err
	})
	return events, err
}

// Petition loads a petition for a follower.
func (tx *Tx) Petition(id petition.ID) (petition.Petition, error) {
	p, err := scanRecord(tx.row(`SELECT `+recordColumns+` FROM petitions p WHERE p.id = $1`, int64(id)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrNotFound
	}
	return p, tx.d.classify(err)
}

// Mailing is a letter to all subscribers of a petition.
type Mailing struct {
	ID       int64
	Kind     string
	Petition petition.ID
	Seq      int64 // the event it tells of
	Args     map[string]string
	last     []byte
}

// AddMailing asks for a letter to all subscribers; once for each event and kind.
func (tx *Tx) AddMailing(seq int64, kind string, id petition.ID, args map[string]string) error {
	a, err := json.Marshal(args)
	if err != nil {
		return err
	}
	return tx.exec(`INSERT INTO mailings (event_seq, kind, petition_id, args, last, done) VALUES ($1, $2, $3, $4, $5, 0)
		ON CONFLICT (event_seq, kind) DO NOTHING`, seq, kind, int64(id), string(a), []byte{})
}

// Subscriber is one address that asked for news.
type Subscriber struct {
	ID      [16]byte
	Address []byte // sealed
	Lang    petition.Lang
}

// ExpandMailing turns the next step of the oldest unfinished mailing into
// letters: up to limit subscribers, each letter made by f. It returns false
// when no mailing waits. A crash repeats no letter: the step and its letters
// are one transaction.
func (s *Store) ExpandMailing(ctx context.Context, limit int, f func(m Mailing, p petition.Petition, to Subscriber) (Letter, error)) (bool, error) {
	var waits int
	if err := s.r.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM mailings WHERE done = 0 LIMIT 1) x`).Scan(&waits); err != nil || waits == 0 {
		return false, s.d.classify(err)
	}
	err := s.write(ctx, func(tx *Tx) error {
		var m Mailing
		var args string
		err := tx.d.scan(tx.row(`SELECT id, event_seq, kind, petition_id, args, last FROM mailings
			WHERE done = 0 ORDER BY id LIMIT 1`+tx.d.forUpdate), &m.ID, &m.Seq, &m.Kind, &m.Petition, &args, &m.last)
		if errors.Is(err, ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		if m.last == nil { // SQLite reads an empty blob as nil, which would be written and compared as NULL
			m.last = []byte{}
		}
		if err := json.Unmarshal([]byte(args), &m.Args); err != nil {
			return err
		}
		return tx.expand(m, limit, f)
	})
	return err == nil, err
}

func (tx *Tx) expand(m Mailing, limit int, f func(Mailing, petition.Petition, Subscriber) (Letter, error)) error {
	p, err := tx.Petition(m.Petition)
	if err != nil {
		return err
	}
	var subs []Subscriber
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT id, address, lang FROM subscriptions
		WHERE petition_id = $1 AND active = 1 AND id > $2 ORDER BY id LIMIT $3`, int64(m.Petition), m.last, limit)
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		var sub Subscriber
		var id []byte
		if err := scan(&id, &sub.Address, &sub.Lang); err != nil {
			return err
		}
		copy(sub.ID[:], id)
		subs = append(subs, sub)
		return nil
	})
	if err != nil {
		return err
	}
	for _, sub := range subs {
		l, err := f(m, p, sub)
		if err != nil {
			return err
		}
		if err := tx.Enqueue(l); err != nil {
			return err
		}
		m.last = sub.ID[:]
	}
	done := len(subs) < limit
	return tx.exec(`UPDATE mailings SET last = $1, done = $2 WHERE id = $3`, m.last, bit(done), m.ID)
}
