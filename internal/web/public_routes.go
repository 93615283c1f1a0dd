package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// publicRoutes registers what everybody may read, and the forms of signers.
func (w *Web) publicRoutes(mux *http.ServeMux) {
	w.each(mux, "GET", "/{$}", w.getHome)
	w.each(mux, "GET", "/petitions", w.getList)
	w.each(mux, "GET", "/petitions/{n}", w.getPetition)
	w.each(mux, "GET", "/petitions/{n}/embed", w.getEmbed)
	w.each(mux, "GET", "/petitions/{n}/share", w.getShare)
	w.each(mux, "GET", "/petitions/{n}/sign", w.getSign)
	w.each(mux, "POST", "/petitions/{n}/sign", w.postSign)
	w.each(mux, "GET", "/petitions/{n}/sent", w.getSent)
	w.each(mux, "GET", "/petitions/{n}/withdraw", w.getWithdraw)
	w.each(mux, "POST", "/petitions/{n}/withdraw", w.postWithdraw)
	w.each(mux, "GET", "/petitions/{n}/withdraw/sent", w.getWithdrawSent)
	w.each(mux, "GET", "/petitions/{n}/follow", w.getFollow)
	w.each(mux, "POST", "/petitions/{n}/follow", w.postFollow)
	w.each(mux, "GET", "/petitions/{n}/follow/sent", w.getFollowSent)
	w.each(mux, "GET", "/confirm/{token}", w.getConfirm)
	w.each(mux, "POST", "/confirm/{token}", noFields(w.postConfirm))
	w.each(mux, "GET", "/withdraw/{token}", w.getWithdrawal)
	w.each(mux, "POST", "/withdraw/{token}", noFields(w.postWithdrawal))
	w.each(mux, "GET", "/about", w.getAbout)
	w.each(mux, "GET", "/privacy", w.getPrivacy)
	w.each(mux, "GET", "/ledger", w.getLedger)
	w.each(mux, "GET", "/verify", w.getVerify)
	w.each(mux, "GET", "/accessibility", w.getAccessibility)
	w.each(mux, "GET", "/api", w.getDevelopers)
	w.pictureRoutes(mux)
	w.suggestRoutes(mux)
	mux.Handle("GET /u/{token}", w.server.Page(w.getUnsubscribe))
	mux.Handle("POST /u/{token}", w.server.Page(w.postUnsubscribe))
	mux.Handle("GET /robots.txt", w.server.Page(w.getRobots))
	mux.Handle("GET /manifest.json", w.server.Page(w.getManifest))
	mux.Handle("GET /favicon.ico", w.server.Page(w.getFavicon))
	mux.Handle("GET /{path...}", w.RedirectHandler())
}

// RedirectHandler sends whoever asks for a path without language to the same
// path in the reader's. What programs ask for is not found rather than moved.
func (w *Web) RedirectHandler() http.Handler {
	return w.server.Page(func(rw http.ResponseWriter, r *http.Request) error {
		if path.Ext(strings.TrimRight(r.URL.Path, "/")) != "" || strings.HasPrefix(r.URL.Path, "/api/") || strings.HasPrefix(r.URL.Path, "/log/") {
			return httpd.ErrNotFound
		}
		return httpd.RedirectToLang(rw, w.offered(r))
	})
}

// offered is the request of a reader who asks for a language of this site.
func (w *Web) offered(r *http.Request) *http.Request {
	langs := w.site.Langs
	if len(langs) == 0 || slices.Contains(langs, httpd.Lang(r)) {
		return r
	}
	r = r.Clone(r.Context())
	r.Header.Set("Accept-Language", string(langs[0]))
	return r
}

// getFavicon answers who asks for an icon without having read a page.
func (w *Web) getFavicon(rw http.ResponseWriter, _ *http.Request) error {
	h := rw.Header()
	h.Set("Location", w.assets.Path("mark.svg"))
	h.Set("Cache-Control", "public, max-age=86400")
	rw.WriteHeader(http.StatusMovedPermanently)
	return nil
}

// view is a public page: the template and its data.
type view struct {
	name string
	data any
}

// cached answers with a public page out of the cache. key names the route and
// everything else the page depends on but the language.
func (w *Web) cached(rw http.ResponseWriter, r *http.Request, l petition.Lang, key string, make func(context.Context) (view, error)) error {
	return w.cachedAs(rw, r, l, key, false, make)
}

// cachedAs is cached; once says that hardly anybody will ask for the page again.
func (w *Web) cachedAs(rw http.ResponseWriter, r *http.Request, l petition.Lang, key string, once bool, make func(context.Context) (view, error)) error {
	rw.Header()["Content-Language"] = w.templates[l].header
	return w.cache.Serve(rw, r, string(l)+" "+key, httpd.CachePublic, func(ctx context.Context) (httpd.Rendered, error) {
		v, err := make(ctx)
		if err != nil {
			return httpd.Rendered{}, err
		}
		buf := w.buffers.Get().(*bytes.Buffer)
		defer w.buffers.Put(buf)
		buf.Reset()
		if err := w.render(buf, l, v.name, v.data); err != nil {
			return httpd.Rendered{}, err
		}
		return httpd.Rendered{ContentType: htmlType, Body: bytes.Clone(buf.Bytes()), Once: once}, nil
	})
}

// number is the petition's number in the path, in its one canonical spelling.
func number(r *http.Request) (int64, error) {
	s := r.PathValue("n")
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("%w: petition %w", httpd.ErrNotFound, store.ErrNotFound)
	}
	return n, nil
}
