package place

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/dauys/dauys/civil"
)

func TestShipped(t *testing.T) {
	for _, c := range []struct {
		id      string
		on      civil.Date
		options map[Kind]int
		code    string
		lang    string
		name    string
	}{
		{"kz", civil.Date{Year: 2026, Month: 11, Day: 23}, map[Kind]int{Region: 20}, "KZ-62", "kk", "Ұлытау облысы"},
		{"kz", civil.Date{Year: 2022, Month: 6, Day: 7}, map[Kind]int{Region: 17}, "KZ-75", "ru", "город Алматы"},
		{"uk", civil.Date{Year: 2019, Month: 3, Day: 24}, map[Kind]int{Constituency: 650, Country: 232}, "S14000022", "kk", "Edinburgh East"},
		{"uk", civil.Date{Year: 2026, Month: 11, Day: 23}, map[Kind]int{Constituency: 0, Country: 232}, "BAT", "en", "British Antarctic Territory"},
	} {
		set, err := Shipped(c.id)
		if err != nil {
			t.Fatal(err)
		}
		for kind, want := range c.options {
			if got := len(set.Options(c.on, kind)); got != want {
				t.Errorf("%s on %s: %d of %s, want %d", c.id, c.on, got, kind, want)
			}
		}
		p, ok := set.Lookup(c.code)
		if !ok || p.Name(c.lang) != c.name {
			t.Errorf("%s %s: %q, %v; want %q", c.id, c.code, p.Name(c.lang), ok, c.name)
		}
		if _, ok := set.Lookup("ZZ-99"); ok {
			t.Errorf("%s: ZZ-99 found", c.id)
		}
	}
	if _, err := Shipped("../kz"); err == nil {
		t.Error("a set that is not shipped was read")
	}
}

