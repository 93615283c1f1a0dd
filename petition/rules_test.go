package petition

import (
	"errors"
	"strings"
	"testing"

	"github.com/dauys/dauys/civil"
	"pgregory.net/rapid"
)

// local is a law whose one stage depends on the place: 1 % of a region, 2,500
// of a town above 50,000, 5 % of a smaller one.
func local(t testing.TB, inhabitants int64, kind string) *Profile {
	l := civic(t)
	l.Stages = []Stage{{ID: "heard", Duty: "answer", Actor: "body", Cases: []ThresholdCase{
		{Places: []string{"region"}, Percent: 1},
		{Above: 50_000, Threshold: 2500},
		{UpTo: 50_000, Percent: 5},
	}}}
	l.Population = func(code string, day Date) (Headcount, bool) {
		return Headcount{Place: code, Kind: kind, N: inhabitants, On: Date{Year: 2026, Month: 1, Day: 1}}, code == "RIVER"
	}
	return l
}

func published(t testing.TB, l *Profile, place string) Petition {
	t.Helper()
	p := Petition{State: Moderation, TextVersion: 1, Place: place}
	c, err := l.Decide(p, Decision{Verdict: Publish, TextVersion: 1, Officer: 1}, at(t, l, "2026-11-02 10:00:00"))
	if err != nil {
		t.Fatal(err)
	}
	return c.Petition
}

func TestThresholdsByPopulation(t *testing.T) {
	for _, c := range []struct {
		place, kind string
		n, want     int64
	}{
		{"RIVER", "region", 230_001, 2301}, // a share is rounded up
		{"RIVER", "region", 230_000, 2300},
		{"RIVER", "other", 50_001, 2500},
		{"RIVER", "other", 50_000, 2500},
		{"RIVER", "other", 49_999, 2500}, // 2,499.95
		{"RIVER", "other", 20_000, 1000},
		{"RIVER", "other", 1, 1},
		{"RIVER", "other", 0, 0}, // nobody counted them: no case fits
		{"ELSEWHERE", "other", 20_000, 0},
	} {
		l := local(t, c.n, c.kind)
		p := published(t, l, c.place)
		if got := p.Needed(l.Stages[0]); got != c.want || l.NextThreshold(p) != c.want {
			t.Errorf("%s of %d: %d signatures, next at %d, want %d", c.kind, c.n, got, l.NextThreshold(p), c.want)
		}
	}
}

func TestThresholdIsFrozenAtPublication(t *testing.T) {
	l := local(t, 20_000, "other")
	p := published(t, l, "RIVER")
	l.Population = func(code string, _ Date) (Headcount, bool) { return Headcount{Place: code, N: 10}, true }
	now := at(t, l, "2026-11-03 10:00:00")
	if c, ok := l.Count(p, 999, now); ok {
		t.Errorf("999 of 1,000 bring %v", c.Events)
	}
	c, ok := l.Count(p, 1000, now)
	if !ok || c.Petition.Stages[0].Threshold != 1000 || c.Events[0].Data["threshold"] != "1000" {
		t.Errorf("1,000 of 1,000: %+v", c)
	}
	if p.Headcount.N != 20_000 || p.Headcount.On.IsZero() {
		t.Errorf("the record keeps %+v", p.Headcount)
	}
}

func TestUnknownPopulationIsNeverReached(t *testing.T) {
	l := local(t, 0, "other")
	l.Population = nil
	if c, ok := l.Count(published(t, l, "RIVER"), 1e9, at(t, l, "2026-11-03 10:00:00")); ok {
		t.Errorf("reached by itself: %v", c.Events)
	}
}

func TestSharesRiseWithTheInhabitants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		percent := rapid.IntRange(1, 100).Draw(t, "percent")
		n := rapid.Int64Range(1, 1e10).Draw(t, "n")
		need := Stage{Percent: percent}.Resolve(Headcount{N: n})
		if need*100 < n*int64(percent) || (need-1)*100 >= n*int64(percent) {
			t.Fatalf("%d %% of %d is %d", percent, n, need)
		}
	})
}

