package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/complaints"
	"github.com/dauys/dauys/internal/draw"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/register"
)

// Operator is who runs the site and answers for it; both are shown on every page.
type Operator struct {
	Name    string
	Contact string // an e-mail address or an https address; "" when none is set
}

// Options is what a Web is made of.
type Options struct {
	Bundle     *i18n.Bundle
	Store      *store.Store
	Signing    *signing.Service
	Moderation *moderation.Service
	Complaints *complaints.Service
	Staff      *staff.Service
	Cache      *httpd.Cache // of public pages
	Law        *petition.Profile
	Now        func() time.Time
	URL        string // public base URL, without a slash at the end
	Operator   Operator
	// Official says that the operator is the authority of the profile. Every
	// other site says on each page that it is not.
	Official bool
	// Bodies lists the public bodies a petition may be addressed to. Nil for none.
	Bodies func(context.Context) ([]register.Body, error)
	// Settings are what administrators decide at the desk and on the first run; nil for no such pages.
	Settings *settings.Service
	// Langs are the languages the pages offer, in order; nil for all.
	Langs []petition.Lang
	// Places are the places of Law; nil for the shipped ones.
	Places *place.Set
	// SetUp is told on the page about privacy.
	SetUp Deployment
	// Demo is the demonstration's own pages; nil on a real site.
	Demo *Demo
	// Dissolved is the day on which the assembly was dissolved; zero while it sits.
	Dissolved petition.Date
	// DraftLetter is the letter that a change would send to the petitioner, before
	// anything is saved; false when nobody would be written to. Nil for no previews.
	DraftLetter func(context.Context, petition.Change) (DraftLetter, bool, error)
	// DraftDelay is a letter about delay as a petitioner reads it. Nil for no such letters.
	DraftDelay func(petition.DelayText, petition.Lang) (DraftLetter, error)
}

// Web is the pages of one site. Safe for concurrent use after Routes.
type Web struct {
	bundle     *i18n.Bundle
	store      *store.Store
	signing    *signing.Service
	moderation *moderation.Service
	complaints *complaints.Service
	staff      *staff.Service
	cache      *httpd.Cache
	law        *petition.Profile
	dissolved  petition.Date
	now        func() time.Time
	url        string
	site       site
	bodies     func(context.Context) ([]register.Body, error)
	settings   *settings.Service
	demo       *Demo
	setUp      Deployment
	draft      func(context.Context, petition.Change) (DraftLetter, bool, error)
	draftDelay func(petition.DelayText, petition.Lang) (DraftLetter, error)

	places    map[string]*place.Set
	atlas     *draw.Atlas
	font      *draw.Font
	pictures  *pictures
	offers    offers
	codes     codes
	documents documents
	same      samePages
	assets    *httpd.Assets
	templates map[petition.Lang]*templateSet
	feet      map[petition.Lang]template.HTML // of every page
	buffers   sync.Pool                       // of *bytes.Buffer, for pages
	server    *httpd.Server                   // set by Routes
}

// New makes the pages: it parses every template and reads the static files
// and the shipped places.
func New(o Options) (*Web, error) {
	if o.Bundle == nil || o.Law == nil || o.Now == nil || o.Cache == nil {
		return nil, errors.New("web: Bundle, Law, Now and Cache are needed")
	}
	w := &Web{
		dissolved: o.Dissolved, bundle: o.Bundle, store: o.Store, signing: o.Signing, moderation: o.Moderation, complaints: o.Complaints, staff: o.Staff,
		cache: o.Cache, law: o.Law, now: o.Now, url: strings.TrimSuffix(o.URL, "/"),
		site:   site{Operator: o.Operator, Foreign: !o.Official, Demo: o.Demo != nil, Langs: o.Langs},
		bodies: o.Bodies, settings: o.Settings, demo: o.Demo, setUp: o.SetUp, draft: o.DraftLetter, draftDelay: o.DraftDelay, places: map[string]*place.Set{},
	}
	for _, id := range place.IDs() {
		set, err := place.Shipped(id)
		if err != nil {
			return nil, fmt.Errorf("web: %w", err)
		}
		w.places[id] = set
	}
	if o.Places != nil {
		w.places[o.Law.Places] = o.Places
	}
	files, err := fs.Sub(static, "static")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if w.assets, err = httpd.NewAssets(files, httpd.NewCompressor(), httpd.Join{Dir: "css", Name: "app.css"}, httpd.Join{Dir: "js", Name: "app.js"}); err != nil {
		return nil, err
	}
	if w.atlas, err = draw.NewAtlas(); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if w.font, err = draw.NewFont(); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	w.pictures = newPictures()
	w.buffers.New = func() any { return new(bytes.Buffer) }
	w.same.pages, w.same.lately = map[string]parts{}, map[moment]parts{}
	w.offers.of = map[petition.Lang]offer{}
	if w.templates, err = w.parseTemplates(); err != nil {
		return nil, err
	}
	w.feet = map[petition.Lang]template.HTML{}
	for _, l := range i18n.Langs() {
		if w.feet[l], err = w.part(l, "foot", w.page(l, "", "")); err != nil {
			return nil, fmt.Errorf("web: foot: %w", err)
		}
	}
	return w, nil
}

// Routes registers every page on mux. The server comes here and not with the
// options because it needs this Web's ErrorPage first.
func (w *Web) Routes(mux *http.ServeMux, s *httpd.Server) {
	w.server = s
	mux.Handle("GET /assets/{name...}", s.Page(w.assets.Serve))
	w.publicRoutes(mux)
	w.processRoutes(mux)
}

// noFields are handlers of a form that has a button and nothing to fill in.
func noFields(h func(petition.Lang) httpd.Handler) func(petition.Lang) httpd.Handler {
	return func(l petition.Lang) httpd.Handler {
		handle := h(l)
		return func(rw http.ResponseWriter, r *http.Request) error {
			if err := httpd.NoFields(r); err != nil {
				return err
			}
			return handle(rw, r)
		}
	}
}

// each registers h for a path below every language: "GET", "/petitions/{n}".
func (w *Web) each(mux *http.ServeMux, method, path string, h func(petition.Lang) httpd.Handler) {
	for _, l := range i18n.Langs() {
		mux.Handle(method+" /"+string(l)+path, w.server.Page(h(l)))
	}
}