func TestEveryIDIsShipped(t *testing.T) {
	for _, id := range IDs() {
		set, err := Shipped(id)
		if err != nil || set.ID != id || len(set.Places) == 0 {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestKazakhRegionsHaveThreeNames(t *testing.T) {
	set, err := Shipped("kz")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range set.Places {
		for _, lang := range []string{"kk", "ru", "en"} {
			if p.Names[lang] == "" {
				t.Errorf("%s has no name in %s", p.Code, lang)
			}
		}
	}
}

// A district that lies in a city which is a region, too: signers name either.
func TestNamedAreWhatSignersCanName(t *testing.T) {
	day := civil.Date{Year: 2026, Month: 1, Day: 1}
	gone := civil.Date{Year: 2025, Month: 12, Day: 31}
	regions := &Set{Places: []Place{{Code: "CITY", Kind: Region}, {Code: "PART", Kind: Region, Parent: "CITY"}, {Code: "OLD", Kind: Region, To: gone},
		{Code: "LAND", Kind: Country}, {Code: "SEA", Kind: Other}}}
	seats := &Set{Places: append([]Place{{Code: "SEAT", Kind: Constituency, Parent: "CITY"}}, regions.Places...)}
	for want, set := range map[string]*Set{"CITY PART": regions, "SEAT LAND": seats} {
		var codes []string
		for _, p := range set.Named(day) {
			codes = append(codes, p.Code)
		}
		if got := strings.Join(codes, " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestLookupWithoutIndex(t *testing.T) {
	set := &Set{Places: []Place{{Code: "AA"}, {Code: "BB"}}}
	if p, ok := set.Lookup("BB"); !ok || p.Code != "BB" {
		t.Errorf("got %v, %v", p, ok)
	}
	if _, ok := set.Lookup("CC"); ok {
		t.Error("CC found")
	}
}

func TestParseFaults(t *testing.T) {
	const head = "code,kind,name.en,parent,from,to\n"
	for _, c := range []struct{ csv, want string }{
		{"", "t.csv:1: empty: want a header"},
		{"code,kind,mayor\n", `t.csv:1: header: unknown column "mayor"`},
		{"code,kind,code\n", `t.csv:1: header: column "code" twice`},
		{"code,name.en\n", `t.csv:1: header: column "kind" is missing`},
		{head + "AA,region,A,,,\nbb,region,B,,,\n", `t.csv:3: code "bb"`},
		{head + "AA,planet,A,,,\n", `t.csv:2: kind "planet"`},
		{head + "AA,region,,,,\n", "t.csv:2: no name"},
		{head + "AA,region,A,BB,,\n", `t.csv:2: parent "BB"`},
		{head + "AA,region,A,AA,,\n", `t.csv:2: parent "AA"`},
		{head + "AA,region,A,,2023-02-29,\n", `t.csv:2: from: "2023-02-29"`},
		{head + "AA,region,A,,,later\n", `t.csv:2: to: "later"`},
		{head + "AA,region,A,,2024-01-02,2024-01-01\n", "t.csv:2: to 2024-01-01 is before from 2024-01-02"},
		{head + "AA,region,\"A\nB\",,,\nAA,region,B,,,\n", "t.csv:4: code AA twice"},
		{head + "AA,region\n", "t.csv:2: 2 columns, the header has 6"},
		{head + "AA,region,A\xff,,,\n", "t.csv:2: name.en: not valid UTF-8 text"},
		{head + "AA,region,A\x00,,,\n", "t.csv:2: name.en: not valid UTF-8 text"},
		{head + "AA,region,A\x1bB,,,\n", "t.csv:2: name.en: not valid UTF-8 text"},
		{head + "AA,region,A \"quoted\",,,\n", `t.csv:2: bare " in`},
	} {
		_, problems := Parse(strings.NewReader(c.csv), "t.csv", "t", "TT")
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.csv, problems, c.want)
		}
	}
}

func TestParseKeepsGoodRows(t *testing.T) {
	in := "\ufeffname.ru, code ,kind\nПример,AA,region\nПлохая,aa,region\n Второй ,BB,country\n"
	set, problems := Parse(strings.NewReader(in), "t.csv", "t", "TT")
	if len(problems) != 1 || problems[0].Line != 3 {
		t.Errorf("problems %v", problems)
	}
	if len(set.Places) != 2 || set.Places[1].Name("kk") != "Второй" {
		t.Errorf("places %v", set.Places)
	}
}

func TestReadCSVEndsWhenTheReaderFails(t *testing.T) {
	_, problems := ReadCSV(iotest.ErrReader(errors.New("disk gone")), "t.csv", Columns{})
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "disk gone") {
		t.Errorf("problems %v", problems)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("code,kind,name.en,parent,from,to\nAA,region,A,,2024-01-01,\nBB,country,B,AA,,\n")
	f.Add("code,kind\n\"\n")
	f.Add("code,kind,name.en,parent\nAA,region,\"A\r\r\nB\",BB\nBB,region,B,AA\nCC,other,C,CC\n")
	f.Fuzz(func(t *testing.T, in string) {
		set, problems := Parse(strings.NewReader(in), "t.csv", "t", "TT")
		for _, p := range problems {
			if p.Line < 1 || p.Reason.English() == "" {
				t.Errorf("problem without place or reason: %v", p)
			}
		}
		for _, p := range set.Places {
			if got, ok := set.Lookup(p.Code); !ok || got.Code != p.Code || !ValidCode(p.Code) || !utf8.ValidString(p.Name("en")) {
				t.Errorf("bad place kept: %+v", p)
			}
		}
		again, problems := Parse(strings.NewReader(set.CSV()), "t.csv", "t", "TT")
		if again.CSV() != set.CSV() || !reflect.DeepEqual(again.Places, set.Places) {
			t.Errorf("%+v is written and read back as %+v, %v", set.Places, again.Places, problems)
		}
		merged, m := set.Merge(strings.NewReader(set.CSV()), "t.csv")
		if m.Changed > 0 || merged.CSV() != set.CSV() {
			t.Errorf("a set that is merged into itself changes: %+v", m)
		}
		if grown, m := new(Set).Merge(strings.NewReader(in), "t.csv"); len(grown.Places) != m.Changed || m.Unchanged > 0 {
			t.Errorf("%d places of %+v", len(grown.Places), m)
		}
	})
}
