package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrFenced says that the work belongs to another server by now: nothing of
// this transaction happened.
var ErrFenced = errors.New("store: the lease of this work has gone to another server")

// Fence is one tenure of a lease. Time alone cannot guard work: a process that
// was frozen believes in the time it last saw. So each tenure has a number,
// and a transaction under a fence commits only in its own tenure.
type Fence struct {
	Name, Holder string
	Epoch        int64
}

type fenceKey struct{}

// Under returns a context whose write transactions commit only while f is the
// tenure in force; others fail with ErrFenced.
func Under(ctx context.Context, f Fence) context.Context {
	return context.WithValue(ctx, fenceKey{}, f)
}

// checkFence locks the lease of the work, when there is one, until the commit:
// another server can take it before this transaction or after, not in between.
func (tx *Tx) checkFence() error {
	f, ok := tx.ctx.Value(fenceKey{}).(Fence)
	if !ok {
		return nil
	}
	var one int
	err := tx.d.scan(tx.row(`SELECT 1 FROM leases WHERE name = $1 AND holder = $2 AND epoch = $3`+tx.d.forShare,
		f.Name, f.Holder, f.Epoch), &one)
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%w: %s", ErrFenced, f.Name)
	}
	return err
}

// Lease lets one process at a time do the work called name: it takes or keeps
// the lease for holder for the time ttl, by the database's clock, which all
// servers share. False means that another holder has it. A lease that ran out
// is a new tenure, also for the holder who had it.
func (s *Store) Lease(ctx context.Context, name, holder string, ttl time.Duration) (Fence, bool, error) {
	f := Fence{Name: name, Holder: holder}
	err := s.write(ctx, func(tx *Tx) error {
		f.Epoch = 0
		now, err := tx.clock()
		if err != nil {
			return err
		}
		err = tx.d.scan(tx.row(`INSERT INTO leases (name, holder, until, epoch) VALUES ($1, $2, $3, 1)
			ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
				epoch = leases.epoch + CASE WHEN leases.holder = excluded.holder AND leases.until >= $4 THEN 0 ELSE 1 END
			WHERE leases.holder = excluded.holder OR leases.until < $4 RETURNING epoch`,
			name, holder, stamp(now.Add(ttl)), stamp(now)), &f.Epoch)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	})
	return f, err == nil && f.Epoch > 0, err
}

// EndLease gives a lease back. The row stays, so that its number never falls.
func (s *Store) EndLease(ctx context.Context, f Fence) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE leases SET holder = '', until = '' WHERE name = $1 AND holder = $2 AND epoch = $3`, f.Name, f.Holder, f.Epoch)
	})
}
