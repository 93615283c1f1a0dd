package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// acceptance is how many numbers each part of the list has that
// docs/uk-acceptance.md answers.
var acceptance = []struct {
	part string
	last int
}{
	{"L", 17}, {"N", 20}, {"S", 7}, {"V", 5}, {"D", 6}, {"R", 7}, {"C", 7}, {"P", 3}, {"F", 14}, {"A", 22}, {"W", 15}, {"J", 14}, {"X", 3}, {"H", 3},
}

var (
	acceptanceRow = regexp.MustCompile(`(?m)^\| ([A-Z]-[0-9]+) \| [^|]+ \| ([a-z]+) \| ([^|]*) \|$`)
	testName      = regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
	testFunc      = regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
)

// TestUKAcceptance: each number of the list is answered exactly once, and the
// tests that are named exist.
func TestUKAcceptance(t *testing.T) {
	rows := map[string]int{}
	exist := testFunctions(t)
	for _, m := range acceptanceRow.FindAllStringSubmatch(read(t, "docs/uk-acceptance.md"), -1) {
		number, answer, where := m[1], m[2], m[3]
		rows[number]++
		if answer != "yes" && answer != "differs" && answer != "no" {
			t.Errorf("%s is answered %q", number, answer)
		}
		if strings.TrimSpace(where) == "" && answer != "no" {
			t.Errorf("%s: %s, and nothing says where or why", number, answer)
		}
		for _, named := range testName.FindAllStringSubmatch(where, -1) {
			if !exist[named[1]] {
				t.Errorf("%s names %s, which is no test", number, named[1])
			}
		}
	}
	for _, part := range acceptance {
		for i := range part.last {
			number := fmt.Sprintf("%s-%d", part.part, i+1)
			if rows[number] != 1 {
				t.Errorf("%s is answered %d times", number, rows[number])
			}
			delete(rows, number)
		}
	}
	if len(rows) > 0 {
		t.Errorf("no such numbers: %v", rows)
	}
}

// testFunctions are the names of all tests of the repository.
func testFunctions(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, pattern := range []string{"*_test.go", "*/*_test.go", "*/*/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range testFunc.FindAllStringSubmatch(string(b), -1) {
				names[m[1]] = true
			}
		}
	}
	return names
}
