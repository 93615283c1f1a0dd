package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// caseData is one petition as an officer sees it.
type caseData struct {
	Page
	ID       petition.ID
	Name     string // title of the petition
	NameLang petition.Lang
	State    string
	Left     *tag // nil when nothing waits
	Facts    []caseFact
	Public   string // path of the public page; "" for none
	Texts    []langText
	Version  int
	Appeal   string
	Refusal  *decisionView
	Proposed *proposedView
	History  []historyRow
	Decision *decisionForm // nil when there is nothing to decide here
	ReadOnly string        // why this officer cannot decide; "" when they can
	Answer   *answerForm   // nil when no answer can be recorded
	Given    *answerView
	Faults   []fault
	Conflict *conflictView
	Back     string // words of the link to the list
	More     *deskMore
	Delivery *caseDelivery // nil where no stage asks the body
	Work     *workView     // claim, topics and notes; nil for who does not moderate
	Archive  *archiveView  // the way to the archive; nil for none
	TakeDown *takeDownView // what can be done about its being public; nil for nothing
}

// caseFact is one line about a petition.
type caseFact struct{ Label, Value string }

// proposedView is a refusal that waits for a second officer.
type proposedView struct {
	Mine         bool // it is this officer's own
	Reason, Note string
}

// decisionForm is the form of a decision.
type decisionForm struct {
	Verdict choice
	Reasons []reasonOption
	Reason  string // the fault of the choice of a ground; "" for none
	Note    field
}

// reasonOption is a ground of the profile with the article it rests on.
type reasonOption struct {
	Code, Text, Article string
	Unverified, Hides   bool
	Selected            bool
}

// answerForm is the form of the body's answer.
type answerForm struct {
	Outcome choice
	Texts   []field
	Outside []field // of an answer that came by another way
}

// conflictView says what happened between reading and deciding.
type conflictView struct {
	Text   string
	Events []historyRow
	Typed  []caseFact // what was typed in a form that is not shown any more
}

// deskCase is a petition of the desk, loaded.
type deskCase struct {
	who    store.Staff
	p      petition.Petition
	events []petition.Event
	law    *petition.Profile
	inside bool // moderation's own side of it is shown
	claim  store.Claim
}

// loadCase finds the petition of the path; one that is not for this officer to
// see is 403.
func (w *Web) loadCase(r *http.Request, who store.Staff) (deskCase, error) {
	s := r.PathValue("id")
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != s {
		return deskCase{}, fmt.Errorf("%w: petition of the desk", httpd.ErrNotFound)
	}
	p, events, law, err := w.moderation.Case(r.Context(), petition.ID(id))
	if err != nil {
		return deskCase{}, processError(err)
	}
	if !mayRead(who, p) {
		return deskCase{}, httpd.ErrForbidden
	}
	c := deskCase{who: who, p: p, events: events, law: law, inside: staff.Can(who.Role, staff.ReadDesk)}
	if c.claim, err = w.moderation.Holder(r.Context(), who, p.ID); err != nil {
		return c, err
	}
	if !c.inside { // of the way to publication only what everyone may know
		c.p.Appeal, c.p.Refusal, c.p.Proposed, c.p.Count = "", nil, nil, c.p.Shown
		c.events, err = w.store.PublicEvents(r.Context(), p.ID)
	}
	return c, err
}

func (w *Web) getDeskCase(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.EnterDesk, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		c, err := w.loadCase(r, who)
		if err != nil {
			return err
		}
		return w.showCase(rw, r, l, http.StatusOK, c, url.Values{}, nil, nil)
	})
}

// caseForm takes a form about the petition that the address names, from
// officers who may do that.
func (w *Web) caseForm(l petition.Lang, may staff.Action, act func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values) error) httpd.Handler {
	return w.forStaff(l, may, func(who store.Staff, _ petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		c, err := w.loadCase(r, who)
		if err != nil {
			return err
		}
		return act(rw, r, c, form)
	})
}

// caseUpload is caseForm of a form that brings documents.
func (w *Web) caseUpload(l petition.Lang, may staff.Action, act func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values, docs []moderation.Document) error) httpd.Handler {
	return w.forStaff(l, may, func(who store.Staff, _ petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		form, docs, err := uploaded(rw, r)
		if err != nil {
			return err
		}
		c, err := w.loadCase(r, who)
		if err != nil {
			return err
		}
		return act(rw, r, c, form, docs)
	})
}

