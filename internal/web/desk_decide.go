package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/rivo/uniseg"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// postDeskDecision takes a verdict; fields verdict, reason, note, version; with
// preview (yes, edit) nothing is saved. A petition that changed since it was read is 409 with what happened.
func (w *Web) postDeskDecision(l petition.Lang) httpd.Handler {
	return w.caseForm(l, staff.Moderate, func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values) error {
		pr := w.bundle.Printer(l)
		if c.p.State != petition.Moderation && c.p.State != petition.Appealed {
			return w.decided(rw, r, l, c, form, c.p.TextVersion, petition.ErrState)
		}
		if form.Get("preview") == "edit" {
			return w.showCase(rw, r, l, http.StatusOK, c, form, nil, nil)
		}
		if faults := decisionFaults(pr, c.law, form); len(faults) > 0 {
			return w.showCase(rw, r, l, http.StatusUnprocessableEntity, c, form, faults, nil)
		}
		version, _ := strconv.Atoi(form.Get("version")) // no version was read: 0, which never stands
		v := moderation.Verdict{Verdict: petition.Verdict(form.Get("verdict")), Reason: form.Get("reason"), Note: form.Get("note"), Version: version}
		if v.Verdict == petition.Publish {
			v.Reason = ""
		}
		if form.Get("confirm") != "yes" && form.Get("preview") == "yes" {
			return w.previewDecision(rw, r, l, c, form, v)
		}
		_, err := w.moderation.Decide(r.Context(), c.who, c.p.ID, v)
		return w.decided(rw, r, l, c, form, version, err)
	})
}

// decided answers after a decision was handed to moderation.
func (w *Web) decided(rw http.ResponseWriter, r *http.Request, l petition.Lang, c deskCase, form url.Values, version int, err error) error {
	pr := w.bundle.Printer(l)
	var faults petition.FieldErrors
	switch {
	case err == nil:
		return seeOther(rw, "/"+string(l)+"/desk?done="+strconv.FormatInt(int64(c.p.ID), 10))
	case errors.As(err, &faults):
		return w.showCase(rw, r, l, http.StatusUnprocessableEntity, c, form, w.summary(l, faults), nil)
	case errors.Is(err, petition.ErrTextChanged), errors.Is(err, petition.ErrState), errors.Is(err, store.ErrConflict),
		errors.Is(err, moderation.ErrClaimed), errors.Is(err, petition.ErrLate), errors.Is(err, petition.ErrArchived):
	default:
		return err
	}
	now, lerr := w.loadCase(r, c.who)
	if lerr != nil {
		return lerr
	}
	conflict := &conflictView{Text: pr.T("desk.conflict.state")}
	if errors.Is(err, petition.ErrLate) {
		conflict.Text = pr.T("desk.conflict.late")
	}
	if errors.Is(err, petition.ErrArchived) {
		conflict.Text = pr.T("desk.conflict.archived")
	}
	if now.p.TextVersion != version {
		conflict.Text = pr.T("desk.conflict.version", "seen", strconv.Itoa(version), "now", strconv.Itoa(now.p.TextVersion))
	}
	if held, ok := errors.AsType[*moderation.ClaimedError](err); ok {
		conflict.Text = claimWords(pr, now.law, c.who, held.Claim)
		now.claim = held.Claim
	}
	rows := w.history(pr, now.law, now.events, now.inside)
	conflict.Events = rows[max(0, len(rows)-3):]
	form.Del("verdict") // a verdict on another text must be given anew
	return w.showCase(rw, r, l, http.StatusConflict, now, form, nil, conflict)
}

// decisionFaults says what is missing in a decision.
func decisionFaults(pr *i18n.Printer, law *petition.Profile, form url.Values) []fault {
	switch petition.Verdict(form.Get("verdict")) {
	case petition.Publish:
		return nil
	case petition.Return, petition.Reject:
		if _, ok := law.Reason(form.Get("reason")); !ok {
			return []fault{{Field: fieldID("reason"), Text: pr.T("desk.decide.need_reason"), Own: true}}
		}
		return nil
	}
	return []fault{{Field: fieldID("verdict"), Text: pr.T("desk.decide.choose"), Own: true}}
}

// postDeskAnswer records the body's answer, once the officer has read what
// will be public; fields outcome, answer.kk and so on, file, and from others than the body source and received.
func (w *Web) postDeskAnswer(l petition.Lang) httpd.Handler {
	return w.caseUpload(l, staff.AnswerFor, func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values, docs []moderation.Document) error {
		reply, faults := w.reply(w.bundle.Printer(l), c, form, docs)
		if len(faults) > 0 {
			return w.showCase(rw, r, l, http.StatusUnprocessableEntity, c, form, faults, nil)
		}
		err := w.rehearseAnswer(c, reply)
		if err == nil {
			p, q := w.deskPage(rw, l, c.who, "/desk/petitions/"+r.PathValue("id"), ""), w.answerQuestion(l, c, reply)
			var answered bool
			answered, err = w.publish(rw, r, p, form, q, docs, func() error { return w.moderation.Record(r.Context(), c.who, c.p.ID, reply) })
			if answered {
				return err
			}
		}
		return w.decided(rw, r, l, c, form, c.p.TextVersion, err)
	})
}

// answerTexts are the texts of an answer, and what is wrong with the form.
func answerTexts(pr *i18n.Printer, law *petition.Profile, form url.Values) (petition.Texts, []fault) {
	var faults []fault
	switch form.Get("outcome") {
	case "satisfied", "partly", "refused":
	default:
		faults = append(faults, fault{Field: fieldID("outcome"), Text: pr.T("desk.answer.choose"), Own: true})
	}
	texts := petition.Texts{}
	for _, tl := range law.Languages {
		name := inLanguage("answer", tl.Lang)
		text := petition.Clean(form.Get(name))
		if text == "" {
			continue
		}
		texts[tl.Lang] = petition.Text{Details: text}
		if uniseg.GraphemeClusterCount(text) > moderation.MaxAnswer {
			faults = append(faults, fault{Field: fieldID(name), Text: pr.N("desk.answer.too_long", moderation.MaxAnswer)})
		}
	}
	if len(texts) == 0 && len(law.Languages) > 0 {
		faults = append(faults, fault{Field: fieldID(inLanguage("answer", law.Languages[0].Lang)), Text: pr.T("desk.answer.need_text"), Own: true})
	}
	return texts, faults
}
