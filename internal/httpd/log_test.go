package httpd

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

const (
	secretMail  = "aigerim.testova@mail.example"
	secretAddr  = "203.0.113.77"
	secretAddr6 = "2001:db8:17::99"
	secretToken = "q7Zr0aXb-19_kLmNoPqRsTuVwXyZ012345678901234"
)

// leaks reports which secret a text holds.
func leaks(s string) string {
	for _, secret := range []string{secretMail, "aigerim", secretAddr, secretAddr6, secretToken, "secret-search", "Firefox"} {
		if strings.Contains(s, secret) {
			return secret
		}
	}
	return ""
}

func exposition(t *testing.T, s *Server) string {
	t.Helper()
	return ask(s.AdminHandler(), "GET", "/metrics").Body.String()
}

func TestNothingPersonalInLogsOrMetrics(t *testing.T) {
	s, log := testServer(t, func(o *Options) { o.Limits = true })
	cause := fmt.Errorf("mail to <%s> from [%s]:443 and %s:99 via /confirm/%s: %w",
		secretMail, secretAddr6, secretAddr, secretToken, errors.New("refused"))
	handlers := []Handler{
		ok,
		func(http.ResponseWriter, *http.Request) error { return cause },
		func(http.ResponseWriter, *http.Request) error { return fmt.Errorf("%w: %w", ErrNotFound, cause) },
		func(http.ResponseWriter, *http.Request) error { panic(cause) },
		func(w http.ResponseWriter, r *http.Request) error { return s.AllowClient(r, "no such rule") },
	}
	for _, h := range handlers {
		routes := mux(s, h)
		for _, target := range []string{"/en/page/" + secretToken, "/api/v1/thing", "/" + secretToken, "/en/form", "/u/" + secretToken} {
			for _, method := range []string{"GET", "POST"} {
				r := httptest.NewRequest(method, target+"?q=secret-search&email="+secretMail, strings.NewReader("email="+secretMail))
				r.RemoteAddr = secretAddr + ":4711"
				r.Header.Set("X-Forwarded-For", secretAddr6)
				r.Header.Set("User-Agent", "Firefox")
				r.Header.Set("Origin", "https://"+secretToken+".example")
				w := httptest.NewRecorder()
				routes.ServeHTTP(w, r)
				if found := leaks(w.Body.String()); found != "" {
					t.Errorf("%s %s: answer holds %q", method, target, found)
				}
			}
		}
	}
	if found := leaks(log.String()); found != "" {
		t.Errorf("log holds %q:\n%s", found, log)
	}
	if found := leaks(exposition(t, s)); found != "" {
		t.Errorf("metrics hold %q", found)
	}
	if !strings.Contains(log.String(), "refused") || !strings.Contains(log.String(), "«mail»") {
		t.Errorf("causes are not logged:\n%s", log)
	}
}

func TestRequestLog(t *testing.T) {
	s, log := testServer(t, nil)
	h := mux(s, ok)
	ask(h, "GET", "/en/page/"+secretToken)
	ask(mux(s, func(http.ResponseWriter, *http.Request) error { return ErrExpired }), "GET", "/en/page/"+secretToken)
	if log.String() != "" {
		t.Errorf("a token route is in the log: %s", log)
	}
	ask(h, "GET", "/api/v1/thing")
	if got := log.String(); !strings.Contains(got, `route="GET /api/v1/thing" status=200`) {
		t.Errorf("log %q", got)
	}
}

func TestQuietRoutes(t *testing.T) {
	for pattern, want := range map[string]bool{
		"GET /{lang}/petitions/{n}": false, "GET /{lang}/petitions": false, "GET /{lang}/{$}": false,
		"POST /{lang}/petitions/{n}/sign": true, "GET /{lang}/petitions/{n}/withdraw": true, "GET /{lang}/petitions/{n}/sent": true,
		"GET /{lang}/confirm/{token}": true, "GET /{lang}/mine/{token}": true, "/u/{token}": true, "GET /{lang}/p/{token}": true,
	} {
		if got := quiet(pattern); got != want {
			t.Errorf("%s: %v", pattern, got)
		}
	}
}

