package place

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/civil"
)

// Merged is what became of the rows of a file.
type Merged struct {
	Changed, Unchanged int
	Problems           []Problem // each is a row that was left out
}

// Merge brings the good rows of a set's CSV into a set, which stays as it is:
// the result is another. A row takes the place of the one with its code. What
// the file does not name stays, since petitions and signatures may name it: a
// place that is no more is given its last day.
func (s *Set) Merge(r io.Reader, file string) (*Set, Merged) {
	rows, lines, problems := parsePlaces(r, file)
	out := Merged{Problems: problems}
	for {
		merged := s.with(rows)
		var good []Place
		var at []int
		for i, p := range rows {
			if reason := merged.misplaced(p); reason != nil {
				out.Problems = append(out.Problems, Problem{File: file, Line: lines[i], Reason: reason})
				continue
			}
			good, at = append(good, p), append(at, lines[i])
		}
		if len(good) == len(rows) {
			slices.SortStableFunc(out.Problems, func(a, b Problem) int { return a.Line - b.Line })
			for _, p := range good {
				if old, ok := s.Lookup(p.Code); ok && slices.Equal(old.cells(), p.cells()) {
					out.Unchanged++
				} else {
					out.Changed++
				}
			}
			return merged, out
		}
		rows, lines = good, at // a row may have lain in one that was left out
	}
}

// with is the set with these places in it.
func (s *Set) with(places []Place) *Set {
	out := &Set{ID: s.ID, Country: s.Country, Places: slices.Clone(s.Places)}
	out.reindex()
	for _, p := range places {
		if i, ok := out.index[p.Code]; ok {
			out.Places[i] = p
			continue
		}
		out.index[p.Code] = len(out.Places)
		out.Places = append(out.Places, p)
	}
	return out
}

// misplaced says what is wrong with where a place lies; nil when nothing is.
func (s *Set) misplaced(p Place) *Reason {
	if p.Parent == "" {
		return nil
	}
	above, ok := s.Lookup(p.Parent)
	if !ok || p.Parent == p.Code {
		return ParentUnknown.On(p.Parent)
	}
	for range s.Places {
		if above.Parent == p.Code {
			return ParentWithin.On(p.Parent, p.Code)
		}
		if above, ok = s.Lookup(above.Parent); !ok {
			return nil
		}
	}
	return nil
}

// CSV writes the set as Parse reads it.
func (s *Set) CSV() string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	c := columns()
	rows := [][]string{slices.Concat(c.Required, c.Optional)}
	for _, p := range s.Places {
		rows = append(rows, p.cells())
	}
	_ = w.WriteAll(rows) // a Builder takes everything
	return b.String()
}

// cells are those of a place's row, in the order of columns.
func (p Place) cells() []string {
	population := ""
	if p.Population > 0 {
		population = strconv.FormatInt(p.Population, 10)
	}
	return []string{p.Code, string(p.Kind), p.Names["kk"], p.Names["ru"], p.Names["en"], p.Parent, dayCell(p.From), dayCell(p.To),
		population, dayCell(p.PopulationOn), p.PopulationSource, p.Official}
}

func dayCell(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
