package store

import "github.com/dauys/dauys/petition"

// How many rows get into a statement at the price of one. A VALUES list of a
// thousand parameters takes longer to parse and to bind than its rows take to
// insert, so rows travel in a few values: for SQLite as one object of JSONB, for
// PostgreSQL as arrays.

// insertSQLite has nothing in it that could fail for one row and not for the one
// before (no function, no check, no reference; OR FAIL): SQLite would copy each page
// that it changes, so that it could take back this one statement.
const insertSQLite = `INSERT OR FAIL INTO signatures (petition_id, nullifier, place, day, status, generation)
	SELECT $1, CAST(j.key AS BLOB), j.value, $2, $3, $4 FROM json_each($5) j WHERE true
	ON CONFLICT (petition_id, nullifier) DO NOTHING`

// sameKind reports whether two signatures go into one statement of SQLite:
// they differ in person and place only.
func sameKind(a, b *NewSignature) bool {
	return a.Petition == b.Petition && a.Day == b.Day && a.Generation == b.Generation
}

// insertRowsSQLite inserts the signatures of batch whose indexes are in order,
// and marks those that were not there as Added: a crowd among the recent ones, once
// for each petition, since what this transaction appends is not in the set yet, and
// everybody else in the table.
func (tx *Tx) insertRowsSQLite(batch []NewSignature, order []int, out []Outcome, places map[string]int64) error {
	if err := tx.refreshRecent(); err != nil {
		return err
	}
	var base int64 // rows above are of this transaction: SQLite has one writer
	if err := tx.d.scan(tx.rowOften(`SELECT COALESCE(max(id), 0) FROM signatures`), &base); err != nil {
		return err
	}
	known := tx.s.recent.count()
	var appended petition.ID // whose crowd was
	for from := 0; from < len(order); {
		first, to := &batch[order[from]], from+1
		for to < len(order) && sameKind(first, &batch[order[to]]) {
			to++
		}
		group, table, err := tx.notRecent(batch, order[from:to])
		if err != nil {
			return err
		}
		from = to
		if len(group) >= crowd && first.Petition != appended && known+len(group) <= tx.s.recent.most {
			more, err := tx.appendRecent(batch, group, out, places)
			if err != nil {
				return err
			}
			appended, known, group = first.Petition, known+len(group), more
		}
		if err := tx.insertTable(batch, append(group, table...), out, base, places); err != nil {
			return err
		}
	}
	return nil
}

// notRecent leaves those of a group out who are in recent, and sets those apart whom
// the set could not tell from another person there.
func (tx *Tx) notRecent(batch []NewSignature, group []int) (rest, table []int, err error) {
	rest = make([]int, 0, len(group))
	for _, i := range group {
		r, err := tx.recentSignature(sigKey{batch[i].Petition, batch[i].Nullifier})
		switch {
		case err != nil:
			return nil, nil, err
		case r.taken:
			table = append(table, i)
		case !r.there:
			rest = append(rest, i)
		}
	}
	return rest, table, nil
}

// insertTable inserts a group of one kind into the table.
func (tx *Tx) insertTable(batch []NewSignature, group []int, out []Outcome, base int64, places map[string]int64) error {
	if len(group) == 0 {
		return nil
	}
	first := &batch[group[0]]
	n, err := tx.affectedOften(insertSQLite, int64(first.Petition), first.Day, active, first.Generation, placesOf(batch, group, places))
	if err != nil {
		return err
	}
	return tx.markAdded(batch, group, out, base, n)
}

// placesOf are those of a batch as one value.
func placesOf(batch []NewSignature, group []int, places map[string]int64) []byte {
	people := make([]person, len(group))
	for k, i := range group {
		people[k] = person{batch[i].Nullifier, places[batch[i].Place]}
	}
	return peopleOf(people)
}

// markAdded marks the n rows of a group that were inserted above base: all of
// them as a rule, or else those that are found there.
func (tx *Tx) markAdded(batch []NewSignature, group []int, out []Outcome, base, n int64) error {
	if n == int64(len(group)) {
		for _, i := range group {
			out[i] = Added
		}
		return nil
	} else if n == 0 {
		return nil
	}
	// The plus keeps SQLite from walking all signatures of the petition.
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT nullifier FROM signatures WHERE id > $1 AND +petition_id = $2`,
		base, int64(batch[group[0]].Petition))
	added := make(map[[16]byte]bool, n)
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		var b []byte
		if err := scan(&b); err != nil {
			return err
		}
		added[[16]byte(b)] = true
		return nil
	})
	if err != nil {
		return err
	}
	for _, i := range group {
		if added[batch[i].Nullifier] {
			out[i] = Added
		}
	}
	return nil
}

// insertRowsPostgres is insertRowsSQLite for PostgreSQL, in one statement. It
// returns no rows: which were new is asked for only where some were not. A plain
// INSERT would take 5 µs less a row of the server's time than ON CONFLICT, but
// writes each who signs again into the server's log, with the second.
func (tx *Tx) insertRowsPostgres(batch []NewSignature, order []int, out []Outcome, places map[string]int64) error {
	n := len(order)
	ids, days, generations, where, people := make([]int64, n), make([]int32, n), make([]int32, n), make([]int32, n), make([][]byte, n)
	for k, i := range order {
		s := &batch[i]
		ids[k], people[k], where[k], days[k], generations[k] = int64(s.Petition), s.Nullifier[:], int32(places[s.Place]), int32(s.Day), int32(s.Generation)
	}
	added, err := tx.affected(`INSERT INTO signatures (petition_id, nullifier, place, day, status, generation)
		SELECT p, n, w, d, $6, g FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BYTEA[]), CAST($3 AS INTEGER[]), CAST($4 AS INTEGER[]), CAST($5 AS INTEGER[])) AS x (p, n, w, d, g)
		ON CONFLICT (petition_id, nullifier) DO NOTHING`, ids, people, where, days, generations, active)
	if err != nil || added == 0 {
		return err
	}
	if added == int64(n) {
		for _, i := range order {
			out[i] = Added
		}
		return nil
	}
	at := make(map[sigKey]int, n)
	for _, i := range order {
		at[sigKey{batch[i].Petition, batch[i].Nullifier}] = i
	}
	// Rows of this transaction have its number.
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT s.petition_id, s.nullifier FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BYTEA[])) AS x (p, n)
		JOIN signatures s ON s.petition_id = x.p AND s.nullifier = x.n WHERE s.xmin = CAST(pg_current_xact_id() AS XID)`, ids, people)
	return tx.d.each(rows, err, func(scan func(...any) error) error {
		var id petition.ID
		var b []byte
		if err := scan(&id, &b); err != nil {
			return err
		}
		out[at[sigKey{id, [16]byte(b)}]] = Added
		return nil
	})
}
