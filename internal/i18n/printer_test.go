package i18n

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dauys/dauys/petition"
)

func TestPlurals(t *testing.T) {
	b := common(t)
	tests := map[Lang]map[int64]string{
		Kazakh: {0: "0 жұмыс күні", 1: "1 жұмыс күні", 2: "2 жұмыс күні", 5: "5 жұмыс күні", 11: "11 жұмыс күні",
			21: "21 жұмыс күні", 22: "22 жұмыс күні", 25: "25 жұмыс күні", 101: "101 жұмыс күні",
			111: "111 жұмыс күні", 1000000: "1 000 000 жұмыс күні"},
		Russian: {0: "0 рабочих дней", 1: "1 рабочий день", 2: "2 рабочих дня", 5: "5 рабочих дней", 11: "11 рабочих дней",
			21: "21 рабочий день", 22: "22 рабочих дня", 25: "25 рабочих дней", 101: "101 рабочий день",
			111: "111 рабочих дней", 1000000: "1 000 000 рабочих дней", 10_000_001: "10 000 001 рабочий день", -3: "-3 рабочих дня"},
		English: {0: "0 working days", 1: "1 working day", 2: "2 working days", 5: "5 working days", 11: "11 working days",
			21: "21 working days", 22: "22 working days", 25: "25 working days", 101: "101 working days",
			111: "111 working days", 1000000: "1,000,000 working days", 10_000_001: "10,000,001 working days"},
	}
	for l, cases := range tests {
		for n, want := range cases {
			// The digits are grouped with no-break spaces; the word follows an ordinary one.
			got := strings.ReplaceAll(b.Printer(l).N("unit.workdays", n), "\u00a0", " ")
			if got != want {
				t.Errorf("%s %d: %q, want %q", l, n, got, want)
			}
		}
	}
}

func TestPluralFormsOfKazakh(t *testing.T) {
	p := common(t).Printer(Kazakh)
	for n, want := range map[int64]int{0: other, 1: one, -1: one, 2: other, 11: other, 21: other, 101: other,
		10_000_000: other, 10_000_001: other, math.MaxInt64: other, math.MinInt64: other} {
		if got := p.form(n); got != want {
			t.Errorf("form(%d) = %s, want %s", n, formNames[got], formNames[want])
		}
	}
}

