package main

// The architecture as a table. The tests below parse the sources themselves,
// in this process: the test cache sees the files that a test opens, and would
// print "ok (cached)" over a violation if a child process did the reading.

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dauys/dauys"

// layer is a floor of the house. The reason is printed with each violation.
type layer struct{ name, reason string }

var (
	ground  = layer{"ground", "an auditor imports the law and recomputes what was published; it needs no part of our machine"}
	leaf    = layer{"leaf", "a leaf knows one craft and nothing of the store or the faces, so that it can be read and tested alone"}
	storage = layer{"store", "the store keeps what was decided; rules stand below it, identities and faces above"}
	useCase = layer{"use case", "use cases never import each other: an act has one owner, and what follows from it follows the events"}
	face    = layer{"face", "faces use the use cases and never each other: a page and a JSON document change for different reasons"}
	wiring  = layer{"wiring", "only cli sees everything, because only cli wires it together"}
)

// pkgRule says what a package may import of our own.
type pkgRule struct {
	layer   layer
	own     []string // packages of this module, relative to it
	pure    bool     // no I/O, no clock, no randomness, no context
	planned bool     // in the layout, not built yet; drop the mark with the first file
}

// imports is the layout: main -> cli -> faces -> use cases -> store -> law.
var imports = map[string]pkgRule{
	"":         {layer: wiring, own: []string{"internal/cli"}},
	"civil":    {layer: ground, pure: true},
	"place":    {layer: ground, pure: true, own: []string{"civil"}},
	"register": {layer: ground, pure: true, own: []string{"civil", "place"}},
	"petition": {layer: ground, pure: true, own: []string{"civil", "place", "register"}},
	"profiles": {layer: ground, pure: true, own: []string{"civil", "place", "register", "petition"}},
	"ledger":   {layer: ground, pure: true, planned: true},

	"internal/vault":   {layer: leaf},
	"internal/i18n":    {layer: leaf, own: []string{"civil", "petition"}},
	"internal/imports": {layer: leaf, own: []string{"civil", "petition"}},
	"internal/httpd":   {layer: leaf, own: []string{"civil", "petition", "internal/i18n"}},

	"internal/search": {layer: leaf, own: []string{"civil", "petition", "internal/i18n"}},

	"internal/store":           {layer: storage, own: law("internal/i18n", "internal/search")}, // both make words the same on both engines
	"internal/store/storetest": {layer: storage, own: law("internal/store", "internal/i18n")},

	"internal/identity":   {layer: leaf, own: []string{"internal/vault"}}, // the broker never sees the store
	"internal/letter":     {layer: storage, own: law("internal/store", "internal/vault")},
	"internal/ingest":     {layer: useCase, own: law("internal/store", "internal/imports")},
	"internal/staff":      {layer: useCase, own: acts()},
	"internal/settings":   {layer: useCase, own: acts()},
	"internal/signing":    {layer: useCase, own: acts()},
	"internal/moderation": {layer: useCase, own: acts()},
	"internal/complaints": {layer: useCase, own: acts()},
	"internal/followup":   {layer: useCase, own: acts(), planned: true},
	"internal/sequencer":  {layer: useCase, own: []string{"ledger", "internal/store"}, planned: true},

	"internal/draw": {layer: leaf, own: []string{"place"}}, // of places only its test knows
	"internal/pack": {layer: leaf, own: []string{"civil", "petition", "internal/i18n", "internal/draw"}},

	"internal/mail": {layer: face, own: law("internal/store", "internal/vault", "internal/i18n", "internal/letter")},
	"internal/jobs": {layer: face, own: law("internal/store")},
	"internal/web":  {layer: face, own: pages("internal/signing", "internal/moderation", "internal/complaints", "internal/staff", "internal/settings", "internal/identity", "internal/vault", "internal/pack", "internal/draw")},
	"internal/api":  {layer: face, own: pages()},

	"internal/cli": {layer: wiring, own: []string{"*"}},
}

func law(more ...string) []string {
	return append([]string{"civil", "place", "register", "petition", "profiles"}, more...)
}

