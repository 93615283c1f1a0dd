package web

import (
	"net/http"
	"slices"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// bodyListMax is how many petitions the desk of a body lists; those that wait
// come before those that are answered.
const bodyListMax = 200

// bodyData is the desk of a public body.
type bodyData struct {
	Page
	Body     string // its name; "" for an officer of none
	Done     string // what came of the answer just given; "" for none
	Waiting  []bodyRow
	Answered []bodyRow
}

// bodyRow is a petition to the body.
type bodyRow struct {
	URL, Name string
	Lang      petition.Lang
	Count     int64         // the public one
	Tag       tag           // how long is left, or the outcome
	By        petition.Date // last day for the answer; zero for none
	On        petition.Date // when it was answered; zero when it was not
}

// mayRead reports whether staff may see a petition at the desk: an officer of
// a body only what is public and addressed to that body.
func mayRead(who store.Staff, p petition.Petition) bool {
	if staff.Can(who.Role, staff.ReadDesk) {
		return true
	}
	public := p.State == petition.Open || p.State == petition.Closed
	return who.Role == store.Officer && who.Body != "" && p.Body == who.Body && public
}

// bodyDesk is what an officer of a body sees: the petitions to that body which
// wait for its answer, the nearest deadline first, and those it has answered.
func (w *Web) bodyDesk(rw http.ResponseWriter, r *http.Request, l petition.Lang, who store.Staff, done string) error {
	ctx, pr := r.Context(), w.bundle.Printer(l)
	list, err := w.moderation.Answers(ctx, who.Body, bodyListMax)
	if err != nil {
		return err
	}
	d := bodyData{Page: w.deskPage(rw, l, who, "/desk", pr.T("desk.body.title")), Body: w.bodyName(ctx, l, who.Body)}
	for _, p := range list {
		if p.Answer == nil {
			d.Waiting = append(d.Waiting, w.bodyRow(pr, p))
		} else {
			d.Answered = append(d.Answered, w.bodyRow(pr, p))
		}
	}
	slices.SortStableFunc(d.Waiting, func(a, b bodyRow) int {
		switch {
		case a.By == b.By:
			return 0
		case b.By.IsZero() || !a.By.IsZero() && a.By.Before(b.By): // without a term: last
			return -1
		}
		return 1
	})
	if d.Done, err = w.deskDone(ctx, pr, who, done); err != nil {
		return err
	}
	return w.answer(rw, l, http.StatusOK, "desk_body", d)
}

func (w *Web) bodyRow(pr *i18n.Printer, p petition.Petition) bodyRow {
	l, law := pr.Lang(), w.lawOf(p)
	t, in, _ := p.Texts.In(l, fallbacks(p.Lang)...)
	row := bodyRow{URL: caseURL(l, p.ID), Name: t.Title, Lang: in, Count: p.Shown}
	if p.Answer != nil {
		row.On, row.Tag = law.Today(p.Answer.At), tag{"answered", pr.T("outcome." + p.Answer.Outcome)}
		return row
	}
	row.By, row.Tag = answerLeft(pr, law, p, law.Today(w.now()))
	return row
}

// answerLeft is the last day for the answer a body owes, and how many days are
// left or over. No day and a plain word where the law sets no term.
func answerLeft(pr *i18n.Printer, law *petition.Profile, p petition.Petition, today petition.Date) (petition.Date, tag) {
	due := law.Duty(p)
	if due == nil || due.AnswerBy.IsZero() {
		return petition.Date{}, tag{"plain", pr.T("desk.queue.nodeadline")}
	}
	switch days := int64(today.DaysUntil(due.AnswerBy)); {
	case days < 0:
		return due.AnswerBy, tag{"overdue", pr.N("overdue.days", -days)}
	case days == 0:
		return due.AnswerBy, tag{"waiting", pr.T("left.today")}
	default:
		return due.AnswerBy, tag{"open", pr.N("left.days", days)}
	}
}
