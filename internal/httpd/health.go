package httpd

import (
	"bytes"
	"context"
	"html"
	"net/http"
	"time"

	"github.com/dauys/dauys/internal/i18n"
)

// readyWithin is how long the check behind /readyz may take.
const readyWithin = 2 * time.Second

// health answers /livez and /readyz, and reports whether it did.
func (s *Server) health(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	switch r.URL.Path {
	case "/livez":
		plain(w, http.StatusOK, "ok\n")
	case "/readyz":
		if err := s.checkReady(r.Context()); err != nil {
			w.Header().Set("Retry-After", "5")
			plain(w, http.StatusServiceUnavailable, err.Error()+"\n")
			break
		}
		plain(w, http.StatusOK, "ready\n")
	default:
		return false
	}
	return true
}

func (s *Server) checkReady(ctx context.Context) error {
	if s.ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	return s.ready(ctx)
}

func plain(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// busyPage says in every language that too many people are here at once.
func busyPage(b *i18n.Bundle) []byte {
	var page bytes.Buffer
	page.WriteString("<!doctype html>\n<html><meta charset=\"utf-8\"><title>503</title>")
	for _, l := range i18n.Langs() {
		title, text := Problem{Key: "overloaded"}.Words(b.Printer(l))
		page.WriteString("<section lang=\"" + string(l) + "\"><h1>" + html.EscapeString(title) + "</h1><p>" + html.EscapeString(text) + "</p></section>")
	}
	page.WriteString("</html>\n")
	return page.Bytes()
}

// refuse sends an overloaded server's answer with the least possible work, and
// closes the connection, since idle ones cost memory too.
func (s *Server) refuse(w http.ResponseWriter) {
	s.metrics.refused.Inc()
	h := w.Header()
	s.headers.set(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Retry-After", "5")
	h.Set("Connection", "close")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write(s.busy)
}
