package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"github.com/dauys/dauys/petition"
)

const (
	// settlePortion is how many people go into the table in one transaction: no
	// commit of people who sign waits for more than that.
	settlePortion = 1000
	// settleSlice is about how many people are read into memory at once, for which
	// all rows are read: 6 MiB of them.
	settleSlice = 1 << 18
	// erasePortion is how many bytes of people are erased in one; they lie together.
	erasePortion = 600_000
)

// kindOfSignature is what those of one row of recent have in common.
type kindOfSignature struct {
	petition        petition.ID
	day, generation int
}

// slice is those whose nullifiers are in one of several equal parts of all there can
// be: people of a page of the table are in one, or in two that follow each other.
type slice struct{ i, of uint64 }

func (s slice) has(nullifier [16]byte) bool {
	i, _ := bits.Mul64(short(nullifier), s.of)
	return i == s.i
}

// Settle carries the recent signatures into their table, in portions, while people
// sign, and returns how many that were. pace is called before each portion with how
// many are settled of how many, and waits for as long as it is good for others.
//
// Order of effects: slices of people, read one by one; of each portions, by kind and
// nullifier, each one transaction; then all rows are erased, in portions. Who is in
// the table already, because they withdrew or an attempt before came so far, stays as
// the table has it, and the table counts wherever somebody is in both: cut off
// anywhere, it begins again. Nothing that anybody can see changes, but for the order
// in which people came, which is not in the table.
func (s *Store) Settle(ctx context.Context, pace func(settled, of int)) (int, error) {
	if _, err := s.Recent(ctx); err != nil || s.d.name != sqlite.name {
		return 0, err
	}
	s.recent.settling.Lock()
	defer s.recent.settling.Unlock()
	last, n := s.recent.turn()
	if n == 0 {
		return 0, nil
	}
	settled, err := s.settleSlices(ctx, last, uint64(n/s.recent.slice+1), func(settled int) { pace(settled, n) })
	if err == nil {
		err = s.eraseRecent(ctx, last)
	}
	if err != nil {
		return 0, fmt.Errorf("store: settle: %w", err)
	}
	s.recent.settled()
	return settled, nil
}

// settleSlices puts the people of the rows up to last into the table, slice by slice.
func (s *Store) settleSlices(ctx context.Context, last int64, of uint64, pace func(settled int)) (settled int, err error) {
	for i := range of {
		people, err := s.recentPeople(ctx, last, slice{i, of})
		if err != nil {
			return 0, err
		}
		if settled, err = s.settlePeople(ctx, people, settled, pace); err != nil {
			return 0, err
		}
	}
	return settled, nil
}

// recentPeople reads those of a slice from the rows of recent up to last.
func (s *Store) recentPeople(ctx context.Context, last int64, in slice) (map[kindOfSignature][]person, error) {
	all := make(map[kindOfSignature][]person)
	rows, err := s.r.QueryContext(ctx, `SELECT petition_id, day, generation, people FROM recent WHERE id <= $1 ORDER BY id`, last)
	return all, s.d.each(rows, err, func(scan func(...any) error) error {
		var k kindOfSignature
		var people sql.RawBytes
		if err := scan(&k.petition, &k.day, &k.generation, &people); err != nil {
			return err
		}
		of := all[k]
		err := eachPerson(people, in.has, func(p person) { of = append(of, p) })
		if len(of) > 0 {
			all[k] = of
		}
		return err
	})
}

// part is a piece of a portion: people of one kind, by nullifier.
type part struct {
	kindOfSignature
	people []person
}

// portions are people in the order of the table's index, some at a time.
func portions(of map[kindOfSignature][]person) (all [][]part) {
	kinds := slices.SortedFunc(maps.Keys(of), func(x, y kindOfSignature) int {
		return cmp.Or(cmp.Compare(x.petition, y.petition), cmp.Compare(x.day, y.day), cmp.Compare(x.generation, y.generation))
	})
	var portion []part
	room := settlePortion
	for _, k := range kinds {
		people := of[k]
		slices.SortFunc(people, func(x, y person) int { return bytes.Compare(x.nullifier[:], y.nullifier[:]) })
		for len(people) > 0 {
			n := min(room, len(people))
			portion, people, room = append(portion, part{k, people[:n]}), people[n:], room-n
			if room == 0 {
				all, portion, room = append(all, portion), nil, settlePortion
			}
		}
	}
	if portion != nil {
		all = append(all, portion)
	}
	return all
}

// settlePeople puts them into the table, of whom settled went before, and returns
// how many are there then.
func (s *Store) settlePeople(ctx context.Context, people map[kindOfSignature][]person, settled int, pace func(settled int)) (int, error) {
	for _, portion := range portions(people) {
		pace(settled)
		err := s.write(ctx, func(tx *Tx) error {
			for _, p := range portion {
				if err := tx.execOften(insertSQLite, int64(p.petition), p.day, active, p.generation, peopleOf(p.people)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return settled, err
		}
		for _, p := range portion {
			settled += len(p.people)
		}
	}
	return settled, nil
}

// eraseRecent erases the rows up to last, whose people are in the table.
func (s *Store) eraseRecent(ctx context.Context, last int64) error {
	var upTo []int64 // each the end of a portion
	size := 0
	rows, err := s.r.QueryContext(ctx, `SELECT id, length(people) FROM recent WHERE id <= $1 ORDER BY id`, last)
	if err := s.d.each(rows, err, func(scan func(...any) error) error {
		var id int64
		var n int
		err := scan(&id, &n)
		if size += n; size >= erasePortion {
			upTo, size = append(upTo, id), 0
		}
		return err
	}); err != nil {
		return err
	}
	for _, id := range append(upTo, last) {
		if err := s.write(ctx, func(tx *Tx) error { return tx.exec(`DELETE FROM recent WHERE id <= $1`, id) }); err != nil {
			return err
		}
	}
	return nil
}
