package main

// The habits of the house that a parser can check. Each message says why.

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// clocks are the functions that read a clock or wait for one.
var clocks = struct {
	reads, waits []string
	mayWait      []string // packages with a loop of their own
}{
	reads:   []string{"Now", "Since", "Until", "After", "Tick"},
	waits:   []string{"NewTicker", "NewTimer", "AfterFunc", "Sleep"},
	mayWait: []string{"internal/jobs", "internal/mail", "internal/httpd", "internal/signing", "internal/store", "internal/cli"},
}

const (
	clockReason = "a rule takes now, a service holds Now: the clock is read in internal/cli only, so that tests and the demo can move it"
	waitReason  = "only packages with a loop of their own wait; others are called when it is time"
	envReason   = "configuration has one reader, internal/cli, so that it has one manual"
	stateReason = "package-level state is shared by every test and every server of the process; keep it in a value, or say it as a table"
	initReason  = "what runs before main cannot be ordered, refused or tested; cli wires everything"
	sqlReason   = "every SQL statement lives in internal/store, where both engines run it"
	docReason   = "say what it means, its unit, its errors"
	panicReason = "an exit in the middle loses what was acknowledged; return an error"
)

func TestHouseHabits(t *testing.T) {
	all := sources(t, parser.ParseComments)
	vars := packageVars(all)
	for _, s := range all {
		if s.test || ast.IsGenerated(s.file) {
			continue
		}
		for _, v := range slices.Concat(clockFaults(s), stateFaults(s), writeFaults(s, vars[s.pkg]), sqlFaults(s), docFaults(s)) {
			t.Error(v)
		}
	}
}

// fault is one line of a report.
func fault(s source, n ast.Node, what, reason string) string {
	return fmt.Sprintf("%s: %s: %s", s.at(n), what, reason)
}

// importName is the name under which a file uses an import path, or "".
func importName(f *ast.File, imp string) string {
	for _, spec := range f.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p == imp {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return imp[strings.LastIndex(imp, "/")+1:]
		}
	}
	return ""
}

// clockFaults finds reads of the clock and of the environment, waits, and exits.
func clockFaults(s source) (faults []string) {
	if s.pkg == "internal/cli" || s.pkg == "" {
		return nil
	}
	clock, osName, logName := importName(s.file, "time"), importName(s.file, "os"), importName(s.file, "log")
	ast.Inspect(s.file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		name := sel.Sel.Name
		switch {
		case clock != "" && x.Name == clock && slices.Contains(clocks.reads, name):
			faults = append(faults, fault(s, n, "time."+name, clockReason))
		case clock != "" && x.Name == clock && slices.Contains(clocks.waits, name) && !slices.Contains(clocks.mayWait, s.pkg):
			faults = append(faults, fault(s, n, "time."+name, waitReason))
		case osName != "" && x.Name == osName && slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "Args", "Setenv"}, name):
			faults = append(faults, fault(s, n, "os."+name, envReason))
		case osName != "" && x.Name == osName && name == "Exit", logName != "" && x.Name == logName && strings.HasPrefix(name, "Fatal"):
			faults = append(faults, fault(s, n, x.Name+"."+name, panicReason))
		}
		return true
	})
	return faults
}

// constantCalls make values that are never changed afterwards.
var constantCalls = []string{
	"errors.New", "fmt.Errorf", "regexp.MustCompile", "strings.NewReplacer", "netip.MustParsePrefix", "netip.MustParseAddr",
	"language.MustParse", "big.NewInt", "template.Must", "reflect.TypeFor",
}

// stateFaults finds init functions and package-level variables that are not tables.
func stateFaults(s source) (faults []string) {
	for _, decl := range s.file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				faults = append(faults, fault(s, d, "func init", initReason))
			}
		case *ast.GenDecl:
			if d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				if v := spec.(*ast.ValueSpec); !embedded(d, v) && !constantVar(s, v) {
					faults = append(faults, fault(s, v, "var "+v.Names[0].Name, stateReason))
				}
			}
		}
	}
	return faults
}

