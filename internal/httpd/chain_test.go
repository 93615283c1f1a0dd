package httpd

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

func ok(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "fine")
	return err
}

func TestHeaders(t *testing.T) {
	s, _ := testServer(t, nil)
	h := ask(mux(s, ok), "GET", "/en/page/x").Header()
	for name, want := range map[string]string{
		"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		"Strict-Transport-Security": "max-age=31536000", "Content-Length": "4",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	csp := h.Get("Content-Security-Policy")
	if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.HasPrefix(csp, "default-src 'none';") {
		t.Errorf("CSP %q", csp)
	}
	plain, _ := testServer(t, func(o *Options) { o.PublicURL = &url.URL{Scheme: "http", Host: "127.0.0.1:8080"} })
	if got := ask(mux(plain, ok), "GET", "/en/page/x").Header().Get("Strict-Transport-Security"); got != "" {
		t.Errorf("HSTS over plain http: %q", got)
	}
}

// Whatever its length, an answer says it, to HEAD as to GET.
func TestCachedAnswersSayTheirLength(t *testing.T) {
	s, _ := testServer(t, nil)
	for _, size := range []int{1, ownLength, ownLength + 1, 2 << 10, 5000, 100_000} {
		e := s.Variants("application/json", []byte(strings.Repeat("x", size)))
		srv := httptest.NewServer(mux(s, func(w http.ResponseWriter, r *http.Request) error {
			ServeVariants(w, r, e, CachePublic, time.Time{})
			return nil
		}))
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r, err := http.NewRequest(method, srv.URL+"/api/v1/thing", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept-Encoding", "identity")
			res, err := srv.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if _ = res.Body.Close(); res.ContentLength != int64(size) || res.TransferEncoding != nil {
				t.Errorf("%s of %d bytes: length %d, %v", method, size, res.ContentLength, res.TransferEncoding)
			}
		}
		srv.Close()
	}
}

func TestAllowFraming(t *testing.T) {
	s, _ := testServer(t, nil)
	framed := mux(s, func(w http.ResponseWriter, r *http.Request) error {
		AllowFraming(w)
		return ok(w, r)
	})
	if got := ask(framed, "GET", "/en/page/x").Header().Get("Content-Security-Policy"); !strings.HasSuffix(got, "frame-ancestors *") {
		t.Errorf("CSP %q", got)
	}
	if got := ask(mux(s, ok), "GET", "/en/page/x").Header().Get("Content-Security-Policy"); !strings.HasSuffix(got, "'none'") {
		t.Errorf("the next page may be framed too: %q", got)
	}
}

// What programs read has what keeps a browser from taking it for a page, and
// the page after it has everything again.
func TestData(t *testing.T) {
	s, _ := testServer(t, nil)
	data := mux(s, func(w http.ResponseWriter, r *http.Request) error {
		Data(w)
		return ok(w, r)
	})
	h := ask(data, "GET", "/en/page/x").Header()
	if h.Get("Content-Security-Policy") != "default-src 'none'; frame-ancestors 'none'" || h.Get("X-Content-Type-Options") != "nosniff" ||
		h.Get("Referrer-Policy") != "no-referrer" || h.Get("Permissions-Policy") != "" || h.Get("Cross-Origin-Opener-Policy") != "" {
		t.Errorf("data: %v", h)
	}
	h = ask(mux(s, ok), "GET", "/en/page/x").Header()
	if !strings.Contains(h.Get("Content-Security-Policy"), "form-action 'self'") || h.Get("Permissions-Policy") == "" || h.Get("Cross-Origin-Opener-Policy") != "same-origin" {
		t.Errorf("the next page: %v", h)
	}
}

func TestCrossOrigin(t *testing.T) {
	s, _ := testServer(t, nil)
	h := mux(s, ok)
	const session = "__Host-dauys=abc"
	tests := []struct {
		name, target string
		header       []string
		want         int
	}{
		{"neither header", "/en/form", nil, 200},
		{"same origin", "/en/form", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"cross-site", "/en/form", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"same origin under no-referrer", "/en/form", []string{"Sec-Fetch-Site", "same-origin", "Origin", "null"}, 200},
		{"cross-site under no-referrer", "/en/form", []string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, 403},
		{"old browser under no-referrer", "/en/form", []string{"Origin", "null"}, 200},
		{"old browser with a staff session", "/en/form", []string{"Origin", "null", "Cookie", session}, 403},
		{"public URL behind a proxy", "/en/form", []string{"Origin", "https://petitions.example"}, 200},
		{"foreign origin", "/en/form", []string{"Origin", "https://evil.example"}, 403},
		{"one-click unsubscribe", "/u/abc", []string{"Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site"}, 200},
	}
	for _, tt := range tests {
		if got := ask(h, "POST", tt.target, tt.header...).Code; got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	if got := ask(h, "GET", "/en/page/x", "Sec-Fetch-Site", "cross-site").Code; got != 200 {
		t.Errorf("a link from another site: %d", got)
	}
}

func TestBadAddressesNameTheField(t *testing.T) {
	s, _ := testServer(t, nil)
	h := mux(s, ok)
	if w := ask(h, "GET", "/en/page/%FF"); w.Code != 400 {
		t.Errorf("path: %d", w.Code)
	}
	if w := ask(h, "GET", "/en/page/a%00b"); w.Code != 400 {
		t.Errorf("NUL in path: %d", w.Code)
	}
	if w := ask(h, "GET", "/api/v1/thing?q=%FF&ok=1"); w.Code != 422 || !strings.Contains(w.Body.String(), `"field":"q"`) {
		t.Errorf("query: %d %s", w.Code, w.Body)
	}
	if w := ask(h, "GET", "/en/page/x?utm;campaign&%zz"); w.Code != 200 {
		t.Errorf("junk in the query: %d", w.Code)
	}
}

func TestParseForm(t *testing.T) {
	s, _ := testServer(t, func(o *Options) { o.MaxBody = 100 })
	var got url.Values
	var failure error
	h := mux(s, func(_ http.ResponseWriter, r *http.Request) error {
		got, failure = ParseForm(r)
		return failure
	})
	defer func() {
		if got.Get("email") != "aliya@mail.example" {
			t.Errorf("the form that is read last: %v", got)
		}
	}()
	const form = "application/x-www-form-urlencoded"
	tests := []struct {
		body, contentType string
		status            int
		field             string
	}{
		{"email=x", form + "; charset=utf-8", 200, ""},
		{"", "", 200, ""},
		{"title=%FF", form, 422, "title"},
		{"title=a%00b", form, 422, "title"},
		{"%FF=x", form, 400, ""},
		{"a=%zz", form, 400, ""},
		{"{}", "application/json", 400, ""},
		{"title=" + strings.Repeat("ә", 60), form, 413, ""},
		{"email=aliya%40mail.example&place=KZ-75&unknown=1", form, 200, ""},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("POST", "/en/form", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", tt.contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("%q: %d (%v), want %d", tt.body, w.Code, failure, tt.status)
		}
		var fields petition.FieldErrors
		if errors.As(failure, &fields) != (tt.field != "") || len(fields) > 0 && fields[0].Field != tt.field {
			t.Errorf("%q: %v, want field %q", tt.body, failure, tt.field)
		}
	}
}

func TestLimitBodyRaisesTheLimit(t *testing.T) {
	s, _ := testServer(t, nil)
	h := mux(s, func(w http.ResponseWriter, r *http.Request) error {
		if err := LimitBody(w, r, 1<<20); err != nil {
			return err
		}
		_, err := ParseForm(r)
		return err
	})
	for size, want := range map[int]int{defaultMaxBody + 1: 200, 1<<20 + 1: 413} {
		r := httptest.NewRequest("POST", "/en/form", strings.NewReader(strings.Repeat("a", size)))
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%d bytes: %d, want %d", size, w.Code, want)
		}
	}
}

func TestInFlightCap(t *testing.T) {
	s, _ := testServer(t, func(o *Options) { o.MaxInFlight = 1 })
	entered, leave := make(chan bool), make(chan bool)
	h := mux(s, func(w http.ResponseWriter, r *http.Request) error {
		entered <- true
		<-leave
		return ok(w, r)
	})
	done := make(chan int)
	go func() { done <- ask(h, "GET", "/en/page/x").Code }()
	<-entered
	w := ask(h, "GET", "/en/page/y")
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `lang="kk"`) {
		t.Errorf("over the cap: %d %v %q", w.Code, w.Header(), w.Body)
	}
	if got := ask(h, "GET", "/livez").Code; got != 200 {
		t.Errorf("livez over the cap: %d", got)
	}
	close(leave)
	if got := <-done; got != 200 {
		t.Errorf("the first: %d", got)
	}
	go func() { <-entered }()
	if got := ask(h, "GET", "/en/page/z").Code; got != 200 {
		t.Errorf("the slot was not given back: %d", got)
	}
}

