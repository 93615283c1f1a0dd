package httpd

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// PollHeader tells a page that polls how many seconds to wait for the next time.
const PollHeader = "Poll-Interval"

// How often a page asks when few do; how seldom at most; and how many answers a
// second this server gives to pages that poll before it asks them to slow down.
const (
	pollUsual   = 10 * time.Second
	pollLongest = 320 * time.Second
	pollsBudget = 2000
	pollWindow  = 5 * time.Second
)

// polls counts the pages that poll and chooses their interval: so many readers
// are there as ask in an interval, and the interval is such that they ask
// pollsBudget times a second. 20,000 readers ask every 10 s, 100,000 every 50 s.
type polls struct {
	now      func() time.Time
	begun    atomic.Int64 // Unix nanoseconds of the window's beginning
	asked    atomic.Int64 // in this window
	interval atomic.Int64 // nanoseconds
	header   atomic.Pointer[[]string]
}

func newPolls(now func() time.Time) *polls {
	p := &polls{now: now}
	p.begun.Store(now().UnixNano())
	p.set(pollUsual)
	return p
}

func (p *polls) set(d time.Duration) {
	p.interval.Store(int64(d))
	p.header.Store(&[]string{strconv.Itoa(int(d / time.Second))})
}

// ask counts one and returns the header to answer with. Who finds the window
// over closes it for all.
func (p *polls) ask() []string {
	n := p.asked.Add(1)
	begun, now := p.begun.Load(), p.now().UnixNano()
	if took := now - begun; took >= int64(pollWindow) && p.begun.CompareAndSwap(begun, now) {
		p.asked.Add(-n)
		rate := float64(n) / (float64(took) / float64(time.Second))
		interval := time.Duration(rate / pollsBudget * float64(p.interval.Load()))
		p.set(min(max(interval.Round(time.Second), pollUsual), pollLongest))
	}
	return *p.header.Load()
}

// Poll counts a page that polls and tells it when to come back.
func (s *Server) Poll(w http.ResponseWriter) { w.Header()[PollHeader] = s.polls.ask() }
