package draw

import (
	"math"
	"slices"
)

// Shades is how many classes a scale has at most. A place without a class is
// 0: it has too few to be named, or none.
const Shades = 5

// Scale sorts values into classes with round borders.
type Scale struct {
	borders []float64 // where a next class begins, ascending
	least   float64
	most    float64
}

// NewScale makes the classes for values; those that are not above zero, or no
// numbers, have none.
func NewScale(values []float64) Scale {
	var s Scale
	for _, v := range values {
		if v > 0 && !math.IsInf(v, 0) && (s.least == 0 || v < s.least) {
			s.least = v
		}
		if v > s.most && !math.IsInf(v, 0) {
			s.most = v
		}
	}
	if s.most == 0 {
		return s
	}
	for b := math.Pow(10, math.Floor(math.Log10(s.least))); b <= s.most; b *= 10 {
		for _, step := range []float64{1, 2, 5} {
			if round := step * b; round > s.least && round <= s.most {
				s.borders = append(s.borders, round)
			}
		}
	}
	if n := len(s.borders); n > Shades-1 {
		some := make([]float64, Shades-1)
		for i := range some {
			some[i] = s.borders[int(math.Round(float64(i+1)*float64(n)/float64(Shades)))-1]
		}
		s.borders = slices.Compact(some)
	}
	return s
}

// Class is the number of a value's class, from 1, as the legend counts them; 0
// for none.
func (s Scale) Class(v float64) int {
	if !(v > 0) || s.most == 0 || math.IsInf(v, 0) {
		return 0
	}
	n := 1
	for n <= len(s.borders) && v >= s.borders[n-1] {
		n++
	}
	return n
}

// Shade is how strong a class is drawn: 1 the lightest, Shades the strongest, 0
// for none. Few classes are spread over all shades, so that they stay apart.
func (s Scale) Shade(class int) int {
	n := len(s.borders)
	switch {
	case class <= 0:
		return 0
	case n == 0:
		return 3
	}
	return 1 + ((class-1)*(Shades-1)+n/2)/n
}

// Class is a line of the legend: values from From on, below the next one.
type Class struct {
	Number   int
	Shade    int
	From, To float64 // To is where the next begins; the last ends at the highest value
	Last     bool
}

// Classes are the lines of the legend, the lowest first.
func (s Scale) Classes() []Class {
	if s.most == 0 {
		return nil
	}
	var out []Class
	from := s.least
	for i, b := range s.borders {
		out = append(out, Class{Number: i + 1, Shade: s.Shade(i + 1), From: from, To: b})
		from = b
	}
	return append(out, Class{Number: len(s.borders) + 1, Shade: s.Shade(len(s.borders) + 1), From: from, To: s.most, Last: true})
}
