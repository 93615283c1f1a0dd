package cli

import (
	"testing"
	"time"

	"github.com/dauys/dauys/internal/imports"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
	"pgregory.net/rapid"
)

// realDocument is the largest petition there was, and its law.
func realDocument(t *testing.T) (imports.Record, *petition.Profile) {
	t.Helper()
	r, err := readDocument("../../testdata/uk/241584.json")
	if err != nil {
		t.Fatal(err)
	}
	laws, err := shippedLaws()
	if err != nil {
		t.Fatal(err)
	}
	return r, profiles.ByID(laws, "uk-parl")
}

func TestReplayPlanOfTheRealDocument(t *testing.T) {
	r, law := realDocument(t)
	p := planReplay(r, r.SignatureCount, law)
	want := map[string]int64{}
	for _, c := range append(r.Constituencies, r.Countries...) {
		want[c.Code] = c.Count
	}
	var home int64
	for _, c := range r.Constituencies {
		home += c.Count
	}
	want[replayCountry] -= home
	before := int64(0)
	for i, code := range p.codes {
		got := p.upTo[i] - before
		before = p.upTo[i]
		if code != "" && got != want[code] {
			t.Errorf("%s: %d signers, the document has %d", code, got, want[code])
		}
	}
	if before != r.SignatureCount {
		t.Errorf("places of %d signers, want %d", before, r.SignatureCount)
	}
	for threshold, at := range map[int64]time.Time{10_000: r.ResponseThresholdAt, 100_000: r.DebateThresholdAt, 1: r.OpenedAt, r.SignatureCount: r.UpdatedAt} {
		for _, d := range p.days {
			if d.first < threshold && threshold <= d.end && d.day != law.Today(at) {
				t.Errorf("signature %d falls on %s, documented %s", threshold, d.day, law.Today(at))
			}
		}
	}
}

// Also where the signers are hardly enough to meet a threshold.
func TestThresholdsOfAShortReplayFallOnTheirDays(t *testing.T) {
	r, law := realDocument(t)
	both := r
	both.ResponseThresholdAt = r.DebateThresholdAt
	for _, r := range []imports.Record{r, both} {
		for _, n := range []int64{9_999, 10_000, 10_001, 20_000, 99_999, 100_000, 100_001, 150_000} {
			p := planReplay(r, n, law)
			if end := p.days[len(p.days)-1].end; end != n {
				t.Errorf("days for %d of %d", end, n)
			}
			for threshold, at := range map[int64]time.Time{10_000: r.ResponseThresholdAt, 100_000: r.DebateThresholdAt} {
				for _, d := range p.days {
					if d.first < threshold && threshold <= d.end && d.day != law.Today(at) {
						t.Errorf("of %d, signature %d falls on %s, documented %s", n, threshold, d.day, law.Today(at))
					}
				}
			}
		}
	}
}

func TestReplayKnowsItsOwnPlan(t *testing.T) {
	r, law := realDocument(t)
	p, other := planReplay(r, 20_000, law), planReplay(r, 30_000, law)
	done := map[petition.Date]int64{}
	for _, d := range p.days {
		if !p.fits(done) {
			t.Fatalf("refused before %s", d.day)
		}
		done[d.day] = (d.end - d.first + 1) / 2 // killed in the middle of a day
		if !p.fits(done) {
			t.Fatalf("refused in the middle of %s", d.day)
		}
		done[d.day] = d.end - d.first
	}
	if !p.fits(done) {
		t.Error("refused when it was done")
	}
	if other.fits(done) {
		t.Error("another number goes on where this one ended")
	}
	done[p.days[0].day.AddDays(-1)] = 1
	if p.fits(done) {
		t.Error("a day that is none of the plan")
	}
}

func TestReplayPlanHasEverySignerOnce(t *testing.T) {
	laws, err := shippedLaws()
	if err != nil {
		t.Fatal(err)
	}
	law := profiles.ByID(laws, "uk-parl")
	rapid.Check(t, func(t *rapid.T) {
		opened := time.Date(2019, 2, 20, 10, 0, 0, 0, time.UTC)
		r := imports.Record{OpenedAt: opened, UpdatedAt: opened.AddDate(0, 0, rapid.IntRange(0, 200).Draw(t, "days"))}
		for i := range rapid.IntRange(0, 6).Draw(t, "constituencies") {
			r.Constituencies = append(r.Constituencies, imports.Cell{Code: string(rune('A' + i)), Count: rapid.Int64Range(0, 50_000).Draw(t, "there")})
			r.SignatureCount += r.Constituencies[i].Count
		}
		r.Countries = []imports.Cell{{Code: replayCountry, Count: r.SignatureCount + rapid.Int64Range(0, 99).Draw(t, "home")}, {Code: "FR", Count: rapid.Int64Range(0, 999).Draw(t, "abroad")}}
		r.SignatureCount = r.Countries[0].Count + r.Countries[1].Count + rapid.Int64Range(1, 99).Draw(t, "nowhere")
		if rapid.Bool().Draw(t, "reached") {
			r.ResponseThresholdAt = opened.AddDate(0, 0, rapid.IntRange(0, 200).Draw(t, "on"))
		}
		n := rapid.Int64Range(1, 20_000).Draw(t, "n")
		p := planReplay(r, n, law)
		if p.upTo[len(p.upTo)-1] != n {
			t.Fatalf("places for %d of %d", p.upTo[len(p.upTo)-1], n)
		}
		from := map[string]int64{}
		for i := range n {
			from[p.place(i)]++
		}
		last := int64(0)
		for i, code := range p.codes {
			if from[code] != p.upTo[i]-last {
				t.Fatalf("%s: %d signers, want %d", code, from[code], p.upTo[i]-last)
			}
			last = p.upTo[i]
		}
		next := int64(0)
		for i, d := range p.days {
			if d.first != next || d.end <= d.first || i > 0 && !p.days[i-1].day.Before(d.day) {
				t.Fatalf("day %d: %+v after %d", i, d, next)
			}
			next = d.end
		}
		if next != n {
			t.Fatalf("days for %d of %d", next, n)
		}
	})
}

func TestLargestRemainder(t *testing.T) {
	for _, c := range []struct {
		weights []int64
		n       int64
		want    []int64
	}{
		{[]int64{1, 1, 1}, 3, []int64{1, 1, 1}},
		{[]int64{5, 3, 2}, 5, []int64{3, 1, 1}}, // 2.5, 1.5, 1.0: the earlier of two equal remainders
		{[]int64{47000, 16000, 15800, 12000, 6100, 3100}, 10, []int64{5, 2, 1, 1, 1, 0}},
		{[]int64{0, 0}, 4, []int64{0, 4}},
	} {
		got := largestRemainder(c.weights, c.n)
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%v of %d: %v, want %v", c.weights, c.n, got, c.want)
				break
			}
		}
	}
}
