package web

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// The chart of moderation: the months it shows at most, its own coordinates.
const (
	chartMonths = 24
	chartWidth  = 640
	chartHeight = 160
)

// bar is one rectangle of the chart.
type bar struct{ X, Y, Width, Height int }

// moderationData is the statistics of moderation.
type moderationData struct {
	Page
	Waiting, Overdue              int
	Complaints, ComplaintsOverdue int
	All                           petition.Figures
	Acts                          []namedCount
	Reasons                       []namedCount
	Months                        []monthRow
	Columns                       []string // of the table of months, in words
	Chart                         []monthBars
	Most                          int64  // what the highest bar stands for
	First, Last                   string // the months at the ends of the chart
	Width, Height                 int
	NoDays                        int
}

// namedCount is a line of a table of numbers.
type namedCount struct {
	Name  string
	Count int64
}

// monthRow is a month of the table, its numbers in the order of the columns.
type monthRow struct {
	Key, Name string // 2026-11, and in words
	Counts    []namedCount
}

// monthBars is a month of the chart: published to the left, refused beside it.
type monthBars struct {
	Title              string
	Published, Refused bar
}

// getModeration is the statistics of moderation.
func (w *Web) getModeration(l petition.Lang) httpd.Handler {
	return w.openList(l, "/moderation", func(ctx context.Context, _ int, p Page) (any, error) {
		m, err := w.store.PublicModeration(ctx, w.now())
		if err != nil {
			return nil, err
		}
		pr := w.bundle.Printer(l)
		d := moderationData{Page: p, Waiting: m.Waiting, Overdue: m.Overdue, Complaints: m.Complaints, ComplaintsOverdue: m.ComplaintsOverdue,
			Width: chartWidth, Height: chartHeight, NoDays: petition.NoDays}
		d.Query = ""
		var months []petition.Figures
		d.All, months = petition.Statistics(m.Tallies)
		for _, act := range petition.Acts() {
			d.Acts = append(d.Acts, namedCount{pr.T("moderation.act." + string(act)), d.All.Acts[act]})
		}
		for _, r := range w.law.Moderation.Reasons {
			if n := d.All.Reasons[r.Code]; n > 0 {
				d.Reasons = append(d.Reasons, namedCount{inLang(r.Text, l), n})
				delete(d.All.Reasons, r.Code)
			}
		}
		for _, code := range slices.Sorted(maps.Keys(d.All.Reasons)) {
			d.Reasons = append(d.Reasons, namedCount{w.anyReason(l, code), d.All.Reasons[code]})
		}
		d.months(pr, months)
		return d, nil
	})
}

// anyReason is a reason in the words of whichever law has its code: petitions
// keep the law that they were submitted under.
func (w *Web) anyReason(l petition.Lang, code string) string {
	for _, law := range w.store.Laws() {
		if r, ok := law.Reason(code); ok {
			return inLang(r.Text, l)
		}
	}
	return code
}

// monthOf is the first day of a month like 2026-11; false for what is none.
func monthOf(key string) (petition.Date, bool) {
	var d petition.Date
	err := d.UnmarshalText([]byte(key + "-01"))
	return d, err == nil
}

func monthWords(pr *i18n.Printer, key string) string {
	if d, ok := monthOf(key); ok {
		return pr.MonthYear(d)
	}
	return key
}

// months fills the table and the chart.
func (d *moderationData) months(pr *i18n.Printer, months []petition.Figures) {
	columns := []petition.Act{petition.ActSubmitted, petition.ActPublished, petition.ActPublishedAuto, petition.ActRefused}
	for _, act := range columns {
		d.Columns = append(d.Columns, pr.T("moderation.act."+string(act)))
	}
	for _, m := range months {
		row := monthRow{Key: m.Month, Name: monthWords(pr, m.Month)}
		for i, act := range columns {
			row.Counts = append(row.Counts, namedCount{d.Columns[i], m.Acts[act]})
		}
		d.Months = append(d.Months, row)
	}
	d.chart(pr, everyMonth(months))
}

// everyMonth are the last months, the latest first, and those between in which
// nothing happened.
func everyMonth(months []petition.Figures) []petition.Figures {
	var all []petition.Figures
	for _, m := range months {
		on, ok := monthOf(m.Month)
		if !ok {
			continue
		}
		for len(all) > 0 && len(all) < chartMonths {
			before, _ := monthOf(all[len(all)-1].Month)
			gap := monthBefore(before)
			if gap == on {
				break
			}
			all = append(all, petition.Figures{Month: gap.String()[:len("2026-11")]})
		}
		if len(all) == chartMonths {
			break
		}
		all = append(all, m)
	}
	return all
}

func monthBefore(d petition.Date) petition.Date {
	if d.Month == time.January {
		return petition.Date{Year: d.Year - 1, Month: time.December, Day: 1}
	}
	return petition.Date{Year: d.Year, Month: d.Month - 1, Day: 1}
}

// chart draws the months, the earliest to the left: two bars each.
func (d *moderationData) chart(pr *i18n.Printer, months []petition.Figures) {
	if len(months) == 0 {
		return
	}
	d.Most = 1
	published := func(f petition.Figures) int64 {
		return f.Acts[petition.ActPublished] + f.Acts[petition.ActPublishedAuto] + f.Acts[petition.ActAppealGranted]
	}
	for _, m := range months {
		d.Most = max(d.Most, published(m), m.Acts[petition.ActRefused])
	}
	d.First, d.Last = monthWords(pr, months[len(months)-1].Month), monthWords(pr, months[0].Month)
	step := chartWidth / max(len(months), 6)
	high := func(n int64, x int) bar {
		h := int(n * chartHeight / d.Most)
		return bar{X: x, Y: chartHeight - h, Width: max(step*2/5, 1), Height: h}
	}
	for i, m := range slices.Backward(months) {
		x, yes, no := (len(months)-1-i)*step, published(m), m.Acts[petition.ActRefused]
		d.Chart = append(d.Chart, monthBars{Title: pr.T("moderation.chart", "month", monthWords(pr, m.Month), "published", pr.Number(yes), "refused", pr.Number(no)),
			Published: high(yes, x), Refused: high(no, x+step*2/5+1)})
	}
}
