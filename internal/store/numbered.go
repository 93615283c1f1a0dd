package store

import (
	"context"
	"time"

	"github.com/dauys/dauys/petition"
)

// NumberRange is a range of public numbers that has public petitions.
type NumberRange struct {
	Index   int64     // it begins at Index times the width
	Updated time.Time // when one of them last changed
}

// NumberRanges divides the public petitions by their numbers into ranges of this
// width, in order. It reads all of them: for what is asked for now and then.
func (s *Store) NumberRanges(ctx context.Context, width int64) ([]NumberRange, error) {
	var ranges []NumberRange
	rows, err := s.query(ctx, `SELECT p.number / $1, max(p.updated_at) FROM petitions p WHERE p.listed = 1 GROUP BY 1 ORDER BY 1`, width)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var r NumberRange
		var at string
		if err := scan(&r.Index, &at); err != nil {
			return err
		}
		var err error
		r.Updated, err = parseStamp(at)
		ranges = append(ranges, r)
		return err
	})
	return ranges, err
}

// Numbered is what a site map needs to know of a petition.
type Numbered struct {
	Number  int64
	Origin  Origin
	Profile petition.ProfileRef
	Updated time.Time
}

// The plus keeps SQLite from an index of lists, which it would have to sort.
const numberedBetween = `SELECT p.number, p.origin, p.profile, p.profile_version, p.updated_at FROM petitions p
	WHERE +p.listed = 1 AND p.number BETWEEN $1 AND $2 ORDER BY p.number LIMIT $3`

// NumberedBetween are the public petitions with numbers from first to last, at
// most limit of them.
func (s *Store) NumberedBetween(ctx context.Context, first, last int64, limit int) ([]Numbered, error) {
	var list []Numbered
	rows, err := s.query(ctx, numberedBetween, first, last, limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var n Numbered
		var at string
		if err := scan(&n.Number, &n.Origin, &n.Profile.ID, &n.Profile.Version, &at); err != nil {
			return err
		}
		var err error
		n.Updated, err = parseStamp(at)
		list = append(list, n)
		return err
	})
	return list, err
}
