package web

import (
	"strings"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// lawChoice is a profile with what an officer must have seen before using it.
type lawChoice struct {
	ID, Name, Version, Summary, Binding string
	Chosen                              bool
	Rules                               []openRule
	Acknowledgement                     string
	Acknowledged                        bool
	MayBeOfficial, Official             bool
}

// openRule is a rule that nobody has verified, in words.
type openRule struct{ Name, Article, Confidence, Note string }

// lawGroup are the profiles of one sort: the operator's own rules, which fit
// any site, before those of laws, which are many and mean nothing elsewhere.
type lawGroup struct {
	Title, Lead string
	Laws        []lawChoice
	Folded      string // what unfolds them; "" when they are open to see
}

// fillLaws asks under which rules the site works. Where nobody has chosen yet
// the rules in force are.
func (w *Web) fillLaws(d *settingsForm, l petition.Lang, a map[string]string) {
	pr := w.bundle.Printer(l)
	if d.LawFixed = w.settings.Fixed(petition.SetProfile); d.LawFixed {
		d.Items = append(d.Items, formItem{Heading: pr.T("setup.field.profile"), Text: pr.T("setup.fixed")})
	}
	if d.LawFault = faultOf(d.Faults, "profile"); d.LawFault == "" {
		d.LawFault = faultOf(d.Faults, "acknowledged")
	}
	for i := range d.Faults {
		d.Faults[i].Field = "f-profile"
	}
	own, others := lawGroup{Title: pr.T("firstrun.laws.own"), Lead: pr.T("firstrun.laws.own.lead")},
		lawGroup{Title: pr.T("firstrun.laws.others"), Lead: pr.T("firstrun.laws.others.lead")}
	folded := true
	for _, law := range w.settings.Profiles() {
		if d.LawFixed && law.ID != a["profile"] {
			continue
		}
		c := w.lawChoice(pr, law, a)
		if law.Binding == petition.Advisory {
			own.Laws = append(own.Laws, c)
			continue
		}
		others.Laws, folded = append(others.Laws, c), folded && !c.Chosen
	}
	if folded && len(own.Laws) > 0 {
		others.Folded = pr.N("firstrun.laws.unfold", int64(len(others.Laws)))
	}
	for _, g := range []lawGroup{own, others} {
		if len(g.Laws) > 0 {
			d.Laws = append(d.Laws, g)
		}
	}
}

func (w *Web) lawChoice(pr *i18n.Printer, law *petition.Profile, a map[string]string) lawChoice {
	c := lawChoice{ID: law.ID, Name: inLang(law.Name, pr.Lang()), Version: law.Version, Summary: inLang(law.Summary, pr.Lang()),
		Binding: pr.T("setup.binding." + string(law.Binding)), Chosen: law.ID == a["profile"], Acknowledgement: law.Acknowledgement(),
		Acknowledged:  a["acknowledged"] == law.Acknowledgement(),
		MayBeOfficial: law.Binding == petition.Official, Official: a["official"] == "yes"}
	for _, r := range law.OpenRules() {
		name := pr.T("setup.rule." + r.Rule)
		if r.Code != "" {
			name += " " + r.Code
		}
		c.Rules = append(c.Rules, openRule{Name: name, Article: r.Cite.Article, Confidence: pr.T("web.confidence." + r.Cite.Confidence), Note: r.Cite.Note})
	}
	return c
}

// acknowledgedWords names the version whose open rules somebody has seen; what
// follows in the value is a hash for the program.
func acknowledgedWords(pr *i18n.Printer, value string) string {
	seen := strings.Fields(value)
	return pr.T("firstrun.acknowledged", "law", strings.Join(seen[:min(2, len(seen))], " "))
}
