package httpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dauys/dauys/internal/i18n"
)

// Handler answers a request or returns why it cannot. Up to 64 KiB of what it
// writes is held back until it returns, so an error means an error page even
// after a partial write; beyond that the answer streams, and an error cuts the
// connection.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Options is what a Server is made of.
type Options struct {
	Bundle         *i18n.Bundle
	Logger         *slog.Logger     // wrap its handler in Redact; New does it again for its own use
	Now            func() time.Time // the clock
	Rand           io.Reader        // keys of the rate limiter
	Limits         bool             // rates; false only on a loopback address
	Rules          map[string]Rule  // rates by name; nil means DefaultRules
	TrustedProxies []netip.Prefix   // whose X-Forwarded-For and Forwarded are believed
	PublicURL      *url.URL         // base URL as people see it
	Registry       *prometheus.Registry
	Mappings       []Mapping                       // rows of the error table for errors of other packages
	Ready          func(ctx context.Context) error // nil error when the site can take signatures; the text is shown, so no secrets
	MaxInFlight    int                             // readers at once; 0 means 2048
	MaxSending     int                             // senders at once; 0 means 5120
	MaxBody        int64                           // bytes of a request body; 0 means 64 KiB
	Memory         int64                           // to which the heap may grow: it bounds both rooms; 0 for no limit

	// ErrorPage renders a problem as a page of the site, in Lang(r). It writes
	// the body only. When nil or failing, a bare page is shown.
	ErrorPage func(w io.Writer, r *http.Request, p Problem) error
}

// Server is the chain around the routes. Safe for concurrent use.
type Server struct {
	bundle      *i18n.Bundle
	log         *slog.Logger
	now         func() time.Time
	table       Table
	errorPage   func(w io.Writer, r *http.Request, p Problem) error
	problemType string // URI of a problem's type up to its key
	headers     headers
	origin      *http.CrossOriginProtection
	proxies     Proxies
	secure      bool // the public URL is https
	limiter     *Limiter
	comp        *Compressor
	metrics     *metrics
	ready       func(ctx context.Context) error
	maxBody     int64
	reading     room
	sending     sharedRoom
	atDesk      room // staff, when the others are full
	polls       *polls
	warned      atomic.Int64 // Unix second of the last warning about a 503
	busy        []byte       // what an overloaded server says, made once
	busyPolicy  string       // of that page
	responses   sync.Pool
}

// New makes a Server and registers its metrics.
func New(o Options) (*Server, error) {
	switch {
	case o.Bundle == nil, o.Logger == nil, o.Now == nil, o.Rand == nil, o.PublicURL == nil, o.Registry == nil:
		return nil, errors.New("httpd: Bundle, Logger, Now, Rand, PublicURL and Registry are needed")
	}
	origin, err := newOrigin(o.PublicURL)
	if err != nil {
		return nil, err
	}
	s := &Server{
		bundle: o.Bundle, log: slog.New(Redact(o.Logger.Handler())), now: o.Now,
		table: NewTable(o.Mappings...), errorPage: o.ErrorPage,
		problemType: strings.TrimSuffix(o.PublicURL.String(), "/") + "/api#problem-",
		secure:      o.PublicURL.Scheme == "https", headers: newHeaders(o.PublicURL.Scheme == "https"),
		origin: origin, proxies: Proxies(o.TrustedProxies), comp: NewCompressor(), ready: o.Ready,
		maxBody: positive(o.MaxBody, defaultMaxBody), polls: newPolls(o.Now),
	}
	s.reading.max, s.atDesk.max = positive(int64(o.MaxInFlight), defaultMaxInFlight), deskRoom
	s.sending.max, s.sending.shares = int(positive(int64(o.MaxSending), defaultMaxSending)), make(map[netip.Prefix]share)
	if s.sending.most = freeMemory; o.Memory > 0 {
		s.sending.most = o.Memory / 4
		s.reading.max = max(16, min(s.reading.max, o.Memory/4/readerMemory))
	}
	if o.Limits {
		rules := o.Rules
		if rules == nil {
			rules = DefaultRules()
		}
		if s.limiter, err = NewLimiter(rules, o.Now, o.Rand); err != nil {
			return nil, err
		}
	}
	if s.metrics, err = newMetrics(o.Registry, s.inFlight); err != nil {
		return nil, err
	}
	s.busy, s.busyPolicy = busyPage(o.Bundle)
	s.responses.New = func() any { return new(response) }
	return s, nil
}

