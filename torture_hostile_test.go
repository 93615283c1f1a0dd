package main

// Harm by those who come in: connections that stay idle or send a byte a second,
// forms of ten megabytes, forged links as fast as they go, and one link used
// everywhere at once.

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func hostileScenarios() []scenario {
	return []scenario{
		{name: "hostile", what: "10,000 idle connections, 500 that send a byte a second, and forms of 10 MiB and forged links as fast as 16 others can send them, for 8 s (SQLite)", needs: "files", play: pressHostile},
		{name: "same-link", what: "everybody uses their link eight times at once on each of two servers (PostgreSQL)", needs: "postgres", play: useTwice},
	}
}

// How many of each kind come in.
const (
	idlers     = 10_000
	drippers   = 500
	forgers    = 8
	oversizers = 8
	hostileFor = 8 * time.Second
)

// hostiles are those who mean harm, and what they were told.
type hostiles struct {
	t       *testing.T
	s       *site
	number  int64
	end     time.Time
	idle    atomic.Int64 // connections that were answered and kept
	cut     atomic.Int64 // drippers that the server ended
	refused atomic.Int64 // forged links
	large   atomic.Int64 // forms of ten megabytes
}

// pressHostile lets them all in while people sign. Nobody of those may fail, and
// what is forged, too slow or too large must be told so.
func pressHostile(t *testing.T, binary string, times int) result {
	o := newOrdeal(t, binary, "", 1, nil)
	o.begin(nil, "petition")
	var idle, cut, refused, large int64
	for range min(times, 5) {
		time.Sleep(time.Second)
		h := &hostiles{t: t, s: o.sites[0], number: o.load.number, end: time.Now().Add(hostileFor)}
		counted := time.Now()
		h.come()
		if n := o.load.acks.between(counted, h.end); n == 0 {
			t.Error("nobody was counted beside them")
		}
		o.harm(time.Now(), time.Minute)
		if h.idle.Load() < idlers*9/10 || h.refused.Load() == 0 || h.large.Load() == 0 || h.cut.Load() == 0 {
			t.Errorf("%d idle, %d cut, %d forged refused, %d large refused: there was no press", h.idle.Load(), h.cut.Load(), h.refused.Load(), h.large.Load())
		}
		idle, cut, refused, large = max(idle, h.idle.Load()), cut+h.cut.Load(), refused+h.refused.Load(), large+h.large.Load()
	}
	o.result.note = fmt.Sprintf("%d were answered and stayed idle, %d slow ones cut off, %d forged links and %d large forms refused; slowest answer %s, %d MiB at most",
		idle, cut, refused, large, seconds(o.load.acks.slowest), peakMemory(t, o.sites[0].cmd.Process.Pid)>>10)
	return o.finish()
}

// openFiles is how many this process needs for them; Go raises the limit to the
// most that is allowed by itself.
const openFiles = idlers + 2*drippers + 1000

// lacksFiles says that they are not allowed.
func lacksFiles() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	if limit.Max < openFiles {
		return fmt.Errorf("it needs %d open files, and %d are allowed (ulimit -n)", openFiles, limit.Max)
	}
	return nil
}

// come has everybody in and returns when all have left.
func (h *hostiles) come() {
	var wg sync.WaitGroup
	for i := range idlers / 50 {
		wg.Go(func() { h.stay(50, i) })
	}
	for i := range drippers {
		wg.Go(func() { h.drip(i%2 == 0) })
	}
	for i := range forgers {
		wg.Go(func() {
			h.repeat(&h.refused, http.StatusNotFound, fmt.Sprintf("POST /en/confirm/%s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n", strings.Repeat(string(rune('A'+i)), 96), h.s.addr))
		})
	}
	for range oversizers {
		wg.Go(func() {
			h.repeat(&h.large, http.StatusRequestEntityTooLarge, fmt.Sprintf("POST /en/petitions/%d/sign HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10485760\r\n\r\nemail=", h.number, h.s.addr))
		})
	}
	wg.Wait()
}

// stay opens some connections, asks once on each, and keeps them.
func (h *hostiles) stay(n, from int) {
	time.Sleep(time.Duration(from) * 10 * time.Millisecond) // they come within two seconds
	for range n {
		c, err := net.DialTimeout("tcp", h.s.addr, 2*time.Second)
		if err != nil {
			continue
		}
		defer c.Close()
		_ = c.SetDeadline(h.end)
		_, _ = fmt.Fprintf(c, "GET /livez HTTP/1.1\r\nHost: %s\r\n\r\n", h.s.addr)
		if res, err := http.ReadResponse(bufio.NewReaderSize(c, 512), nil); err == nil {
			res.Body.Close()
			h.idle.Add(1)
		}
	}
	time.Sleep(time.Until(h.end))
}

// drip sends a header or a form, one byte a second, again whenever it is cut off.
func (h *hostiles) drip(header bool) {
	text := fmt.Sprintf("GET /en/ HTTP/1.1\r\nHost: %s\r\nX-Slow: ", h.s.addr)
	if !header {
		text = fmt.Sprintf("POST /en/petitions/%d/sign HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 4000\r\n\r\nemail=", h.number, h.s.addr)
	}
	for time.Now().Before(h.end) {
		c, err := net.DialTimeout("tcp", h.s.addr, 2*time.Second)
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		if _, err = io.WriteString(c, text); err == nil {
			ended := make(chan struct{})
			go func() { _, _ = io.Copy(io.Discard, c); close(ended) }()
			for open := true; open && time.Now().Before(h.end); {
				select {
				case <-ended:
					h.cut.Add(1)
					open = false
				case <-time.After(time.Second):
					_, _ = io.WriteString(c, "x") // ended says when it is of no use
				}
			}
			c.Close()
			<-ended
		}
		c.Close()
	}
}

// repeat sends a request as fast as it is answered, which must be with a status
// or that the server is busy.
func (h *hostiles) repeat(n *atomic.Int64, want int, request string) {
	for time.Now().Before(h.end) {
		c, err := net.DialTimeout("tcp", h.s.addr, 2*time.Second)
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		_ = c.SetDeadline(time.Now().Add(15 * time.Second))
		in := bufio.NewReader(c)
		for time.Now().Before(h.end) {
			if _, err := io.WriteString(c, request); err != nil {
				break
			}
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				break
			}
			_, err = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if res.StatusCode == want {
				n.Add(1)
			} else if res.StatusCode != http.StatusServiceUnavailable && res.StatusCode != http.StatusTooManyRequests {
				h.t.Errorf("status %d, want %d", res.StatusCode, want)
			}
			if err != nil || res.Close {
				break
			}
		}
		c.Close()
	}
}

// useTwice: people's links are used on both servers at the same moment, several
// times on each. Each counts once, and everybody hears that they are counted.
func useTwice(t *testing.T, binary string, times int) result {
	o := newOrdeal(t, binary, newCluster(t).address(), 2, nil)
	var uses atomic.Int64
	o.everywhere = func(path string) {
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range 16 {
			wg.Go(func() {
				<-start
				a, err := o.sites[i%2].post(t.Context(), path, nil)
				if uses.Add(1); err != nil || a.status != http.StatusOK && a.status != http.StatusServiceUnavailable {
					t.Errorf("a link used everywhere at once: status %d, %v", a.status, err)
				}
			})
		}
		close(start)
		wg.Wait()
	}
	o.begin(nil, "petition")
	time.Sleep(time.Duration(min(times, 30)) * time.Second)
	r := o.finish()
	r.faults, r.note = r.people, fmt.Sprintf("%d uses", uses.Load())
	return r
}
