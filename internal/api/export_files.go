package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"reflect"
	"strings"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// ExportName names an export in its description: a directory whose
// ExportFile says so holds one.
const (
	ExportName = "dauys-open-data"
	ExportFile = "datapackage.json"
)

// sheet is a table of the export: a CSV and a JSON array with the same rows.
type sheet struct {
	name string // of its files, and of its message opendata.NAME
	key  []string
	row  reflect.Type
	refs []reference
}

// reference says that a column holds the key of another sheet.
type reference struct{ column, sheet, key string }

func sheetPetitions() sheet {
	return sheet{"petitions", []string{"number"}, reflect.TypeFor[petitionRow](), []reference{{"body", "bodies", "id"}}}
}

func sheetDays() sheet {
	return sheet{"days", []string{"number", "day"}, reflect.TypeFor[dayRow](), []reference{{"number", "petitions", "number"}}}
}

func sheetPlaces() sheet {
	return sheet{"places", []string{"number", "code"}, reflect.TypeFor[placeRow](), []reference{{"number", "petitions", "number"}}}
}

// A decision may be about a petition that is not listed any more, and a
// petition may be decided twice in a second: no key, no reference.
func sheetDecisions() sheet {
	return sheet{"decisions", nil, reflect.TypeFor[decisionRow](), nil}
}

func sheetAnswers() sheet {
	return sheet{"answers", []string{"number", "lang"}, reflect.TypeFor[answerRow](),
		[]reference{{"number", "petitions", "number"}, {"body", "bodies", "id"}}}
}

func sheetBodies() sheet {
	return sheet{"bodies", []string{"id"}, reflect.TypeFor[bodyRow](), nil}
}

// column is an entry of the data dictionary.
type column struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
}

// columnsOf reads the dictionary off the type of a row, so that it cannot tell
// of other columns than there are.
func columnsOf(row reflect.Type) []column {
	var list []column
	for f := range row.Fields() {
		c := column{Name: f.Tag.Get("json"), Type: "string", Description: f.Tag.Get("doc")}
		switch {
		case f.Type.Kind() == reflect.Int64:
			c.Type = "integer"
		case f.Type.Kind() == reflect.Bool:
			c.Type = "boolean"
		case f.Type == reflect.TypeFor[dayX]():
			c.Type = "date"
		case f.Type == reflect.TypeFor[stampX]():
			c.Type = "datetime"
		}
		list = append(list, c)
	}
	return list
}

// cellsOf is a row as the CSV has it. What people wrote is kept from being
// taken for a formula.
func cellsOf(row any) []string {
	v := reflect.ValueOf(row)
	cells := make([]string, v.NumField())
	for i := range cells {
		switch x := v.Field(i).Interface().(type) {
		case string:
			cells[i] = defused(x)
		default:
			cells[i] = fmt.Sprint(x)
		}
	}
	return cells
}

// measured is a file that knows its size and hash.
type measured struct {
	io.WriteCloser
	size int64
	sum  hash.Hash
}

func measure(w io.WriteCloser) *measured { return &measured{WriteCloser: w, sum: sha256.New()} }

// Write is io.Writer.
func (m *measured) Write(b []byte) (int, error) {
	n, err := m.WriteCloser.Write(b)
	m.size += int64(n)
	m.sum.Write(b[:n])
	return n, err
}

// dataPackage is the description of an export for programs, as the Data Package
// standard has it (datapackage.org, version 1).
type dataPackage struct {
	Name      string     `json:"name"`
	Title     string     `json:"title"`
	Homepage  string     `json:"homepage"`
	Created   string     `json:"created"` // the day
	Licences  []licence  `json:"licenses"`
	Resources []resource `json:"resources"`
}

type licence struct {
	Name string `json:"name"`
}

type resource struct {
	Name     string         `json:"name"`
	Path     string         `json:"path"`
	Media    string         `json:"mediatype"`
	Encoding string         `json:"encoding"`
	Bytes    int64          `json:"bytes"`
	Hash     string         `json:"hash"`
	Rows     int64          `json:"rows"`
	Schema   *resourceShape `json:"schema"`
}

type resourceShape struct {
	Fields  []column     `json:"fields"`
	Key     []string     `json:"primaryKey,omitempty"`
	Foreign []foreignKey `json:"foreignKeys,omitempty"`
}

type foreignKey struct {
	Fields    string         `json:"fields"`
	Reference foreignKeyPart `json:"reference"`
}

type foreignKeyPart struct {
	Resource string `json:"resource"`
	Fields   string `json:"fields"`
}

// resource describes one of the two files of a sheet.
func (b *both) resource(i int, f *measured) resource {
	kind := [2]string{"csv", "json"}[i]
	out := resource{Name: b.name + "-" + kind, Path: b.name + "." + kind, Media: [2]string{"text/csv", "application/json"}[i], Encoding: "utf-8",
		Bytes: f.size, Hash: "sha256:" + hex.EncodeToString(f.sum.Sum(nil)), Rows: b.rows, Schema: &resourceShape{Fields: b.fields, Key: b.key}}
	for _, r := range b.refs {
		out.Schema.Foreign = append(out.Schema.Foreign, foreignKey{r.column, foreignKeyPart{r.sheet + "-" + kind, r.key}})
	}
	return out
}

// describe writes what the files are: for people, then for programs, the last
// file of an export.
func (x *export) describe() error {
	day := x.Law.Today(x.Now())
	if err := x.write("README.md", x.readme(day)); err != nil {
		return err
	}
	description, err := encodeIndented(dataPackage{Name: ExportName, Title: "Petitions at " + x.base, Homepage: x.base + "/api", Created: day.String(),
		Licences: []licence{{x.licence}}, Resources: x.written})
	if err != nil {
		return err
	}
	return x.write(ExportFile, description)
}

func (x *export) write(name string, content []byte) error {
	f, err := x.create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return first(err, f.Close())
}

// readme tells people what they have, in every language of the program.
func (x *export) readme(day petition.Date) []byte {
	var b bytes.Buffer
	for i, l := range i18n.Langs() {
		pr := x.Bundle.Printer(l)
		if i > 0 {
			b.WriteString("\n---\n\n")
		}
		fmt.Fprintf(&b, "# %s\n\n%s\n\n", pr.T("opendata.title", "site", x.base), pr.T("opendata.day", "day", pr.Date(day)))
		fmt.Fprintf(&b, "%s\n\n", pr.T("opendata.licence", "licence", x.licence))
		for _, name := range []string{"petitions", "days", "places", "decisions", "answers", "bodies"} {
			fmt.Fprintf(&b, "- `%s.csv`, `%s.json`: %s\n", name, name, pr.T("opendata."+name))
		}
		fmt.Fprintf(&b, "- `%s`: %s\n\n", ExportFile, pr.T("opendata.dictionary"))
		for _, key := range []string{"small", "left", "open"} {
			fmt.Fprintf(&b, "%s\n\n", pr.T("opendata."+key))
		}
	}
	return []byte(strings.TrimRight(b.String(), "\n") + "\n")
}
