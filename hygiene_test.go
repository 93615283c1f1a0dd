package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// stain is something that must not stand in a file of the project.
type stain struct {
	pattern *regexp.Regexp
	kinds   []string // extensions it is looked for in; empty for all
	reason  string
}

// Patterns are written so that they do not match themselves.
var stains = []stain{
	{regexp.MustCompile(`(^|[\s"'=:(\x60])/(work|roo[t]|home/[a-z]+|Users/[A-Za-z]+)/`), nil,
		"a path of one machine means nothing on another"},
	{regexp.MustCompile(`(^|[^\w.$}])/tm[p]/`), nil,
		"take t.TempDir, os.MkdirTemp or mktemp: the place for temporary files is the machine's to say"},
	{regexp.MustCompile(`"resolve[d]"\s*:\s*"|GOPROX[Y]=http|--registr[y][= ]http|^deb(-src)? +http|registry\.npmj[s]\.org|proxy\.golan[g]\.org|deb\.debia[n]\.org`), nil,
		"registries are configured on the machine that builds; an address here would go round that"},
	{regexp.MustCompile(`\b(TOD[O]|FIXM[E]|XX[X])\b|\bnot implemente[d]\b`), []string{".go", ".md", ".sh", ".mjs", ".js", ".css", ".html", ".tmpl", ".sql", ".yaml", ".toml", ".txtar"},
		"finish it, or write an issue: a note in the source is read by nobody"},
	{regexp.MustCompile(`\bt\.Ski[p](Now|f)?\(`), []string{".go"},
		"a test that steps aside is a test that cannot fail; run it on what is there"},
	{regexp.MustCompile(`BEGIN [A-Z ]*PRIVATE KE[Y]`), nil,
		"keys are made at first start and never committed"},
}

// textKinds are the files that are read; pictures and data of others are not ours to mend.
var textKinds = []string{
	"", ".go", ".md", ".yaml", ".yml", ".toml", ".sh", ".mjs", ".js", ".css", ".html", ".tmpl", ".txtar", ".sql",
	".service", ".socket", ".json", ".mod", ".npmrc", ".editorconfig", ".gitignore", ".csv", ".svg",
}

// foreign are directories whose text is not ours, or not kept.
var foreign = []string{".git", "node_modules", "testdata/uk", "testdata/kz", "dauys-demo", "bin", "test/browser/out"}

func TestHygieneOfTheRepository(t *testing.T) {
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(p)
		switch {
		case err != nil:
			return err
		case slices.Contains(foreign, name) || slices.Contains(foreign, d.Name()):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir() || !slices.Contains(textKinds, ext(name)) || !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if ext(name) == "" && info.Size() > 1<<20 {
			return nil // a binary that was built here
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, f := range stainsIn(name, string(b)) {
			t.Error(f)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ext is the extension, where a dot file is all extension.
func ext(name string) string { return path.Ext(path.Base(name)) }

// stainsIn says which lines of a file carry a stain.
func stainsIn(name, text string) (faults []string) {
	for _, s := range stains {
		if len(s.kinds) > 0 && !slices.Contains(s.kinds, ext(name)) {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			if m := s.pattern.FindString(line); m != "" {
				faults = append(faults, name+":"+strconv.Itoa(i+1)+": "+strings.TrimSpace(m)+": "+s.reason)
			}
		}
	}
	return faults
}

func TestHygieneRefuses(t *testing.T) {
	for _, c := range []struct {
		name, line string
		clean      bool
	}{
		{"a.md", "see /wor" + "k/main/x", false},
		{"a.go", `open("/tm` + `p/x")`, false},
		{"a.sh", `cp x "$d"/tm` + `p/`, false},
		{"package-lock.json", `"resolv` + `ed": "https://example.org/x.tgz"`, false},
		{"a.go", "// TO" + "DO: later", false},
		{"a.go", `t.Sk` + `ip("no database")`, false},
		{"a.md", "the framework/main idea, https://example.org/home/x", true},
		{"a.go", "t.TempDir()", true},
		{"a.json", `"text": "a TO` + `DO of a petitioner"`, true},
	} {
		if got := stainsIn(c.name, c.line); (len(got) == 0) != c.clean {
			t.Errorf("%s: %q: got %q", c.name, c.line, got)
		}
	}
}
