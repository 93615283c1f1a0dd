package settings

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/register"
)

// BodyColumns are those of the CSV of bodies, in the order of its form.
func BodyColumns() []string {
	return []string{"id", "kind", "name.kk", "name.ru", "name.en", "place", "email", "from", "to"}
}

// ParseBodies reads the CSV of bodies; faults are named by line. Places must
// be of the set, when there is one.
func ParseBodies(text string, set *place.Set) ([]register.Body, []register.Problem) {
	return parseBodies(text, "", set)
}

func parseBodies(text, file string, set *place.Set) (good []register.Body, problems []register.Problem) {
	bodies, problems := register.ParseBodies(strings.NewReader(text), file)
	lines := map[string]int{}
	rows, _ := place.ReadCSV(strings.NewReader(text), "", place.Columns{Required: BodyColumns()[:2], Optional: BodyColumns()[2:]})
	for _, row := range rows {
		lines[row.Get("id")] = row.Line
	}
	for _, b := range bodies {
		if b.Place != "" && set != nil {
			if _, ok := set.Lookup(b.Place); !ok {
				problems = append(problems, register.Problem{File: file, Line: lines[b.ID], Reason: place.PlaceUnknown.On(b.Place)})
				continue
			}
		}
		good = append(good, b)
	}
	slices.SortStableFunc(problems, func(a, b register.Problem) int { return a.Line - b.Line })
	return good, problems
}

// BodyCSV is one row, with the header, out of cells by column.
func BodyCSV(cells map[string]string) string {
	row := make([]string, 0, len(BodyColumns()))
	for _, c := range BodyColumns() {
		row = append(row, cells[c])
	}
	return table([][]string{row})
}

// BodiesCSV writes bodies as ParseBodies reads them.
func BodiesCSV(bodies []register.Body) string {
	var rows [][]string
	for _, b := range bodies {
		cells := BodyCells(b)
		row := make([]string, 0, len(cells))
		for _, c := range BodyColumns() {
			row = append(row, cells[c])
		}
		rows = append(rows, row)
	}
	return table(rows)
}

// BodyCells are the cells of a body by column.
func BodyCells(b register.Body) map[string]string {
	return map[string]string{"id": b.ID, "kind": b.Kind, "name.kk": b.Names["kk"], "name.ru": b.Names["ru"], "name.en": b.Names["en"],
		"place": b.Place, "email": b.Email, "from": day(b.From.IsZero(), b.From), "to": day(b.To.IsZero(), b.To)}
}

func day(none bool, d fmt.Stringer) string {
	if none {
		return ""
	}
	return d.String()
}

func table(rows [][]string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.WriteAll(append([][]string{BodyColumns()}, rows...)) // a Builder takes everything
	return b.String()
}
