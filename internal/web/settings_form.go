package web

import (
	"context"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/register"
)

// The groups of settings: each is a step of the first run and a page of the desk.
const (
	groupOperator  = "operator"
	groupProfile   = "profile"
	groupLanguages = "languages"
	groupPlaces    = "places"
	groupNumbers   = "numbers"  // at the desk only
	groupAssembly  = "assembly" // at the desk only, where the law knows a dissolution
)

func settingGroups() []string {
	return []string{groupOperator, groupProfile, groupLanguages, groupPlaces, groupNumbers, groupAssembly}
}

// groupSettings are the settings that a group decides.
func groupSettings(group string) []string {
	switch group {
	case groupOperator:
		return []string{petition.SetOperator, petition.SetContact}
	case groupProfile:
		return []string{petition.SetProfile, petition.SetAcknowledged, petition.SetOfficial}
	case groupLanguages:
		return []string{petition.SetLanguages}
	case groupPlaces:
		return []string{petition.SetPlaces}
	case groupNumbers:
		return []string{petition.SetFirstNumber}
	case groupAssembly:
		return []string{petition.SetDissolved}
	}
	return nil
}

// settingsForm is a page that asks for settings.
type settingsForm struct {
	Page
	Step, Lead, Action string
	N, Of              int // of the first run; 0 at the desk
	Faults             []fault
	Items              []formItem
	Laws               []lawChoice
	LawFault           string
	LawFixed           bool // by the configuration
	Upload             bool // a file may be sent
	Problems           []register.Problem
	Bodies             []string      // names of those entered so far
	BodyItems          []formItem    // to add one
	Rows               []answerRow   // of the last page
	Hidden             []hiddenField // with the confirmation
	Public             string        // what the confirmation says becomes public
}

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

// maxUpload is the largest form with a file, in bytes.
const maxUpload = 2 << 20

// readUpload reads a form with or without a file. What was sent as the file
// "file" is taken for the field "csv" when it is not empty.
func readUpload(rw http.ResponseWriter, r *http.Request) (url.Values, error) {
	if err := httpd.LimitBody(rw, r, maxUpload); err != nil {
		return nil, err
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "multipart/form-data" {
		return httpd.ParseForm(r)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, httpd.ErrBadRequest
	}
	form := url.Values{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, nil
		}
		if err != nil {
			return nil, httpd.ErrBadRequest
		}
		b, err := io.ReadAll(part)
		if err != nil {
			return nil, httpd.ErrTooLarge
		}
		value := string(b)
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return nil, petition.FieldErrors{{Field: "csv", Key: "utf8"}}
		}
		name := part.FormName()
		if name == "file" {
			if strings.TrimSpace(value) != "" {
				form.Set("csv", value)
			}
			continue
		}
		if name != "csv" || !form.Has("csv") {
			form.Add(name, value)
		}
	}
}

// settingAnswers takes from a form what a group asks for, by the names of the
// fields; "acknowledged" becomes the acknowledgement that fits the profile.
func (w *Web) settingAnswers(group string, form url.Values) map[string]string {
	a := map[string]string{}
	one := func(name string) { a[name] = strings.TrimSpace(form.Get(name)) }
	switch group {
	case groupOperator:
		one("operator")
		one("contact")
	case groupProfile:
		one("profile")
		one("official")
		a["acknowledged"] = ""
		if law := w.settings.Law(a["profile"]); law != nil && slices.Contains(form["ack"], law.Acknowledgement()) {
			a["acknowledged"] = law.Acknowledgement()
		}
	case groupLanguages:
		var langs []string
		for _, name := range []string{"lang1", "lang2", "lang3"} {
			if v := form.Get(name); v != "" {
				langs = append(langs, v)
			}
		}
		a["languages"] = strings.Join(langs, ",")
	case groupPlaces:
		one("places")
		a["csv"] = strings.ReplaceAll(form.Get("csv"), "\r\n", "\n")
	case groupNumbers:
		one("first_number")
	case groupAssembly:
		one("dissolved")
	}
	return a
}