// embedded reports whether the linker or the embedder fills the variable.
func embedded(d *ast.GenDecl, v *ast.ValueSpec) bool {
	for _, doc := range []*ast.CommentGroup{d.Doc, v.Doc} {
		if doc == nil {
			continue
		}
		for _, c := range doc.List {
			if strings.HasPrefix(c.Text, "//go:embed ") {
				return true
			}
		}
	}
	return false
}

func constantVar(s source, v *ast.ValueSpec) bool {
	if !slices.ContainsFunc(v.Names, func(n *ast.Ident) bool { return n.Name != "_" }) {
		return true // a compile-time assertion
	}
	if s.pkg == "internal/cli" && v.Names[0].Name == "version" {
		return true // set by the linker
	}
	return len(v.Values) > 0 && !slices.ContainsFunc(v.Values, func(e ast.Expr) bool { return !constantExpr(e) })
}

func constantExpr(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CompositeLit:
		sel, ok := e.Type.(*ast.SelectorExpr)
		return !ok || !slices.Contains([]string{"sync", "atomic"}, fmt.Sprint(sel.X))
	case *ast.BasicLit, *ast.FuncLit:
		return false // a constant, or a function, says it better
	case *ast.ParenExpr:
		return constantExpr(e.X)
	case *ast.CallExpr:
		if _, ok := e.Fun.(*ast.ArrayType); ok {
			return true // []byte("...")
		}
		fun := e.Fun
		if generic, ok := fun.(*ast.IndexExpr); ok {
			fun = generic.X
		}
		if sel, ok := fun.(*ast.SelectorExpr); ok {
			return slices.Contains(constantCalls, fmt.Sprint(sel.X)+"."+sel.Sel.Name)
		}
		_, ok := fun.(*ast.Ident) // a table built by a function of the package; writeFaults keeps it unchanged
		return ok
	}
	return false
}

// packageVars are the package-level variables of each package.
func packageVars(all []source) map[string]map[string]bool {
	vars := map[string]map[string]bool{}
	for _, s := range all {
		if s.test {
			continue
		}
		for _, decl := range s.file.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			for _, spec := range d.Specs {
				for _, n := range spec.(*ast.ValueSpec).Names {
					if vars[s.pkg] == nil {
						vars[s.pkg] = map[string]bool{}
					}
					vars[s.pkg][n.Name] = true
				}
			}
		}
	}
	return vars
}

// writeFaults finds functions that write to a package-level variable or into
// one. It goes by name; a local of the same name in the function hides it.
func writeFaults(s source, vars map[string]bool) (faults []string) {
	for _, decl := range s.file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		local := locals(fn)
		check := func(n ast.Node, e ast.Expr) {
			if root := rootName(e); vars[root] && !local[root] {
				faults = append(faults, fault(s, n, "write to "+root, stateReason))
			}
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, e := range n.Lhs {
					check(n, e)
				}
			case *ast.IncDecStmt:
				check(n, n.X)
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 && (f.Name == "delete" || f.Name == "clear") {
					check(n, n.Args[0])
				}
			}
			return true
		})
	}
	return faults
}

// rootName is x of x, x.y, x[i], *x.
func rootName(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return ""
		}
	}
}

// locals are the names that a function declares anywhere.
func locals(fn *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				names[name.Name] = true
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				names[name.Name] = true
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					names[rootName(e)] = true
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				names[rootName(n.Key)], names[rootName(n.Value)] = true, true
			}
		}
		return true
	})
	return names
}

// sqlText is the shape of a statement, all in one case: "Select a place from
// the list" is none.
var sqlText = regexp.MustCompile(`(?s)^\s*(select\s.+\sfrom\s|insert\s+(or\s+\w+\s+)?into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+(unique\s+)?(table|index)\s|alter\s+table\s|drop\s+table\s|pragma\s+\w+|` +
	`SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\b|UPDATE\s|DELETE\s+FROM\b|CREATE\s+(UNIQUE\s+)?(TABLE|INDEX)\b|ALTER\s+TABLE\b|DROP\s+TABLE\b|PRAGMA\s)`)

