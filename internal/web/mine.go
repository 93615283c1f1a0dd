package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/petition"
)

// mineData is the petitioner's private page.
type mineData struct {
	Page
	Token    string
	State    string
	Next     []string // what comes next, a sentence each
	Count    int64
	Share    string // whole address; "" once nobody can support by it
	Public   string // path of the public page; "" while there is none
	Decision *decisionView
	Texts    []langText
	Missing  string
	Steps    []timelineStep
	History  []historyRow
	Appeal   *appealForm // nil when no appeal is possible
	Words    string      // of an appeal already lodged
	Change   *changeForm // nil when there is nothing to change
	Withdraw bool        // the petition can still be withdrawn
	Anew     bool        // it found too few: a new one can be started
	Faults   []fault
	More     *mineMore
	Member   *memberView // of the assembly; nil where the law asks for none

	Complaints *mineComplaints // nil where nobody complained
}

// decisionView is a decision with its reason in words.
type decisionView struct {
	Reason, Note string
	Cite         citation
}

// appealForm is the form of an appeal and the last day for it.
type appealForm struct {
	Until petition.Date
	Field field
}

// changeForm asks for changed texts after a return.
type changeForm struct{ Items []formItem }

// historyRow is one act on a petition.
type historyRow struct {
	When, What, Who string
	Reason, Note    string
}

func (w *Web) getMine(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.showMine(rw, r, l, http.StatusOK, nil, mineInput{})
	}
}

// mineInput is what a form that was refused had in it.
type mineInput struct {
	appeal  string
	answers answers // nil when the texts that stand shall be shown
	more    url.Values
}

// showMine renders the private page; errs are the faults of its one form.
func (w *Web) showMine(rw http.ResponseWriter, r *http.Request, l petition.Lang, status int, errs petition.FieldErrors, in mineInput) error {
	token := r.PathValue("token")
	m, err := w.moderation.Mine(r.Context(), token)
	if err != nil {
		return processError(err)
	}
	if m.Law == nil || m.Petition.State == petition.Draft {
		return httpd.ErrNotFound
	}
	noRobots(rw)
	d := w.mineData(l, token, m)
	d.Page = w.private(rw, l, tokenPath("mine", token), w.bundle.Printer(l).T("mine.title"))
	d.Page.Invalid, d.Faults = len(errs) > 0, w.summary(l, errs)
	versions, err := w.moderation.Versions(r.Context(), m.Petition.ID)
	if err != nil {
		return err
	}
	d.Next = append(d.Next, w.slowly(r.Context(), w.bundle.Printer(l), m.Petition)...)
	if d.Complaints, err = w.mineComplaints(r.Context(), w.bundle.Printer(l), m); err != nil {
		return err
	}
	d.More = w.mineMore(w.bundle.Printer(l), token, m, versions, d.Faults, in.more)
	d.Member = w.memberView(w.bundle.Printer(l), m.Law, m.Petition, d.Faults, in.more, false)
	w.mineForms(l, &d, m, in)
	d.Faults = labelled(d.asked(), d.Faults)
	return w.answer(rw, l, status, "mine", d)
}

// noRobots keeps programs that index pages away from one with a secret address.
func noRobots(rw http.ResponseWriter) {
	rw.Header().Set("X-Robots-Tag", "noindex, nofollow, noarchive")
}

func (w *Web) mineData(l petition.Lang, token string, m moderation.Mine) mineData {
	pr, p, law := w.bundle.Printer(l), m.Petition, m.Law
	d := mineData{
		Token: token, State: pr.T("state." + stateKey(p.State)), Next: w.mineNext(pr, law, p), Count: p.Count,
		Decision: w.decisionOf(pr, law, p, m.Events), Texts: w.langTexts(law, p), Missing: w.missingWords(pr, law, p.Texts),
		History: w.history(pr, law, m.Events, false), Words: p.Appeal, Withdraw: withdrawable(p.State), Anew: p.State == petition.Lapsed,
	}
	if p.State == petition.Supporting || !law.Support.AfterCheck && (p.State == petition.Authorising || p.State == petition.Moderation) {
		d.Share = w.address(l, "p", m.Share)
	}
	if p.Number > 0 && (p.State.Public() || p.State == petition.Removed || p.State == petition.Hidden) {
		d.Public = "/" + string(l) + petitionPath(p.Number)
	}
	if p.State != petition.Lapsed && p.State != petition.Withdrawn && p.State != petition.Removed && p.State != petition.Hidden {
		d.Steps = w.steps(l, law, p, w.now())
	}
	return d
}

// stateKey is the message of a state; an appeal has no word of its own because
// the refusal stands until it is decided.
func stateKey(s petition.State) string {
	if s == petition.Appealed {
		return string(petition.Refused)
	}
	return string(s)
}

// withdrawable mirrors what Profile.Withdraw accepts, so that the page offers
// nothing that would be refused; the act itself asks the law again.
func withdrawable(s petition.State) bool {
	switch s {
	case petition.Supporting, petition.Authorising, petition.Moderation, petition.Returned, petition.Appealed, petition.Open:
		return true
	}
	return false
}

