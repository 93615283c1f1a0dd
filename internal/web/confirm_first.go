package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// question is what is asked before an act that hides, removes, refuses, erases,
// ends or stops something. The page says in the reader's language what everyone
// will see of it, where and for how long, what cannot be undone, and who else
// must agree; the messages are confirm.KEY.title, confirm.KEY.button and one
// for each word of says.
type question struct {
	key     string
	args    []any          // of the messages
	says    string         // of "public where long final second", those that apply
	name    string         // title of the petition it is about; "" for none
	lang    petition.Lang  // of the name
	public  string         // what everyone will see, where it depends on more than the key; "" for its message
	given   []caseFact     // what was chosen in the form
	changes []change       // the same as a table: what it is now and will be
	seen    string         // what the act rests on; "" where nothing can change under it
	back    string         // where to go instead
	calm    bool           // it brings something back, or is no harm
	file    *documentField // for documents that go with it; nil where it takes none
}

// questionPage is the page that asks.
type questionPage struct {
	Page
	Name         string
	NameLang     petition.Lang
	Changed      bool // it was confirmed, but about something that changed since
	Given, Says  []caseFact
	Changes      []change
	Fields       []hiddenField
	Action, Back string
	Button       string
	Calm         bool
	File         *documentField
}

// asked reports whether form was sent by the button of the page that asks
// q, about what still stands. When it was not, that page is the answer: 200, or
// 409 when what the page said is no longer so. p is the page the form was on,
// whose path the switch of languages leads to.
func (w *Web) asked(rw http.ResponseWriter, r *http.Request, p Page, form url.Values, q question) (bool, error) {
	status, changed := http.StatusOK, false
	if form.Get("confirm") == "yes" {
		if changed = form.Has("seen") && form.Get("seen") != q.seen; !changed {
			return true, nil
		}
		status = http.StatusConflict
	}
	return false, w.ask(rw, r, p, form, q, status, changed)
}

// ask is the page that asks q.
func (w *Web) ask(rw http.ResponseWriter, r *http.Request, p Page, form url.Values, q question, status int, changed bool) error {
	pr := w.bundle.Printer(p.Lang)
	p.Title, p.Narrow = pr.T("confirm."+q.key+".title", q.args...), true
	d := questionPage{Page: p, Name: q.name, NameLang: q.lang, Changed: changed, Given: q.given, Changes: q.changes, Action: r.URL.Path, Back: q.back,
		Says: q.consequences(pr), Fields: fieldsOf(form, "confirm", "seen"),
		Button: pr.T("confirm."+q.key+".button", q.args...), Calm: q.calm, File: q.file}
	d.Invalid = q.file != nil && q.file.Error != ""
	d.Fields = append(d.Fields, hiddenField{"seen", q.seen})
	return w.answer(rw, p.Lang, status, "confirm_first", d)
}

// consequences are what follows of an act, in words.
func (q question) consequences(pr *i18n.Printer) []caseFact {
	var list []caseFact
	for what := range strings.FieldsSeq(q.says) {
		text := q.public
		if what != "public" || text == "" {
			text = pr.T("confirm."+q.key+"."+what, q.args...)
		}
		list = append(list, caseFact{pr.T("confirm." + what), text})
	}
	return list
}

// fieldsOf are the fields of a form, to come along unseen; without those named,
// and without the buttons of forms that have several steps.
func fieldsOf(form url.Values, without ...string) []hiddenField {
	var list []hiddenField
	for name, values := range form {
		if name == "go" || slices.Contains(without, name) {
			continue
		}
		for _, v := range values {
			list = append(list, hiddenField{name, v})
		}
	}
	slices.SortStableFunc(list, func(a, b hiddenField) int { return strings.Compare(a.Name, b.Name) })
	return list
}
