package store

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// Appointment is a new account of the desk, or another role for an old one,
// with a one-time login link and the letter that carries it.
type Appointment struct {
	AddressHash [16]byte
	Address     []byte // sealed
	Role        Role
	Body        string // of an officer
	Link        []byte // hash of the login link
	LinkEnds    time.Time
	Letter      Letter
}

// Appoint keeps an appointment with its act, link and letter, in one transaction.
func (s *Store) Appoint(ctx context.Context, actor int64, a Appointment, now time.Time) (Staff, error) {
	var st Staff
	err := s.write(ctx, func(tx *Tx) (err error) {
		if _, err := tx.next("settings", 1); err != nil {
			return err
		}
		st, err = tx.appoint(actor, a, now)
		return err
	})
	return st, err
}

// appoint takes actor -1 for somebody who appoints themselves: the first administrator.
func (tx *Tx) appoint(actor int64, a Appointment, now time.Time) (Staff, error) {
	st := Staff{Role: a.Role, Body: a.Body}
	old, err := tx.staffWords(`address_hash = $1`, a.AddressHash[:])
	if err != nil && !errors.Is(err, ErrNotFound) {
		return st, err
	}
	if err := tx.d.scan(tx.row(`INSERT INTO staff (address_hash, address, role, body, created_at, disabled)
		VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (address_hash) DO UPDATE SET role = excluded.role, body = excluded.body, disabled = 0
		RETURNING id`, a.AddressHash[:], a.Address, string(a.Role), a.Body, stamp(now)), &st.ID); err != nil {
		return st, err
	}
	if err := tx.oneAdmin(); err != nil {
		return st, err
	}
	if actor < 0 {
		actor = st.ID
	}
	if err := tx.exec(`INSERT INTO login_links (hash, staff_id, expires_at) VALUES ($1, $2, $3)`, a.Link, st.ID, stamp(a.LinkEnds)); err != nil {
		return st, err
	}
	if err := tx.Enqueue(a.Letter); err != nil {
		return st, err
	}
	act := petition.SettingAct{Name: "staff:" + strconv.FormatInt(st.ID, 10), Old: old, New: staffWords(a.Role, a.Body, false)}
	return st, tx.act(act, actor, now)
}

// staffWords is how an act tells an account: its role, never an address.
func staffWords(role Role, body string, disabled bool) string {
	if disabled {
		return "disabled"
	}
	return strings.TrimSpace(string(role) + " " + body)
}

func (tx *Tx) staffWords(where string, arg any) (string, error) {
	var role, body string
	var disabled int
	err := tx.d.scan(tx.row(`SELECT role, body, disabled FROM staff WHERE `+where, arg), &role, &body, &disabled)
	if err != nil {
		return "", err
	}
	return staffWords(Role(role), body, disabled == 1), nil
}

// oneAdmin refuses with ErrConflict to leave a site without an administrator.
func (tx *Tx) oneAdmin() error {
	var n int
	if err := tx.d.scan(tx.row(`SELECT count(*) FROM staff WHERE role = 'admin' AND disabled = 0`), &n); err != nil {
		return err
	}
	if n == 0 {
		return ErrConflict
	}
	return nil
}

// ChangeStaff gives an account another role or disables it, with its act.
// Whoever is disabled is logged out. The last administrator stays one: ErrConflict.
func (s *Store) ChangeStaff(ctx context.Context, actor, id int64, role Role, body string, disabled bool, now time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		if _, err := tx.next("settings", 1); err != nil {
			return err
		}
		old, err := tx.staffWords(`id = $1`, id)
		if err != nil {
			return err
		}
		words := staffWords(role, body, disabled)
		if old == words {
			return nil
		}
		if err := tx.exec(`UPDATE staff SET role = $1, body = $2, disabled = $3 WHERE id = $4`, string(role), body, bit(disabled), id); err != nil {
			return err
		}
		if err := tx.oneAdmin(); err != nil {
			return err
		}
		if disabled {
			if err := tx.exec(`DELETE FROM login_links WHERE staff_id = $1`, id); err != nil {
				return err
			}
			if err := tx.exec(`DELETE FROM sessions WHERE staff_id = $1`, id); err != nil {
				return err
			}
		}
		return tx.act(petition.SettingAct{Name: "staff:" + strconv.FormatInt(id, 10), Old: old, New: words}, actor, now)
	})
}