// mineForms adds the appeal or the change, whichever is possible now.
func (w *Web) mineForms(l petition.Lang, d *mineData, m moderation.Mine, in mineInput) {
	pr, p, law := w.bundle.Printer(l), m.Petition, m.Law
	if p.State == petition.Refused && law.Appeal.Allowed && !p.Archived() && p.AppealedAt.IsZero() && w.now().Before(p.AppealUntil) {
		d.Appeal = &appealForm{Until: lastDay(law, p.AppealUntil), Field: field{Name: "appeal", Label: pr.T("mine.appeal.label"),
			Value: in.appeal, Rows: 8, Error: faultOf(d.Faults, "appeal")}}
	}
	if p.State != petition.Returned {
		return
	}
	a := in.answers
	if a == nil {
		a = textAnswers(p)
	}
	b := itemBuilder{w: w, pr: pr, a: a, page: l, faults: d.Faults}
	own := formItem{Heading: pr.T("lang." + string(p.Lang)), Lang: p.Lang}
	items := []formItem{own, b.text("title", "title", p.Lang), b.text("ask", "ask", p.Lang), b.text("details", "details", p.Lang)}
	for _, tl := range law.Languages {
		if tl.Lang != p.Lang {
			items = append(items, b.more(tl.Lang)...)
		}
	}
	d.Change = &changeForm{Items: items}
}

// asked are the fields of all the forms of the page.
func (d *mineData) asked() []formItem {
	var items []formItem
	if d.Appeal != nil {
		items = append(items, formItem{Field: &d.Appeal.Field})
	}
	if d.Change != nil {
		items = append(items, d.Change.Items...)
	}
	if n := d.More.News; n != nil {
		items = append(items, formItem{Field: &n.Title}, formItem{Field: &n.Text})
	}
	if d.More.Display != nil {
		items = append(items, formItem{Radios: d.More.Display})
	}
	if d.More.Merge != nil {
		items = append(items, formItem{Field: d.More.Merge})
	}
	return append(items, d.Member.asked()...)
}

// textAnswers are a petition's texts as fields of the start form.
func textAnswers(p petition.Petition) answers {
	a := answers{"lang": string(p.Lang)}
	for l, t := range p.Texts {
		for what, text := range map[string]string{"title": t.Title, "ask": t.Ask, "details": t.Details} {
			if l == p.Lang {
				a[what] = text
			} else {
				a[inLanguage(what, l)] = text
			}
		}
	}
	return a
}

// mineNext says what comes next and by when.
func (w *Web) mineNext(pr *i18n.Printer, law *petition.Profile, p petition.Petition) []string {
	if p.Archived() {
		return w.mineArchived(pr, law, p)
	}
	ph := law.PhaseOf(p, w.now())
	if p.Kind == petition.KindProposal && p.State == petition.Open && ph.Key != "answered" {
		next := []string{pr.T("mine.next.proposal")}
		if !ph.Until.IsZero() {
			next = append(next, pr.T("mine.next.answer-by", "date", ph.Until))
		}
		return next
	}
	switch ph.Key {
	case "stopped":
		return []string{pr.T("stopped.text", "date", p.DissolvedOn)}
	case "supporting":
		return []string{pr.T("mine.next.supporting", "supporters", pr.N("unit.supporters", law.Support.Threshold), "date", ph.Until)}
	case "moderation", "appealed", "authorising":
		return []string{pr.T("mine.next."+ph.Key, "date", ph.Until)}
	case "moderation-escalated":
		next := []string{pr.T("mine.next.escalated", "date", ph.Until)}
		if law.Moderation.OnMissed == "publish" {
			next = append(next, pr.T("mine.next.publish"))
		}
		return next
	case "moderation-overdue":
		return []string{pr.T("mine.next.overdue")}
	case "collecting":
		return w.mineCollecting(pr, law, p, ph)
	case "awaiting-answer":
		next := []string{pr.T("mine.next.awaiting-answer")}
		if !ph.Until.IsZero() {
			next = append(next, pr.T("mine.next.answer-by", "date", ph.Until))
		}
		return next
	}
	next := []string{pr.T("mine.next." + ph.Key)}
	if p.State == petition.Returned && !p.SupportUntil.IsZero() {
		next = append(next, pr.T("mine.returned.by", "date", lastDay(law, p.SupportUntil)))
	}
	if due := law.ArchiveDue(p); !due.IsZero() {
		next = append(next, pr.T("mine.next.to-archive", "date", law.Today(due)))
	}
	return next
}

