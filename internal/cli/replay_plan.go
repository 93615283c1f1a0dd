package cli

import (
	"cmp"
	"slices"
	"sort"

	"github.com/dauys/dauys/internal/imports"
	"github.com/dauys/dauys/petition"
)

// replayPlan says for every synthetic signer from where and on which day.
type replayPlan struct {
	total  int64
	stride int64
	codes  []string // of places; the last is "", for signers without one
	upTo   []int64  // upTo[i]: how many signers come from codes[0] to codes[i]
	days   []replayDay
}

// replayDay is one civil day and the signers who sign on it: from first up to,
// not including, end.
type replayDay struct {
	day        petition.Date
	first, end int64
}

// planReplay spreads n signers as the document has them. Places: by largest
// remainder over the constituencies, the country's signers in none of them,
// the other countries, and those without a place. Days: from opening to the
// document's date, each threshold on its documented day.
func planReplay(r imports.Record, n int64, law *petition.Profile) replayPlan {
	p := replayPlan{total: n, stride: coprime(n)}
	weights := p.places(r)
	var sum int64
	for _, share := range largestRemainder(weights, n) {
		sum += share
		p.upTo = append(p.upTo, sum)
	}
	p.days = planDays(r, n, law)
	return p
}

// places lists the codes and how many signers the document has from each.
func (p *replayPlan) places(r imports.Record) []int64 {
	var weights []int64
	add := func(code string, n int64) { p.codes, weights = append(p.codes, code), append(weights, n) }
	rest := r.SignatureCount
	var home int64
	for _, c := range r.Constituencies {
		add(c.Code, c.Count)
		home += c.Count
	}
	rest -= home
	for _, c := range r.Countries {
		n := c.Count
		if c.Code == replayCountry {
			n = max(0, n-home) // the constituencies are all in it
		}
		add(c.Code, n)
		rest -= n
	}
	add("", max(0, rest))
	return weights
}

// replayCountry is where all constituencies of the documents are.
const replayCountry = "GB"

// largestRemainder shares n out in proportion to the weights (Hare quota,
// largest remainders first, the earlier weight where two are equal).
func largestRemainder(weights []int64, n int64) []int64 {
	var sum int64
	for _, w := range weights {
		sum += w
	}
	shares, order := make([]int64, len(weights)), make([]int, len(weights))
	left := n
	for i, w := range weights {
		order[i] = i
		if sum > 0 {
			shares[i] = n * w / sum
		}
		left -= shares[i]
	}
	if sum == 0 {
		shares[len(shares)-1] = n
		return shares
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(n*weights[b]%sum, n*weights[a]%sum) })
	for _, i := range order[:left] {
		shares[i]++
	}
	return shares
}

// place is where the i-th signer is from. Neighbours in time are far apart in
// the list of places, so that every place grows every day.
func (p *replayPlan) place(i int64) string {
	at := i * p.stride % p.total
	k := sort.Search(len(p.upTo), func(k int) bool { return p.upTo[k] > at })
	return p.codes[k]
}

// coprime is a number near the golden section of n that shares no factor with it.
func coprime(n int64) int64 {
	for s := max(1, n*618/1000); ; s++ {
		if gcd(s, n) == 1 {
			return s
		}
	}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// fits reports whether an earlier run of this very plan can have left what is
// done: whole days, at most one that was begun, and nothing after it.
func (p *replayPlan) fits(done map[petition.Date]int64) bool {
	begun, known := false, 0
	for _, d := range p.days {
		n := done[d.day]
		if n > d.end-d.first || begun && n > 0 {
			return false
		}
		begun = begun || n < d.end-d.first
		if _, some := done[d.day]; some {
			known++
		}
	}
	return known == len(done)
}

// planDays spreads n signers over the days, evenly between the documented ones.
func planDays(r imports.Record, n int64, law *petition.Profile) []replayDay {
	first, last := law.Today(r.OpenedAt), law.Today(r.UpdatedAt)
	if last.Before(first) {
		last = first
	}
	span := first.DaysUntil(last)
	// upTo[d] is how many have signed at the end of day first+d; -1 is not known yet.
	upTo := make([]int64, span+1)
	for i := range upTo {
		upTo[i] = -1
	}
	upTo[span] = n
	met := map[int]int64{} // the highest threshold met on a day
	for _, s := range law.Stages {
		reached := r.ResponseThresholdAt
		if s.Duty == "debate" {
			reached = r.DebateThresholdAt
		}
		if reached.IsZero() || s.Threshold > n {
			continue
		}
		d := first.DaysUntil(law.Today(reached))
		if d < 0 || d > span {
			continue
		}
		if _, lower := met[d]; d > 0 && !lower {
			upTo[d-1] = s.Threshold - 1
		}
		met[d] = s.Threshold
	}
	fillEvenly(upTo)
	for d, threshold := range met { // few signers come too slowly to meet it on its day
		for k := d; k < len(upTo) && upTo[k] < threshold; k++ {
			upTo[k] = threshold
		}
	}
	days := make([]replayDay, 0, len(upTo))
	done := int64(0)
	for d, end := range upTo {
		if end > done {
			days = append(days, replayDay{first.AddDays(d), done, end})
			done = end
		}
	}
	return days
}

// fillEvenly replaces each run of -1 by numbers that rise evenly from the known
// one before it (0 before the first) to the known one behind it.
func fillEvenly(upTo []int64) {
	before, at := int64(0), -1
	for i, v := range upTo {
		if v < 0 {
			continue
		}
		for k := at + 1; k < i; k++ {
			upTo[k] = before + (v-before)*int64(k-at)/int64(i-at)
		}
		before, at = v, i
	}
}