// acts is what a use case is made of.
func acts() []string {
	return law("internal/store", "internal/vault", "internal/identity", "internal/letter")
}

func pages(more ...string) []string {
	return append(law("internal/store", "internal/search", "internal/i18n", "internal/httpd"), more...)
}

// restricted is a standard package that not everyone may import.
type restricted struct {
	allowed []string // packages of this module
	reason  string
}

// standard lists what of the standard library has owners. A trailing /* means
// the package and all below it.
var standard = map[string]restricted{
	"database/sql/*":      {[]string{"internal/store", "internal/store/storetest"}, "every SQL statement lives in store"},
	"net/http/*":          {[]string{"internal/httpd", "internal/web", "internal/api", "internal/cli"}, "HTTP ends at the faces"},
	"html/template/*":     {[]string{"internal/web", "internal/mail"}, "HTML is written by web, and by mail for letters"},
	"os/signal":           {[]string{"internal/cli"}, "a process has one owner of its signals"},
	"os/exec":             {[]string{"internal/cli"}, "only the bench starts programs: this one, and a web server to compare with"},
	"crypto/rand":         {[]string{"internal/vault", "internal/httpd", "internal/cli"}, "secrets are made where keys are kept; others take an io.Reader, so that a test can repeat itself"},
	"math/rand/*":         {[]string{"internal/cli"}, "chance is handed in, so that a test can repeat itself"},
	"log":                 {[]string{"internal/httpd"}, "logs are log/slog; httpd alone bridges the server's old logger"},
	"testing/*":           {[]string{"internal/store/storetest"}, "test code stays out of the binary"},
	"unsafe":              {nil, "nothing here is worth it"},
	"C":                   {nil, "CGO_ENABLED=0 must build"},
	"plugin":              {nil, "one static binary"},
	"embed":               {[]string{"internal/draw", "place", "profiles", "internal/i18n", "internal/store", "internal/web", "internal/api", "internal/mail", "internal/cli"}, "data is embedded by whoever reads it"},
	"text/template/*":     {[]string{"internal/mail", "internal/i18n"}, "text letters; anything shown in a browser goes through html/template"},
	"text/template/parse": {[]string{"internal/web"}, "what a template always says is put in once"},
	"net/http/pprof":      {[]string{"internal/httpd", "internal/cli"}, "profiles are served on the admin address only"},
	"encoding/gob":        {nil, "what is stored must be readable by other programs"},
	"runtime/debug":       {[]string{"internal/cli", "internal/httpd"}, "build information and memory limits are the process's"},
	"crypto/sha1/*":       {[]string{"internal/staff"}, "the one-time codes of RFC 6238 are made with it; broken for every other use"},
	"crypto/md5/*":        {nil, "broken for every use we could have"},
	"html":                {[]string{"internal/httpd", "internal/web", "internal/mail", "internal/imports", "internal/api"}, "escaping belongs to the templates, and to the last resort when one fails"},
	"compress/*":          {[]string{"internal/httpd", "internal/store", "internal/cli"}, "bytes are packed where they leave the machine"},
	"archive/*":           {[]string{"internal/store", "internal/cli"}, "archives are backups and exports"},
	"go/*":                {nil, "only tests read Go sources"},
	"context":             {notPure, pureReason},
	"io/fs":               {append(slices.Clone(notPure), "profiles", "place"), pureReason},
	"log/slog":            {notPure, pureReason},
	"sync/*":              {append(slices.Clone(notPure), "profiles", "place"), "a pure function needs no lock; embedded data may be read once"},
	"path/filepath":       {notPure, pureReason},
	"os/*":                {[]string{"", "internal/cli", "internal/vault", "internal/mail", "internal/store", "internal/store/storetest"}, "files belong to keys, letters, the database and the commands"},
	"net/url":             {nil, ""},
	"net/netip":           {nil, ""},
	"net/mail":            {[]string{"register", "internal/identity", "internal/mail", "internal/cli"}, "addresses of signers have one owner, those of bodies another"},
	"net/textproto":       {[]string{"internal/mail", "internal/httpd"}, "headers belong to the protocols"},
	"net":                 {[]string{"internal/store", "internal/httpd", "internal/mail", "internal/cli"}, "connections are opened by the listener and the letter carrier; the store knows the errors of its own"},
	"net/*":               {[]string{"internal/httpd", "internal/mail", "internal/cli"}, "the network ends at the faces"},
	"runtime":             {[]string{"internal/store", "internal/httpd", "internal/cli", "internal/signing", "internal/web"}, "the machine's size is asked where pools are made"},
	"crypto/x509/*":       {[]string{"internal/identity", "internal/mail", "internal/httpd", "internal/cli"}, "certificates belong to identity and the transports"},
	"crypto/tls":          {[]string{"internal/mail", "internal/httpd", "internal/cli"}, "connections belong to the transports"},
	"crypto/hmac":         {[]string{"ledger", "internal/vault", "internal/httpd", "internal/staff"}, "keyed hashes are made where the keys are kept, and one-time codes where logins are"},
	"crypto/cipher":       {[]string{"internal/vault"}, "sealing is done in vault"},
}

