package i18n

import (
	"strings"

	"github.com/dauys/dauys/petition"
)

// LawRule is one rule of a profile in words, with where it comes from.
type LawRule struct {
	Title string
	Lines []string
	Cite  petition.Cite
}

// Law tells a profile as a timeline: the rules in the order of a petition's
// life. The pages and the command print the same words.
func (p *Printer) Law(l *petition.Profile) []LawRule {
	rules := []LawRule{p.lawPetitioner(l), p.lawText(l)}
	if l.Duplicate.Cite != (petition.Cite{}) {
		rules = append(rules, lawRule(p.T("law.duplicate"), l.Duplicate.Cite, p.T("law.duplicate.window", "term", p.Within(l.Duplicate.Window)), p.T("law.duplicate."+l.Duplicate.Effect)))
	}
	if l.Support.Threshold > 0 {
		when := p.T("web.about.support.link")
		if l.Support.AfterCheck {
			when = p.T("law.support.after")
		}
		rules = append(rules, lawRule(p.T("web.about.support")+": "+p.N("unit.supporters", l.Support.Threshold), l.Support.Cite,
			p.N("web.about.support.threshold", l.Support.Threshold), p.termLine(l.Support.Window), when))
	} else {
		rules = append(rules, lawRule(p.T("web.about.support"), l.Support.Cite, p.T("law.support.none")))
	}
	if a := l.Authoriser; a.Tries > 0 {
		rules = append(rules, lawRule(p.T("law.authoriser"), a.Cite,
			p.T("law.authoriser.term", "term", p.Within(a.Term)), p.T("law.authoriser.tries", "n", a.Tries)))
	}
	rules = append(rules, p.lawModeration(l), p.lawAppeal(l), p.lawCollect(l), p.lawSigner(l))
	for _, s := range l.Stages {
		rules = append(rules, p.lawStage(l, s))
	}
	if l.Answer.From != "" {
		rules = append(rules, p.lawAnswer(l.Answer))
	}
	if d := l.Dissolution; d.Effect != "" {
		rules = append(rules, lawRule(p.T("law.dissolution"), d.Cite, p.T("law.dissolution."+d.Effect)))
	}
	if l.Archive.Cite != (petition.Cite{}) {
		rules = append(rules, p.lawArchive(l.Archive))
	}
	if d := l.Downtime; d.Cite != (petition.Cite{}) {
		line := p.T("law.downtime.no")
		if d.Compensate {
			line = p.T("law.downtime.yes", "n", d.FromHours)
		}
		rules = append(rules, lawRule(p.T("law.downtime"), d.Cite, line))
	}
	rules = append(rules, p.lawCounts(l))
	if l.Shown.Signer != "" {
		rules = append(rules, lawRule(p.T("law.shown"), l.Shown.Cite, p.T("law.shown."+l.Shown.Signer), p.T("law.shown.dauys")))
	}
	return rules
}

func (p *Printer) lawArchive(a petition.ArchiveRule) LawRule {
	var lines []string
	for _, way := range []struct {
		key  string
		term petition.Term
	}{{"desk", a.DeskAfter}, {"after", a.After}, {"dissolved", a.Dissolved}} {
		if !way.term.IsZero() {
			lines = append(lines, p.T("law.archive."+way.key, "term", p.After(way.term)))
		}
	}
	return lawRule(p.T("law.archive"), a.Cite, append(lines, p.T("law.archive.what"))...)
}

// LawSubjects are the subjects a profile excludes and the rights it protects, in words.
func (p *Printer) LawSubjects(l *petition.Profile) []LawRule {
	var rules []LawRule
	for _, s := range l.Excluded {
		rules = append(rules, lawRule(p.T("law.excluded"), s.Cite, s.Text[p.Lang()]))
	}
	for _, s := range l.Rights {
		rules = append(rules, lawRule(p.T("law.right"), s.Cite, s.Text[p.Lang()]))
	}
	return rules
}

func lawRule(title string, c petition.Cite, lines ...string) LawRule {
	r := LawRule{Title: title, Cite: c}
	for _, line := range lines {
		if line != "" {
			r.Lines = append(r.Lines, line)
		}
	}
	return r
}

