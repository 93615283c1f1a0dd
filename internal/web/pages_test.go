package web

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/dauys/dauys/petition"
)

// nodes are all elements of a document, in order.
func nodes(t testing.TB, body string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	must(t, err)
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// faultsOf says what is wrong with a page, whatever its content.
func faultsOf(t testing.TB, lang, body string) (faults []string) {
	t.Helper()
	fail := func(s string) { faults = append(faults, s) }
	if i := strings.Index(body, "⟦"); i >= 0 {
		fail("message missing: " + body[i:min(len(body), i+60)])
	}
	if strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "<no value>") || strings.Contains(body, "%!") {
		fail("a template said ZgotmplZ, no value or %!")
	}
	all := nodes(t, body)
	ids, labels := map[string]bool{}, map[string]bool{}
	h1 := 0
	for _, n := range all {
		if id, ok := attr(n, "id"); ok {
			if ids[id] {
				fail("id twice: " + id)
			}
			ids[id] = true
		}
		if n.Data == "label" {
			to, _ := attr(n, "for")
			labels[to] = true
		}
		if n.Data == "h1" {
			h1++
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				fail("inline " + a.Key)
			}
		}
	}
	if h1 != 1 {
		fail("h1: " + strconv.Itoa(h1))
	}
	for _, n := range all {
		faults = append(faults, nodeFaults(n, lang, ids, labels)...)
	}
	return faults
}

func nodeFaults(n *html.Node, lang string, ids, labels map[string]bool) (faults []string) {
	switch n.Data {
	case "html":
		if l, _ := attr(n, "lang"); l != lang {
			faults = append(faults, "html lang is "+l)
		}
	case "style":
		faults = append(faults, "inline style")
	case "script":
		if src, ok := attr(n, "src"); !ok || !strings.HasPrefix(src, "/assets/") {
			faults = append(faults, "inline or foreign script")
		}
	case "img":
		if _, ok := attr(n, "alt"); !ok {
			faults = append(faults, "img without alt")
		}
	case "input", "select", "textarea":
		id, _ := attr(n, "id")
		if kind, _ := attr(n, "type"); kind != "hidden" && !labels[id] {
			faults = append(faults, n.Data+" without label: "+id)
		}
	}
	for _, key := range []string{"src", "href", "action"} {
		v, ok := attr(n, key)
		loads := key == "src" || n.Data == "link" || key == "action"
		if ok && loads && strings.Contains(v, "//") && !strings.HasPrefix(v, "https://dauys.example/") {
			faults = append(faults, "foreign "+key+": "+v)
		}
		if strings.HasPrefix(v, "#") && !ids[v[1:]] {
			faults = append(faults, "nothing at "+v)
		}
	}
	for _, key := range []string{"aria-describedby", "aria-labelledby"} {
		v, _ := attr(n, key)
		for id := range strings.FieldsSeq(v) {
			if !ids[id] {
				faults = append(faults, key+": nothing at #"+id)
			}
		}
	}
	return faults
}

// page asks for a page, checks its status and what every page must have.
func (s *testSite) page(path string, status int) string {
	s.t.Helper()
	w := s.get(path)
	return s.check(path, w.Code, status, w.Body.String())
}

func (s *testSite) check(path string, got, want int, body string) string {
	s.t.Helper()
	if got != want {
		s.t.Fatalf("%s: %d, want %d\n%.600s", path, got, want, body)
	}
	for _, f := range faultsOf(s.t, path[1:3], body) {
		s.t.Errorf("%s: %s", path, f)
	}
	return body
}

func TestEveryPageWhenEmpty(t *testing.T) {
	s := newSite(t, nil)
	for _, path := range []string{"/", "/petitions", "/petitions?q=none&state=open", "/about", "/privacy", "/accessibility"} {
		for _, p := range inLangs(path) {
			s.page(p, http.StatusOK)
		}
	}
	for _, p := range append(inLangs("/petitions/999"), inLangs("/petitions/0")...) {
		s.page(p, http.StatusNotFound)
	}
}

