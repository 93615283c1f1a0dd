package petition

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCellsOnBothSidesOfTen(t *testing.T) {
	r := CountRule{Cell: 10}
	for _, c := range []struct {
		name   string
		cells  []Cell
		places int
		shown  []Cell
		other  int64
	}{
		{"nobody", nil, 17, nil, 0},
		{"nobody named a place", []Cell{{"", 400}}, 17, nil, 0},
		{"nine and ten", []Cell{{"b", 10}, {"a", 9}, {"", 3}}, 17, []Cell{{"b", 10}}, 9},
		{"in the order of codes", []Cell{{"c", 30}, {"a", 10}, {"b", 20}}, 17, []Cell{{"a", 10}, {"b", 20}, {"c", 30}}, 0},
		{"one would stay alone", []Cell{{"a", 30}, {"b", 12}, {"c", 9}}, 3, []Cell{{"a", 30}}, 21},
		{"one is left without signers", []Cell{{"a", 30}, {"b", 12}}, 3, []Cell{{"a", 30}}, 12},
		{"all are named", []Cell{{"a", 30}, {"b", 12}, {"c", 10}}, 3, []Cell{{"a", 30}, {"b", 12}, {"c", 10}}, 0},
		{"the only place is named", []Cell{{"a", 10}}, 1, []Cell{{"a", 10}}, 0},
		{"a place that is gone", []Cell{{"a", 30}, {"b", 12}, {"old", 4}}, 2, []Cell{{"a", 30}}, 16},
		{"the only place", []Cell{{"a", 4}}, 1, nil, 4},
		{"two stay", []Cell{{"a", 30}, {"b", 3}, {"c", 4}}, 3, []Cell{{"a", 30}}, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := slices.Clone(c.cells)
			shown, other := r.Cells(c.cells, c.places)
			if !slices.Equal(shown, c.shown) || other != c.other {
				t.Errorf("%v and %d, want %v and %d", shown, other, c.shown, c.other)
			}
			if !slices.Equal(in, c.cells) {
				t.Error("the cells that were given were changed")
			}
		})
	}
}

func TestCellsNeverNameAFew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := CountRule{Cell: rapid.Int64Range(2, 20).Draw(t, "k")}
		places := rapid.IntRange(1, 12).Draw(t, "places")
		counts := rapid.SliceOfN(rapid.Int64Range(0, 3*r.Cell), 0, places).Draw(t, "counts")
		cells := []Cell{{"", rapid.Int64Range(0, 99).Draw(t, "nowhere")}}
		var located int64
		for i, n := range counts {
			cells = append(cells, Cell{fmt.Sprintf("p%02d", i), n})
			located += n
		}
		shown, other := r.Cells(cells, places)
		sum := other
		for _, c := range shown {
			sum += c.Count
			if c.Count < r.Cell || c.Code == "" {
				t.Fatalf("%+v is shown", c)
			}
		}
		if sum != located {
			t.Fatalf("rows add up to %d of %d", sum, located)
		}
		if !slices.IsSortedFunc(shown, func(a, b Cell) int { return slices.Compare([]byte(a.Code), []byte(b.Code)) }) {
			t.Fatalf("not in order: %v", shown)
		}
		// Who knows all places can subtract: what is left over must not be one place's.
		// Nor may it be none: its first signer would be seen to come.
		if unnamed := places - len(shown); unnamed == 1 && places > 1 {
			t.Fatalf("one place is left, and it has %d", other)
		}
	})
}
