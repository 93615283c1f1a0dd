package web

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// demoRoutes registers the demonstration's pages. They have no language in
// their paths, because letters and scripts name them; they speak the browser's.
func (w *Web) demoRoutes(mux *http.ServeMux) {
	page := func(pattern string, h httpd.Handler) { mux.Handle(pattern, w.server.Page(h)) }
	page("GET /demo", w.getDemo)
	page("GET /demo/mail", w.getDemoMail)
	page("GET /demo/mail/{id}", w.getDemoLetter)
	page("GET /demo/mail/{id}/html", w.getDemoLetterHTML)
	page("GET /demo/staff", w.getDemoStaff)
	page("POST /demo/staff", w.postDemoStaff)
	page("GET /demo/clock", w.getDemoClock)
	page("POST /demo/clock", w.postDemoClock)
	page("GET /demo/gallery", w.getGallery)
	page("GET /demo/letters", w.getDemoLetters)
	page("GET /demo/letters/{lang}/{kind}/html", w.getDemoPreviewHTML)
}

// demoPage starts a page of the demonstration.
func (w *Web) demoPage(rw http.ResponseWriter, r *http.Request, key string) (demoBase, *i18n.Printer) {
	l := demoLang(r)
	pr := w.bundle.Printer(l)
	rw.Header().Add("Vary", "Accept-Language")
	noRobots(rw)
	p := w.private(rw, l, "", pr.T(key))
	p.InDemo = true
	p.Path = "/petitions" // the switch of the layout leads into the site
	return demoBase{Page: p, Tab: r.URL.Path, Date: pr.T("demo.date", "date", w.law.Today(w.now()))}, pr
}

// demoBase is what every page of the demonstration has.
type demoBase struct {
	Page
	Tab  string // the path of this page, for the links between them
	Date string // of the demonstration, in words
}

// demoLang is the reader's choice of language, or that of the browser.
func demoLang(r *http.Request) petition.Lang {
	for _, l := range i18n.Langs() {
		if r.URL.Query().Get("lang") == string(l) {
			return l
		}
	}
	return httpd.Lang(r)
}

func (w *Web) getDemo(rw http.ResponseWriter, r *http.Request) error {
	base, _ := w.demoPage(rw, r, "demo.title")
	return w.answer(rw, base.Lang, http.StatusOK, "demo", base)
}

// demoMail is the mailbox.
type demoMail struct {
	demoBase
	Letters []demoRow
}

type demoRow struct{ URL, Subject, To, At string }

func (w *Web) getDemoMail(rw http.ResponseWriter, r *http.Request) error {
	letters, err := w.demo.Letters(r.Context())
	if err != nil {
		return err
	}
	base, pr := w.demoPage(rw, r, "demo.mail.title")
	d := demoMail{demoBase: base}
	for _, x := range letters {
		d.Letters = append(d.Letters, demoRow{URL: "/demo/mail/" + x.ID, Subject: x.Subject, To: x.To, At: w.demoTime(pr, x.At)})
	}
	return w.answer(rw, base.Lang, http.StatusOK, "demo_mail", d)
}

func (w *Web) demoTime(pr *i18n.Printer, t time.Time) string {
	return pr.ShortDate(w.law.Today(t)) + ", " + pr.Time(t, w.law.Location)
}

// demoLetter is one letter.
type demoLetter struct {
	demoBase
	To, At string
	Text   []textPart
	HTML   string // where the letter shows with its layout; "" when it has none
}

// textPart is a piece of a letter: words, or an address that is a link.
type textPart struct {
	Text string
	Link bool
}

func (w *Web) demoLetter(r *http.Request) (DemoLetter, error) {
	x, err := w.demo.Letter(r.Context(), r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		return x, httpd.ErrNotFound
	}
	return x, err
}

func (w *Web) getDemoLetter(rw http.ResponseWriter, r *http.Request) error {
	x, err := w.demoLetter(r)
	if err != nil {
		return err
	}
	base, pr := w.demoPage(rw, r, "demo.mail.title")
	base.Title = x.Subject
	d := demoLetter{demoBase: base, To: x.To, At: w.demoTime(pr, x.At), Text: linked(x.Text, x.Links)}
	if x.HTML != "" {
		d.HTML = "/demo/mail/" + x.ID + "/html"
	}
	return w.answer(rw, base.Lang, http.StatusOK, "demo_letter", d)
}

// webAddress is an address in a letter's text.
var webAddress = regexp.MustCompile(`https?://[^\s<>"]+`)

// linked cuts a text at its links, or at every address when none are named.
func linked(text string, links []string) []textPart {
	if links == nil {
		links = webAddress.FindAllString(text, -1)
	}
	var parts []textPart
	for _, link := range links {
		before, after, found := strings.Cut(text, link)
		if !found || link == "" {
			continue
		}
		parts = append(parts, textPart{Text: before}, textPart{Text: link, Link: true})
		text = after
	}
	return append(parts, textPart{Text: text})
}

// letterPolicy lets a letter have the styles it was sent with, and nothing else.
const letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func showLetter(rw http.ResponseWriter, html string) error {
	if html == "" {
		return httpd.ErrNotFound
	}
	noRobots(rw)
	h := rw.Header()
	h.Set("Content-Security-Policy", letterPolicy)
	h.Set("Cache-Control", httpd.NoStore)
	h.Set("Content-Type", htmlType)
	_, err := rw.Write([]byte(html))
	return err
}

func (w *Web) getDemoLetterHTML(rw http.ResponseWriter, r *http.Request) error {
	x, err := w.demoLetter(r)
	if err != nil {
		return err
	}
	return showLetter(rw, x.HTML)
}

