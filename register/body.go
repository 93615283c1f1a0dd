package register

import (
	"io"
	"net/mail"
	"regexp"
	"slices"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/place"
)

// Problem is one fault of a file, printed "file:line: reason".
type Problem = place.Problem

// Body is a public body that petitions may be addressed to.
type Body struct {
	ID    string            `json:"id"`              // slug, part of addresses of pages
	Names map[string]string `json:"names"`           // by language: kk, ru, en; at least one
	Kind  string            `json:"kind"`            // slug: ministry, akimat, maslikhat, parliament, agency and so on
	Place string            `json:"place,omitempty"` // code of the place it is competent for; "" for the whole country
	Email string            `json:"email,omitempty"` // contact that the body publishes; never a citizen's
	From  civil.Date        `json:"from,omitzero"`   // first day; zero when it is older than matters
	To    civil.Date        `json:"to,omitzero"`     // last day; zero while it exists
}

// Name is the name in language lang, or else in English, Russian, Kazakh, or else the id.
func (b Body) Name(lang string) string {
	for _, l := range []string{lang, "en", "ru", "kk"} {
		if name := b.Names[l]; name != "" {
			return name
		}
	}
	return b.ID
}

// On reports whether the body exists on day d.
func (b Body) On(d civil.Date) bool {
	return !d.Before(b.From) && (b.To.IsZero() || !d.After(b.To))
}

const (
	maxSlug  = 64
	maxName  = 300 // bytes
	maxEmail = 254
)

var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ValidID reports whether id has the form of a body's id: small letters and
// digits in groups joined by hyphens, at most 64.
func ValidID(id string) bool { return len(id) <= maxSlug && slug.MatchString(id) }

// ParseBodies reads the CSV of bodies: id, name.kk, name.ru, name.en, kind,
// place, email, and from and to where known. The order of columns is free. Bad
// rows are named by file and line, good ones are kept. Whether a place exists
// is for the caller, who knows the place set.
func ParseBodies(r io.Reader, file string) ([]Body, []Problem) {
	rows, problems := place.ReadCSV(r, file, place.Columns{
		Required: []string{"id", "kind"},
		Optional: []string{"name.kk", "name.ru", "name.en", "place", "email", "from", "to"},
	})
	bodies := make([]Body, 0, len(rows))
	first := make(map[string]int, len(rows))
	for _, row := range rows {
		b, reason := parseBody(row)
		if line, twice := first[b.ID]; reason == nil && twice {
			reason = place.IDTwice.On(b.ID, line)
		}
		if reason != nil {
			problems = append(problems, Problem{File: file, Line: row.Line, Reason: reason})
			continue
		}
		first[b.ID] = row.Line
		bodies = append(bodies, b)
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
	return bodies, problems
}

func parseBody(row place.Row) (Body, *place.Reason) {
	b := Body{ID: row.Get("id"), Kind: row.Get("kind"), Place: row.Get("place"), Email: row.Get("email")}
	if !ValidID(b.ID) {
		return b, place.BadID.On(b.ID, maxSlug)
	}
	if !ValidID(b.Kind) {
		return b, place.BadBodyKind.On(b.Kind, maxSlug)
	}
	if b.Place != "" && !place.ValidCode(b.Place) {
		return b, place.BadPlace.On(b.Place)
	}
	if b.Email != "" && !bareAddress(b.Email) {
		return b, place.BadEmail.On()
	}
	var reason *place.Reason
	if b.Names, reason = place.ParseNames(row); reason != nil {
		return b, reason
	}
	for lang, name := range b.Names {
		if len(name) > maxName {
			return b, place.NameLong.On("name."+lang, maxName)
		}
	}
	b.From, b.To, reason = place.ParseDates(row)
	return b, reason
}

func bareAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= maxEmail
}