func TestSupportInSeveralPlaces(t *testing.T) {
	l := civic(t)
	l.Stages = []Stage{{ID: "spread", Threshold: 100, Territories: TerritoryRule{Places: 2,
		Minimums: []PlaceMinimum{{"A", 10}, {"B", 5}, {"C", 1}}}}}
	for _, c := range []struct {
		name   string
		count  int64
		places map[string]int64
		want   bool
	}{
		{"two at their minimum", 100, map[string]int64{"A": 10, "B": 5}, true},
		{"one below", 100, map[string]int64{"A": 9, "B": 91}, false},
		{"one signature short", 99, map[string]int64{"A": 10, "B": 89}, false},
		{"a place that cannot count", 100, map[string]int64{"A": 50, "Z": 50}, false},
		{"nobody told the places", 100, nil, false},
	} {
		p := published(t, l, "")
		p.ByPlace = c.places
		if _, ok := l.Count(p, c.count, at(t, l, "2026-11-03 10:00:00")); ok != c.want || !l.NeedsPlaces() {
			t.Errorf("%s: reached %v", c.name, ok)
		}
	}
}

func TestChosenWindow(t *testing.T) {
	l := civic(t)
	days := func(n int) Term { return Term{N: n, Unit: civil.Days} }
	l.Collect.Window, l.Collect.Choices = days(120), []Term{days(30), days(60), days(120)}
	for _, c := range []struct {
		picked Term
		want   string
	}{{days(30), "2026-12-03 00:00:00"}, {days(60), "2027-01-02 00:00:00"}, {Term{}, "2027-03-03 00:00:00"}, {days(7), "2027-03-03 00:00:00"}} {
		p := Petition{State: Moderation, TextVersion: 1, Window: c.picked}
		change, err := l.Decide(p, Decision{Verdict: Publish, TextVersion: 1, Officer: 1}, at(t, l, "2026-11-02 10:00:00"))
		if err != nil || !change.Petition.ClosesAt.Equal(at(t, l, c.want)) {
			t.Errorf("picked %v: closes %s, want %s (%v)", c.picked, change.Petition.ClosesAt, c.want, err)
		}
	}
	l.Collect = CollectRule{OpenEnded: true, Withdrawals: true, Retention: days(30)}
	p := published(t, l, "")
	if !p.ClosesAt.IsZero() || !l.NextDue(p).IsZero() || l.CheckSign(p, at(t, l, "2036-11-02 10:00:00")) != nil {
		t.Error("a law without an end closes by itself")
	}
}

func TestWordsAndLinks(t *testing.T) {
	for text, want := range map[string]int{"": 0, "Open the bridge": 3, "Қыста көпір 24 сағат ашық болсын!": 6, "— …": 0, "don't stop": 2} {
		if got := Words(text); got != want {
			t.Errorf("%q has %d words, want %d", text, got, want)
		}
	}
	l := civic(t)
	l.Text.Words, l.Text.NoLinks = 5, true
	text := func(ask, details string) Texts { return Texts{"en": {Title: "Bridge", Ask: ask, Details: details}} }
	if errs := l.CheckTexts(text("one two three", "four five"), "en"); errs.OrNil() != nil {
		t.Errorf("five words: %v", errs)
	}
	var field FieldErrors
	err := l.CheckTexts(text("one two three", "four five six"), "en").OrNil()
	if !errors.As(err, &field) || field[0].Key != "too_many_words" || field[0].Args["n"] != 6 {
		t.Errorf("six words: %v", err)
	}
	for _, link := range []string{"see HTTPS://x.example", "see www.x.example"} {
		if err := l.CheckTexts(text(link, ""), "en").OrNil(); err == nil || !strings.Contains(err.Error(), "no_links") {
			t.Errorf("%q: %v", link, err)
		}
	}
}
