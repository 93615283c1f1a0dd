package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/dauys/dauys/internal/draw"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed static
var static embed.FS

const htmlType = "text/html; charset=utf-8"

// templateSet is every template in one language.
type templateSet struct {
	root   *template.Template
	header []string // Content-Language of its pages; shared, never written to
}

// parseTemplates reads the templates once for each language: their functions
// speak it, so a page names keys and never a language.
func (w *Web) parseTemplates() (map[petition.Lang]*templateSet, error) {
	sets := map[petition.Lang]*templateSet{}
	for _, l := range i18n.Langs() {
		root, err := template.New("").Funcs(w.funcs(l)).ParseFS(templates, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("web: templates: %w", err)
		}
		w.constants(l).say(root)
		sets[l] = &templateSet{root: root, header: []string{string(l)}}
	}
	return sets, nil
}

// part renders a part of pages.
func (w *Web) part(l petition.Lang, name string, data any) (template.HTML, error) {
	var buf bytes.Buffer
	err := w.templates[l].root.ExecuteTemplate(&buf, name, data)
	return template.HTML(buf.String()), err //nolint:gosec // our own template, escaped by itself
}

// funcs are what templates may call:
//
//	t KEY [NAME VALUE]...    the message
//	n KEY COUNT [NAME VALUE] the message in the plural form of COUNT
//	forms KEY                the plural forms one, few, many, other, with # for the number
//	num, percent, date, shortdate   numbers and petition.Dates in words
//	day TIME                 the civil date of a time in the zone of the site's law
//	url PATH                 the path below the language: url "/start" -> /kk/start
//	asset NAME               the address of a static file
//	lang, langname TAG       the language of the page; the own name of one
//	written TEXT             the language of a text by an unknown author, "" for the page's
//	in MAP                   the text of a map by language, in the reader's or else another
//	dict NAME VALUE...       arguments for a partial
//	list X...                a slice
//	inc N                    the number after it
//	foot                     the foot of every page
//	unbroken TEXT            the text, numbers and their endings on one line
//	picture SVG              a picture of package draw, which escapes every text in it
func (w *Web) funcs(l petition.Lang) template.FuncMap {
	p := w.bundle.Printer(l)
	return template.FuncMap{
		"t":         p.T,
		"n":         func(key string, n any, args ...any) (string, error) { return plural(p, key, n, args) },
		"num":       func(n any) (string, error) { i, err := integer(n); return p.Number(i), err },
		"percent":   p.Percent,
		"date":      p.Date,
		"shortdate": p.ShortDate,
		"day":       w.law.Today,
		"url":       func(path string) string { return "/" + string(l) + path },
		"asset":     w.assets.Path,
		"forms":     func(key string) string { return wordForms(p, key) },
		"lang":      func() string { return string(l) },
		"written":   func(text string) petition.Lang { return writtenIn(text, l) },
		"langname":  func(tag petition.Lang) string { return p.T("lang." + string(tag)) },
		"in":        func(m map[petition.Lang]string) string { return inLang(m, l) },
		"dict":      dict,
		"inc":       func(i int) int { return i + 1 },
		"list":      func(items ...any) []any { return items },
		"foot":      func() template.HTML { return w.feet[l] },
		"picture":   func(p draw.SVG) template.HTML { return template.HTML(p) }, //nolint:gosec // drawn by package draw, which escapes
		"unbroken":  unbroken,
		"joined":    func(items []string) string { return strings.Join(items, ", ") },
	}
}

// writtenIn is the language of a text whose author did not say which: "" when
// it is that of the page, or when nobody can tell.
func writtenIn(text string, page petition.Lang) petition.Lang {
	if l := i18n.Written(text); l != page {
		return l
	}
	return ""
}

func plural(p *i18n.Printer, key string, n any, args []any) (string, error) {
	i, err := integer(n)
	return p.N(key, i, args...), err
}

// wordForms are what a script needs to say a number as the server does.
func wordForms(p *i18n.Printer, key string) string {
	var all []string
	for _, example := range []int64{1, 2, 5, 10} { // whole numbers: no language here has more forms
		all = append(all, strings.Replace(p.N(key, example), p.Number(example), "#", 1))
	}
	return strings.Join(all, "|")
}

func integer(n any) (int64, error) {
	switch n := n.(type) {
	case int:
		return int64(n), nil
	case int64:
		return n, nil
	}
	return 0, fmt.Errorf("web: %T is no number", n)
}

// inLang is the text in l, or else in another language of the site.
func inLang(m map[petition.Lang]string, l petition.Lang) string {
	if text := m[l]; text != "" {
		return text
	}
	for _, other := range i18n.Langs() {
		if text := m[other]; text != "" {
			return text
		}
	}
	return ""
}

func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("web: dict: a name without a value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("web: dict: name %v is no text", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// render writes templates/<name>.html in language l.
func (w *Web) render(buf *bytes.Buffer, l petition.Lang, name string, data any) error {
	set, ok := w.templates[l]
	if !ok {
		return fmt.Errorf("web: no templates in %q", l)
	}
	if err := set.root.ExecuteTemplate(buf, name+".html", data); err != nil {
		return fmt.Errorf("web: page %s: %w", name, err)
	}
	return nil
}

// answer sends a page with a status: 200, or 422 for a form sent back. A page
// that is not cached says so before: w.private.
func (w *Web) answer(rw http.ResponseWriter, l petition.Lang, status int, name string, data any) error {
	var buf bytes.Buffer
	if err := w.render(&buf, l, name, data); err != nil {
		return err
	}
	return send(rw, l, status, buf.Bytes())
}

// send is answer with a page that is rendered already.
func send(rw http.ResponseWriter, l petition.Lang, status int, body []byte) error {
	h := rw.Header()
	h.Set("Content-Type", htmlType)
	h.Set("Content-Language", string(l))
	rw.WriteHeader(status)
	_, err := rw.Write(body)
	return err
}

// seeOther sends the browser to a page after a form was taken.
func seeOther(rw http.ResponseWriter, target string) error {
	rw.Header().Set("Cache-Control", httpd.NoStore)
	rw.Header().Set("Location", target)
	rw.WriteHeader(http.StatusSeeOther)
	return nil
}
