package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
)

// getStart says what a petition takes, before the first question.
func (w *Web) getStart(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, _ *http.Request) error {
		page := w.private(rw, l, "/start", w.bundle.Printer(l).T("start.title"))
		page.Active, page.NoIndex = "start", false
		return w.answer(rw, l, http.StatusOK, "start_intro", w.startIntro(l, page))
	}
}

// wizard is one request to the wizard, read.
type wizard struct {
	answers answers
	step    string // the step whose page was sent; "" when the client walked none
	to      string // what its button asks for; "" when no button was pressed
	review  bool   // the reader came from the last page to change one answer
	steps   []string
}

func (w *Web) readWizard(l petition.Lang, form url.Values) wizard {
	v := wizard{answers: readAnswers(form), step: form.Get("step"), to: form.Get("go"), review: form.Get("review") == "yes"}
	v.steps = slices.DeleteFunc(startSteps(), func(step string) bool { return !w.asks(l, v.answers, step) })
	if v.step != "" && !v.knows(v.step) {
		v.step = "intro"
	}
	return v
}

// asks reports whether a step has a question under the site's law, for these answers.
func (w *Web) asks(l petition.Lang, a answers, step string) bool {
	switch step {
	case stepPlace:
		return len(w.placeOptions(l, w.law, "")) > 0
	case stepWindow:
		return len(w.law.Collect.Choices) > 0
	}
	more, ok := strings.CutPrefix(step, stepMore)
	if !ok {
		return true
	}
	in := petition.Lang(more)
	given := slices.ContainsFunc(stepFields(step), func(name string) bool { return a[name] != "" })
	return in != a.lang(l) && (given || slices.ContainsFunc(w.law.Languages, func(tl petition.Language) bool { return tl.Lang == in }))
}

// knows reports whether the wizard has the step.
func (v *wizard) knows(step string) bool { return slices.Contains(v.steps, step) }

// after is the step n places behind the present one, within the wizard.
func (v *wizard) after(n int) string {
	return v.steps[min(max(slices.Index(v.steps, v.step)+n, 0), len(v.steps)-1)]
}

// postStart moves through the steps, or takes the whole form.
//
// A client that sends no step fills in everything at once, and so does one
// that presses no button and has left nothing out.
func (w *Web) postStart(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, broken, err := readForm(r)
		if err != nil {
			return err
		}
		if trapped(form) {
			return seeOther(rw, "/"+string(l)+"/start/sent")
		}
		v := w.readWizard(l, form)
		errs, err := w.moderation.Check(r.Context(), v.answers.form(l))
		if err != nil {
			return err
		}
		errs = append(broken, errs...)
		whole := v.step == "" && v.to == "" || v.to == goSubmit || v.to == "" && len(errs) == 0
		switch {
		case whole && len(errs) == 0:
			return w.acceptStart(rw, r, l, v.answers)
		case whole:
			v.review = true
			return w.showStep(rw, r, l, v, firstFaulty(errs), errs)
		}
		to, wrong := v.next(errs)
		if !wrong {
			errs = nil
		}
		return w.showStep(rw, r, l, v, to, errs)
	}
}

// next is the step to show, and whether its faults are shown with it.
func (v *wizard) next(errs petition.FieldErrors) (step string, wrong bool) {
	switch {
	case v.step == "intro" || v.step == "":
		v.review = false
		if v.knows(v.to) && v.to != stepCheck {
			return v.to, false
		}
		return v.steps[0], false
	case v.to == goStay:
		return v.step, false
	case v.to == goBack:
		v.review = false
		return v.after(-1), false
	case v.knows(v.to) && v.to != stepCheck:
		v.review = true
		return v.to, false
	case len(faultsOn(v.step, errs)) > 0:
		return v.step, true
	}
	step = v.after(1)
	if v.review {
		step = stepCheck
	}
	if step == stepCheck && len(errs) > 0 {
		v.review = true
		return firstFaulty(errs), true
	}
	return step, false
}

// acceptStart keeps the draft and has the letter sent. The answer never tells
// whether a letter left: an address that had its letters gets no more of them.
func (w *Web) acceptStart(rw http.ResponseWriter, r *http.Request, l petition.Lang, a answers) error {
	if err := w.server.AllowClient(r, httpd.RuleStart); err != nil {
		return err
	}
	if w.mayWrite("start ", a["email"]) {
		if err := w.moderation.Start(r.Context(), a.form(l)); err != nil {
			return err
		}
	}
	return seeOther(rw, "/"+string(l)+"/start/sent")
}

func (w *Web) getStartSent(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, _ *http.Request) error {
		pr := w.bundle.Printer(l)
		page := w.private(rw, l, "/start/sent", pr.T("after.title"))
		page.Active = "start"
		return w.answer(rw, l, http.StatusOK, "sent", makeSent(pr, page, "start", link{pr.T("web.confirm.again"), "/" + string(l) + "/start"}))
	}
}

// showStep renders a step with the answers so far; errs are the faults to show.
func (w *Web) showStep(rw http.ResponseWriter, r *http.Request, l petition.Lang, v wizard, step string, errs petition.FieldErrors) error {
	data, err := w.startStep(r.Context(), l, v, step, faultsOn(step, errs))
	if err != nil {
		return err
	}
	data.Page = w.private(rw, l, "/start", data.Title)
	data.Scripts = true // counts characters
	data.Page.Active, data.Page.Invalid, data.Page.NoSwitch = "start", len(data.Faults) > 0, true
	if step == stepAsk && w.server.AllowClient(r, httpd.RuleSearch) == nil {
		if data.Similar, err = w.similar(r.Context(), l, v.answers); err != nil {
			return err
		}
	}
	if step == stepTitle && data.Page.Invalid || step == stepAsk {
		if data.Barred, err = w.barredBy(r.Context(), l, v.answers.lang(l), v.answers["title"]); err != nil {
			return err
		}
	}
	return w.answer(rw, l, data.status(), "start_step", data)
}

// similar finds open petitions in the petitioner's language that share words
// with the title, the closest first; at most five.
func (w *Web) similar(ctx context.Context, l petition.Lang, a answers) ([]card, error) {
	found, err := w.store.Similar(ctx, a["title"], a.lang(l), similarMax)
	if err != nil {
		return nil, err
	}
	now := w.now()
	cards := make([]card, len(found))
	for i, v := range found {
		cards[i] = w.card(l, v, now)
	}
	return cards, nil
}
