package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The bounds of one conversation. preDot must be well below the time for which
// the dispatcher holds a letter: what is not handed over by then never is.
const (
	preDot    = 2 * time.Minute // from dialling to the final dot
	postDot   = 5 * time.Minute // from the final dot to the reply (rfc5321#4.5.3.2.6 asks for 10)
	idleLife  = 20 * time.Second
	perConn   = 100 // letters
	smtpConns = 4   // when the address does not say how many
	maxConns  = 64
)

// SMTP hands letters to a mail server. A connection carries several letters,
// one after the other.
type SMTP struct {
	addr, host string
	implicit   bool // TLS from the first byte
	startTLS   bool // needed
	user, pass string
	config     *tls.Config
	dial       func(ctx context.Context, network, addr string) (net.Conn, error)
	pre, post  time.Duration
	idle       chan *conn // open and between two letters
	conns      int        // used at a time
}

// NewSMTP reads the address of the server; nothing is dialled yet.
func NewSMTP(u *url.URL) (*SMTP, error) {
	host, port := u.Hostname(), u.Port()
	if host == "" || strings.ContainsAny(host, "[]") || u.Path != "" && u.Path != "/" {
		return nil, errors.New("mail: want smtp://user:pass@host:port")
	}
	t := &SMTP{host: host, implicit: u.Scheme == "smtps", pre: preDot, post: postDot, conns: smtpConns,
		config: &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}, dial: new(net.Dialer).DialContext}
	switch mode := u.Query().Get("tls"); mode {
	case "", "auto":
		t.startTLS = !t.implicit && !loopback(host)
	case "on":
		t.startTLS = !t.implicit
	case "off":
		t.implicit = false
	default:
		return nil, errors.New("mail: tls is on, off or auto")
	}
	if n := u.Query().Get("connections"); n != "" {
		var err error
		if t.conns, err = strconv.Atoi(n); err != nil || t.conns < 1 || t.conns > maxConns {
			return nil, fmt.Errorf("mail: connections is a number from 1 to %d", maxConns)
		}
	}
	t.idle = make(chan *conn, t.conns)
	if port == "" {
		port = map[bool]string{false: "587", true: "465"}[t.implicit]
	}
	t.addr = net.JoinHostPort(host, port)
	t.user = u.User.Username()
	t.pass, _ = u.User.Password()
	return t, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// conn is one connection to the server. One goroutine owns it at a time.
type conn struct {
	*smtp.Client
	raw   net.Conn
	used  int
	close *time.Timer // ends it while it is idle
}

// Send hands m over.
//
// Order of effects:
//  1. connect, MAIL, RCPT, DATA, the whole text; all of it reaches the network;
//  2. handOver: durable that the server is about to be asked;
//  3. the final dot;
//  4. the reply.
//
// Whatever fails before 3 is ErrTemporary or ErrPermanent; a lost connection
// after it is ErrUncertain. A connection that died while it was idle is
// replaced once.
func (t *SMTP) Send(ctx context.Context, m Message, handOver func() error) error {
	for {
		c, err := t.take(ctx, domainOf(m.From))
		if err != nil {
			return err
		}
		reused := c.used > 0
		stale, err := t.carry(ctx, c, m, handOver)
		if !stale || !reused {
			return err
		}
	}
}

// carry sends m through c and gives c back. stale means that the connection
// was gone before it was asked anything.
func (t *SMTP) carry(ctx context.Context, c *conn, m Message, handOver func() error) (stale bool, err error) {
	stop := bounded(ctx, t.pre, c.raw)
	c.used++
	if err := c.Mail(cmp.Or(m.Return, m.From)); err != nil {
		stop()
		t.giveBack(c, err)
		return (code(err) == 0 || code(err) == 421) && ctx.Err() == nil, refused(stepMail, err)
	}
	w, err := c.text(m)
	stop()
	if err != nil {
		t.giveBack(c, err)
		return false, err
	}
	if err := handOver(); err != nil {
		c.raw.Close() // without the dot the server drops what it has
		return false, fmt.Errorf("%w: %w", ErrTemporary, err)
	}
	stop = bounded(context.WithoutCancel(ctx), t.post, c.raw)
	err = c.dot(w)
	stop()
	t.giveBack(c, err)
	switch {
	case err == nil:
		return false, nil
	case code(err) == 0:
		return false, fmt.Errorf("%w: no reply after the end of the letter", ErrUncertain)
	}
	return false, refused("the letter", err)
}

