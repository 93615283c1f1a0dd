package httpd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// Words are the title of the problem and what it means and what to do next.
func (p Problem) Words(pr *i18n.Printer) (title, text string) {
	return pr.T("error." + p.Key + ".title"), pr.T("error." + p.Key + ".text")
}

// FieldText says in words what is wrong with one field, as FieldWords does.
func FieldText(pr *i18n.Printer, f petition.FieldError) string {
	text, _ := FieldWords(pr, f)
	return text
}

// FieldWords says in words what is wrong with one field: the field's own words,
// which say what to do and name it (own), or else those of the key. A key
// without words gets those of "invalid". A field of one language or one row
// ("title.kk", "role.3") has the words of its kind.
func FieldWords(pr *i18n.Printer, f petition.FieldError) (text string, own bool) {
	args := make([]any, 0, 2*len(f.Args))
	for name, value := range f.Args {
		args = append(args, name, value)
	}
	kind, _, _ := strings.Cut(f.Field, ".")
	if text := pr.T("fault."+kind+"."+f.Key, args...); !missing(text) {
		return text, true
	}
	if text := pr.T("error.field."+f.Key, args...); !missing(text) {
		return text, false
	}
	return pr.T("error.field.invalid"), false
}

// missing reports whether a Printer lacked the key, or one of its arguments.
func missing(text string) bool { return strings.Contains(text, "⟦") }

// document is RFC 9457 without instance, which would repeat a path that may
// hold a token. Field texts are in errors, codes for programs beside them.
type document struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail"`
	Errors []fieldFault `json:"errors,omitempty"`
}

type fieldFault struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// document renders p for a program.
func (s *Server) document(pr *i18n.Printer, p Problem) ([]byte, error) {
	d := document{Type: s.problemType + p.Key, Status: p.Status}
	d.Title, d.Detail = p.Words(pr)
	for _, f := range p.Fields {
		d.Errors = append(d.Errors, fieldFault{f.Field, f.Key, FieldText(pr, f)})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("httpd: problem document: %w", err)
	}
	return b.Bytes(), nil
}

// page renders p for a person: the injected page, or, when there is none or it
// fails too, a bare one that needs nothing but words.
func (s *Server) page(pr *i18n.Printer, r *http.Request, p Problem) []byte {
	if s.errorPage != nil {
		var b bytes.Buffer
		render := func(http.ResponseWriter, *http.Request) error { return s.errorPage(&b, r, p) }
		err := call(render, nil, r)
		if err == nil {
			return b.Bytes()
		}
		s.log.Error("error page failed", "route", routeName(r.Pattern), "key", p.Key, "cause", err)
	}
	title, text := p.Words(pr)
	return fmt.Appendf(nil, "<!doctype html>\n<html lang=\"%s\"><meta charset=\"utf-8\"><title>%s</title><h1>%s</h1><p>%s</p></html>\n",
		pr.Lang(), html.EscapeString(title), html.EscapeString(title), html.EscapeString(text))
}

// fail answers with the problem behind err. What the handler wrote so far is
// thrown away; if part of it is already on the wire the connection is cut, so
// that nobody takes half a page for a whole one.
func (s *Server) fail(w *response, r *http.Request, err error) {
	if clientGone(r, err) {
		w.abandon(statusClientGone)
		return
	}
	p := s.table.Classify(err)
	s.logFailure(r, p, err)
	if w.sent {
		w.status = p.Status
		panic(http.ErrAbortHandler)
	}
	w.reset()
	h := w.Header()
	keepForProblem(h)
	lang := s.problemLang(r, w.api)
	pr := s.bundle.Printer(lang)
	var body []byte
	contentType := "text/html; charset=utf-8"
	if w.api {
		contentType = "application/problem+json"
		if body, err = s.document(pr, p); err != nil {
			s.log.Error("problem document failed", "key", p.Key, "cause", err)
		}
	} else {
		body = s.page(pr, r, p)
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Language", string(lang))
	h.Set("Cache-Control", "no-store")
	if p.RetryAfter > 0 {
		h.Set("Retry-After", seconds(p.RetryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Cookie realm="desk"`)
	}
	w.answer(p.Status, body)
}

// keepForProblem takes away what described the answer that did not come about.
func keepForProblem(h http.Header) {
	for _, name := range [...]string{"Content-Encoding", "Content-Length", "Content-Disposition", "Etag",
		"Last-Modified", "Location", "Set-Cookie", "Link"} {
		delete(h, name)
	}
}

// problemLang is the language of the page, or, for programs, of the request.
func (s *Server) problemLang(r *http.Request, api bool) i18n.Lang {
	if api {
		return i18n.Match(r.Header.Get("Accept-Language"))
	}
	return Lang(r)
}

// seconds is d in whole seconds, rounded up, at least 1: what Retry-After wants.
func seconds(d time.Duration) string {
	return strconv.FormatInt(max(1, int64((d+time.Second-1)/time.Second)), 10)
}

// logFailure tells the operator. What is nobody's design (500) is always an
// error. A 503 may come thousands of times a second, and a full disk must not
// be filled further: one warning a second. Refusals are the ordinary course of
// things; they show in the metrics.
func (s *Server) logFailure(r *http.Request, p Problem, err error) {
	route := routeName(r.Pattern)
	switch {
	case p.Status == http.StatusInternalServerError:
		attrs := []any{"route", route, "cause", err}
		if stack := stackOf(err); stack != "" {
			attrs = append(attrs, "stack", stack)
		}
		s.log.Error("request failed", attrs...)
	case p.Status > http.StatusInternalServerError:
		now, last := s.now().Unix(), s.warned.Load()
		if now != last && s.warned.CompareAndSwap(last, now) {
			s.log.Warn("request not served", "route", route, "status", p.Status, "key", p.Key, "cause", err)
		}
	case !quiet(r.Pattern):
		s.log.Debug("refused", "route", route, "status", p.Status, "key", p.Key)
	}
}
