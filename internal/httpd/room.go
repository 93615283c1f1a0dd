package httpd

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
)

// How many requests are answered at once. Readers and senders have a room each,
// so that pages can be read while everybody signs; staff have a few places of
// their own for when both are full. Senders wait for the disk, and the pools
// behind them hold 2,048 and commit as many: their room is larger, so that it is
// the pool that refuses, petition by petition.
const (
	defaultMaxInFlight = 2048
	defaultMaxSending  = 5120
	deskRoom           = 64
)

// What a place takes of the memory: a connection that is being answered with
// its buffers, and a body three times, as it arrives, as text and as values.
const (
	connMemory   = 32 << 10 // measured: dauys bench hostile
	senderMemory = 24 << 10
	readerMemory = 512 << 10 // a page that is rendered and packed for this reader
	bodyCopies   = 3
	freeMemory   = 1 << 30 // where there is no limit
)

// ConnsWithin is how many connections may be open in a process whose heap may
// grow to so many bytes; 0 for no limit.
func ConnsWithin(heap int64) int {
	if heap <= 0 {
		return 0
	}
	return int(min(defaultMaxConns, heap/4/connMemory))
}

// room counts who is in it.
type room struct {
	n   atomic.Int64
	max int64
}

func (r *room) enter() bool {
	if r.n.Add(1) <= r.max {
		return true
	}
	r.n.Add(-1)
	return false
}

func (r *room) leave() { r.n.Add(-1) }

// sharedRoom is a room in which each network has as many places as it leaves
// free: one that sends a byte a second on purpose, from as many connections as
// it likes, takes half of the room and keeps nobody else out. So it is with the
// memory of what they send.
type sharedRoom struct {
	mu          sync.Mutex // guards what follows
	n, max      int
	bytes, most int64
	shares      map[netip.Prefix]share // networks of those within, no longer than they are
}

type share struct {
	n     int
	bytes int64
}

// enter lets in somebody who takes so many bytes. One who takes more than there
// is gets in alone.
func (r *sharedRoom) enter(network netip.Prefix, bytes int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.shares[network]
	if s.n >= r.max-r.n || r.bytes > 0 && s.bytes+bytes > r.most-r.bytes {
		return false
	}
	r.n, r.bytes = r.n+1, r.bytes+bytes
	r.shares[network] = share{s.n + 1, s.bytes + bytes}
	return true
}

func (r *sharedRoom) leave(network netip.Prefix, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n, r.bytes = r.n-1, r.bytes-bytes
	s := share{r.shares[network].n - 1, r.shares[network].bytes - bytes}
	if r.shares[network] = s; s.n == 0 {
		delete(r.shares, network)
	}
}

// place is where a request stands until it is answered.
type place struct {
	in      byte // 0 for nowhere, 'r' reading, 's' sending, 'd' at the desk
	network netip.Prefix
	bytes   int64
}

// weight is what a request that sends something takes of the memory. A body
// that is longer than any route takes is refused unread.
func (s *Server) weight(r *http.Request) int64 {
	switch n := r.ContentLength; {
	case n < 0: // it does not say
		return senderMemory + bodyCopies*s.maxBody
	case n > maxDocument:
		return senderMemory
	default:
		return senderMemory + bodyCopies*n
	}
}

// enter finds a place for a request; there is none when in is 0.
func (s *Server) enter(r *http.Request) (p place) {
	if safeMethod(r.Method) {
		if s.reading.enter() {
			p.in = 'r'
			return p
		}
	} else if p.network, p.bytes = networkOf(s.ClientAddr(r)), s.weight(r); s.sending.enter(p.network, p.bytes) {
		p.in = 's'
		return p
	}
	if atDesk(r.URL.Path) && s.SessionToken(r) != "" && s.atDesk.enter() {
		p.in = 'd'
	}
	return p
}

func (s *Server) leave(p place) {
	switch p.in {
	case 'r':
		s.reading.leave()
	case 's':
		s.sending.leave(p.network, p.bytes)
	case 'd':
		s.atDesk.leave()
	}
}

// inFlight is how many requests are being answered.
func (s *Server) inFlight() int64 {
	s.sending.mu.Lock()
	defer s.sending.mu.Unlock()
	return s.reading.n.Load() + s.atDesk.n.Load() + int64(s.sending.n)
}

// atDesk reports whether a path is one of staff, in any language.
func atDesk(path string) bool {
	_, below, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return below == "desk" || strings.HasPrefix(below, "desk/")
}
