package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// deskTable is roles x routes: who may come in. Everybody else is refused
// before anything is read: 401 nobody, 403 the wrong role. What an officer of a
// body may do is one body's only; that is TestDeskAuthorisation's.
var deskTable = map[string][]store.Role{
	"GET /desk/letters":                              {store.Moderator, store.Auditor, store.Admin},
	"POST /desk/letters":                             deskModerates,
	"POST /desk/petitions/{id}/member":               deskModerates,
	"GET /desk":                                      deskEverybody,
	"GET /desk/petitions/{id}":                       deskEverybody,
	"POST /desk/petitions/{id}":                      deskModerates,
	"POST /desk/petitions/{id}/answer":               deskForBody,
	"POST /desk/petitions/{id}/delivery":             deskForBody,
	"GET /desk/petitions/{id}/pack.txt":              deskForBody,
	"GET /desk/petitions/{id}/pack.pdf":              deskForBody,
	"POST /desk/petitions/{id}/claim":                deskModerates,
	"POST /desk/petitions/{id}/notes":                deskModerates,
	"POST /desk/petitions/{id}/topics":               deskModerates,
	"POST /desk/petitions/{id}/takedown":             deskModerates,
	"POST /desk/petitions/{id}/news":                 deskModerates,
	"POST /desk/petitions/{id}/organisation":         deskModerates,
	"POST /desk/petitions/{id}/organisation/confirm": {store.Admin},
	"GET /desk/complaints":                           {store.Moderator, store.Auditor, store.Admin},
	"GET /desk/complaints/{id}":                      {store.Moderator, store.Auditor, store.Admin},
	"POST /desk/complaints/{id}":                     deskModerates,
	"GET /desk/demands":                              deskModerates,
	"POST /desk/demands":                             deskModerates,
	"GET /desk/archive":                              deskModerates,
	"POST /desk/archive":                             deskModerates,
	"GET /desk/delays":                               deskModerates,
	"POST /desk/delays":                              deskModerates,
	"GET /desk/sessions":                             deskEverybody,
	"POST /desk/sessions":                            deskEverybody,
	"GET /desk/settings":                             {store.Admin},
	"GET /desk/settings/{group}":                     {store.Admin},
	"POST /desk/settings/{group}":                    {store.Admin},
	"GET /desk/settings/history":                     {store.Admin},
	"GET /desk/settings/bodies":                      {store.Admin},
	"POST /desk/settings/bodies":                     {store.Admin},
	"GET /desk/settings/body":                        {store.Admin},
	"POST /desk/settings/body":                       {store.Admin},
	"GET /desk/settings/staff":                       {store.Admin},
	"POST /desk/settings/staff":                      {store.Admin},
	"POST /desk/settings/staff/{id}":                 {store.Admin},
}

var (
	deskEverybody = []store.Role{store.Moderator, store.Officer, store.Auditor, store.Admin}
	deskModerates = []store.Role{store.Moderator, store.Admin}
	deskForBody   = []store.Role{store.Moderator, store.Officer, store.Admin}
	// deskOpen are the doors themselves: their link, code or session is the key.
	deskOpen = []string{"GET /desk/login/{token}", "POST /desk/login/{token}", "POST /desk/logout", "GET /desk/code", "POST /desk/code"}
)

// deskRoutes are all routes of the desk.
func deskRoutes(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(pageRoutes(t), func(route string) bool {
		_, path, _ := strings.Cut(route, " ")
		return !strings.HasPrefix(path, "/desk")
	})
}

// pageRoutes are all routes that exist in each language, read from the sources
// themselves.
func pageRoutes(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	must(t, err)
	var routes []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 4 {
				return true
			}
			if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || sel.Sel.Name != "each" {
				return true
			}
			var parts []string
			for _, a := range call.Args[1:3] {
				if lit, ok := a.(*ast.BasicLit); ok {
					s, err := strconv.Unquote(lit.Value)
					must(t, err)
					parts = append(parts, s)
				}
			}
			if len(parts) != 2 {
				t.Errorf("%s: a route that is no plain text: the table of roles cannot see it", name)
			} else {
				routes = append(routes, strings.Join(parts, " "))
			}
			return true
		})
	}
	return routes
}

// Every route of the desk has a row, every row a route, and each role gets what
// its row says.
func TestRolesAndRoutes(t *testing.T) {
	s := newSite(t, func(o *Options) {
		withDelays(o)
		o.Settings = settings.New(settings.Options{Store: o.Store, Vault: vaultIn(t), Laws: o.Store.Laws(), Langs: i18n.Langs(), Law: o.Law, Now: o.Now})
	})
	open := s.open(texts())
	must(t, s.store.AddComplaint(t.Context(), petition.Complaint{Ref: "R", State: "received", Lang: "en", At: s.at, DecideBy: s.at}, nil))
	routes := deskRoutes(t)
	for _, r := range routes {
		if _, ok := deskTable[r]; !ok && !slices.Contains(deskOpen, r) {
			t.Errorf("%s has no row in the table of roles", r)
		}
	}
	cookies := map[store.Role]string{"": ""}
	for _, r := range deskEverybody {
		cookies[r] = s.loginFor(string(r)+"@desk.example", r, "akimat-kokbulak")
	}
	for route, may := range deskTable {
		if !slices.Contains(routes, route) {
			t.Errorf("%s is in the table, and no route", route)
		}
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer("petitions/{id}", "petitions/"+strconv.FormatInt(int64(open.ID), 10), "{id}", "1", "{group}", "site").Replace("/en" + path)
		for role, cookie := range cookies {
			code := s.get(path, "Cookie", cookie).Code
			if method == "POST" {
				code = s.send(path, url.Values{}, cookie).Code
			}
			switch refused := code == 401 || code == 403; {
			case role == "" && code != 401, role != "" && refused == slices.Contains(may, role), code >= 500:
				t.Errorf("%s as %q: %d", route, role, code)
			}
		}
	}
}