func positive(n, otherwise int64) int64 {
	if n > 0 {
		return n
	}
	return otherwise
}

// Page makes a route whose errors are pages, in the language of the path or
// else of the browser. Below addresses for programs they are problem documents
// all the same: the route of last resort takes those as well.
func (s *Server) Page(h Handler) http.Handler { return s.route(h, false) }

// API makes a route whose errors are RFC 9457 problem documents, in the
// language the client asks for.
func (s *Server) API(h Handler) http.Handler { return s.route(h, true) }

func (s *Server) route(h Handler, api bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rw, wrapped := w.(*response)
		if !wrapped { // a single route without Wrap around it
			rw = s.acquire(w, r)
			defer s.release(rw)
		}
		rw.api, rw.held = api || forPrograms(r.URL.Path), true
		if err := call(h, rw, r); err != nil {
			s.fail(rw, r, err)
			return
		}
		rw.finish()
	})
}

// Wrap puts the chain around the routes, a ServeMux as a rule. What the mux
// itself refuses (404, 405) becomes a page or a problem document too.
//
// The order matters: health answers even when overloaded; the cap comes before
// anything that allocates; headers are set before anything can fail.
func (s *Server) Wrap(routes http.Handler) http.Handler {
	handle := func(w http.ResponseWriter, r *http.Request) error { //nolint:unparam // it is a Handler
		routes.ServeHTTP(w, r)
		return nil
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.health(w, r) {
			return
		}
		at := s.enter(r)
		defer s.leave(at)
		if at.in == 0 {
			s.refuse(w)
			return
		}
		start := s.now()
		rw := s.acquire(w, r)
		defer s.done(rw, r, start)
		s.headers.set(w.Header())
		err := s.admit(rw, r)
		if err == nil {
			err = call(handle, rw, r)
		}
		if err == nil {
			err = rw.refusedByMux()
		}
		if err != nil {
			rw.api = rw.api || forPrograms(r.URL.Path)
			s.fail(rw, r, err)
		}
	})
}

// admit checks what no route should have to check.
func (s *Server) admit(w *response, r *http.Request) error {
	if !cleanText(r.URL.Path) {
		return fmt.Errorf("%w: path is not text", ErrBadRequest)
	}
	if r.URL.RawQuery != "" {
		if _, err := Query(r); err != nil {
			return err
		}
	}
	if safeMethod(r.Method) {
		return nil
	}
	if err := s.checkOrigin(r); err != nil {
		return err
	}
	w.limitBody(r, s.maxBody)
	return nil
}

// done counts the request and gives its response back. Deferred, so it runs
// for a cut connection too.
func (s *Server) done(w *response, r *http.Request, start time.Time) {
	route := s.metrics.route(r.Pattern)
	took := s.now().Sub(start)
	route.observe(w.status, took)
	if !route.quiet && s.log.Enabled(r.Context(), slog.LevelDebug) {
		s.log.Debug("request", "route", route.name, "status", w.status, "took", took)
	}
	s.release(w)
}

// forPrograms reports whether whoever asks for path is a program rather than a person.
func forPrograms(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/log/") ||
		strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".csv") || strings.HasSuffix(path, ".atom")
}

// panicError is a panic of a handler on its way through the table, to 500.
type panicError struct {
	value any
	stack string
}

// Error is what was thrown.
func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// stackOf is the stack of the panic in err, if there was one.
func stackOf(err error) string {
	if e, ok := errors.AsType[*panicError](err); ok {
		return e.stack
	}
	return ""
}

// call runs h and turns a panic into an error. http.ErrAbortHandler passes:
// it means to cut the connection.
func call(h Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, too
			panic(v)
		}
		err = &panicError{v, string(debug.Stack())}
	}()
	return h(w, r)
}