// showCase renders the page of a petition; form and faults are those of a form
// that was refused.
func (w *Web) showCase(rw http.ResponseWriter, r *http.Request, l petition.Lang, status int, c deskCase, form url.Values,
	faults []fault, conflict *conflictView) error {
	pr, p := w.bundle.Printer(l), c.p
	t, in, _ := p.Texts.In(l, fallbacks(p.Lang)...)
	d := caseData{
		Page: w.deskPage(rw, l, c.who, "/desk/petitions/"+strconv.FormatInt(int64(p.ID), 10), t.Title), ID: p.ID, Name: t.Title, NameLang: in,
		State: pr.T("state." + stateKey(p.State)), Facts: w.caseFacts(r, pr, c), Texts: w.langTexts(c.law, p), Version: p.TextVersion,
		Appeal: p.Appeal, History: w.history(pr, c.law, c.events, c.inside), Faults: faults, Conflict: conflict,
		Back: pr.T("desk.case.back"),
	}
	if !c.inside {
		d.Back = pr.T("desk.body.back")
	}
	d.Invalid = len(faults) > 0 || conflict != nil
	if p.Number > 0 && (p.State.Public() || p.State == petition.Removed || p.State == petition.Hidden) {
		d.Public = "/" + string(l) + petitionPath(p.Number)
	}
	if p.Refusal != nil {
		d.Refusal = w.decision(pr, c.law, p.Refusal.Reason, p.Refusal.Note)
	}
	if p.Proposed != nil {
		d.Proposed = &proposedView{Mine: int64(p.Proposed.Officer) == c.who.ID, Note: p.Proposed.Note,
			Reason: decisionWords(pr, c.law, p.Proposed.Reason, "").Reason}
	}
	w.caseForms(pr, &d, c, form)
	var err error
	if d.More, err = w.deskMore(r.Context(), pr, c, faults, form); err != nil {
		return err
	}
	if handed, err := w.caseDelivery(r.Context(), pr, c, form, faults); err != nil {
		return err
	} else if handed.Form != nil || handed.Done != nil || handed.Words != nil {
		d.Delivery = &handed
	}
	d.TakeDown, d.Archive = w.takeDownView(pr, c, form, faults), w.archiveForm(c)
	if d.Work, err = w.workView(r, pr, c, form, faults); err != nil {
		return err
	}
	if conflict != nil {
		conflict.Typed = d.typed(pr, c, form)
	}
	return w.answer(rw, l, status, "desk_case", d)
}

func (w *Web) caseFacts(r *http.Request, pr *i18n.Printer, c deskCase) []caseFact {
	p, l := c.p, pr.Lang()
	facts := []caseFact{
		{pr.T("desk.case.kind"), pr.T("kind." + string(p.Kind))},
		{pr.T("desk.case.body"), w.bodyName(r.Context(), l, p.Body)},
		{pr.T("desk.case.creator"), creatorWords(pr, p.Creator) + " (" + pr.T("creator."+string(p.Creator.Kind)) + ")"},
	}
	if p.Creator.Org != "" {
		facts = append(facts, caseFact{pr.T("desk.case.org"), p.Creator.Org + " (" + orgWords(pr, p) + ")"})
	}
	if p.Place != "" {
		facts = append(facts, caseFact{pr.T("desk.case.place"), w.placeName(l, c.law, p.Place)})
	}
	facts = append(facts, caseFact{pr.T("desk.case.count"), pr.Number(p.Count)},
		caseFact{pr.T("desk.case.version"), strconv.Itoa(p.TextVersion)},
		caseFact{pr.T("desk.case.law"), inLang(c.law.Name, l) + " " + c.law.Version})
	if p.Number > 0 {
		facts = append(facts, caseFact{pr.T("desk.case.number"), numberWords(p.Number)})
	}
	if !p.DecideBy.IsZero() {
		facts = append(facts, caseFact{pr.T("desk.queue.deadline"), pr.Date(lastDay(c.law, p.DecideBy))})
	}
	return facts
}

