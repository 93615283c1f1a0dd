package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/dauys/dauys/petition"
)

// Local is an open petition with what the public may know of its signatures
// from one place.
type Local struct {
	Public
	Here int64
}

// PublicLocal are the open petitions that were signed most in a place, at most
// limit of them, imported ones aside. Each is named where its own page names
// the place, with the same number. places says how many places a signer of the
// petition could name.
//
// The index is in the order of the cells at the last step of each petition; the
// numbers are read again by petition, since a place may have to stay unnamed
// for the sake of another one.
func (s *Store) PublicLocal(ctx context.Context, code string, limit int, places func(petition.Petition) int) ([]Local, error) {
	ids, err := s.ids(ctx, mostSignedIn(), code, limit)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	items, err := s.publicByIDs(ctx, ids, false)
	if err != nil {
		return nil, err
	}
	cells, err := s.publicCells(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []Local
	for _, p := range items {
		law := s.laws.Of(p.Petition)
		if law == nil {
			continue
		}
		shown, _ := law.Counts.Cells(cells[p.ID], places(p.Petition))
		if i := slices.IndexFunc(shown, func(c petition.Cell) bool { return c.Code == code }); i >= 0 {
			list = append(list, Local{Public: p, Here: shown[i].Count})
		}
	}
	slices.SortFunc(list, func(a, b Local) int { return cmp.Or(cmp.Compare(b.Here, a.Here), cmp.Compare(a.Number, b.Number)) })
	return list, nil
}

// LocalLeast is how many signatures from a place a petition has that is on its
// page, whatever its law says of cells. The index of 0024 holds no smaller ones,
// and both engines use it only where the statement has the number.
const LocalLeast = 10

// mostSignedIn finds the petitions. CROSS keeps SQLite in the order of the index;
// see signable for COALESCE.
func mostSignedIn() string {
	return `SELECT n.petition_id FROM place_counts n CROSS JOIN petitions p
		WHERE n.place = (SELECT id FROM places WHERE code = $1) AND n.shown >= ` + strconv.Itoa(LocalLeast) + `
		AND p.id = n.petition_id AND COALESCE(p.state, '') = 'open' AND p.listed + 0 = 1
		ORDER BY n.shown DESC, n.petition_id LIMIT $2`
}

// ShowPlaces lets the order of PublicLocal follow the petitions whose public
// count is live and has moved since then: their cells are read as they are, and
// written down here alone. No cell of one that moves in steps is touched, and no
// petition is locked whose cells stand as they are.
func (s *Store) ShowPlaces(ctx context.Context, since time.Time) error {
	ids, err := s.ids(ctx, `SELECT p.id FROM petitions p WHERE p.state = 'open' AND p.origin IN ('here', 'replay') AND COALESCE(p.shown_at, '') >= $1
		AND EXISTS (SELECT 1 FROM place_counts n WHERE n.petition_id = p.id AND n.shown <> n.count)`, stamp(since))
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := s.write(ctx, func(tx *Tx) error {
			p, err := tx.load(id)
			if err != nil {
				return err
			}
			if law := s.laws.Of(p); law == nil || !law.Live(p.Count) || !law.Live(p.Shown) {
				return nil
			}
			return tx.exec(`UPDATE place_counts SET shown = count WHERE petition_id = $1 AND shown <> count`, int64(id))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
