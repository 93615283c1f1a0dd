package place

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"

	"github.com/dauys/dauys/civil"
)

// Kind tells what a place is.
type Kind string

// The kinds of place.
const (
	Region       Kind = "region"
	Constituency Kind = "constituency"
	Country      Kind = "country"
	Other        Kind = "other"
)

// Place is one place with the days on which it existed.
type Place struct {
	Code   string            `json:"code"` // ISO 3166, ISO 3166-2 or the statistical office's
	Kind   Kind              `json:"kind"`
	Names  map[string]string `json:"names"` // by language: kk, ru, en; at least one
	Parent string            `json:"parent,omitempty"`
	// Official is the code in the country's own register of places; "" when the set does not say.
	Official string     `json:"-"`
	From     civil.Date `json:"from,omitzero"` // first day; zero when it is older than matters
	To       civil.Date `json:"to,omitzero"`   // last day; zero while it exists

	// Population is the inhabitants on the day PopulationOn, told by
	// PopulationSource; 0 when the set does not say.
	Population       int64      `json:"-"`
	PopulationOn     civil.Date `json:"-"`
	PopulationSource string     `json:"-"`
}

// Name is the name in language lang, or else in English, Russian, Kazakh, or
// else the code: never nothing.
func (p Place) Name(lang string) string {
	for _, l := range []string{lang, "en", "ru", "kk"} {
		if name := p.Names[l]; name != "" {
			return name
		}
	}
	return p.Code
}

// On reports whether the place existed on day d.
func (p Place) On(d civil.Date) bool {
	return !d.Before(p.From) && (p.To.IsZero() || !d.After(p.To))
}

// Set is a country's places. It is read once and never changed, so it may be shared.
type Set struct {
	ID      string  // what a profile calls it: "kz", "uk"
	Country string  // ISO 3166 code
	Places  []Place // in the order of the file

	index map[string]int // code to place; nil in a Set not made by Parse
}

// Lookup finds a place by its code, whatever its dates.
func (s *Set) Lookup(code string) (Place, bool) {
	if s.index != nil {
		i, ok := s.index[code]
		if !ok {
			return Place{}, false
		}
		return s.Places[i], true
	}
	i := slices.IndexFunc(s.Places, func(p Place) bool { return p.Code == code })
	if i < 0 {
		return Place{}, false
	}
	return s.Places[i], true
}

// Options lists the places that exist on day d, of the given kinds or of all.
// The caller sorts them by name in the reader's language.
func (s *Set) Options(d civil.Date, kinds ...Kind) []Place {
	var out []Place
	for _, p := range s.Places {
		if p.On(d) && (len(kinds) == 0 || slices.Contains(kinds, p.Kind)) {
			out = append(out, p)
		}
	}
	return out
}

// Named lists the places that signers can name on day d: constituencies and
// countries where the set has constituencies, its regions otherwise. How many
// there are decides which may be told (petition.CountRule.Cells), so that nobody
// counts them in another way.
func (s *Set) Named(d civil.Date) []Place {
	if slices.ContainsFunc(s.Places, func(p Place) bool { return p.Kind == Constituency }) {
		return s.Options(d, Constituency, Country)
	}
	return s.Options(d, Region)
}

//go:embed data/*.csv
var data embed.FS

// shipped is in the order of IDs.
var shipped = []struct{ id, country string }{
	{"kz", "KZ"}, {"uk", "GB"}, {"au", "AU"}, {"ca", "CA"}, {"de", "DE"}, {"ee", "EE"}, {"eu", "EU"}, {"fi", "FI"},
	{"kr", "KR"}, {"lv", "LV"}, {"tw", "TW"}, {"ua", "UA"}, {"us", "US"}, {"uz", "UZ"},
}

// IDs names the sets shipped with the program.
func IDs() []string {
	ids := make([]string, len(shipped))
	for i, s := range shipped {
		ids[i] = s.id
	}
	return ids
}

// Shipped reads one of the sets shipped with the program.
func Shipped(id string) (*Set, error) {
	for _, s := range shipped {
		if s.id != id {
			continue
		}
		name := "data/" + id + ".csv"
		raw, err := data.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("place: set %s: %w", id, err)
		}
		set, problems := Parse(bytes.NewReader(raw), "place/"+name, id, s.country)
		if len(problems) > 0 {
			return nil, fmt.Errorf("place: set %s: %w", id, problems[0])
		}
		return set, nil
	}
	return nil, fmt.Errorf("place: no set %q is shipped", id)
}