// unrestricted are the entries above that only shield a package from a wider pattern.
var unrestricted = []string{"net/url", "net/netip"}

const pureReason = "the ground floor is pure: functions of (record, profile, now), which anyone can run again"

var notPure = []string{
	"", "internal/vault", "internal/i18n", "internal/search", "internal/imports", "internal/httpd", "internal/store", "internal/store/storetest",
	"internal/identity", "internal/letter", "internal/ingest", "internal/staff", "internal/settings",
	"internal/signing", "internal/moderation", "internal/complaints", "internal/followup", "internal/sequencer",
	"internal/mail", "internal/jobs", "internal/web", "internal/api", "internal/cli",
}

// thirdParty says who may import a dependency, by prefix. A dependency that is
// not here is refused: docs/adr/dependencies.md says why each is worth it.
var thirdParty = map[string]restricted{
	"github.com/BurntSushi/toml":          {[]string{"internal/cli", "internal/i18n"}, "configuration and messages are the TOML files"},
	"github.com/andybalholm/brotli":       {[]string{"internal/httpd"}, "compression is the listener's"},
	"github.com/klauspost/compress":       {[]string{"internal/httpd", "internal/store"}, "compression is the listener's, and the backup's"},
	"github.com/coreos/go-systemd":        {[]string{"internal/httpd", "internal/cli"}, "the service manager talks to the process"},
	"github.com/danielgtaylor/huma":       {[]string{"internal/api"}, "OpenAPI is the API's"},
	"github.com/emersion/go-smtp":         {[]string{"internal/mail"}, "the SMTP sink of the tests"},
	"github.com/wneessen/go-mail":         {[]string{"internal/mail"}, "letters are written by mail"},
	"github.com/go-pdf/fpdf":              {[]string{"internal/pack"}, "what goes on paper is set in one place: the delivery pack, the poster"},
	"github.com/jackc/pgx":                {[]string{"internal/store"}, "every SQL statement lives in store"},
	"modernc.org/sqlite":                  {[]string{"internal/store"}, "every SQL statement lives in store"},
	"github.com/blevesearch/snowballstem": {[]string{"internal/search"}, "forms of words are search's"},
	"github.com/pressly/goose":            {[]string{"internal/store"}, "migrations are the store's"},
	"github.com/skip2/go-qrcode":          {[]string{"internal/draw"}, "pictures are made in one place"},
	"golang.org/x/image":                  {[]string{"internal/draw"}, "pictures are made in one place"},
	"golang.org/x/text":                   {[]string{"petition", "place", "register", "internal/i18n", "internal/identity"}, "letters and their order: i18n; forms that compare equal: identity"},
	"github.com/rivo/uniseg":              {[]string{"petition", "internal/web", "internal/mail"}, "what a reader calls a character is a rule of the law"},
	"go.yaml.in/yaml":                     {[]string{"profiles"}, "profiles are the only YAML"},
	"github.com/prometheus/client_golang": {[]string{"internal/httpd", "internal/mail", "internal/cli"}, "metrics are registered per server, by those who own one"},
	"github.com/spf13/cobra":              {[]string{"internal/cli"}, "commands"},
	"github.com/rogpeppe/go-internal":     {[]string{"internal/cli"}, "stories as text scripts"},
	"golang.org/x/crypto/acme":            {[]string{"internal/httpd", "internal/cli"}, "certificates are the listener's"},
	"golang.org/x/crypto":                 {[]string{"internal/vault"}, "sealing is done in vault"},
	"golang.org/x/net/idna":               {[]string{"internal/identity"}, "address forms have one owner"},
	"golang.org/x/net/html":               {[]string{"internal/web", "internal/cli"}, "tests read pages with a real parser"},
	"golang.org/x/time/rate":              {[]string{"internal/httpd"}, "limits are the listener's"},
	"pgregory.net/rapid":                  {[]string{"*"}, "properties, in tests"},
}

