package main

// A site under test: the real program as a process of its own, with a browser
// and a mailbox beside it. The stories and the crash test share it.

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// How long the promises of the contract are waited for. A letter leaves within
// 2 s; a machine that runs other tests beside this one may need longer.
const (
	readyWithin  = 30 * time.Second
	drainWithin  = 10 * time.Second
	showWithin   = 2 * time.Second
	letterWithin = 8 * time.Second
)

// site is one deployment. One goroutine starts and ends its process; requests
// may come from any.
type site struct {
	binary string
	env    []string // of the process
	out    string   // files that collect what the process prints, over restarts
	errs   string
	addr   string // host:port
	mail   string // directory of the letters

	cmd    *exec.Cmd
	exited chan struct{}
	client *http.Client
}

func newClient() *http.Client {
	jar, _ := cookiejar.New(nil) // fails for bad options only
	return &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// freeAddr is a loopback address nobody listens on at this moment. Its port is
// none of those that the system gives to outgoing connections (from 32768 on):
// the tests make thousands, and one took the port of a server that was about to
// start, or to start again.
func freeAddr() (string, error) {
	var err error
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(15000))
		var l net.Listener
		if l, err = net.Listen("tcp", addr); err == nil {
			return addr, l.Close()
		}
	}
	return "", err
}

func (s *site) url() string { return "http://" + s.addr }

// start runs the program until it is ready.
func (s *site) start(args ...string) error {
	stdout, err := os.OpenFile(s.out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer stdout.Close()
	stderr, err := os.OpenFile(s.errs, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer stderr.Close()
	s.cmd = &exec.Cmd{Path: s.binary, Args: append([]string{filepath.Base(s.binary)}, args...), Env: s.env, Stdout: stdout, Stderr: stderr, Dir: filepath.Dir(s.out)}
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.exited = make(chan struct{})
	go func(cmd *exec.Cmd, exited chan struct{}) {
		_ = cmd.Wait() // what became of it is read from ProcessState
		close(exited)
	}(s.cmd, s.exited)
	return s.awaitReady()
}

func (s *site) awaitReady() error {
	last := errors.New("never asked")
	for deadline := time.Now().Add(readyWithin); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case <-s.exited:
			printed, _ := os.ReadFile(s.errs)
			return fmt.Errorf("the program ended before it was ready (%v):\n%s", s.cmd.ProcessState, printed)
		default:
		}
		res, err := http.Get(s.url() + "/readyz")
		if err != nil {
			last = err
			continue
		}
		res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return nil
		}
		last = errors.New(res.Status)
	}
	s.kill()
	return fmt.Errorf("not ready within %v: %w", readyWithin, last)
}

func (s *site) running() bool {
	if s.cmd == nil {
		return false
	}
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

// stop asks the program to end; it must, with exit code 0 and in time.
func (s *site) stop() error {
	if !s.running() {
		return fmt.Errorf("the program was not running any more: %v", s.cmd.ProcessState)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-s.exited:
	case <-time.After(drainWithin + time.Second):
		s.kill()
		return fmt.Errorf("still running %v after SIGTERM", drainWithin)
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		printed, _ := os.ReadFile(s.errs)
		return fmt.Errorf("exit code %d after SIGTERM:\n%s", code, printed)
	}
	return nil
}

// kill ends the program as a power cut would, and returns when it is gone.
func (s *site) kill() {
	if s.running() {
		_ = s.cmd.Process.Kill() // it may have ended in this moment
		<-s.exited
	}
}

// answer is a response, read.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; target is a path or a whole address.
func (s *site) do(ctx context.Context, method, target string, header http.Header, body string) (answer, error) {
	if strings.HasPrefix(target, "/") {
		target = s.url() + target
	}
	req, err := http.NewRequestWithContext(ctx, method, ascii(target), strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, values := range header {
		req.Header[name] = values
		if name == "Host" {
			req.Host = values[0]
		}
	}
	if method == http.MethodPost && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := s.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, string(b)}, err
}

// ascii escapes the letters of an address as a browser does, and nothing else.
func ascii(target string) string {
	var b strings.Builder
	for i := range len(target) {
		if c := target[i]; c < 0x80 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func (s *site) get(ctx context.Context, target string) (answer, error) {
	return s.do(ctx, http.MethodGet, target, nil, "")
}

func (s *site) post(ctx context.Context, target string, form url.Values) (answer, error) {
	return s.do(ctx, http.MethodPost, target, nil, form.Encode())
}

// eml is a letter of the file sink.
type eml struct {
	uid, to, subject, text string
	raw                    []byte
	header                 mail.Header
	links                  []string
	at                     time.Time
}

var linkLine = regexp.MustCompile(`(?m)^https?://\S+$`)

// letters reads the mailbox, the oldest letter first; those in seen are left out.
func (s *site) letters(seen map[string]bool) ([]eml, error) {
	names, err := filepath.Glob(filepath.Join(s.mail, "*.eml"))
	if err != nil {
		return nil, err
	}
	var list []eml
	for _, name := range names {
		uid := strings.TrimSuffix(filepath.Base(name), ".eml")
		if seen[uid] {
			continue
		}
		m, err := readLetter(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
		}
		m.uid = uid
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b eml) int { return a.at.Compare(b.at) })
	return list, nil
}

func readLetter(name string) (eml, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return eml{}, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return eml{}, err
	}
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		return eml{}, err
	}
	to, err := mail.ParseAddress(m.Header.Get("To"))
	if err != nil {
		return eml{}, err
	}
	l := eml{to: to.Address, header: m.Header, at: info.ModTime(), raw: b}
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return eml{}, err
	}
	if l.text, err = plainText(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body); err != nil {
		return eml{}, err
	}
	l.text = strings.ReplaceAll(l.text, "\r\n", "\n")
	l.links = linkLine.FindAllString(l.text, -1)
	return l, nil
}

// plainText is the text/plain part of a letter.
func plainText(contentType, encoding string, body io.Reader) (string, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return "", fmt.Errorf("no text in the letter: %w", err)
			}
			text, err := plainText(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
			if err != nil || text != "" {
				return text, err
			}
		}
	}
	if kind != "text/plain" {
		return "", nil
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, err := io.ReadAll(body)
	return string(b), err
}
