package httpd

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// defaultMaxConns is how many connections may be open. One that waits for its
// next request takes about 32 kB.
const defaultMaxConns = 12_000

// conns bounds the open connections. When there are too many, the one that has
// been idle longest is closed for a new one: its browser opens another when it
// needs one. When none is idle the new one is closed.
type conns struct {
	max int

	mu   sync.Mutex // guards what follows, and the links of every siteConn
	open int
	idle siteConn // the ring's mark: behind it who is idle longest, before it the latest
}

func newConns(max int) *conns {
	c := &conns{max: max}
	c.idle.prev, c.idle.next = &c.idle, &c.idle
	return c
}

// state is http.Server.ConnState.
func (c *conns) state(conn net.Conn, to http.ConnState) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	ours, ok := conn.(*siteConn)
	if !ok {
		return
	}
	if victim := c.note(ours, to); victim != nil {
		_ = victim.Close() // it may have gone by itself
	}
}

// note keeps the books and returns the connection to close, if any.
func (c *conns) note(conn *siteConn, to http.ConnState) (victim *siteConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn.unlink()
	switch to {
	case http.StateNew:
		if c.open++; c.open <= c.max {
			return nil
		}
		if victim = c.idle.next; victim == &c.idle {
			victim = conn
		}
		victim.unlink()
		c.forget(victim)
	case http.StateIdle:
		if !conn.gone {
			conn.prev, conn.next = c.idle.prev, &c.idle
			conn.prev.next, c.idle.prev = conn, conn
		}
	case http.StateClosed, http.StateHijacked:
		c.forget(conn)
	case http.StateActive:
	}
	return victim
}

// forget counts a connection no more; one that was closed for another is
// reported closed later.
func (c *conns) forget(conn *siteConn) {
	if !conn.gone {
		conn.gone = true
		c.open--
	}
}

// unlink takes a connection out of the idle ones, if it is there.
func (c *siteConn) unlink() {
	if c.next != nil {
		c.prev.next, c.next.prev = c.next, c.prev
		c.prev, c.next = nil, nil
	}
}