// testOnly are dependencies that never enter the binary.
var testOnly = []string{"github.com/emersion/go-smtp", "github.com/rogpeppe/go-internal", "golang.org/x/net/html", "pgregory.net/rapid"}

// source is one parsed Go file of this module.
type source struct {
	pkg  string // directory relative to the module, "" for the root
	name string // path relative to the module, with slashes
	test bool
	fset *token.FileSet
	file *ast.File
}

// at is the place of n, as file:line.
func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.name, s.fset.Position(n.Pos()).Line)
}

// skipDir holds directories that are not our source.
func skipDir(name string) bool {
	return name == "node_modules" || name == "testdata" || (name != "." && strings.HasPrefix(name, ".")) || strings.HasPrefix(name, "_")
}

// sources parses every Go file of the module.
func sources(t *testing.T, mode parser.Mode) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipDir(d.Name()):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(p) != ".go":
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, p, nil, mode|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(p)
		pkg := path.Dir(name)
		if pkg == "." {
			pkg = ""
		}
		all = append(all, source{pkg, name, strings.HasSuffix(name, "_test.go"), fset, f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// match reports whether an import path falls under a pattern of the tables.
func match(pattern, imp string) bool {
	if base, ok := strings.CutSuffix(pattern, "/*"); ok {
		return imp == base || strings.HasPrefix(imp, base+"/")
	}
	return imp == pattern
}

// owner finds the closest pattern of a table that covers an import path: the
// path itself, else the longest.
func owner(table map[string]restricted, imp string, covers func(pattern, imp string) bool) (string, restricted, bool) {
	if r, ok := table[imp]; ok {
		return imp, r, true
	}
	best := ""
	for pattern := range table {
		if covers(pattern, imp) && len(pattern) > len(best) {
			best = pattern
		}
	}
	return best, table[best], best != ""
}

func prefixed(pattern, imp string) bool {
	return imp == pattern || strings.HasPrefix(imp, pattern+"/")
}

func TestLayoutImportsRunOneWay(t *testing.T) {
	found := map[string]bool{}
	for _, s := range sources(t, parser.ImportsOnly) {
		rule, ok := imports[s.pkg]
		if !ok && !s.test {
			t.Errorf("%s: package %q is not in the table of layout_test.go: say there what it may import, and in docs/adr why it exists", s.name, s.pkg)
			continue
		}
		found[s.pkg] = found[s.pkg] || !s.test
		for _, spec := range s.file.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatalf("%s: %v", s.at(spec), err)
			}
			if why := refuse(s, rule, imp); why != "" {
				t.Errorf("%s: imports %s: %s", s.at(spec), imp, why)
			}
		}
	}
	for pkg, rule := range imports { // stale rows would let a new package in under an old name
		if rule.planned && found[pkg] {
			t.Errorf("package %q is built: drop its mark 'planned' in layout_test.go", pkg)
		}
		if !rule.planned && !found[pkg] {
			t.Errorf("package %q is in the table of layout_test.go and not in the tree", pkg)
		}
	}
}

