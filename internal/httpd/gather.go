package httpd

import (
	"bytes"
	"context"
	"net"
	"sync"
)

// gatherFrom is the length of a body from which net/http may write an answer in
// two pieces: the header with as much of the body as its buffer takes, and the
// rest. Shorter ones it keeps until the header can go with them.
const gatherFrom = 2 << 10

// pieces holds the first piece of an answer until the second one comes, so that
// both go to the system at once: handing a piece over costs more than all that
// is done for a page in memory, and whoever reads it wakes once. Only the one
// goroutine that serves the connection writes to it.
type pieces struct {
	coming int         // length of the body that is being written; 0 for one that is not known
	held   *[]byte     // the first piece; nil for none
	both   net.Buffers // room for what send is given, kept with the connection
	room   [2][]byte
	spare  *sync.Pool // of *[]byte, shared by the connections of a listener
	send   func(*net.Buffers) (int64, error)
}

// hold keeps p back when it is the header with a part of the body that is
// announced: what is missing will be written, now or when the handler returns.
func (c *pieces) hold(p []byte) bool {
	body := c.coming
	if c.coming = 0; body == 0 {
		return false
	}
	end := bytes.Index(p, []byte("\r\n\r\n"))
	if end < 0 || len(p)-end-4 >= body {
		return false
	}
	held, ok := c.spare.Get().(*[]byte)
	if !ok {
		held = new([]byte)
	}
	*held = append((*held)[:0], p...)
	c.held = held
	return true
}

// writeBoth writes what is held and p behind it, and returns how much of p was.
func (c *siteConn) writeBoth(p []byte) (int, error) {
	held := c.held
	c.held = nil
	c.room = [2][]byte{*held, p}
	c.both = c.room[:]
	n := -len(*held)
	err := c.untilDue(func() error {
		k, err := c.send(&c.both)
		n += int(k)
		return err
	})
	c.room, c.both = [2][]byte{}, nil
	c.spare.Put(held)
	return max(n, 0), err
}

type connKey struct{}

// withConn lets the answers to a connection's requests find it. One of TLS is
// not found: what goes over the line is not what net/http writes.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if site, ok := c.(*siteConn); ok {
		return context.WithValue(ctx, connKey{}, site)
	}
	return ctx
}

// sendWhole writes the whole body of an answer whose length its header states,
// and to which nothing is added.
func (w *response) sendWhole(body []byte) (int, error) {
	if len(body) > gatherFrom {
		if c, ok := w.r.Context().Value(connKey{}).(*siteConn); ok {
			c.coming = len(body)
			defer func() { c.coming = 0 }()
		}
	}
	return w.w.Write(body)
}