func TestSendersLeaveRoomForReaders(t *testing.T) {
	s, _ := testServer(t, func(o *Options) { o.MaxInFlight, o.MaxSending = 1, 4 })
	entered, leave := make(chan bool), make(chan bool)
	h := mux(s, func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == "POST" {
			entered <- true
			<-leave
		}
		return ok(w, r)
	})
	send := func(from string) int {
		r := httptest.NewRequest("POST", "/en/form", nil)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	done := make(chan int)
	hold := func(from string) {
		go func() { done <- send(from) }()
		<-entered
	}
	hold("192.0.2.1:1")
	hold("192.0.2.7:1")
	if got := send("192.0.2.9:1"); got != 503 {
		t.Errorf("a network that has half of the room: %d", got)
	}
	hold("198.51.100.1:1")
	if got := ask(h, "GET", "/en/page/x").Code; got != 200 {
		t.Errorf("a reader: %d", got)
	}
	close(leave)
	for range 3 {
		if got := <-done; got != 200 {
			t.Errorf("a sender within: %d", got)
		}
	}
	if s.inFlight() != 0 || len(s.sending.shares) != 0 {
		t.Errorf("left: %d in flight, shares %v", s.inFlight(), s.sending.shares)
	}
}

// Readers and senders have filled the site; staff still come in.
func TestStaffWorkInACrowd(t *testing.T) {
	s, _ := testServer(t, func(o *Options) { o.MaxInFlight, o.MaxSending = 1, 1 })
	entered, leave := make(chan bool), make(chan bool)
	m := http.NewServeMux()
	m.Handle("/en/page/x", s.Page(func(w http.ResponseWriter, r *http.Request) error {
		entered <- true
		<-leave
		return ok(w, r)
	}))
	m.Handle("/kk/desk/petitions/7", s.Page(ok))
	h := s.Wrap(m)
	done := make(chan int)
	for _, method := range []string{"GET", "POST"} {
		go func() { done <- ask(h, method, "/en/page/x").Code }()
		<-entered
	}
	for _, method := range []string{"GET", "POST"} {
		if got := ask(h, method, "/kk/desk/petitions/7", "Cookie", secureCookie+"=x").Code; got != 200 {
			t.Errorf("%s of staff: %d", method, got)
		}
		if got := ask(h, method, "/kk/desk/petitions/7").Code; got != 503 {
			t.Errorf("%s of somebody: %d", method, got)
		}
	}
	close(leave)
	<-done
	<-done
	if n := s.inFlight(); n != 0 {
		t.Errorf("%d left in flight", n)
	}
}

