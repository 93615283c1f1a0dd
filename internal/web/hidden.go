package web

import (
	"net/http"
	"strconv"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// hidden is the page of a petition that one officer hid: why, until when, and
// nothing of it.
func (w *Web) hidden(rw http.ResponseWriter, l petition.Lang, v store.Public) error {
	pr, law := w.bundle.Printer(l), w.lawOf(v.Petition)
	d := removedData{Page: w.private(rw, l, petitionPath(v.Number), pr.T("web.hidden.title")), Number: strconv.FormatInt(v.Number, 10)}
	if h := v.Hiding; h != nil {
		d.Date, d.Note = law.Today(h.At), h.Note
		d.Reason = decisionWords(pr, law, h.Reason, "").Reason
		d.Hidden = pr.T("web.hidden.text", "number", d.Number, "time", pr.Time(h.Until, law.Location), "date", law.Today(h.Until))
	}
	return w.answer(rw, l, http.StatusGone, "removed", d)
}