// full is a site with a petition at every stage; it returns the open one.
func full(t testing.TB) (*testSite, petition.Petition) {
	s := newSite(t, nil)
	open := s.open(texts())
	for day := range 5 {
		s.sign(open.ID, 100+day*400, 50+day*90, "KZ-75")
		s.sign(open.ID, 10000+day*400, 20+day*30, "KZ-71")
		s.sign(open.ID, 20000+day*400, 1, "KZ-10")
		s.at = s.at.AddDate(0, 0, 1)
	}
	only := texts()
	delete(only, "kk")
	only["ru"] = petition.Text{Title: "Верните <b>автобус</b> № 7", Ask: "Верните маршрут & остановки."}
	other := s.open(only)
	s.sign(other.ID, 1, 10500, "")
	s.change(other.ID, func(p petition.Petition) (petition.Change, error) {
		return s.law.Respond(p, petition.Answer{Outcome: "partly", By: 1, Texts: petition.Texts{"ru": {Title: "Ответ акимата", Ask: "Маршрут вернётся весной."}}}, s.at)
	})
	waiting := s.open(texts())
	s.sign(waiting.ID, 1, 10100, "KZ-10")
	s.change(waiting.ID, func(p petition.Petition) (petition.Change, error) {
		return s.law.Deliver(p, petition.Delivery{Stage: "answer", On: s.law.Today(s.at), Channel: petition.ByHand, By: 1}, s.at)
	})
	refused := s.petition(texts())
	for officer := range 2 {
		s.change(refused.ID, func(p petition.Petition) (petition.Change, error) {
			return s.law.Decide(p, petition.Decision{Verdict: petition.Reject, Reason: "duplicate", Note: "Осындай петиция бар.", TextVersion: 1, Officer: petition.OfficerID(officer + 1)}, s.at)
		})
	}
	s.imported(500, false)
	s.imported(501, true)
	s.at = s.at.AddDate(0, 2, 0)
	return s, s.load(open.ID)
}

func TestEveryPageWhenFull(t *testing.T) {
	s, open := full(t)
	n := strconv.FormatInt(open.Number, 10)
	paths := []string{"/", "/petitions", "/petitions?q=Көкбұлақ", "/petitions?state=open&sort=newest&lang=kk&place=KZ-75&stage=answer&page=9&count=1",
		"/petitions/" + n, "/petitions/" + n + "?text=ru", "/petitions/" + n + "?text=en", "/petitions/" + n + "/sign", "/petitions/" + n + "/sent",
		"/petitions/" + n + "/withdraw", "/petitions/" + n + "/withdraw/sent", "/petitions/" + n + "/embed", "/petitions/500", "/petitions/501"}
	for i := range int64(3) {
		paths = append(paths, "/petitions/"+strconv.FormatInt(open.Number+1+i, 10))
	}
	for _, path := range paths {
		for _, p := range inLangs(path) {
			if body := s.page(p, http.StatusOK); len(body) > 60<<10 {
				t.Errorf("%s: %d bytes", p, len(body))
			}
		}
	}
}

