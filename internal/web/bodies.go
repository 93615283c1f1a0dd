package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// bodiesRoutes registers the pages of public bodies, the documents of public
// acts, and the desk's part of a delivery.
func (w *Web) bodiesRoutes(mux *http.ServeMux) {
	w.each(mux, "GET", "/bodies", w.getBodies)
	w.each(mux, "GET", "/bodies/{id}", w.getBody)
	w.each(mux, "POST", "/desk/petitions/{id}/delivery", w.postDeskDelivery)
	w.each(mux, "GET", "/desk/petitions/{id}/pack.txt", w.getPack(false))
	w.each(mux, "GET", "/desk/petitions/{id}/pack.pdf", w.getPack(true))
	mux.Handle("GET /files/{hash}", w.server.Page(w.getFile))
}

// bodiesData is the list of bodies with their numbers.
type bodiesData struct {
	Page
	Bodies []bodyNumbers
}

// bodyNumbers is a body and how it answers.
type bodyNumbers struct {
	ID, Name string
	store.BodyNumbers
	Median string // the median time to answer in words; "" for none
}

func (w *Web) bodyNumbers(pr *i18n.Printer, b store.PublicBody) bodyNumbers {
	n := bodyNumbers{ID: b.ID, Name: b.Name(string(pr.Lang())), BodyNumbers: b.BodyNumbers}
	if b.Timed > 0 {
		n.Median = pr.N("web.bodies.days", int64(b.MedianDays)) + " (" + pr.N("web.bodies.workdays", int64(b.MedianWorkdays)) + ")"
	}
	return n
}

// getBodies lists the bodies that public petitions are addressed to; those that
// are late come first.
func (w *Web) getBodies(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.cached(rw, r, l, "bodies", func(ctx context.Context) (view, error) {
			list, err := w.store.PublicBodies(ctx, w.law.Today(w.now()))
			if err != nil {
				return view{}, err
			}
			pr := w.bundle.Printer(l)
			d := bodiesData{Page: w.page(l, "/bodies", pr.T("web.bodies.title"))}
			d.Active, d.Description = "bodies", pr.T("web.bodies.lede")
			for _, b := range list {
				d.Bodies = append(d.Bodies, w.bodyNumbers(pr, b))
			}
			slices.SortStableFunc(d.Bodies, func(a, b bodyNumbers) int {
				return cmp.Or(cmp.Compare(b.Overdue, a.Overdue), cmp.Compare(b.Petitions, a.Petitions), pr.Compare(a.Name, b.Name))
			})
			return view{"bodies", d}, nil
		})
	}
}

// bodyPageMax is how many petitions each part of a body's page lists.
const bodyPageMax = 10

// bodyPageData is the page of one body.
type bodyPageData struct {
	Page
	Numbers bodyNumbers
	Contact string
	Parts   []bodyPart
	All     string // address of all petitions to the body
}

// bodyPart is petitions in one state.
type bodyPart struct {
	Title string
	Total int
	Cards []card
}

// getBody is the page of one body with its petitions by state.
func (w *Web) getBody(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("id")
		if !register.ValidID(id) {
			return fmt.Errorf("%w: body", httpd.ErrNotFound)
		}
		return w.cached(rw, r, l, "body "+id, func(ctx context.Context) (view, error) {
			b, err := w.store.PublicBody(ctx, id, w.law.Today(w.now()))
			if errors.Is(err, store.ErrNotFound) {
				return view{}, fmt.Errorf("%w: %w", httpd.ErrNotFound, err)
			} else if err != nil {
				return view{}, err
			}
			pr := w.bundle.Printer(l)
			d := bodyPageData{Numbers: w.bodyNumbers(pr, b), Contact: b.Email, All: "/" + string(l) + "/petitions?body=" + id}
			d.Page = w.page(l, "/bodies/"+id, d.Numbers.Name)
			d.Active, d.Data = "bodies", "/api/v1/bodies/"+id
			d.Parts, err = w.bodyParts(ctx, pr, id)
			return view{"body", d}, err
		})
	}
}

func (w *Web) bodyParts(ctx context.Context, pr *i18n.Printer, id string) ([]bodyPart, error) {
	var parts []bodyPart
	now := w.now()
	for _, part := range []struct {
		key   string
		facet store.Facet
	}{{"waiting", store.FacetAwaitingResponse}, {"with-answer", store.FacetWithResponse}, {"collecting", store.FacetOpen}, {"other", store.FacetClosed}} {
		list, err := w.store.PublicList(ctx, store.ListQuery{Facet: part.facet, Body: id, Limit: bodyPageMax})
		if err != nil {
			return nil, err
		}
		if list.Total == 0 {
			continue
		}
		p := bodyPart{Title: pr.T("web.bodies." + part.key), Total: list.Total}
		for _, v := range list.Items {
			p.Cards = append(p.Cards, w.card(pr.Lang(), v, now))
		}
		parts = append(parts, p)
	}
	return parts, nil
}
