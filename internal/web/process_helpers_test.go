package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// formOf is a form of a page as a browser sees it.
type formOf struct {
	method, action string
	values         url.Values // what would be sent without touching anything
	names          []string   // every field a person may fill in
	buttons        []string   // values of buttons named "go"
}

func attrOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func elements(root *html.Node, tag string) []*html.Node {
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			found = append(found, n)
		}
	}
	return found
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// dom reads a page and checks what must hold for each (faultsOf).
func dom(t testing.TB, w *httptest.ResponseRecorder) *html.Node {
	t.Helper()
	body := w.Body.String()
	for _, f := range faultsOf(t, w.Header().Get("Content-Language"), body) {
		t.Error(f)
	}
	root, err := html.Parse(strings.NewReader(body))
	must(t, err)
	return root
}

// forms are the POST forms of a page.
func forms(root *html.Node) []formOf {
	var all []formOf
	for _, n := range elements(root, "form") {
		if attrOf(n, "method") == "post" {
			all = append(all, readFormNode(n))
		}
	}
	return all
}

func readFormNode(form *html.Node) formOf {
	f := formOf{method: attrOf(form, "method"), action: attrOf(form, "action"), values: url.Values{}}
	for n := range form.Descendants() {
		name := attrOf(n, "name")
		switch n.Data {
		case "input":
			if attrOf(n, "type") != "hidden" {
				f.names = append(f.names, name)
			}
			if kind := attrOf(n, "type"); kind != "radio" && kind != "checkbox" || hasAttr(n, "checked") {
				f.values.Add(name, attrOf(n, "value"))
			}
		case "textarea":
			f.names = append(f.names, name)
			f.values.Add(name, strings.TrimPrefix(rawText(n), "\n"))
		case "select":
			f.names = append(f.names, name)
			for _, o := range elements(n, "option") {
				if hasAttr(o, "selected") {
					f.values.Add(name, attrOf(o, "value"))
				}
			}
		case "button":
			if name == "go" {
				f.buttons = append(f.buttons, attrOf(n, "value"))
			}
		}
	}
	return f
}

// rawText is the text of a text area; the parser has dropped the line feed
// that opens it, as browsers do.
func rawText(n *html.Node) string {
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(c.Data)
	}
	return b.String()
}

// oneForm is the only POST form below main that is sent to action.
func oneForm(t testing.TB, root *html.Node, action string) formOf {
	t.Helper()
	var found []formOf
	for _, f := range forms(root) {
		if f.action == action {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d forms lead to %s", len(found), action)
	}
	return found[0]
}

// send posts a form, with a session when cookie is not "".
func (s *testSite) send(path string, form url.Values, cookie string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// letters takes what waits in the outbox.
func (s *testSite) letters() []letter.Letter {
	s.t.Helper()
	claimed, err := s.store.ClaimLetters(s.t.Context(), "test", 100, s.at, s.at.AddDate(0, 0, 1))
	must(s.t, err)
	var out []letter.Letter
	for _, c := range claimed {
		l, err := letter.Open(s.vault, c.Sealed)
		must(s.t, err)
		out = append(out, l)
	}
	return out
}

// linkPath is the path of the link in the one letter that waits.
func (s *testSite) linkPath() string {
	s.t.Helper()
	all := s.letters()
	if len(all) != 1 {
		s.t.Fatalf("%d letters wait, want 1", len(all))
	}
	return strings.TrimPrefix(all[0].Args["link"], "https://dauys.example")
}

// login opens a session for a new officer and returns the cookie.
func (s *testSite) login(email string, role store.Role) string { return s.loginFor(email, role, "") }

// loginFor opens a session for an officer of a body.
func (s *testSite) loginFor(email string, role store.Role, body string) string {
	s.t.Helper()
	token, err := staff.New(s.store, s.vault, s.now).Add(s.t.Context(), email, role, body)
	must(s.t, err)
	w := s.post("/en/desk/login/" + token)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/en/desk" {
		s.t.Fatalf("login: %d to %q", w.Code, w.Header().Get("Location"))
	}
	return strings.SplitN(w.Header().Get("Set-Cookie"), ";", 2)[0]
}

func status(t testing.TB, w *httptest.ResponseRecorder, want int) {
	t.Helper()
	if w.Code != want {
		body := w.Body.String()
		t.Fatalf("status %d, want %d: %s", w.Code, want, textStart(body))
	}
}

func textStart(body string) string {
	if i := strings.Index(body, "<main"); i >= 0 {
		body = body[i:]
	}
	return body[:min(len(body), 700)]
}

// secret checks the headers of a page that only the holder of a link may see.
func secret(t testing.TB, w *httptest.ResponseRecorder) {
	t.Helper()
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := w.Header().Get("X-Robots-Tag"); !strings.Contains(got, "noindex") {
		t.Errorf("X-Robots-Tag %q", got)
	}
	if !strings.Contains(w.Body.String(), `name="robots" content="noindex"`) && w.Code != http.StatusSeeOther {
		t.Error("page does not say noindex")
	}
}

// wholeForm is a start form without a fault.
func wholeForm() url.Values {
	t := texts()
	return url.Values{"kind": {"petition"}, "creator_kind": {"person"}, "creator": {"Айгүл Үлгіқызы"}, "lang": {"kk"},
		"title": {t["kk"].Title}, "ask": {t["kk"].Ask}, "details": {t["kk"].Details}, "title.ru": {t["ru"].Title}, "ask.ru": {t["ru"].Ask},
		"body": {"akimat-kokbulak"}, "email": {"aigul@mail.example"}, "eligible": {"yes"}}
}

// started starts and confirms a petition through the pages, and returns the
// paths of the private page and of the supporters' page.
func (s *testSite) started() (mine, share string) {
	s.t.Helper()
	status(s.t, s.send("/kk/start", wholeForm(), ""), http.StatusSeeOther)
	w := s.post(s.linkPath())
	status(s.t, w, http.StatusOK)
	for _, a := range elements(dom(s.t, w), "a") {
		path, ok := strings.CutPrefix(attrOf(a, "href"), "https://dauys.example")
		switch {
		case ok && strings.HasPrefix(path, "/kk/mine/"):
			mine = path
		case ok && strings.HasPrefix(path, "/kk/p/"):
			share = path
		}
	}
	if mine == "" || share == "" {
		s.t.Fatalf("links: mine %q, share %q", mine, share)
	}
	return mine, share
}

// supported gives the petition of a share link its 20 supporters.
func (s *testSite) supported(share string) petition.ID {
	s.t.Helper()
	p, err := s.signing.ByShare(s.t.Context(), strings.TrimPrefix(share, "/kk/p/"))
	must(s.t, err)
	s.sign(p.ID, 1, 20, "")
	return p.ID
}
