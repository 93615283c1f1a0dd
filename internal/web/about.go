package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// rule is one rule of the law in words, with where it comes from.
type rule struct {
	Title      string
	Lines      []string
	Article    string
	Source     string
	Unverified bool
	Confidence string
}

type aboutData struct {
	Page
	Law        *petition.Profile
	Name       string
	Summary    string
	Rules      []rule
	Reasons    []rule
	Unverified bool
}

// getAbout tells how a petition works here: the law as a timeline in words.
func (w *Web) getAbout(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.cached(rw, r, l, "about", func(context.Context) (view, error) { return w.about(l), nil })
	}
}

func (w *Web) about(l petition.Lang) view {
	pr, law := w.bundle.Printer(l), w.law
	d := aboutData{Page: w.page(l, "/about", pr.T("web.about.title")), Law: law, Name: inLang(law.Name, l), Summary: inLang(law.Summary, l)}
	d.Active, d.Narrow = "about", true
	d.Rules = w.rules(pr, law)
	for _, r := range law.Moderation.Reasons {
		d.Reasons = append(d.Reasons, w.rule(pr, inLang(r.Text, l), r.Cite))
	}
	for _, r := range append(d.Rules, d.Reasons...) {
		d.Unverified = d.Unverified || r.Unverified
	}
	return view{"about", d}
}

func (w *Web) rule(pr *i18n.Printer, title string, c petition.Cite, lines ...string) rule {
	r := rule{Title: title, Article: c.Article, Source: c.Source, Unverified: c.Unverified()}
	if r.Unverified {
		r.Confidence = pr.T("web.confidence." + c.Confidence)
	}
	for _, line := range lines {
		if line != "" {
			r.Lines = append(r.Lines, line)
		}
	}
	return r
}

// rules are the steps of the law in the order of a petition's life.
func (w *Web) rules(pr *i18n.Printer, law *petition.Profile) []rule {
	l := pr.Lang()
	who := []string{whoMay(pr, law.Petitioner)}
	if law.Petitioner.Organisations {
		who = append(who, pr.T("web.about.organisations"))
	}
	rules := []rule{
		w.rule(pr, pr.T("web.about.petitioner"), law.Petitioner.Cite, who...),
		w.rule(pr, pr.T("web.about.text"), law.Text.Cite,
			pr.T("web.about.text.limits", "title", law.Text.Title, "ask", law.Text.Ask, "details", law.Text.Details), languages(pr, law)),
	}
	if law.Support.Threshold > 0 {
		rules = append(rules, w.rule(pr, pr.T("web.about.support"), law.Support.Cite,
			pr.N("web.about.support.threshold", law.Support.Threshold), termLine(pr, law.Support.Window), pr.T("web.about.support.link")))
	}
	rules = append(rules, w.moderationRule(pr, law))
	if law.Appeal.Allowed {
		rules = append(rules, w.rule(pr, pr.T("web.about.appeal"), law.Appeal.Cite,
			pr.T("web.about.appeal.window", "term", within(pr, law.Appeal.Window)), pr.T("web.about.appeal.term", "term", within(pr, law.Appeal.Term))))
	}
	rules = append(rules, w.collectRule(pr, law))
	for _, s := range law.Stages {
		var term, advisory string
		if !s.Term.IsZero() {
			term = pr.T("web.about.stage.term", "term", within(pr, s.Term))
		}
		if s.Advisory {
			advisory = pr.T("web.about.stage.advisory")
		}
		rules = append(rules, w.rule(pr, inLang(s.Name, l)+": "+pr.N("unit.signatures", s.Threshold), s.Cite, inLang(s.Describe, l), term, advisory))
	}
	return append(rules, w.countRule(pr, law))
}

func (w *Web) moderationRule(pr *i18n.Printer, law *petition.Profile) rule {
	m := law.Moderation
	var second, missed, officers string
	if !m.Term.IsZero() && !m.SecondTerm.IsZero() {
		second = pr.T("web.about.moderation.second", "term", within(pr, m.SecondTerm))
	}
	if m.OnMissed == "publish" {
		missed = pr.T("web.about.moderation.missed")
	}
	if m.RefusalOfficers > 1 {
		officers = pr.T("web.about.moderation.officers", "count", m.RefusalOfficers)
	}
	return w.rule(pr, pr.T("web.about.moderation"), m.Cite, termLine(pr, m.Term), second, missed, officers, pr.T("web.about.moderation.public"))
}

func (w *Web) collectRule(pr *i18n.Printer, law *petition.Profile) rule {
	c := law.Collect
	var withdraw, retention string
	if c.Withdrawals {
		withdraw = pr.T("web.about.collect.withdraw")
	}
	if !c.Retention.IsZero() {
		retention = pr.T("web.about.collect.retention", "term", within(pr, c.Retention))
	}
	return w.rule(pr, pr.T("web.about.collect"), c.Cite, termLine(pr, c.Window), whoMay(pr, law.Signer), withdraw, retention)
}

