package store

import (
	"context"
	"errors"
	"time"

	"github.com/dauys/dauys/petition"
)

const (
	beatName  = "site"
	beatEvery = 30 * time.Second
	// OutageFrom is the shortest silence that counts as an outage: shorter ones
	// are restarts and updates.
	OutageFrom = 10 * time.Minute
)

// Beat says that the site is up at now. A silence of OutageFrom or more since
// the last beat was an outage, and is kept; so is one in which the database
// took no writes. A clock that was set back only beats.
func (s *Store) Beat(ctx context.Context, now time.Time) error {
	last, err := s.LastBeat(ctx)
	if err != nil || !last.IsZero() && now.Sub(last) < beatEvery && !now.Before(last) {
		return err
	}
	return s.write(ctx, func(tx *Tx) error {
		var text string
		err := tx.d.scan(tx.row(`SELECT at FROM heartbeats WHERE name = $1`+tx.d.forUpdate, beatName), &text)
		if errors.Is(err, ErrNotFound) {
			return tx.exec(`INSERT INTO heartbeats (name, at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, beatName, stamp(now))
		} else if err != nil {
			return err
		}
		before, err := parseStamp(text)
		if err != nil {
			return err
		}
		if now.Sub(before) >= OutageFrom {
			tx.bumped = true // pages list it
			if err := tx.exec(`INSERT INTO outages (from_at, to_at, given) VALUES ($1, $2, 0) ON CONFLICT (from_at) DO NOTHING`,
				stamp(before), stamp(now)); err != nil {
				return err
			}
		}
		return tx.exec(`UPDATE heartbeats SET at = $1 WHERE name = $2`, stamp(now), beatName)
	})
}

// SkipBeat moves the last beat to now without an outage: the demo's clock jumps
// while the site is up.
func (s *Store) SkipBeat(ctx context.Context, now time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`INSERT INTO heartbeats (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = excluded.at`, beatName, stamp(now))
	})
}

// LastBeat is when the site was last known to be up; zero before the first time.
func (s *Store) LastBeat(ctx context.Context) (time.Time, error) {
	var text string
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT at FROM heartbeats WHERE name = $1`, beatName), &text)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	} else if err != nil {
		return time.Time{}, err
	}
	return parseStamp(text)
}

// PublicOutages are the latest outages, the newest first.
func (s *Store) PublicOutages(ctx context.Context, limit int) ([]petition.Outage, error) {
	return s.outages(ctx, `SELECT from_at, to_at FROM outages ORDER BY from_at DESC LIMIT $1`, limit)
}

// OpenOutages are those whose days were not given back yet, the oldest first.
func (s *Store) OpenOutages(ctx context.Context) ([]petition.Outage, error) {
	return s.outages(ctx, `SELECT from_at, to_at FROM outages WHERE given = 0 ORDER BY from_at LIMIT $1`, 100)
}

func (s *Store) outages(ctx context.Context, query string, limit int) ([]petition.Outage, error) {
	var list []petition.Outage
	rows, err := s.r.QueryContext(ctx, query, limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var from, to string
		if err := scan(&from, &to); err != nil {
			return err
		}
		var o petition.Outage
		var err error
		if o.From, err = parseStamp(from); err != nil {
			return err
		}
		o.To, err = parseStamp(to)
		list = append(list, o)
		return err
	})
	return list, err
}

// OutageGiven notes that every window has the days of an outage back.
func (s *Store) OutageGiven(ctx context.Context, o petition.Outage) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE outages SET given = 1 WHERE from_at = $1`, stamp(o.From))
	})
}

// WithWindows are up to limit petitions under a profile, with an id above after,
// whose signing or supporting runs.
func (s *Store) WithWindows(ctx context.Context, profile string, after petition.ID, limit int) ([]petition.ID, error) {
	return s.ids(ctx, `SELECT id FROM petitions WHERE state IN ('open', 'supporting') AND profile = $1 AND id > $2 AND origin IN ('here', 'replay')
		ORDER BY id LIMIT $3`, profile, int64(after), limit)
}

// Stoppable are up to limit petitions under a profile, with an id above after
// and older than before, that a dissolution may end.
func (s *Store) Stoppable(ctx context.Context, profile string, before time.Time, after petition.ID, limit int) ([]petition.ID, error) {
	return s.ids(ctx, `SELECT id FROM petitions WHERE state IN ('open', 'supporting', 'authorising', 'moderation', 'returned', 'appealed')
		AND profile = $1 AND created_at <= $2 AND id > $3 AND origin IN ('here', 'replay') ORDER BY id LIMIT $4`,
		profile, stamp(before), int64(after), limit)
}
