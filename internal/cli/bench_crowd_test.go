package cli

import (
	"bufio"
	"math"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A server that stops for a while is seen by all who were due meanwhile, though
// they were sent later.
func TestTheOpenLoopCountsFromWhenItWasDue(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64
	s := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) {
		case 20:
			time.Sleep(300 * time.Millisecond) // the one connection is held up, and with it all who are due
		case 90:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})}
	go func() { _ = s.Serve(l) }()
	defer s.Close()
	r, err := rateLoad{addr: l.Addr().String(), conns: 1, perSecond: 200}.run(t.Context(), 500*time.Millisecond, func() []byte {
		return get(l.Addr().String(), "/")
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.Done != 99 || r.Due != 100 || r.Refused != 1 || r.Worst < 300 || r.Stall < 290 || r.P50 < 20 {
		t.Errorf("%+v", r)
	}
}

func TestCapacityDay(t *testing.T) {
	c := costs{Submit: 250, Confirm: 150, Forms: 400, View: 20, Views: 10, Primary: 1000, SQLite: 500, CPUs: 2, Used: 0.5, Bytes: 100, Batch: 100, Signers: 10e6, Spike: 0.05}
	if got := c.carries(10); got != 10_000 {
		t.Errorf("ten machines carry %g/s", got)
	}
	sum := 0.0
	for i := range 24 * 3600 {
		sum += c.arrivals(i)
	}
	if math.Abs(sum-c.Signers) > 1 {
		t.Errorf("%g of %g arrive", sum, c.Signers)
	}
	one, enough := c.walk(1), c.walk(c.walk(1).Lanes)
	if one.Refused <= 0 || one.Waited <= 0 || enough.Refused != 0 || one.Lanes != int(math.Ceil(one.Peak/1000)) || one.GB != 1 {
		t.Errorf("one lane %+v, enough %+v", one, enough)
	}
}

func TestCapacityPrints(t *testing.T) {
	var out, said strings.Builder
	if code := Main(t.Context(), []string{"dauys", "bench", "capacity"}, &out, &said); code != exitDone {
		t.Fatalf("exit %d, %s", code, said.String())
	}
	lines := 0
	for s := bufio.NewScanner(strings.NewReader(out.String())); s.Scan(); lines++ {
	}
	if lines < 12 || !strings.Contains(out.String(), "50 million") {
		t.Errorf("%s", out.String())
	}
	for _, args := range [][]string{{"--primary", "0"}, {"--spike", "2"}, {"--batch", "0"}} {
		if code := Main(t.Context(), append([]string{"dauys", "bench", "capacity"}, args...), &out, &said); code != exitUsage {
			t.Errorf("%v: exit %d", args, code)
		}
	}
}
