package mail

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/dauys/dauys/internal/letter"
)

// receiver is a mail server on the loopback address.
type receiver struct {
	mu       sync.Mutex
	sessions int
	mails    []string // texts that were taken
	// onRcpt and onData answer the n-th such command, counted from 0.
	onRcpt, onData func(n int, c *smtp.Conn) error
	rcpts, datas   int
}

func (r *receiver) NewSession(c *smtp.Conn) (smtp.Session, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions++
	return &session{r: r, c: c}, nil
}

type session struct {
	r *receiver
	c *smtp.Conn
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	n := s.r.rcpts
	s.r.rcpts++
	if s.r.onRcpt != nil {
		return s.r.onRcpt(n, s.c)
	}
	_ = to
	return nil
}

func (s *session) Data(body io.Reader) error {
	b, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	n := s.r.datas
	s.r.datas++
	if s.r.onData != nil {
		if err := s.r.onData(n, s.c); err != nil {
			return err
		}
	}
	s.r.mails = append(s.r.mails, string(b))
	return nil
}

func (r *receiver) taken() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.mails)
}

// serve starts the receiver and returns its address.
func (r *receiver) serve(t *testing.T) string {
	t.Helper()
	srv := smtp.NewServer(r)
	srv.Domain, srv.ErrorLog = "mx.example", log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return l.Addr().String()
}

// script is a mail server of a few lines: it shows what crosses the wire.
type script struct {
	config   *tls.Config // offers STARTTLS, unless implicit
	implicit bool
	seen     chan string // lines of the client that are no command
	dots     chan bool
	secure   bool // the password came under TLS
}

// serve takes one connection.
func (s *script) serve(t *testing.T) string {
	t.Helper()
	s.seen, s.dots = make(chan string, 1000), make(chan bool, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		if s.implicit {
			c = tls.Server(c, s.config)
		}
		defer func() { c.Close() }()
		fmt.Fprint(c, "220 mx.example\r\n")
		for again := true; again; {
			if again = s.talk(c, s.implicit); again {
				c, s.implicit = tls.Server(c, s.config), true
			}
		}
	}()
	return l.Addr().String()
}

// talk answers until the connection ends, or STARTTLS is asked for.
func (s *script) talk(c net.Conn, secure bool) (startTLS bool) {
	in := bufio.NewScanner(c)
	for in.Scan() {
		switch word, _, _ := strings.Cut(in.Text(), " "); word {
		case "EHLO":
			if s.config != nil && !secure {
				fmt.Fprint(c, "250-STARTTLS\r\n")
			}
			fmt.Fprint(c, "250 AUTH PLAIN LOGIN\r\n")
		case "STARTTLS":
			if s.config == nil {
				fmt.Fprint(c, "502 never\r\n")
				continue
			}
			fmt.Fprint(c, "220 begin\r\n")
			return true
		case "AUTH":
			s.secure = secure
			if in.Text() != "AUTH PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00u\x00right")) {
				fmt.Fprint(c, "535 not ", in.Text(), "\r\n")
				continue
			}
			fmt.Fprint(c, "235 welcome\r\n")
		case "MAIL", "RCPT", "RSET":
			fmt.Fprint(c, "250 yes\r\n")
		case "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return false
		case "*":
			fmt.Fprint(c, "501 as you like\r\n")
		case "DATA":
			fmt.Fprint(c, "354 go on\r\n")
		case ".":
			s.dots <- true
			fmt.Fprint(c, "250 taken\r\n")
		default:
			s.seen <- in.Text()
		}
	}
	return false
}

