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
// it likes, takes half of the room and keeps nobody else out.
type sharedRoom struct {
	mu     sync.Mutex // guards what follows
	n, max int
	shares map[netip.Prefix]int // networks of those within, no longer than they are
}

func (r *sharedRoom) enter(network netip.Prefix) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shares[network] >= r.max-r.n {
		return false
	}
	r.shares[network]++
	r.n++
	return true
}

func (r *sharedRoom) leave(network netip.Prefix) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n--
	if r.shares[network]--; r.shares[network] == 0 {
		delete(r.shares, network)
	}
}

// place is where a request stands until it is answered.
type place struct {
	in      byte // 0 for nowhere, 'r' reading, 's' sending, 'd' at the desk
	network netip.Prefix
}

// enter finds a place for a request; there is none when in is 0.
func (s *Server) enter(r *http.Request) (p place) {
	if safeMethod(r.Method) {
		if s.reading.enter() {
			p.in = 'r'
			return p
		}
	} else if p.network = networkOf(s.ClientAddr(r)); s.sending.enter(p.network) {
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
		s.sending.leave(p.network)
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
