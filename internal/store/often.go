package store

import "database/sql"

// often prepares a statement for the rest of the transaction, for SQLite, where
// reading one costs more than the row that it is about; see prepared. nil where
// there is no need to, or it cannot be, which running it says again.
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
