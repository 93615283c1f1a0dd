package place

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const header = "code,kind,name.en,parent,population,population_on,population_source\n"

func merge(t testing.TB, s *Set, csv string, changed, unchanged int, faults ...string) *Set {
	t.Helper()
	out, m := s.Merge(strings.NewReader(csv), "t.csv")
	if m.Changed != changed || m.Unchanged != unchanged || len(m.Problems) != len(faults) {
		t.Fatalf("%+v; want %d changed, %d unchanged, faults %q", m, changed, unchanged, faults)
	}
	for i, p := range m.Problems {
		if !strings.HasPrefix(p.Error(), faults[i]) {
			t.Errorf("%s; want %s", p, faults[i])
		}
	}
	return out
}

func TestMerge(t *testing.T) {
	empty := &Set{ID: "own"}
	one := merge(t, empty, header+"AA,region,A,,,,\nBB,region,B,AA,100,2026-01-01,census\n", 2, 0)
	if len(empty.Places) != 0 || len(one.Places) != 2 {
		t.Fatalf("%v, %v", empty.Places, one.Places)
	}
	merge(t, one, header+"BB,region,B,AA,100,2026-01-01,census\nAA,region,A,,,,\n", 0, 2)

	// A bad row leaves what was there, the good ones come in, what is not named stays.
	two := merge(t, one, header+"AA,planet,A,,,,\nCC,region,C,BB,,,\nBB,region,B,AA,101,2026-02-01,census\n", 2, 0, `t.csv:2: kind "planet"`)
	if a, _ := two.Lookup("AA"); a.Kind != Region {
		t.Errorf("a bad row was taken: %+v", a)
	}
	if b, _ := two.Lookup("BB"); b.Population != 101 {
		t.Errorf("not taken: %+v", b)
	}
	if b, _ := one.Lookup("BB"); b.Population != 100 {
		t.Error("the set before was changed")
	}
	if again, problems := Parse(strings.NewReader(two.CSV()), "again.csv", "own", ""); len(problems) > 0 || again.CSV() != two.CSV() {
		t.Errorf("does not come back: %v\n%s", problems, again.CSV())
	}
}

// Whoever lies in a place that was left out is left out, too, unless that place
// was there before; nobody lies in itself, not even by a detour.
func TestMergeKnowsParents(t *testing.T) {
	const file = header + "AA,region,A,ZZ,,,\nBB,region,B,AA,,,\nCC,region,C,BB,,,\nDD,region,D,EE,,,\nEE,region,E,DD,,,\nFF,region,F,,,,\n"
	merge(t, &Set{}, file, 1, 0, `t.csv:2: parent "ZZ"`, `t.csv:3: parent "AA"`, `t.csv:4: parent "BB"`, `t.csv:5: parent "EE" lies in DD`, `t.csv:6: parent "DD" lies in EE`)
	merge(t, merge(t, &Set{}, header+"BB,region,B,,,,\n", 1, 0), file, 2, 0,
		`t.csv:2: parent "ZZ"`, `t.csv:3: parent "AA"`, `t.csv:5: parent "EE"`, `t.csv:6: parent "DD"`)
}

// Whatever is imported in whatever pieces: again changes nothing, and a set
// always comes back from its own CSV without a fault.
func TestMergeIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"AA", "BB", "CC", "DD", "EE", "bad"})
		set := &Set{}
		for range rapid.IntRange(1, 4).Draw(t, "files") {
			var b strings.Builder
			b.WriteString("code,kind,name.kk,parent,from\n")
			for range rapid.IntRange(0, 6).Draw(t, "rows") {
				parent := rapid.SampledFrom([]string{"", "", "AA", "BB", "CC", "YY"}).Draw(t, "parent")
				day := rapid.SampledFrom([]string{"", "2026-01-01", "never"}).Draw(t, "from")
				b.WriteString(code.Draw(t, "code") + ",region,Аты \"" + "," + parent + "," + day + "\n")
			}
			csv := strings.ReplaceAll(b.String(), `Аты "`, `"Аты ""ескі"""`)
			next, first := set.Merge(strings.NewReader(csv), "t.csv")
			same, second := next.Merge(strings.NewReader(csv), "t.csv")
			if second.Changed != 0 || first.Changed+first.Unchanged > second.Unchanged || same.CSV() != next.CSV() {
				t.Fatalf("%+v, then %+v of\n%s", first, second, csv)
			}
			back, problems := Parse(strings.NewReader(next.CSV()), "back.csv", "", "")
			if len(problems) > 0 || back.CSV() != next.CSV() {
				t.Fatalf("%v of\n%s", problems, next.CSV())
			}
			for _, p := range set.Places {
				if !slices.ContainsFunc(next.Places, func(n Place) bool { return n.Code == p.Code }) {
					t.Fatalf("%s was lost", p.Code)
				}
			}
			set = next
		}
	})
}
