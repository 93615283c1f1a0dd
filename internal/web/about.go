package web

import (
	"context"
	"net/http"
	"slices"
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
	Valid      string // since when it is in force
	Note       string // what is not certain about it
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
	Subjects   []rule // excluded by the law, and rights it protects
	Binding    string
	Unverified bool
	Assurance  string // what the law asks of signers beyond a letter; "" for nothing
	Dissolved  string // that the assembly is dissolved; "" while it sits
	Outages    []outageRow
}

// getAbout tells how a petition works here: the law as a timeline in words.
func (w *Web) getAbout(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.cached(rw, r, l, "about", func(ctx context.Context) (view, error) { return w.about(ctx, l) })
	}
}

func (w *Web) about(ctx context.Context, l petition.Lang) (view, error) {
	pr, law := w.bundle.Printer(l), w.law
	d := aboutData{Page: w.page(l, "/about", pr.T("web.about.title")), Law: law, Name: inLang(law.Name, l), Summary: inLang(law.Summary, l)}
	d.Active, d.Narrow = "about", true
	d.Rules = w.inWords(pr, pr.Law(law))
	d.Subjects = w.inWords(pr, pr.LawSubjects(law))
	d.Binding = pr.T("law.binding." + string(law.Binding))
	for _, r := range law.Moderation.Reasons {
		d.Reasons = append(d.Reasons, w.rule(pr, inLang(r.Text, l), r.Cite))
	}
	for _, r := range slices.Concat(d.Rules, d.Reasons, d.Subjects) {
		d.Unverified = d.Unverified || r.Unverified
	}
	d.Assurance, d.Dissolved = assuranceNotice(pr, law), w.dissolvedNotice(pr)
	var err error
	d.Outages, err = w.outages(ctx, pr)
	return view{"about", d}, err
}

func (w *Web) rule(pr *i18n.Printer, title string, c petition.Cite, lines ...string) rule {
	r := rule{Title: title, Article: c.Article, Source: c.Source, Note: c.Note, Valid: pr.Valid(c), Unverified: c.Unverified()}
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

// inWords are rules of the law as the page shows them.
func (w *Web) inWords(pr *i18n.Printer, list []i18n.LawRule) []rule {
	rules := make([]rule, len(list))
	for i, r := range list {
		rules[i] = w.rule(pr, r.Title, r.Cite, r.Lines...)
	}
	return rules
}

// within is a term in words, "" where the law sets none.
func within(pr *i18n.Printer, t petition.Term) string { return pr.Within(t) }

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
