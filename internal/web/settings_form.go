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
	Laws               []lawGroup
	LawFault           string
	LawFixed           bool // by the configuration
	Upload             bool // a file may be sent
	Problems           []lineFault
	Bodies             []string   // names of those entered so far
	BodyItems          []formItem // to add one
	BodyMore           []formItem // what of it is seldom asked
	BodyOpen           bool       // it is open to see
	Table              *field     // for a list as CSV
	TableOpen          bool
	Steps              []wizardStep  // of the first run
	Rows               []answerRow   // of the last page
	Hidden             []hiddenField // with the confirmation
	Public             string        // what the confirmation says becomes public
}

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
func (w *Web) fillGroup(ctx context.Context, d *settingsForm, l petition.Lang, group string, a map[string]string) error {
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
		return w.fillPlaces(ctx, d, pr, a)
	}
	return nil
}

// fillPlaces asks for the set of places: that of the rules, or a list.
func (w *Web) fillPlaces(ctx context.Context, d *settingsForm, pr *i18n.Printer, a map[string]string) error {
	law, err := w.chosenLaw(ctx, a)
	if err != nil {
		return err
	}
	set, err := w.settings.PlacesOf(ctx, law, "")
	if err != nil {
		return err
	}
	kind := a["places"]
	if strings.HasPrefix(kind, petition.PlacesPrefix) {
		kind = "csv"
	} else if kind == "" {
		kind = "profile"
	}
	d.Items = []formItem{{Radios: &choice{Name: "places", Label: pr.T("setup.places.label"), Error: faultOf(d.Faults, "places"), Options: []option{
		{Value: "profile", Label: pr.T("setup.places.profile"), Hint: w.placeNames(pr, set), Selected: kind == "profile"},
		{Value: "csv", Label: pr.T("setup.places.csv"), Hint: pr.T("firstrun.places.csv.hint"), Selected: kind == "csv"}}}}}
	d.Table = &field{Name: "csv", Label: pr.T("setup.csv"), Hint: pr.T("setup.places.csv.hint"), Value: a["csv"], Rows: 8, Optional: true, Error: faultOf(d.Faults, "csv")}
	d.Upload, d.TableOpen = true, kind == "csv" || a["csv"] != "" || d.Table.Error != ""
	return nil
}

// namedPlaces is how many places of a set are named to say what it is.
const namedPlaces = 3

// placeNames says what a set of places is: how many, and the first of the parts
// of the country, before whole countries. Names that are there in another
// language only are announced as that.
func (w *Web) placeNames(pr *i18n.Printer, set *place.Set) string {
	if set == nil {
		return pr.T("firstrun.places.none")
	}
	places := set.Options(w.law.Today(w.now()))
	first := set.Options(w.law.Today(w.now()), place.Region, place.Constituency)
	if len(first) == 0 {
		first = places
	}
	first = first[:min(namedPlaces, len(first))]
	var names []string
	unnamed := false
	for _, p := range first {
		names = append(names, p.Name(string(pr.Lang())))
		unnamed = unnamed || p.Names[string(pr.Lang())] == ""
	}
	words := pr.N("firstrun.places.of", int64(len(places)), "names", strings.Join(names, ", "))
	if unnamed {
		words += ". " + pr.T("firstrun.places.unnamed")
	}
	return words
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

// settingWords tells the value of a setting to people.
func (w *Web) settingWords(l petition.Lang, name, value string) string {
	pr := w.bundle.Printer(l)
	if day := (petition.Settings{name: value}).Dissolved(); !day.IsZero() {
		return pr.Date(day)
	}
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
	case name == petition.SetAcknowledged:
		return acknowledgedWords(pr, value)
	}
	return value
}

// chosenLaw is the law that answers lead to.
func (w *Web) chosenLaw(ctx context.Context, a map[string]string) (*petition.Profile, error) {
	if chosen := w.settings.Law(a["profile"]); chosen != nil && !w.settings.Fixed(petition.SetProfile) {
		return chosen, nil
	}
	now, err := w.settings.Current(ctx)
	return now.Law, err
}

// setOf is the set of places that answers lead to.
func (w *Web) setOf(ctx context.Context, a map[string]string) (*place.Set, error) {
	law, err := w.chosenLaw(ctx, a)
	if err != nil {
		return nil, err
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
