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
