package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/dauys/dauys/petition"
)

// The signatures of a crowd on SQLite, between their commit and their table.
//
// In a large table nearly every signature changes a page of the index of its own:
// 4 kB of log and 4 kB of file for some 30 bytes, and a crowd writes so much that the
// disk stands still under it. So what one commit counts for a petition is first
// appended as one row to a table that has no index, and is durable there. Settle
// carries the rows into the table in the order of its index, millions of people at
// a time, when many share a page. Until then their index is in memory: recentSet.

const (
	// crowd is from how many people who sign a petition in one commit they are
	// appended. Fewer are cheaper in their place.
	crowd = 8
	// mostRecent is how many may wait to be settled, and leastRecent how many however
	// little memory there is. Whoever comes above it goes into the table at once.
	mostRecent  = 1 << 22
	leastRecent = 1 << 17
	// recentBytes are what each of them takes in the set: an entry, room for the next
	// ones, and what is left of a bucket that grew.
	recentBytes = 20
)

// recentRows selects the signatures that the table does not have yet, under the
// names of its columns. Table and rows must be read as of one moment.
const recentRows = `SELECT r.petition_id AS petition_id, CAST(j.key AS BLOB) AS nullifier, j.value AS place, r.day AS day,
	0 AS status, r.generation AS generation FROM recent r, json_each(r.people) j WHERE NOT EXISTS (
		SELECT 1 FROM signatures s WHERE s.petition_id = r.petition_id AND s.nullifier = CAST(j.key AS BLOB))`

// What the set reads: what was appended since, and who is in one row.
const (
	recentSince = `SELECT id, petition_id, people FROM recent WHERE id > $1 ORDER BY id LIMIT $2`
	recentRow   = `SELECT day, generation, people FROM recent WHERE id = $1 AND petition_id = $2`
)

// recentSet finds the row of recent that a person is in. It knows people by the
// first eight bytes of their nullifier, which is a hash; no two of one petition that
// have these in common are ever appended, so that the row tells whether it is they. It
// never lacks a row that was committed before refresh, by whatever process, since ids
// only grow; and it may have some that are settled, which are not found then.
type recentSet struct {
	most  int // how many may be in it: mostRecent, or fewer where memory is short
	slice int // about how many are read at once to be settled: settleSlice

	mu   sync.Mutex // guards the three below
	last int64      // the highest id that was read
	now  recentIndex
	old  recentIndex // of the rows that are being settled

	settling sync.Mutex // held by Settle: one attempt's end would forget another's old
}

// appendedRow is a row of recent as refresh takes it in.
type appendedRow struct {
	id     int64
	of     petition.ID
	people []byte
}

// refresh takes in what was appended since. read reads recentSince, and nothing that
// is uncommitted; the lock is not held meanwhile, since a reader may have to wait for
// a connection, and nobody signs without the set.
func (r *recentSet) refresh(d dialect, read func(last int64, most int) (*sql.Rows, error)) error {
	for {
		if n, err := r.refreshSome(d, read); err != nil || n < refreshPortion {
			return err
		}
	}
}

// refreshPortion is how many rows are in memory together, at a start.
const refreshPortion = 256

func (r *recentSet) refreshSome(d dialect, read func(last int64, most int) (*sql.Rows, error)) (int, error) {
	r.mu.Lock()
	last := r.last
	r.mu.Unlock()
	var appended []appendedRow
	rows, err := read(last, refreshPortion)
	err = d.each(rows, err, func(scan func(...any) error) error {
		var a appendedRow
		err := scan(&a.id, &a.of, &a.people)
		appended = append(appended, a)
		return err
	})
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range appended {
		if a.id <= r.last { // somebody else was here meanwhile
			continue
		}
		if err := r.now.put(a); err != nil {
			return 0, err
		}
		r.last = a.id
	}
	return len(appended), nil
}

// find is the row where a person would be, 0 for none.
func (r *recentSet) find(k sigKey) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id := r.now.find(k); id != 0 {
		return id
	}
	return r.old.find(k)
}

// count is how many people the set has, those included who are being settled.
func (r *recentSet) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now.n + r.old.n
}

// turn sets everybody there is aside to be settled, and tells the last row of theirs.
func (r *recentSet) turn() (last int64, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.old.n == 0 {
		r.old = r.now
	} else { // an attempt before did not come to its end
		r.old.join(r.now)
	}
	r.now = recentIndex{}
	return r.last, r.old.n
}

// settled forgets those who were set aside.
func (r *recentSet) settled() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.old = recentIndex{}
}

// recentSignature is what stands of somebody in recent.
type recentSignature struct {
	there           bool
	taken           bool // not there, and somebody else would be found in their stead
	place           int64
	day, generation int
}

// appendedPeople is a row of recent as somebody is looked for in it.
type appendedPeople struct {
	day, generation int
	people          []byte
}

// scanPeople reads recentRow; a row that is settled has nobody.
func (d dialect) scanPeople(row *sql.Row) (a appendedPeople, err error) {
	if err = d.scan(row, &a.day, &a.generation, &a.people); errors.Is(err, ErrNotFound) {
		return appendedPeople{people: peopleOf(nil)}, nil
	}
	return a, err
}

