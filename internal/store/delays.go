package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dauys/dauys/petition"
)

// lateWhere finds the petitions of d (desk) and p (petitions) whose moderation
// is late at $1, that wait since $2 or longer, under law $3 ("" for every).
const lateWhere = `d.state IN ('moderation', 'appealed') AND (d.due <= $1 OR d.missed = 1) AND p.queued_at <= $2 AND ($3 = '' OR p.profile = $3)`

// lateArgs are $1 to $3. The one act of a letter always means the same moment.
func lateArgs(d petition.DelayLetter, at time.Time) []any {
	queued := d.Queued
	if queued.IsZero() {
		queued = at
	}
	return []any{stamp(at), stamp(queued), d.Profile}
}

// DeskLate counts those whom a letter about delay would go to, by language.
func (s *Store) DeskLate(ctx context.Context, d petition.DelayLetter, now time.Time) (map[petition.Lang]int, error) {
	langs := map[petition.Lang]int{}
	rows, err := s.r.QueryContext(ctx, `SELECT lang, count(*) FROM (SELECT c.address_hash, min(c.lang) AS lang
		FROM desk d JOIN petitions p ON p.id = d.petition_id JOIN contacts c ON c.petition_id = d.petition_id
		WHERE `+lateWhere+` GROUP BY c.address_hash) x GROUP BY lang`, lateArgs(d, now)...)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var l petition.Lang
		var n int
		err := scan(&l, &n)
		langs[l] = n
		return err
	})
	return langs, err
}

// DeskLateLaws are the laws under which petitions wait beyond their term at
// now, with how many.
func (s *Store) DeskLateLaws(ctx context.Context, now time.Time) (map[string]int, error) {
	laws := map[string]int{}
	rows, err := s.r.QueryContext(ctx, `SELECT p.profile, count(*) FROM desk d JOIN petitions p ON p.id = d.petition_id
		WHERE `+lateWhere+` GROUP BY p.profile`, lateArgs(petition.DelayLetter{}, now)...)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var id string
		var n int
		err := scan(&id, &n)
		laws[id] = n
		return err
	})
	return laws, err
}

// DelayAct is a letter about delay that an officer sent.
type DelayAct struct {
	petition.DelayLetter
	ID    int64
	At    time.Time
	Staff int64
	Told  int  // petitioners written to so far
	Done  bool // all of them
}

// SendDelay records the act of a letter about delay. The letters follow
// (ExpandDelay). form names the form it was written with: the same form again
// is the same act.
func (s *Store) SendDelay(ctx context.Context, form string, staff int64, d petition.DelayLetter, now time.Time) error {
	record, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`INSERT INTO delay_letters (form, at, staff_id, record, last, told, done) VALUES ($1, $2, $3, $4, 0, 0, 0)
			ON CONFLICT (form) DO NOTHING`, form, stamp(now), staff, string(record))
	})
}

const delayColumns = `id, at, staff_id, record, told, done`

func scanDelay(scan scanner, more ...any) (DelayAct, error) {
	var a DelayAct
	var at, record string
	if err := scan(append([]any{&a.ID, &at, &a.Staff, &record, &a.Told, &a.Done}, more...)...); err != nil {
		return a, err
	}
	if err := json.Unmarshal([]byte(record), &a.DelayLetter); err != nil {
		return a, fmt.Errorf("store: letter about delay %d: %w", a.ID, err)
	}
	var err error
	a.At, err = parseStamp(at)
	return a, err
}

// DeskDelays are the letters about delay that were sent, the latest first.
func (s *Store) DeskDelays(ctx context.Context, limit int) ([]DelayAct, error) {
	var acts []DelayAct
	rows, err := s.r.QueryContext(ctx, `SELECT `+delayColumns+` FROM delay_letters ORDER BY id DESC LIMIT $1`, limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		a, err := scanDelay(scan)
		acts = append(acts, a)
		return err
	})
	return acts, err
}

// Addressee is a petitioner with the petition that waits.
type Addressee struct {
	Contact
	Petition petition.Petition
}

// ExpandDelay writes the letters of the next step of the oldest letter about
// delay that is not done: it looks at up to limit petitions, and f makes each
// petitioner's letter. False when none waits.
//
// Order of effects, in one transaction:
//  1. the act is locked, and its next petitions are read: those still late;
//  2. each petitioner who was not written to yet is noted, and the letter queued;
//  3. the act moves on; when nothing is left, who was written to is forgotten.
//
// So nobody gets a second letter of one act, whatever is repeated.
func (s *Store) ExpandDelay(ctx context.Context, limit int, f func(a DelayAct, to Addressee) (Letter, error)) (bool, error) {
	var waits int
	if err := s.r.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM delay_letters WHERE done = 0 LIMIT 1) x`).Scan(&waits); err != nil || waits == 0 {
		return false, s.d.classify(err)
	}
	err := s.write(ctx, func(tx *Tx) error {
		var last int64
		a, err := scanDelay(tx.row(`SELECT `+delayColumns+`, last FROM delay_letters WHERE done = 0 ORDER BY id LIMIT 1`+tx.d.forUpdate).Scan, &last)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		} else if err != nil {
			return tx.d.classify(err)
		}
		return tx.expandDelay(a, last, limit, f)
	})
	return err == nil, err
}

func (tx *Tx) expandDelay(a DelayAct, last int64, limit int, f func(DelayAct, Addressee) (Letter, error)) error {
	list, err := tx.late(a, last, limit)
	if err != nil {
		return err
	}
	for _, to := range list {
		last = int64(to.Petition.ID)
		first, err := tx.affected(`INSERT INTO delay_told (letter_id, address_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING`, a.ID, to.Hash[:])
		if err != nil {
			return err
		}
		if first == 0 {
			continue
		}
		l, err := f(a, to)
		if err != nil {
			return err
		}
		if err := tx.Enqueue(l); err != nil {
			return err
		}
		a.Told++
	}
	if a.Done = len(list) < limit; a.Done {
		if err := tx.exec(`DELETE FROM delay_told WHERE letter_id = $1`, a.ID); err != nil {
			return err
		}
	}
	return tx.exec(`UPDATE delay_letters SET last = $1, told = $2, done = $3 WHERE id = $4`, last, a.Told, bit(a.Done), a.ID)
}

// late are the next petitioners of an act.
func (tx *Tx) late(a DelayAct, last int64, limit int) ([]Addressee, error) {
	var list []Addressee
	args := append(lateArgs(a.DelayLetter, a.At), last, limit)
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT c.address_hash, c.address, c.lang, `+recordColumns+`
		FROM desk d JOIN petitions p ON p.id = d.petition_id JOIN contacts c ON c.petition_id = d.petition_id
		WHERE `+lateWhere+` AND d.petition_id > $4 ORDER BY d.petition_id LIMIT $5`, args...)
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		var to Addressee
		var hash []byte
		p, err := scanRecord(func(dest ...any) error {
			return scan(append([]any{&hash, &to.Sealed, &to.Lang}, dest...)...)
		})
		copy(to.Hash[:], hash)
		to.Petition = p
		list = append(list, to)
		return err
	})
	return list, err
}
