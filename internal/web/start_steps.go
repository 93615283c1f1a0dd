package web

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
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

// answerGroup are the answers of one part.
type answerGroup struct {
	Title string
	Rows  []answerRow
}

// startData is a page of the wizard.
type startData struct {
	Page
	Title    string
	Step     string
	First    bool // nothing to go back to
	Ask      bool // the only question is the heading itself
	Progress string
	Review   bool
	Hidden   []hiddenField
	Faults   []fault // as the summary names them
	Items    []formItem
	Lead     string    // above the question; "" for none
	Original *textView // what is to be translated; nil elsewhere
	Similar  []card
	Barred   []barredRow   // earlier petitions that bar the same demand
	Groups   []answerGroup // of the last page
	Missing  string        // languages without text, in words
}

// startStep makes a page of the wizard.
func (w *Web) startStep(ctx context.Context, l petition.Lang, v wizard, step string, errs petition.FieldErrors) (startData, error) {
	pr := w.bundle.Printer(l)
	d := startData{Title: stepHeading(pr, step), Step: step, Review: v.review && step != stepCheck,
		First: step == v.steps[0], Progress: v.progress(pr, step), Faults: w.summary(l, errs)}
	b := itemBuilder{w: w, pr: pr, a: v.answers, page: l, faults: d.Faults}
	var err error
	if more, ok := strings.CutPrefix(step, stepMore); ok {
		d.Items, d.Lead = b.more(petition.Lang(more)), pr.T("start.more.lead")
		own := v.answers.form(l).Texts[v.answers.lang(l)]
		d.Original = &textView{Lang: v.answers.lang(l), Text: own}
	} else if step == stepCheck {
		d.Groups, d.Missing = w.answerGroups(ctx, l, v.answers)
	} else {
		d.Items, err = b.step(ctx, step)
	}
	d.Ask = asHeading(d.Items, d.Title)
	d.Faults = labelled(d.Items, d.Faults)
	d.Hidden = v.answers.hidden(step, shownBy(d.Items))
	if d.Review {
		d.Hidden = append(d.Hidden, hiddenField{"review", "yes"})
	}
	return d, err
}

// stepHeading is the heading of a step's page: its question, where it has one.
func stepHeading(pr *i18n.Printer, step string) string {
	switch step {
	case stepKind, stepLang, stepPlace, stepWindow:
		return pr.T("start." + step + ".label")
	case stepWho:
		return pr.T("start.creator_kind.label")
	case stepDetails:
		return pr.T("start.field.details")
	}
	if strings.HasPrefix(step, stepMore) {
		step = strings.TrimSuffix(stepMore, ".")
	}
	return pr.T("start." + step + ".title")
}

// progress says in words where a step is: the part, and the question of it.
func (v *wizard) progress(pr *i18n.Printer, step string) string {
	parts := startParts()
	for i, p := range parts {
		if !slices.Contains(p.Steps, step) {
			continue
		}
		words := pr.T("start.part", "part", i+1, "of", len(parts), "name", pr.T("start.part."+p.Name))
		asked := slices.DeleteFunc(p.Steps, func(s string) bool { return !v.knows(s) || s == stepCheck })
		if n := slices.Index(asked, step); n >= 0 && len(asked) > 1 {
			words += " · " + pr.T("start.question", "n", n+1, "of", len(asked))
		}
		return words
	}
	return ""
}

// asHeading makes the only question of a page its heading.
func asHeading(items []formItem, title string) bool {
	if len(items) != 1 {
		return false
	}
	switch it := items[0]; {
	case it.Field != nil:
		it.Field.Label, it.Field.Head = title, true
	case it.Select != nil:
		it.Select.Label, it.Select.Head = title, true
	case it.Radios != nil:
		it.Radios.Label, it.Radios.Head = title, true
	default:
		return false
	}
	return true
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
			if f := &out[i]; id != "" && f.Field == id {
				f.Text = f.named(strings.TrimRight(label, "?"))
			}
		}
	}
	return out
}

// named is the text with what it is of, as far as it does not say that.
func (f fault) named(label string) string {
	switch {
	case f.Own && f.Of == "":
		return f.Text
	case f.Own:
		return f.Of + ": " + f.Text
	case f.Of == "":
		return label + ": " + f.Text
	}
	return label + " (" + f.Of + "): " + f.Text
}

