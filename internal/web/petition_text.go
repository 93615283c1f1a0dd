package web

import (
	"regexp"
	"slices"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// textView is a petition's text in one language.
type textView struct {
	Lang    petition.Lang // "" when it is the page's
	Missing petition.Lang // the language that was wanted and is not there; "" for none
	petition.Text
}

// version is a link to the text in another language, or the word that it is missing.
type version struct {
	Lang    petition.Lang
	URL     string // "" when missing
	Current bool
}

// textIn is a text for a page in l.
func textIn(l, of petition.Lang, t petition.Text) textView {
	v := textView{Text: t}
	if of != l {
		v.Lang = of
		v.Missing = l
	}
	return v
}

// textViews are the texts of a petition in all languages, the reader's first.
func (w *Web) textViews(l petition.Lang, texts petition.Texts) []textView {
	var views []textView
	for _, x := range append([]petition.Lang{l}, i18n.Langs()...) {
		t, ok := texts[x]
		if !ok || len(views) > 0 && x == l {
			continue
		}
		v := textView{Text: t}
		if x != l {
			v.Lang = x
		}
		views = append(views, v)
	}
	return views
}

// versions are the languages of the text: those it has, and those its law asks
// for and it lacks. Nil where there is nothing to choose or to miss.
func (w *Web) versions(l petition.Lang, law *petition.Profile, v store.Public, shown petition.Lang) []version {
	if len(v.Texts) == 0 || !here(v) {
		return nil
	}
	var all []version
	for _, x := range i18n.Langs() {
		_, has := v.Texts[x]
		asked := slices.ContainsFunc(law.Languages, func(k petition.Language) bool { return k.Lang == x })
		if !has && !asked {
			continue
		}
		item := version{Lang: x, Current: x == shown}
		if has {
			item.URL = "/" + string(l) + petitionPath(v.Number)
			if x != l {
				item.URL += "?text=" + string(x)
			}
		}
		all = append(all, item)
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

// answerView is the body's answer.
type answerView struct {
	Outcome string
	Date    petition.Date
	Texts   []textView
	Summary string // of an answer on another site
	Details string
	Lang    petition.Lang
	// Where it was found, when it came by another way.
	Source, SourceURL string
	Received          petition.Date
	Files             []fileView
}

func (w *Web) answerOf(l petition.Lang, v store.Public) *answerView {
	if v.Answer == nil {
		return nil
	}
	pr := w.bundle.Printer(l)
	a := &answerView{Outcome: pr.T("outcome." + v.Answer.Outcome), Date: w.lawOf(v.Petition).Today(v.Answer.At),
		Texts: w.textViews(l, v.Answer.Texts)}
	a.sourceOf(v.Answer)
	return a
}

// steps is the timeline of a petition in words.
func (w *Web) steps(l petition.Lang, law *petition.Profile, p petition.Petition, now time.Time) []timelineStep {
	pr := w.bundle.Printer(l)
	var steps []timelineStep
	for _, s := range law.Steps(p, now) {
		line := timelineStep{Status: s.Status, Word: pr.T("web.step.status." + string(s.Status)), Title: pr.T("web.step." + s.Key)}
		stage, _ := law.Stage(s.Stage)
		switch s.Key {
		case "supporting":
			line.Text = pr.N("unit.supporters", s.Threshold)
		case "stage":
			line.Title = inLang(stage.Name, l) + ": " + pr.StageNeeds(stage, s.Threshold)
			line.Text = inLang(stage.Describe, l)
		case "delivery":
			line.Text = inLang(stage.Name, l)
			if s.Status != petition.Done {
				line.Text += ". " + pr.T("web.delivery.not-yet")
			}
		case "archived":
			if s.Status != petition.Done {
				line.Title, line.Dates = pr.T("web.step.archived.on"), []string{pr.Date(s.By)}
			}
		case "closed":
			if s.Status != petition.Done {
				line.Title = pr.T("web.step.closes")
			}
		}
		if !s.On.IsZero() {
			line.Dates = append(line.Dates, pr.Date(s.On))
		}
		if s.Status != petition.Done && !s.By.IsZero() && s.Key != "archived" {
			line.Dates = append(line.Dates, w.deadline(pr, law, s, now))
		}
		steps = append(steps, line)
	}
	return steps
}

// deadline says until when a step is due, and how long that is or was.
func (w *Web) deadline(pr *i18n.Printer, law *petition.Profile, s petition.Step, now time.Time) string {
	until := pr.T("web.step.by", "date", s.By)
	switch left := law.Today(now).DaysUntil(s.By); {
	case s.Status == petition.Ahead:
		return until
	case left < 0:
		return until + " · " + tied(pr.N("overdue.days", int64(-left)))
	case left == 0:
		return until + " · " + pr.T("left.today")
	default:
		return until + " · " + tied(pr.N("left.days", int64(left)))
	}
}

// tied keeps every number of a sentence on one line with the word behind it.
func tied(s string) string { return afterDigit.ReplaceAllString(s, "$1\u00a0") }

var afterDigit = regexp.MustCompile(`(\d) `)

// eligibleText says in the words of the law who may sign or start.
func (w *Web) eligibleText(l petition.Lang, e petition.Eligibility) string {
	pr, age := w.bundle.Printer(l), int64(e.MinAge)
	switch bound := len(e.Citizenship)+len(e.Residence) > 0; {
	case bound && e.MinAge > 0:
		return pr.N("web.eligible.resident", age)
	case bound:
		return pr.T("web.eligible.citizen")
	case e.MinAge > 0:
		return pr.N("web.eligible.age", age)
	}
	return pr.T("web.eligible.any")
}
