package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/petition"
)

// The steps of the wizard, one question each. Nothing is stored between them:
// every page carries the answers of the others in hidden fields.
const (
	stepKind    = "kind"
	stepWho     = "who"
	stepName    = "name"
	stepLang    = "lang"
	stepTitle   = "title"
	stepAsk     = "ask"
	stepDetails = "details"
	stepMore    = "more." // and a language: the text once more in it
	stepBody    = "body"
	stepPlace   = "place"
	stepWindow  = "window"
	stepEmail   = "email"
	stepCheck   = "check"
)

// startPart is a part of the wizard, as its progress is told in words.
type startPart struct {
	Name  string
	Steps []string
}

// startParts are all parts with all steps; wizard.steps has those of one petition.
func startParts() []startPart {
	text := []string{stepLang, stepTitle, stepAsk, stepDetails}
	for _, l := range i18n.Langs() {
		text = append(text, stepMore+string(l))
	}
	return []startPart{{"who", []string{stepKind, stepWho, stepName}}, {"text", text},
		{"to", []string{stepBody, stepPlace, stepWindow}}, {"send", []string{stepEmail, stepCheck}}}
}

// What a button of the wizard sends in "go"; a step's own name goes there.
const (
	goNext   = "next"
	goBack   = "back"
	goSubmit = "submit"
	goStay   = "stay" // the same page again: in another language
)

// startSteps are all steps, in order.
func startSteps() []string {
	var steps []string
	for _, p := range startParts() {
		steps = append(steps, p.Steps...)
	}
	return steps
}

// stepFields are the fields asked for on a step.
func stepFields(step string) []string {
	switch step {
	case stepWho:
		return []string{"creator_kind"}
	case stepName:
		return []string{"org", "creator", "display"}
	case stepEmail:
		return []string{"email", "eligible"}
	case stepCheck:
		return nil
	}
	if l, ok := strings.CutPrefix(step, stepMore); ok {
		return []string{inLanguage("title", petition.Lang(l)), inLanguage("ask", petition.Lang(l)), inLanguage("details", petition.Lang(l))}
	}
	return []string{step}
}

// inLanguage names the field of a text in another language: "title.kk".
func inLanguage(field string, l petition.Lang) string { return field + "." + string(l) }

// startFields are all fields of the form, in the order of the steps.
func startFields() []string {
	var names []string
	for _, s := range startSteps() {
		names = append(names, stepFields(s)...)
	}
	return names
}

// stepOf is the step on which a field is asked for.
func stepOf(field string) string {
	for _, s := range startSteps() {
		if slices.Contains(stepFields(s), field) {
			return s
		}
	}
	return stepBody
}

// answers are the fields of the start form by name.
type answers map[string]string

// readAnswers takes what the form knows. Texts are brought to the shape in
// which they are counted and kept, so that browsers, which send CR LF for each
// line, do not let them grow from step to step.
func readAnswers(form url.Values) answers {
	a := answers{}
	for _, name := range startFields() {
		if v := petition.Clean(form.Get(name)); v != "" {
			a[name] = v
		}
	}
	return a
}

// lang is the language the petitioner writes in, or else that of the page.
func (a answers) lang(page petition.Lang) petition.Lang {
	if l := petition.Lang(a["lang"]); slices.Contains(i18n.Langs(), l) {
		return l
	}
	return page
}

// form is what moderation judges. A text given for the petitioner's own
// language under its full name ("title.kk") counts where the plain one is empty.
func (a answers) form(page petition.Lang) moderation.Form {
	own := petition.Lang(a["lang"])
	texts := petition.Texts{}
	for _, l := range i18n.Langs() {
		texts[l] = petition.Text{Title: a[inLanguage("title", l)], Ask: a[inLanguage("ask", l)], Details: a[inLanguage("details", l)]}
	}
	t := texts[own]
	texts[own] = petition.Text{Title: orElse(a["title"], t.Title), Ask: orElse(a["ask"], t.Ask), Details: orElse(a["details"], t.Details)}
	window, err := strconv.Atoi(a["window"])
	if err != nil && a["window"] != "" {
		window = -1 // no choice of any law
	}
	return moderation.Form{Window: window,
		Texts: texts, Lang: own, UILang: page, Kind: petition.Kind(a["kind"]),
		CreatorKind: petition.CreatorKind(a["creator_kind"]), Body: a["body"], Place: a["place"], Org: a["org"],
		Creator: a["creator"], Display: petition.Display(a["display"]), Email: a["email"], Eligible: a["eligible"] == "yes",
	}
}

func orElse(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

// hiddenField carries an answer past a page that does not ask for it.
type hiddenField struct{ Name, Value string }

// hidden are the answers that a step's own fields do not show.
func (a answers) hidden(step string, shown []string) []hiddenField {
	var fields []hiddenField
	for _, name := range startFields() {
		if v := a[name]; v != "" && !slices.Contains(shown, name) {
			fields = append(fields, hiddenField{name, v})
		}
	}
	return append(fields, hiddenField{"step", step})
}

// faultsOn keeps the faults of one step.
func faultsOn(step string, errs petition.FieldErrors) petition.FieldErrors {
	var on petition.FieldErrors
	for _, e := range errs {
		if stepOf(e.Field) == step {
			on = append(on, e)
		}
	}
	return on
}

// firstFaulty is the first step with a fault; "" when there is none.
func firstFaulty(errs petition.FieldErrors) string {
	for _, s := range startSteps() {
		if len(faultsOn(s, errs)) > 0 {
			return s
		}
	}
	return ""
}

// tokenPath is a path with a secret in it, below the language.
func tokenPath(parts ...string) string { return "/" + strings.Join(parts, "/") }
