package store

import (
	"context"
	"time"
)

// Role is what an officer may do.
type Role string

// The roles.
const (
	Moderator Role = "moderator"
	Officer   Role = "officer" // of a body
	Auditor   Role = "auditor"
	Admin     Role = "admin"
)

// Known reports whether there is such a role.
func (r Role) Known() bool {
	return r == Moderator || r == Officer || r == Auditor || r == Admin
}

// Staff is an account of the desk.
type Staff struct {
	ID   int64
	Role Role
	Body string // of an officer
	// Proven says that the session has shown the second factor.
	Proven bool
}

// AddStaff makes an account, or finds the one with this address and gives it
// the role. hash and address (sealed) are the officer's.
func (s *Store) AddStaff(ctx context.Context, hash [16]byte, address []byte, role Role, body string, now time.Time) (Staff, error) {
	st := Staff{Role: role, Body: body}
	err := s.write(ctx, func(tx *Tx) error {
		return tx.d.scan(tx.row(`INSERT INTO staff (address_hash, address, role, body, created_at, disabled)
			VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (address_hash) DO UPDATE SET role = excluded.role, body = excluded.body, disabled = 0
			RETURNING id`, hash[:], address, string(role), body, stamp(now)), &st.ID)
	})
	return st, err
}

// AddLoginLink keeps the hash of a one-time link until expires.
func (s *Store) AddLoginLink(ctx context.Context, hash []byte, staff int64, expires time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`INSERT INTO login_links (hash, staff_id, expires_at) VALUES ($1, $2, $3)`, hash, staff, stamp(expires))
	})
}

// LoginLinkLive reports whether a one-time link could be used now; looking does not use it.
func (s *Store) LoginLinkLive(ctx context.Context, hash []byte, now time.Time) (bool, error) {
	var n int
	err := s.r.QueryRowContext(ctx, `SELECT count(*) FROM login_links WHERE hash = $1 AND expires_at > $2`, hash, stamp(now)).Scan(&n)
	return n == 1, s.d.classify(err)
}

// StartSession uses a one-time link up and opens a session in its place, in
// one transaction. A link that is used, expired or unknown is ErrNotFound.
func (s *Store) StartSession(ctx context.Context, link, session []byte, now, expires time.Time) (Staff, error) {
	var st Staff
	err := s.write(ctx, func(tx *Tx) error {
		var id int64
		var reset int
		if err := tx.d.scan(tx.row(`DELETE FROM login_links WHERE hash = $1 AND expires_at > $2 RETURNING staff_id, reset`,
			link, stamp(now)), &id, &reset); err != nil {
			return err
		}
		if reset == 1 {
			if err := tx.forget(id); err != nil {
				return err
			}
		}
		var role string
		if err := tx.d.scan(tx.row(`SELECT id, role, body FROM staff WHERE id = $1 AND disabled = 0`, id), &st.ID, &role, &st.Body); err != nil {
			return err
		}
		st.Role = Role(role)
		return tx.exec(`INSERT INTO sessions (hash, staff_id, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)`,
			session, id, stamp(now), stamp(expires))
	})
	return st, err
}

// Session returns who is behind a session that was seen since idleSince and
// has not expired; else ErrNotFound. At most once a minute it notes that the
// session is in use.
func (s *Store) Session(ctx context.Context, hash []byte, now, idleSince time.Time) (Staff, error) {
	var st Staff
	var role, seen string
	var proven int
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT a.id, a.role, a.body, x.seen_at, x.proven FROM sessions x
		JOIN staff a ON a.id = x.staff_id WHERE x.hash = $1 AND x.expires_at > $2 AND x.seen_at > $3 AND a.disabled = 0`,
		hash, stamp(now), stamp(idleSince)), &st.ID, &role, &st.Body, &seen, &proven)
	if err != nil {
		return st, err
	}
	st.Role, st.Proven = Role(role), proven == 1
	if at, err := parseStamp(seen); err != nil || now.Sub(at) < time.Minute {
		return st, err
	}
	return st, s.write(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE sessions SET seen_at = $1 WHERE hash = $2`, stamp(now), hash)
	})
}

// EndSession ends a session, and with it those that expired.
func (s *Store) EndSession(ctx context.Context, hash []byte, now time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`DELETE FROM sessions WHERE hash = $1 OR expires_at < $2`, hash, stamp(now))
	})
}

// HasStaff reports whether anybody can log in yet.
func (s *Store) HasStaff(ctx context.Context) (bool, error) {
	var n int
	err := s.r.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM staff LIMIT 1) x`).Scan(&n)
	return n > 0, s.d.classify(err)
}
