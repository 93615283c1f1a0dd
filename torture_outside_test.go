package main

// Harm from outside: the clock, the mail server, the release before.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/dauys/dauys/internal/cli"
)

func outsideScenarios() []scenario {
	return []scenario{
		{name: "clock", what: "the server's clock jumps by hours, forward and back (injected clock, SQLite)", quick: true, play: jumpClock},
		{name: "smtp-down", what: "the mail server is down for an hour (injected clock, SQLite)", play: loseMailServer},
		{name: "upgrade", what: "`dauys migrate` while the release before serves, then this one takes over (PostgreSQL)", needs: "git", play: upgrade},
		{name: "upgrade-kill", what: "the release before is killed, and so is this one four times while it starts and migrates, people sign all the while (SQLite with 30,000 petitions)", needs: "git", play: func(t *testing.T, binary string, times int) result {
			return killUpgrade(t, binary, times, func() string { return "" })
		}},
		{name: "upgrade-kill-pg", what: "the same on PostgreSQL", needs: "git", play: func(t *testing.T, binary string, times int) result {
			return killUpgrade(t, binary, times, func() string { return newCluster(t).address() })
		}},
	}
}

// lacks looks for programs.
func lacks(program string) error {
	if program == "topology" {
		return lacksTopology()
	}
	if program == "git" {
		if _, err := oldRevision(); err != nil {
			return err
		}
		_, err := postgresBin()
		return err
	}
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("%s %w", program, errMissing)
	}
	return nil
}

// clockEnv names the file with the distance of the injected clock from the real one.
const clockEnv = "DAUYS_TEST_CLOCK"

// clockMain is the program with a clock that a test moves while it runs.
func clockMain(file string) func() time.Time {
	var offset atomic.Int64
	read := func() {
		if b, err := os.ReadFile(file); err == nil {
			if d, err := time.ParseDuration(strings.TrimSpace(string(b))); err == nil {
				offset.Store(int64(d))
			}
		}
	}
	read()
	go func() {
		for {
			time.Sleep(10 * time.Millisecond)
			read()
		}
	}()
	return func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
}

// clock is a site's own time.
type clock struct {
	t    *testing.T
	file string
}

// clocked has a site run with an injected clock.
func clocked(t *testing.T) (clock, string, func(*site)) {
	t.Helper()
	program, err := exec.LookPath("dauys-clock")
	if err != nil {
		t.Fatal(err)
	}
	c := clock{t, filepath.Join(t.TempDir(), "clock")}
	c.set(0)
	return c, program, func(s *site) { s.env = append(s.env, clockEnv+"="+c.file) }
}

func (c clock) set(d time.Duration) {
	c.t.Helper()
	if err := os.WriteFile(c.file+".new", []byte(d.String()), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Rename(c.file+".new", c.file); err != nil {
		c.t.Fatal(err)
	}
}

func jumpClock(t *testing.T, _ string, times int) result {
	times = min(times, 10)
	c, program, change := clocked(t)
	o := newOrdeal(t, program, "", 1, change)
	o.begin(nil, "petition")
	// Never 72 hours at once: letters whose link has run out are not sent.
	jumps := []time.Duration{2 * time.Hour, -3 * time.Hour, 26 * time.Hour, time.Minute, 47 * time.Hour, -20 * time.Hour}
	for i := range times {
		time.Sleep(700 * time.Millisecond)
		c.set(jumps[i%len(jumps)])
		o.harm(time.Now().Add(20*time.Millisecond), time.Minute)
	}
	c.set(48 * time.Hour) // whatever was dated later than now leaves
	time.Sleep(time.Second)
	return o.finish()
}

// sink is a mail server that can be down. What it has taken is in the mailbox.
type sink struct {
	addr string
	box  *mailbox
	mu   sync.Mutex
	s    *smtp.Server
}

func newSink(t *testing.T) *sink {
	t.Helper()
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	k := &sink{addr: addr, box: &mailbox{links: map[string][]string{}}}
	k.up(t)
	t.Cleanup(k.down)
	return k
}

func (k *sink) up(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", k.addr)
	if err != nil {
		t.Fatal(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.s = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &sinkSession{k: k}, nil }))
	k.s.Domain, k.s.AllowInsecureAuth = "mail.example", true
	go func(s *smtp.Server) { _ = s.Serve(l) }(k.s)
}

func (k *sink) down() {
	k.mu.Lock()
	defer k.mu.Unlock()
	_ = k.s.Close()
}

type sinkSession struct {
	k  *sink
	to string
}

