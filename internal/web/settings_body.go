package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/register"
)

// bodyKinds are the kinds that have a word; a CSV may say others.
func bodyKinds() []string {
	return []string{"akimat", "maslikhat", "council", "ministry", "agency", "government", "parliament", "president", "other"}
}

// offeredKinds are what a body may be under a law: first what the law names,
// then what bodies are everywhere.
func offeredKinds(law *petition.Profile) []string {
	kinds := slices.Clone(law.Bodies)
	for _, kind := range []string{"council", "ministry", "agency", "government", "parliament", "other"} {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// fillBody asks for one body: what everybody knows of it first, in the languages
// of the site, and the rest folded away.
func (d *settingsForm) fillBody(pr *i18n.Printer, law *petition.Profile, langs []petition.Lang, cells map[string]string) {
	text := func(name, hint string) formItem {
		f := &field{Name: "body." + name, Label: pr.T("setup.body." + name), Value: cells[name], Optional: true, Error: faultOf(d.Faults, "body."+name)}
		if hint != "" {
			f.Hint = pr.T(hint)
		}
		return formItem{Field: f}
	}
	named := func(l petition.Lang) formItem {
		item := text("name."+string(l), "")
		item.Field.Lang = l
		return item
	}
	for i, l := range langs {
		item := named(l)
		item.Field.Optional = i > 0
		d.BodyItems = append(d.BodyItems, item)
	}
	email := text("email", "firstrun.body.email.hint")
	email.Field.Type = "email"
	d.BodyItems = append(d.BodyItems, formItem{Select: bodyKind(pr, law, cells["kind"])}, email)
	for _, l := range i18n.Langs() {
		if !slices.Contains(langs, l) {
			d.BodyMore = append(d.BodyMore, named(l))
		}
	}
	for _, name := range []string{"place", "id", "from", "to"} {
		hint := "setup.body." + name + ".hint"
		if name == "id" {
			hint = "firstrun.body.id.hint"
		}
		d.BodyMore = append(d.BodyMore, text(name, hint))
	}
	for _, item := range d.BodyMore {
		d.BodyOpen = d.BodyOpen || item.Field.Value != "" || item.Field.Error != ""
	}
}

func bodyKind(pr *i18n.Printer, law *petition.Profile, chosen string) *choice {
	c := &choice{Name: "body.kind", Label: pr.T("setup.body.kind")}
	kinds := offeredKinds(law)
	if chosen != "" && !slices.Contains(kinds, chosen) {
		kinds = append(kinds, chosen)
	}
	for _, kind := range kinds {
		c.Options = append(c.Options, option{Value: kind, Label: kindWords(pr, kind), Selected: kind == chosen})
	}
	return c
}

// kindWords is the kind of a body in words; one of a CSV as it stands there.
func kindWords(pr *i18n.Printer, kind string) string {
	if slices.Contains(bodyKinds(), kind) {
		return pr.T("firstrun.kind." + kind)
	}
	return kind
}

// readBodyRow reads the form of one body into a row of the CSV; ok is false when
// it was left empty. A kind is always chosen and says nothing.
func readBodyRow(form url.Values) (row map[string]string, ok bool) {
	row = map[string]string{}
	for _, name := range settings.BodyColumns() {
		row[name] = strings.TrimSpace(form.Get("body." + name))
		ok = ok || row[name] != "" && name != "kind"
	}
	return row, ok
}

// completeBody gives a body an id of its name where somebody typed none, and
// says which fields are wrong, so that each is told beside itself.
func completeBody(row map[string]string, known []register.Body, set *place.Set, langs []petition.Lang) (errs petition.FieldErrors) {
	bad := func(name, key string) { errs = append(errs, petition.FieldError{Field: "body." + name, Key: key}) }
	name := ""
	for _, l := range append(slices.Clone(langs), i18n.Langs()...) {
		if name == "" {
			name = row["name."+string(l)]
		}
	}
	if name == "" {
		bad("name."+string(langs[0]), "body_name")
	}
	typed := row["id"] != ""
	if !typed {
		row["id"] = settings.BodyID(name, func(id string) bool {
			return slices.ContainsFunc(known, func(b register.Body) bool { return b.ID == id })
		})
	}
	if (typed || name != "") && !register.ValidID(row["id"]) {
		bad("id", "body_id")
	}
	if _, err := identity.ParseAddress(row["email"]); row["email"] != "" && err != nil {
		bad("email", "email")
	}
	if row["place"] != "" && set != nil {
		if _, there := set.Lookup(row["place"]); !there {
			bad("place", "body_place")
		}
	}
	for _, day := range []string{"from", "to"} {
		if _, err := civil.ParseDate(row[day]); row[day] != "" && err != nil {
			bad(day, "body_day")
		}
	}
	return errs
}
