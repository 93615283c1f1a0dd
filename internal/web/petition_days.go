package web

import (
	"context"
	"slices"
	"time"

	"github.com/dauys/dauys/internal/draw"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// maxBars is how many days are drawn; more of them are drawn by the week.
const maxBars = 92

// dayRow is a line of the table below the chart.
type dayRow struct {
	Date  petition.Date
	Count int64
	Sum   int64 // with all days before
}

// daysView is the signatures by day, as a picture and as a table.
type daysView struct {
	Picture draw.SVG
	Narrow  draw.SVG // the same for a narrow column
	Weekly  bool
	Stepped bool // the days follow a public count that moves in steps
	Rows    []dayRow
}

// daysOf is nil while there are fewer than two days to compare.
func (w *Web) daysOf(ctx context.Context, l petition.Lang, law *petition.Profile, v store.Public, now time.Time) (*daysView, error) {
	days, err := w.store.PublicDays(ctx, v.Petition, law.Today(now))
	if err != nil || len(days) < 2 {
		return nil, err
	}
	pr := w.bundle.Printer(l)
	d := &daysView{Stepped: v.State == petition.Open && !law.Live(v.Shown)}
	best, sum := days[0], int64(0)
	for _, x := range days {
		sum += x.Count
		d.Rows = append(d.Rows, dayRow{x.Day, x.Count, sum})
		if x.Count > best.Count {
			best = x
		}
	}
	first, last := days[0].Day, days[len(days)-1].Day
	chart := draw.Days{First: pr.Date(first), Last: pr.Date(last), Total: pr.Number(sum), Marks: thresholds(pr, law, v),
		Label: pr.T("web.days.label", "first", first, "last", last, "best", best.Day, "count", best.Count)}
	chart.Counts, d.Weekly = spread(days)
	chart.Most = pr.T("web.days.most", "count", slices.Max(chart.Counts))
	step, tip := 1, "web.days.tip"
	if d.Weekly {
		step, tip = 7, "web.days.tip.week"
	}
	for i, n := range chart.Counts {
		chart.Titles = append(chart.Titles, pr.T(tip, "date", pr.Date(first.AddDays(i*step)), "count", n))
	}
	d.Picture, d.Narrow = draw.Chart(chart), draw.NarrowChart(chart)
	return d, nil
}

// thresholds are the numbers the law has for a petition.
func thresholds(pr *i18n.Printer, law *petition.Profile, v store.Public) []draw.Mark {
	if v.Kind == petition.KindProposal {
		return nil
	}
	var marks []draw.Mark
	for _, s := range law.Stages {
		need := v.Needed(s)
		if r, ok := v.Reached(s.ID); ok {
			need = r.Threshold
		}
		if need > 0 && !slices.ContainsFunc(marks, func(m draw.Mark) bool { return m.Value == need }) {
			marks = append(marks, draw.Mark{Value: need, Text: pr.Number(need) + " · " + inLang(s.Name, pr.Lang()), Short: pr.Number(need)})
		}
	}
	return marks
}

// spread lays days, or weeks when there are many, side by side; days without
// signatures keep their room.
func spread(days []store.DayCount) (counts []int64, weekly bool) {
	first := days[0].Day
	span := first.DaysUntil(days[len(days)-1].Day) + 1
	step := 1
	if span > maxBars {
		step, weekly = 7, true
	}
	counts = make([]int64, (span+step-1)/step)
	for _, d := range days {
		counts[first.DaysUntil(d.Day)/step] += d.Count
	}
	return counts, weekly
}
