package httpd

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// start serves cfg and returns the site's address and what Serve returned.
func start(t *testing.T, ctx context.Context, cfg ServeConfig) (string, <-chan error) {
	t.Helper()
	ready, done := make(chan net.Addr, 1), make(chan error, 1)
	cfg.Ready, cfg.Now = func(a net.Addr) { ready <- a }, time.Now
	if cfg.Logger == nil {
		cfg.Logger = quietLogger()
	}
	go func() { done <- Serve(ctx, cfg) }()
	select {
	case a := <-ready:
		return a.String(), done
	case err := <-done:
		t.Fatalf("did not start: %v", err)
	}
	return "", nil
}

func TestServeDrains(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	entered := make(chan bool)
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		entered <- true
		time.Sleep(50 * time.Millisecond)
		_, _ = io.WriteString(w, "whole")
	})
	addr, done := start(t, ctx, ServeConfig{Addr: "127.0.0.1:0", Handler: h})
	answer := make(chan string)
	go func() {
		res, err := http.Get("http://" + addr + "/")
		if err != nil {
			answer <- err.Error()
			return
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		answer <- string(b)
	}()
	<-entered
	cancel()
	if got := <-answer; got != "whole" {
		t.Errorf("a request under way got %q", got)
	}
	if err := <-done; err != nil {
		t.Errorf("stop: %v", err)
	}
	if c, err := net.Dial("tcp", addr); err == nil {
		_ = c.Close()
		t.Error("still listening")
	}
}

func TestDrainCutsAfterItsTime(t *testing.T) {
	stuck := make(chan bool)
	defer close(stuck)
	e := &endpoint{server: &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stuck })}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- e.serve(l) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	time.Sleep(20 * time.Millisecond)
	drain(t.Context(), []*endpoint{e}, 50*time.Millisecond)
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if b, err := io.ReadAll(c); err != nil && !strings.Contains(err.Error(), "reset") || len(b) > 0 {
		t.Errorf("the connection lives on: %q %v", b, err)
	}
	if err := <-done; err != nil {
		t.Errorf("serve: %v", err)
	}
}

func TestServeCutsSlowClients(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	limits := Timeouts{Header: 100 * time.Millisecond, Read: 100 * time.Millisecond, Write: time.Second, Idle: time.Second}
	addr, _ := start(t, ctx, ServeConfig{Addr: "127.0.0.1:0", Handler: http.NotFoundHandler(), Timeouts: limits})
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.ReadAll(c); err != nil {
		t.Errorf("the half request was not cut: %v", err)
	}
}

func TestServeAdminOnItsOwnAddress(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	admin := free.Addr().String()
	_ = free.Close()
	s, _ := testServer(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	start(t, ctx, ServeConfig{Addr: "127.0.0.1:0", Handler: mux(s, ok), AdminAddr: admin, Admin: s.AdminHandler()})
	res, err := http.Get("http://" + admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != 200 {
		t.Errorf("metrics: %d", res.StatusCode)
	}
}

func TestServeSaysWhyItCannot(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	if err := Serve(t.Context(), ServeConfig{Addr: taken.Addr().String(), Handler: http.NotFoundHandler(), Logger: quietLogger(), Now: time.Now}); err == nil {
		t.Error("two listeners on one address")
	}
}

func TestAutocertEndpoints(t *testing.T) {
	cfg := ServeConfig{Addr: ":443", Handler: http.NotFoundHandler(), Logger: quietLogger(),
		TLS: &Autocert{Host: "petitions.example", CacheDir: t.TempDir(), RedirectAddr: ":80"}}
	all := cfg.endpoints(nil)
	if len(all) != 2 || all[0].server.TLSConfig == nil || all[1].addr != ":80" || all[1].server.TLSConfig != nil {
		t.Fatalf("endpoints %+v", all)
	}
	w := httptest.NewRecorder()
	all[1].server.Handler.ServeHTTP(w, httptest.NewRequest("GET", "http://evil.example//x?y=1", nil))
	if got := w.Header().Get("Location"); w.Code != 301 || got != "https://petitions.example//x?y=1" {
		t.Errorf("redirect: %d %q", w.Code, got)
	}
	w = httptest.NewRecorder()
	all[1].server.Handler.ServeHTTP(w, httptest.NewRequest("POST", "http://petitions.example/x", nil))
	if w.Code != 400 {
		t.Errorf("POST in clear: %d", w.Code)
	}
}

func TestPanicKeepsTheConnection(t *testing.T) {
	s, _ := testServer(t, nil)
	srv := httptest.NewServer(mux(s, func(_ http.ResponseWriter, r *http.Request) error {
		if r.PathValue("token") == "boom" {
			panic("boom")
		}
		return nil
	}))
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, "GET /en/page/boom HTTP/1.1\r\nHost: x\r\n\r\nGET /en/page/fine HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(b); !strings.HasPrefix(got, "HTTP/1.1 500") || !strings.Contains(got, "HTTP/1.1 200") {
		t.Errorf("on one connection: %s", got)
	}
}

func TestSocketsOfSystemd(t *testing.T) {
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l
	}
	site, admin := listen(), listen()
	cfg := ServeConfig{Addr: "127.0.0.1:1", Handler: http.NotFoundHandler(), Admin: http.NotFoundHandler(), Logger: quietLogger()}
	all := cfg.endpoints(map[string][]net.Listener{"dauys.socket": {site}, "admin": {admin}})
	if len(all) != 2 || all[0].listeners[0] != site || all[1].listeners[0] != admin {
		t.Errorf("endpoints %+v", all)
	}
}
