package web

import (
	"context"
	"net/http"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

type homeData struct {
	Page
	Law                     *petition.Profile
	Totals                  store.Totals
	Open, Answered, Waiting []card
}

// getHome is the first page.
func (w *Web) getHome(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.cached(rw, r, l, "home", func(ctx context.Context) (view, error) { return w.home(ctx, l) })
	}
}

func (w *Web) home(ctx context.Context, l petition.Lang) (view, error) {
	pr := w.bundle.Printer(l)
	d := homeData{Page: w.page(l, "", pr.T("web.home.title")), Law: w.law}
	d.Description, d.Feed = pr.T("web.home.lede"), "/petitions.atom"
	var err error
	if d.Totals, err = w.store.Totals(ctx); err != nil {
		return view{}, err
	}
	for _, part := range []struct {
		into  *[]card
		query store.ListQuery
	}{
		{&d.Open, store.ListQuery{Facet: store.FacetOpen, Limit: 6}},
		{&d.Answered, store.ListQuery{Facet: store.FacetWithResponse, Limit: 3}},
		{&d.Waiting, store.ListQuery{Facet: store.FacetAwaitingResponse, Limit: 3}},
	} {
		if *part.into, _, err = w.cards(ctx, l, part.query); err != nil {
			return view{}, err
		}
	}
	return view{"home", d}, nil
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
