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

// class is the place of a value among the classes, from 0; -1 for none.
func (s Scale) class(v float64) int {
	if !(v > 0) || s.most == 0 || math.IsInf(v, 0) {
		return -1
	}
	n := 0
	for n < len(s.borders) && v >= s.borders[n] {
		n++
	}
	return n
}

// Shade is the shade of a value: 1 the lightest, Shades the strongest, 0 none.
// Fewer classes are spread over all shades, so that they stay apart.
func (s Scale) Shade(v float64) int {
	c := s.class(v)
	if c < 0 {
		return 0
	}
	return s.shade(c)
}

func (s Scale) shade(class int) int {
	n := len(s.borders)
	if n == 0 {
		return 3
	}
	return 1 + (class*(Shades-1)+n/2)/n
}

// Class is a line of the legend: values from From on, below the next one.
type Class struct {
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
		out = append(out, Class{Shade: s.shade(i), From: from, To: b})
		from = b
	}
	return append(out, Class{Shade: s.shade(len(s.borders)), From: from, To: s.most, Last: true})
}
