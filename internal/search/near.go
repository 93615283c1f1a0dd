package search

import "math/bits"

// near reports whether one letter changed, put in, left out or two changed
// places make b of a.
func near(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// letters is the set of the bytes of s, folded into 64: words that are near
// differ in two of them at most, which is quickly seen.
func letters(s string) (set uint64) {
	for i := range len(s) {
		set |= 1 << (s[i] & 63)
	}
	return set
}

// fewApart reports whether two sets differ as little as those of near words.
func fewApart(a, b uint64) bool { return bits.OnesCount64(a^b) <= 2 }
