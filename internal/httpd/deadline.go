package httpd

import (
	"errors"
	"net"
	"sync"
	"time"
)

// firstLook is how soon a connection that waits is looked at again for the
// first time: sooner than any deadline of net/http, so that those of the next
// request need not be brought to the runtime.
const firstLook = 4 * time.Second

// longAgo is after the time that net/http sets to stop a read, 1 s, and before
// any that has yet to come.
const longAgo = 1 << 20

// siteConn is a connection of the site. net/http sets eight deadlines for a
// request, and each moves a timer of the runtime; here most are only noted. The
// timer may then be early, never late: whoever is stopped by it looks at what
// is noted and goes on if that has not come yet.
type siteConn struct {
	net.Conn
	reading, writing deadline
	pieces           // of an answer; see gather.go

	prev, next *siteConn // among the idle ones; guarded by conns.mu, nil when not idle
	gone       bool      // not counted any more; guarded by conns.mu
}

func newSiteConn(c net.Conn, now func() time.Time, spare *sync.Pool) *siteConn {
	return &siteConn{Conn: c, reading: deadline{now: now, set: c.SetReadDeadline}, writing: deadline{now: now, set: c.SetWriteDeadline},
		pieces: pieces{spare: spare, send: func(both *net.Buffers) (int64, error) { return both.WriteTo(c) }}}
}

// siteListener accepts connections of the site.
type siteListener struct {
	net.Listener
	now   func() time.Time
	spare *sync.Pool // of *[]byte, for pieces
}

// Accept waits for the next one.
func (l siteListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newSiteConn(c, l.now, l.spare), nil
}

// Read is that of net.Conn.
func (c *siteConn) Read(p []byte) (int, error) {
	for {
		if err := c.reading.begin(); err != nil {
			return 0, err
		}
		n, err := c.Conn.Read(p)
		if err == nil || n > 0 || !c.reading.early(err) {
			return n, err
		}
	}
}

// Write is that of net.Conn, but for what is held until the rest comes.
func (c *siteConn) Write(p []byte) (n int, err error) {
	if c.hold(p) {
		return len(p), nil
	}
	if c.held != nil {
		return c.writeBoth(p)
	}
	err = c.untilDue(func() error {
		k, err := c.Conn.Write(p[n:])
		n += k
		return err
	})
	return n, err
}

// untilDue writes, again where the runtime's timer was early.
func (c *siteConn) untilDue(write func() error) error {
	for {
		if err := c.writing.begin(); err != nil {
			return err
		}
		if err := write(); err == nil || !c.writing.early(err) {
			return err
		}
	}
}

// CloseWrite says that no more is sent; net/http does so before it hangs up on
// somebody who still sends.
func (c *siteConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// SetReadDeadline is that of net.Conn.
func (c *siteConn) SetReadDeadline(t time.Time) error { return c.reading.want(t) }

// SetWriteDeadline is that of net.Conn.
func (c *siteConn) SetWriteDeadline(t time.Time) error { return c.writing.want(t) }

// SetDeadline sets both.
func (c *siteConn) SetDeadline(t time.Time) error {
	return errors.Join(c.reading.want(t), c.writing.want(t))
}

// deadline is what is wanted, and what the runtime was told.
type deadline struct {
	now func() time.Time      // the runtime's clock
	set func(time.Time) error // tells the runtime

	mu     sync.Mutex // guards what follows; held while the runtime is told
	wanted time.Time  // zero for none
	armed  time.Time  // never after wanted once somebody waits; zero for none
	passed bool       // armed was long past when it was set: whoever waits is to stop
}

// want notes a deadline, and tells the runtime of one that comes before the
// one it knows: those who wait now must be stopped by it.
func (d *deadline) want(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = t
	if t.IsZero() || d.passed || !d.armed.IsZero() && !t.Before(d.armed) {
		return nil
	}
	d.armed, d.passed = t, t.Unix() <= longAgo
	return d.set(t)
}

// begin is called before waiting.
func (d *deadline) begin() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.passed {
		return nil
	}
	now := d.now()
	if d.over(now) {
		return nil // the runtime, which was told, says so
	}
	d.armed, d.passed = d.wanted, false
	if look := now.Add(firstLook); d.wanted.After(look) {
		d.armed = look
	}
	return d.set(d.armed)
}

// early reports whether err is the runtime's timer, before what is wanted; it
// is then set to that.
func (d *deadline) early(err error) bool {
	if ne, ok := errors.AsType[net.Error](err); !ok || !ne.Timeout() {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if d.over(now) || d.armed.IsZero() || d.armed.After(now) { // the last two: a time-out of the network's own
		return false
	}
	d.armed, d.passed = d.wanted, false
	return d.set(d.armed) == nil
}

func (d *deadline) over(now time.Time) bool { return !d.wanted.IsZero() && !d.wanted.After(now) }
