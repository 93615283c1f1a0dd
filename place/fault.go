package place

import "fmt"

// Problem is one fault of a file that people write.
type Problem struct {
	File   string
	Line   int // 1 for the first line
	Reason *Reason
}

// Error is "file:line: reason", in English.
func (p Problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason.English()) }

// Reason is why a line is refused: the fault, and what it was found on. It is
// never changed.
type Reason struct {
	fault Fault
	args  []any // in the order of the fault's names
}

// English is the reason for the command line and for logs.
func (r *Reason) English() string {
	return fmt.Sprintf(r.fault.text().english, r.args...)
}

// Fault is which fault it is.
func (r *Reason) Fault() Fault { return r.fault }

// Args are names, each followed by its value: what the sentence for the fault
// needs in any language.
func (r *Reason) Args() []any {
	var out []any
	for i, name := range r.fault.Names() {
		out = append(out, name, r.args[i])
	}
	return out
}

// Fault is one way in which a table of places or bodies can be wrong. All there
// are stand here, those of bodies too: whoever says them in another language
// counts them with Faults.
type Fault int

// Faults of any table.
const (
	EmptyFile Fault = iota
	ColumnTwice
	ColumnUnknown
	ColumnMissing
	CellsMissing
	NotText
	StrayQuote
	OpenQuote
	ReadFailed
	NoName
	BadDay
	EndsBefore

	// Of places.
	BadCode
	BadKind
	CodeTwice
	ParentUnknown
	ParentWithin
	BadPopulation
	BadCensusDay
	NoSource
	NoPlaces

	// Of bodies.
	BadID
	BadBodyKind
	BadPlace
	BadEmail
	NameLong
	IDTwice
	PlaceUnknown

	faultCount
)

// faultText is how a fault is called in messages, how it reads in English, and
// what the values in that are called.
type faultText struct {
	key, english string
	names        []string
}

var faultTexts = [...]faultText{
	EmptyFile:     {"empty_file", "empty: want a header", nil},
	ColumnTwice:   {"column_twice", "header: column %q twice", []string{"column"}},
	ColumnUnknown: {"column_unknown", "header: unknown column %q", []string{"column"}},
	ColumnMissing: {"column_missing", "header: column %q is missing", []string{"column"}},
	CellsMissing:  {"cells_missing", "%d columns, the header has %d", []string{"cells", "columns"}},
	NotText:       {"not_text", "%s: not valid UTF-8 text", []string{"column"}},
	StrayQuote:    {"stray_quote", `bare " in non-quoted-field`, nil},
	OpenQuote:     {"open_quote", `extraneous or missing " in quoted-field`, nil},
	ReadFailed:    {"read_failed", "%s", []string{"cause"}},
	NoName:        {"no_name", "no name", nil},
	BadDay:        {"bad_day", "%s: %q: want YYYY-MM-DD", []string{"column", "value"}},
	EndsBefore:    {"ends_before", "to %s is before from %s", []string{"to", "from"}},

	BadCode:       {"bad_code", "code %q: want capital letters, digits and hyphens, at most 16", []string{"value"}},
	BadKind:       {"bad_kind", "kind %q: want region, constituency, country or other", []string{"value"}},
	CodeTwice:     {"code_twice", "code %s twice", []string{"code"}},
	ParentUnknown: {"parent_unknown", "parent %q is no other place of the set", []string{"parent"}},
	ParentWithin:  {"parent_within", "parent %q lies in %s itself", []string{"parent", "code"}},
	BadPopulation: {"bad_population", "population: %q: want a whole number", []string{"value"}},
	BadCensusDay:  {"bad_census_day", "population_on: %q: want the day of the count, YYYY-MM-DD", []string{"value"}},
	NoSource:      {"no_source", "population_source: missing", nil},
	NoPlaces:      {"no_places", "no places", nil},

	BadID:        {"bad_id", "id %q: want small letters, digits and single hyphens, at most %d", []string{"value", "most"}},
	BadBodyKind:  {"bad_body_kind", "kind %q: want small letters, digits and single hyphens, at most %d", []string{"value", "most"}},
	BadPlace:     {"bad_place", "place %q is no place code", []string{"value"}},
	BadEmail:     {"bad_email", "email: want one plain address", nil}, // the address itself stays out of messages
	NameLong:     {"name_long", "%s: longer than %d bytes", []string{"column", "most"}},
	IDTwice:      {"id_twice", "id %q is already on line %d", []string{"id", "line"}},
	PlaceUnknown: {"place_unknown", "place %q is not in the set", []string{"place"}},
}

// Faults are all there are.
func Faults() []Fault {
	all := make([]Fault, faultCount)
	for i := range all {
		all[i] = Fault(i)
	}
	return all
}

func (f Fault) text() faultText { return faultTexts[f] }

// Key is what the fault is called in messages. It does not change.
func (f Fault) Key() string { return f.text().key }

// Names are what the values of a reason are called, in their order.
func (f Fault) Names() []string { return f.text().names }

// cellMost is how much of a cell a reason repeats, in characters.
const cellMost = 80

// On is the fault with its values, in the order of Names. Of a long text the
// beginning is kept.
func (f Fault) On(values ...any) *Reason {
	for i, v := range values {
		if s, ok := v.(string); ok {
			values[i] = fmt.Sprintf("%.*s", cellMost, s)
		}
	}
	return &Reason{f, values}
}
