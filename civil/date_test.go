package civil

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func day(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// anyDate draws days of the years 1900 to 2200.
func anyDate() *rapid.Generator[Date] {
	return rapid.Map(rapid.IntRange(-25567, 84006), DateOfDay)
}

func TestParseDate(t *testing.T) {
	for _, s := range []string{"2024-02-29", "1970-01-01", "2026-11-23", "0001-12-31"} {
		if got := day(t, s).String(); got != s {
			t.Errorf("ParseDate(%q) = %s", s, got)
		}
	}
	for _, s := range []string{"", "2023-02-29", "2024-2-9", "2024-13-01", "2024-04-31", "24-01-01", "2024-01-01T00:00:00Z", " 2024-01-01"} {
		if d, err := ParseDate(s); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", s, d)
		}
	}
}

func TestDateText(t *testing.T) {
	var d Date
	if err := d.UnmarshalText([]byte("2026-03-15")); err != nil || d != (Date{2026, time.March, 15}) {
		t.Errorf("got %v, %v", d, err)
	}
	if err := d.UnmarshalText(nil); err != nil || !d.IsZero() {
		t.Errorf("no text: got %v, %v", d, err)
	}
	if err := d.UnmarshalText([]byte("soon")); err == nil {
		t.Error("soon is no date")
	}
	if got := (Date{}).String(); got != "" {
		t.Errorf("no date prints %q", got)
	}
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-08-31", 6, "2027-02-28"},
		{"2027-08-31", 6, "2028-02-29"},
		{"2026-01-31", 1, "2026-02-28"},
		{"2026-11-23", 6, "2027-05-23"},
		{"2026-12-31", 12, "2027-12-31"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2024-02-29", 12, "2025-02-28"},
	} {
		if got := day(t, c.from).AddMonths(c.n).String(); got != c.want {
			t.Errorf("%s + %d months = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := anyDate().Draw(t, "d"), rapid.IntRange(-40000, 40000).Draw(t, "n")
		e := d.AddDays(n)
		if d.DaysUntil(e) != n || e.AddDays(-n) != d {
			t.Fatalf("%s + %d days = %s, which is %d days away", d, n, e, d.DaysUntil(e))
		}
		if d.Before(e) != (n > 0) || d.After(e) != (n < 0) {
			t.Fatalf("order of %s and %s", d, e)
		}
		if DateOfDay(d.DayNumber()) != d {
			t.Fatalf("%s has day number %d", d, d.DayNumber())
		}
		if back, err := ParseDate(d.String()); err != nil || back != d {
			t.Fatalf("%s reads back as %s, %v", d, back, err)
		}
		if got := int(d.Weekday()); got != ((d.DayNumber()+4)%7+7)%7 {
			t.Fatalf("%s is weekday %d", d, got)
		}
	})
}

func TestAddMonthsStaysInTheMonth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := anyDate().Draw(t, "d"), rapid.IntRange(0, 600).Draw(t, "n")
		e := d.AddMonths(n)
		if got := (e.Year-d.Year)*12 + int(e.Month-d.Month); got != n {
			t.Fatalf("%s + %d months = %s: %d months on", d, n, e, got)
		}
		if e.Day > d.Day || (e.Day < d.Day && e.AddDays(1).Day != 1) {
			t.Fatalf("%s + %d months = %s: neither the same day nor the last", d, n, e)
		}
	})
}

func TestMidnightWhereClocksJump(t *testing.T) {
	for _, c := range []struct{ zone, day, want string }{
		{"Asia/Almaty", "2024-03-01", "2024-02-29T19:00:00Z"},       // set back at midnight, which comes once
		{"Asia/Almaty", "2026-11-24", "2026-11-23T19:00:00Z"},       // plain
		{"Europe/London", "2026-07-01", "2026-06-30T23:00:00Z"},     // summer time
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"}, // 00:00 does not exist
		{"America/Havana", "2025-11-02", "2025-11-02T04:00:00Z"},    // 00:00 comes twice
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},      // the day does not exist
	} {
		got := day(t, c.day).Midnight(zone(t, c.zone)).UTC().Format(time.RFC3339)
		if got != c.want {
			t.Errorf("first moment of %s in %s is %s, want %s", c.day, c.zone, got, c.want)
		}
	}
}

