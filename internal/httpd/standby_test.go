package httpd

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/iotest"
	"time"
)

// Pages are rendered from the replica while there is one; what fails there
// comes from the primary, once.
func TestPagesComeFromTheReplica(t *testing.T) {
	type far struct{}
	now, there := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), false
	var asked []string
	var fault error
	c := NewCache(1<<20, func() int64 { return 1 }, func() time.Time { return now })
	c.ReadFrom(func(ctx context.Context) (context.Context, bool) {
		return context.WithValue(ctx, far{}, true), there
	})
	get := func() string {
		t.Helper()
		now, asked = now.Add(time.Hour), nil
		w := httptest.NewRecorder()
		err := c.Serve(w, httptest.NewRequest("GET", "/", nil), "page", CachePublic, func(ctx context.Context) (Rendered, error) {
			from := "primary"
			if ctx.Value(far{}) != nil {
				from = "replica"
			}
			asked = append(asked, from)
			if from == "replica" && fault != nil {
				return Rendered{}, fault
			}
			return Rendered{ContentType: "text/plain", Body: []byte(from)}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return w.Body.String()
	}
	if got := get(); got != "primary" || len(asked) != 1 {
		t.Errorf("without a replica: %q, asked %v", got, asked)
	}
	there = true
	if got := get(); got != "replica" || len(asked) != 1 {
		t.Errorf("with one: %q, asked %v", got, asked)
	}
	fault = errors.New("canceling statement due to conflict with recovery")
	if got := get(); got != "primary" || len(asked) != 2 {
		t.Errorf("one that fails: %q, asked %v", got, asked)
	}
}

// A body that announces more than is taken is refused before it is sent.
func TestAnAnnouncedLengthIsNotWaitedFor(t *testing.T) {
	body := io.NopCloser(iotest.ErrReader(errors.New("it was read")))
	for length, want := range map[int64]error{10 << 20: ErrTooLarge, 100: ErrBadRequest} {
		r := httptest.NewRequest("POST", "/", body)
		r.ContentLength = length
		w := &response{w: httptest.NewRecorder(), r: r, body: body}
		w.limitBody(r, defaultMaxBody)
		if _, err := ParseForm(r); !errors.Is(err, want) {
			t.Errorf("%d bytes announced: %v, want %v", length, err, want)
		}
	}
}

// What is sent at once is bounded by the memory it takes, and no network has
// more than half of it; a request without a body is let in beside.
func TestBodiesAreBoundedByMemory(t *testing.T) {
	r := sharedRoom{max: 1000, most: 100 << 20, shares: map[netip.Prefix]share{}}
	one, other := netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24")
	in := map[netip.Prefix]int{}
	for range 1000 {
		for _, network := range []netip.Prefix{one, one, one, other} {
			if r.enter(network, 1<<20) {
				in[network]++
			}
		}
	}
	if in[one] < 40 || in[one] > 50 || in[other] < 25 || r.bytes > 100<<20 {
		t.Errorf("%v are in, with %d bytes", in, r.bytes)
	}
	if !r.enter(netip.MustParsePrefix("203.0.113.0/24"), senderMemory) {
		t.Error("somebody with a small form finds no room")
	}
	r.leave(netip.MustParsePrefix("203.0.113.0/24"), senderMemory)
	for network, n := range in {
		for range n {
			r.leave(network, 1<<20)
		}
	}
	if r.n != 0 || r.bytes != 0 || len(r.shares) != 0 {
		t.Errorf("left: %+v", &r)
	}
	if !r.enter(one, 500<<20) || r.enter(other, 1) {
		t.Error("one that takes more than there is gets in alone")
	}
	if ConnsWithin(0) != 0 || ConnsWithin(160<<20) != 1280 || ConnsWithin(1<<40) != defaultMaxConns {
		t.Error("connections by memory")
	}
}