// sqlFaults finds statements outside the store.
func sqlFaults(s source) (faults []string) {
	if strings.HasPrefix(s.pkg, "internal/store") {
		return nil
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		if text, err := strconv.Unquote(lit.Value); err == nil && sqlText.MatchString(text) {
			faults = append(faults, fault(s, n, "an SQL statement", sqlReason))
		}
		return true
	})
	return faults
}

// docFaults finds exported names without a word about them.
func docFaults(s source) (faults []string) {
	undocumented := func(n ast.Node, name string) {
		faults = append(faults, fault(s, n, name+" has no comment", docReason))
	}
	for _, decl := range s.file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || ast.IsExported(rootName(receiver(d)))) {
				undocumented(d, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() && spec.Doc == nil && spec.Comment == nil && (d.Doc == nil || len(d.Specs) > 1) {
						undocumented(spec, spec.Name.Name)
					}
				case *ast.ValueSpec:
					if spec.Names[0].IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
						undocumented(spec, spec.Names[0].Name)
					}
				}
			}
		}
	}
	return faults
}

// receiver is the type of a method's receiver.
func receiver(d *ast.FuncDecl) ast.Expr { return d.Recv.List[0].Type }

func TestHousePackagesSayWhatTheyAreFor(t *testing.T) {
	docs, files := map[string]string{}, map[string]string{}
	for _, s := range sources(t, parser.ParseComments|parser.PackageClauseOnly) {
		if s.test {
			continue
		}
		files[s.pkg] = s.name
		if s.file.Doc != nil {
			docs[s.pkg] += s.file.Doc.Text()
		}
	}
	for pkg, name := range files {
		for _, words := range []string{"What lives here", "What never"} {
			if !strings.Contains(docs[pkg], words) {
				t.Errorf("%s: the comment of package %q does not say %q: a package without a border takes in everything", name, pkg, words)
			}
		}
	}
}

// The checks must be able to refuse.
func TestHouseHabitsRefuse(t *testing.T) {
	for _, c := range []struct{ name, code, want string }{
		{"clock", `import "time"; func f() { _ = time.Now() }`, "time.Now"},
		{"clock under another name", `import tm "time"; var f = tm.Now`, "time.Now"},
		{"wait", `import "time"; func f() { time.Sleep(1) }`, "time.Sleep"},
		{"environment", `import "os"; func f() { _ = os.Getenv("X") }`, "os.Getenv"},
		{"exit", `import "os"; func f() { os.Exit(1) }`, "os.Exit"},
		{"init", `func init() {}`, "func init"},
		{"zero variable", `var cache map[string]int`, "var cache"},
		{"mutex", `import "sync"; var mu = sync.Mutex{}`, "var mu"},
		{"pointer", `var p = &struct{ n int }{}`, "var p"},
		{"written table", `var table = map[string]int{}; func f() { table["a"] = 1 }`, "write to table"},
		{"cleared table", `var table = map[string]int{}; func f() { clear(table) }`, "write to table"},
		{"statement", "const q = `\n\tselect a from b where c`", "an SQL statement"},
		{"statement prefix", `const q = "UPDATE " + "t"`, "an SQL statement"},
		{"undocumented", `func Exported() {}`, "Exported has no comment"},
		{"undocumented method", `type t struct{}; type T struct{}; func (T) M() {}`, "T has no comment"},
		{"table", `var table = map[string]int{"a": 1}; func f(m map[string]int) { table := m; table["a"] = 1 }`, ""},
		{"sentinel", `import "errors"; var errGone = errors.New("gone")`, ""},
		{"words", `const s = "Select a place from the list"`, ""},
		{"update in words", `const s = "Updates by mail"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, "x.go", "package x; "+c.code, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			s := source{pkg: "internal/web", name: "x.go", fset: fset, file: f}
			got := strings.Join(slices.Concat(clockFaults(s), stateFaults(s), writeFaults(s, packageVars([]source{s})["internal/web"]), sqlFaults(s), docFaults(s)), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
