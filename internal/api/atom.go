package api

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

const (
	atomType = "application/atom+xml; charset=utf-8"
	feedRows = 50
)

// feed is an Atom feed (rfc4287#4.1.1).
type feed struct {
	XMLName xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string     `xml:"xml:lang,attr"`
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated string     `xml:"updated"`
	Author  atomAuthor `xml:"author"`
	Links   []atomLink `xml:"link"`
	Entries []entry    `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type entry struct {
	Lang      string     `xml:"xml:lang,attr"`
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Published string     `xml:"published,omitempty"`
	Updated   string     `xml:"updated"`
	Links     []atomLink `xml:"link"`
	Summary   string     `xml:"summary,omitempty"`
}

// tag is a name that stays when the site moves to another path (rfc4151). The
// year only says that the host was ours then.
func (a *API) tag(path string) string { return "tag:" + a.host + ",2026:" + path }

func atomTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// newFeed is a feed without entries.
func (a *API) newFeed(lang petition.Lang, path, self, page, title string) feed {
	return feed{Lang: string(lang), ID: a.tag(path), Title: title, Updated: atomTime(time.Unix(0, 0)),
		Author: atomAuthor{a.host}, Links: []atomLink{{"self", "application/atom+xml", a.base + self}, {"alternate", "text/html", a.base + page}}}
}

func (a *API) serveAtom(w http.ResponseWriter, r *http.Request, key string, build func(context.Context) (feed, error)) error {
	return a.Cache.Serve(w, r, key, httpd.CachePublic, func(ctx context.Context) (httpd.Rendered, error) {
		f, err := build(ctx)
		if err != nil {
			return httpd.Rendered{}, err
		}
		body, err := xml.Marshal(f)
		if err != nil {
			return httpd.Rendered{}, fmt.Errorf("api: feed: %w", err)
		}
		return httpd.Rendered{ContentType: atomType, Body: append([]byte(xml.Header), body...)}, nil
	})
}

// listAtom answers /petitions.atom: the open petitions, newest first, in the
// language of the query or else the reader's.
func (a *API) listAtom(w http.ResponseWriter, r *http.Request) error {
	query, err := httpd.Query(r)
	if err != nil {
		return err
	}
	lang := petition.Lang(query.Get("lang"))
	if lang != "kk" && lang != "ru" && lang != "en" {
		lang = httpd.Lang(r)
		w.Header().Set("Vary", "Accept-Language")
	}
	return a.serveAtom(w, r, "atom:"+string(lang), func(ctx context.Context) (feed, error) {
		return a.petitionFeed(ctx, lang)
	})
}

func (a *API) petitionFeed(ctx context.Context, lang petition.Lang) (feed, error) {
	no := false
	found, err := a.Store.PublicList(ctx, store.ListQuery{Facet: store.FacetRecent, Archived: &no, Limit: feedRows})
	if err != nil {
		return feed{}, err
	}
	f := a.newFeed(lang, "petitions", "/petitions.atom?lang="+string(lang), "/"+string(lang)+"/petitions?state=recent",
		a.Bundle.Printer(lang).T("feed.petitions"))
	latest := time.Unix(0, 0)
	for _, p := range found.Items {
		text, in, _ := p.Texts.In(lang, p.Lang, "kk", "ru", "en")
		updated := later(a.updated(p), p.OpenedAt)
		latest = later(latest, updated)
		e := entry{Lang: string(in), ID: a.tag(fmt.Sprintf("petitions/%d", p.Number)), Title: text.Title,
			Updated: atomTime(updated), Links: a.pageLink(lang, p.Number), Summary: text.Ask}
		if !p.OpenedAt.IsZero() { // a list that was imported does not say
			e.Published = atomTime(p.OpenedAt)
		}
		f.Entries = append(f.Entries, e)
	}
	f.Updated = atomTime(latest)
	return f, nil
}

func later(t, u time.Time) time.Time {
	if u.After(t) {
		return u
	}
	return t
}

func (a *API) pageLink(lang petition.Lang, n int64) []atomLink {
	return []atomLink{{"alternate", "text/html", fmt.Sprintf("%s/%s/petitions/%d", a.base, lang, n)}}
}

// eventsAtom answers /petitions/{n}.atom: what became of one petition, in its
// own language.
func (a *API) eventsAtom(w http.ResponseWriter, r *http.Request, n int64) error {
	return a.serveAtom(w, r, fmt.Sprintf("atom:%d", n), func(ctx context.Context) (feed, error) {
		p, err := a.known(ctx, n)
		if err != nil {
			return feed{}, err
		}
		events, err := a.Store.PublicEvents(ctx, p.ID)
		if err != nil {
			return feed{}, err
		}
		return a.eventFeed(p, events), nil
	})
}

// told reports whether a feed tells of this kind of event, and whether signers
// brought it about: then the day is told and not the second.
func told(k petition.EventKind) (tell, bySigners bool) {
	switch k {
	case petition.EvPublished, petition.EvDelivered, petition.EvAnswered, petition.EvClosed, petition.EvRefused, petition.EvAppealed, petition.EvUpheld,
		petition.EvNews, petition.EvAddressed, petition.EvDissolved, petition.EvExtended, petition.EvMerged, petition.EvMergedIn, petition.EvOrgDisowned, petition.EvArchived:
		return true, false
	case petition.EvStage:
		return true, true
	}
	return false, false
}

func (a *API) eventFeed(p store.Public, events []petition.Event) feed {
	text, lang, _ := p.Texts.In(p.Lang, "kk", "ru", "en")
	if lang == "" {
		lang = p.Lang
	}
	words := a.Bundle.Printer(lang)
	path := fmt.Sprintf("petitions/%d", p.Number)
	f := a.newFeed(lang, path+"/events", "/"+path+".atom", fmt.Sprintf("/%s/%s", lang, path), text.Title)
	if f.Title == "" { // a text that is not shown
		f.Title = words.T("feed.petition", "number", strconv.FormatInt(p.Number, 10))
	}
	latest := later(time.Unix(0, 0), later(p.OpenedAt, p.RefusedAt))
	law := a.law(p.Petition)
	for i, e := range events {
		tell, bySigners := told(e.Kind)
		if !tell {
			continue
		}
		at := e.At
		if bySigners {
			at = dayOf(e.At, p.OpenedAt, law)
		}
		latest = later(latest, at)
		title := words.T("feed.event." + string(e.Kind))
		if s, ok := law.Stage(e.Data["stage"]); ok && e.Kind == petition.EvStage {
			title = words.T("feed.event.stage", "stage", s.Name[lang], "threshold", words.Number(p.Needed(s)))
		}
		row := entry{Lang: string(lang), ID: a.tag(fmt.Sprintf("%s/events/%d", path, i)), Title: title,
			Published: atomTime(at), Updated: atomTime(at), Links: a.pageLink(lang, p.Number)}
		if e.Kind == petition.EvNews {
			if p.HideText {
				continue
			}
			row.Lang, row.Title, row.Summary = e.Data["lang"], e.Data["title"], e.Data["text"]
		}
		f.Entries = append(f.Entries, row)
	}
	f.Updated = atomTime(latest)
	return f
}