func TestPetitionPageSays(t *testing.T) {
	s, open := full(t)
	at := func(i int64) string { return "/petitions/" + strconv.FormatInt(open.Number+i, 10) }
	tests := []struct {
		path string
		want []string
		not  []string
	}{
		{"/kk" + at(0), []string{"Көкбұлақ жағалауына", "Көкбұлақ қаласының әкімдігі", "/sign\"", "Айгүл Үлгіқызы", "<svg", "Астана"}, []string{"Келесі: Ашық хат"}},
		{"/en" + at(0), []string{`lang="kk"`, "Not translated yet: English.", "Other places", "Text in: Қазақша"}, nil},
		{"/en" + at(0) + "?text=ru", []string{`lang="ru"`, "Постройте"}, nil},
		{"/ru" + at(1), []string{"Верните &lt;b&gt;автобус&lt;/b&gt; № 7", "маршрут &amp; остановки", "Ответ акимата", "Удовлетворена частично"}, []string{"<b>автобус"}},
		{"/kk" + at(2), []string{"overdue", "Жауап мерзімі өтті"}, nil},
		{"/kk" + at(3), []string{"Осындай петиция бар.", "Дәл осындай талабы бар"}, []string{"/sign\"", "officer"}},
		{"/en/petitions/500", []string{"Open Parliament Licence v3.0", "Archive", "12,345"}, []string{"/sign\"", ".atom\" "}},
		{"/en/petitions/501", []string{"We will count.", "Erewhon North", "Utopia", "97%"}, []string{"/sign\""}},
	}
	for _, tt := range tests {
		body := s.page(tt.path, http.StatusOK)
		for _, want := range tt.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s lacks %q", tt.path, want)
			}
		}
		for _, not := range tt.not {
			if strings.Contains(body, not) {
				t.Errorf("%s has %q", tt.path, not)
			}
		}
	}
}

func TestSmallPlacesStayUnnamed(t *testing.T) {
	s, open := full(t)
	body := s.page("/ru/petitions/"+strconv.FormatInt(open.Number, 10), http.StatusOK)
	_, table, _ := strings.Cut(body, `id="places-home"`)
	if table, _, _ = strings.Cut(table, "</table>"); strings.Contains(table, "Абай") {
		t.Error("a place with five signatures is named")
	}
}

func TestRemovedIsGoneWithItsReason(t *testing.T) {
	s, open := full(t)
	s.change(open.ID, func(p petition.Petition) (petition.Change, error) {
		p.State, p.RemovedAt = petition.Removed, s.at
		return petition.Change{Petition: p, Events: []petition.Event{{Petition: p.ID, Kind: petition.EvRemoved, At: s.at, Actor: petition.ActorOfficer(1),
			Data: map[string]string{"reason": "personal-data", "note": "По решению суда."}}}}, nil
	})
	path := "/petitions/" + strconv.FormatInt(open.Number, 10)
	for _, p := range append(inLangs(path), inLangs(path+"/sign")...) {
		body := s.page(p, http.StatusGone)
		if strings.Contains(body, "Айгүл") || strings.Contains(body, "Көкбұлақ") || strings.Contains(body, "Кокбулак") {
			t.Errorf("%s: shows what was removed", p)
		}
	}
	if body := s.page("/ru"+path, http.StatusGone); !strings.Contains(body, "По решению суда.") || !strings.Contains(body, "персональные данные") {
		t.Error("the reason is not said")
	}
	s.page("/ru"+path+"/embed", http.StatusGone)
}

func TestListPages(t *testing.T) {
	s, _ := full(t)
	body := s.page("/en/petitions?count=2&page=99&bogus=1", http.StatusOK)
	if !strings.Contains(body, "Page 3 of 3") || !strings.Contains(body, `rel="prev"`) || strings.Contains(body, `rel="next"`) {
		t.Error("a page behind the end is not the last page")
	}
	body = s.page("/en/petitions?count=2", http.StatusOK)
	if !strings.Contains(body, `href="/en/petitions?count=2&amp;page=2" rel="next"`) || strings.Count(body, "<article") != 2 {
		t.Errorf("first page of two: %d cards", strings.Count(body, "<article"))
	}
	for q, want := range map[string]int{"q=hedgehogs": 2, "q=КОКБУЛАКА": 3, "q=%22%27*--": 6, "q=zzzz": 0, "state=rejected": 1, "state=nonsense": 6, "lang=en": 2} {
		if got := strings.Count(s.page("/en/petitions?"+q, http.StatusOK), "<article"); got != want {
			t.Errorf("%s: %d petitions, want %d", q, got, want)
		}
	}
	s.page("/kk/petitions?q="+url.QueryEscape(strings.Repeat("ң", maxSearch)), http.StatusOK)
	s.page("/kk/petitions?q="+url.QueryEscape(strings.Repeat("ң", maxSearch+1)), http.StatusUnprocessableEntity)
}

