package api

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

const (
	xmlType = "application/xml; charset=utf-8"
	// A site map may have 50,000 addresses; each petition has one a language.
	// A part has fewer, so that making one stays cheap.
	mapWhole = 2_000 // petitions that one map still holds
	mapPart  = 1_000 // petitions of a part

	mapSpace  = `http://www.sitemaps.org/schemas/sitemap/0.9`
	htmlSpace = `http://www.w3.org/1999/xhtml`
)

// sitemap answers /sitemap.xml: all public petitions in all languages, or,
// when there are many, the index of the parts.
func (a *API) sitemap(w http.ResponseWriter, r *http.Request) error {
	return a.serveMap(w, r, "sitemap", func(ctx context.Context, b *bytes.Buffer) error {
		found, err := a.Store.PublicList(ctx, store.ListQuery{Facet: store.FacetAll, Sort: store.SortNewest, Limit: mapWhole})
		if err != nil {
			return err
		}
		if found.Total <= mapWhole {
			a.urlset(b, found.Items, true)
			return nil
		}
		fmt.Fprintf(b, "<sitemapindex xmlns=%q>", mapSpace)
		for part := range (found.Total + mapPart - 1) / mapPart {
			fmt.Fprintf(b, "<sitemap><loc>%s/sitemaps/%d.xml</loc></sitemap>", escaped(a.base), part+1)
		}
		b.WriteString("</sitemapindex>")
		return nil
	})
}

// sitemapPart answers /sitemaps/{n}.xml.
func (a *API) sitemapPart(w http.ResponseWriter, r *http.Request) error {
	name, ok := strings.CutSuffix(r.PathValue("file"), ".xml")
	n, valid := number(name)
	if !ok || !valid || n > 50_000 {
		return httpd.ErrNotFound
	}
	return a.serveMap(w, r, "sitemap:"+name, func(ctx context.Context, b *bytes.Buffer) error {
		found, err := a.Store.PublicList(ctx, store.ListQuery{Facet: store.FacetAll, Sort: store.SortNewest,
			Offset: int(n-1) * mapPart, Limit: mapPart})
		if err != nil {
			return err
		}
		if len(found.Items) == 0 {
			return fmt.Errorf("%w: part of the site map", httpd.ErrNotFound)
		}
		a.urlset(b, found.Items, n == 1)
		return nil
	})
}

func (a *API) serveMap(w http.ResponseWriter, r *http.Request, key string, build func(context.Context, *bytes.Buffer) error) error {
	return a.Cache.Serve(w, r, key, cacheMinutes, func(ctx context.Context) (httpd.Rendered, error) {
		b := bytes.NewBufferString(xml.Header)
		err := build(ctx, b)
		return httpd.Rendered{ContentType: xmlType, Body: b.Bytes()}, err
	})
}

// urlset writes the pages of petitions, and first those of the site.
func (a *API) urlset(b *bytes.Buffer, items []store.Public, site bool) {
	fmt.Fprintf(b, "<urlset xmlns=%q xmlns:xhtml=%q>", mapSpace, htmlSpace)
	if site {
		for _, path := range []string{"/", "/petitions", "/start", "/about", "/privacy", "/moderation", "/removals", "/demands", "/complain"} {
			a.mapURLs(b, path, "")
		}
	}
	for _, p := range items {
		modified := ""
		if p.Origin != store.UKCSV {
			modified = a.law(p.Petition).Today(p.UpdatedAt).String()
		}
		a.mapURLs(b, "/petitions/"+strconv.FormatInt(p.Number, 10), modified)
	}
	b.WriteString("</urlset>")
}

// mapURLs writes a page once in each language, each time with the others.
func (a *API) mapURLs(b *bytes.Buffer, path, modified string) {
	at := func(l petition.Lang) string { return escaped(a.base + "/" + string(l) + path) }
	for _, l := range i18n.Langs() {
		b.WriteString("<url><loc>" + at(l) + "</loc>")
		if modified != "" {
			b.WriteString("<lastmod>" + modified + "</lastmod>")
		}
		for _, other := range i18n.Langs() {
			b.WriteString(`<xhtml:link rel="alternate" hreflang="` + string(other) + `" href="` + at(other) + `"/>`)
		}
		b.WriteString("</url>")
	}
}

// escaped is s as XML text and attribute.
func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}
