package web

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
)

// webManifest describes the site to a phone that keeps it among its programs
// (w3.org/TR/appmanifest). The display is the browser's: whoever signs should
// see at which address.
type webManifest struct {
	Name       string `json:"name"`
	ShortName  string `json:"short_name"`
	Lang       string `json:"lang"`
	ID         string `json:"id"`
	StartURL   string `json:"start_url"`
	Scope      string `json:"scope"`
	Display    string `json:"display"`
	Background string `json:"background_color"`
	Theme      string `json:"theme_color"`
	Icons      []struct {
		Src   string `json:"src"`
		Sizes string `json:"sizes"`
		Type  string `json:"type"`
	} `json:"icons"`
}

// getManifest answers /manifest.json in the reader's language.
func (w *Web) getManifest(rw http.ResponseWriter, r *http.Request) error {
	l := httpd.Lang(w.offered(r))
	pr := w.bundle.Printer(l)
	m := webManifest{Name: pr.T("web.site") + " · " + w.site.Operator.Name, ShortName: pr.T("web.site"), Lang: string(l), ID: "/", StartURL: "/" + string(l) + "/",
		Scope: "/", Display: "browser", Background: "#faf7f1", Theme: "#faf7f1"} // --paper of 00-tokens.css, by day
	m.Icons = append(m.Icons, struct {
		Src   string `json:"src"`
		Sizes string `json:"sizes"`
		Type  string `json:"type"`
	}{w.assets.Path("mark.svg"), "any", "image/svg+xml"})
	h := rw.Header()
	h.Set("Content-Type", "application/manifest+json; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=300, stale-while-revalidate=600")
	h.Add("Vary", "Accept-Language")
	return json.NewEncoder(rw).Encode(m)
}

// getRobots answers /robots.txt: what is behind a link of a letter, or the
// desk's, is in no search engine.
func (w *Web) getRobots(rw http.ResponseWriter, _ *http.Request) error {
	h := rw.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=3600")
	_, err := rw.Write([]byte("User-agent: *\nDisallow: /u/\nDisallow: /*/confirm/\nDisallow: /*/withdraw/\nDisallow: /*/mine/\n" +
		"Disallow: /*/p/\nDisallow: /*/organisation/\nDisallow: /*/setup/\nDisallow: /*/desk\nDisallow: /*/sign$\n" +
		"Sitemap: " + strings.TrimSuffix(w.url, "/") + "/sitemap.xml\n"))
	return err
}