var codePattern = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,15}$`)

// ValidCode reports whether code has the form of a place code.
func ValidCode(code string) bool { return codePattern.MatchString(code) }

// Parse reads the CSV of a set: code, kind, name.kk, name.ru, name.en, parent,
// from, to, population, population_on, population_source, official. Bad rows are named by file and line, good ones are kept.
func Parse(r io.Reader, file, id, country string) (*Set, []Problem) {
	set := &Set{ID: id, Country: country}
	var lines []int
	var problems []Problem
	set.Places, lines, problems = parsePlaces(r, file)
	set.reindex()
	for i, p := range set.Places {
		if _, ok := set.index[p.Parent]; p.Parent != "" && (!ok || p.Parent == p.Code) {
			problems = append(problems, Problem{File: file, Line: lines[i], Reason: ParentUnknown.On(p.Parent)})
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	return set, problems
}

func (s *Set) reindex() {
	s.index = make(map[string]int, len(s.Places))
	for i, p := range s.Places {
		s.index[p.Code] = i
	}
}

// columns are those of the CSV of a set, in the order in which CSV writes them.
func columns() Columns {
	return Columns{
		Required: []string{"code", "kind"},
		Optional: []string{"name.kk", "name.ru", "name.en", "parent", "from", "to", "population", "population_on", "population_source", "official"},
	}
}

// parsePlaces reads the rows of a set, each for itself, with their lines.
func parsePlaces(r io.Reader, file string) (places []Place, lines []int, problems []Problem) {
	rows, problems := ReadCSV(r, file, columns())
	seen := make(map[string]bool, len(rows))
	for _, row := range rows {
		p, reason := parsePlace(row)
		if reason == nil && seen[p.Code] {
			reason = CodeTwice.On(p.Code)
		}
		if reason != nil {
			problems = append(problems, Problem{File: file, Line: row.Line, Reason: reason})
			continue
		}
		seen[p.Code] = true
		places, lines = append(places, p), append(lines, row.Line)
	}
	return places, lines, problems
}

func parsePlace(row Row) (Place, *Reason) {
	p := Place{Code: row.Get("code"), Kind: Kind(row.Get("kind")), Parent: row.Get("parent"), Official: row.Get("official")}
	if !ValidCode(p.Code) {
		return p, BadCode.On(p.Code)
	}
	switch p.Kind {
	case Region, Constituency, Country, Other:
	default:
		return p, BadKind.On(string(p.Kind))
	}
	var reason *Reason
	if p.Names, reason = ParseNames(row); reason != nil {
		return p, reason
	}
	if p.From, p.To, reason = ParseDates(row); reason != nil {
		return p, reason
	}
	return p, p.parsePopulation(row)
}

// ParseNames reads the columns name.kk, name.ru and name.en of a row; one of
// them must be filled.
func ParseNames(row Row) (map[string]string, *Reason) {
	names := make(map[string]string, 3)
	for _, lang := range []string{"kk", "ru", "en"} {
		if name := row.Get("name." + lang); name != "" {
			names[lang] = name
		}
	}
	if len(names) == 0 {
		return nil, NoName.On()
	}
	return names, nil
}

// ParseDates reads the columns from and to of a row: first and last day, either may be empty.
func ParseDates(row Row) (from, to civil.Date, reason *Reason) {
	if err := from.UnmarshalText([]byte(row.Get("from"))); err != nil {
		return from, to, BadDay.On("from", row.Get("from"))
	}
	if err := to.UnmarshalText([]byte(row.Get("to"))); err != nil {
		return from, to, BadDay.On("to", row.Get("to"))
	}
	if !to.IsZero() && to.Before(from) {
		return from, to, EndsBefore.On(to, from)
	}
	return from, to, nil
}

// maxPopulation is more than the earth has.
const maxPopulation = 20_000_000_000

// parsePopulation reads a count of the inhabitants: number, day and source together, or none of them.
func (p *Place) parsePopulation(row Row) *Reason {
	n, on, source := row.Get("population"), row.Get("population_on"), row.Get("population_source")
	if n == "" && on == "" && source == "" {
		return nil
	}
	var err error
	if p.Population, err = strconv.ParseInt(n, 10, 64); err != nil || p.Population < 1 || p.Population > maxPopulation {
		return BadPopulation.On(n)
	}
	if err = p.PopulationOn.UnmarshalText([]byte(on)); err != nil || on == "" {
		return BadCensusDay.On(on)
	}
	if source == "" {
		return NoSource.On()
	}
	p.PopulationSource = source
	return nil
}