// text sends everything but the final dot, and waits until the network has it.
func (c *conn) text(m Message) (io.WriteCloser, error) {
	if err := c.Rcpt(m.To); err != nil {
		return nil, refused(stepRcpt, err)
	}
	id, err := c.Text.Cmd("DATA")
	if err != nil {
		return nil, refused("DATA", err)
	}
	c.Text.StartResponse(id)
	_, _, err = c.Text.ReadResponse(354)
	c.Text.EndResponse(id)
	if err != nil {
		return nil, refused("DATA", err)
	}
	w := c.Text.DotWriter()
	if _, err = w.Write(m.Raw); err == nil {
		err = c.Text.W.Flush()
	}
	if err != nil {
		return nil, refused("the text", err)
	}
	return w, nil
}

// dot ends the letter and reads the reply.
func (c *conn) dot(w io.Closer) error {
	if err := w.Close(); err != nil {
		return err
	}
	_, _, err := c.Text.ReadResponse(2)
	return err
}

// take returns an idle connection, or makes one.
func (t *SMTP) take(ctx context.Context, hello string) (*conn, error) {
	for {
		select {
		case c := <-t.idle:
			if c.close.Stop() {
				return c, nil
			}
		default:
			return t.connect(ctx, hello)
		}
	}
}

// giveBack keeps a connection for the next letter, unless it is broken, in
// doubt or old.
func (t *SMTP) giveBack(c *conn, err error) {
	if n := code(err); err != nil && (n == 0 || n == 421 || !c.cleared()) || c.used >= perConn {
		c.raw.Close()
		return
	}
	c.close = time.AfterFunc(idleLife, func() { c.raw.Close() })
	select {
	case t.idle <- c:
	default:
		c.close.Stop()
		c.raw.Close()
	}
}

// cleared makes the server forget a letter it refused.
func (c *conn) cleared() bool {
	defer bounded(context.Background(), time.Minute, c.raw)()
	return c.Reset() == nil
}

// connect dials, greets, secures and proves who we are. What fails here lies
// with the server or the configuration, never with the letter: ErrTemporary.
func (t *SMTP) connect(ctx context.Context, hello string) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, t.pre)
	defer cancel()
	raw, err := t.dial(ctx, "tcp", t.addr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTemporary, errNoServer)
	}
	if t.implicit {
		raw = tls.Client(raw, t.config)
	}
	stop := bounded(ctx, t.pre, raw)
	defer stop()
	c, step, err := t.greet(raw, hello)
	if err != nil {
		raw.Close()
		return nil, fmt.Errorf("%w: %w at %s (reply %d)", ErrTemporary, errNoServer, step, code(err))
	}
	return c, nil
}

// errNoServer says that the server could not be talked to at all.
var errNoServer = errors.New("no conversation with the mail server")

func (t *SMTP) greet(raw net.Conn, hello string) (c *conn, step string, err error) {
	client, err := smtp.NewClient(raw, t.host)
	if err != nil {
		return nil, "greeting", err
	}
	if err := client.Hello(hello); err != nil {
		return nil, "EHLO", err
	}
	if t.startTLS {
		if err := client.StartTLS(t.config); err != nil {
			return nil, "STARTTLS", err
		}
	}
	if t.user != "" {
		_, mechanisms := client.Extension("AUTH")
		if err := client.Auth(authFor(mechanisms, t.user, t.pass)); err != nil {
			return nil, "AUTH", err
		}
	}
	return &conn{Client: client, raw: raw}, "", nil
}

// bounded closes the connection when ctx ends or the time is over; the
// function it returns lifts that.
func bounded(ctx context.Context, d time.Duration, raw net.Conn) (lift func()) {
	timer := time.AfterFunc(d, func() { raw.Close() })
	off := context.AfterFunc(ctx, func() { raw.Close() })
	return func() {
		timer.Stop()
		off()
	}
}

