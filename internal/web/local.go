package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

// localMax is how many petitions are on the page of a place.
const localMax = 50

// localRoutes registers what is signed where.
func (w *Web) localRoutes(mux *http.ServeMux) {
	w.each(mux, "GET", "/places", w.getPlaces)
	w.each(mux, "GET", "/places/{code}", w.getPlace)
}

// localData is the page that asks for a place, and that of a place.
type localData struct {
	Page
	Place  string // its name; "" where one is asked for
	Intro  string
	Choice choice
	Cards  []card
	Cell   int64 // fewer signatures from a place are not told
}

// localPage is the page of a place, or that of the choice.
func (w *Web) localPage(l petition.Lang, code string) localData {
	pr := w.bundle.Printer(l)
	d := localData{Cell: max(w.law.Counts.Cell, store.LocalLeast), Intro: pr.T("local.lede")}
	d.Choice = choice{Name: "place", Label: pr.T("web.places.place"), Options: w.placeOptions(l, w.law, code)}
	path, title := "/places", pr.T("local.title")
	if code == "" {
		d.Choice.None = pr.T("local.choose")
	} else {
		d.Place = w.placeName(l, w.law, code)
		path, title, d.Intro = "/places/"+url.PathEscape(code), pr.T("local.of", "place", d.Place), pr.T("local.intro")
	}
	d.Page = w.page(l, path, title)
	d.Active, d.Description, d.Data = "petitions", d.Intro, "/api/v1"+path
	return d
}

// getPlaces asks whose signatures the reader wants to see. A place that was
// chosen has a page of its own.
func (w *Web) getPlaces(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		q, err := httpd.Query(r)
		if err != nil {
			return err
		}
		if code := q.Get("place"); code != "" && w.knownPlace(w.law, code) {
			return seeOther(rw, "/"+string(l)+"/places/"+url.PathEscape(code))
		}
		return w.cached(rw, r, l, "places", func(context.Context) (view, error) {
			return view{"local", w.localPage(l, "")}, nil
		})
	}
}

// getPlace lists the open petitions that were signed most in a place.
func (w *Web) getPlace(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		code := r.PathValue("code")
		if code == "" || !w.knownPlace(w.law, code) {
			return fmt.Errorf("%w: place", httpd.ErrNotFound)
		}
		return w.cached(rw, r, l, "place "+code, func(ctx context.Context) (view, error) {
			list, err := w.store.PublicLocal(ctx, code, localMax, w.choicesOf)
			if err != nil {
				return view{}, err
			}
			pr, d := w.bundle.Printer(l), w.localPage(l, code)
			for _, p := range list {
				c := w.card(l, p.Public, w.now())
				c.Facts = append(c.Facts, pr.T("local.all", "count", c.Count))
				c.Count, c.Figure, c.Word = p.Here, pr.Number(p.Here), pr.N("local.here", p.Here)
				c.Bar, c.Next = nil, ""
				d.Cards = append(d.Cards, c)
			}
			return view{"local", d}, nil
		})
	}
}

// choicesOf is how many places a signer of a petition could name.
func (w *Web) choicesOf(p petition.Petition) int {
	law := w.lawOf(p)
	set := w.places[law.Places]
	if set == nil {
		return 0
	}
	day := law.Today(w.now())
	if !p.OpenedAt.IsZero() {
		day = law.Today(p.OpenedAt)
	}
	return len(set.Named(day))
}

// localLink is the page of a place of signers; "" when it has none.
func (w *Web) localLink(l petition.Lang, set *place.Set, code string) string {
	if set == nil || set != w.places[w.law.Places] {
		return ""
	}
	return "/" + string(l) + "/places/" + url.PathEscape(code)
}
