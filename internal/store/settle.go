package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/dauys/dauys/petition"
)

const (
	// settlePortion is how many people go into the table in one transaction: no
	// commit of people who sign waits for more than that.
	settlePortion = 1000
	// erasePortion is how many people's rows are erased in one; they lie together.
	erasePortion = 20_000
)

// kindOfSignature is what those of one row of recent have in common.
type kindOfSignature struct {
	petition        petition.ID
	day, generation int
}

// segment is who is settled together: by kind, and row by row.
type segment struct {
	people map[kindOfSignature][]person
	rows   []segmentRow
	n      int
}

type segmentRow struct {
	id int64
	n  int // people in it
}

// Settle carries the recent signatures into their table, in portions, while people
// sign, and returns how many that were. pace is called before each portion with how
// many are settled of how many, and waits for as long as it is good for others.
//
// Order of effects: portions of people, by kind and nullifier, each one transaction;
// then their rows are erased, in portions. Who is in the table already, because they
// withdrew or an attempt before came so far, stays as the table has it, and the
// table counts wherever somebody is in both: cut off anywhere, it begins again.
// Nothing that anybody can see changes, but for the order in which people came,
// which is not in the table.
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
	g, err := s.segment(ctx, last)
	if err == nil {
		err = s.settlePeople(ctx, g, pace)
	}
	if err == nil {
		err = s.eraseRecent(ctx, g)
	}
	if err != nil {
		return 0, fmt.Errorf("store: settle: %w", err)
	}
	s.recent.settled()
	return g.n, nil
}

// segment reads the rows of recent up to last.
func (s *Store) segment(ctx context.Context, last int64) (segment, error) {
	g := segment{people: make(map[kindOfSignature][]person)}
	rows, err := s.r.QueryContext(ctx, `SELECT id, petition_id, day, generation, people FROM recent WHERE id <= $1 ORDER BY id`, last)
	return g, s.d.each(rows, err, func(scan func(...any) error) error {
		var k kindOfSignature
		var people []byte
		var row segmentRow
		if err := scan(&row.id, &k.petition, &k.day, &k.generation, &people); err != nil {
			return err
		}
		of := g.people[k]
		before := len(of)
		err := eachPerson(people, func(p person) { of = append(of, p) })
		g.people[k] = of
		row.n = len(of) - before
		g.rows, g.n = append(g.rows, row), g.n+row.n
		return err
	})
}

// part is a piece of a portion: people of one kind, by nullifier.
type part struct {
	kindOfSignature
	people []person
}

// portions are all people in the order of the table's index, some at a time.
func (g segment) portions() (all [][]part) {
	kinds := slices.SortedFunc(maps.Keys(g.people), func(x, y kindOfSignature) int {
		return cmp.Or(cmp.Compare(x.petition, y.petition), cmp.Compare(x.day, y.day), cmp.Compare(x.generation, y.generation))
	})
	var portion []part
	room := settlePortion
	for _, k := range kinds {
		people := g.people[k]
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

func (s *Store) settlePeople(ctx context.Context, g segment, pace func(settled, of int)) error {
	settled := 0
	for _, portion := range g.portions() {
		pace(settled, g.n)
		err := s.write(ctx, func(tx *Tx) error {
			for _, p := range portion {
				if err := tx.execOften(insertSQLite, int64(p.petition), p.day, active, p.generation, peopleOf(p.people)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, p := range portion {
			settled += len(p.people)
		}
	}
	return nil
}

// eraseRecent erases rows whose people are in the table.
func (s *Store) eraseRecent(ctx context.Context, g segment) error {
	for from := 0; from < len(g.rows); {
		to, n := from, 0
		for ; to < len(g.rows) && n < erasePortion; to++ {
			n += g.rows[to].n
		}
		first, last := g.rows[from].id, g.rows[to-1].id
		if err := s.write(ctx, func(tx *Tx) error {
			return tx.exec(`DELETE FROM recent WHERE id BETWEEN $1 AND $2`, first, last)
		}); err != nil {
			return err
		}
		from = to
	}
	return nil
}
