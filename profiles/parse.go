package profiles

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/dauys/dauys/petition"
)

// maxSize bounds a file. The largest shipped one is a fiftieth of it.
const maxSize = 1 << 20

//go:embed *.yaml
var shipped embed.FS

// Parse reads a profile from the bytes of the file called name. It returns
// either the profile, ready for use, or every fault found in order of lines.
func Parse(name string, data []byte) (*petition.Profile, []Problem) {
	r := newReader(name)
	var law petition.Profile
	if root := r.document(data); root != nil {
		r.read(root, reflect.ValueOf(&law).Elem(), "")
		(&checker{reader: r, law: &law}).check()
	}
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		return nil, r.problems
	}
	return &law, nil
}

// document is the root of the one YAML document in data, or nil and a problem.
func (r *reader) document(data []byte) *yaml.Node {
	if len(data) > maxSize {
		r.fail(1, "longer than %d bytes", maxSize)
		return nil
	}
	if at := strangeBreak.FindIndex(data); at != nil {
		r.fail(1+bytes.Count(data[:at[0]], []byte{'\n'}), "a line must end with LF or CR LF: another line break would make the lines named here differ from an editor's")
		return nil
	}
	in := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := in.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			r.fail(1, "empty")
			return nil
		}
		r.failSyntax(err)
		return nil
	}
	var more yaml.Node
	switch err := in.Decode(&more); {
	case err == nil:
		r.fail(more.Line, "a file holds one profile: something follows it")
		return nil
	case !errors.Is(err, io.EOF):
		r.failSyntax(err)
		return nil
	}
	return doc.Content[0]
}

// strangeBreak finds what YAML takes for the end of a line and editors do not.
var strangeBreak = regexp.MustCompile(`\r(?:[^\n]|$)|[\x{85}\x{2028}\x{2029}]`)

var (
	yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	// The YAML reader counts lines from zero in the errors of its grammar and
	// from one in those of its scanner; only the message tells them apart.
	fromZero = regexp.MustCompile(`^did not find expected (<|node content|'-' indicator|key|',' or)`)
)

// failSyntax reports an error of the YAML reader.
func (r *reader) failSyntax(err error) {
	m := yamlError.FindStringSubmatch(err.Error())
	if m == nil {
		r.fail(1, "%v", err)
		return
	}
	line, _ := strconv.Atoi(m[1]) // no number: the first line
	if fromZero.MatchString(m[2]) {
		line++
	}
	r.fail(line, "not YAML: %s", m[2])
}

// Shipped reads every profile that comes with the program.
func Shipped() (petition.Laws, error) {
	files, err := shipped.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("profiles: %w", err)
	}
	laws := petition.Laws{}
	for _, f := range files {
		data, err := shipped.ReadFile(f.Name())
		if err != nil {
			return nil, fmt.Errorf("profiles: %w", err)
		}
		law, problems := Parse("profiles/"+f.Name(), data)
		for _, p := range problems {
			err = errors.Join(err, p)
		}
		if err != nil {
			return nil, fmt.Errorf("profiles: %w", err)
		}
		if laws[law.Ref()] != nil {
			return nil, fmt.Errorf("profiles: %s: %s %s is in another file too", f.Name(), law.ID, law.Version)
		}
		laws[law.Ref()] = law
	}
	return laws, nil
}

// ByID returns the newest version of a profile, or nil when there is none.
// Versions are compared number by number: 10 is newer than 9, 2026-02 than 2025-11.
func ByID(laws petition.Laws, id string) *petition.Profile {
	var newest *petition.Profile
	for _, law := range laws {
		if law.ID == id && (newest == nil || compareVersions(law.Version, newest.Version) > 0) {
			newest = law
		}
	}
	return newest
}

var versionParts = regexp.MustCompile(`[0-9]+|[^0-9]+`)

func compareVersions(a, b string) int {
	return cmp.Or(slices.CompareFunc(versionParts.FindAllString(a, -1), versionParts.FindAllString(b, -1), func(x, y string) int {
		m, errX := strconv.ParseUint(x, 10, 64)
		n, errY := strconv.ParseUint(y, 10, 64)
		if errX == nil && errY == nil {
			return cmp.Compare(m, n)
		}
		return cmp.Compare(x, y)
	}), cmp.Compare(a, b))
}
