package store

import (
	"context"
	"time"
)

// SecondFactor is an officer's secret for one-time codes.
type SecondFactor struct {
	Sealed []byte
	Step   int64 // the last step of the clock whose code was used
	Proven bool  // a code was used: the officer has the secret
}

// SecondFactor returns the secret of an officer; one that has none gets fresh,
// sealed.
func (s *Store) SecondFactor(ctx context.Context, staff int64, fresh []byte) (SecondFactor, error) {
	var f SecondFactor
	err := s.write(ctx, func(tx *Tx) error {
		if err := tx.exec(`INSERT INTO totp (staff_id, secret, step, proven) VALUES ($1, $2, 0, 0) ON CONFLICT (staff_id) DO NOTHING`,
			staff, fresh); err != nil {
			return err
		}
		var proven int
		err := tx.d.scan(tx.row(`SELECT secret, step, proven FROM totp WHERE staff_id = $1`, staff), &f.Sealed, &f.Step, &proven)
		f.Proven = proven == 1
		return err
	})
	return f, err
}

// UseCode notes that the code of a step was shown, and that the session has
// shown it. A code of that step or an earlier one was used: ErrConflict.
func (s *Store) UseCode(ctx context.Context, staff int64, session []byte, step int64) error {
	return s.write(ctx, func(tx *Tx) error {
		n, err := tx.affected(`UPDATE totp SET step = $1, proven = 1 WHERE staff_id = $2 AND step < $1`, step, staff)
		if err != nil {
			return err
		}
		if n != 1 {
			return ErrConflict
		}
		return tx.exec(`UPDATE sessions SET proven = 1 WHERE hash = $1 AND staff_id = $2`, session, staff)
	})
}

// AddResetLink is a login link that also forgets the officer's second factor
// and ends their sessions, when it is used.
func (s *Store) AddResetLink(ctx context.Context, hash []byte, staff int64, expires time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`INSERT INTO login_links (hash, staff_id, expires_at, reset) VALUES ($1, $2, $3, 1)`, hash, staff, stamp(expires))
	})
}

// forget drops the second factor and the sessions of an officer.
func (tx *Tx) forget(staff int64) error {
	if err := tx.exec(`DELETE FROM totp WHERE staff_id = $1`, staff); err != nil {
		return err
	}
	return tx.exec(`DELETE FROM sessions WHERE staff_id = $1`, staff)
}

// SessionInfo is an open session as its owner, or an administrator, sees it.
type SessionInfo struct {
	Hash                  []byte
	Staff                 int64
	Role                  Role
	Created, Seen, Expire time.Time
}

// Sessions are the sessions that are open at now, those seen last first; of
// one officer, or of all when staff is 0.
func (s *Store) Sessions(ctx context.Context, staff int64, now, idleSince time.Time) ([]SessionInfo, error) {
	var list []SessionInfo
	rows, err := s.r.QueryContext(ctx, `SELECT x.hash, x.staff_id, a.role, x.created_at, x.seen_at, x.expires_at FROM sessions x
		JOIN staff a ON a.id = x.staff_id WHERE ($1 = 0 OR x.staff_id = $1) AND x.expires_at > $2 AND x.seen_at > $3
		ORDER BY x.seen_at DESC, x.hash LIMIT 200`, staff, stamp(now), stamp(idleSince))
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var x SessionInfo
		var role, created, seen, expires string
		if err := scan(&x.Hash, &x.Staff, &role, &created, &seen, &expires); err != nil {
			return err
		}
		x.Role = Role(role)
		for _, t := range []struct {
			from string
			to   *time.Time
		}{{created, &x.Created}, {seen, &x.Seen}, {expires, &x.Expire}} {
			var err error
			if *t.to, err = parseStamp(t.from); err != nil {
				return err
			}
		}
		list = append(list, x)
		return nil
	})
	return list, err
}

// RevokeSession ends a session by its hash: of one officer, or anybody's when
// staff is 0.
func (s *Store) RevokeSession(ctx context.Context, hash []byte, staff int64) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`DELETE FROM sessions WHERE hash = $1 AND ($2 = 0 OR staff_id = $2)`, hash, staff)
	})
}
