package web

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

const similarMax = 5

// formItem is one thing on a page of the wizard; exactly one part is set.
type formItem struct {
	Field   *field
	Select  *choice
	Radios  *choice
	Check   *check
	Heading string // opens a group; Text below it
	Text    string
	Lang    petition.Lang // of the heading; "" for the page's
}

// answerRow is an answer on the last page, with the step that changes it.
type answerRow struct {
	Label, Value, Step string
	Lang               petition.Lang // of the value; "" for the page's
}

// startData is a page of the wizard.
type startData struct {
	Page
	Title   string
	Step    string
	N, Of   int
	Review  bool
	Hidden  []hiddenField
	Faults  []fault // as the summary names them
	Items   []formItem
	Similar []card
	Barred  []barredRow // earlier petitions that bar the same demand
	Rows    []answerRow // of the last page
	Missing string      // languages without text, in words
}

// startStep makes a page of the wizard.
func (w *Web) startStep(ctx context.Context, l petition.Lang, v wizard, step string, errs petition.FieldErrors) (startData, error) {
	pr := w.bundle.Printer(l)
	d := startData{Title: pr.T("start." + step + ".title"), Step: step, Review: v.review && step != stepCheck,
		N: slices.Index(startSteps(), step) + 1, Of: len(startSteps()), Faults: w.summary(l, errs)}
	b := itemBuilder{w: w, pr: pr, a: v.answers, page: l, faults: d.Faults}
	var err error
	switch step {
	case stepWho:
		d.Items = b.who()
	case stepTitle:
		d.Items = b.title()
	case stepAsk:
		d.Items = b.texts("ask", "details")
	case stepMore:
		d.Items = b.more()
	case stepBody:
		d.Items, err = b.body(ctx)
	case stepEmail:
		d.Items = b.email()
	default:
		d.Rows, d.Missing = w.answerRows(ctx, l, v.answers)
	}
	d.Faults = labelled(d.Items, d.Faults)
	d.Hidden = v.answers.hidden(step, shownBy(d.Items))
	if d.Review {
		d.Hidden = append(d.Hidden, hiddenField{"review", "yes"})
	}
	return d, err
}

// labelled are faults that name their field: two fields of a page may lack the
// same thing.
func labelled(items []formItem, faults []fault) []fault {
	out := slices.Clone(faults)
	for _, it := range items {
		var id, label string
		switch {
		case it.Field != nil:
			id, label = it.Field.ID(), it.Field.Label
		case it.Select != nil:
			id, label = it.Select.ID(), it.Select.Label
		case it.Radios != nil:
			id, label = it.Radios.ID(), it.Radios.Label
		}
		for i := range out {
			if id != "" && out[i].Field == id {
				out[i].Text = strings.TrimRight(label, "?") + ": " + out[i].Text
			}
		}
	}
	return out
}

// shownBy are the names of the fields that a page asks for.
func shownBy(items []formItem) []string {
	var names []string
	for _, it := range items {
		switch {
		case it.Field != nil:
			names = append(names, it.Field.Name)
		case it.Select != nil:
			names = append(names, it.Select.Name)
		case it.Radios != nil:
			names = append(names, it.Radios.Name)
		case it.Check != nil:
			names = append(names, it.Check.Name)
		}
	}
	return names
}

// itemBuilder makes the fields of one page out of the answers so far.
type itemBuilder struct {
	w      *Web
	pr     *i18n.Printer
	a      answers
	page   petition.Lang
	faults []fault
}

func (b itemBuilder) radios(name, chosen string, options []option) formItem {
	for i := range options {
		options[i].Selected = options[i].Value == chosen
	}
	return formItem{Radios: &choice{Name: name, Label: b.pr.T("start." + name + ".label"), Error: faultOf(b.faults, name), Options: options}}
}

func (b itemBuilder) who() []formItem {
	kinds := []option{
		{Value: "petition", Label: b.pr.T("kind.petition"), Hint: b.pr.T("start.kind.petition")},
		{Value: "proposal", Label: b.pr.T("kind.proposal"), Hint: b.pr.T("start.kind.proposal")},
	}
	who := b.w.law.Petitioner
	var creators []option
	if who.Persons {
		creators = append(creators, option{Value: "person", Label: b.pr.T("creator.person")})
	}
	if who.Organisations {
		creators = append(creators, option{Value: "organisation", Label: b.pr.T("creator.organisation")})
	}
	creator := b.a["creator_kind"]
	if creator == "" && len(creators) == 1 {
		creator = creators[0].Value
	}
	items := []formItem{b.radios("kind", b.a["kind"], kinds), b.radios("creator_kind", creator, creators)}
	if who.Organisations {
		org := b.line("org", "start.org.label", "start.org.hint", 0)
		org.Field.Optional = true
		items = append(items, org)
	}
	items = append(items, b.line("creator", "start.creator.label", "start.creator.hint", 0))
	if ask := b.w.displayChoice(b.pr, b.w.law, petition.Creator{}, b.a["display"], b.faults); ask != nil {
		items = append(items, formItem{Radios: ask})
	}
	return items
}

