package pack

import (
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// Place is a count of signatures from one place, by the rule of cells.
type Place struct {
	Names map[petition.Lang]string // nil for the places that are not named
	Count int64
}

// Facts are what a pack tells. Everything in it is public.
type Facts struct {
	Petition petition.Petition
	Law      *petition.Profile
	Body     map[petition.Lang]string // the name of the body
	Operator string
	Page     string // address of the petition's page
	Places   []Place
	Now      time.Time
}

// line is a paragraph; head ones begin a part.
type line struct {
	text string
	head bool
}

// kindOf ends the keys of messages that are other ones for a proposal.
func kindOf(p petition.Petition) string {
	if p.Kind == petition.KindProposal {
		return ".proposal"
	}
	return ""
}

// lines is the pack in one language.
func (f Facts) lines(p *i18n.Printer) []line {
	l, law, pet := p.Lang(), f.Law, f.Petition
	var out []line
	add := func(text string) { out = append(out, line{text: text}) }
	head := func(text string) { out = append(out, line{text, true}) }
	head(p.T("pack.title" + kindOf(pet)))
	add(p.T("pack.to", "body", in(f.Body, l)))
	if f.Operator != "" {
		add(p.T("pack.from", "operator", f.Operator))
	}
	add(p.T("pack.date", "date", law.Today(f.Now)))
	add(p.T("pack.page"+kindOf(pet), "number", strconv.FormatInt(pet.Number, 10), "page", f.Page))
	if law.Country == "KZ" && law.Binding != petition.Official {
		add(p.T("pack.collective"))
	}
	if law.Binding != petition.Official {
		add(p.T("pack.shadow"))
	}
	head(p.T("pack.text" + kindOf(pet)))
	text, _, own := pet.Texts.In(l, pet.Lang, "kk", "ru", "en")
	if !own {
		add(p.T("pack.no-text"))
	}
	for _, part := range []string{text.Title, text.Ask, text.Details} {
		if part != "" {
			add(part)
		}
	}
	add(p.T("pack.creator", "name", pet.Creator.Name))
	head(p.T("pack.count"))
	if pet.Kind == petition.KindProposal {
		add(p.T("pack.proposal"))
	}
	add(p.N("pack.count.how", pet.Shown))
	out = append(out, f.places(p)...)
	head(p.T("pack.asked"))
	return append(out, f.asked(p)...)
}

func (f Facts) places(p *i18n.Printer) []line {
	if len(f.Places) == 0 {
		return nil
	}
	out := []line{{p.T("pack.places"), true}}
	for _, c := range f.Places {
		name := p.T("place.other")
		if c.Names != nil {
			name = in(c.Names, p.Lang())
		}
		out = append(out, line{text: name + ": " + p.Number(c.Count)})
	}
	return append(out, line{text: p.T("pack.places.cell", "cell", f.Law.Counts.Cell)})
}

// asked is what the law expects of the body at the stages that were reached.
func (f Facts) asked(p *i18n.Printer) []line {
	var out []line
	for _, s := range f.Law.Stages {
		r, ok := f.Petition.Reached(s.ID)
		if !ok || s.Actor != "body" {
			continue
		}
		parts := []string{p.T("pack.stage"+kindOf(f.Petition), "stage", in(s.Name, p.Lang()), "threshold", p.Number(r.Threshold), "text", in(s.Describe, p.Lang()))}
		if !s.Term.IsZero() {
			today := f.Law.Today(f.Now)
			parts = append(parts, p.T("pack.by", "term", p.N("pack."+string(s.Term.Unit), int64(s.Term.N))),
				p.T("pack.by.date", "date", s.Term.LastDay(today, &f.Law.Calendar)))
		}
		parts = append(parts, p.T("pack.rule", "article", s.Cite.Article, "source", s.Cite.Source))
		if s.Cite.Unverified() {
			parts = append(parts, p.T("pack.unverified"))
		}
		out = append(out, line{text: strings.Join(parts, " ")})
	}
	return out
}

// in is a text in l, or in another language.
func in(m map[petition.Lang]string, l petition.Lang) string {
	for _, x := range append([]petition.Lang{l}, i18n.Langs()...) {
		if m[x] != "" {
			return m[x]
		}
	}
	return ""
}

// Text is the pack as plain text, in each of the languages, one after the other.
func Text(b *i18n.Bundle, f Facts, langs []petition.Lang) string {
	var out strings.Builder
	for i, l := range langs {
		if i > 0 {
			out.WriteString("\n" + strings.Repeat("—", 40) + "\n\n")
		}
		for k, x := range f.lines(b.Printer(l)) {
			if x.head && k > 0 {
				out.WriteString("\n")
			}
			out.WriteString(x.text + "\n")
			if x.head {
				out.WriteString(strings.Repeat("=", len([]rune(x.text))) + "\n")
			}
		}
	}
	return out.String()
}