func (p *Printer) lawPetitioner(l *petition.Profile) LawRule {
	organisations := ""
	if l.Petitioner.Organisations {
		organisations = p.T("web.about.organisations")
	}
	return lawRule(p.T("web.about.petitioner"), l.Petitioner.Cite, p.whoMay(l.Petitioner), organisations)
}

func (p *Printer) lawSigner(l *petition.Profile) LawRule {
	gap := ""
	if l.Falls(petition.AssuranceMail) {
		gap = p.T("law.assurance.gap")
	}
	return lawRule(p.T("law.signer"), l.Signer.Cite, p.whoMay(l.Signer), p.T("law.assurance."+l.Signer.Assurance), gap)
}

func (p *Printer) lawText(l *petition.Profile) LawRule {
	var words, links string
	if l.Text.Words > 0 {
		words = p.T("law.text.words", "n", l.Text.Words)
	}
	if l.Text.NoLinks {
		links = p.T("law.text.no-links")
	}
	return lawRule(p.T("web.about.text"), l.Text.Cite,
		p.T("web.about.text.limits", "title", l.Text.Title, "ask", l.Text.Ask, "details", l.Text.Details), words, links, p.languages(l))
}

func (p *Printer) lawModeration(l *petition.Profile) LawRule {
	m := l.Moderation
	var second, missed, officers string
	if !m.SecondTerm.IsZero() {
		second = p.T("web.about.moderation.second", "term", p.Within(m.SecondTerm))
	}
	if m.OnMissed == "publish" {
		missed = p.T("web.about.moderation.missed")
	}
	if m.RefusalOfficers > 1 {
		officers = p.T("web.about.moderation.officers", "count", m.RefusalOfficers)
	}
	return lawRule(p.T("web.about.moderation"), m.Cite, p.termLine(m.Term), second, missed, officers, p.T("web.about.moderation.public"))
}

func (p *Printer) lawAppeal(l *petition.Profile) LawRule {
	if !l.Appeal.Allowed {
		return lawRule(p.T("web.about.appeal"), l.Appeal.Cite, p.T("law.appeal.none"))
	}
	return lawRule(p.T("web.about.appeal"), l.Appeal.Cite,
		p.T("web.about.appeal.window", "term", p.Within(l.Appeal.Window)), p.T("web.about.appeal.term", "term", p.Within(l.Appeal.Term)))
}

func (p *Printer) lawCollect(l *petition.Profile) LawRule {
	c := l.Collect
	window := p.termLine(c.Window)
	if len(c.Choices) > 0 {
		terms := make([]string, len(c.Choices))
		for i, t := range c.Choices {
			terms[i] = p.Within(t)
		}
		window = p.T("law.window.choices", "terms", strings.Join(terms, "; "))
	} else if c.Window.IsZero() {
		window = p.T("law.window.none")
	}
	return lawRule(p.T("web.about.collect"), c.Cite, window, p.T("web.about.collect.withdraw"),
		p.T("web.about.collect.retention", "term", p.Within(c.Retention)))
}

func (p *Printer) lawStage(law *petition.Profile, s petition.Stage) LawRule {
	l := p.Lang()
	lines := []string{s.Describe[l]}
	needs := s.Threshold
	if law.Local != nil && s.Relative() {
		needs = s.Resolve(law.Local.Head)
		lines = append(lines, p.localThreshold(law.Local, needs))
	}
	for _, c := range s.Cases {
		lines = append(lines, p.thresholdCase(c))
	}
	if s.Spread() {
		lines = append(lines, p.T("law.territories", "places", s.Territories.Places, "of", len(s.Territories.Minimums)))
	}
	if !s.Term.IsZero() {
		lines = append(lines, p.T("web.about.stage.term", "term", p.Within(s.Term)))
	}
	if s.Advisory {
		lines = append(lines, p.T("web.about.stage.advisory"))
	}
	return lawRule(s.Name[l]+": "+p.StageNeeds(s, needs), s.Cite, lines...)
}

// localThreshold says what a threshold is in one place and what it was taken
// from, or that nobody told the inhabitants.
func (p *Printer) localThreshold(local *petition.LocalPlace, needs int64) string {
	place := local.Names[p.Lang()]
	if needs == 0 {
		return p.T("law.place.unknown", "place", place)
	}
	return p.T("law.place.known", "place", place, "needs", p.N("unit.signatures", needs), "n", local.Head.N, "date", local.Head.On, "source", local.Source)
}

