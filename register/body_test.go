package register

import (
	"strings"
	"testing"

	"github.com/dauys/dauys/civil"
)

func TestParseBodies(t *testing.T) {
	in := "kind,id,name.en,name.kk,name.ru,place,email,to\n" +
		"ministry,min-sand,Ministry of Sand,Құм министрлігі,Министерство песка,,office@sand.example,\n" +
		"akimat,akimat-river,,,\"Акимат, Речной\",KZ-10,,2026-06-30\n"
	bodies, problems := ParseBodies(strings.NewReader(in), "b.csv")
	if len(problems) > 0 || len(bodies) != 2 {
		t.Fatalf("%v, %v", bodies, problems)
	}
	if b := bodies[0]; b.ID != "min-sand" || b.Name("kk") != "Құм министрлігі" || b.Email != "office@sand.example" || !b.To.IsZero() {
		t.Errorf("first body %+v", b)
	}
	b := bodies[1]
	if b.Name("kk") != "Акимат, Речной" || b.Place != "KZ-10" {
		t.Errorf("second body %+v", b)
	}
	last := civil.Date{Year: 2026, Month: 6, Day: 30}
	if !b.On(last) || b.On(last.AddDays(1)) || !bodies[0].On(last.AddDays(1)) {
		t.Error("dates of validity")
	}
}

func TestParseBodiesFaults(t *testing.T) {
	const head = "id,name.kk,name.ru,name.en,kind,place,email\n"
	for _, c := range []struct{ csv, want string }{
		{"", "b.csv:1: empty: want a header"},
		{"id,name.en,kind,phone\n", `b.csv:1: header: unknown column "phone"`},
		{"id,name.en\n", `b.csv:1: header: column "kind" is missing`},
		{head + "Min Sand,,,Sand,ministry,,\n", `b.csv:2: id "Min Sand"`},
		{head + "min--sand,,,Sand,ministry,,\n", `b.csv:2: id "min--sand"`},
		{head + strings.Repeat("a", 65) + ",,,Sand,ministry,,\n", `b.csv:2: id "aaa`},
		{head + "sand,,,Sand,,,\n", `b.csv:2: kind ""`},
		{head + "sand,,,Sand,ministry,kz 10,\n", `b.csv:2: place "kz 10" is no place code`},
		{head + "sand,,,Sand,ministry,,Office <office@sand.example>\n", "b.csv:2: email: want one plain address"},
		{head + "sand,,,Sand,ministry,,nobody\n", "b.csv:2: email: want one plain address"},
		{head + "sand,,,,ministry,,\n", "b.csv:2: no name"},
		{head + "sand,,,Sand,ministry,,\nsand,,,Sand,ministry,,\n", `b.csv:3: id "sand" is already on line 2`},
		{head + "sand,,," + strings.Repeat("s", 301) + ",ministry,,\n", "b.csv:2: name.en: longer than 300 bytes"},
		{head + "sand,,,Sand\n", "b.csv:2: 4 columns, the header has 7"},
	} {
		bodies, problems := ParseBodies(strings.NewReader(c.csv), "b.csv")
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.csv, problems, c.want)
		}
		if len(bodies) > 1 {
			t.Errorf("%q: kept %v", c.csv, bodies)
		}
	}
}

func TestFaultsNeverRepeatAnAddress(t *testing.T) {
	_, problems := ParseBodies(strings.NewReader("id,name.en,kind,email\nsand,Sand,ministry,a b@secret.example\n"), "b.csv")
	if len(problems) != 1 || strings.Contains(problems[0].Error(), "secret") {
		t.Errorf("problems %v", problems)
	}
}

func FuzzParseBodies(f *testing.F) {
	f.Add("id,name.kk,name.ru,name.en,kind,place,email\nmin-sand,Құм,Песок,Sand,ministry,KZ-10,office@sand.example\n")
	f.Add("id,kind,name.en,from,to\na,b,c,2024-01-01,2023-01-01\n\"")
	f.Fuzz(func(t *testing.T, in string) {
		bodies, problems := ParseBodies(strings.NewReader(in), "b.csv")
		for _, p := range problems {
			if p.Line < 1 || p.Reason.English() == "" {
				t.Errorf("problem without place or reason: %v", p)
			}
		}
		seen := map[string]bool{}
		for _, b := range bodies {
			if seen[b.ID] || !ValidID(b.ID) || b.Name("kk") == "" {
				t.Errorf("bad body kept: %+v", b)
			}
			seen[b.ID] = true
		}
	})
}
