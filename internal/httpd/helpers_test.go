package httpd

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dauys/dauys/internal/i18n"
)

// logBuffer is a log that tests read while servers write.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// testServer is a Server on a fictional site; change adjusts its options.
func testServer(t testing.TB, change func(*Options)) (*Server, *logBuffer) {
	t.Helper()
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	public, err := url.Parse("https://petitions.example")
	if err != nil {
		t.Fatal(err)
	}
	log := new(logBuffer)
	o := Options{
		Bundle: bundle, Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now: time.Now, Rand: rand.Reader, PublicURL: public, Registry: prometheus.NewRegistry(),
	}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, log
}

// ask sends one request through h.
func ask(h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// mux wraps one page and one API route around h.
func mux(s *Server, h Handler) http.Handler {
	m := http.NewServeMux()
	m.Handle("GET /{lang}/page/{token}", s.Page(h))
	m.Handle("GET /api/v1/thing", s.API(h))
	m.Handle("POST /en/form", s.Page(h))
	m.Handle("POST /u/{token}", s.Page(h))
	return s.Wrap(m)
}

// quietLogger is the log of a site that logs what went wrong and no more.
func quietLogger() *slog.Logger { return slog.New(slog.DiscardHandler) }
