package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// read is a file of the repository as text.
func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// markdown lists the texts of the project.
func markdown(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if filepath.Ext(p) == ".md" {
			names = append(names, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	setting = regexp.MustCompile("`(DAUYS_[A-Z_]+)`")
	named   = regexp.MustCompile(`<a id="([^"]+)"></a>`)
	notWord = regexp.MustCompile(`[^\pL\pN _-]+`)
)

func TestDocsLinksLeadSomewhere(t *testing.T) {
	for _, name := range markdown(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, name), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file := name
			if target != "" {
				file = filepath.Join(filepath.Dir(name), filepath.FromSlash(target))
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: link to %s: %v", name, m[1], err)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(read(t, file)), anchor) {
				t.Errorf("%s: link to %s: no such place in it", name, m[1])
			}
		}
	}
}

// anchors are the names under which the parts of a text are linked.
func anchors(text string) (names []string) {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		plain := notWord.ReplaceAllString(strings.ToLower(m[1]), "")
		names = append(names, strings.ReplaceAll(strings.TrimSpace(plain), " ", "-"))
	}
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// requires lists the direct dependencies of go.mod, as "path version".
func requires(mod string) (direct []string) {
	for _, m := range regexp.MustCompile(`(?m)^\s+(\S+ v\S+)$`).FindAllStringSubmatch(mod, -1) {
		direct = append(direct, m[1])
	}
	return direct
}

func TestDocsNameEachDependency(t *testing.T) {
	table := read(t, "docs/adr/dependencies.md")
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` (v\\S+) \\|").FindAllStringSubmatch(table, -1) {
		rows[m[1]] = m[2]
	}
	direct := requires(read(t, "go.mod"))
	if len(direct) == 0 {
		t.Fatal("go.mod: no direct dependency was found; has its form changed?")
	}
	for _, d := range direct {
		path, version, _ := strings.Cut(d, " ")
		if rows[path] != version {
			t.Errorf("docs/adr/dependencies.md: %s is at %s in go.mod, in the table at %q", path, version, rows[path])
		}
		delete(rows, path)
	}
	for path := range rows {
		t.Errorf("docs/adr/dependencies.md: %s is no direct dependency of go.mod", path)
	}
}

func TestDocsExplainEachSetting(t *testing.T) {
	contract, _, ok := strings.Cut(read(t, "docs/contract.md"), "## Extensions")
	if !ok {
		t.Fatal("docs/contract.md has no section Extensions")
	}
	manual := read(t, "docs/operations/configuration.md")
	explained := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(DAUYS_[A-Z_]+)` \\|").FindAllStringSubmatch(manual, -1) {
		explained[m[1]] = true
	}
	promised := setting.FindAllStringSubmatch(contract, -1)
	if len(promised) < 12 {
		t.Fatalf("docs/contract.md names %d settings; has its form changed?", len(promised))
	}
	for _, m := range promised {
		if !explained[m[1]] {
			t.Errorf("docs/operations/configuration.md does not explain %s of the contract", m[1])
		}
	}
	for _, name := range []string{"README.md", "docs/operations/town.md", "packaging/dauys.service", "CONTRIBUTING.md"} {
		for _, s := range regexp.MustCompile(`DAUYS_[A-Z_]+[A-Z]`).FindAllString(read(t, name), -1) {
			if !explained[s] && s != "DAUYS_TEST_POSTGRES" {
				t.Errorf("%s names %s, which docs/operations/configuration.md does not explain", name, s)
			}
		}
	}
}

func TestDocsNameEachTestFile(t *testing.T) {
	attributed := read(t, "testdata/README.md")
	for _, dir := range []string{"testdata/uk", "testdata/kz"} {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if name := filepath.Base(dir) + "/" + f.Name(); !strings.Contains(attributed, "`"+name+"`") {
				t.Errorf("testdata/README.md does not say where %s comes from and under which licence", name)
			}
		}
	}
}

func TestDocsNameEachTargetOfTheMakefile(t *testing.T) {
	known := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(read(t, "Makefile"), -1) {
		known[m[1]] = true
	}
	for _, name := range markdown(t) {
		for _, m := range regexp.MustCompile("(?m)(?:`|^)make ([a-z-]+)").FindAllStringSubmatch(read(t, name), -1) {
			if !known[m[1]] {
				t.Errorf("%s: make %s: the Makefile has no such target", name, m[1])
			}
		}
	}
}

// A table that names tests as its proof names tests that there are.
func TestDocsNameTestsAndStoriesThatExist(t *testing.T) {
	known := map[string]bool{}
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(p, "_test.go") {
			return err
		}
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(read(t, p), -1) {
			known[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	text := read(t, "docs/bad-input.md")
	tests := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(text, -1)
	if len(tests) < 30 {
		t.Fatalf("docs/bad-input.md names %d tests; has its form changed?", len(tests))
	}
	for _, m := range tests {
		if !known[m[1]] {
			t.Errorf("docs/bad-input.md: there is no test %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("story `([a-z-]+)`").FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat("testdata/stories/" + m[1] + ".txtar"); err != nil {
			t.Errorf("docs/bad-input.md: there is no story %s", m[1])
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| ") && !strings.Contains(line, "Test") && !strings.HasPrefix(line, "| what comes") && !strings.Contains(line, "story `") {
			t.Errorf("docs/bad-input.md: a line without its proof: %s", line)
		}
	}
}
