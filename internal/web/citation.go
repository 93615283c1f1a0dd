package web

import (
	"strings"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// citation is where a rule stands, in words: the key "law/uk-parl#reasons" is
// for programs and for those who write profiles.
type citation struct {
	Text string
	URL  string // of the rule on this site; "" where it has no page
}

// ethics is the document of the rules that every deployment keeps.
const ethics = "ethics"

// ethicsRules is how many rules docs/law/ethics.md has.
const ethicsRules = 12

// cite puts an article of a profile in words.
func (w *Web) cite(pr *i18n.Printer, article string) citation {
	key, ok := strings.CutPrefix(article, "law/")
	if !ok {
		return citation{Text: article}
	}
	act, place, _ := strings.Cut(key, "#")
	about := "/" + string(pr.Lang()) + "/about"
	if act == ethics {
		return citation{pr.T("cite.at", "act", pr.T("cite.ethics"), "place", pr.T("cite.rule", "n", place)), about + "#ethics-" + place}
	}
	c := citation{Text: pr.T("cite.at", "act", w.actName(pr, act), "place", citePlace(pr, place))}
	if ofAct(w.law, act) {
		c.URL = about + "#law-" + place
	}
	return c
}

// ofAct reports whether a profile is of an act; a local variant is, too.
func ofAct(law *petition.Profile, act string) bool {
	return law.ID == act || strings.HasPrefix(law.ID, act+"-")
}

// actName is the name of an act: that of a profile of it.
func (w *Web) actName(pr *i18n.Printer, act string) string {
	if ofAct(w.law, act) {
		return inLang(w.law.Name, pr.Lang())
	}
	if w.store != nil {
		for _, law := range w.store.Laws() {
			if law.ID == act {
				return inLang(law.Name, pr.Lang())
			}
		}
	}
	return act
}

// citePlace is an article by its number, or a part of a profile by its name.
func citePlace(pr *i18n.Printer, place string) string {
	if place != "" && place[0] >= '0' && place[0] <= '9' {
		return pr.T("cite.article", "n", place)
	}
	return pr.T("cite.place." + place)
}

// source is the text in which a rule was read.
type source struct {
	Text, URL string
	Lang      petition.Lang // "" for the page's
}

// sourceOf names a source. The profiles do so in English; the two that are the
// operator's and the project's own have words in every language.
func sourceOf(pr *i18n.Printer, text string) source {
	switch {
	case strings.HasPrefix(text, "operator's own rules"):
		return source{Text: pr.T("cite.own")}
	case strings.HasPrefix(text, "rules of Dauys"):
		return source{Text: pr.T("cite.dauys")}
	case strings.HasPrefix(text, "https://") && !strings.ContainsAny(text, " ;,"):
		return source{Text: text, URL: text}
	}
	s := source{Text: text}
	if pr.Lang() != "en" {
		s.Lang = "en"
	}
	return s
}
