package web

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// galleryData is every component in each of its states, in each language, on
// light and on dark, so that a change of the look can be seen at once.
type galleryData struct {
	demoBase
	Specimens []specimen
}

// specimen is one component in one state.
type specimen struct {
	Name  string // of the partial and its state, as the templates name it
	Panes []galleryPane
}

type galleryPane struct {
	Lang  petition.Lang
	Theme string // light or dark
	HTML  template.HTML
}

func (w *Web) getGallery(rw http.ResponseWriter, r *http.Request) error {
	base, pr := w.demoPage(rw, r, "face.gallery.title")
	d := galleryData{demoBase: base}
	d.Narrow = false
	for _, l := range i18n.Langs() {
		for _, theme := range []string{"light", "dark"} {
			for i, c := range w.specimens(l) {
				html, err := w.pane(l, theme, c)
				if err != nil {
					return err
				}
				if i == len(d.Specimens) {
					d.Specimens = append(d.Specimens, specimen{Name: c.name})
				}
				d.Specimens[i].Panes = append(d.Specimens[i].Panes, galleryPane{l, theme, html})
			}
		}
	}
	return w.answer(rw, pr.Lang(), http.StatusOK, "gallery", d)
}

// pane renders one component; its ids get the pane in front, since an id
// stands once on a page.
func (w *Web) pane(l petition.Lang, theme string, c component) (template.HTML, error) {
	html, err := w.part(l, c.partial, c.data)
	if err != nil {
		return "", err
	}
	own := string(l) + "-" + theme + "-" + strings.NewReplacer(" ", "-", ",", "", ":", "").Replace(c.name) + "-"
	ids := strings.NewReplacer(` id="`, ` id="`+own, ` for="`, ` for="`+own, `href="#`, `href="#`+own, `labelledby="`, `labelledby="`+own,
		`describedby="`, `describedby="`+own, `-hint f-`, `-hint `+own+`f-`, ` name="`, ` name="`+own, `role="alert" tabindex="-1" `, ``, `<nav class="pager" aria-label="`, `<nav class="pager" aria-label="`+own)
	return template.HTML(ids.Replace(string(html))), nil //nolint:gosec // our own template, escaped by itself
}

// component is a partial with what it shows.
type component struct {
	name, partial string
	data          any
}

// specimens are the components in one language; the words are those of the site.
func (w *Web) specimens(l petition.Lang) []component {
	pr := w.bundle.Printer(l)
	day := w.law.Today(w.now())
	wrong := []fault{{Field: "f-email", Text: httpd.FieldText(pr, petition.FieldError{Field: "email", Key: "email"})}}
	mail := field{Name: "email", Type: "email", Label: pr.T("web.sign.email"), Hint: pr.T("web.sign.email.hint")}
	text := field{Name: "ask", Label: pr.T("web.petition.details"), Rows: 3, Max: 300, Value: pr.T("web.home.lede")}
	pick := choice{Name: "place", Label: pr.T("web.sign.place"), None: pr.T("web.sign.place.none"), Optional: true}
	radio := choice{Name: "state", Label: pr.T("web.list.state"), Options: []option{{Value: "a", Label: pr.T("state.open"), Selected: true}, {Value: "b", Label: pr.T("state.closed"), Hint: pr.T("face.list.help")}}}
	tick := check{Name: "updates", Label: pr.T("web.sign.updates"), Hint: pr.T("web.sign.updates.hint"), Checked: true}
	asked := radio
	asked.Head, asked.Optional = true, true
	bad := func(f field) field { f.Error = wrong[0].Text; return f }
	badTick := tick
	badTick.Error, badTick.Checked = pr.T("error.fields.title"), false
	steps := []timelineStep{
		{Status: petition.Done, Word: pr.T("web.step.status.done"), Title: pr.T("web.step.started"), Dates: []string{pr.Date(day.AddDays(-40))}},
		{Status: petition.Current, Word: pr.T("web.step.status.current"), Title: pr.T("web.step.moderation"), Dates: []string{pr.T("web.step.by", "date", day)}},
		{Status: petition.Overdue, Word: pr.T("web.step.status.overdue"), Title: pr.T("web.step.answer"), Dates: []string{pr.N("overdue.days", 5)}},
		{Status: petition.Ahead, Word: pr.T("web.step.status.ahead"), Title: pr.T("web.step.closes")},
	}
	one := card{URL: "#", Title: pr.T("web.home.title"), Ask: pr.T("web.home.lede"), Count: 4321, Counts: true, Figure: pr.Number(4321), Word: pr.N("web.count.word", 4321), Tags: []tag{{"open", pr.T("state.open")}},
		Bar: &progress{4321, 10000, pr.T("web.petition.progress", "count", int64(4321), "threshold", int64(10000))}, Facts: []string{pr.T("web.petition.closes", "date", day)}}
	list := []component{{"button", "button", pr.T("button.sign")}, {"button, second", "second", pr.T("button.back")},
		{"button, danger", "danger", pr.T("web.withdrawal.button")}}
	for _, kind := range []string{"open", "waiting", "overdue", "answered", "closed", "refused"} {
		list = append(list, component{"tag: " + kind, "tag", tag{kind, pr.T("state." + kind)}})
	}
	return append(list,
		component{"field", "field", mail}, component{"field, wrong", "field", bad(mail)}, component{"field, long", "field", text}, component{"field, long, wrong", "field", bad(text)},
		component{"select", "select", pick}, component{"radios", "radios", radio}, component{"radios, the heading", "radios", asked}, component{"check", "check", tick}, component{"check, wrong", "check", badTick},
		component{"errors", "errors", wrong}, component{"notice", "notice", pr.T("web.footer.notice")},
		component{"lines", "lines", []string{pr.T("after.letter"), pr.T("after.open.sign"), pr.N("after.life", 72)}},
		component{"answers", "answers", struct{ Rows []answerRow }{[]answerRow{{Label: pr.T("start.kind.label"), Value: pr.T("kind.petition"), Step: stepKind}}}},
		component{"progress", "progress", *one.Bar}, component{"timeline", "timeline", steps}, component{"card", "card", one},
		component{"pager", "pager", pager{First: "#", Prev: "#", Next: "#", Last: "#", Current: 3, Pages: 9}})
}