// caseForms adds what this officer can do with the petition now.
func (w *Web) caseForms(pr *i18n.Printer, d *caseData, c deskCase, form url.Values) {
	p := c.p
	decidable := p.State == petition.Moderation || p.State == petition.Appealed
	if decidable || p.State == petition.Authorising {
		left := w.timeLeft(pr, c.law, p)
		d.Left = &left
	}
	if p.Answer != nil {
		d.Given = &answerView{Outcome: pr.T("outcome." + p.Answer.Outcome), Date: c.law.Today(p.Answer.At), Texts: w.textViews(pr.Lang(), p.Answer.Texts)}
		d.Given.sourceOf(p.Answer)
	}
	answerable := (p.State == petition.Open || p.State == petition.Closed) && p.Answer == nil && !p.Archived()
	if due := c.law.Duty(p); answerable && due != nil {
		by, left := answerLeft(pr, c.law, p, c.law.Today(w.now()))
		d.Left = &left
		if !by.IsZero() {
			d.Facts = append(d.Facts, caseFact{pr.T("desk.case.answer-by"), pr.Date(by)})
		}
	}
	switch {
	case p.Archived():
		d.ReadOnly = pr.T("desk.archive.is", "date", c.law.Today(p.ArchivedAt))
	case answerable && staff.Can(c.who.Role, staff.AnswerFor):
		d.Answer = w.answerForm(pr, c, form, d.Faults)
	case c.who.Role == store.Officer: // nothing is left to do, and the page says so by itself
	case !staff.Can(c.who.Role, staff.Moderate):
		d.ReadOnly = pr.T("desk.decide.readonly")
	case p.State == petition.Appealed && slices.Contains(p.RefusedBy, petition.OfficerID(c.who.ID)):
		d.ReadOnly = pr.T("desk.decide.own")
	case decidable && c.claim.Holds(c.who.ID, w.now()): // the page says who holds it
	case decidable:
		d.Decision = w.decisionForm(pr, d, c, form)
	}
}

// decisionForm offers only verdicts that the law would accept from this
// officer; the act itself asks the law again.
func (w *Web) decisionForm(pr *i18n.Printer, d *caseData, c deskCase, form url.Values) *decisionForm {
	verdicts := []option{{Value: string(petition.Publish), Label: pr.T("desk.decide.publish"), Hint: pr.T("desk.decide.publish.hint")}}
	if c.p.State == petition.Moderation {
		verdicts = append(verdicts, option{Value: string(petition.Return), Label: pr.T("desk.decide.return"), Hint: pr.T("desk.decide.return.hint")})
	}
	reject := option{Value: string(petition.Reject), Label: pr.T("desk.decide.reject"), Hint: pr.T("desk.decide.reject.hint")}
	switch {
	case d.Proposed != nil:
		reject.Label = pr.T("desk.decide.reject.confirm")
	case c.law.Moderation.RefusalOfficers > 1:
		reject.Hint = pr.T("desk.decide.reject.two")
	}
	if c.p.State == petition.Appealed && d.Proposed == nil {
		reject.Label = pr.T("desk.decide.reject.uphold")
	}
	if d.Proposed == nil || !d.Proposed.Mine {
		verdicts = append(verdicts, reject)
	}
	for i := range verdicts {
		verdicts[i].Selected = verdicts[i].Value == form.Get("verdict")
	}
	f := &decisionForm{Reason: faultOf(d.Faults, "reason"),
		Verdict: choice{Name: "verdict", Label: pr.T("desk.decide.verdict"), Options: verdicts, Error: faultOf(d.Faults, "verdict")},
		Note: field{Name: "note", Label: pr.T("desk.decide.note"), Hint: pr.T("desk.decide.note.hint"), Value: form.Get("note"),
			Rows: 5, Optional: true, Error: faultOf(d.Faults, "note")}}
	chosen := form.Get("reason")
	if chosen == "" && c.p.Proposed != nil {
		chosen = c.p.Proposed.Reason
	}
	for _, r := range c.law.Moderation.Reasons {
		f.Reasons = append(f.Reasons, reasonOption{Code: r.Code, Text: inLang(r.Text, pr.Lang()), Article: w.cite(pr, r.Cite.Article).Text,
			Unverified: r.Cite.Unverified(), Hides: r.HideText, Selected: r.Code == chosen})
	}
	return f
}

func (w *Web) answerForm(pr *i18n.Printer, c deskCase, form url.Values, faults []fault) *answerForm {
	f := &answerForm{Outcome: choice{Name: "outcome", Label: pr.T("desk.answer.outcome"), Error: faultOf(faults, "outcome")}}
	for _, o := range []string{"satisfied", "partly", "refused"} {
		f.Outcome.Options = append(f.Outcome.Options, option{Value: o, Label: pr.T("outcome." + o), Selected: form.Get("outcome") == o})
	}
	for _, tl := range c.law.Languages {
		name := inLanguage("answer", tl.Lang)
		f.Texts = append(f.Texts, field{Name: name, Label: pr.T("desk.answer.text", "language", pr.T("lang."+string(tl.Lang))),
			Value: form.Get(name), Lang: tl.Lang, Rows: 6, Error: faultOf(faults, name)})
	}
	f.extras(pr, c, form, faults)
	return f
}
