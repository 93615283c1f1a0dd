package petition

import "strings"

// The effects of a duplicate bar.
const (
	BarRefuse = "refuse" // the same demand is not taken
	BarWarn   = "warn"   // whoever asks again is told, and the officer too
)

// BarredUntil is the last day on which the law bars the demand of an earlier
// petition from being put forward again; the zero date when it does not. A
// petition that still collects has not ended, and bars nothing yet: that there
// is one like it is a ground of moderation.
func (l *Profile) BarredUntil(earlier Petition) Date {
	if l.Duplicate.Window.IsZero() || earlier.State != Closed || earlier.MergedInto != 0 || earlier.Stopped() {
		return Date{}
	}
	return l.Duplicate.Window.LastDay(l.Today(earlier.ClosedAt), &l.Calendar)
}

// SameDemand reports whether two titles in one language ask for the same, as
// far as a program can tell: the same words in any order. What is said in other
// words only an officer can judge.
func SameDemand(a, b string) bool {
	x, y := demandWords(a), demandWords(b)
	if len(x) == 0 || len(x) != len(y) {
		return false
	}
	for w := range x {
		if !y[w] {
			return false
		}
	}
	return true
}

func demandWords(title string) map[string]bool {
	words := map[string]bool{}
	seen := strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, title)
	for _, w := range strings.FieldsFunc(strings.ToLower(seen), func(r rune) bool { return !wordRune(r) }) {
		words[Skeleton(w)] = true
	}
	return words
}