func TestFiltersHaveOneSpelling(t *testing.T) {
	s := newSite(t, nil)
	for in, want := range map[string]string{
		"":                         "",
		"?page=1&count=25&state=":  "",
		"?page=2&q=+a++b+":         "page=2&q=a+b",
		"?state=all&sort=x&lang=f": "",
		"?stage=nope&count=51":     "",
		"?count=50&stage=answer":   "count=50&stage=answer",
		"?page=-3&body=a":          "body=a",
	} {
		r, err := http.NewRequest(http.MethodGet, "/en/petitions"+in, nil)
		must(t, err)
		if got := s.web.readFilters(r.URL.Query()).Encode(); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRedirects(t *testing.T) {
	s := newSite(t, nil)
	for path, want := range map[string]string{"/": "/kk/", "/petitions": "/kk/petitions", "/petitions/7?text=ru": "/kk/petitions/7?text=ru"} {
		w := s.get(path, "Accept-Language", "kk-KZ,ru;q=0.5")
		if w.Code != http.StatusFound || w.Header().Get("Location") != want || !slices.Contains(w.Header()["Vary"], "Accept-Language") {
			t.Errorf("%s: %d to %q, Vary %q", path, w.Code, w.Header().Get("Location"), w.Header()["Vary"])
		}
	}
	for _, path := range []string{"/nothing.json", "/api/v9/x", "/kk/nothing", "/robots.txt/x.y"} {
		if w := s.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := s.get("/robots.txt"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Disallow: /*/confirm/") {
		t.Errorf("robots.txt: %d %q", w.Code, w.Body)
	}
}

func TestPublicPagesAreKeptAndOthersNot(t *testing.T) {
	s, open := full(t)
	path := "/kk/petitions/" + strconv.FormatInt(open.Number, 10)
	w := s.get(path)
	tag := w.Header().Get("Etag")
	if !strings.HasPrefix(w.Header().Get("Cache-Control"), "public") || tag == "" {
		t.Errorf("public page: %q", w.Header())
	}
	if w = s.get(path, "If-None-Match", tag); w.Code != http.StatusNotModified {
		t.Errorf("unchanged page: %d", w.Code)
	}
	for _, p := range []string{path + "/sign", path + "/sent", path + "/withdraw", "/u/AAAAAAAAAAAAAAAAAAAAAA", "/kk/petitions/1"} {
		if w := s.get(p); w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: Cache-Control %q", p, w.Header().Get("Cache-Control"))
		}
	}
	embed := s.get(path + "/embed")
	if !strings.Contains(embed.Header().Get("Content-Security-Policy"), "frame-ancestors *") || strings.Contains(embed.Body.String(), "<form") {
		t.Error("embed cannot be framed, or has a form")
	}
}

func BenchmarkPetitionPage(b *testing.B) { benchPage(b, "petition") }

func BenchmarkHomePage(b *testing.B) { benchPage(b, "home") }

func BenchmarkListPage(b *testing.B) { benchPage(b, "list") }

// benchPage renders a page past the cache.
func benchPage(b *testing.B, name string) {
	s, open := full(b)
	n, spent := 0, cpuTime(b)
	defer func() { b.ReportMetric((cpuTime(b)-spent).Seconds()*1000/float64(n), "cpu-ms/op") }()
	for b.Loop() {
		n++
		var v view
		var err error
		switch name {
		case "home":
			v, err = s.web.home(b.Context(), "kk")
		case "list":
			v, err = s.web.list(b.Context(), "kk", s.web.readFilters(nil))
		default:
			v, err = s.web.petition(b.Context(), "kk", open.Number, "", "")
		}
		must(b, err)
		var buf bytes.Buffer
		must(b, s.web.render(&buf, "kk", v.name, v.data))
	}
}