// demoStaff is the choice of a role.
type demoStaff struct {
	demoBase
	Roles []demoRole
}

type demoRole struct {
	Role, Button, Hint string
	N                  int
}

func (w *Web) getDemoStaff(rw http.ResponseWriter, r *http.Request) error {
	base, pr := w.demoPage(rw, r, "demo.staff.title")
	d := demoStaff{demoBase: base}
	for _, x := range []struct {
		role store.Role
		n    int
		key  string
	}{{store.Moderator, 1, "moderator"}, {store.Moderator, 2, "moderator2"}, {store.Officer, 1, "officer"},
		{store.Auditor, 1, "auditor"}, {store.Admin, 1, "admin"}} {
		d.Roles = append(d.Roles, demoRole{Role: string(x.role), N: x.n, Button: pr.T("demo.staff." + x.key), Hint: pr.T("demo.staff." + x.key + ".hint")})
	}
	return w.answer(rw, base.Lang, http.StatusOK, "demo_staff", d)
}

// postDemoStaff logs in as an invented officer; fields role and n (1 or 2).
func (w *Web) postDemoStaff(rw http.ResponseWriter, r *http.Request) error {
	form, err := httpd.ParseForm(r)
	if err != nil {
		return err
	}
	role, n := store.Role(form.Get("role")), 1
	if form.Get("n") == "2" {
		n = 2
	}
	if !role.Known() {
		return petition.FieldErrors{{Field: "role", Key: "unknown"}}
	}
	token, life, err := w.demo.Login(r.Context(), role, n)
	if err != nil {
		return fmt.Errorf("web: demo login: %w", err)
	}
	w.server.SetSession(rw, token, life)
	return seeOther(rw, "/"+string(demoLang(r))+"/desk")
}

// demoClock is the clock.
type demoClock struct {
	demoBase
	Now     string
	Moved   bool
	Advance field
	Faults  []fault
}

// maxAdvance is how far the clock goes at once: a year.
const maxAdvance = 8760 * time.Hour

func (w *Web) getDemoClock(rw http.ResponseWriter, r *http.Request) error {
	return w.showClock(rw, r, http.StatusOK, "720h", false, false)
}

func (w *Web) showClock(rw http.ResponseWriter, r *http.Request, status int, value string, moved, wrong bool) error {
	base, pr := w.demoPage(rw, r, "demo.clock.title")
	now := w.now()
	d := demoClock{demoBase: base, Moved: moved,
		Now:     pr.T("demo.clock.now", "date", w.law.Today(now), "time", pr.Time(now, w.law.Location)),
		Advance: field{Name: "advance", Label: pr.T("demo.clock.label"), Hint: pr.T("demo.clock.hint"), Value: value}}
	if wrong {
		d.Advance.Error = pr.T("demo.clock.wrong")
		d.Faults, d.Invalid = []fault{{Field: fieldID("advance"), Text: d.Advance.Error}}, true
	}
	return w.answer(rw, base.Lang, status, "demo_clock", d)
}

// postDemoClock moves the clock; field advance, a Go duration. Its 200 means
// that what was due by then is done.
func (w *Web) postDemoClock(rw http.ResponseWriter, r *http.Request) error {
	form, err := httpd.ParseForm(r)
	if err != nil {
		return err
	}
	d, err := time.ParseDuration(strings.TrimSpace(form.Get("advance")))
	if err != nil || d <= 0 || d > maxAdvance {
		return w.showClock(rw, r, http.StatusUnprocessableEntity, form.Get("advance"), false, true)
	}
	err = w.demo.Advance(r.Context(), d)
	if errors.Is(err, ErrClockEnd) {
		return w.showClock(rw, r, http.StatusUnprocessableEntity, form.Get("advance"), false, true)
	} else if err != nil {
		return fmt.Errorf("web: demo clock: %w", err)
	}
	return w.showClock(rw, r, http.StatusOK, d.String(), true, false)
}

// demoLetters are samples of all letters in one language.
type demoLetters struct {
	demoBase
	In      petition.Lang
	Letters []demoSample
}

type demoSample struct {
	Kind, Subject, HTML string
	Text                []textPart
}

// getDemoLetters shows every letter in the language "in", or the reader's.
func (w *Web) getDemoLetters(rw http.ResponseWriter, r *http.Request) error {
	base, _ := w.demoPage(rw, r, "demo.letters.title")
	d := demoLetters{demoBase: base, In: base.Lang}
	for _, l := range i18n.Langs() {
		if r.URL.Query().Get("in") == string(l) {
			d.In = l
		}
	}
	letters, err := w.demo.Previews(d.In)
	if err != nil {
		return err
	}
	for _, x := range letters {
		s := demoSample{Kind: x.Kind, Subject: x.Subject, Text: linked(x.Text, x.Links)}
		if x.HTML != "" {
			s.HTML = "/demo/letters/" + string(d.In) + "/" + x.Kind + "/html"
		}
		d.Letters = append(d.Letters, s)
	}
	return w.answer(rw, base.Lang, http.StatusOK, "demo_letters", d)
}

func (w *Web) getDemoPreviewHTML(rw http.ResponseWriter, r *http.Request) error {
	letters, err := w.demo.Previews(petition.Lang(r.PathValue("lang")))
	if err != nil {
		return err
	}
	for _, x := range letters {
		if x.Kind == r.PathValue("kind") {
			return showLetter(rw, x.HTML)
		}
	}
	return httpd.ErrNotFound
}