func TestHealth(t *testing.T) {
	reason := errors.New("migration 7 of 9")
	s, _ := testServer(t, func(o *Options) { o.Ready = func(context.Context) error { return reason } })
	h := mux(s, ok)
	if w := ask(h, "GET", "/readyz"); w.Code != 503 || !strings.Contains(w.Body.String(), "migration 7 of 9") {
		t.Errorf("not ready: %d %q", w.Code, w.Body)
	}
	reason = nil
	if w := ask(h, "GET", "/readyz"); w.Code != 200 {
		t.Errorf("ready: %d", w.Code)
	}
}

func TestSessionCookie(t *testing.T) {
	s, _ := testServer(t, nil)
	w := httptest.NewRecorder()
	s.SetSession(w, "tok", 90e9)
	got := w.Header().Get("Set-Cookie")
	if got != "__Host-dauys=tok; Path=/; Max-Age=90; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("cookie %q", got)
	}
	plain, _ := testServer(t, func(o *Options) { o.PublicURL = &url.URL{Scheme: "http", Host: "127.0.0.1:8080"} })
	w = httptest.NewRecorder()
	plain.SetSession(w, "tok", 90e9)
	if got := w.Header().Get("Set-Cookie"); strings.Contains(got, "Secure") || !strings.HasPrefix(got, "dauys-desk=tok;") {
		t.Errorf("plain cookie %q", got)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "dauys-desk=forged")
	if got := s.SessionToken(r); got != "" {
		t.Errorf("a plain cookie was read over https: %q", got)
	}
	r.Header.Set("Cookie", "__Host-dauys=tok")
	if got := s.SessionToken(r); got != "tok" {
		t.Errorf("token %q", got)
	}
}

