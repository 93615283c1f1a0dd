package api

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

const (
	xmlType = "application/xml; charset=utf-8"
	// A site map may have 50,000 addresses; each petition has one a language.
	// A part has the petitions of as many numbers, far fewer, so that making one
	// stays cheap, and what a new petition changes is one part.
	mapPart = 1_000
	// mapWhole is how many petitions one map without parts still holds.
	mapWhole = 2_000

	mapSpace  = `http://www.sitemaps.org/schemas/sitemap/0.9`
	htmlSpace = `http://www.w3.org/1999/xhtml`
)

// sitemap answers /sitemap.xml: all public petitions in all languages, or,
// when there are many, the index of the parts.
func (a *API) sitemap(w http.ResponseWriter, r *http.Request) error {
	return a.serveMap(w, r, "sitemap", func(ctx context.Context, b *bytes.Buffer) error {
		all, err := a.Store.NumberedBetween(ctx, 1, maxNumber, mapWhole+1)
		if err != nil {
			return err
		}
		if len(all) <= mapWhole {
			a.urlset(b, all, true)
			return nil
		}
		ranges, err := a.mapRanges(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "<sitemapindex xmlns=%q><sitemap><loc>%s/sitemaps/site.xml</loc></sitemap>", mapSpace, escaped(a.base))
		for _, part := range ranges {
			fmt.Fprintf(b, "<sitemap><loc>%s/sitemaps/%d.xml</loc><lastmod>%s</lastmod></sitemap>", escaped(a.base), part.Index, a.Law.Today(part.Updated))
		}
		b.WriteString("</sitemapindex>")
		return nil
	})
}

// mapped are the parts of the site map in one hour. Finding them reads all
// petitions, so a part whose first petition is new appears within the hour.
type mapped struct {
	mu     sync.Mutex // guards what follows
	hour   time.Time
	ranges []store.NumberRange
}

func (a *API) mapRanges(ctx context.Context) ([]store.NumberRange, error) {
	hour := a.Now().Truncate(time.Hour)
	a.mapped.mu.Lock()
	defer a.mapped.mu.Unlock()
	if a.mapped.hour.Equal(hour) {
		return a.mapped.ranges, nil
	}
	ranges, err := a.Store.NumberRanges(ctx, mapPart)
	if err == nil {
		a.mapped.hour, a.mapped.ranges = hour, ranges
	}
	return ranges, err
}

// sitemapPart answers /sitemaps/{n}.xml, the petitions numbered from n
// thousands on, and /sitemaps/site.xml, the other pages.
func (a *API) sitemapPart(w http.ResponseWriter, r *http.Request) error {
	name, ok := strings.CutSuffix(r.PathValue("file"), ".xml")
	n, valid := number(name)
	if !ok || !valid && name != "0" && name != "site" || n > maxNumber/mapPart {
		return httpd.ErrNotFound
	}
	return a.serveMap(w, r, "sitemap:"+name, func(ctx context.Context, b *bytes.Buffer) error {
		if name == "site" {
			a.urlset(b, nil, true)
			return nil
		}
		list, err := a.Store.NumberedBetween(ctx, n*mapPart, (n+1)*mapPart-1, mapPart)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fmt.Errorf("%w: part of the site map", httpd.ErrNotFound)
		}
		a.urlset(b, list, false)
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
func (a *API) urlset(b *bytes.Buffer, items []store.Numbered, site bool) {
	fmt.Fprintf(b, "<urlset xmlns=%q xmlns:xhtml=%q>", mapSpace, htmlSpace)
	if site {
		for _, path := range []string{"/", "/petitions", "/start", "/about", "/privacy", "/moderation", "/removals", "/demands", "/complain"} {
			a.mapURLs(b, path, "")
		}
	}
	for _, p := range items {
		modified := ""
		if p.Origin != store.UKCSV {
			modified = a.law(petition.Petition{Profile: p.Profile}).Today(p.Updated).String()
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