func (b itemBuilder) line(name, label, hint string, limit int) formItem {
	return formItem{Field: &field{Name: name, Label: b.pr.T(label), Hint: b.pr.T(hint), Value: b.a[name],
		Error: faultOf(b.faults, name), Max: limit}}
}

func (b itemBuilder) title() []formItem {
	var langs []option
	for _, tl := range b.w.law.Languages {
		langs = append(langs, option{Value: string(tl.Lang), Label: b.pr.T("lang." + string(tl.Lang))})
	}
	ask := b.radios("lang", cmp.Or(b.a["lang"], string(b.page)), langs)
	ask.Radios.Hint = b.pr.T("start.lang.hint")
	title := b.line("title", "start.field.title", "start.field.title.hint", b.w.law.Text.Title)
	items := []formItem{ask, title}
	if window := b.window(); window != nil {
		items = append(items, formItem{Select: window})
	}
	return items
}

// window asks for how long signatures shall be collected, where the law lets
// the petitioner choose; nil elsewhere.
func (b itemBuilder) window() *choice {
	law := b.w.law
	if len(law.Collect.Choices) == 0 {
		return nil
	}
	c := &choice{Name: "window", Label: b.pr.T("start.window.label"), Optional: true, Error: faultOf(b.faults, "window"),
		Hint: b.pr.T("start.window.hint", "term", b.pr.Within(law.Collect.Window)), None: b.pr.T("start.window.none")}
	for _, t := range law.Collect.Choices {
		n := strconv.Itoa(t.N)
		if _, ok := law.ChosenWindow(t.N); ok {
			c.Options = append(c.Options, option{Value: n, Label: b.pr.Within(t), Selected: b.a["window"] == n})
		}
	}
	return c
}

// texts are the text areas of these fields in the petitioner's language.
func (b itemBuilder) texts(names ...string) []formItem {
	var items []formItem
	for _, name := range names {
		items = append(items, b.text(name, name, b.a.lang(b.page)))
	}
	return items
}

// text is one field of the text: what is "title", "ask" or "details".
func (b itemBuilder) text(what, name string, l petition.Lang) formItem {
	limits := b.w.law.Text
	f := &field{Name: name, Label: b.pr.T("start.field." + what), Value: b.a[name], Lang: l, Error: faultOf(b.faults, name)}
	if name == what {
		f.Hint = b.pr.T("start.field." + what + ".hint")
	}
	switch what {
	case "title":
		f.Max = limits.Title
	case "ask":
		f.Max, f.Rows = limits.Ask, 5
	default:
		f.Max, f.Rows, f.Optional = limits.Details, 9, true
	}
	return formItem{Field: f}
}

// more asks for the text in the law's other languages.
func (b itemBuilder) more() []formItem {
	var items []formItem
	for _, tl := range b.w.law.Languages {
		if tl.Lang == b.a.lang(b.page) {
			continue
		}
		note := "start.more.optional"
		if tl.Required {
			note = "start.more.expected"
		}
		items = append(items, formItem{Heading: b.pr.T("lang." + string(tl.Lang)), Lang: tl.Lang, Text: b.pr.T(note)})
		for _, what := range []string{"title", "ask", "details"} {
			items = append(items, b.text(what, inLanguage(what, tl.Lang), tl.Lang))
		}
	}
	return items
}

// body lists the public bodies, and the places the petition may be about, in
// the order of the reader's language.
func (b itemBuilder) body(ctx context.Context) ([]formItem, error) {
	bodies, err := b.w.listBodies(ctx)
	if err != nil {
		return nil, err
	}
	today := b.w.law.Today(b.w.now())
	var options []option
	for _, body := range bodies {
		if body.On(today) {
			options = append(options, option{Value: body.ID, Label: body.Name(string(b.page)), Selected: body.ID == b.a["body"]})
		}
	}
	if len(options) == 0 {
		return []formItem{{Text: b.pr.T("start.body.none")}}, nil
	}
	slices.SortStableFunc(options, func(x, y option) int { return b.pr.Compare(x.Label, y.Label) })
	items := []formItem{{Select: &choice{Name: "body", Label: b.pr.T("start.body.label"), Hint: b.pr.T("start.body.hint"),
		None: b.pr.T("start.body.choose"), Error: faultOf(b.faults, "body"), Options: options}}}
	if places := b.w.placeOptions(b.page, b.w.law, b.a["place"]); len(places) > 0 {
		items = append(items, formItem{Select: &choice{Name: "place", Label: b.pr.T("start.place.label"), Hint: b.pr.T("start.place.hint"),
			None: b.pr.T("start.place.none"), Optional: true, Error: faultOf(b.faults, "place"), Options: places}})
	}
	return items, nil
}

func (b itemBuilder) email() []formItem {
	mail := b.line("email", "start.email.label", "start.email.hint", 0)
	mail.Field.Type, mail.Field.Autocomplete = "email", "email"
	eligible := formItem{Check: &check{Name: "eligible", Label: b.w.startEligible(b.pr), Checked: b.a["eligible"] == "yes",
		Error: faultOf(b.faults, "eligible")}}
	return []formItem{mail, eligible}
}

