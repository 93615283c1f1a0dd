package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// The lengths of the page of letters.
const (
	lettersDays = 30
	mailingRows = 50
)

// deskLettersData is what waits to be sent, and the news to subscribers.
// Numbers only: the page knows nobody's address.
type deskLettersData struct {
	Page
	Done      string // what was done a moment ago
	Classes   []letterClass
	Uncertain int64
	Mailings  []mailingView
}

// letterClass is a class of letters: what waits, and what became of the others.
type letterClass struct {
	Name                                   string
	Waiting                                int64
	Oldest                                 string // "" when nothing waits
	Sent, Refused, Bounced, GivenUp, Other int64
}

// mailingView is news to the subscribers of one petition.
type mailingView struct {
	ID                                 int64
	Title, What, State, When, URL      string
	Lang                               petition.Lang
	Made, Audience, Waiting, Gone, Max int64
	Acts                               []mailingAct // what this officer may do
}

type mailingAct struct{ Value, Label string }

// getDeskLetters shows how letters leave.
func (w *Web) getDeskLetters(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.ReadDesk, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		pr := w.bundle.Printer(l)
		d := deskLettersData{Page: w.deskPage(rw, l, who, "/desk/letters", pr.T("desk.letters.title"))}
		if _, ok := mailingActs()[r.URL.Query().Get("done")]; ok {
			d.Done = pr.T("desk.letters.done." + r.URL.Query().Get("done"))
		}
		var err error
		if d.Classes, err = w.letterClasses(r, pr); err != nil {
			return err
		}
		if _, d.Uncertain, err = w.store.OutboxSize(r.Context()); err != nil {
			return err
		}
		list, err := w.store.DeskMailings(r.Context(), mailingRows)
		if err != nil {
			return err
		}
		for _, m := range list {
			d.Mailings = append(d.Mailings, w.mailingView(pr, who, m))
		}
		return w.answer(rw, l, http.StatusOK, "desk_letters", d)
	})
}

func (w *Web) letterClasses(r *http.Request, pr *i18n.Printer) ([]letterClass, error) {
	waiting, err := w.store.OutboxClasses(r.Context())
	if err != nil {
		return nil, err
	}
	counts, err := w.store.LetterCounts(r.Context(), w.now().UTC().AddDate(0, 0, -lettersDays).Format("2006-01-02"))
	if err != nil {
		return nil, err
	}
	var list []letterClass
	for _, class := range []int{store.PriorityProof, store.PriorityActs, store.PriorityNews} {
		c := letterClass{Name: pr.T("desk.letters.class." + store.LetterClassName(class))}
		for _, x := range waiting {
			if x.Priority == class {
				c.Waiting = x.Waiting
				if !x.Oldest.IsZero() {
					c.Oldest = pr.ShortDate(w.law.Today(x.Oldest)) + ", " + pr.Time(x.Oldest, w.law.Location)
				}
			}
		}
		for _, x := range counts {
			switch {
			case x.Priority != class:
			case x.Result == store.LetterSent:
				c.Sent += x.Letters
			case x.Result == store.LetterRefused:
				c.Refused += x.Letters
			case x.Result == store.LetterBounced:
				c.Bounced += x.Letters
			case x.Result == store.LetterGivenUp:
				c.GivenUp += x.Letters
			default:
				c.Other += x.Letters
			}
		}
		list = append(list, c)
	}
	return list, nil
}

// mailingActs are the acts of the form and what they lead to.
func mailingActs() map[string]store.MailingState {
	return map[string]store.MailingState{"pause": store.MailingPaused, "resume": store.MailingRuns, "stop": store.MailingStopped}
}

func (w *Web) mailingView(pr *i18n.Printer, who store.Staff, m store.DeskMailing) mailingView {
	t, lang, _ := m.Petition.Texts.In(pr.Lang(), fallbacks(m.Petition.Lang)...)
	state := m.State.String()
	if m.State == store.MailingMade && m.Waiting > 0 {
		state = store.MailingRuns.String()
	}
	v := mailingView{ID: m.ID, Title: t.Title, Lang: lang, What: pr.T("desk.letters.kind." + m.Kind), State: pr.T("desk.letters.state." + state),
		When: pr.ShortDate(w.lawOf(m.Petition).Today(m.At)), URL: caseURL(pr.Lang(), m.Petition.ID),
		Made: m.Made, Audience: max(m.Audience, m.Made), Waiting: m.Waiting, Gone: m.Made - m.Waiting}
	v.Max = max(v.Audience, 1)
	if !staff.Can(who.Role, staff.Moderate) {
		return v
	}
	act := func(value string) { v.Acts = append(v.Acts, mailingAct{value, pr.T("desk.letters.act." + value)}) }
	switch {
	case m.State == store.MailingPaused: // stopping is for good, so it takes two steps
		act("resume")
		act("stop")
	case state == store.MailingRuns.String():
		act("pause")
	}
	return v
}

// mailingAsked asks before news are paused or stopped. One that is not in the
// list is left to the act, which finds it or does not.
func (w *Web) mailingAsked(rw http.ResponseWriter, r *http.Request, l petition.Lang, who store.Staff, id int64, form url.Values) (bool, error) {
	list, err := w.store.DeskMailings(r.Context(), mailingRows)
	if err != nil {
		return false, err
	}
	pr := w.bundle.Printer(l)
	for _, m := range list {
		act, v := form.Get("act"), w.mailingView(pr, who, m)
		if m.ID != id || !slices.ContainsFunc(v.Acts, func(a mailingAct) bool { return a.Value == act }) {
			continue
		}
		q := question{key: "mailing-" + act, says: "public long final", name: v.Title, lang: v.Lang, seen: m.State.String(), back: "/" + string(l) + "/desk/letters",
			given: []caseFact{{v.What, pr.T("desk.letters.progress", "gone", pr.Number(v.Gone), "all", pr.Number(v.Audience))}}}
		return w.asked(rw, r, w.deskPage(rw, l, who, "/desk/letters", ""), form, q)
	}
	return true, nil
}

// postDeskLetters pauses a mailing, lets it go on or stops it, the first and the
// last once that is confirmed; fields mailing, act.
func (w *Web) postDeskLetters(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.Moderate, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		act := form.Get("act")
		to, ok := mailingActs()[act]
		id, err := strconv.ParseInt(form.Get("mailing"), 10, 64)
		if !ok || err != nil {
			return httpd.ErrNotFound
		}
		if to != store.MailingRuns {
			if yes, err := w.mailingAsked(rw, r, l, who, id, form); !yes {
				return err
			}
		}
		if err := w.moderation.SetMailing(r.Context(), who, id, to); err != nil {
			return err
		}
		return seeOther(rw, "/"+string(l)+"/desk/letters?done="+act)
	})
}