func TestArguments(t *testing.T) {
	text := "[\"a\"]\nother = \"{{.who}}: {{.n}}, {{.day}}; {{.who}}!\"\n[\"on\"]\nother = \"On {{.day}}. And {{.who}}.\"\n[\"dots\"]\nother = \"{{.day}}...\"\n[\"plain\"]\nother = \"x\"\n"
	b, err := newBundle(world(text, text, text))
	if err != nil {
		t.Fatal(err)
	}
	ru := b.Printer(Russian)
	day := petition.Date{Year: 2026, Month: time.November, Day: 3}
	tests := []struct{ got, want string }{
		{ru.T("a", "who", "<b>", "n", 12345, "day", day), "<b>: 12\u00a0345, 3\u00a0ноября 2026\u00a0г.; <b>!"},
		{ru.T("a", "who", petition.Open, "n", int64(-1234), "day", true), "open: -1\u00a0234, true; open!"},
		{ru.N("a", 7000, "who", "W", "day", "d", "n", 1), "W: 7\u00a0000, d; W!"},
		{ru.T("a", "who", "W", "n"), "W: ⟦n⟧, ⟦day⟧; W!"},
		{ru.T("plain", "who", "W"), "x"},
		{ru.N("plain", 3), "x"},
		{ru.T("on", "day", day, "who", "W"), "On 3\u00a0ноября 2026\u00a0г. And W."},
		{ru.T("on", "day", "a day", "who", "W. etc."), "On a day. And W. etc."},
		{ru.T("dots", "day", day), "3\u00a0ноября 2026\u00a0г...."},
		{ru.T("nothing"), "⟦nothing⟧"},
		{ru.N("nothing", 1), "⟦nothing⟧"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestNumber(t *testing.T) {
	b := common(t)
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 1234567: "1,234,567",
		-5: "-5", -999: "-999", -1000: "-1,000", math.MaxInt64: "9,223,372,036,854,775,807", math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := b.Printer(English).Number(n); got != want {
			t.Errorf("en %d: %q, want %q", n, got, want)
		}
		for _, l := range []Lang{Kazakh, Russian} {
			if got := b.Printer(l).Number(n); got != strings.ReplaceAll(want, ",", "\u00a0") {
				t.Errorf("%s %d: %q", l, n, got)
			}
		}
	}
}

func TestPercent(t *testing.T) {
	b := common(t)
	tests := []struct {
		part, whole int64
		want        string
	}{
		{26, 100, "26"}, {0, 50_000, "0"}, {49_999, 50_000, "99"}, {50_000, 50_000, "100"}, {2, 3, "66"},
		{1234, 100, "1,234"}, {5, 0, "0"}, {-5, 10, "0"}, {5, -1, "0"},
		{math.MaxInt64 - 1, math.MaxInt64, "99"}, {math.MaxInt64 / 2, math.MaxInt64, "49"},
	}
	for _, tt := range tests {
		local := strings.ReplaceAll(tt.want, ",", "\u00a0")
		for l, want := range map[Lang]string{English: tt.want + "%", Kazakh: local + "%", Russian: local + "\u00a0%"} {
			if got := b.Printer(l).Percent(tt.part, tt.whole); got != want {
				t.Errorf("%s %d of %d: %q, want %q", l, tt.part, tt.whole, got, want)
			}
		}
	}
}

func TestDates(t *testing.T) {
	b := common(t)
	tests := []struct {
		date   petition.Date
		lang   Lang
		long   string
		short  string
		month  string
		theDay string
	}{
		{petition.Date{Year: 2026, Month: 11, Day: 23}, Kazakh, "2026\u00a0ж. 23\u00a0қараша", "23.11.2026", "2026\u00a0ж. қараша", "қараша"},
		{petition.Date{Year: 2026, Month: 11, Day: 23}, Russian, "23\u00a0ноября 2026\u00a0г.", "23.11.2026", "ноябрь 2026\u00a0г.", "ноябрь"},
		{petition.Date{Year: 2026, Month: 11, Day: 23}, English, "23 November 2026", "23 Nov 2026", "November 2026", "November"},
		{petition.Date{Year: 2024, Month: 5, Day: 1}, Kazakh, "2024\u00a0ж. 1\u00a0мамыр", "01.05.2024", "2024\u00a0ж. мамыр", "мамыр"},
		{petition.Date{Year: 2024, Month: 5, Day: 1}, Russian, "1\u00a0мая 2024\u00a0г.", "01.05.2024", "май 2024\u00a0г.", "май"},
		{petition.Date{Year: 2024, Month: 9, Day: 1}, English, "1 September 2024", "1 Sept 2024", "September 2024", "September"},
		{petition.Date{}, Russian, "", "", "", ""},
		{petition.Date{Year: 2024, Month: 13, Day: 1}, Russian, "", "", "", ""},
	}
	for _, tt := range tests {
		p := b.Printer(tt.lang)
		got := []string{p.Date(tt.date), p.ShortDate(tt.date), p.MonthYear(tt.date), p.Month(tt.date.Month)}
		if want := []string{tt.long, tt.short, tt.month, tt.theDay}; !slices.Equal(got, want) {
			t.Errorf("%s %v: %q, want %q", tt.lang, tt.date, got, want)
		}
	}
}

func TestEveryMonthHasItsOwnName(t *testing.T) {
	for _, l := range Langs() {
		seen := map[string]bool{}
		for m := range 12 {
			seen[datesOf(l).names[m]], seen[datesOf(l).alone[m]] = true, true
		}
		want := 12
		if l == Russian {
			want = 24 // a month beside a day is in the genitive
		}
		if len(seen) != want {
			t.Errorf("%s: %d names, want %d", l, len(seen), want)
		}
	}
}

func TestTime(t *testing.T) {
	almaty := time.FixedZone("+05", 5*3600)
	at := time.Date(2026, 11, 23, 23, 5, 59, 0, time.UTC)
	for _, l := range Langs() {
		p := common(t).Printer(l)
		if got := p.Time(at, almaty); got != "04:05" {
			t.Errorf("%s: %q, want 04:05", l, got)
		}
		if got := p.Time(at, nil); got != "23:05" {
			t.Errorf("%s without a zone: %q, want 23:05", l, got)
		}
	}
}

func TestKazakhAlphabet(t *testing.T) {
	letters := strings.Split("аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя", "")
	p := common(t).Printer(Kazakh)
	for i := 1; i < len(letters); i++ {
		if p.Compare(letters[i-1], letters[i]) >= 0 {
			t.Errorf("%s does not come before %s", letters[i-1], letters[i])
		}
	}
	// Letters of their own, not variants: the second letter of a word does not outweigh them.
	words := []string{"Абай", "Аягөз", "Әйтеке би", "Қапшағай", "Қостанай", "Орал", "Өскемен", "Ұлытау", "Үшарал", "Шымкент"}
	shuffled := slices.Clone(words)
	slices.Reverse(shuffled)
	slices.SortFunc(shuffled, p.Compare)
	if !slices.Equal(shuffled, words) {
		t.Errorf("sorted %q, want %q", shuffled, words)
	}
}

func TestRussianAlphabet(t *testing.T) {
	p := common(t).Printer(Russian)
	words := []string{"ёж", "Яма", "еда", "ель", "Арка"}
	slices.SortFunc(words, p.Compare)
	if want := []string{"Арка", "еда", "ёж", "ель", "Яма"}; !slices.Equal(words, want) {
		t.Errorf("sorted %q, want %q", words, want)
	}
}

func TestCompareIsAnOrder(t *testing.T) {
	b := common(t)
	text := rapid.StringOf(rapid.RuneFrom([]rune("аәбеёиійоөуұүыАӘЕЁ aAz-\u0308\u00ad1")))
	rapid.Check(t, func(t *rapid.T) {
		p := b.Printer(rapid.SampledFrom(Langs()).Draw(t, "lang"))
		x, y := text.Draw(t, "x"), text.Draw(t, "y")
		if p.Compare(x, y) != -p.Compare(y, x) {
			t.Errorf("%q and %q: %d and %d", x, y, p.Compare(x, y), p.Compare(y, x))
		}
		if (p.Compare(x, y) == 0) != (x == y) {
			t.Errorf("%q and %q compare %d", x, y, p.Compare(x, y))
		}
	})
}

// A printer is shared by all requests; run with -race.
func TestPrinterConcurrently(t *testing.T) {
	p := common(t).Printer(Kazakh)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range int64(200) {
				if p.Compare("Ақтау", "Әулиекөл") >= 0 || p.N("unit.days", n) != p.Number(n)+" күн" {
					t.Error("wrong under concurrency")
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestPlainMessagesDoNotAllocate(t *testing.T) {
	p := common(t).Printer(Russian)
	if n := testing.AllocsPerRun(100, func() { _ = p.T("button.send") }); n != 0 {
		t.Errorf("%v allocations for a message without placeholders", n)
	}
}

func BenchmarkT(b *testing.B) {
	p := common(b).Printer(Kazakh)
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = p.T("button.send")
		}
	})
	b.Run("plural", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = p.N("unit.signatures", 1234567)
		}
	})
}