func TestRedirectToLang(t *testing.T) {
	for target, want := range map[string]string{
		"/petitions?q=%D3%99&page=2": "/kk/petitions?q=%D3%99&page=2",
		"/":                          "/kk/",
		"//evil.example/x":           "/kk/evil.example/x",
		"/%5Cevil.example":           "/kk/%5Cevil.example",
		"/a%2Fb":                     "/kk/a%2Fb",
		"/petitions/7/":              "/kk/petitions/7",
		"/ru/petitions/7/?page=2":    "/ru/petitions/7?page=2",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL = mustParse(t, target)
		r.Header.Set("Accept-Language", "kk-KZ,ru;q=0.8")
		w := httptest.NewRecorder()
		if err := RedirectToLang(w, r); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		if w.Code != 302 || w.Header().Get("Location") != want || w.Header().Get("Vary") != "Accept-Language" {
			t.Errorf("%s: %d %v, want %s", target, w.Code, w.Header(), want)
		}
	}
	if err := RedirectToLang(httptest.NewRecorder(), httptest.NewRequest("POST", "/start", nil)); !errors.Is(err, ErrMethod) {
		t.Errorf("POST: %v", err)
	}
	for _, target := range []string{"/kk/x", "/kk/", "/kk"} {
		if err := RedirectToLang(httptest.NewRecorder(), httptest.NewRequest("GET", target, nil)); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s, with a language: %v", target, err)
		}
	}
}

// mustParse reads a path as net/http does: //x is a path, not a host.
func mustParse(t *testing.T, target string) *url.URL {
	t.Helper()
	u, err := url.ParseRequestURI("http://h" + target)
	if err != nil {
		t.Fatal(err)
	}
	u.Scheme, u.Host = "", ""
	return u
}

func TestLocalPath(t *testing.T) {
	for target, want := range map[string]string{
		"/ru/petitions?x=//y": "/ru/petitions?x=//y", "//evil.example": "/f", `/\evil.example`: "/f",
		"https://evil.example": "/f", "": "/f", "/a\nb": "/f", "/\t/evil.example": "/f", "javascript:x": "/f",
	} {
		if got := LocalPath(target, "/f"); got != want {
			t.Errorf("%q: %q, want %q", target, got, want)
		}
	}
}

