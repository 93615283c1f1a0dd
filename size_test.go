package main

import (
	"go/ast"
	"go/parser"
	"testing"
)

// budget is how long a function and a file may grow, in lines.
type budget struct{ function, file int }

// The median is what is aimed at (12 lines a function, 150 a file); these are
// the tails, where taste slips first: option tables and wiring.
var (
	codeBudget = budget{80, 600}
	testBudget = budget{120, 800}
)

func TestSizeOfFunctionsAndFiles(t *testing.T) {
	for _, s := range sources(t, parser.ParseComments) {
		if ast.IsGenerated(s.file) {
			continue
		}
		limit := codeBudget
		if s.test {
			limit = testBudget
		}
		if n := s.fset.File(s.file.FileStart).LineCount(); n > limit.file {
			t.Errorf("%s: %d lines, at most %d: a reader finds a thing by the name of its file; split it by action", s.name, n, limit.file)
		}
		for _, decl := range s.file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				if n := lines(s, fn); n > limit.function {
					t.Errorf("%s: %s has %d lines, at most %d: name its steps", s.at(fn), fn.Name.Name, n, limit.function)
				}
			}
		}
	}
}

// lines counts the lines of a function without its comment.
func lines(s source, fn *ast.FuncDecl) int {
	return s.fset.Position(fn.End()).Line - s.fset.Position(fn.Pos()).Line + 1
}