// startEligible is what a petitioner declares under the law.
func (w *Web) startEligible(pr *i18n.Printer) string {
	e := w.law.Petitioner
	bound := len(e.Citizenship)+len(e.Residence) > 0
	switch {
	case bound && e.MinAge > 0:
		return pr.T("start.eligible.resident", "age", e.MinAge)
	case bound:
		return pr.T("start.eligible.citizen")
	case e.MinAge > 0:
		return pr.N("start.eligible.age", int64(e.MinAge))
	}
	return pr.T("start.eligible.any")
}

// answerRows are the answers on the last page, and the languages without text.
func (w *Web) answerRows(ctx context.Context, l petition.Lang, a answers) (rows []answerRow, missing string) {
	pr := w.bundle.Printer(l)
	own := a.lang(l)
	add := func(label, value, step string, in petition.Lang) {
		if value == "" {
			value, in = pr.T("start.check.none"), ""
		}
		rows = append(rows, answerRow{Label: label, Value: value, Step: step, Lang: in})
	}
	add(pr.T("start.kind.label"), pr.T("kind."+a["kind"]), stepWho, "")
	add(pr.T("start.creator_kind.label"), pr.T("creator."+a["creator_kind"]), stepWho, "")
	if a["creator_kind"] == string(petition.Organisation) {
		add(pr.T("start.org.label"), a["org"], stepWho, "")
	}
	add(pr.T("start.creator.label"), a["creator"], stepWho, "")
	if d := a["display"]; d != "" && a["creator_kind"] != string(petition.Organisation) && w.law.MayDisplay(petition.Person, petition.Display(d)) {
		add(pr.T("start.display.label"), pr.T("display."+d), stepWho, "")
	}
	f := a.form(l)
	for _, tl := range w.law.Languages {
		t, step := f.Texts[tl.Lang], stepMore
		name := " (" + pr.T("lang."+string(tl.Lang)) + ")"
		if tl.Lang == own {
			step = stepTitle
		} else if t == (petition.Text{}) {
			continue
		}
		add(pr.T("start.field.title")+name, t.Title, step, tl.Lang)
		if tl.Lang == own {
			step = stepAsk
		}
		add(pr.T("start.field.ask")+name, t.Ask, step, tl.Lang)
		add(pr.T("start.field.details")+name, t.Details, step, tl.Lang)
	}
	if t, ok := w.law.ChosenWindow(f.Window); ok && !t.IsZero() {
		add(pr.T("start.window.label"), pr.Within(t), stepTitle, "")
	}
	add(pr.T("start.body.label"), w.bodyName(ctx, l, a["body"]), stepBody, "")
	if a["place"] != "" {
		add(pr.T("start.place.label"), w.placeName(l, w.law, a["place"]), stepBody, "")
	}
	add(pr.T("start.email.label"), a["email"], stepEmail, "")
	add(pr.T("start.eligible.label"), w.startEligible(pr), stepEmail, "")
	return rows, w.missingWords(pr, w.law, filled(f.Texts))
}

// filled are the texts that say something.
func filled(texts petition.Texts) petition.Texts {
	some := petition.Texts{}
	for l, t := range texts {
		if t != (petition.Text{}) {
			some[l] = t
		}
	}
	return some
}

// missingWords names the languages the law asks for in which there is no text.
func (w *Web) missingWords(pr *i18n.Printer, law *petition.Profile, texts petition.Texts) string {
	var names []string
	for _, l := range law.Missing(texts) {
		names = append(names, pr.T("lang."+string(l)))
	}
	return strings.Join(names, ", ")
}

// startIntro is what the page before the first question says of the law.
type startIntro struct {
	Page
	Supporters, Within string // of the link-only stage; "" when there is none
	Moderation         string
	Unverified         bool
	After              bool   // supporters are found after the check
	Member             bool   // a member of the assembly is needed
	Dissolved          string // that no petitions are taken now; "" when they are
}

func (w *Web) startIntro(l petition.Lang, page Page) startIntro {
	pr := w.bundle.Printer(l)
	d := startIntro{Page: page, Moderation: within(pr, w.law.Moderation.Term), Unverified: w.unverified()}
	d.After, d.Member = w.law.Support.AfterCheck, w.law.Authoriser.Tries > 0
	if !w.moderation.TakesPetitions() {
		d.Dissolved = w.dissolvedNotice(pr)
	}
	if s := w.law.Support; s.Threshold > 0 {
		d.Supporters, d.Within = pr.N("unit.supporters", s.Threshold), within(pr, s.Window)
	}
	return d
}

// unverified reports whether a rule that matters to petitioners was not read
// in the law itself.
func (w *Web) unverified() bool {
	law := w.law
	return law.Petitioner.Cite.Unverified() || law.Support.Cite.Unverified() || law.Moderation.Cite.Unverified() ||
		law.Appeal.Cite.Unverified() || law.Collect.Cite.Unverified()
}
