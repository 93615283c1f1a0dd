package web

import (
	"net/http"
	"strings"
	"testing"
)

// The dark tokens stand twice: as the reader's system wishes, and for the
// gallery, which shows both themes at once.
func TestDarkTokensAgree(t *testing.T) {
	src, err := static.ReadFile("static/css/00-tokens.css")
	must(t, err)
	tokens := func(from string) []string {
		_, rest, ok := strings.Cut(string(src), from)
		block, _, end := strings.Cut(rest, "}")
		if !ok || !end {
			t.Fatalf("no %q", from)
		}
		return strings.Fields(block)
	}
	system, gallery := tokens("(prefers-color-scheme: dark) {\n  :root {"), tokens("\n.dark {")
	if a, b := strings.Join(system, " "), strings.Join(gallery, " "); a != b || len(system) < 40 {
		t.Errorf("%s\nis not\n%s", a, b)
	}
}

// A page with everything that a first visit loads stays small on the wire.
func TestPagesAreSmall(t *testing.T) {
	s, open := full(t)
	sent := func(path string) int {
		w := s.get(path, "Accept-Encoding", "br")
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", path, w.Code)
		}
		return w.Body.Len()
	}
	shared := 0
	for _, name := range []string{"app.css", "app.js", "serif.woff2", "mark.svg"} {
		shared += sent(s.web.assets.Path(name))
	}
	for _, path := range []string{"/kk/", "/ru/petitions", "/ru" + petitionPath(open.Number), "/kk/about"} {
		if page := sent(path); page+shared > 60_000 {
			t.Errorf("%s: %d bytes and %d of assets", path, page, shared)
		} else {
			t.Logf("%s: %d bytes and %d of assets", path, page, shared)
		}
	}
}

// What the ledger and verify pages say is honest while there is no ledger.
func TestPlainPages(t *testing.T) {
	s := newSite(t, nil)
	for _, l := range []string{"/kk", "/ru", "/en"} {
		for _, path := range []string{"/ledger", "/verify", "/privacy", "/accessibility"} {
			if body := s.page(l+path, http.StatusOK); strings.Count(body, "<h2>") < 3 {
				t.Errorf("%s%s says little", l, path)
			}
		}
	}
	if body := s.page("/en/privacy", http.StatusOK); !strings.Contains(body, "one database file") || strings.Contains(body, "PostgreSQL") {
		t.Error("the page about privacy is not that of this site")
	}
	s.web.setUp.Postgres = true
	var found bool
	for _, line := range s.web.setUp.lines(s.web.bundle.Printer("en")) {
		found = found || strings.Contains(line, "PostgreSQL")
	}
	if !found {
		t.Error("PostgreSQL is not told of")
	}
}

// TestErrorKeepsWhatWasTyped: a form that could not be taken now is offered
// again with everything in it; an address that only shows something is a link.
func TestErrorKeepsWhatWasTyped(t *testing.T) {
	s := newSite(t, nil)
	form := wholeForm()
	form.Set("details", `two "quoted" <b>lines</b>`)
	refused := false
	for i := range 30 {
		form.Set("email", strings.Repeat("x", i+1)+"@mail.example")
		w := s.send("/ru/start", form, "")
		if w.Code != http.StatusTooManyRequests {
			continue
		}
		refused = true
		f := oneForm(t, dom(t, w), "/ru/start")
		for name := range form {
			if f.values.Get(name) != form.Get(name) {
				t.Errorf("%s was %q, is %q", name, form.Get(name), f.values.Get(name))
			}
		}
	}
	if !refused {
		t.Fatal("no form was refused")
	}
	if w := s.get("/ru/no-such-page"); strings.Contains(w.Body.String(), `href="/ru/no-such-page"`+">"+s.web.bundle.Printer("ru").T("error.again")) {
		t.Error("a page that is not there is offered again")
	}
}
