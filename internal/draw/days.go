package draw

import "slices"

// Mark is a threshold in the chart of days.
type Mark struct {
	Value int64
	Text  string // written at its line
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

// The chart: the sum as a line above, with the thresholds; the steps as bars
// below, on a scale of their own. Room at the top and the foot is for letters
// of 24 units, which is what they are on a phone.
const (
	chartWidth = 640
	lineTop    = 34
	lineFoot   = 220
	barTop     = 266
	barFoot    = 346
	chartFoot  = 384
)

// Chart draws signatures over time. Nil counts make an empty picture.
func Chart(d Days) SVG {
	var s svg
	s.b.Grow(6 << 10)
	s.open("days", chartWidth, chartFoot, d.Label)
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
	high := func(n int64) float64 { return lineFoot - float64(n)/float64(top)*(lineFoot-lineTop) }
	s.rule("axis", lineFoot)
	for _, m := range marks {
		if m.Value <= total {
			s.rule("mark reached", high(m.Value))
		} else {
			s.rule("mark", high(m.Value))
		}
	}
	s.curve(sums, high)
	last := -float64(chartFoot)
	for _, m := range slices.Backward(marks) {
		if y := high(m.Value); y-last >= 26 { // else the letters would touch those of the mark above
			s.word("start", 0, y-6, m.Text)
			last = y
		}
	}
	if len(sums) > 0 {
		s.word("end total", chartWidth, min(max(high(total)-10, 24), lineFoot-10), d.Total)
	}
	s.bars(d)
	s.word("start", 0, chartFoot-6, d.First)
	s.word("end", chartWidth, chartFoot-6, d.Last)
	return s.done()
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

func (s *svg) rule(class string, y float64) {
	s.raw(`<path class="`, class, `" d="M0 `)
	s.num(y)
	s.raw(`h640"/>`)
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
func (s *svg) curve(sums []int64, high func(int64) float64) {
	if len(sums) == 0 {
		return
	}
	wide := float64(chartWidth) / float64(len(sums))
	var line svg
	for i, n := range sums {
		line.raw("L")
		line.num(float64(i+1) * wide)
		line.raw(" ")
		line.num(high(n))
	}
	points := line.b.String()
	s.raw(`<path class="area" d="M0 220`, points, `V220z"/><path class="line" d="M0 220`, points, `"/>`)
}

// bars are the steps, at least two units high where there is anybody.
func (s *svg) bars(d Days) {
	if len(d.Counts) == 0 {
		return
	}
	most := max(slices.Max(d.Counts), 1)
	wide := float64(chartWidth) / float64(len(d.Counts))
	s.word("start", 0, barTop-10, d.Most)
	s.rule("axis", barFoot)
	for i, n := range d.Counts {
		if n <= 0 {
			continue
		}
		high := max(2, float64(n)/float64(most)*(barFoot-barTop))
		s.raw(`<rect`)
		s.attr("x", float64(i)*wide+wide*.08)
		s.attr("y", barFoot-high)
		s.attr("width", wide*.84)
		s.attr("height", high)
		if i < len(d.Titles) {
			s.raw("><title>")
			s.text(d.Titles[i])
			s.raw("</title></rect>")
			continue
		}
		s.raw("/>")
	}
}
