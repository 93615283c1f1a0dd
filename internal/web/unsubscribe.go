package web

import (
	"net/http"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
)

// unsubscribePage is in the language of the browser: letters link to it
// without one, since a mail program posts there by itself (RFC 8058).
func (w *Web) unsubscribePage(rw http.ResponseWriter, r *http.Request, words string) (petition.Lang, linkData) {
	l := httpd.Lang(r)
	pr := w.bundle.Printer(l)
	d := linkData{Page: w.private(rw, l, "", pr.T("web."+words+".title")), Words: words, Lede: pr.T("web." + words + ".text")}
	return l, d
}

// getUnsubscribe shows one button and changes nothing: mail scanners open links.
func (w *Web) getUnsubscribe(rw http.ResponseWriter, r *http.Request) error {
	l, d := w.unsubscribePage(rw, r, "unsubscribe")
	d.More = w.bundle.Printer(l).T("unsubscribe.kept")
	d.Action = "/u/" + r.PathValue("token")
	d.Button = w.bundle.Printer(l).T("web.unsubscribe.button")
	return w.answer(rw, l, http.StatusOK, "link", d)
}

// postUnsubscribe ends the letters, with one click or from the page. It does
// not say whether there were any.
func (w *Web) postUnsubscribe(rw http.ResponseWriter, r *http.Request) error {
	if err := httpd.NoFields(r); err != nil {
		return err
	}
	if err := w.signing.Unsubscribe(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	l, d := w.unsubscribePage(rw, r, "unsubscribed")
	return w.answer(rw, l, http.StatusOK, "link", d)
}
