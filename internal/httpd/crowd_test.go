package httpd

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// However many poll the count, it is rendered (and the database asked) once per
// change and never more than four times a second.
func TestAHundredThousandPollersNeverReachTheDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.slow = 20 * time.Millisecond
		for range 100_000 {
			if _, err := w.ask("count", http.MethodHead); err != nil {
				t.Fatal(err)
			}
		}
		w.renderings(t, 1)
		for range 100 { // a change every 10 ms for a second, 100 readers beside each
			w.generation.Add(1)
			for range 100 {
				if _, err := w.ask("count", http.MethodHead); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		if n := w.rendered.Load(); n > 1+5 {
			t.Errorf("rendered %d times in a second", n)
		}
	})
}

// While a hot page is rendered anew its readers get the one before; one that
// was not looked at for a while is not shown old.
func TestNobodyWaitsForAHotPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCacheWorld(1 << 20)
		w.slow = 700 * time.Millisecond
		old := w.body(t, "k")
		time.Sleep(100 * time.Millisecond)
		w.generation.Add(1)
		time.Sleep(200 * time.Millisecond)
		var wg sync.WaitGroup
		wg.Go(func() { w.body(t, "k") })
		synctest.Wait()
		begin := time.Now()
		if got := w.body(t, "k"); got != old || time.Since(begin) != 0 {
			t.Errorf("%q after %s, want the page before at once", got, time.Since(begin))
		}
		wg.Wait()
		if got := w.body(t, "k"); got == old {
			t.Error("the change does not show")
		}
		w.generation.Add(1)
		time.Sleep(3 * time.Second)
		wg.Go(func() { w.body(t, "k") })
		synctest.Wait()
		if got := w.body(t, "k"); !strings.HasPrefix(got, "generation 2,") {
			t.Errorf("three seconds after a change: %q", got)
		}
		wg.Wait()
		if w.rendered.Load() != 3 {
			t.Errorf("rendered %d times", w.rendered.Load())
		}
	})
}

func TestPollersAreSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := testServer(t, nil)
		told := func() string {
			w := httptest.NewRecorder()
			s.Poll(w)
			return w.Header().Get(PollHeader)
		}
		// crowd asks as that many readers do who are told the interval, for a minute.
		crowd := func(perSecond int) (last string) {
			for range 12 {
				for range 5 * perSecond {
					told()
				}
				time.Sleep(pollWindow)
				last = told()
			}
			return last
		}
		if got := told(); got != "10" {
			t.Errorf("few readers: %s s", got)
		}
		for range 50_000 { // 100,000 readers every 10 s, for one window
			told()
		}
		time.Sleep(pollWindow)
		if told(); told() != "50" {
			t.Errorf("100,000 readers: %s s", told())
		}
		if got := crowd(2000); got != "50" {
			t.Errorf("when they come every 50 s: %s s", got)
		}
		if got := crowd(20); got != "10" {
			t.Errorf("when they have gone: %s s", got)
		}
	})
}

// 10,000 connections that say nothing are bounded, and the site answers.
func TestIdleConnectionsAreBounded(t *testing.T) {
	const limit, many = 200, 1000
	addr, _ := start(t, t.Context(), ServeConfig{Addr: "127.0.0.1:0", MaxConns: limit,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })})
	dial := func() net.Conn {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	get := func(c net.Conn) bool {
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return false
		}
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return false
		}
		_, err = io.Copy(io.Discard, res.Body)
		return err == nil
	}
	before := runtime.NumGoroutine()
	for range many { // each asks once and stays
		if !get(dial()) {
			t.Fatal("a reader was turned away though others were idle")
		}
	}
	if n := runtime.NumGoroutine() - before; n > 2*limit {
		t.Errorf("%d goroutines for %d idle connections of at most %d", n, many, limit)
	}
}

// Under TLS, too, connections are counted once, keep their deadlines and are let go of.
func TestConnectionsUnderTLSAreCounted(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		books := newConns(10)
		srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
		srv.Listener, srv.EnableHTTP2, srv.Config.ConnState = siteListener{srv.Listener, time.Now, new(sync.Pool)}, http2, books.state
		srv.Config.ReadTimeout, srv.Config.WriteTimeout, srv.Config.IdleTimeout = time.Second, time.Second, 100*time.Millisecond
		srv.StartTLS()
		open := func() int {
			books.mu.Lock()
			defer books.mu.Unlock()
			return books.open
		}
		for range 3 {
			res, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(res.Body)
			if _ = res.Body.Close(); err != nil || string(b) != "ok" || (res.ProtoMajor == 2) != http2 || open() != 1 {
				t.Errorf("HTTP/2 %v: %s %q, %v, %d open", http2, res.Proto, b, err, open())
			}
		}
		for since := time.Now(); open() > 0 && time.Since(since) < 5*time.Second; {
			time.Sleep(10 * time.Millisecond)
		}
		if n := open(); n != 0 {
			t.Errorf("HTTP/2 %v: %d open long after the last request", http2, n)
		}
		srv.Close()
	}
}

// A connection that drips its request is cut; one that sends nothing, too.
func TestDrippingIsCut(t *testing.T) {
	addr, _ := start(t, t.Context(), ServeConfig{Addr: "127.0.0.1:0", Timeouts: Timeouts{Header: 100 * time.Millisecond,
		Read: 200 * time.Millisecond, Write: time.Second, Idle: 100 * time.Millisecond},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })})
	for _, drip := range []string{"", "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"} {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		go func() {
			_, _ = io.WriteString(c, drip)
			for ctx.Err() == nil && drip != "" {
				time.Sleep(20 * time.Millisecond)
				if _, err := io.WriteString(c, "x"); err != nil {
					return
				}
			}
		}()
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, err = io.Copy(io.Discard, c)
		if ne, ok := err.(net.Error); ok && ne.Timeout() { //nolint:errorlint // as it comes from the socket
			t.Errorf("%q: not cut within 5 s", drip)
		}
	}
}