func smtpTo(t *testing.T, address string) *SMTP {
	t.Helper()
	tr, err := ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := tr.(*SMTP)
	if !ok {
		t.Fatalf("%T", tr)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func refuse(code int) error {
	return &smtp.SMTPError{Code: code, Message: "about a@mail.example"}
}

func TestSMTPDeliversOnceOverOneConnection(t *testing.T) {
	w, r := newWorld(t), &receiver{}
	d := w.dispatcher(smtpTo(t, "smtp://"+r.serve(t)))
	for i := range 5 {
		w.enqueue(fmt.Sprintf("u%d", i), fmt.Sprintf("r%d@mail.example", i))
	}
	w.flush(d, 6)
	w.flush(d, 0)
	w.size(0, 0)
	if r.sessions != 1 || r.taken() != 6 {
		t.Errorf("%d letters in %d sessions", r.taken(), r.sessions)
	}
	for _, m := range r.mails {
		if p := parse(t, []byte(m)); len(links.FindAllString(p.text, -1)) != 1 {
			t.Errorf("letter:\n%s", p.text)
		}
	}
}

func TestSMTPFailures(t *testing.T) {
	once := func(err error) func(int, *smtp.Conn) error {
		return func(n int, _ *smtp.Conn) error {
			if n == 0 {
				return err
			}
			return nil
		}
	}
	cut := func(n int, c *smtp.Conn) error {
		if n == 0 {
			c.Conn().Close()
		}
		return nil
	}
	for name, c := range map[string]struct {
		onRcpt, onData     func(int, *smtp.Conn) error
		waiting, uncertain int64 // after the first try
		sent               int   // after a minute more
		delivered          int   // by what the receiver kept
	}{
		"4xx to the recipient, then taken":    {onRcpt: once(refuse(451)), waiting: 1, sent: 1, delivered: 1},
		"4xx to the letter, then taken":       {onData: once(refuse(450)), waiting: 1, sent: 1, delivered: 1},
		"421 to the letter, then taken":       {onData: once(refuse(421)), waiting: 1, sent: 1, delivered: 1},
		"5xx to the recipient: given up":      {onRcpt: once(refuse(550))},
		"5xx to the letter: given up":         {onData: once(refuse(554))},
		"cut before the text: tried again":    {onRcpt: cut, waiting: 1, sent: 1, delivered: 1},
		"cut after the dot: never sent again": {onData: cut, uncertain: 1, delivered: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w, r := newWorld(t), &receiver{onRcpt: c.onRcpt, onData: c.onData}
			d := w.dispatcher(smtpTo(t, "smtp://"+r.serve(t)))
			w.flush(d, 0)
			w.size(c.waiting, c.uncertain)
			w.clock.add(time.Minute)
			w.flush(d, c.sent)
			w.clock.add(100 * time.Hour)
			if err := d.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.flush(d, 0)
			w.size(0, c.uncertain)
			if r.taken() != c.delivered {
				t.Errorf("taken %d times, want %d", r.taken(), c.delivered)
			}
			if strings.Contains(w.log.String(), "@") {
				t.Errorf("the log holds an address:\n%s", w.log)
			}
		})
	}
}

// After a refusal the connection serves on; after a while of idleness that the
// server did not like, a new one is made without losing a try.
func TestSMTPConnectionsAreReusedAndReplaced(t *testing.T) {
	w, r := newWorld(t), &receiver{}
	var last *smtp.Conn
	r.onRcpt = func(n int, c *smtp.Conn) error {
		last = c
		if n == 0 {
			return refuse(550)
		}
		return nil
	}
	d := w.dispatcher(smtpTo(t, "smtp://"+r.serve(t)))
	w.enqueue("aa", "a@mail.example")
	w.flush(d, 1)
	if r.sessions != 1 || r.taken() != 1 {
		t.Errorf("%d sessions, %d letters", r.sessions, r.taken())
	}
	last.Conn().Close()
	w.enqueue("bb", "b@mail.example")
	w.flush(d, 1)
	if r.taken() != 2 {
		t.Errorf("%d letters", r.taken())
	}
	w.size(0, 0)
}

func TestSMTPHandOverFails(t *testing.T) {
	w, r := newWorld(t), &receiver{}
	d := w.dispatcher(smtpTo(t, "smtp://"+r.serve(t)))
	failing := true
	d.outbox = faulty{d.outbox, func(call string) (bool, bool) { return failing && call == "handover", false }}
	w.flush(d, 0)
	if r.taken() != 0 {
		t.Error("sent without being handed over")
	}
	w.size(1, 0)
	failing = false
	w.clock.add(time.Minute)
	w.flush(d, 1)
	if r.taken() != 1 {
		t.Errorf("taken %d times", r.taken())
	}
}

// The receiver has the whole text, and not the dot, when the letter is handed over.
func TestSMTPHandOverStandsBeforeTheDot(t *testing.T) {
	m, err := composer(t, sender()).Preview(letter.Sign, "en")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{}
	err = smtpTo(t, "smtp://"+s.serve(t)).Send(t.Context(), m, func() error {
		for line := range s.seen {
			if strings.Contains(line, "</html>") {
				break
			}
		}
		if len(s.dots) != 0 {
			return errors.New("the dot was sent")
		}
		return nil
	})
	if err != nil || len(s.dots) != 1 {
		t.Errorf("%v, dots seen: %d", err, len(s.dots))
	}
}

func TestSMTPSilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := smtpTo(t, "smtp://"+l.Addr().String())
	s.pre = 50 * time.Millisecond
	err = s.Send(t.Context(), Message{UID: "a", From: "a@x.example", To: "b@mail.example"}, func() error { t.Error("handed over"); return nil })
	if !errors.Is(err, ErrTemporary) || !errors.Is(err, errNoServer) {
		t.Errorf("silent: %v", err)
	}
	l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{t.Context(), ctx} {
		if err := s.Send(ctx, Message{UID: "a", From: "a@x.example", To: "b@mail.example"}, nil); !errors.Is(err, errNoServer) {
			t.Errorf("nobody listens: %v", err)
		}
	}
}

// A server that cannot be reached costs the batch one connection, not one each.
func TestSMTPUnreachableServerIsAskedOnceABatch(t *testing.T) {
	w := newWorld(t)
	s := smtpTo(t, "smtp://127.0.0.1:1")
	dials := 0
	s.dial = func(context.Context, string, string) (net.Conn, error) { dials++; return nil, io.ErrClosedPipe }
	for i := range 4 {
		w.enqueue(fmt.Sprintf("u%d", i), "a@mail.example")
	}
	w.flush(w.dispatcher(s), 0)
	if dials != 1 {
		t.Errorf("%d dials", dials)
	}
	w.size(5, 0)
}

