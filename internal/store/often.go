package store

import (
	"context"
	"database/sql"
)

// Statements that a crowd runs are read by SQLite once, not each time: that
// costs more than the one row they are about. PostgreSQL's driver does so by
// itself, and a pooler in between would not like statements of ours.

// rowOften asks for one row, outside a transaction.
func (s *Store) rowOften(ctx context.Context, query string, args ...any) *sql.Row {
	if s.d.name != sqlite.name {
		return s.r.QueryRowContext(ctx, query, args...)
	}
	kept, ok := s.kept.Load(query)
	if !ok {
		// Not with ctx: whoever asks first may go away, and the statement stays.
		st, err := s.r.PrepareContext(context.WithoutCancel(ctx), query)
		if err != nil {
			return s.r.QueryRowContext(ctx, query, args...) // which says why
		}
		if kept, ok = s.kept.LoadOrStore(query, st); ok {
			_ = st.Close() // another one was faster
		}
	}
	return kept.(*sql.Stmt).QueryRowContext(ctx, args...)
}

// often prepares a statement for the rest of the transaction; nil where there
// is no need to, or it cannot be, which running it says again.
func (tx *Tx) often(query string) *sql.Stmt {
	if tx.d.name != sqlite.name {
		return nil
	}
	if st, ok := tx.kept[query]; ok {
		return st
	}
	st, err := tx.tx.PrepareContext(tx.ctx, query)
	if err != nil {
		return nil
	}
	if tx.kept == nil {
		tx.kept = map[string]*sql.Stmt{}
	}
	tx.kept[query] = st
	return st
}

// rowOften is row for a statement that is run for each of many.
func (tx *Tx) rowOften(query string, args ...any) *sql.Row {
	if st := tx.often(query); st != nil {
		return st.QueryRowContext(tx.ctx, args...)
	}
	return tx.row(query, args...)
}

// execOften is exec for a statement that is run for each of many.
func (tx *Tx) execOften(query string, args ...any) error {
	if st := tx.often(query); st != nil {
		_, err := st.ExecContext(tx.ctx, args...)
		return tx.d.classify(err)
	}
	return tx.exec(query, args...)
}
