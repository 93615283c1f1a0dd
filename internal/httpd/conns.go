package httpd

import (
	"container/list"
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

	mu   sync.Mutex // guards what follows
	open map[net.Conn]*list.Element
	idle *list.List // of net.Conn, the longest idle first
}

func newConns(max int) *conns {
	return &conns{max: max, open: make(map[net.Conn]*list.Element), idle: list.New()}
}

// state is http.Server.ConnState.
func (c *conns) state(conn net.Conn, to http.ConnState) {
	if victim := c.note(conn, to); victim != nil {
		_ = victim.Close() // it may have gone by itself
	}
}

// note keeps the books and returns the connection to close, if any.
func (c *conns) note(conn net.Conn, to http.ConnState) (victim net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.open[conn]; e != nil {
		c.idle.Remove(e)
		c.open[conn] = nil
	}
	switch to {
	case http.StateNew:
		c.open[conn] = nil
		if len(c.open) <= c.max {
			return nil
		}
		victim = conn
		if e := c.idle.Front(); e != nil {
			victim = c.idle.Remove(e).(net.Conn) //nolint:forcetypeassert // the list holds nothing else
		}
		delete(c.open, victim)
	case http.StateIdle:
		if _, known := c.open[conn]; known {
			c.open[conn] = c.idle.PushBack(conn)
		}
	case http.StateClosed, http.StateHijacked:
		delete(c.open, conn)
	case http.StateActive:
	}
	return victim
}
