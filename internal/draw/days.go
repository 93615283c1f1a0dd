package draw

import (
	"math"
	"slices"
	"unicode/utf8"
)

// Mark is a threshold in the chart of days.
type Mark struct {
	Value int64
	Text  string // written at its line
	Short string // the same where there is little room
}

// Days is what the chart of signatures over time is made of.
type Days struct {
	Counts []int64 // of each step, a day or a week, the first one first, gaps filled with 0
	Marks  []Mark
	Label  string // what the picture says to who does not see it
	Titles []string
	Most   string // the highest bar in figures
	Total  string // the sum at the end, in figures
	First  string // the first and the last day in words
	Last   string
}

// sheet is the size of a chart and of its letters. The sum is a line above,
// with the thresholds; the steps are bars below, on a scale of their own.
type sheet struct {
	class                 string
	width                 float64
	lineTop, lineFoot     float64
	barTop, barFoot, foot float64
	letter                float64 // height of the letters, as the style sheet sets them
	named                 bool    // thresholds have their names, bars their tips
}

// Chart draws signatures over time for a wide column. Nil counts make an empty picture.
func Chart(d Days) SVG {
	return sheet{"days days-wide", 640, 34, 220, 262, 344, 376, 16, true}.draw(d)
}

// NarrowChart is Chart for a phone: letters as large as the text around them,
// and fewer words.
func NarrowChart(d Days) SVG {
	return sheet{"days days-narrow", 320, 30, 170, 208, 262, 290, 14, false}.draw(d)
}

func (c sheet) draw(d Days) SVG {
	var s svg
	s.b.Grow(6 << 10)
	s.open(c.class, c.width, c.foot, d.Label)
	sums := make([]int64, len(d.Counts))
	var total int64
	for i, n := range d.Counts {
		total += max(n, 0)
		sums[i] = total
	}
	top := max(total, 1)
	marks := marksIn(d.Marks, total)
	for _, m := range marks {
		top = max(top, m.Value)
	}
	high := func(n int64) float64 { return c.lineFoot - float64(n)/float64(top)*(c.lineFoot-c.lineTop) }
	s.rule("axis", c.lineFoot, c.width)
	for _, m := range marks {
		if m.Value <= total {
			s.rule("mark reached", high(m.Value), c.width)
		} else {
			s.rule("mark", high(m.Value), c.width)
		}
	}
	s.curve(c, sums, high)
	if len(sums) > 0 {
		s.words(c, marks, sums, high, d.Total)
	}
	s.bars(c, d)
	s.word("start", 0, c.foot-6, d.First)
	s.word("end", c.width, c.foot-6, d.Last)
	return s.done()
}

// words writes the sum at its end and the thresholds at their lines: above the
// line, at the left, where the curve is still below. A threshold that was
// reached so early that the curve would run through the letters is written
// under its line at the right, where the curve is above by then.
func (s *svg) words(c sheet, marks []Mark, sums []int64, high func(int64) float64, total string) {
	sum := high(sums[len(sums)-1])
	taken := []float64{min(max(sum-8, c.letter), c.lineFoot-8)} // base lines at the right, the sum's first
	s.word("end total", c.width, taken[0], total)
	last := -c.foot
	for _, m := range slices.Backward(marks) {
		text, y := m.Text, high(m.Value)
		if !c.named && m.Short != "" {
			text = m.Short
		}
		reach := c.letter * .58 * float64(utf8.RuneCountInString(text))
		crossed := float64(slices.IndexFunc(sums, func(n int64) bool { return n >= m.Value })) * c.width / float64(len(sums))
		if crossed >= 0 && crossed < reach {
			base := y + c.letter + 2
			if base >= c.lineFoot { // no room below: the curve is far above by then
				base = y - 5
			}
			if free := !slices.ContainsFunc(taken, func(t float64) bool { return math.Abs(t-base) < c.letter+4 }); free && base > sum+c.letter && above(c, sums, high, c.width-2-reach, base-c.letter*.8) {
				s.word("end under", c.width-2, base, text)
				taken = append(taken, base)
			}
			continue
		}
		if y-last >= c.letter+8 { // else the letters would touch those of the mark above
			s.word("start", 0, y-6, text)
			last = y
		}
	}
}

// above reports whether the curve is higher than y everywhere right of x.
func above(c sheet, sums []int64, high func(int64) float64, x, y float64) bool {
	for i, n := range sums {
		if float64(i+1)*c.width/float64(len(sums)) >= x && high(n) > y {
			return false
		}
	}
	return true
}

// marksIn are the marks that were reached and the next one, unless it is so far
// away that the line would lie flat; in ascending order.
func marksIn(marks []Mark, total int64) []Mark {
	marks = slices.Clone(marks)
	slices.SortFunc(marks, func(a, b Mark) int { return int(max(-1, min(1, a.Value-b.Value))) })
	var in []Mark
	for _, m := range marks {
		if m.Value <= 0 {
			continue
		}
		if m.Value > total {
			if m.Value <= 4*max(total, 1) {
				in = append(in, m)
			}
			break
		}
		in = append(in, m)
	}
	return in
}

func (s *svg) rule(class string, y, width float64) {
	s.raw(`<path class="`, class, `" d="M0 `)
	s.num(y)
	s.raw("h")
	s.num(width)
	s.raw(`"/>`)
}

func (s *svg) word(class string, x, y float64, text string) {
	if text == "" {
		return
	}
	s.raw(`<text class="`, class, `"`)
	s.attr("x", x)
	s.attr("y", y)
	s.raw(">")
	s.text(text)
	s.raw("</text>")
}

// curve is the sum over time, from nothing at the left edge, with its area.
func (s *svg) curve(c sheet, sums []int64, high func(int64) float64) {
	if len(sums) == 0 {
		return
	}
	wide := c.width / float64(len(sums))
	var line svg
	line.raw("M0 ")
	line.num(c.lineFoot)
	for i, n := range sums {
		line.raw("L")
		line.num(float64(i+1) * wide)
		line.raw(" ")
		line.num(high(n))
	}
	points := line.b.String()
	s.raw(`<path class="area" d="`, points, `V`)
	s.num(c.lineFoot)
	s.raw(`z"/><path class="line" d="`, points, `"/>`)
}

// bars are the steps, at least two units high where there is anybody.
func (s *svg) bars(c sheet, d Days) {
	if len(d.Counts) == 0 {
		return
	}
	most := max(slices.Max(d.Counts), 1)
	wide := c.width / float64(len(d.Counts))
	s.word("start", 0, c.barTop-8, d.Most)
	s.rule("axis", c.barFoot, c.width)
	for i, n := range d.Counts {
		if n <= 0 {
			continue
		}
		high := max(2, float64(n)/float64(most)*(c.barFoot-c.barTop))
		s.raw(`<rect`)
		s.attr("x", float64(i)*wide+wide*.08)
		s.attr("y", c.barFoot-high)
		s.attr("width", wide*.84)
		s.attr("height", high)
		if c.named && i < len(d.Titles) {
			s.raw("><title>")
			s.text(d.Titles[i])
			s.raw("</title></rect>")
			continue
		}
		s.raw("/>")
	}
}
