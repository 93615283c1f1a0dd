package profiles

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

var update = flag.Bool("update", false, "write the golden files anew")

func laws(t testing.TB) petition.Laws {
	t.Helper()
	ls, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return ls
}

func TestShippedGolden(t *testing.T) {
	for ref, law := range laws(t) {
		got, err := json.MarshalIndent(law, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, '\n')
		file := filepath.Join("testdata", ref.ID+"-"+ref.Version+".golden.json")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s %s differs from %s; if the law was meant to change, make it a new version, or run with -update", ref.ID, ref.Version, file)
		}
	}
}

func TestKazakhCivicRules(t *testing.T) {
	l := ByID(laws(t), "kz-civic")
	if l == nil || l.Version != "1" || l.Binding != petition.Advisory || l.Location.String() != "Asia/Almaty" {
		t.Fatalf("kz-civic: %+v", l)
	}
	workdays := func(n int) civil.Term { return civil.Term{N: n, Unit: civil.Workdays} }
	for name, ok := range map[string]bool{
		"anyone of 16 or more": l.Signer.MinAge == 16 && l.Petitioner.MinAge == 16 && len(l.Signer.Citizenship)+len(l.Signer.Residence)+len(l.Petitioner.Citizenship)+len(l.Petitioner.Residence) == 0 && l.Petitioner.Organisations,
		"20 in 30 days":        l.Support.Threshold == 20 && l.Support.Window == civil.Term{N: 30, Unit: civil.Days},
		"moderation":           l.Moderation.Term == workdays(10) && l.Moderation.SecondTerm == workdays(3) && l.Moderation.OnMissed == "publish" && l.Moderation.RefusalOfficers == 2,
		"appeal":               l.Appeal.Allowed && l.Appeal.Window == workdays(10) && l.Appeal.Cite.Unverified(),
		"stages":               len(l.Stages) == 3 && l.Stages[0].Threshold == 1000 && l.Stages[1].Threshold == 10000 && l.Stages[2].Threshold == 50000,
		"answer in 15":         l.Stages[1].Term == workdays(15) && l.Stages[1].Advisory,
		"6 months, 30 days":    l.Collect.Window == civil.Term{N: 6, Unit: civil.Months} && l.Collect.Retention == civil.Term{N: 30, Unit: civil.Days} && l.Collect.Withdrawals,
		"steps below 500":      l.Counts.StepBelow == 500 && l.Counts.StepBy == 5 && l.Counts.StepMinutes == 10 && l.Counts.Cell == 10,
	} {
		if !ok {
			t.Errorf("kz-civic: %s", name)
		}
	}
}

func TestHiddenReasons(t *testing.T) {
	for id, want := range map[string]string{
		"kz-civic": "personal-data calls-to-violence-or-hatred defamation-court",
		"uk-parl":  "libellous offensive advert removed",
	} {
		var hidden []string
		for _, r := range ByID(laws(t), id).Moderation.Reasons {
			if r.HideText {
				hidden = append(hidden, r.Code)
			}
		}
		if got := strings.Join(hidden, " "); got != want {
			t.Errorf("%s hides the text for %q, want %q", id, got, want)
		}
	}
}

func TestPlacesExist(t *testing.T) {
	for ref, law := range laws(t) {
		if set, err := place.Shipped(law.Places); err != nil || set.Country != law.Country {
			t.Errorf("%s: places %q: %v", ref.ID, law.Places, err)
		}
	}
}

func TestByIDTakesTheNewest(t *testing.T) {
	ls := petition.Laws{}
	for _, v := range []string{"9", "10", "2", "10-a"} {
		l := &petition.Profile{ID: "x", Version: v}
		ls[l.Ref()] = l
	}
	if got := ByID(ls, "x"); got == nil || got.Version != "10-a" {
		t.Errorf("newest is %+v", got)
	}
	if got := ByID(ls, "y"); got != nil {
		t.Errorf("y is %+v", got)
	}
	for _, c := range [][2]string{{"2025-11", "2026-02"}, {"1", "1.1"}, {"01", "1"}, {"1a", "1b"}} {
		if compareVersions(c[0], c[1]) >= 0 || compareVersions(c[1], c[0]) <= 0 {
			t.Errorf("%s should come before %s", c[0], c[1])
		}
	}
}

