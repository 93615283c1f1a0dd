package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// SettingsVersion grows with every change of the settings.
func (s *Store) SettingsVersion(ctx context.Context) (int64, error) {
	var v int64
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT value FROM counters WHERE name = 'settings'`), &v)
	return v, err
}

// Settings are what the operator decided, and a version that is not newer than
// the values: who sees a newer one reads again.
func (s *Store) Settings(ctx context.Context) (petition.Settings, int64, error) {
	version, err := s.SettingsVersion(ctx)
	if err != nil {
		return nil, 0, err
	}
	values, err := s.settings(ctx, s.r)
	return values, version, err
}

func (s *Store) settings(ctx context.Context, q querier) (petition.Settings, error) {
	values := petition.Settings{}
	rows, err := q.QueryContext(ctx, `SELECT name, value FROM settings`)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var name, value string
		err := scan(&name, &value)
		values[name] = value
		return err
	})
	return values, err
}

// ChangeSettings decides on the settings as they stand and keeps the acts with
// their consequence, in one transaction. Changes queue: none is decided on
// values that another one is about to replace.
func (s *Store) ChangeSettings(ctx context.Context, actor int64, now time.Time, decide func(petition.Settings) ([]petition.SettingAct, error)) error {
	return s.write(ctx, func(tx *Tx) error {
		if _, err := tx.next("settings", 1); err != nil {
			return err
		}
		have, err := s.settings(ctx, tx.tx)
		if err != nil {
			return err
		}
		acts, err := decide(have)
		if err != nil {
			return err
		}
		return tx.settle(acts, actor, now)
	})
}

// settle keeps acts and the values they lead to.
func (tx *Tx) settle(acts []petition.SettingAct, actor int64, now time.Time) error {
	for _, a := range acts {
		if err := tx.exec(`INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			a.Name, a.New); err != nil {
			return err
		}
		if err := tx.act(a, actor, now); err != nil {
			return err
		}
	}
	tx.bumped = tx.bumped || len(acts) > 0
	return nil
}

// act is the only statement that touches settings_acts: it adds.
func (tx *Tx) act(a petition.SettingAct, actor int64, now time.Time) error {
	return tx.exec(`INSERT INTO settings_acts (at, actor, name, old_value, new_value) VALUES ($1, $2, $3, $4, $5)`,
		stamp(now), actor, a.Name, a.Old, a.New)
}

// SettingsActs are the latest acts, the newest first.
func (s *Store) SettingsActs(ctx context.Context, limit int) ([]petition.SettingAct, error) {
	var acts []petition.SettingAct
	rows, err := s.r.QueryContext(ctx, `SELECT id, at, actor, name, old_value, new_value FROM settings_acts ORDER BY id DESC LIMIT $1`, limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var a petition.SettingAct
		var at string
		if err := scan(&a.ID, &at, &a.Actor, &a.Name, &a.Old, &a.New); err != nil {
			return err
		}
		var err error
		a.At, err = parseStamp(at)
		acts = append(acts, a)
		return err
	})
	return acts, err
}

// KeepPlaces keeps the text of an imported place set under its hash, for ever.
func (s *Store) KeepPlaces(ctx context.Context, hash, csv string) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`INSERT INTO place_sets (hash, csv) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`, hash, csv)
	})
}

// PlacesCSV is the text that KeepPlaces was given, or ErrNotFound.
func (s *Store) PlacesCSV(ctx context.Context, hash string) (string, error) {
	var csv string
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT csv FROM place_sets WHERE hash = $1`, hash), &csv)
	return csv, err
}

// SaveBodies writes bodies that are new or differ, each with its act, and says
// how many did. No body is ever deleted.
func (s *Store) SaveBodies(ctx context.Context, actor int64, bodies []register.Body, now time.Time) (int, error) {
	changed := 0
	err := s.write(ctx, func(tx *Tx) (err error) {
		if _, err := tx.next("settings", 1); err != nil {
			return err
		}
		changed, err = tx.saveBodies(actor, bodies, now)
		return err
	})
	return changed, err
}

func (tx *Tx) saveBodies(actor int64, bodies []register.Body, now time.Time) (changed int, err error) {
	for _, b := range bodies {
		record, err := json.Marshal(b)
		if err != nil {
			return 0, fmt.Errorf("store: body %s: %w", b.ID, err)
		}
		old := ""
		if err := tx.d.scan(tx.row(`SELECT record FROM bodies WHERE id = $1`, b.ID), &old); err != nil && !errors.Is(err, ErrNotFound) {
			return 0, err
		}
		if old == string(record) {
			continue
		}
		if err := tx.exec(`INSERT INTO bodies (id, place, record) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET place = excluded.place, record = excluded.record`, b.ID, b.Place, string(record)); err != nil {
			return 0, err
		}
		if err := tx.act(petition.SettingAct{Name: "body:" + b.ID, Old: old, New: string(record)}, actor, now); err != nil {
			return 0, err
		}
		changed++
	}
	tx.bumped = tx.bumped || changed > 0
	return changed, nil
}
