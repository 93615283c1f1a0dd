package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/petition"
)

// deskWorkRoutes registers the acts of the desk beside a decision.
func (w *Web) deskWorkRoutes(mux *http.ServeMux) {
	w.each(mux, "POST", "/desk/petitions/{id}/takedown", w.postDeskTakeDown)
	if w.draftDelay != nil {
		w.each(mux, "GET", "/desk/delays", w.getDeskDelays)
		w.each(mux, "POST", "/desk/delays", w.postDeskDelays)
	}
	w.each(mux, "GET", "/desk/archive", w.getDeskArchive)
	w.each(mux, "POST", "/desk/archive", w.postDeskArchive)
	w.each(mux, "GET", "/desk/code", w.getDeskCode)
	w.each(mux, "POST", "/desk/code", w.postDeskCode)
	w.each(mux, "GET", "/desk/sessions", w.getDeskSessions)
	w.each(mux, "GET", "/desk/letters", w.getDeskLetters)
	w.each(mux, "POST", "/desk/letters", w.postDeskLetters)
	w.each(mux, "POST", "/desk/sessions", w.postDeskSessions)
	w.each(mux, "POST", "/desk/petitions/{id}/claim", w.postDeskClaim)
	w.each(mux, "POST", "/desk/petitions/{id}/notes", w.postDeskNote)
	w.each(mux, "POST", "/desk/petitions/{id}/topics", w.postDeskTopics)
}

// takeDownView is what an officer can do about a petition's being public.
type takeDownView struct {
	Reasons []choice // the one choice of a ground; nil when it is hidden already
	Note    field
	Reason  string // the ground of the hiding that runs
	Until   string // when it is lifted by itself
	Mine    bool   // this officer hid it: another confirms
	Barred  bool   // this officer hid it once, and may not again
}

// takeDownView is nil where there is nothing to take down, or not for this officer.
func (w *Web) takeDownView(pr *i18n.Printer, c deskCase, form url.Values, faults []fault) *takeDownView {
	if !staff.Can(c.who.Role, staff.TakeDown) {
		return nil
	}
	me := petition.OfficerID(c.who.ID)
	switch {
	case c.p.State == petition.Hidden && c.p.Hiding != nil:
		h := c.p.Hiding
		return &takeDownView{Reason: decisionWords(pr, c.law, h.Reason, "").Reason, Mine: h.Officer == me,
			Note:  field{Value: h.Note},
			Until: pr.T("desk.hide.until", "time", pr.Time(h.Until, c.law.Location), "date", c.law.Today(h.Until))}
	case !c.p.State.Public():
		return nil
	}
	v := &takeDownView{Note: field{Name: "hide_note", Label: pr.T("desk.decide.note"), Hint: pr.T("desk.hide.note.hint"), Value: form.Get("hide_note"),
		Rows: 3, Optional: true, Error: faultOf(faults, "hide_note")}}
	for _, id := range c.p.HiddenBy {
		v.Barred = v.Barred || id == me
	}
	ground := choice{Name: "hide_reason", Label: pr.T("desk.decide.reason"), Error: faultOf(faults, "hide_reason")}
	for _, r := range c.law.Moderation.Reasons {
		ground.Options = append(ground.Options, option{Value: r.Code, Label: inLang(r.Text, pr.Lang()),
			Hint: pr.T("desk.decide.rests", "article", w.cite(pr, r.Cite.Article).Text), Selected: form.Get("hide_reason") == r.Code})
	}
	v.Reasons = []choice{ground}
	return v
}

// postDeskTakeDown hides, confirms or lifts, once the officer has read what
// follows; fields act (hide, remove, lift), hide_reason, hide_note.
func (w *Web) postDeskTakeDown(l petition.Lang) httpd.Handler {
	return w.caseForm(l, staff.TakeDown, func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values) error {
		if _, ok := c.law.Reason(form.Get("hide_reason")); !ok && form.Get("act") == "hide" && c.p.State.Public() {
			faults := []fault{{Field: fieldID("hide_reason"), Text: w.bundle.Printer(l).T("desk.hide.need_reason"), Own: true}}
			return w.showCase(rw, r, l, http.StatusUnprocessableEntity, c, form, faults, nil)
		}
		err := w.rehearseTakeDown(c, form)
		if err == nil {
			p := w.deskPage(rw, l, c.who, "/desk/petitions/"+r.PathValue("id"), "")
			if yes, err := w.asked(rw, r, p, form, w.takeDownQuestion(l, c, form)); !yes {
				return err
			}
			err = w.takeDown(r.Context(), c, form)
		}
		return w.decided(rw, r, l, c, form, c.p.TextVersion, err)
	})
}

// takeDown does what the form says.
func (w *Web) takeDown(ctx context.Context, c deskCase, form url.Values) error {
	switch form.Get("act") {
	case "hide":
		return w.moderation.Hide(ctx, c.who, c.p.ID, form.Get("hide_reason"), form.Get("hide_note"))
	case "remove":
		return w.moderation.Remove(ctx, c.who, c.p.ID)
	}
	return w.moderation.Lift(ctx, c.who, c.p.ID)
}

// rehearseTakeDown is takeDown with its errors, and saves nothing: what would
// be refused is not asked first.
func (w *Web) rehearseTakeDown(c deskCase, form url.Values) (err error) {
	me, now := petition.OfficerID(c.who.ID), w.now()
	switch form.Get("act") {
	case "hide":
		_, err = c.law.Hide(c.p, form.Get("hide_reason"), form.Get("hide_note"), me, now)
	case "remove":
		_, err = c.law.Remove(c.p, me, now)
	case "lift":
		_, err = c.law.Lift(c.p, me, now)
	default:
		err = httpd.ErrBadRequest
	}
	return err
}

func (w *Web) takeDownQuestion(l petition.Lang, c deskCase, form url.Values) question {
	pr, reason, note := w.bundle.Printer(l), form.Get("hide_reason"), form.Get("hide_note")
	if h := c.p.Hiding; h != nil {
		reason, note = h.Reason, h.Note
	}
	q := w.caseQuestion(l, c, form.Get("act"), "public where long final second")
	q.calm = q.key == "lift"
	q.given = []caseFact{{pr.T("desk.decide.reason"), decisionWords(pr, c.law, reason, "").Reason}}
	if note = petition.Clean(note); note != "" {
		q.given = append(q.given, caseFact{pr.T("desk.decide.note"), note})
	}
	return q
}

// caseQuestion is a question about a petition of the desk. It is about the text
// and the state that were shown.
func (w *Web) caseQuestion(l petition.Lang, c deskCase, key, says string) question {
	t, in, _ := c.p.Texts.In(l, fallbacks(c.p.Lang)...)
	return question{key: key, says: says, name: t.Title, lang: in, seen: standing(c.p), back: caseURL(l, c.p.ID)}
}

// standing names what a petition was when it was shown: its text and its state.
func standing(p petition.Petition) string {
	return strconv.Itoa(p.TextVersion) + " " + string(p.State)
}
