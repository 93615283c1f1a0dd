package httpd

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// countedConn counts how often the runtime is told of a deadline.
type countedConn struct {
	net.Conn
	told atomic.Int64
}

func (c *countedConn) SetReadDeadline(t time.Time) error {
	c.told.Add(1)
	return c.Conn.SetReadDeadline(t)
}

func (c *countedConn) SetWriteDeadline(t time.Time) error {
	c.told.Add(1)
	return c.Conn.SetWriteDeadline(t)
}

// pair is a connection of the site and its other end, in a bubble.
func pair(t *testing.T) (site *siteConn, counted *countedConn, far net.Conn) {
	near, far := net.Pipe()
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	counted = &countedConn{Conn: near}
	return newSiteConn(counted, time.Now, new(sync.Pool)), counted, far
}

// A deadline stops whoever waits at its time: not before, whatever was wanted
// earlier, and not after.
func TestDeadlinesHoldToTheInstant(t *testing.T) {
	const longPast = -30 * 365 * 24 * time.Hour // as net/http has it; the bubble's clock begins in 2000
	for _, c := range []struct {
		name   string
		wanted []time.Duration // one after the other, before waiting; 0 for none
		after  []time.Duration // while waiting
		stops  time.Duration   // 0 for never
	}{
		{"one", []time.Duration{5 * time.Second}, nil, 5 * time.Second},
		{"put off", []time.Duration{2 * time.Second, 45 * time.Second}, nil, 45 * time.Second},
		{"brought nearer", []time.Duration{45 * time.Second, 2 * time.Second}, nil, 2 * time.Second},
		{"taken back", []time.Duration{2 * time.Second, 0}, nil, 0},
		{"past", []time.Duration{-time.Hour}, nil, time.Nanosecond},
		{"past, then taken back", []time.Duration{-time.Hour, 0}, nil, 0},
		{"past, then another", []time.Duration{-time.Hour, 45 * time.Second}, nil, 45 * time.Second},
		{"past, then a near one", []time.Duration{-time.Hour, 45 * time.Second, time.Second}, nil, time.Second},
		{"long past", []time.Duration{longPast}, nil, time.Nanosecond},
		{"long past, then taken back", []time.Duration{longPast, 0}, nil, 0},
		{"long past, then another", []time.Duration{longPast, 45 * time.Second}, nil, 45 * time.Second},
		{"long past, then a near one", []time.Duration{longPast, 45 * time.Second, time.Second}, nil, time.Second},
		{"brought nearer while waiting, after the past", []time.Duration{longPast, 45 * time.Second}, []time.Duration{3 * time.Second}, 3 * time.Second},
		{"put off while waiting", []time.Duration{5 * time.Second}, []time.Duration{15 * time.Second}, 15 * time.Second},
		{"brought nearer while waiting", []time.Duration{-time.Hour, 45 * time.Second}, []time.Duration{3 * time.Second}, 3 * time.Second},
		{"taken back while waiting", []time.Duration{5 * time.Second}, []time.Duration{0}, 0},
		{"ended while waiting", []time.Duration{longPast, 0}, []time.Duration{longPast}, time.Nanosecond},
	} {
		for _, side := range []string{"read", "write"} {
			t.Run(c.name+", "+side, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					conn, _, far := pair(t)
					set, wait := conn.SetReadDeadline, conn.Read
					if side == "write" {
						set, wait = conn.SetWriteDeadline, conn.Write
					}
					begun := time.Now()
					want := func(all []time.Duration) {
						for _, d := range all {
							at := time.Time{}
							if d != 0 {
								at = begun.Add(d)
							}
							if err := set(at); err != nil {
								t.Fatal(err)
							}
						}
					}
					want(c.wanted)
					done := make(chan error)
					go func() {
						_, err := wait(make([]byte, 1))
						done <- err
					}()
					synctest.Wait()
					want(c.after)
					if c.stops == 0 {
						time.Sleep(time.Hour)
						_ = far.Close()
						if err := <-done; errors.Is(err, os.ErrDeadlineExceeded) {
							t.Error("stopped by a deadline that was taken back")
						}
						return
					}
					err := <-done
					if took := time.Since(begun); !errors.Is(err, os.ErrDeadlineExceeded) || took > c.stops || took < c.stops-time.Nanosecond {
						t.Errorf("%v after %s, want the deadline after %s", err, took, c.stops)
					}
				})
			})
		}
	}
}

// What a slow client takes over an early timer arrives once and whole.
func TestWritingGoesOnBehindAnEarlyTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, _, far := pair(t)
		_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
		_ = conn.SetWriteDeadline(time.Now().Add(time.Minute))
		var wg sync.WaitGroup
		wg.Go(func() {
			if n, err := io.WriteString(conn, "slowly"); n != 6 || err != nil {
				t.Errorf("wrote %d: %v", n, err)
			}
			_ = conn.Close()
		})
		got := ""
		for b := make([]byte, 1); ; time.Sleep(700 * time.Millisecond) {
			n, err := far.Read(b)
			if got += string(b[:n]); err != nil {
				break
			}
		}
		if wg.Wait(); got != "slowly" {
			t.Errorf("arrived: %q", got)
		}
	})
}

// The deadlines of a request on a connection that is kept: what net/http sets,
// in its order. Two of nine reach the runtime.
func TestFewDeadlinesReachTheRuntime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, counted, far := pair(t)
		limits := DefaultTimeouts()
		request := func() {
			in := func(d time.Duration) time.Time { return time.Now().Add(d) }
			_ = conn.SetReadDeadline(in(limits.Idle))
			go func() { _, _ = far.Write([]byte("x")) }()
			if _, err := conn.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(in(limits.Header))
			_ = conn.SetReadDeadline(in(limits.Read))
			_ = conn.SetWriteDeadline(in(limits.Write))
			_ = conn.SetReadDeadline(time.Time{})
			stopped := make(chan error)
			go func() { // net/http listens for a client that leaves
				_, err := conn.Read(make([]byte, 1))
				stopped <- err
			}()
			synctest.Wait()
			_ = conn.SetReadDeadline(time.Unix(1, 0))
			if err := <-stopped; !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Time{})
			_ = conn.SetWriteDeadline(time.Time{})
		}
		request()
		counted.told.Store(0)
		for range 10 {
			request()
		}
		if n := counted.told.Load(); n > 2*10 {
			t.Errorf("the runtime was told %d times in 10 requests", n)
		}
	})
}
