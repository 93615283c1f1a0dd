package store

import (
	"context"
	"database/sql"
)

// often gives a statement that is compiled already, for SQLite, where reading
// one costs more than the row that it is about; see prepared. The first
// transaction that asks for it compiles it for itself, and has it compiled for
// all that follow. nil where there is no need to, or it cannot be, which running
// it says again.
func (tx *Tx) often(query string) *sql.Stmt {
	if tx.d.name != sqlite.name {
		return nil
	}
	if st, ok := tx.kept[query]; ok {
		return st
	}
	st, err := tx.compiled(query)
	if err != nil {
		return nil
	}
	if tx.kept == nil {
		tx.kept = map[string]*sql.Stmt{}
	}
	tx.kept[query] = st
	return st
}

// onWriter is a statement of the connection that writes.
type onWriter struct {
	db    *sql.DB
	query string
}

func (tx *Tx) compiled(query string) (*sql.Stmt, error) {
	if st, ok := tx.s.written.Load(onWriter{tx.s.w, query}); ok {
		return tx.tx.StmtContext(tx.ctx, st.(*sql.Stmt)), nil //nolint:forcetypeassert // the map holds nothing else
	}
	tx.wanted = append(tx.wanted, query)
	return tx.tx.PrepareContext(tx.ctx, query)
}

// keep compiles what a transaction wanted, once that has ended: the one
// connection that writes is free again. What cannot be compiled now is next time.
func (s *Store) keep(ctx context.Context, wanted []string) {
	for _, query := range wanted {
		st, err := s.w.PrepareContext(ctx, query)
		if err != nil {
			return
		}
		if _, there := s.written.LoadOrStore(onWriter{s.w, query}, st); there {
			_ = st.Close() // somebody was quicker
		}
	}
}

// rowOften is row for a statement that is run for each of many.
func (tx *Tx) rowOften(query string, args ...any) *sql.Row {
	if st := tx.often(query); st != nil {
		return st.QueryRowContext(tx.ctx, args...)
	}
	return tx.row(query, args...)
}

// queryOften asks for rows in a statement that is run for each of many.
func (tx *Tx) queryOften(query string, args ...any) (*sql.Rows, error) {
	if st := tx.often(query); st != nil {
		return st.QueryContext(tx.ctx, args...)
	}
	return tx.tx.QueryContext(tx.ctx, query, args...)
}

// execOften is exec for a statement that is run for each of many.
func (tx *Tx) execOften(query string, args ...any) error {
	_, err := tx.affectedOften(query, args...)
	return err
}

// affectedOften is affected for a statement that is run for each of many.
func (tx *Tx) affectedOften(query string, args ...any) (int64, error) {
	st := tx.often(query)
	if st == nil {
		return tx.affected(query, args...)
	}
	res, err := st.ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, tx.d.classify(err)
	}
	return res.RowsAffected()
}
