package store

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/dauys/dauys/petition"
)

// addCounts adds what was Added to the counters, aggregated and in ascending
// order of their keys.
func (tx *Tx) addCounts(batch []NewSignature, out []Outcome, places map[string]int64, locked map[petition.ID]held, now time.Time) error {
	byPlace, byDay, byPetition := map[[2]int64]int64{}, map[[2]int64]int64{}, map[petition.ID]int64{}
	for i, n := range batch {
		if out[i] != Added {
			continue
		}
		byPlace[[2]int64{int64(n.Petition), places[n.Place]}]++
		byDay[[2]int64{int64(n.Petition), int64(n.Day)}]++
		byPetition[n.Petition]++
	}
	if err := tx.upsertCounts("place_counts", "place", byPlace); err != nil {
		return err
	}
	if err := tx.upsertCounts("day_counts", "day", byDay); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(byPetition)) {
		if err := tx.addCount(locked[id], byPetition[id], now); err != nil {
			return err
		}
	}
	return nil
}

// upsertCounts adds to many counters of a table in one statement, in ascending
// order of their keys: a batch comes from as many places as it likes.
func (tx *Tx) upsertCounts(table, key string, counts map[[2]int64]int64) error {
	if len(counts) == 0 {
		return nil
	}
	rows := make([][3]int64, 0, len(counts))
	for k, n := range counts {
		rows = append(rows, [3]int64{k[0], k[1], n})
	}
	slices.SortFunc(rows, func(a, b [3]int64) int { return slices.Compare(a[:], b[:]) })
	from, args := tx.triples(rows)
	return tx.execOften(`INSERT INTO `+table+` (petition_id, `+key+`, count, shown) SELECT `+from+
		` ON CONFLICT (petition_id, `+key+`) DO UPDATE SET count = `+table+`.count + excluded.count`, args...)
}

// addCount moves one petition's count by n (negative for a withdrawal) and asks
// the rule when the next threshold is met. A live public count follows at once;
// a small one waits for the timetable, and the row keeps only in which step of
// the clock the count changed. Where no threshold is met the row is written
// once: it is long, and many indexes know it.
func (tx *Tx) addCount(h held, n int64, now time.Time) error {
	p, id := h.Petition, int64(h.ID)
	p.Count += n
	law := tx.s.laws.Of(p)
	if law == nil {
		return errors.New("store: a petition that is signed here has no profile")
	}
	if h.next > 0 && p.Count >= h.next {
		err := tx.execOften(`UPDATE petitions SET count = $1 WHERE id = $2`, p.Count, id)
		if err == nil {
			err = tx.reach(law, p, now)
		}
		if err != nil {
			return err
		}
		if p, err = tx.load(p.ID); err != nil {
			return err
		}
	}
	if !p.State.Public() || !law.Live(p.Count) {
		return tx.execOften(`UPDATE petitions SET count = $1, counted_at = $2 WHERE id = $3`, p.Count, stamp(law.Counts.Step(now)), id)
	}
	if moved, err := tx.show(law, p, now); err != nil || moved {
		return err
	}
	return tx.execOften(`UPDATE petitions SET count = $1 WHERE id = $2`, p.Count, id)
}

// show moves the public count when its rule says so, and the cells with it. The
// count itself is written along.
func (tx *Tx) show(law *petition.Profile, p petition.Petition, now time.Time) (moved bool, err error) {
	shown, moved := law.Show(p, p.Count, now)
	if !moved {
		return false, nil
	}
	tx.bumped = true
	if err := tx.execOften(`UPDATE petitions SET count = $1, shown = $2, shown_at = $3 WHERE id = $4`, p.Count, shown, stamp(now), int64(p.ID)); err != nil {
		return true, err
	}
	if law.Live(p.Count) && law.Live(p.Shown) {
		return true, nil // the readers take count itself for the cells
	}
	return true, tx.showCells(p.ID)
}

// reach applies what the rule decides at this count.
func (tx *Tx) reach(law *petition.Profile, p petition.Petition, now time.Time) (err error) {
	if law.NeedsPlaces() {
		if p.ByPlace, err = tx.placeCounts(p.ID); err != nil {
			return err
		}
	}
	c, ok := law.Count(p, p.Count, now)
	if !ok {
		return nil
	}
	_, err = tx.apply(p, c, now)
	return err
}

// triples is what stands behind SELECT for rows of three numbers and a zero, in
// the same order: arrays for PostgreSQL, a JSON list for SQLite. The cells of
// one petition are a number each in the list, which is read in half the time.
func (tx *Tx) triples(rows [][3]int64) (from string, args []any) {
	if tx.d.name != sqlite.name {
		var a, b, c []int64
		for _, r := range rows {
			a, b, c = append(a, r[0]), append(b, r[1]), append(c, r[2])
		}
		return `a, b, c, 0 FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS BIGINT[]), CAST($3 AS BIGINT[])) AS x (a, b, c)`, []any{a, b, c}
	}
	if rows[0][0] == rows[len(rows)-1][0] && !slices.ContainsFunc(rows, func(r [3]int64) bool { return r[1] >= 1<<40 || r[2] >= 1<<20 }) {
		list := listOf(rows, func(b []byte, r [3]int64) []byte { return strconv.AppendInt(b, r[1]<<20|r[2], 10) })
		return `$1, value >> 20, value & 1048575, 0 FROM json_each($2) WHERE true`, []any{rows[0][0], list}
	}
	list := listOf(rows, func(b []byte, r [3]int64) []byte {
		for k, v := range r {
			b = strconv.AppendInt(append(b, "[,,"[k]), v, 10)
		}
		return append(b, ']')
	})
	return `value ->> 0, value ->> 1, value ->> 2, 0 FROM json_each($1) WHERE true`, []any{list}
}

// listOf writes a JSON list.
func listOf[T any](rows []T, one func([]byte, T) []byte) string {
	b := make([]byte, 1, 16*len(rows)+2)
	b[0] = '['
	for i, row := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, row)
	}
	return string(append(b, ']'))
}