// refuse says why a file may not import imp, or "".
func refuse(s source, rule pkgRule, imp string) string {
	if own, ok := strings.CutPrefix(imp, module); ok {
		return refuseOwn(s, rule, strings.TrimPrefix(own, "/"))
	}
	if first, _, _ := strings.Cut(imp, "/"); strings.Contains(first, ".") {
		return refuseThirdParty(s, imp)
	}
	if s.test {
		return ""
	}
	pattern, r, ok := owner(standard, imp, match)
	if !ok || slices.Contains(unrestricted, pattern) || slices.Contains(r.allowed, s.pkg) {
		return ""
	}
	return r.reason
}

// refuseOwn checks an import of our own. Tests may reach further down, for a
// real world to run in, but the law's tests stay with the law.
func refuseOwn(s source, rule pkgRule, own string) string {
	if s.test && !rule.pure || slices.Contains(rule.own, "*") || slices.Contains(rule.own, own) || (s.test && own == s.pkg) {
		return ""
	}
	return fmt.Sprintf("%q is a %s package: %s", s.pkg, rule.layer.name, rule.layer.reason)
}

func refuseThirdParty(s source, imp string) string {
	prefix, r, ok := owner(thirdParty, imp, prefixed)
	switch {
	case !ok:
		return "a dependency that layout_test.go and docs/adr/dependencies.md do not know"
	case s.test:
		return ""
	case slices.Contains(testOnly, prefix):
		return "only for tests: it must not enter the binary"
	case slices.Contains(r.allowed, "*") || slices.Contains(r.allowed, s.pkg):
		return ""
	}
	return r.reason
}

func TestLayoutTablesHaveNoHoles(t *testing.T) {
	for pkg, rule := range imports {
		for _, own := range rule.own {
			below, ok := imports[own]
			if own != "*" && !ok {
				t.Errorf("%q may import %q, which is not in the table", pkg, own)
			}
			if rule.pure && !below.pure {
				t.Errorf("%q is pure and may not rest on %q, which is not", pkg, own)
			}
			if rule.layer == useCase && below.layer == useCase {
				t.Errorf("%q may import %q: %s", pkg, own, useCase.reason)
			}
		}
	}
	for _, table := range []map[string]restricted{standard, thirdParty} {
		for imp, r := range table {
			if r.reason == "" && !slices.Contains(unrestricted, imp) {
				t.Errorf("the rule for %s has no reason", imp)
			}
			for _, pkg := range r.allowed {
				if _, ok := imports[pkg]; pkg != "*" && !ok {
					t.Errorf("%s is allowed to %q, which is not in the table", imp, pkg)
				}
			}
		}
	}
}

// The rules must be able to refuse; each row here is a violation, or its neighbour that is none.
func TestLayoutRefuses(t *testing.T) {
	for _, c := range []struct {
		pkg, imp string
		test, ok bool
	}{
		{"petition", "os", false, false},
		{"petition", "context", false, false},
		{"petition", module + "/internal/store", false, false},
		{"petition", module + "/internal/store", true, false},
		{"petition", module + "/civil", false, true},
		{"petition", "github.com/rivo/uniseg", false, true},
		{"internal/signing", module + "/internal/moderation", false, false},
		{"internal/web", module + "/internal/api", false, false},
		{"internal/web", "database/sql", false, false},
		{"internal/web", "pgregory.net/rapid", false, false},
		{"internal/web", "pgregory.net/rapid", true, true},
		{"internal/web", "net/url", false, true},
		{"internal/store", "database/sql/driver", false, true},
		{"internal/store", "github.com/unknown/thing", false, false},
		{"internal/httpd", "golang.org/x/crypto/acme/autocert", false, true},
		{"internal/httpd", "golang.org/x/crypto/chacha20poly1305", false, false},
		{"internal/cli", module + "/internal/web", false, true},
	} {
		why := refuse(source{pkg: c.pkg, test: c.test}, imports[c.pkg], c.imp)
		if (why == "") != c.ok {
			t.Errorf("%q (test %t) imports %s: got %q", c.pkg, c.test, c.imp, why)
		}
	}
}
