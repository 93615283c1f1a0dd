package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// foreignMark is an element that no template has: one in an answer was made of
// what was typed.
const foreignMark = "x-foreign"

// foreign says what of an answer was made of what was typed: an element, a
// handler, or an address that is a script.
func foreign(t *testing.T, body string) string {
	root, err := html.Parse(strings.NewReader(body))
	must(t, err)
	for n := range root.Descendants() {
		if n.Data == foreignMark && n.Type == html.ElementNode {
			return "<" + foreignMark + ">"
		}
		for _, a := range n.Attr {
			script := slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:")
			if script || a.Key == foreignMark || strings.HasPrefix(a.Key, "on") {
				return a.Key + "=" + a.Val
			}
		}
	}
	return ""
}

// unlimited makes a site of one open petition, one in moderation and one
// complaint, without rates: a fuzzer would soon meet nothing else.
func unlimited(f *testing.F) (s *testSite, at func(route string) string) {
	s = newSite(f, nil)
	s.free = true
	s.serve(func(o *Options) {
		withDelays(o)
		o.Settings = settings.New(settings.Options{Store: o.Store, Vault: vaultIn(f), Laws: o.Store.Laws(), Langs: i18n.Langs(), Law: o.Law, Now: o.Now})
	}, s.now)
	open := s.open(texts())
	waits := s.petition(texts())
	must(f, s.store.AddComplaint(f.Context(), petition.Complaint{Ref: "R", State: "received", Lang: "en", At: s.at, DecideBy: s.at}, nil))
	fill := strings.NewReplacer("{n}", strconv.FormatInt(open.Number, 10), "petitions/{id}", "petitions/"+strconv.FormatInt(int64(waits.ID), 10), "{id}", "1",
		"{group}", "operator", "{token}", "x", "{data}", "x")
	return s, fill.Replace
}

// FuzzForms sends anything to every form there is, as nobody and as each role:
// no answer is a 500, and none holds markup of what was typed.
func FuzzForms(f *testing.F) {
	s, at := unlimited(f)
	var routes []string
	for _, route := range pageRoutes(f) {
		if method, path, _ := strings.Cut(route, " "); method == "POST" && path != "/desk/logout" {
			routes = append(routes, path)
		}
	}
	slices.Sort(routes)
	cookies := []string{""}
	for _, r := range deskEverybody {
		cookies = append(cookies, s.loginFor(string(r)+"@desk.example", r, "akimat-kokbulak"))
	}
	for i := range routes {
		for _, body := range []string{"", "email=%22%3E%3Cx-foreign%3E&title=%3Cx-foreign%3E&note=javascript:x&reason=unclear&verdict=reject&version=1&confirm=yes",
			"text=%22x-foreign=%22&act=claim&on=2026-11-23&stage=answer&channel=paper&outcome=upheld&number=1000001&summary=a&subject.kk=%3Cx-foreign%3E&days=0",
			"source=javascript://x%0aalert(1)&org_source=https://x.example&org_email=a@b.example&email=a@b.example&eligible=yes&place=KZ-75",
			"id=a&kind=b&name.en=%3Cx-foreign%3E&csv=id,kind,name.en%0aa,b,c&role=officer&body=a&operator=%3Cx-foreign%3E&contact=https://x.example%22x-foreign"} {
			for _, who := range []byte{0, 1, 4} { // nobody, a moderator, an administrator
				f.Add(byte(i), who, body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, route, who byte, body string) {
		path := "/en" + at(routes[int(route)%len(routes)])
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if c := cookies[int(who)%len(cookies)]; c != "" {
			r.Header.Set("Cookie", c)
		}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s: %d", path, w.Code)
		}
		if found := foreign(t, w.Body.String()); found != "" {
			t.Errorf("%s: the answer holds %s", path, found)
		}
		if to := w.Header().Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, "@")) {
			t.Errorf("%s leads to %q", path, to)
		}
	})
}

// FuzzPages asks every page with any path and query: none is a 500, none holds
// markup of what was asked, and none leads off the site.
func FuzzPages(f *testing.F) {
	s, at := unlimited(f)
	s.imported(17, true)
	routes := []string{"/robots.txt", "/sitemap.xml", "/u/{token}", "/files/{hash}", "/manifest.json"}
	for _, route := range pageRoutes(f) {
		if method, path, _ := strings.Cut(route, " "); method == "GET" {
			routes = append(routes, "/en"+strings.TrimSuffix(path, "{$}"))
		}
	}
	slices.Sort(routes)
	cookie := s.login("dana@desk.example", store.Admin)
	for i := range routes {
		f.Add(byte(i), "", "q=%22%3E%3Cx-foreign%3E&page=2&lang=kk&theme=x-foreign&text=ru&order=number&on=x&done=yes&state=waiting&in=kk&count=no")
		f.Add(byte(i), "/..%2f%3Cx-foreign%3E", "q=%ff&q=%00")
		f.Add(byte(i), "%00", "page=-9223372036854775808&lang=%22x-foreign")
	}
	f.Fuzz(func(t *testing.T, route byte, more, query string) {
		path := at(routes[int(route)%len(routes)]) + more
		u, err := url.ParseRequestURI(path + "?" + query)
		if err != nil || strings.ContainsAny(path+query, " #") {
			return // no request line can have it
		}
		r := &http.Request{Method: http.MethodGet, URL: u, RequestURI: u.RequestURI(), Header: http.Header{"Cookie": {cookie}}, Host: "dauys.example", RemoteAddr: "192.0.2.1:1", Body: http.NoBody}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r.WithContext(t.Context()))
		if w.Code >= 500 {
			t.Errorf("%q: %d", u, w.Code)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			if found := foreign(t, w.Body.String()); found != "" {
				t.Errorf("%q: the answer holds %s", u, found)
			}
		}
		if to := w.Header().Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//")) {
			t.Errorf("%q leads to %q", u, to)
		}
	})
}