func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, pool
}

func TestSMTPSecurityAndLogin(t *testing.T) {
	config, pool := certificate(t)
	m, err := composer(t, sender()).Preview(letter.Sign, "en")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url      func(addr string) string
		config   *tls.Config
		implicit bool
		trust    *x509.CertPool
		ok       bool
	}{
		"STARTTLS and login":         {func(a string) string { return "smtp://u:right@" + a + "?tls=on" }, config, false, pool, true},
		"implicit TLS and login":     {func(a string) string { return "smtps://u:right@" + a }, config, true, pool, true},
		"plain on this machine":      {func(a string) string { return "smtp://u:right@" + a }, nil, false, nil, true},
		"not offered where needed":   {func(a string) string { return "smtp://u:right@" + a + "?tls=on" }, nil, false, nil, false},
		"certificate of a stranger":  {func(a string) string { return "smtp://u:right@" + a + "?tls=on" }, config, false, x509.NewCertPool(), false},
		"wrong password":             {func(a string) string { return "smtp://u:wrong@" + a }, nil, false, nil, false},
		"implicit TLS of a stranger": {func(a string) string { return "smtps://u:right@" + a }, config, true, x509.NewCertPool(), false},
	} {
		t.Run(name, func(t *testing.T) {
			r := &script{config: c.config, implicit: c.implicit}
			s := smtpTo(t, c.url(r.serve(t)))
			s.config.RootCAs = c.trust
			err := s.Send(t.Context(), m, func() error { return nil })
			if c.ok != (err == nil) || c.ok != (len(r.dots) == 1) {
				t.Errorf("%v, taken %d", err, len(r.dots))
			}
			if err != nil && (!errors.Is(err, ErrTemporary) || strings.Contains(err.Error(), "wrong") || strings.Contains(err.Error(), "right")) {
				t.Errorf("error %v", err)
			}
			if err == nil && r.secure != (c.config != nil) {
				t.Errorf("the password came under TLS: %t", r.secure)
			}
		})
	}
}

func TestLoginMechanism(t *testing.T) {
	a := authFor("XOAUTH LOGIN", "user", "pass")
	name, initial, err := a.Start(nil)
	if name != "LOGIN" || initial != nil || err != nil {
		t.Errorf("Start = %s %q %v", name, initial, err)
	}
	for _, want := range []string{"user", "pass"} {
		if got, err := a.Next([]byte("?"), true); string(got) != want || err != nil {
			t.Errorf("Next = %q, %v", got, err)
		}
	}
	if _, err := a.Next(nil, true); err == nil {
		t.Error("a third question is answered")
	}
}

func TestParseURL(t *testing.T) {
	for _, c := range []struct {
		in, addr           string
		implicit, startTLS bool
	}{
		{"smtp://mx.example", "mx.example:587", false, true},
		{"smtp://mx.example:25?tls=off", "mx.example:25", false, false},
		{"smtps://u:p@mx.example", "mx.example:465", true, false},
		{"smtp://localhost:1025", "localhost:1025", false, false},
		{"smtp://[::1]:1025", "[::1]:1025", false, false},
		{"smtp://127.0.0.1:1025?tls=on", "127.0.0.1:1025", false, true},
	} {
		s := smtpTo(t, c.in)
		if s.addr != c.addr || s.implicit != c.implicit || s.startTLS != c.startTLS {
			t.Errorf("%s: %s %t %t", c.in, s.addr, s.implicit, s.startTLS)
		}
	}
	for _, in := range []string{"", "file:", "smtp:", "smtp://", "http://mx.example", "smtp://u:se%ret@mx.example", "smtp://u:secret@mx.example:port", "smtp://u:secret@mx.example/path", "smtp://u:secret@mx.example?tls=perhaps"} {
		if tr, err := ParseURL(in); tr != nil || err == nil || strings.Contains(err.Error(), "ret") {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"smtp://u:secret@mx.example:25", "smtps://mx.example?tls=off", "smtp://[::1", "smtp://a:%zz@b", "smtp://a/b", "smtp://u:secret@mx.example?connections=secret", "smtp://u:secret@mx.example:secret/secret?tls=secret"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if !strings.HasPrefix(in, "smtp") {
			return
		}
		tr, err := ParseURL(in)
		if (tr == nil) == (err == nil) {
			t.Fatalf("%q: %v and %v", in, tr, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Fatalf("the error tells the password: %v", err)
		}
		if s, ok := tr.(*SMTP); ok {
			host, port, err := net.SplitHostPort(s.addr)
			if err != nil || host != s.host || host == "" || port == "" || s.conns < 1 || s.conns > maxConns || s.config.ServerName != host {
				t.Fatalf("%q: %+v", in, s)
			}
			if !s.implicit && !s.startTLS && !loopback(host) && !strings.Contains(in, "off") {
				t.Fatalf("%q sends a password in clear", in)
			}
		}
	})
}