// mineArchived says what is left to a petitioner whose petition is in the archive.
func (w *Web) mineArchived(pr *i18n.Printer, law *petition.Profile, p petition.Petition) []string {
	next := []string{pr.T("mine.next.archived", "date", law.Today(p.ArchivedAt))}
	if law.PhaseOf(p, w.now()).Key == "unanswered" {
		next = append([]string{pr.T("mine.next.unanswered")}, next...)
	}
	if until := p.ArchivedAt.Add(petition.ContactLife); w.now().Before(until) {
		next = append(next, pr.T("mine.next.contact", "date", law.Today(until)))
	}
	return next
}

// mineDuty is what the body owes while signatures are still collected: its
// answer and the day of it, or that nobody has handed the petition over yet.
func (w *Web) mineDuty(pr *i18n.Printer, law *petition.Profile, p petition.Petition) []string {
	due := law.Duty(p)
	switch {
	case p.Answer != nil:
		return []string{pr.T("mine.next.answered")}
	case due == nil:
		return nil
	case slices.ContainsFunc(law.Undelivered(p), func(s petition.Stage) bool { return s.ID == due.Stage }):
		return []string{pr.T("mine.duty.deliver")}
	case due.AnswerBy.IsZero():
		return []string{pr.T("mine.duty.asked")}
	case due.AnswerBy.Before(law.Today(w.now())):
		return []string{pr.T("mine.next.answer-overdue")}
	}
	return []string{pr.T("mine.duty.asked"), pr.T("mine.next.answer-by", "date", due.AnswerBy)}
}

func (w *Web) mineCollecting(pr *i18n.Printer, law *petition.Profile, p petition.Petition, ph petition.Phase) []string {
	next := []string{pr.T("mine.next.open")}
	if !ph.Until.IsZero() {
		next = []string{pr.T("mine.next.collecting", "date", ph.Until)}
	}
	next = append(next, w.mineDuty(pr, law, p)...)
	for _, s := range law.Stages {
		if _, done := p.Reached(s.ID); !done && p.Needed(s) > 0 {
			return append(next, pr.T("mine.next.stage", "signatures", pr.N("unit.signatures", p.Needed(s)), "stage", inLang(s.Name, pr.Lang())))
		}
	}
	return next
}

// decisionOf is the decision the petitioner has to know: the refusal in force,
// the ground of a hiding or removal, or the last return while the petition is
// returned.
func (w *Web) decisionOf(pr *i18n.Printer, law *petition.Profile, p petition.Petition, events []petition.Event) *decisionView {
	if p.Refusal != nil && (p.State == petition.Refused || p.State == petition.Appealed) {
		return w.decision(pr, law, p.Refusal.Reason, p.Refusal.Note)
	}
	if p.Hiding != nil {
		return w.decision(pr, law, p.Hiding.Reason, p.Hiding.Note)
	}
	if p.State != petition.Returned {
		return nil
	}
	for _, e := range slices.Backward(events) {
		if e.Kind == petition.EvReturned {
			return w.decision(pr, law, e.Data["reason"], e.Data["note"])
		}
	}
	return nil
}

// decisionWords is a ground of the law in words.
func decisionWords(pr *i18n.Printer, law *petition.Profile, code, note string) *decisionView {
	d := &decisionView{Reason: code, Note: note}
	if r, ok := law.Reason(code); ok {
		d.Reason = inLang(r.Text, pr.Lang())
	}
	return d
}

// decision is decisionWords with where the ground stands.
func (w *Web) decision(pr *i18n.Printer, law *petition.Profile, code, note string) *decisionView {
	d := decisionWords(pr, law, code, note)
	if r, ok := law.Reason(code); ok {
		d.Cite = w.cite(pr, r.Cite.Article)
	}
	return d
}

// history is what happened, in words; officers' numbers are for the desk only.
func (w *Web) history(pr *i18n.Printer, law *petition.Profile, events []petition.Event, desk bool) []historyRow {
	var rows []historyRow
	for _, e := range events {
		if e.Kind == petition.EvProposed && !desk {
			continue // one officer's wish decides nothing, and may never
		}
		row := historyRow{When: pr.Date(law.Today(e.At)), What: pr.T("event." + string(e.Kind)), Who: actorWords(pr, e.Actor, desk)}
		if desk {
			row.When += ", " + pr.Time(e.At, law.Location)
		}
		if s, ok := law.Stage(e.Data["stage"]); ok && (e.Kind == petition.EvStage || e.Kind == petition.EvDelivered) {
			row.What += ": " + inLang(s.Name, pr.Lang())
		}
		if code := e.Data["reason"]; code != "" {
			row.Reason = decisionWords(pr, law, code, "").Reason
		}
		row.Note = e.Data["note"]
		rows = append(rows, row)
	}
	return rows
}

func actorWords(pr *i18n.Printer, actor string, desk bool) string {
	id, officer := strings.CutPrefix(actor, "officer:")
	switch {
	case officer && desk:
		return pr.T("desk.as", "role", pr.T("actor.officer"), "id", id)
	case officer:
		return pr.T("actor.officer")
	}
	return pr.T("actor." + actor)
}

// numberWords is a number as an address has it, without groups of digits.
func numberWords(n int64) string { return strconv.FormatInt(n, 10) }