func TestMidnightIsTheFirstMoment(t *testing.T) {
	zones := []string{"UTC", "Asia/Almaty", "Europe/London", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Africa/Cairo", "Asia/Kathmandu", "Australia/Lord_Howe"}
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		d := anyDate().Draw(t, "d")
		at := d.Midnight(loc)
		if DateOf(at) != d {
			t.Fatalf("the first moment of %s in %s is %s", d, loc, at)
		}
		if before := at.Add(-time.Nanosecond); !DateOf(before).Before(d) {
			t.Fatalf("%s is already %s in %s", before, d, loc)
		}
	})
}

// plainWeek has a weekend, one holiday, one day off by transfer and the Saturday worked for it.
func plainWeek(t testing.TB) *Calendar {
	c := &Calendar{ID: "test", From: day(t, "2026-01-01"), To: day(t, "2026-12-31"),
		Weekend:  []string{"saturday", "sunday"},
		Holidays: []Holiday{{Date: day(t, "2026-05-07")}, {Date: day(t, "2026-05-08")}},
		Worked:   []Holiday{{Date: day(t, "2026-05-16")}},
	}
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAddWorkdays(t *testing.T) {
	c := plainWeek(t)
	for _, x := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-05-04", 0, "2026-05-04"},
		{"2026-05-04", 1, "2026-05-05"},
		{"2026-05-06", 1, "2026-05-11"}, // over two holidays and a weekend
		{"2026-05-09", 1, "2026-05-11"}, // from a Saturday
		{"2026-05-15", 1, "2026-05-16"}, // the Saturday is worked
		{"2026-05-15", 2, "2026-05-18"},
		{"2026-05-04", 10, "2026-05-19"},
	} {
		if got := c.AddWorkdays(day(t, x.from), x.n).String(); got != x.want {
			t.Errorf("%s + %d working days = %s, want %s", x.from, x.n, got, x.want)
		}
	}
	if !c.Covers(day(t, "2026-12-31")) || c.Covers(day(t, "2027-01-01")) {
		t.Error("covers")
	}
}

func TestWorkdaysAreInverse(t *testing.T) {
	c := plainWeek(t)
	rapid.Check(t, func(t *rapid.T) {
		d, n := DateOfDay(rapid.IntRange(20000, 21500).Draw(t, "d")), rapid.IntRange(1, 200).Draw(t, "n")
		e := c.AddWorkdays(d, n)
		if !c.Workday(e) || c.Workdays(d, e) != n {
			t.Fatalf("%s + %d working days = %s, with %d between", d, n, e, c.Workdays(d, e))
		}
		m := rapid.IntRange(0, 50).Draw(t, "m")
		if c.AddWorkdays(e, m) != c.AddWorkdays(d, n+m) {
			t.Fatalf("%s: %d then %d working days is not %d", d, n, m, n+m)
		}
	})
}

func TestTermEnds(t *testing.T) {
	c, loc := plainWeek(t), zone(t, "Asia/Almaty")
	at := time.Date(2026, 5, 6, 20, 30, 0, 0, time.UTC) // already 7 May in Almaty
	for _, x := range []struct {
		term Term
		want string
	}{
		{Term{1, Days}, "2026-05-09T00:00:00+05:00"},
		{Term{3, Workdays}, "2026-05-14T00:00:00+05:00"},
		{Term{2, Weeks}, "2026-05-22T00:00:00+05:00"},
		{Term{6, Months}, "2026-11-08T00:00:00+05:00"},
	} {
		if got := x.term.End(at, c, loc).Format(time.RFC3339); got != x.want {
			t.Errorf("%d %s ends %s, want %s", x.term.N, x.term.Unit, got, x.want)
		}
	}
	if !(Term{}).IsZero() || (Term{1, Days}).IsZero() {
		t.Error("zero")
	}
}

func TestIndexRefuses(t *testing.T) {
	d := day(t, "2026-05-16")
	for name, c := range map[string]*Calendar{
		"unknown weekday": {Weekend: []string{"caturday"}},
		"no working day":  {Weekend: []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}},
		"both":            {Holidays: []Holiday{{Date: d}}, Worked: []Holiday{{Date: d}}},
	} {
		if err := c.Index(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-11-23", "2023-02-29", "", "9999-99-99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDate(s); err == nil && d.String() != s {
			t.Errorf("%q read as %s", s, d)
		}
	})
}
