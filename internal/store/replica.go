package store

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"
)

// replica is a standby that public pages may be read from. It is read from
// only while it is known to be behind by less than one look (WatchReplica);
// else, and when there is none, everything comes from the primary.
//
// A page is kept under the generation it was rendered from. So while the
// replica is read from, Generation is the replica's: a change that it does not
// have yet does not exist for readers, and makes no page seem current that is
// not.
type replica struct {
	addr string
	db   atomic.Pointer[sql.DB] // nil until it answered once
	gen  atomic.Int64           // that it had at the last look
	on   atomic.Bool
	want int64 // the primary's at the last look; WatchReplica alone uses it
}

// lookWithin is how long a look may take.
const lookWithin = 2 * time.Second

type standbyKey struct{}

// Standby returns a context whose public reads may come from the replica;
// false when it is not to be used now. Nothing that writes, or that an officer
// decides by, is read under it.
func (s *Store) Standby(ctx context.Context) (context.Context, bool) {
	if !s.replica.on.Load() {
		return ctx, false
	}
	return context.WithValue(ctx, standbyKey{}, true), true
}

// reader is where public reads under ctx come from.
func (s *Store) reader(ctx context.Context) *sql.DB {
	if ctx.Value(standbyKey{}) != nil && s.replica.on.Load() {
		return s.replica.db.Load()
	}
	return s.r
}

// UseReplica names a standby for public reads. Nothing is opened yet: it may be
// down when the server starts. The error says that the address is none, or that
// the database has no standbys.
func (s *Store) UseReplica(addr string) error {
	if s.d.name == sqlite.name {
		return errors.New("store: a replica needs PostgreSQL")
	}
	_, err := postgresConfig(addr)
	s.replica.addr = addr
	return err
}

// WatchReplica looks at the replica and decides whether it is read from until
// the next look: it is when it has everything that the primary had at the last
// one, and not when it lags, or does not answer. Called every half second, so
// that readers are behind by a second at most. One goroutine calls it.
func (s *Store) WatchReplica(ctx context.Context) (inUse bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	gen, err := s.lookAtReplica(ctx)
	if err != nil {
		s.replica.on.Store(false)
		return false, err
	}
	if gen > s.replica.gen.Load() {
		s.replica.gen.Store(gen)
	}
	was, now := s.replica.on.Load(), s.gen.Load()
	// Once it was left it must have caught up wholly, so that readers do not go
	// back in time.
	s.replica.on.Store(was && gen >= s.replica.want || gen >= now)
	s.replica.want = now
	return s.replica.on.Load(), nil
}

func (s *Store) lookAtReplica(ctx context.Context) (gen int64, err error) {
	db := s.replica.db.Load()
	if db == nil {
		if db, _, err = openPool(ctx, s.replica.addr); err != nil {
			return 0, err
		}
		s.replica.db.Store(db)
	}
	err = s.d.scan(db.QueryRowContext(ctx, `SELECT value FROM counters WHERE name = 'generation'`), &gen)
	return gen, err
}

// close ends its connections.
func (r *replica) close() error {
	if db := r.db.Load(); db != nil {
		return db.Close()
	}
	return nil
}
