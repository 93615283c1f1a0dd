package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
)

// endpoint is one address programs may ask for; What is a message key.
type endpoint struct{ Path, What string }

// Whole reports whether the address can be followed as it is.
func (e endpoint) Whole() bool { return !strings.Contains(e.Path, "{") }

// endpoints are those worth naming to people; the OpenAPI document is complete.
var endpoints = []endpoint{
	{"/petitions.json", "dev.list"},
	{"/petitions/{n}.json", "dev.petition"},
	{"/petitions/{n}/count.json", "dev.count"},
	{"/petitions.csv", "dev.csv"},
	{"/petitions.atom", "dev.atom"},
	{"/archived/petitions.json", "dev.archived"},
	{"/trending.json", "dev.trending"},
	{"/api/v1/openapi.json", "dev.openapi"},
	{"/api/v1/petitions", "dev.v1"},
	{"/api/v1/places", "dev.places"},
	{"/api/v1/places/{code}", "dev.place"},
}

// problem is one kind of failure, as the type of a problem document names it.
type problem struct{ Key, Title, Text string }

type developersData struct {
	Page
	Compatible, Own []endpoint
	Problems        []problem
}

// getDevelopers is the API for people: what there is, what it promises, and
// what each problem document means.
func (w *Web) getDevelopers(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.cached(rw, r, l, "developers", func(context.Context) (view, error) { return w.developers(l), nil })
	}
}

func (w *Web) developers(l petition.Lang) view {
	pr := w.bundle.Printer(l)
	d := developersData{Page: w.page(l, "/api", pr.T("dev.title"))}
	for _, e := range endpoints {
		if strings.HasPrefix(e.Path, "/api/") {
			d.Own = append(d.Own, e)
		} else {
			d.Compatible = append(d.Compatible, e)
		}
	}
	for _, key := range w.bundle.Keys() {
		name, ok := strings.CutSuffix(key, ".title")
		if name, problemKey := strings.CutPrefix(name, "error."); ok && problemKey && !strings.Contains(name, ".") {
			d.Problems = append(d.Problems, problem{Key: name, Title: pr.T(key), Text: pr.T("error." + name + ".text")})
		}
	}
	return view{"developers", d}
}
