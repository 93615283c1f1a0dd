package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// openPage is how many rows a page of the registers has.
const openPage = 50

// pageOf is the page asked for.
func pageOf(r *http.Request) (int, error) {
	q, err := httpd.Query(r)
	if err != nil {
		return 0, err
	}
	page, _ := strconv.Atoi(q.Get("page")) // anything else is the first page
	return min(max(page, 1), 10_000), nil
}

// pages leads to the other pages of a list of total rows at path.
func pages(l petition.Lang, path string, page, total int) pager {
	at := func(n int) string { return "/" + string(l) + path + "?page=" + strconv.Itoa(n) }
	p := pager{Current: page, Pages: (total + openPage - 1) / openPage}
	if page > 1 {
		p.First, p.Prev = at(1), at(page-1)
	}
	if page < p.Pages {
		p.Next, p.Last = at(page+1), at(p.Pages)
	}
	return p
}

// openList answers with a page of a public list, kept in the cache for the day.
func (w *Web) openList(l petition.Lang, path string, make func(ctx context.Context, page int, p Page) (any, error)) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		page, err := pageOf(r)
		if err != nil {
			return err
		}
		key := fmt.Sprintf("open:%s:%d@%s", path, page, w.law.Today(w.now()))
		return w.cached(rw, r, l, key, func(ctx context.Context) (view, error) {
			p := w.page(l, path, w.bundle.Printer(l).T(path[1:]+".title"))
			if page > 1 {
				p.Query = "page=" + strconv.Itoa(page)
			}
			d, err := make(ctx, page, p)
			return view{path[1:], d}, err
		})
	}
}

// demandsData is a page of the register of demands.
type demandsData struct {
	Page
	Rows   []demandRow
	Hidden int
	Pager  pager
}

// demandRow is a demand with the page of its petition, "" for none.
type demandRow struct {
	petition.Demand
	PetitionURL string
}

// getDemands is the register of what authorities demanded, the latest first.
func (w *Web) getDemands(l petition.Lang) httpd.Handler {
	return w.openList(l, "/demands", func(ctx context.Context, page int, p Page) (any, error) {
		list, err := w.store.PublicDemands(ctx, w.law.Today(w.now()), (page-1)*openPage, openPage)
		d := demandsData{Page: p, Hidden: list.Hidden, Pager: pages(l, "/demands", page, list.Total)}
		for _, x := range list.Items {
			row := demandRow{Demand: x}
			if x.Number != 0 {
				row.PetitionURL = "/" + string(l) + petitionPath(x.Number)
			}
			d.Rows = append(d.Rows, row)
		}
		return d, err
	})
}

// removalsData is a page of what was removed and refused.
type removalsData struct {
	Page
	Rows  []removalRow
	Pager pager
}

// removalRow is one removal with the ground it rests on.
type removalRow struct {
	URL, Name    string
	Lang         petition.Lang // of the name; "" for the page's
	On           petition.Date
	Kind         string
	Reason, Note string
	Cite         citation
}

// getRemovals lists every petition that was refused, hidden, taken back after
// it was published, or removed, the latest first.
func (w *Web) getRemovals(l petition.Lang) httpd.Handler {
	return w.openList(l, "/removals", func(ctx context.Context, page int, p Page) (any, error) {
		list, total, err := w.store.PublicRemovals(ctx, (page-1)*openPage, openPage)
		d := removalsData{Page: p, Pager: pages(l, "/removals", page, total)}
		for _, x := range list {
			d.Rows = append(d.Rows, w.removalRow(w.bundle.Printer(l), x))
		}
		return d, err
	})
}

func (w *Web) removalRow(pr *i18n.Printer, x store.Removal) removalRow {
	law := w.lawOf(petition.Petition{Profile: x.Profile})
	row := removalRow{URL: "/" + string(pr.Lang()) + petitionPath(x.Number), Name: x.Title, Lang: x.Lang, On: law.Today(x.At),
		Kind: pr.T("removals.kind." + string(x.Kind)), Reason: x.Reason, Note: x.Note}
	if x.Title == "" {
		row.Name, row.Lang = pr.T("removals.untitled", "number", strconv.FormatInt(x.Number, 10)), ""
	}
	if reason, ok := law.Reason(x.Reason); ok {
		row.Reason, row.Cite = inLang(reason.Text, pr.Lang()), w.cite(pr, reason.Cite.Article)
	}
	return row
}

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
	Months                        []petition.Figures
	Columns                       []petition.Act // of the table of months
	Chart                         []monthBars
	Width, Height                 int
	NoDays                        int
}

// namedCount is a line of a table of numbers.
type namedCount struct {
	Name  string
	Count int64
}

// monthBars is a month of the chart: published above, refused in front of it.
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
			Width: chartWidth, Height: chartHeight, NoDays: petition.NoDays,
			Columns: []petition.Act{petition.ActSubmitted, petition.ActPublished, petition.ActPublishedAuto, petition.ActRefused}}
		d.Query = ""
		d.All, d.Months = petition.Statistics(m.Tallies)
		for _, act := range petition.Acts() {
			d.Acts = append(d.Acts, namedCount{pr.T("moderation.act." + string(act)), d.All.Acts[act]})
		}
		for _, r := range w.law.Moderation.Reasons {
			if n := d.All.Reasons[r.Code]; n > 0 {
				d.Reasons = append(d.Reasons, namedCount{inLang(r.Text, l), n})
				delete(d.All.Reasons, r.Code)
			}
		}
		for _, code := range slices.Sorted(maps.Keys(d.All.Reasons)) { // of other laws
			d.Reasons = append(d.Reasons, namedCount{code, d.All.Reasons[code]})
		}
		d.Chart = monthChart(pr, d.Months)
		return d, nil
	})
}

// slowly says that moderation is late, to those whose petition is in it; nil
// when it is not. A page that cannot learn it goes without.
func (w *Web) slowly(ctx context.Context, pr *i18n.Printer, p petition.Petition) []string {
	if p.State != petition.Moderation && p.State != petition.Appealed {
		return nil
	}
	_, late, err := w.store.PublicWaiting(ctx, w.now())
	if err != nil || late == 0 {
		return nil
	}
	return []string{pr.N("moderation.slow", int64(late))}
}

// monthChart draws the last months, the earliest to the left: two bars each.
func monthChart(pr *i18n.Printer, months []petition.Figures) []monthBars {
	months = months[:min(len(months), chartMonths)]
	var most int64 = 1
	published := func(f petition.Figures) int64 {
		return f.Acts[petition.ActPublished] + f.Acts[petition.ActPublishedAuto] + f.Acts[petition.ActAppealGranted]
	}
	for _, m := range months {
		most = max(most, published(m), m.Acts[petition.ActRefused])
	}
	var out []monthBars
	for i := range months {
		m := months[len(months)-1-i]
		step := chartWidth / max(len(months), 6)
		high := func(n int64, x int) bar {
			h := int(n * chartHeight / most)
			return bar{X: x, Y: chartHeight - h, Width: max(step/2-3, 1), Height: h}
		}
		yes, no := published(m), m.Acts[petition.ActRefused]
		out = append(out, monthBars{Title: pr.T("moderation.chart", "month", m.Month, "published", pr.Number(yes), "refused", pr.Number(no)),
			Published: high(yes, i*step), Refused: high(no, i*step+step/2-2)})
	}
	return out
}
