package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/petition"
)

// DraftLetter is a letter that was not sent, without anything secret in it.
type DraftLetter struct {
	Subject, Text string
	Lang          petition.Lang
}

// previewData is a decision before it is saved.
type previewData struct {
	Page
	Action  string
	Name    string // title of the petition
	InLang  petition.Lang
	Verdict string
	Button  string       // says what it does
	Given   []caseFact   // the ground and the explanation
	Says    []caseFact   // what follows
	Calm    bool         // nothing ends by it
	Drafts  bool         // the letter is known before it is sent
	Letter  *DraftLetter // nil when nobody is written to
	Fields  []hiddenField
}

// previewDecision shows what a decision would do. What would refuse the
// decision refuses its preview in the same way.
func (w *Web) previewDecision(rw http.ResponseWriter, r *http.Request, l petition.Lang, c deskCase, form url.Values, v moderation.Verdict) error {
	change, err := w.moderation.Rehearse(r.Context(), c.who, c.p.ID, v)
	if err != nil {
		return w.decided(rw, r, l, c, form, v.Version, err)
	}
	pr := w.bundle.Printer(l)
	t, in, _ := c.p.Texts.In(l, fallbacks(c.p.Lang)...)
	at := "/desk/petitions/" + strconv.FormatInt(int64(c.p.ID), 10)
	q := decisionQuestion(change.Petition)
	d := previewData{Page: w.deskPage(rw, l, c.who, at, pr.T("desk.preview.title")), Action: caseURL(l, c.p.ID), Name: t.Title, InLang: in,
		Verdict: pr.T("desk.decide." + string(v.Verdict)), Button: pr.T("confirm." + q.key + ".button"), Says: q.consequences(pr), Calm: q.calm, Drafts: w.draft != nil}
	d.Narrow = true
	if change.Petition.Proposed != nil {
		d.Verdict = pr.T("desk.preview.proposed")
	}
	if v.Reason != "" {
		d.Given = append(d.Given, caseFact{pr.T("desk.decide.reason"), decisionWords(pr, c.law, v.Reason, "").Reason})
	}
	if note := petition.Clean(v.Note); note != "" {
		d.Given = append(d.Given, caseFact{pr.T("desk.decide.note"), note})
	}
	if d.Drafts {
		draft, ok, err := w.draft(r.Context(), change)
		if err != nil {
			return err
		}
		if ok {
			d.Letter = &draft
		}
	}
	for _, name := range []string{"verdict", "reason", "note", "version"} {
		d.Fields = append(d.Fields, hiddenField{name, form.Get(name)})
	}
	return w.answer(rw, l, http.StatusOK, "desk_preview", d)
}

// decisionQuestion says what follows once p, which was decided, is saved.
func decisionQuestion(p petition.Petition) question {
	const all = "public where long final second"
	switch {
	case p.Proposed != nil:
		return question{key: "decision-proposed", says: "public final second", calm: true}
	case p.State == petition.Refused && p.HideText:
		return question{key: "decision-hidden", says: all}
	case p.State == petition.Refused:
		return question{key: "decision-refused", says: all}
	case p.State == petition.Returned:
		return question{key: "decision-returned", says: "public final second", calm: true}
	}
	return question{key: "decision-published", says: all, calm: true}
}