func TestScrub(t *testing.T) {
	for in, want := range map[string]string{
		"to a@b.example: no":                   "to «mail»: no",
		"?email=ä.ы%40mail.example&x":          "?email=«mail»",
		"dial 203.0.113.7:25: refused":         "dial «addr»: refused",
		"from [2001:db8::1]:443.":              "from [«addr»]:443.",
		"at 2001:db8::1:":                      "at «addr»:",
		"bad:203.0.113.7 and peer:203.0.113.8": "bad:«addr» and peer:«addr»",
		"feed:2001:db8:1:2:3:4:5:6":            "feed:«addr»",
		"::ffff:203.0.113.7, x":                "«addr», x",
		"listening on 127.0.0.1:8080":          "listening on 127.0.0.1:8080",
		"listening on [::]:80":                 "listening on [::]:80",
		"took 12:30:45, go1.26.8, v1.2.3":      "took 12:30:45, go1.26.8, v1.2.3",
		"GET /{lang}/petitions/{n}":            "GET /{lang}/petitions/{n}",
		"http.CrossOriginProtectionHandler":    "http.CrossOriginProtectionHandler",
		"/en/confirm/AbCdEfGhIjKlMnOpQrSt1234": "/en/confirm/«token»",
		"petition 1000001 opened":              "petition 1000001 opened",
	} {
		if got := Scrub(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRedactReachesEveryAttribute(t *testing.T) {
	log := new(logBuffer)
	l := NewLogger(log, slog.LevelInfo)
	l = l.With("with", secretMail).WithGroup("g").With("in", secretAddr)
	l.Info("sent to "+secretMail, "err", errors.New(secretToken), "addr", netip.MustParseAddr(secretAddr6),
		slog.Group("deep", "x", secretMail), "struct", struct{ E string }{secretMail}, "n", 41, "list", []string{secretAddr})
	if found := leaks(log.String()); found != "" || !strings.Contains(log.String(), "g.n=41") {
		t.Errorf("%q in %s", found, log)
	}
	errorLog(slog.New(slog.NewTextHandler(log, nil))).Printf("http: TLS handshake error from %s:1: EOF", secretAddr)
	if found := leaks(log.String()); found != "" || !strings.Contains(log.String(), "handshake error") {
		t.Errorf("%q in %s", found, log)
	}
}

func TestMetrics(t *testing.T) {
	s, _ := testServer(t, nil)
	h := mux(s, ok)
	ask(h, "GET", "/en/page/x")
	ask(h, "GET", "/nowhere")
	got := exposition(t, s)
	for _, want := range []string{
		`dauys_http_requests_total{class="2xx",route="GET /{lang}/page/{token}"} 1`,
		`dauys_http_requests_total{class="4xx",route="unmatched"} 1`,
		`dauys_http_in_flight 0`, `go_goroutines`, `dauys_http_request_seconds_count{route="unmatched"} 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if w := ask(h, "GET", "/metrics"); w.Code != 404 {
		t.Errorf("metrics are public: %d", w.Code)
	}
}

// FuzzScrub plants secrets in any text: none of them comes out, whatever stands
// around it, and what is clean already stays as it is.
func FuzzScrub(f *testing.F) {
	f.Add("dial tcp ", ": refused")
	f.Add("x@", "%40y")
	f.Add("::ffff:", ".")
	f.Add("1.2.3.4:", "]:443 «token»")
	f.Add("\xff", "\x00")
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, s := range []string{
			before + secretMail + after, before + strings.Replace(secretMail, "@", "%40", 1) + after, before + secretToken + after,
			before + " " + secretAddr + " " + after, before + "[" + secretAddr6 + "]:443" + after, before + "=" + secretAddr + ":99 " + after,
			before + "<" + secretAddr6 + ">" + after, before + "addr=" + secretAddr6 + ": " + after,
		} {
			once := Scrub(s)
			if found := leaks(once); found != "" && leaks(before) == "" && leaks(after) == "" {
				t.Fatalf("%q is logged as %q", s, once)
			}
			if twice := Scrub(once); twice != once {
				t.Fatalf("%q is logged as %q, and again %q", s, once, twice)
			}
		}
	})
}

// Whoever reads metrics from another machine must not be able to take the
// processor for profiles, nor a page in a browser on this machine whose name was
// made to lead here.
func TestProfilesAreForThisMachine(t *testing.T) {
	s, _ := testServer(t, nil)
	for _, c := range []struct {
		peer, host, path string
		status           int
	}{
		{"127.0.0.1:5", "127.0.0.1:9090", "/debug/pprof/goroutine?debug=1", 200},
		{"127.0.0.1:5", "localhost:9090", "/debug/pprof/cmdline", 200},
		{"[::1]:5", "[::1]:9090", "/debug/pprof/", 200},
		{"10.0.0.7:5", "10.0.0.1:9090", "/debug/pprof/goroutine?debug=1", 404},
		{"10.0.0.7:5", "127.0.0.1:9090", "/debug/pprof/profile?seconds=30", 404},
		{"10.0.0.7:5", "10.0.0.1:9090", "/debug/pprof/", 404},
		{"127.0.0.1:5", "rebound.example:9090", "/debug/pprof/trace", 404},
		{"127.0.0.1:5", "localhost.example", "/debug/pprof/symbol", 404},
		{"10.0.0.7:5", "metrics.example", "/metrics", 200},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.RemoteAddr, r.Host = c.peer, c.host
		w := httptest.NewRecorder()
		s.AdminHandler().ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s at %s from %s: %d, want %d", c.path, c.host, c.peer, w.Code, c.status)
		}
	}
}
