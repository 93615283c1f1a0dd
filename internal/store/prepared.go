package store

import (
	"context"
	"database/sql"
	"sync"
)

// maxPrepared is how many statements are kept. Lists have one for each shape
// of filter; what comes when there is no room is compiled each time.
const maxPrepared = 128

// prepared keeps the compiled statements of what the public reads. SQLite
// compiles a statement each time it comes as text, which takes longer than
// most of them run. The driver of PostgreSQL keeps its own.
type prepared struct {
	mu sync.RWMutex // guards of
	of map[string]*sql.Stmt
}

// query reads what the public reads, by a statement that is kept, from the
// replica where ctx lets it. Its text must not hold values.
func (s *Store) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if tx := snapshotOf(ctx); tx != nil {
		return tx.QueryContext(ctx, query, args...)
	}
	if st := s.statement(ctx, query); st != nil {
		return st.QueryContext(ctx, args...)
	}
	return s.reader(ctx).QueryContext(ctx, query, args...)
}

// queryRow is query for one row.
func (s *Store) queryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if tx := snapshotOf(ctx); tx != nil {
		return tx.QueryRowContext(ctx, query, args...)
	}
	if st := s.statement(ctx, query); st != nil {
		return st.QueryRowContext(ctx, args...)
	}
	return s.reader(ctx).QueryRowContext(ctx, query, args...)
}

// statement is nil where the text is to be given as it is: then it also says
// what is wrong with it.
func (s *Store) statement(ctx context.Context, query string) *sql.Stmt {
	if s.d.name != sqlite.name {
		return nil
	}
	p := &s.prepared
	p.mu.RLock()
	st, full := p.of[query], len(p.of) >= maxPrepared
	p.mu.RUnlock()
	if st != nil || full {
		return st
	}
	st, err := s.r.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.of[query]; other != nil {
		_ = st.Close() // somebody was quicker
		return other
	}
	if p.of == nil {
		p.of = make(map[string]*sql.Stmt)
	}
	p.of[query] = st
	return st
}