// StageNeeds is the threshold of a stage in words: n signatures, or what it
// depends on while n is not known.
func (p *Printer) StageNeeds(s petition.Stage, n int64) string {
	switch {
	case n > 0:
		return p.N("unit.signatures", n)
	case s.Percent > 0:
		return p.T("law.threshold.percent", "percent", s.Percent)
	}
	return p.T("law.threshold.by-place")
}

func (p *Printer) thresholdCase(c petition.ThresholdCase) string {
	var when []string
	for _, kind := range c.Places {
		when = append(when, p.T("law.case.place."+kind))
	}
	if c.Above > 0 {
		when = append(when, p.T("law.case.above", "n", c.Above))
	}
	if c.UpTo > 0 {
		when = append(when, p.T("law.case.up-to", "n", c.UpTo))
	}
	return strings.Join(when, ", ") + ": " + p.StageNeeds(petition.Stage{Percent: c.Percent}, c.Threshold)
}

func (p *Printer) lawAnswer(a petition.AnswerRule) LawRule {
	lines := []string{p.T("law.answer.from." + a.From)}
	for _, d := range a.Duties {
		lines = append(lines, p.T("law.duty."+d))
	}
	if len(a.Outcomes) > 0 {
		words := make([]string, len(a.Outcomes))
		for i, o := range a.Outcomes {
			words[i] = p.T("law.outcome." + o)
		}
		lines = append(lines, p.T("law.outcomes", "list", strings.Join(words, ", ")))
	}
	return lawRule(p.T("law.answer"), a.Cite, lines...)
}

func (p *Printer) lawCounts(l *petition.Profile) LawRule {
	c, steps := l.Counts, ""
	if c.StepBelow > 0 {
		steps = p.T("web.about.counts.steps", "below", c.StepBelow, "minutes", c.StepMinutes, "by", c.StepBy)
	}
	return lawRule(p.T("web.about.counts"), c.Cite, p.T("web.about.counts.names"), steps, p.T("web.about.counts.cell", "cell", c.Cell))
}

// Valid says since when, and until when, a rule is in force.
func (p *Printer) Valid(c petition.Cite) string {
	if c.ValidTo.IsZero() {
		return p.T("law.valid", "from", c.ValidFrom)
	}
	return p.T("law.valid.to", "from", c.ValidFrom, "to", c.ValidTo)
}

// Within is a term in words, "" where the law sets none.
func (p *Printer) Within(t petition.Term) string {
	if t.IsZero() {
		return ""
	}
	return p.N("within."+string(t.Unit)+"s", int64(t.N))
}

// After is how long after something a term ends, in words.
func (p *Printer) After(t petition.Term) string {
	return p.N("after."+string(t.Unit)+"s", int64(t.N))
}

// termLine is a term as a line of its own, "" where the law sets none.
func (p *Printer) termLine(t petition.Term) string {
	if t.IsZero() {
		return ""
	}
	return p.T("web.about.term", "term", p.Within(t))
}

// whoMay says of whom the law asks what.
func (p *Printer) whoMay(e petition.Eligibility) string {
	age := p.T("web.about.any-age")
	if e.MinAge > 0 {
		age = p.N("web.about.age", int64(e.MinAge))
	}
	switch {
	case len(e.Citizenship) > 0 && len(e.Residence) > 0:
		age += " " + p.T("web.about.bound")
	case len(e.Citizenship) > 0:
		age += " " + p.T("law.bound.citizens")
	case len(e.Residence) > 0:
		age += " " + p.T("law.bound.residents")
	}
	return age
}

// languages says which languages a text must and may have.
func (p *Printer) languages(l *petition.Profile) string {
	var must, may []string
	for _, x := range l.Languages {
		if x.Required {
			must = append(must, p.T("lang."+string(x.Lang)))
		} else {
			may = append(may, p.T("lang."+string(x.Lang)))
		}
	}
	switch {
	case len(may) == 0:
		return p.T("web.about.text.languages", "must", strings.Join(must, ", "))
	case len(must) == 0:
		return p.T("web.about.text.any-language", "may", strings.Join(may, ", "))
	}
	return p.T("web.about.text.languages", "must", strings.Join(must, ", ")) + " " + p.T("web.about.text.optional", "may", strings.Join(may, ", "))
}