// wanted are the settings that answers ask for, less those that the
// configuration decides. An imported set of places is kept on the way.
func (w *Web) wanted(ctx context.Context, group string, a map[string]string) (petition.Settings, []register.Problem, error) {
	wanted := petition.Settings{}
	for _, name := range groupSettings(group) {
		if !w.settings.Fixed(name) {
			wanted[name] = a[name]
		}
	}
	if _, asked := wanted[petition.SetPlaces]; asked {
		switch a["places"] {
		case "csv":
			value, problems, err := w.settings.KeepPlaces(ctx, a["csv"])
			wanted[petition.SetPlaces] = value
			return wanted, problems, err
		case "profile":
			wanted[petition.SetPlaces] = ""
		}
	}
	return wanted, nil, nil
}

// fillGroup makes the fields of a group.
func (w *Web) fillGroup(d *settingsForm, l petition.Lang, group string, a map[string]string) {
	pr := w.bundle.Printer(l)
	text := func(name string) {
		if w.settings.Fixed(name) {
			d.Items = append(d.Items, formItem{Heading: pr.T("setup.field." + name), Text: pr.T("setup.fixed")})
			return
		}
		d.Items = append(d.Items, formItem{Field: &field{Name: name, Label: pr.T("setup.field." + name), Hint: pr.T("setup.field." + name + ".hint"),
			Value: a[name], Error: faultOf(d.Faults, name)}})
	}
	switch group {
	case groupOperator:
		text("operator")
		text("contact")
	case groupNumbers:
		text("first_number")
	case groupAssembly:
		text("dissolved")
	case groupProfile:
		w.fillLaws(d, l, a)
	case groupLanguages:
		w.fillLanguages(d, pr, a["languages"])
	case groupPlaces:
		kind := a["places"]
		if strings.HasPrefix(kind, petition.PlacesPrefix) {
			kind = "csv"
		} else if kind == "" {
			kind = "profile"
		}
		d.Items = []formItem{
			{Radios: &choice{Name: "places", Label: pr.T("setup.places.label"), Error: faultOf(d.Faults, "places"), Options: []option{
				{Value: "profile", Label: pr.T("setup.places.profile"), Selected: kind == "profile"},
				{Value: "csv", Label: pr.T("setup.places.csv"), Hint: pr.T("setup.places.csv.hint"), Selected: kind == "csv"}}}},
			{Field: &field{Name: "csv", Label: pr.T("setup.csv"), Value: a["csv"], Rows: 8, Optional: true, Error: faultOf(d.Faults, "csv")}},
		}
		d.Upload = true
	}
}

func (w *Web) fillLanguages(d *settingsForm, pr *i18n.Printer, chosen string) {
	var have []petition.Lang
	if have = (petition.Settings{petition.SetLanguages: chosen}).Languages(i18n.Langs()); len(d.Faults) > 0 {
		have = nil
		for l := range strings.SplitSeq(chosen, ",") {
			have = append(have, petition.Lang(l))
		}
	}
	for i, name := range []string{"lang1", "lang2", "lang3"} {
		c := choice{Name: name, Label: pr.T("setup.field." + name), Optional: i > 0, None: pr.T("setup.lang.none")}
		if i == 0 {
			c.Error, c.None = faultOf(d.Faults, "languages"), ""
		}
		for _, l := range i18n.Langs() {
			c.Options = append(c.Options, option{Value: string(l), Label: pr.T("lang." + string(l)), Selected: i < len(have) && have[i] == l})
		}
		d.Items = append(d.Items, formItem{Select: &c})
	}
	for i := range d.Faults {
		if d.Faults[i].Field == fieldID("languages") {
			d.Faults[i].Field = fieldID("lang1")
		}
	}
}

