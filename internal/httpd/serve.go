package httpd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/crypto/acme/autocert"
)

// drainWithin is how long requests may finish after the stop was asked for: of
// the 10 s that are promised, the last is for the pools and the database.
const drainWithin = 9 * time.Second

// Autocert asks an ACME authority for the certificate of one host.
type Autocert struct {
	Host         string // of the public URL; no other name gets a certificate
	CacheDir     string // certificates and account key, 0700
	RedirectAddr string // plain http: challenges, and redirects to https; ":80" as a rule
}

// ServeConfig says where and how to listen.
type ServeConfig struct {
	Addr      string       // host:port of the site; systemd's sockets take its place
	Handler   http.Handler // what Server.Wrap made
	AdminAddr string       // host:port of Admin; "" for none
	Admin     http.Handler // what Server.AdminHandler made
	TLS       *Autocert    // nil: plain http, behind a proxy or on loopback
	Timeouts  Timeouts     // zero: DefaultTimeouts
	MaxConns  int          // open connections of the site; 0 means 12,000
	Logger    *slog.Logger
	Now       func() time.Time // the machine's clock, by which net/http sets deadlines; never an adjusted one
	// Ready is called with the site's first address once every listener listens
	// and before anybody is answered: what it prints is there when the site is.
	Ready func(addr net.Addr)
}

// endpoint is a server and what it listens on.
type endpoint struct {
	server    *http.Server
	addr      string                          // used when systemd gave no socket
	listeners []net.Listener                  // first those of systemd
	wrap      func(net.Listener) net.Listener // nil to serve them as they are
}

// Serve listens until ctx ends, then lets requests finish for drainWithin and
// cuts what is left. It returns nil after such a stop, or why it could not serve.
//
// systemd: sockets named "admin" and "redirect" (FileDescriptorName=) serve
// these, all others the site; READY=1 and STOPPING=1 are notified.
func Serve(ctx context.Context, cfg ServeConfig) error {
	if cfg.Timeouts == (Timeouts{}) {
		cfg.Timeouts = DefaultTimeouts()
	}
	all, err := cfg.listen(ctx)
	if err != nil {
		return err
	}
	if cfg.Ready != nil {
		cfg.Ready(all[0].listeners[0].Addr())
	}
	failed := make(chan error, 1) // the first failure; the others follow from it
	var wg sync.WaitGroup
	for _, e := range all {
		for _, l := range e.listeners {
			wg.Go(func() {
				if err := e.serve(l); err != nil {
					select {
					case failed <- err:
					default:
					}
				}
			})
		}
	}
	notify(cfg.Logger, daemon.SdNotifyReady)
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	notify(cfg.Logger, daemon.SdNotifyStopping)
	drain(context.WithoutCancel(ctx), all, drainWithin)
	wg.Wait()
	return err
}

// endpoints are the servers that the configuration asks for, the site first.
func (cfg *ServeConfig) endpoints(sockets map[string][]net.Listener) []*endpoint {
	site := &endpoint{server: cfg.server(cfg.Handler), addr: cfg.Addr}
	site.server.ConnState = newConns(int(positive(int64(cfg.MaxConns), defaultMaxConns))).state
	spare := new(sync.Pool)
	site.wrap = func(l net.Listener) net.Listener { return siteListener{l, cfg.Now, spare} }
	turns := turnsFrom(new(atomic.Int64))
	site.server.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return turns(withConn(ctx, c), c) }
	for name, ls := range sockets {
		if name != "admin" && name != "redirect" {
			site.listeners = append(site.listeners, ls...)
		}
	}
	all := []*endpoint{site}
	if cfg.Admin != nil && (cfg.AdminAddr != "" || len(sockets["admin"]) > 0) {
		admin := &endpoint{server: cfg.server(cfg.Admin), addr: cfg.AdminAddr, listeners: sockets["admin"]}
		admin.server.WriteTimeout = 0 // a profile takes as long as it is asked to
		all = append(all, admin)
	}
	if cfg.TLS != nil {
		manager := &autocert.Manager{Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(cfg.TLS.CacheDir),
			HostPolicy: autocert.HostWhitelist(cfg.TLS.Host)}
		site.server.TLSConfig = manager.TLSConfig()
		site.server.TLSConfig.MinVersion = tls.VersionTLS12
		all = append(all, &endpoint{server: cfg.server(manager.HTTPHandler(redirectTo(cfg.TLS.Host))),
			addr: cfg.TLS.RedirectAddr, listeners: sockets["redirect"]})
	}
	return all
}

// listen opens everything, or nothing.
func (cfg *ServeConfig) listen(ctx context.Context) ([]*endpoint, error) {
	sockets, err := activation.ListenersWithNames()
	if err != nil {
		return nil, fmt.Errorf("httpd: sockets of systemd: %w", err)
	}
	all := cfg.endpoints(sockets)
	for _, e := range all {
		if len(e.listeners) > 0 {
			continue
		}
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", e.addr)
		if err != nil {
			closeAll(all)
			return nil, fmt.Errorf("httpd: %w", notListening(e.addr, err))
		}
		e.listeners = []net.Listener{l}
	}
	return all, nil
}

// notListening says what an operator can do about it.
func notListening(addr string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("another program listens on %s already, perhaps another dauys; DAUYS_ADDR=127.0.0.1:8081 would choose another port", addr)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not listen on %s: ports below 1024 need the right to (CAP_NET_BIND_SERVICE, see packaging/dauys.service): %w", addr, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("this machine has no address %s: %w", addr, err)
	}
	return err
}

func closeAll(all []*endpoint) {
	for _, e := range all {
		for _, l := range e.listeners {
			_ = l.Close()
		}
	}
}

// serve blocks until the server is shut down, which is no error.
func (e *endpoint) serve(l net.Listener) error {
	if e.wrap != nil {
		l = e.wrap(l)
	}
	var err error
	if e.server.TLSConfig != nil {
		err = e.server.ServeTLS(l, "", "")
	} else {
		err = e.server.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("httpd: %w", err)
}

// drain stops accepting at once everywhere, then waits, then cuts.
func drain(ctx context.Context, all []*endpoint, within time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var wg sync.WaitGroup
	for _, e := range all {
		wg.Go(func() {
			if e.server.Shutdown(ctx) != nil {
				_ = e.server.Close()
			}
		})
	}
	wg.Wait()
}

// redirectTo sends plain http to the same address under https. Other than GET
// and HEAD is refused: what was posted has already crossed the wire in clear.
func redirectTo(host string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			plain(w, http.StatusBadRequest, "use https\n")
			return
		}
		w.Header().Set("Location", "https://"+host+r.URL.RequestURI())
		w.WriteHeader(http.StatusMovedPermanently)
	})
}

// notify tells systemd, if it asked to be told.
func notify(l *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		l.Warn("systemd not notified", "state", state, "cause", err)
	}
}

func (cfg *ServeConfig) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, MaxHeaderBytes: maxHeaderBytes, ErrorLog: errorLog(cfg.Logger),
		ReadHeaderTimeout: cfg.Timeouts.Header, ReadTimeout: cfg.Timeouts.Read,
		WriteTimeout: cfg.Timeouts.Write, IdleTimeout: cfg.Timeouts.Idle,
	}
}
