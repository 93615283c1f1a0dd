package web

import (
	"context"
	"slices"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// maxRows is how many places a table shows before it is unfolded.
const maxRows = 20

// placeRow is a line of a table of places.
type placeRow struct {
	Name  string
	Lang  petition.Lang // of the name; "" for the page's
	Count int64
	Share string
}

// placesView is a table of signatures by place.
type placesView struct {
	Caption string
	Top     []placeRow
	Rest    []placeRow // unfolded on wish
	Cell    int64      // a place is named with this many; 0 when all are
}

// placesOf counts by place what the rules let be seen. Nil when nobody named one.
func (w *Web) placesOf(ctx context.Context, l petition.Lang, law *petition.Profile, v store.Public) (*placesView, error) {
	places := 0
	if set := w.places[law.Places]; set != nil {
		places = len(set.Options(law.Today(w.now()), w.signerKinds(law)...))
	}
	cells, other, err := w.store.PublicPlaces(ctx, v.Petition, places)
	if err != nil || len(cells) == 0 && other == 0 {
		return nil, err
	}
	located := other
	for _, c := range cells {
		located += c.Count
	}
	pr := w.bundle.Printer(l)
	slices.SortStableFunc(cells, func(a, b petition.Cell) int { return int(b.Count - a.Count) })
	var rows []placeRow
	for _, c := range cells {
		rows = append(rows, placeRow{Name: w.placeName(l, law, c.Code), Count: c.Count, Share: pr.Percent(c.Count, located)})
	}
	t := &placesView{Caption: pr.T("web.places.caption"), Cell: law.Counts.Cell}
	t.Top, t.Rest = rows[:min(len(rows), maxRows)], rows[min(len(rows), maxRows):]
	if other > 0 {
		row := placeRow{Name: pr.T("place.other"), Count: other, Share: pr.Percent(other, located)}
		if len(t.Rest) > 0 {
			t.Rest = append(t.Rest, row)
		} else {
			t.Top = append(t.Top, row)
		}
	}
	return t, nil
}

// The chart, in units of its own coordinates.
const (
	chartWidth  = 640
	chartHeight = 160
	maxBars     = 92 // more days are drawn by the week
)

// bar is one rectangle of the chart.
type bar struct{ X, Y, Width, Height int }

// dayRow is a line of the table below the chart.
type dayRow struct {
	Date  petition.Date
	Count int64
}

// daysView is the signatures by day, as a picture and as a table.
type daysView struct {
	Width, Height int
	Bars          []bar
	Label         string // what the picture says
	Weekly        bool
	First, Last   petition.Date
	Most          int64 // the highest bar
	Rows          []dayRow
}

// daysOf is nil while there are fewer than two days to compare.
func (w *Web) daysOf(ctx context.Context, l petition.Lang, law *petition.Profile, v store.Public, now time.Time) (*daysView, error) {
	days, err := w.store.PublicDays(ctx, v.Petition, law.Today(now))
	if err != nil || len(days) < 2 {
		return nil, err
	}
	pr := w.bundle.Printer(l)
	d := &daysView{Width: chartWidth, Height: chartHeight, First: days[0].Day, Last: days[len(days)-1].Day}
	best := days[0]
	for _, x := range days {
		d.Rows = append(d.Rows, dayRow{x.Day, x.Count})
		if x.Count > best.Count {
			best = x
		}
	}
	d.Bars, d.Most, d.Weekly = bars(days)
	d.Label = pr.T("web.days.label", "first", d.First, "last", d.Last, "best", best.Day, "count", best.Count)
	return d, nil
}

// bars draws days, or weeks when there are many; days without signatures keep
// their room. It returns the count of the highest bar.
func bars(days []store.DayCount) (out []bar, most int64, weekly bool) {
	first := days[0].Day
	span := first.DaysUntil(days[len(days)-1].Day) + 1
	step := 1
	if span > maxBars {
		step, weekly = 7, true
	}
	counts := make([]int64, (span+step-1)/step)
	for _, d := range days {
		counts[first.DaysUntil(d.Day)/step] += d.Count
	}
	most = max(slices.Max(counts), 1)
	wide := float64(chartWidth) / float64(len(counts))
	for i, n := range counts {
		if n == 0 {
			continue
		}
		left, right := int(float64(i)*wide), int(float64(i+1)*wide)
		high := max(2, int(n*chartHeight/most))
		out = append(out, bar{X: left, Y: chartHeight - high, Width: max(1, right-left-1), Height: high})
	}
	return out, most, weekly
}
