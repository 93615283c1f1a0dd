package settings

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/register"
)

// Every fault there is can be met, and reads in English as the command line
// says it. One that is added without a row here is no fault of any table.
func TestEveryFaultOfATable(t *testing.T) {
	const places, bodies = "code,kind,name.en,parent,from,to,population,population_on,population_source\n", "id,kind,name.en,place,email,from,to\n"
	asPlaces := func(csv string) []place.Problem {
		_, m := (&place.Set{}).Merge(strings.NewReader(csv), "t.csv")
		return m.Problems
	}
	asBodies := func(csv string) []place.Problem {
		_, problems := parseBodies(csv, "t.csv", &place.Set{Places: []place.Place{{Code: "AA"}}})
		return problems
	}
	asSet := func(csv string) []place.Problem {
		_, problems, err := new(Service).KeepPlaces(t.Context(), csv)
		if err != nil {
			t.Error(err)
		}
		return problems
	}
	broken := func(cause string) []register.Problem {
		_, problems := place.ReadCSV(iotest.ErrReader(errors.New(cause)), "t.csv", place.Columns{})
		return problems
	}
	var met []place.Fault
	for _, c := range []struct {
		fault place.Fault
		read  func(string) []place.Problem
		csv   string
		want  string
	}{
		{place.EmptyFile, asPlaces, "", `t.csv:1: empty: want a header`},
		{place.ColumnTwice, asPlaces, "code,kind,code\n", `t.csv:1: header: column "code" twice`},
		{place.ColumnUnknown, asBodies, "id,kind,phone\n", `t.csv:1: header: unknown column "phone"`},
		{place.ColumnMissing, asBodies, "id,name.en\n", `t.csv:1: header: column "kind" is missing`},
		{place.CellsMissing, asPlaces, places + "AA,region\n", `t.csv:2: 2 columns, the header has 9`},
		{place.NotText, asBodies, bodies + "a,b,A\xff,,,,\n", `t.csv:2: name.en: not valid UTF-8 text`},
		{place.StrayQuote, asBodies, bodies + "a,b,A \"b\",,,,\n", `t.csv:2: bare " in non-quoted-field`},
		{place.OpenQuote, asBodies, bodies + "a,b,\"A\" b,,,,\n", `t.csv:2: extraneous or missing " in quoted-field`},
		{place.ReadFailed, broken, "disk gone", `t.csv:1: disk gone`},
		{place.NoName, asPlaces, places + "AA,region,,,,,,,\n", `t.csv:2: no name`},
		{place.BadDay, asBodies, bodies + "a,b,A,,,soon,\n", `t.csv:2: from: "soon": want YYYY-MM-DD`},
		{place.EndsBefore, asBodies, bodies + "a,b,A,,,2024-01-02,2024-01-01\n", `t.csv:2: to 2024-01-01 is before from 2024-01-02`},
		{place.BadCode, asPlaces, places + "aa,region,A,,,,,,\n", `t.csv:2: code "aa": want capital letters, digits and hyphens, at most 16`},
		{place.BadKind, asPlaces, places + "AA,planet,A,,,,,,\n", `t.csv:2: kind "planet": want region, constituency, country or other`},
		{place.CodeTwice, asPlaces, places + "AA,region,A,,,,,,\nAA,region,A,,,,,,\n", `t.csv:3: code AA twice`},
		{place.ParentUnknown, asPlaces, places + "AA,region,A,BB,,,,,\n", `t.csv:2: parent "BB" is no other place of the set`},
		{place.ParentWithin, asPlaces, places + "AA,region,A,BB,,,,,\nBB,region,B,AA,,,,,\n", `t.csv:2: parent "BB" lies in AA itself`},
		{place.BadPopulation, asPlaces, places + "AA,region,A,,,,many,2026-01-01,census\n", `t.csv:2: population: "many": want a whole number`},
		{place.BadCensusDay, asPlaces, places + "AA,region,A,,,,5,then,census\n", `t.csv:2: population_on: "then": want the day of the count, YYYY-MM-DD`},
		{place.NoSource, asPlaces, places + "AA,region,A,,,,5,2026-01-01,\n", `t.csv:2: population_source: missing`},
		{place.NoPlaces, asSet, "code,kind\n", `:1: no places`},
		{place.BadID, asBodies, bodies + "A b,b,A,,,,\n", `t.csv:2: id "A b": want small letters, digits and single hyphens, at most 64`},
		{place.BadID, asBodies, bodies + strings.Repeat("қ", 90) + ",b,A,,,,\n", `t.csv:2: id "` + strings.Repeat("қ", 80) + `": want small letters, digits and single hyphens, at most 64`},
		{place.BadBodyKind, asBodies, bodies + "a,B,A,,,,\n", `t.csv:2: kind "B": want small letters, digits and single hyphens, at most 64`},
		{place.BadPlace, asBodies, bodies + "a,b,A,kz 10,,,\n", `t.csv:2: place "kz 10" is no place code`},
		{place.BadEmail, asBodies, bodies + "a,b,A,,nobody,,\n", `t.csv:2: email: want one plain address`},
		{place.NameLong, asBodies, bodies + "a,b," + strings.Repeat("n", 301) + ",,,,\n", `t.csv:2: name.en: longer than 300 bytes`},
		{place.IDTwice, asBodies, bodies + "a,b,A,,,,\na,b,A,,,,\n", `t.csv:3: id "a" is already on line 2`},
		{place.PlaceUnknown, asBodies, bodies + "a,b,A,BB,,,\n", `t.csv:2: place "BB" is not in the set`},
	} {
		problems := c.read(c.csv)
		if len(problems) == 0 || problems[0].Error() != c.want || problems[0].Reason.Fault() != c.fault {
			t.Errorf("%s: %v; want %s", c.fault.Key(), problems, c.want)
		}
		met = append(met, c.fault)
	}
	for _, f := range place.Faults() {
		if !slices.Contains(met, f) {
			t.Errorf("no table here has the fault %q", f.Key())
		}
	}
}

// FuzzBodies: what is read of a table of bodies is written as a table that
// reads as the same bodies, without a fault; each fault has its line.
func FuzzBodies(f *testing.F) {
	f.Add("id,name.kk,name.ru,name.en,kind,place,email\nmin-sand,Құм,Песок,Sand,ministry,KZ-10,office@sand.example\n")
	f.Add("id,kind,name.en,from,to\na,b,\" c\r\r\nd\",2024-01-01,\na,b,c,,\n\"")
	f.Add("\ufeffid,kind,name.en\na,b,=1+1\nb,b,\"\"\"\"\n")
	set, err := place.Shipped("kz")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		bodies, problems := ParseBodies(in, set)
		for _, p := range problems {
			if p.Line < 1 || p.Line > strings.Count(in, "\n")+strings.Count(in, "\r")+1 || p.Reason.English() == "" {
				t.Errorf("problem without place or reason: %v", p)
			}
		}
		again, problems := ParseBodies(BodiesCSV(bodies), set)
		if len(problems) > 0 || len(again) != len(bodies) || len(again) > 0 && !reflect.DeepEqual(again, bodies) {
			t.Errorf("%+v is written and read back as %+v, %v", bodies, again, problems)
		}
		for _, b := range bodies {
			if one, problems := ParseBodies(BodyCSV(BodyCells(b)), set); len(problems) > 0 || !reflect.DeepEqual(one, []register.Body{b}) {
				t.Errorf("%+v alone reads back as %+v, %v", b, one, problems)
			}
		}
	})
}