// items are text fields as the items of a form.
func items(fields []field) []formItem {
	var list []formItem
	for i := range fields {
		list = append(list, formItem{Field: &fields[i]})
	}
	return list
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

// step are the fields of a step that asks for one thing.
func (b itemBuilder) step(ctx context.Context, step string) ([]formItem, error) {
	switch step {
	case stepKind:
		return []formItem{b.radios("kind", b.a["kind"], []option{
			{Value: "petition", Label: b.pr.T("kind.petition"), Hint: b.pr.T("start.kind.petition")},
			{Value: "proposal", Label: b.pr.T("kind.proposal"), Hint: b.pr.T("start.kind.proposal")}})}, nil
	case stepWho:
		return b.who(), nil
	case stepName:
		return b.name(), nil
	case stepLang:
		return b.lang(), nil
	case stepTitle, stepAsk, stepDetails:
		return []formItem{b.text(step, step, b.a.lang(b.page))}, nil
	case stepBody:
		return b.body(ctx)
	case stepPlace:
		return []formItem{{Select: &choice{Name: "place", Label: b.pr.T("start.place.label"), Hint: b.pr.T("start.place.hint"), None: b.pr.T("start.place.none"),
			Optional: true, Error: faultOf(b.faults, "place"), Options: b.w.placeOptions(b.page, b.w.law, b.a["place"])}}}, nil
	case stepWindow:
		return []formItem{{Select: b.window()}}, nil
	}
	return b.email(), nil
}

func (b itemBuilder) who() []formItem {
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
	return []formItem{b.radios("creator_kind", creator, creators)}
}

// name asks for the name shown, and for what only an organisation or only a person has.
func (b itemBuilder) name() []formItem {
	creator := b.line("creator", "start.creator.label", "start.creator.hint", 0)
	if b.a["creator_kind"] == string(petition.Organisation) {
		return []formItem{b.line("org", "start.org.label", "start.org.hint", 0), creator}
	}
	creator.Field.Autocomplete = "name"
	items := []formItem{creator}
	if ask := b.w.displayChoice(b.pr, b.w.law, petition.Creator{}, b.a["display"], b.faults); ask != nil {
		items = append(items, formItem{Radios: ask})
	}
	return items
}

func (b itemBuilder) line(name, label, hint string, limit int) formItem {
	return formItem{Field: &field{Name: name, Label: b.pr.T(label), Hint: b.pr.T(hint), Value: b.a[name],
		Error: faultOf(b.faults, name), Max: limit}}
}

func (b itemBuilder) lang() []formItem {
	var langs []option
	for _, tl := range b.w.law.Languages {
		langs = append(langs, option{Value: string(tl.Lang), Label: b.pr.T("lang." + string(tl.Lang)), Lang: tl.Lang})
	}
	ask := b.radios("lang", cmp.Or(b.a["lang"], string(b.page)), langs)
	ask.Radios.Hint = b.pr.T("start.lang.hint")
	return []formItem{ask}
}

// window asks for how long signatures shall be collected, where the law lets
// the petitioner choose.
func (b itemBuilder) window() *choice {
	law := b.w.law
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

// more asks for the text in another language.
func (b itemBuilder) more(l petition.Lang) []formItem {
	note := "start.more.optional"
	if slices.ContainsFunc(b.w.law.Languages, func(tl petition.Language) bool { return tl.Lang == l && tl.Required }) {
		note = "start.more.expected"
	}
	items := []formItem{{Heading: b.pr.T("lang." + string(l)), Lang: l, Text: b.pr.T(note)}}
	for _, what := range []string{"title", "ask", "details"} {
		items = append(items, b.text(what, inLanguage(what, l), l))
	}
	return items
}

// body lists the public bodies in the order of the reader's language.
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
	return []formItem{{Select: &choice{Name: "body", Label: b.pr.T("start.body.label"), Hint: b.pr.T("start.body.hint"),
		None: b.pr.T("start.body.choose"), Error: faultOf(b.faults, "body"), Options: options}}}, nil
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

// answerGroups are the answers on the last page, and the languages without text.
func (w *Web) answerGroups(ctx context.Context, l petition.Lang, a answers) (groups []answerGroup, missing string) {
	pr, f := w.bundle.Printer(l), a.form(l)
	rows := answerRows{none: pr.T("start.check.none")}
	w.whoRows(pr, a, &rows)
	w.textRows(pr, f, &rows)
	rows.add(pr.T("start.body.label"), w.bodyName(ctx, l, a["body"]), stepBody, "")
	if w.asks(l, a, stepPlace) {
		rows.add(pr.T("start.place.label"), w.placeName(l, w.law, a["place"]), stepPlace, "")
	}
	if t, ok := w.law.ChosenWindow(f.Window); ok && !t.IsZero() {
		rows.add(pr.T("start.window.label"), pr.Within(t), stepWindow, "")
	}
	rows.add(pr.T("start.email.label"), a["email"], stepEmail, "")
	rows.add(pr.T("start.eligible.label"), w.startEligible(pr), stepEmail, "")
	for _, p := range startParts() {
		g := answerGroup{Title: pr.T("start.part." + p.Name)}
		for _, row := range rows.list {
			if slices.Contains(p.Steps, row.Step) {
				g.Rows = append(g.Rows, row)
			}
		}
		groups = append(groups, g)
	}
	return groups, w.missingWords(pr, w.law, filled(f.Texts))
}

// answerRows collects the answers of the last page.
type answerRows struct {
	list []answerRow
	none string // what stands for an empty answer
}

func (r *answerRows) add(label, value, step string, in petition.Lang) {
	if value == "" {
		value, in = r.none, ""
	}
	r.list = append(r.list, answerRow{Label: label, Value: value, Step: step, Lang: in})
}

func (w *Web) whoRows(pr *i18n.Printer, a answers, rows *answerRows) {
	rows.add(pr.T("start.kind.label"), pr.T("kind."+a["kind"]), stepKind, "")
	rows.add(pr.T("start.creator_kind.label"), pr.T("creator."+a["creator_kind"]), stepWho, "")
	if a["creator_kind"] == string(petition.Organisation) {
		rows.add(pr.T("start.org.label"), a["org"], stepName, "")
	}
	rows.add(pr.T("start.creator.label"), a["creator"], stepName, "")
	if d := a["display"]; d != "" && a["creator_kind"] != string(petition.Organisation) && w.law.MayDisplay(petition.Person, petition.Display(d)) {
		rows.add(pr.T("start.display.label"), pr.T("display."+d), stepName, "")
	}
}

// textRows are the text in the petitioner's language, then in the others that
// the law asks for.
func (w *Web) textRows(pr *i18n.Printer, f moderation.Form, rows *answerRows) {
	own := f.Texts[f.Lang]
	rows.add(pr.T("start.lang.label"), pr.T("lang."+string(f.Lang)), stepLang, f.Lang)
	rows.add(pr.T("start.field.title"), own.Title, stepTitle, f.Lang)
	rows.add(pr.T("start.field.ask"), own.Ask, stepAsk, f.Lang)
	rows.add(pr.T("start.field.details"), own.Details, stepDetails, f.Lang)
	for _, tl := range w.law.Languages {
		if tl.Lang == f.Lang {
			continue
		}
		t, step, name := f.Texts[tl.Lang], stepMore+string(tl.Lang), pr.T("lang."+string(tl.Lang))
		if t == (petition.Text{}) {
			rows.add(name, "", step, "")
			continue
		}
		rows.add(name+": "+pr.T("start.field.title"), t.Title, step, tl.Lang)
		rows.add(name+": "+pr.T("start.field.ask"), t.Ask, step, tl.Lang)
		rows.add(name+": "+pr.T("start.field.details"), t.Details, step, tl.Lang)
	}
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
	Supporters string // of the link-only stage, with its term where it has one; "" when there is none
	Moderation string
	Unverified bool
	After      bool   // supporters are found after the check
	Member     bool   // a member of the assembly is needed
	Dissolved  string // that no petitions are taken now; "" when they are
}

func (w *Web) startIntro(l petition.Lang, page Page) startIntro {
	pr := w.bundle.Printer(l)
	d := startIntro{Page: page, Moderation: within(pr, w.law.Moderation.Term), Unverified: w.unverified()}
	d.After, d.Member = w.law.Support.AfterCheck, w.law.Authoriser.Tries > 0
	if !w.moderation.TakesPetitions() {
		d.Dissolved = w.dissolvedNotice(pr)
	}
	if s := w.law.Support; s.Threshold > 0 {
		d.Supporters = pr.N("unit.supporters", s.Threshold)
		if term := within(pr, s.Window); term != "" {
			d.Supporters += ", " + term
		}
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