// What ParseForm lets through is text, whatever the body was.
func FuzzParseForm(f *testing.F) {
	f.Add("title=%D2%9A&ask=x")
	f.Add("a=%00&%FF=b")
	f.Add("a=1;b=2&&==%")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		form, err := ParseForm(r)
		if err != nil {
			if p := Classify(err); p.Status/100 != 4 {
				t.Errorf("%q: %d", body, p.Status)
			}
			return
		}
		for name, values := range form {
			if !cleanText(name) || !cleanText(strings.Join(values, "")) {
				t.Errorf("%q: field %q", body, name)
			}
		}
	})
}

// Resolved against a page of ours, what LocalPath lets through stays here.
func FuzzLocalPath(f *testing.F) {
	f.Add("/ru/petitions")
	f.Add("/\\evil.example")
	f.Add("/\t/evil.example")
	f.Fuzz(func(t *testing.T, target string) {
		base := &url.URL{Scheme: "https", Host: "petitions.example", Path: "/en/"}
		at := LocalPath(target, "/")
		if u, err := base.Parse(at); err == nil && u.Host != base.Host {
			t.Errorf("%q leads to %s", target, u)
		}
		if again := LocalPath(at, "/"); again != at || at != target && at != "/" {
			t.Errorf("%q is %q, and again %q", target, at, again)
		}
	})
}

// The route of last resort is a page's, but programs are told in their way.
func TestUnknownAddressesOfPrograms(t *testing.T) {
	s, _ := testServer(t, nil)
	m := http.NewServeMux()
	m.Handle("GET /{path...}", s.Page(func(http.ResponseWriter, *http.Request) error { return ErrNotFound }))
	h := s.Wrap(m)
	for path, want := range map[string]string{"/api/v1/nothing": "application/problem+json", "/nothing.json": "application/problem+json",
		"/log/nothing": "application/problem+json", "/en/nothing": "text/html; charset=utf-8"} {
		if w := ask(h, "GET", path); w.Code != 404 || w.Header().Get("Content-Type") != want {
			t.Errorf("%s: %d %s, want %s", path, w.Code, w.Header().Get("Content-Type"), want)
		}
	}
}

// FuzzRedirectToLang: whoever is sent to the pages of a language stays on the
// site, and is not sent on from there.
func FuzzRedirectToLang(f *testing.F) {
	f.Add("/start/", "a=b", "kk")
	f.Add("//evil.example/..", "", "ru")
	f.Add("/\\evil.example//", "%0d%0aX: y", "")
	f.Add("/kk//evil.example/", "", "")
	f.Add("/%2f%2fevil.example/%0a", "?", "en;q=0")
	base := &url.URL{Scheme: "https", Host: "petitions.example", Path: "/"}
	f.Fuzz(func(t *testing.T, path, query, accept string) {
		u, err := url.ParseRequestURI(path + "?" + query)
		if err != nil || !strings.HasPrefix(path, "/") || strings.ContainsAny(path+query, " #") {
			return // no request line can have it
		}
		send := func(u *url.URL) (string, error) {
			w := httptest.NewRecorder()
			err := RedirectToLang(w, &http.Request{Method: "GET", URL: u, Header: http.Header{"Accept-Language": {accept}}})
			return w.Header().Get("Location"), err
		}
		at, err := send(u)
		if err != nil {
			if !errors.Is(err, ErrNotFound) || at != "" {
				t.Errorf("%q: %v, to %q", path, err, at)
			}
			return
		}
		to, err := base.Parse(at)
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme {
			t.Fatalf("%q leads to %q (%v)", path, at, err)
		}
		if _, ok := pathLang(to.Path); !ok {
			t.Errorf("%q leads to %q, in no language", path, at)
		}
		if again, err := send(to); err == nil {
			t.Errorf("%q leads to %q, and on to %q", path, at, again)
		}
	})
}