func (w *Web) countRule(pr *i18n.Printer, law *petition.Profile) rule {
	c := law.Counts
	var steps string
	if c.StepBelow > 0 {
		steps = pr.T("web.about.counts.steps", "below", c.StepBelow, "minutes", c.StepMinutes, "by", c.StepBy)
	}
	return w.rule(pr, pr.T("web.about.counts"), c.Cite, pr.T("web.about.counts.names"), steps, pr.T("web.about.counts.cell", "cell", c.Cell))
}

// within is a term in words, "" where the law sets none.
func within(pr *i18n.Printer, t petition.Term) string {
	if t.IsZero() {
		return ""
	}
	return pr.N("within."+string(t.Unit)+"s", int64(t.N))
}

// termLine is a term as a line of its own, "" where the law sets none.
func termLine(pr *i18n.Printer, t petition.Term) string {
	if t.IsZero() {
		return ""
	}
	return pr.T("web.about.term", "term", within(pr, t))
}

// whoMay says of whom the law asks what.
func whoMay(pr *i18n.Printer, e petition.Eligibility) string {
	age := pr.T("web.about.any-age")
	if e.MinAge > 0 {
		age = pr.N("web.about.age", int64(e.MinAge))
	}
	if len(e.Citizenship)+len(e.Residence) > 0 {
		age += " " + pr.T("web.about.bound")
	}
	return age
}

// languages says which languages a text must and may have.
func languages(pr *i18n.Printer, law *petition.Profile) string {
	var must, may string
	for _, x := range law.Languages {
		list := &may
		if x.Required {
			list = &must
		}
		if *list != "" {
			*list += ", "
		}
		*list += pr.T("lang." + string(x.Lang))
	}
	switch {
	case may == "":
		return pr.T("web.about.text.languages", "must", must)
	case must == "":
		return pr.T("web.about.text.any-language", "may", may)
	}
	return pr.T("web.about.text.languages", "must", must) + " " + pr.T("web.about.text.optional", "may", may)
}

type plainData struct {
	Page
	Sections []section
}

// section is a heading with paragraphs or points.
type section struct {
	Title string
	Lines []string
}

// getPrivacy says what is stored, for how long, and what never is.
func (w *Web) getPrivacy(l petition.Lang) httpd.Handler {
	return w.plain(l, "privacy", func(pr *i18n.Printer) []section {
		retention := within(pr, w.law.Collect.Retention)
		return []section{
			{pr.T("web.privacy.short"), []string{pr.T("web.privacy.short.1"), pr.T("web.privacy.short.2"), pr.T("web.privacy.short.3")}},
			{pr.T("web.privacy.sign"), []string{pr.T("web.privacy.sign.1"), pr.T("web.privacy.sign.2"), pr.T("web.privacy.sign.3"),
				pr.T("web.privacy.sign.4"), pr.T("web.privacy.sign.5")}},
			{pr.T("web.privacy.updates"), []string{pr.T("web.privacy.updates.1"), pr.T("web.privacy.updates.2")}},
			{pr.T("web.privacy.start"), []string{pr.T("web.privacy.start.1"), pr.T("web.privacy.start.2")}},
			{pr.T("complain.title"), []string{pr.T("complain.privacy")}},
			{pr.T("web.privacy.public"), []string{pr.T("web.privacy.public.1", "cell", w.law.Counts.Cell),
				pr.T("web.privacy.public.2", "below", w.law.Counts.StepBelow, "by", w.law.Counts.StepBy, "minutes", w.law.Counts.StepMinutes)}},
			{pr.T("web.privacy.never"), []string{pr.T("web.privacy.never.1"), pr.T("web.privacy.never.2"), pr.T("web.privacy.never.3")}},
			{pr.T("web.privacy.long"), []string{pr.T("web.privacy.long.1", "hours", 72), pr.T("web.privacy.long.2", "term", retention)}},
			{pr.T("web.privacy.limits"), []string{pr.T("web.privacy.limits.1"), pr.T("web.privacy.limits.2")}},
		}
	})
}

// getAccessibility is the accessibility statement.
func (w *Web) getAccessibility(l petition.Lang) httpd.Handler {
	return w.plain(l, "accessibility", func(pr *i18n.Printer) []section {
		var all []section
		for i, lines := range []int{3, 4, 2, 1} {
			key := "web.accessibility." + strconv.Itoa(i+1)
			s := section{Title: pr.T(key)}
			for n := range lines {
				s.Lines = append(s.Lines, pr.T(key+"."+strconv.Itoa(n+1)))
			}
			all = append(all, s)
		}
		return all
	})
}

func (w *Web) plain(l petition.Lang, name string, sections func(*i18n.Printer) []section) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.cached(rw, r, l, name, func(context.Context) (view, error) {
			pr := w.bundle.Printer(l)
			d := plainData{Page: w.page(l, "/"+name, pr.T("web."+name+".title")), Sections: sections(pr)}
			d.Narrow = true
			return view{"plain", d}, nil
		})
	}
}
