package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// rule is one rule of the law in words, with where it comes from.
type rule struct {
	Title      string
	Lines      []string
	Place      string // its anchor on the page; "" for a second rule of one place
	Cite       citation
	Source     source
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
	Rules      []rule // in the order of a petition's life
	Always     []rule // that hold all along
	Ethics     []string
	Reasons    []rule
	Subjects   []rule // excluded by the law, and rights it protects
	Binding    string
	Unverified bool
	Assurance  string // what the law asks of signers beyond a letter; "" for nothing
	Source     source // of every rule, when all are from one place since one day
	Valid      string
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
	seen := map[string]bool{}
	for _, r := range w.inWords(pr, pr.Law(law)) {
		_, place, _ := strings.Cut(r.Place, "#")
		if r.Place = ""; !seen[place] {
			r.Place = "law-" + place
		}
		seen[place] = true
		if onTheWay(place) {
			d.Rules = append(d.Rules, r)
		} else {
			d.Always = append(d.Always, r)
		}
	}
	for n := 1; n <= ethicsRules; n++ {
		d.Ethics = append(d.Ethics, pr.T("ethics."+strconv.Itoa(n)))
	}
	d.Subjects = w.inWords(pr, pr.LawSubjects(law))
	d.Binding = pr.T("law.binding." + string(law.Binding))
	for _, r := range law.Moderation.Reasons {
		d.Reasons = append(d.Reasons, w.rule(pr, inLang(r.Text, l), r.Cite))
	}
	for _, r := range slices.Concat(d.Rules, d.Always, d.Reasons, d.Subjects) {
		d.Unverified = d.Unverified || r.Unverified
	}
	d.Source, d.Valid = oneSource(d.Rules, d.Always)
	d.Assurance, d.Dissolved = assuranceNotice(pr, law), w.dissolvedNotice(pr)
	var err error
	d.Outages, err = w.outages(ctx, pr)
	return view{"about", d}, err
}

// oneSource takes the source from rules that all have the same, so that the page
// says it once.
func oneSource(lists ...[]rule) (source, string) {
	all := slices.Concat(lists...)
	if len(all) < 2 || slices.ContainsFunc(all, func(r rule) bool { return r.Source != all[0].Source || r.Valid != all[0].Valid }) {
		return source{}, ""
	}
	for _, list := range lists {
		for i := range list {
			list[i].Source = source{}
		}
	}
	return all[0].Source, all[0].Valid
}

// onTheWay reports whether a part of a law is a step on a petition's way.
func onTheWay(place string) bool {
	return slices.Contains([]string{"petitioner", "text", "duplicate", "support", "authoriser", "moderation", "appeal", "collect", "stages", "answer"}, place)
}

func (w *Web) rule(pr *i18n.Printer, title string, c petition.Cite, lines ...string) rule {
	r := rule{Title: title, Place: c.Article, Cite: w.cite(pr, c.Article), Source: sourceOf(pr, c.Source), Note: c.Note, Valid: pr.Valid(c), Unverified: c.Unverified()}
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
	Lede     string
	Sections []section
}

// section is a heading with paragraphs or points, and pages that tell more.
type section struct {
	Title string
	Lines []string
	Links []link
}

// link is an address with its words.
type link struct{ Text, URL string }

// getPrivacy says what is stored, for how long, and what never is.
func (w *Web) getPrivacy(l petition.Lang) httpd.Handler {
	return w.plain(l, "privacy", "web.privacy.title", "face.privacy.lede", func(pr *i18n.Printer) []section {
		return []section{
			numbered(pr, "web.privacy.short", 3),
			numbered(pr, "web.privacy.sign", 5),
			numbered(pr, "web.privacy.updates", 2),
			numbered(pr, "web.privacy.start", 2),
			numbered(pr, "live.privacy", 2),
			{Title: pr.T("complain.title"), Lines: []string{pr.T("complain.privacy")}},
			{Title: pr.T("web.privacy.public"), Lines: []string{pr.T("web.privacy.public.1", "cell", w.law.Counts.Cell),
				pr.T("web.privacy.public.2", "below", w.law.Counts.StepBelow, "by", w.law.Counts.StepBy, "minutes", w.law.Counts.StepMinutes)}},
			numbered(pr, "web.privacy.never", 3),
			{Title: pr.T("web.privacy.long"), Lines: []string{pr.T("web.privacy.long.1", "hours", 72), pr.T("web.privacy.long.2", "term", within(pr, w.law.Collect.Retention)),
				pr.T("web.privacy.long.3"), pr.T("web.privacy.long.4"), pr.T("web.privacy.long.5")}},
			{Title: pr.T("face.privacy.here"), Lines: w.setUp.lines(pr)},
			numbered(pr, "web.privacy.limits", 2),
		}
	})
}

// Deployment is how this very site is set up, as far as it matters to whoever
// gives it an address.
type Deployment struct {
	Postgres    bool // the database is a server of its own, not a file beside the program
	MailServer  bool // letters leave through a mail server; else they are files on this machine
	Proxies     bool // somebody else's or the operator's proxy stands before the program and sees network addresses
	OuterBroker bool // who proves addresses is a process of its own
}

func (d Deployment) lines(pr *i18n.Printer) []string {
	which := func(key string, yes bool) string { return pr.T("face.privacy." + key + "." + strconv.FormatBool(yes)) }
	return []string{which("postgres", d.Postgres), which("mail", d.MailServer), which("proxies", d.Proxies), which("broker", d.OuterBroker),
		pr.T("face.privacy.sealed")}
}

// getAccessibility is the accessibility statement.
func (w *Web) getAccessibility(l petition.Lang) httpd.Handler {
	return w.plain(l, "accessibility", "web.accessibility.title", "", func(pr *i18n.Printer) []section {
		var all []section
		for i, lines := range []int{3, 4, 2, 1} {
			all = append(all, numbered(pr, "web.accessibility."+strconv.Itoa(i+1), lines))
		}
		return all
	})
}

func (w *Web) plain(l petition.Lang, name, title, lede string, sections func(*i18n.Printer) []section) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.cached(rw, r, l, name, func(context.Context) (view, error) {
			pr := w.bundle.Printer(l)
			d := plainData{Page: w.page(l, "/"+name, pr.T(title)), Sections: sections(pr)}
			d.Narrow = true
			if lede != "" {
				d.Lede = pr.T(lede)
			}
			return view{"plain", d}, nil
		})
	}
}
