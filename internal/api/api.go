package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

// Options is what an API is made of. All is needed.
type Options struct {
	Store  *store.Store
	Laws   petition.Laws
	Law    *petition.Profile             // what new petitions are pinned to
	Places func(setID string) *place.Set // nil for a set nobody knows
	URL    string                        // public base URL
	Bundle *i18n.Bundle
	Cache  *httpd.Cache
	Server *httpd.Server
	Now    func() time.Time
}

// API answers programs. Safe for concurrent use.
type API struct {
	Options
	base string // URL without a trailing slash
	host string // authority in the ids of feeds
	spec []byte // the OpenAPI document, made once by New

	mapped mapped
}

// New makes an API. It fails when something needed is missing or URL is none.
func New(o Options) (*API, error) {
	if o.Store == nil || o.Laws == nil || o.Law == nil || o.Places == nil || o.Bundle == nil || o.Cache == nil || o.Server == nil || o.Now == nil {
		return nil, errors.New("api: Store, Laws, Law, Places, Bundle, Cache, Server and Now are needed")
	}
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("api: public URL %q", o.URL)
	}
	a := &API{Options: o, base: strings.TrimSuffix(o.URL, "/"), host: u.Hostname()}
	if a.spec, err = a.v1(http.NewServeMux()); err != nil {
		return nil, err
	}
	return a, nil
}

// Routes registers every route of the API on mux. Other routes below
// /petitions/ must have more segments than one.
func (a *API) Routes(mux *http.ServeMux) error {
	a.get(mux, "/petitions.json", a.list(current))
	a.get(mux, "/petitions.csv", a.listCSV(current))
	a.get(mux, "/petitions.atom", a.listAtom)
	a.get(mux, "/petitions/{file}", a.petition(current))
	a.get(mux, "/petitions/{n}/count.json", a.count)
	a.get(mux, "/archived/petitions", archivedPage)
	a.get(mux, "/archived/petitions.json", a.list(archived))
	a.get(mux, "/archived/petitions.csv", a.listCSV(archived))
	a.get(mux, "/archived/petitions/{file}", a.petition(archived))
	a.get(mux, "/trending.json", a.trending)
	a.get(mux, "/topics.json", a.topics)
	a.get(mux, "/constituencies.json", a.constituencies)
	a.get(mux, "/parliaments.json", a.parliaments)
	a.get(mux, "/parliaments/{file}", a.parliament)
	a.get(mux, "/parliaments/{period}/constituencies.json", a.parliamentConstituencies)
	a.get(mux, "/moderation.csv", a.exported("moderation.csv", a.moderationRows))
	a.get(mux, "/removals.csv", a.exported("removals.csv", a.removalRows))
	a.get(mux, "/demands.csv", a.exported("demands.csv", a.demandRows))
	a.get(mux, "/sitemap.xml", a.sitemap)
	a.get(mux, "/sitemaps/{file}", a.sitemapPart)
	a.get(mux, "/api/v1/openapi.json", a.openAPI)
	_, err := a.v1(mux)
	return err
}

// get registers h for GET and HEAD, with CORS on every answer, errors too.
func (a *API) get(mux *http.ServeMux, path string, h httpd.Handler) {
	mux.Handle("GET "+path, a.Server.API(func(w http.ResponseWriter, r *http.Request) error {
		openToAll(w)
		return h(w, r)
	}))
	mux.Handle("OPTIONS "+path, a.Server.API(preflight))
}

// openToAll lets pages of any site read the answer. There is nothing in it
// that depends on who asks.
func openToAll(w http.ResponseWriter) {
	httpd.Data(w)
	h := w.Header()
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Expose-Headers"] = exposed
	h["Cross-Origin-Resource-Policy"] = crossOrigin
}

// What openToAll says, shared by all answers and never written to.
var (
	anyOrigin   = []string{"*"}
	exposed     = []string{"ETag, Link, " + httpd.PollHeader}
	crossOrigin = []string{"cross-origin"}
)

func preflight(w http.ResponseWriter, _ *http.Request) error {
	openToAll(w)
	h := w.Header()
	h.Set("Allow", "GET, HEAD, OPTIONS")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Accept, Accept-Language, Content-Type, If-None-Match, If-Modified-Since")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

const jsonType = "application/json; charset=utf-8"

// serveJSON answers with what build gives, kept under key.
func (a *API) serveJSON(w http.ResponseWriter, r *http.Request, key string, build func(context.Context) (any, error)) error {
	return a.Cache.Serve(w, r, key, httpd.CachePublic, func(ctx context.Context) (httpd.Rendered, error) {
		v, err := build(ctx)
		if err != nil {
			return httpd.Rendered{}, err
		}
		body, err := encode(v)
		return httpd.Rendered{ContentType: jsonType, Body: body}, err
	})
}

// encodeIndented is encode for people to read, with a line's end.
func encodeIndented(v any) ([]byte, error) {
	b, err := encode(v)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, b, "", "  ")
	return append(out.Bytes(), '\n'), err
}

// encode writes JSON without escapes for HTML: what was imported comes back as it was.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// known is the petition with this number when everyone may see it, ErrGone
// when it was taken down, is hidden or taken back, ErrNotFound when it never was public.
func (a *API) known(ctx context.Context, number int64) (store.Public, error) {
	p, err := a.Store.PublicPetition(ctx, number)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return p, fmt.Errorf("%w: petition", httpd.ErrNotFound)
	case err == nil && (p.State == petition.Removed || p.State == petition.Hidden || p.State == petition.Withdrawn):
		return p, fmt.Errorf("%w: petition", httpd.ErrGone)
	}
	return p, err
}

// afford refuses a network that searches more than people do: other lists are
// few and in the cache, while every search is work of its own. Who may search
// waits for the index.
func (a *API) afford(r *http.Request, q string) error {
	if q == "" {
		return nil
	}
	if err := a.Server.AllowClient(r, httpd.RuleSearch); err != nil {
		return err
	}
	a.Store.WaitForIndex(r.Context())
	return nil
}

// maxNumber is the largest number that every program reads exactly.
const maxNumber = 1 << 53

// number reads a public number as it stands in addresses: no sign, no leading zero.
func number(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n > 0 && n <= maxNumber && strconv.FormatInt(n, 10) == s
}

// law is the profile that a petition made here is pinned to. Imported ones
// have none; their times are told as the site's own law would.
func (a *API) law(p petition.Petition) *petition.Profile {
	if law := a.Laws.Of(p); law != nil {
		return law
	}
	return a.Law
}
