package httpd

import (
	"context"
	"net/http"
	"time"
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

// refuse sends an overloaded server's answer with the least possible work, and
// closes the connection, since idle ones cost memory too.
func (s *Server) refuse(w http.ResponseWriter) {
	s.metrics.refused.Inc()
	h := w.Header()
	s.headers.set(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", s.busyPolicy)
	h.Set("Retry-After", "5")
	h.Set("Connection", "close")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write(s.busy)
}
