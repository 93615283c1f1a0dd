package web

import (
	"slices"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// fault is one line of an error summary; it leads to the field.
type fault struct {
	Field, Text string
	Own         bool   // it says which field it is of
	Of          string // the language of the field, in words; "" where there is one such field
}

// field is a text field with its label, hint and fault.
type field struct {
	Name, Label, Hint, Value, Error string
	Type                            string        // "text" when empty; "email"
	Autocomplete                    string        // as HTML names it; "" for none
	Lang                            petition.Lang // of what is typed; "" for the page's
	Rows                            int           // more than one line
	Max                             int           // characters, named in the hint; 0 for no limit
	Optional                        bool          // the label says so
	Head                            bool          // the label is the heading of the page
}

// option is one answer to choose.
type option struct {
	Value, Label string
	Hint         string // below a radio button
	Selected     bool
	Lang         petition.Lang // of the label; "" for the page's
}

// choice is a question with answers: a list to unfold, or radio buttons.
type choice struct {
	Name, Label, Hint, Error string
	None                     string // what the list says when nothing is chosen; "" when something always is
	Options                  []option
	Optional                 bool
	Head                     bool // the question is the heading of the page
}

// check is a box to tick; its value is "yes".
type check struct {
	Name, Label, Hint, Error string
	Checked                  bool
}

// progress is a bar on the way to a threshold.
type progress struct {
	Value, Max int64
	Label      string // what the bar says, for those who do not see it
}

// Left is how many are missing.
func (p progress) Left() int64 { return p.Max - p.Value }

// tag is a state in one or two words. Kind chooses its colour: open, closed,
// waiting, overdue, answered, refused, plain.
type tag struct{ Kind, Text string }

// timelineStep is a line of a timeline.
type timelineStep struct {
	Status petition.StepStatus
	Word   string // the status in words
	Title  string
	Text   string
	Dates  []string // each a whole line: "Done: 3 November 2026"
}

// pager leads to the other pages of a list. Links are whole addresses.
type pager struct {
	First, Prev, Next, Last string // "" where there is none
	Current, Pages          int
}

// summary lists what is wrong with a form, in words and in the order of the form.
func (w *Web) summary(l petition.Lang, errs petition.FieldErrors) []fault {
	p := w.bundle.Printer(l)
	var faults []fault
	for _, e := range errs {
		text, own := httpd.FieldWords(p, e)
		f := fault{Field: fieldID(e.Field), Text: text, Own: own}
		if _, lang, _ := strings.Cut(e.Field, "."); slices.Contains(i18n.Langs(), petition.Lang(lang)) {
			f.Of = p.T("lang." + lang)
		}
		faults = append(faults, f)
	}
	return faults
}

// faultOf is what is wrong with one field, in words; "" when nothing is.
func faultOf(faults []fault, name string) string {
	for _, f := range faults {
		if f.Field == fieldID(name) {
			return f.Text
		}
	}
	return ""
}

// fieldID is the id of a field: "title.kk" -> "f-title-kk".
func fieldID(name string) string {
	return "f-" + strings.NewReplacer(".", "-", "_", "-").Replace(name)
}

// ID is the id of the field's element.
func (f field) ID() string { return fieldID(f.Name) }

// ID is the id of the question's element.
func (c choice) ID() string { return fieldID(c.Name) }

// ID is the id of the box.
func (c check) ID() string { return fieldID(c.Name) }

// DescribedBy names the elements that explain the field.
func (f field) DescribedBy() string { return describedBy(f.ID(), f.Hint != "" || f.Max > 0, f.Error) }

// DescribedBy names the elements that explain the question.
func (c choice) DescribedBy() string { return describedBy(c.ID(), c.Hint != "", c.Error) }

// DescribedBy names the elements that explain the box.
func (c check) DescribedBy() string { return describedBy(c.ID(), c.Hint != "", c.Error) }

func describedBy(id string, hint bool, fault string) string {
	var ids []string
	if hint {
		ids = append(ids, id+"-hint")
	}
	if fault != "" {
		ids = append(ids, id+"-error")
	}
	return strings.Join(ids, " ")
}
