package moderation

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fieldKeys reads the sources for the keys of petition.FieldError: the value of
// each Key in a literal, and the second argument of bad.
func fieldKeys(t *testing.T) []string {
	t.Helper()
	var keys []string
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			key, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, key)
		}
	}
	for _, dir := range []string{"../../petition", "../signing", "."} {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
				continue
			}
			src, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, f.Name()), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for n := range ast.Preorder(src) {
				switch n := n.(type) {
				case *ast.CompositeLit:
					if named(n, "Field") {
						add(value(n, "Key"))
					}
				case *ast.CallExpr:
					if fn, ok := n.Fun.(*ast.Ident); ok && fn.Name == "bad" && len(n.Args) == 2 {
						add(n.Args[1])
					}
				}
			}
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if len(keys) < 8 || !slices.Contains(keys, "utf8") || !slices.Contains(keys, "eligible") {
		t.Fatalf("found only %v: the reader of the sources is blind", keys)
	}
	return keys
}

func named(lit *ast.CompositeLit, key string) bool { return value(lit, key) != nil }

// value is that of a key in a literal, nil when it has none.
func value(lit *ast.CompositeLit, key string) ast.Expr {
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == key {
				return kv.Value
			}
		}
	}
	return nil
}