func (s *sinkSession) Reset()                               { s.to = "" }
func (s *sinkSession) Logout() error                        { return nil }
func (s *sinkSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

// Data takes a letter when its final dot has come: a connection that ends before
// it has taken nothing, and the letter comes again.
func (s *sinkSession) Data(r io.Reader) error {
	whole, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(bytes.NewReader(whole))
	if err != nil {
		return err
	}
	text, err := plainText(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	if err != nil {
		return err
	}
	s.k.box.add(s.to, linkLine.FindAllString(strings.ReplaceAll(text, "\r\n", "\n"), -1))
	return nil
}

// loseMailServer: people ask for letters while the mail server is down, for an
// hour of the site's clock. All letters leave when it is back, each once, but for
// those whose dot it had and never answered, which are not sent again (ADR 4).
func loseMailServer(t *testing.T, _ string, times int) result {
	times = min(times, 3)
	c, program, change := clocked(t)
	k := newSink(t)
	o := newOrdeal(t, program, "", 1, func(s *site) {
		change(s)
		s.env = append(s.env, "DAUYS_MAIL=smtp://"+k.addr)
	})
	o.begin(k.box, "petition")
	o.load.patience = time.Minute
	for i := range times {
		time.Sleep(time.Second)
		k.down()
		begin := time.Duration(i) * 3 * time.Hour
		for m := range 4 { // within an hour every letter is tried again and again
			c.set(begin + time.Duration(m+1)*15*time.Minute)
			time.Sleep(1500 * time.Millisecond)
		}
		o.asks()
		k.up(t)
		c.set(begin + 3*time.Hour)
		o.harm(time.Now(), time.Minute)
	}
	time.Sleep(6 * time.Second)
	o.cut = true
	return o.finish()
}

// asks: forms are taken while letters cannot leave.
func (o *ordeal) asks() {
	o.t.Helper()
	a, err := o.sites[0].do(o.t.Context(), http.MethodPost, fmt.Sprintf("/en/petitions/%d/sign", o.load.number), nil,
		"email=while-down@elsewhere.example&eligible=yes")
	if err != nil || a.status != http.StatusSeeOther {
		o.t.Errorf("a form while the mail server is down: %d, %v", a.status, err)
	}
}

// upgradeStep is the step that an upgrade goes over, with all after it: it takes
// a column and a constraint from the largest table. releaseBefore is the schema
// before it.
const (
	upgradeStep   = "internal/store/migrations/postgres/0020_lean.sql"
	releaseBefore = 19
)

// oldRevision is the last commit before that step: the release before.
func oldRevision() (string, error) {
	out, err := exec.Command("git", "log", "-n", "1", "--format=%H", "--diff-filter=A", "--", upgradeStep).Output()
	rev := strings.TrimSpace(string(out))
	if err != nil || rev == "" {
		return "", fmt.Errorf("the history of the sources %w", errors.Join(errMissing, err))
	}
	return rev + "^", nil
}

// buildOld builds the program of the release before.
func buildOld(t *testing.T) string {
	t.Helper()
	rev, err := oldRevision()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	tree := filepath.Join(dir, "tree")
	if err := os.Mkdir(tree, 0o700); err != nil {
		t.Fatal(err)
	}
	archive := exec.Command("git", "archive", "--format=tar", "-o", filepath.Join(dir, "tree.tar"), rev)
	unpack := exec.Command("tar", "-xf", filepath.Join(dir, "tree.tar"), "-C", tree)
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(dir, "dauys-old"), ".")
	build.Dir = tree
	for _, cmd := range []*exec.Cmd{archive, unpack, build} {
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
		}
	}
	return filepath.Join(dir, "dauys-old")
}

// upgrade: the release before goes on taking signatures while the new one
// migrates its database, and hands over without a loss.
func upgrade(t *testing.T, binary string, _ int) result {
	old := buildOld(t)
	o := newOrdeal(t, old, newCluster(t).address(), 2, nil)
	o.begin(nil, "petition")
	time.Sleep(time.Second)
	cmd := exec.Command(binary, "migrate")
	cmd.Env = o.sites[0].env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("migrate: %v\n%s", err, out)
	}
	o.harm(time.Now(), 10*time.Second) // the old one still counts
	time.Sleep(2 * time.Second)
	for _, s := range o.sites {
		since := time.Now()
		o.must(s.stop())
		s.binary = binary
		o.must(s.start("serve"))
		o.harm(since, time.Minute)
	}
	return o.finish()
}

// killUpgrade: a server of the release before is killed under load, and each
// start of this one, too, at a random moment of its migration, until one is let
// go through.
func killUpgrade(t *testing.T, binary string, times int, database func() string) (r result) {
	old, random := buildOld(t), dice(t)
	var came steps
	list, err := filepath.Abs("testdata/uk/petitions-2010-2015.csv")
	if err != nil {
		t.Fatal(err)
	}
	for range min(times, 5) {
		o := newOrdeal(t, old, database(), 1, nil)
		s := o.sites[0]
		s.run(t, "import", "uk", list)
		o.begin(nil, "petition")
		time.Sleep(time.Second)
		s.kill()
		s.binary = binary
		since := time.Now()
		for range 4 {
			killAfter(t, s, time.Duration(random.IntN(1000))*time.Millisecond, "serve")
			o.result.faults++
			came.note(t, o.database, releaseBefore)
		}
		o.must(s.start("serve"))
		o.harm(since, time.Minute)
		time.Sleep(time.Second)
		r.and(o.finish())
	}
	r.note = came.String()
	return r
}

// clockProgram is `dauys` with the clock of DAUYS_TEST_CLOCK.
func clockProgram() int {
	return cli.MainAt(context.Background(), os.Args, os.Stdout, os.Stderr, clockMain(os.Getenv(clockEnv)))
}