// StaffRow is an account as administrators see it.
type StaffRow struct {
	Staff
	Address  []byte // sealed
	Disabled bool
}

// AdminStaff are all accounts, by id.
func (s *Store) AdminStaff(ctx context.Context) ([]StaffRow, error) {
	var list []StaffRow
	rows, err := s.r.QueryContext(ctx, `SELECT id, role, body, address, disabled FROM staff ORDER BY id`)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var r StaffRow
		var role string
		var disabled int
		err := scan(&r.ID, &role, &r.Body, &r.Address, &disabled)
		r.Role, r.Disabled = Role(role), disabled == 1
		list = append(list, r)
		return err
	})
	return list, err
}

// NewSetupLink keeps the hash of a link to the first run and voids those
// before it. When somebody can log in already it is ErrConflict.
func (s *Store) NewSetupLink(ctx context.Context, hash []byte, expires time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		if err := tx.nobody(); err != nil {
			return err
		}
		if err := tx.exec(`UPDATE setup_links SET used = 1`); err != nil {
			return err
		}
		return tx.exec(`INSERT INTO setup_links (hash, expires_at, used) VALUES ($1, $2, 0)`, hash, stamp(expires))
	})
}

func (tx *Tx) nobody() error {
	if _, err := tx.next("settings", 1); err != nil {
		return err
	}
	var n int
	if err := tx.d.scan(tx.row(`SELECT count(*) FROM (SELECT 1 FROM staff LIMIT 1) x`), &n); err != nil {
		return err
	}
	if n > 0 {
		return ErrConflict
	}
	return nil
}

// SetupLinkLive reports whether a link to the first run works now. One that
// was never given is ErrNotFound.
func (s *Store) SetupLinkLive(ctx context.Context, hash []byte, now time.Time) (bool, error) {
	var expires string
	var used int
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT expires_at, used FROM setup_links WHERE hash = $1`, hash), &expires, &used)
	return err == nil && used == 0 && expires > stamp(now), err
}

// SetupDraft are the sealed answers of an unfinished first run; nil for none.
func (s *Store) SetupDraft(ctx context.Context) ([]byte, error) {
	var sealed []byte
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT sealed FROM setup_draft WHERE name = 'draft'`), &sealed)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return sealed, err
}

// SaveSetupDraft keeps the answers so far.
func (s *Store) SaveSetupDraft(ctx context.Context, sealed []byte) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`INSERT INTO setup_draft (name, sealed) VALUES ('draft', $1) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed`, sealed)
	})
}

// FinishSetup uses a link to the first run up: the first administrator, the
// settings and the bodies are there at once, or nothing is. A link that is
// used or expired is ErrNotFound; where somebody can log in already it is
// ErrConflict.
func (s *Store) FinishSetup(ctx context.Context, link []byte, admin Appointment, acts []petition.SettingAct, bodies []register.Body, now time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		n, err := tx.affected(`UPDATE setup_links SET used = 1 WHERE hash = $1 AND used = 0 AND expires_at > $2`, link, stamp(now))
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		if err := tx.nobody(); err != nil {
			return err
		}
		st, err := tx.appoint(-1, admin, now)
		if err != nil {
			return err
		}
		if err := tx.settle(acts, st.ID, now); err != nil {
			return err
		}
		if _, err := tx.saveBodies(st.ID, bodies, now); err != nil {
			return err
		}
		return tx.exec(`DELETE FROM setup_draft`)
	})
}