// code is the reply code of an error, 0 when the server did not reply.
func code(err error) int {
	if te, ok := errors.AsType[*textproto.Error](err); ok {
		return te.Code
	}
	return 0
}

// replied is a clear reply of the server without its words, which may quote an address.
type replied struct {
	step   string
	kind   error
	te     *textproto.Error
	status string // the enhanced code, rfc3463; "" for none
}

func (r replied) Error() string { return fmt.Sprintf("%v: reply %d to %s", r.kind, r.te.Code, r.step) }

func (r replied) Unwrap() []error { return []error{r.kind, r.te} }

// refused sorts a failure before the dot, or a clear reply after it.
func refused(step string, err error) error {
	switch n := code(err); {
	case n == 0:
		return fmt.Errorf("%w: connection lost at %s", ErrTemporary, step)
	case n >= 500:
		return replied{step, ErrPermanent, &textproto.Error{Code: n}, enhanced(err)}
	case step == stepMail:
		return fmt.Errorf("%w: %w: reply %d to %s", ErrTemporary, errNoServer, n, step) // it says so of any letter
	default:
		return replied{step, ErrTemporary, &textproto.Error{Code: n}, enhanced(err)}
	}
}

// The steps of a conversation that are told apart: before the recipient is
// named, and when it is.
const (
	stepMail = "MAIL"
	stepRcpt = "RCPT"
)

// status is an enhanced code at the beginning of a reply (rfc2034#4).
var status = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

func enhanced(err error) string {
	var te *textproto.Error
	errors.As(err, &te)
	return status.FindString(te.Msg)
}

// noAddress reports whether an error says that the receiver does not take
// letters to this address, ever; hard, that there is no such address. The codes
// are those of rfc5321#4.2.3 and rfc3463#3.
func noAddress(err error) (refused, hard bool) {
	var r replied
	if !errors.As(err, &r) || r.step != stepRcpt || r.te.Code < 500 {
		return false, false
	}
	return true, goneCode(r.status) || r.status == "" && r.te.Code != 554
}

// Has cannot tell.
func (t *SMTP) Has(string) (taken, known bool) { return false, false }

// Senders is how many connections are used at a time.
func (t *SMTP) Senders() int { return t.conns }

// Close says goodbye on the connections that are idle.
func (t *SMTP) Close() error {
	for {
		select {
		case c := <-t.idle:
			if c.close.Stop() {
				stop := bounded(context.Background(), 5*time.Second, c.raw)
				_ = c.Quit() // the server may be gone
				stop()
				c.raw.Close()
			}
		default:
			return nil
		}
	}
}

// auth is PLAIN (rfc4616) or LOGIN. Whether the connection is safe enough to
// say a password was decided by the address: NewSMTP.
type auth struct {
	mechanism  string
	user, pass string
	asked      int
}

func authFor(offered, user, pass string) smtp.Auth {
	a := &auth{mechanism: "PLAIN", user: user, pass: pass}
	words := strings.Fields(strings.ToUpper(offered))
	if slices.Contains(words, "PLAIN") {
		return a
	}
	for _, w := range words {
		if w == "LOGIN" {
			a.mechanism = w
		}
	}
	return a
}

// Start begins the exchange; called by net/smtp.
func (a *auth) Start(*smtp.ServerInfo) (string, []byte, error) {
	if a.mechanism == "LOGIN" {
		return a.mechanism, nil, nil
	}
	return a.mechanism, []byte("\x00" + a.user + "\x00" + a.pass), nil
}

// Next answers the server's questions; called by net/smtp.
func (a *auth) Next(_ []byte, more bool) ([]byte, error) {
	if !more {
		return nil, nil
	}
	a.asked++
	switch {
	case a.mechanism == "LOGIN" && a.asked == 1:
		return []byte(a.user), nil
	case a.mechanism == "LOGIN" && a.asked == 2:
		return []byte(a.pass), nil
	}
	return nil, errors.New("mail: the server asks for more than it said")
}