// signature looks for somebody; read reads the row.
func (r *recentSet) signature(k sigKey, read func(id int64) (appendedPeople, error)) (s recentSignature, err error) {
	id := r.find(k)
	if id == 0 {
		return s, nil
	}
	a, err := read(id)
	if err != nil {
		return s, err
	}
	s.place, s.there, err = findPerson(a.people, k.nullifier)
	s.day, s.generation, s.taken = a.day, a.generation, !s.there && len(a.people) > peopleHead
	return s, err
}

// refreshRecent brings the set up to what was committed before this transaction,
// which must not have appended anything yet.
func (tx *Tx) refreshRecent() error {
	return tx.s.recent.refresh(tx.d, func(last int64, most int) (*sql.Rows, error) { return tx.queryOften(recentSince, last, most) })
}

// recentSignature keeps the rows it has read: after an outage a whole crowd asks
// again, and those of one batch were those of one.
func (tx *Tx) recentSignature(k sigKey) (recentSignature, error) {
	return tx.s.recent.signature(k, func(id int64) (appendedPeople, error) {
		if a, ok := tx.recent[id]; ok {
			return a, nil
		}
		a, err := tx.d.scanPeople(tx.rowOften(recentRow, id, int64(k.petition)))
		if tx.recent == nil {
			tx.recent = make(map[int64]appendedPeople)
		}
		tx.recent[id] = a
		return a, err
	})
}

// refreshRecent is for readers.
func (s *Store) refreshRecent(ctx context.Context) error {
	return s.recent.refresh(s.d, func(last int64, most int) (*sql.Rows, error) { return s.query(ctx, recentSince, last, most) })
}

// recentSignature is for readers. Somebody may be settled at any moment, so the
// table is asked behind it, never before.
func (s *Store) recentSignature(ctx context.Context, k sigKey) (recentSignature, error) {
	if err := s.refreshRecent(ctx); err != nil {
		return recentSignature{}, err
	}
	return s.recent.signature(k, func(id int64) (appendedPeople, error) {
		return s.d.scanPeople(s.queryRow(ctx, recentRow, id, int64(k.petition)))
	})
}

// BoundRecent has recent signatures take a quarter of so many bytes of memory at most.
// It is called before anybody signs.
func (s *Store) BoundRecent(memory int64) {
	s.recent.most = int(max(leastRecent, min(mostRecent, memory/4/recentBytes)))
}

// MostRecent is how many signatures may wait to be settled.
func (s *Store) MostRecent() int { return s.recent.most }

// Recent is how many signatures wait to be settled, or are being: 0 on PostgreSQL.
func (s *Store) Recent(ctx context.Context) (int, error) {
	if s.d.name != sqlite.name {
		return 0, nil
	}
	err := s.refreshRecent(ctx)
	return s.recent.count(), err
}

// appendRecent appends those of group, who are in the order of their nullifiers and
// of one kind (see sameKind), as one row of recent, and marks them as Added. It returns
// who is to go into the table: whoever is there, which is not asked again, or would
// not be told from another one in the set.
func (tx *Tx) appendRecent(batch []NewSignature, group []int, out []Outcome, places map[string]int64) (table []int, err error) {
	first := &batch[group[0]]
	people := placesOf(batch, group, places)
	there, err := tx.inTable(first.Petition, people)
	if err != nil {
		return nil, err
	}
	fresh := make([]int, 0, len(group))
	for _, i := range group {
		if n := len(fresh); there[batch[i].Nullifier] || n > 0 && short(batch[fresh[n-1]].Nullifier) == short(batch[i].Nullifier) {
			table = append(table, i)
			continue
		}
		fresh = append(fresh, i)
	}
	if len(fresh) == 0 {
		return table, nil
	} else if len(table) > 0 {
		people = placesOf(batch, fresh, places)
	}
	if err := tx.execOften(`INSERT INTO recent (petition_id, day, generation, people) VALUES ($1, $2, $3, $4)`,
		int64(first.Petition), first.Day, first.Generation, people); err != nil {
		return nil, err
	}
	for _, i := range fresh {
		out[i] = Added
	}
	return table, nil
}

// inTable is who of people, as placesOf writes them, has a row in the table.
func (tx *Tx) inTable(p petition.ID, people []byte) (map[[16]byte]bool, error) {
	rows, err := tx.queryOften(`SELECT CAST(j.key AS BLOB) FROM json_each($2) j WHERE EXISTS (
		SELECT 1 FROM signatures s WHERE s.petition_id = $1 AND s.nullifier = CAST(j.key AS BLOB))`, int64(p), people)
	var there map[[16]byte]bool
	return there, tx.d.each(rows, err, func(scan func(...any) error) error {
		var b []byte
		if err := scan(&b); err != nil {
			return err
		}
		if there == nil {
			there = make(map[[16]byte]bool)
		}
		there[[16]byte(b)] = true
		return nil
	})
}

// settleOne puts somebody who is in recent into the table, where a row can change.
func (tx *Tx) settleOne(k sigKey) error {
	if tx.d.name != sqlite.name {
		return nil
	}
	if err := tx.refreshRecent(); err != nil {
		return err
	}
	r, err := tx.recentSignature(k)
	if err != nil || !r.there {
		return err
	}
	return tx.exec(insertSQLite, int64(k.petition), r.day, active, r.generation, peopleOf([]person{{k.nullifier, r.place}}))
}