func (w *Web) fillLaws(d *settingsForm, l petition.Lang, a map[string]string) {
	pr := w.bundle.Printer(l)
	if w.settings.Fixed(petition.SetProfile) {
		d.Items = append(d.Items, formItem{Heading: pr.T("setup.field.profile"), Text: pr.T("setup.fixed")})
	}
	d.LawFixed, d.LawFault = w.settings.Fixed(petition.SetProfile), faultOf(d.Faults, "profile")
	if d.LawFault == "" {
		d.LawFault = faultOf(d.Faults, "acknowledged")
	}
	for i := range d.Faults {
		d.Faults[i].Field = "f-profile"
	}
	for _, law := range w.settings.Profiles() {
		if w.settings.Fixed(petition.SetProfile) && law.ID != a["profile"] {
			continue
		}
		c := lawChoice{ID: law.ID, Name: inLang(law.Name, l), Version: law.Version, Summary: inLang(law.Summary, l),
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
		d.Laws = append(d.Laws, c)
	}
}

// settingWords tells the value of a setting to people.
func (w *Web) settingWords(l petition.Lang, name, value string) string {
	pr := w.bundle.Printer(l)
	switch {
	case name == petition.SetProfile && w.settings.Law(value) != nil:
		return inLang(w.settings.Law(value).Name, l) + " (" + value + ")"
	case name == petition.SetOfficial && value == "yes":
		return pr.T("setup.yes")
	case name == petition.SetOfficial:
		return pr.T("setup.no")
	case name == petition.SetLanguages:
		var words []string
		for _, lang := range (petition.Settings{name: value}).Languages(i18n.Langs()) {
			words = append(words, pr.T("lang."+string(lang)))
		}
		return strings.Join(words, ", ")
	case name == petition.SetPlaces && value == "":
		return pr.T("setup.places.profile")
	case name == petition.SetPlaces:
		if hash, kept := strings.CutPrefix(value, petition.PlacesPrefix); kept { // two lists can be told apart
			return pr.T("setup.places.own") + " (" + hash[:min(len(hash), 8)] + ")"
		}
		return pr.T("setup.places.own")
	case value == "":
		return pr.T("setup.empty")
	}
	return value
}

// bodyColumns is the header of the CSV of bodies, in the order of its form.
func bodyColumns() []string {
	return []string{"id", "kind", "name.kk", "name.ru", "name.en", "place", "email", "from", "to"}
}

// bodyItems ask for one body.
func (w *Web) bodyItems(l petition.Lang, a map[string]string, faults []fault) []formItem {
	pr := w.bundle.Printer(l)
	var items []formItem
	for _, name := range bodyColumns() {
		items = append(items, formItem{Field: &field{Name: "body." + name, Label: pr.T("setup.body." + name), Hint: bodyHint(pr, name),
			Value: a[name], Optional: name != "id" && name != "kind", Error: faultOf(faults, "body."+name)}})
	}
	return items
}

func bodyHint(pr *i18n.Printer, name string) string {
	if slices.Contains([]string{"id", "kind", "place", "from", "to"}, name) {
		return pr.T("setup.body." + name + ".hint")
	}
	return ""
}

// readBodyRow reads the form of one body into a row of the CSV; ok is false when
// it was left empty.
func readBodyRow(form url.Values) (row map[string]string, ok bool) {
	row = map[string]string{}
	for _, name := range bodyColumns() {
		row[name] = strings.TrimSpace(form.Get("body." + name))
		ok = ok || row[name] != ""
	}
	return row, ok
}

// setOf is the set of places that answers lead to.
func (w *Web) setOf(ctx context.Context, a map[string]string) (*place.Set, error) {
	now, err := w.settings.Current(ctx)
	if err != nil {
		return nil, err
	}
	law := now.Law
	if chosen := w.settings.Law(a["profile"]); chosen != nil && !w.settings.Fixed(petition.SetProfile) {
		law = chosen
	}
	wanted, problems, err := w.wanted(ctx, groupPlaces, a)
	if err != nil || len(problems) > 0 {
		return nil, err
	}
	return w.settings.PlacesOf(ctx, law, wanted[petition.SetPlaces])
}

// merged is a with the answers of b.
func merged(a, b map[string]string) map[string]string {
	c := maps.Clone(a)
	maps.Copy(c, b)
	return c
}
