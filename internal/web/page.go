package web

import (
	"net/http"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// site is what every page says of the site itself.
type site struct {
	Operator Operator
	Foreign  bool // not the authority's own site
	Demo     bool
	Langs    []petition.Lang // offered, in order; nil for all
}

// Page is what the layout needs. The data of every page embeds it.
type Page struct {
	Lang        petition.Lang
	Title       string     // without the name of the site
	Description string     // for search engines; "" for that of the site
	Path        string     // below the language, "" for the first page: the language switch leads to the same path
	Query       string     // without "?", kept by the language switch; public filters only
	Active      string     // which link of the header is this page: "petitions", "start", "about", "desk" or ""
	NoIndex     bool       // not for search engines; always set where a path holds a token
	Feed        string     // address of the page's Atom feed; "" for none
	Data        string     // address of the same as JSON; "" for none
	Invalid     bool       // the form was refused: the title says so first
	Staff       string     // who is logged in at the desk, in words; "" on public pages
	Desk        []deskLink // the parts of the desk that this officer may enter; nil elsewhere
	NoSwitch    bool       // the page has a language switch of its own, which keeps what was typed
	Narrow      bool       // one column of text: forms and plain pages
	Scripts     bool       // the page is enhanced; never where somebody signs, confirms or withdraws
	InDemo      bool       // a page about the demonstration itself, which needs no word that this is one
	Signs       bool       // the page has a button to sign, which stays at hand on a phone
	Site        site
	BaseURL     string

	// Preview is how the page looks where its address is shared; nil for none.
	Preview *preview
}

// page starts the data of a page. path is that of the request below the
// language: "/petitions/5".
func (w *Web) page(l petition.Lang, path, title string) Page {
	return Page{Lang: l, Path: path, Title: title, Site: w.site, BaseURL: w.url, Scripts: true}
}

// private is a page that depends on who asks: it is kept nowhere.
func (w *Web) private(rw http.ResponseWriter, l petition.Lang, path, title string) Page {
	rw.Header().Set("Cache-Control", httpd.NoStore)
	return w.aside(l, path, title)
}

// aside is a page for who was led to it: not indexed, one column, and without
// scripts unless it asks for them.
func (w *Web) aside(l petition.Lang, path, title string) Page {
	p := w.page(l, path, title)
	p.NoIndex, p.Narrow, p.Scripts = true, true, false
	return p
}

// Alternates are the languages of the site, for the switch and for search engines.
func (p Page) Alternates() []petition.Lang {
	if len(p.Site.Langs) > 0 {
		return p.Site.Langs
	}
	return i18n.Langs()
}

// Here is the address of this page in language l.
func (p Page) Here(l petition.Lang) string {
	at := "/" + string(l) + p.Path
	if p.Path == "" {
		at += "/"
	}
	if p.Query != "" {
		at += "?" + p.Query
	}
	return at
}

// ContactHref is the address behind the contact: mailto for an e-mail address,
// "" for one that is neither that nor a web address.
func (s site) ContactHref() string {
	switch c := s.Operator.Contact; {
	case strings.HasPrefix(c, "https://"):
		return c
	case strings.Contains(c, "@") && !strings.ContainsAny(c, " ?&"):
		return "mailto:" + c
	}
	return ""
}