// TestWorkdaysOfKnownWeeks walks the shipped calendars over weeks that the press described.
func TestWorkdaysOfKnownWeeks(t *testing.T) {
	for _, c := range []struct {
		law, from string
		n         int
		want      string
	}{
		{"kz-civic", "2024-05-03", 1, "2024-05-04"},  // a Saturday worked for 8 May
		{"kz-civic", "2024-05-06", 1, "2024-05-10"},  // 7, 8 and 9 May
		{"kz-civic", "2024-06-14", 1, "2024-06-17"},  // Kurban-ait on a Sunday does not move
		{"kz-civic", "2024-12-31", 1, "2025-01-05"},  // 1 to 4 January; the Sunday is worked
		{"kz-civic", "2025-03-07", 1, "2025-03-11"},  // 8 March moved to Monday
		{"kz-civic", "2025-03-20", 1, "2025-03-26"},  // 21 to 25 March
		{"kz-civic", "2025-08-29", 1, "2025-09-02"},  // 30 August moved to 1 September
		{"kz-civic", "2025-12-31", 2, "2026-01-06"},  // 1 to 4 January off
		{"kz-civic", "2026-03-20", 1, "2026-03-26"},  // 21 to 25 March
		{"kz-civic", "2026-05-06", 2, "2026-05-12"},  // 8 May worked, 9 May moved to 11
		{"kz-civic", "2026-08-28", 1, "2026-08-31"},  // 30 August is no longer a holiday
		{"kz-civic", "2026-11-23", 10, "2026-12-07"}, // a plain fortnight
		{"kz-civic", "2027-03-12", 1, "2027-03-16"},  // the new Constitution Day
		{"uk-parl", "2020-05-07", 1, "2020-05-11"},
		{"uk-parl", "2022-06-01", 1, "2022-06-06"},
		{"uk-parl", "2024-03-28", 1, "2024-04-02"},
		{"uk-parl", "2026-12-24", 1, "2026-12-29"},
		{"uk-parl", "2027-12-24", 1, "2027-12-29"},
	} {
		law := ByID(laws(t), c.law)
		from, err := civil.ParseDate(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := law.Calendar.AddWorkdays(from, c.n).String(); got != c.want {
			t.Errorf("%s: %s + %d working days = %s, want %s", c.law, c.from, c.n, got, c.want)
		}
	}
}

func TestUKHasEightBankHolidaysAYear(t *testing.T) {
	perYear := map[int]int{}
	cal := ByID(laws(t), "uk-parl").Calendar
	for _, h := range cal.Holidays {
		perYear[h.Date.Year]++
		if d := h.Date.Weekday(); d == time.Saturday || d == time.Sunday {
			t.Errorf("%s is on a weekend", h.Date)
		}
	}
	more := map[int]int{2011: 1, 2012: 1, 2022: 2, 2023: 1}
	for year := cal.From.Year; year <= cal.To.Year; year++ {
		if want := 8 + more[year]; perYear[year] != want {
			t.Errorf("%d has %d bank holidays, want %d", year, perYear[year], want)
		}
	}
}

func TestEveryArticleResolves(t *testing.T) {
	for ref, law := range laws(t) {
		for _, rule := range law.Rules() {
			cite := rule.Cite
			file, anchor, ok := strings.Cut(strings.TrimPrefix(cite.Article, "law/"), "#")
			text, err := os.ReadFile(filepath.Join("..", "docs", "law", file+".md"))
			if err != nil || !ok {
				t.Errorf("%s: %s: %v", ref.ID, cite.Article, err)
				continue
			}
			if !strings.Contains(string(text), `<a id="`+anchor+`"></a>`) {
				t.Errorf("%s: docs/law/%s.md has no anchor %s", ref.ID, file, anchor)
			}
		}
	}
}
