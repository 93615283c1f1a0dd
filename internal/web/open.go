package web

import (
	"context"
	"fmt"
	"net/http"
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
	In          petition.Lang // of the words about it, "" for the page's
}

// getDemands is the register of what authorities demanded, the latest first.
func (w *Web) getDemands(l petition.Lang) httpd.Handler {
	return w.openList(l, "/demands", func(ctx context.Context, page int, p Page) (any, error) {
		list, err := w.store.PublicDemands(ctx, w.law.Today(w.now()), (page-1)*openPage, openPage)
		d := demandsData{Page: p, Hidden: list.Hidden, Pager: pages(l, "/demands", page, list.Total)}
		for _, x := range list.Items {
			row := demandRow{Demand: x, In: writtenIn(x.Ground+x.Asked+x.Done+x.Reason+x.DelayGround, l)}
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
