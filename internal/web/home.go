package web

import (
	"context"
	"net/http"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

type homeData struct {
	Page
	Totals         store.Totals
	Late           []late
	LateTotal      int
	Open, Answered []card
	Ladder         []rung
	Dissolved      string // that no petitions are taken now; "" when they are
}

// late is a petition whose answer is overdue.
type late struct {
	URL, Title string
	TitleLang  petition.Lang // "" when it is the page's
	Body       string
	Count      int64
	Days       int // since the term ended
}

// rung is a stage of the law: so many signatures, and what they lead to.
type rung struct{ At, What, Why string }

// getHome is the first page.
func (w *Web) getHome(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.cached(rw, r, l, "home", func(ctx context.Context) (view, error) { return w.home(ctx, l) })
	}
}

// home ranks nothing by what draws attention: what is overdue stands first,
// longest first; then the newest open petitions and the latest answers.
func (w *Web) home(ctx context.Context, l petition.Lang) (view, error) {
	pr := w.bundle.Printer(l)
	d := homeData{Page: w.page(l, "", pr.T("web.home.title")), Ladder: ladder(pr, w.law)}
	d.Description, d.Feed = pr.T("web.home.lede"), "/petitions.atom"
	if !w.moderation.TakesPetitions() {
		d.Dissolved = w.dissolvedNotice(pr)
	}
	var err error
	if d.Totals, err = w.store.Totals(ctx); err != nil {
		return view{}, err
	}
	if d.Late, d.LateTotal, err = w.overdue(ctx, l, 3); err != nil {
		return view{}, err
	}
	if d.Open, _, err = w.cards(ctx, l, store.ListQuery{Facet: store.FacetRecent, Limit: 5}); err != nil {
		return view{}, err
	}
	if d.Answered, _, err = w.cards(ctx, l, store.ListQuery{Facet: store.FacetWithResponse, Limit: 3}); err != nil {
		return view{}, err
	}
	return view{"home", d}, nil
}

// overdue are the petitions that have waited longest beyond their term, and how many there are.
func (w *Web) overdue(ctx context.Context, l petition.Lang, limit int) ([]late, int, error) {
	now := w.now()
	page, err := w.store.PublicList(ctx, store.ListQuery{Facet: store.FacetAll, DueBefore: w.law.Today(now), Limit: limit})
	if err != nil {
		return nil, 0, err
	}
	var list []late
	for _, v := range page.Items {
		c := w.card(l, v, now)
		x := late{URL: c.URL, Title: c.Title, TitleLang: c.TitleLang, Count: c.Count}
		if v.Body != "" {
			x.Body = w.bodyName(ctx, l, v.Body)
		}
		if due := w.duty(v); due != nil {
			x.Days = due.AnswerBy.DaysUntil(w.lawOf(v.Petition).Today(now))
		}
		list = append(list, x)
	}
	return list, page.Total, nil
}

func ladder(pr *i18n.Printer, law *petition.Profile) []rung {
	var rungs []rung
	for _, s := range law.Stages {
		rungs = append(rungs, rung{At: pr.StageNeeds(s, s.Threshold), What: inLang(s.Name, pr.Lang()), Why: inLang(s.Describe, pr.Lang())})
	}
	return rungs
}

// cards are the cards of one page of a list, and the page.
func (w *Web) cards(ctx context.Context, l petition.Lang, q store.ListQuery) ([]card, store.ListPage, error) {
	page, err := w.store.PublicList(ctx, q)
	if err != nil {
		return nil, page, err
	}
	now := w.now()
	cards := make([]card, len(page.Items))
	for i, v := range page.Items {
		if cards[i] = w.card(l, v, now); q.Search != "" {
			w.mark(l, &cards[i], v, page.Found.Marks)
		}
	}
	return cards, page, nil
}
