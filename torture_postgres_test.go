package main

// Harm with PostgreSQL: kill -9 of its processes, of its machine's network, of
// a standby, of a primary; and of servers that share it. The clusters are the
// harness's own, on loopback ports, and each is erased at the end.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func postgresScenarios() []scenario {
	list := []scenario{
		{name: "kill-pg", what: "kill -9 of the server at random moments (PostgreSQL)", play: func(t *testing.T, binary string, times int) result {
			return killServer(t, newOrdeal(t, binary, newCluster(t).address(), 1, nil), times, "petition")
		}},
		{name: "postgres-kill", what: "kill -9 of every process of PostgreSQL; it is started again at once", play: killPostgres},
		{name: "standby-gone", what: "the synchronous standby is gone for 5 s: nobody is told 'counted' meanwhile", play: loseStandby},
		{name: "failover", what: "kill -9 of the primary, the synchronous standby is promoted; both stand in the address", play: failOver},
		{name: "network-cut", what: "every connection between server and database is reset, for 3 s", play: func(t *testing.T, binary string, times int) result {
			return cutNetwork(t, binary, times, (*proxy).cut, 3*time.Second)
		}},
		{name: "network-silent", what: "nothing passes between server and database for 13 s, and no connection is reset", play: func(t *testing.T, binary string, times int) result {
			return cutNetwork(t, binary, min(times, 3), (*proxy).silence, 13*time.Second)
		}},
		{name: "frozen", what: "two servers, one stopped for 14 s and resumed (SIGSTOP, SIGCONT)", play: freeze},
		{name: "replica", what: "the standby that public pages are read from is killed, cut off, silent, and stops replaying, for 4 s each; pages are read all the while", play: harmReplica},
		{name: "two-kill", what: "two servers, one of them killed with -9 and started again, in turns", play: killOneOfTwo},
	}
	for i := range list {
		list[i].needs = "postgres"
	}
	return list
}

// onItsWay is how old an answer may be that arrives after a fault: it is no recovery.
const onItsWay = 100 * time.Millisecond

// postgresBin is the directory of PostgreSQL's programs.
func postgresBin() (string, error) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // fails for bad patterns only
	if dir := os.Getenv("PG_BIN"); dir != "" {
		dirs = []string{filepath.Join(dir, "initdb")}
	}
	if len(dirs) == 0 {
		return "", fmt.Errorf("a server of PostgreSQL %w (Debian: postgresql-15)", errMissing)
	}
	return filepath.Dir(dirs[0]), nil
}

// cluster is a PostgreSQL of the harness.
type cluster struct {
	t       *testing.T
	bin     string
	dir     string
	port    int
	cmd     *exec.Cmd
	as      *syscall.Credential // initdb refuses root
	settled []string            // settings of every start
}

func newCluster(t *testing.T, settings ...string) *cluster {
	t.Helper()
	c := emptyCluster(t, settings...)
	c.run("initdb", "--pgdata="+c.data(), "--username=dauys", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
	c.start()
	c.run("createdb", "-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-U", "dauys", "dauys")
	return c
}

func emptyCluster(t *testing.T, settings ...string) *cluster {
	t.Helper()
	bin, err := postgresBin()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "dauys-torture-*") //nolint:usetesting // the path of a socket has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(addr)
	c := &cluster{t: t, bin: bin, dir: dir, settled: settings}
	c.port, _ = strconv.Atoi(port)
	if os.Getuid() == 0 {
		owner, err := user.Lookup("postgres")
		if err != nil {
			t.Fatal(err)
		}
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		c.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		c.kill()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return c
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) host() string { return "127.0.0.1:" + strconv.Itoa(c.port) }

func (c *cluster) address() string {
	return "postgres://dauys@" + c.host() + "/dauys?sslmode=disable&target_session_attrs=read-write"
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = c.dir, &syscall.SysProcAttr{Credential: c.as}
	return cmd
}

func (c *cluster) run(name string, args ...string) {
	c.t.Helper()
	if out, err := c.command(name, args...).CombinedOutput(); err != nil {
		c.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// start starts the cluster and waits until it takes connections. What an
// earlier life left in shared memory may take a moment to go.
func (c *cluster) start() {
	c.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		args := []string{"-D", c.data(), "-p", strconv.Itoa(c.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + c.dir,
			"-c", "max_connections=100", "-c", "max_wal_senders=4", "-c", "wal_keep_size=256MB"}
		for _, s := range c.settled {
			args = append(args, "-c", s)
		}
		c.cmd = c.command("postgres", args...)
		log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		if err != nil {
			c.t.Fatal(err)
		}
		c.cmd.Stdout, c.cmd.Stderr = log, log
		err = c.cmd.Start()
		log.Close()
		if err != nil {
			c.t.Fatal(err)
		}
		ended := make(chan struct{})
		go func(cmd *exec.Cmd) { _ = cmd.Wait(); close(ended) }(c.cmd)
		if c.ready(ended) {
			return
		}
	}
	log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
	c.t.Fatalf("PostgreSQL does not start:\n%s", log)
}

func (c *cluster) ready(ended <-chan struct{}) bool {
	for {
		select {
		case <-ended:
			return false
		case <-time.After(50 * time.Millisecond):
		}
		if b, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid")); err == nil &&
			(strings.Contains(string(b), "ready") || strings.Contains(string(b), "standby")) && strings.HasPrefix(string(b), strconv.Itoa(c.cmd.Process.Pid)+"\n") {
			return true
		}
	}
}

// kill ends every process of the cluster at once, as a power cut would.
func (c *cluster) kill() {
	if c.cmd == nil {
		return
	}
	pid := c.cmd.Process.Pid
	pids := append(children(pid), pid)
	_ = syscall.Kill(pid, syscall.SIGSTOP) // it must not start others meanwhile
	for _, p := range pids {
		_ = syscall.Kill(p, syscall.SIGKILL)
	}
	for range 200 {
		if syscall.Kill(pid, 0) != nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	c.cmd = nil
}

// children are the processes that a process has started.
func children(parent int) (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		i := strings.LastIndexByte(string(b), ')')
		f := strings.Fields(string(b[i+1:]))
		if len(f) > 1 && f[1] == strconv.Itoa(parent) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			pids = append(pids, pid)
		}
	}
	return pids
}

func killPostgres(t *testing.T, binary string, times int) result {
	times = min(times, 20)
	random := dice(t)
	c := newCluster(t)
	o := newOrdeal(t, binary, c.address(), 2, nil)
	o.begin(nil, "petition")
	for range times {
		time.Sleep(time.Duration(300+random.IntN(1500)) * time.Millisecond)
		since := time.Now()
		c.kill()
		c.start()
		o.harm(since, time.Minute)
	}
	return o.finish()
}

// standby makes a synchronous standby of c.
func (c *cluster) standby() *cluster {
	c.t.Helper()
	s := emptyCluster(c.t)
	s.run("pg_basebackup", "-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-U", "dauys", "-D", s.data(), "-R", "-X", "stream", "-c", "fast")
	s.settled = []string{"primary_conninfo=host=127.0.0.1 port=" + strconv.Itoa(c.port) + " user=dauys application_name=second", "hot_standby=on"}
	s.start()
	return s
}

// pair is a primary whose commits wait for a standby.
func pair(t *testing.T) (primary, standby *cluster) {
	t.Helper()
	primary = newCluster(t)
	standby = primary.standby()
	primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'second'")
	primary.sql("SELECT pg_reload_conf()")
	return primary, standby
}

func (c *cluster) sql(query string) {
	c.t.Helper()
	c.run("psql", "-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-U", "dauys", "-d", "dauys", "-qc", query)
}

// loseStandby: without its standby the primary acknowledges nothing, and so
// neither does the site. What waited is counted when the standby is back.
func loseStandby(t *testing.T, binary string, times int) result {
	times = min(times, 5)
	primary, second := pair(t)
	o := newOrdeal(t, binary, primary.address(), 2, nil)
	o.begin(nil, "petition")
	for range times {
		time.Sleep(time.Second)
		second.kill()
		gone := time.Now().Add(500 * time.Millisecond) // what was on its way may still arrive
		time.Sleep(5 * time.Second)
		if n := o.load.acks.between(gone, time.Now()); n > 0 {
			t.Errorf("%d people were told 'counted' while there was no standby", n)
		}
		since := time.Now()
		second.start()
		o.harm(since, time.Minute)
	}
	return o.finish()
}

// failOver: the primary's machine is gone, and a person or a program promotes
// the standby. The servers find it by themselves.
func failOver(t *testing.T, binary string, times int) (r result) {
	for range min(times, 3) {
		primary, second := pair(t)
		both := "postgres://dauys@" + primary.host() + "," + second.host() + "/dauys?sslmode=disable&target_session_attrs=read-write"
		o := newOrdeal(t, binary, both, 2, nil)
		o.begin(nil, "petition")
		time.Sleep(2 * time.Second)
		primary.kill()
		since := time.Now()
		second.run("pg_ctl", "-D", second.data(), "promote")
		o.harm(since.Add(onItsWay), time.Minute)
		r.and(o.finish())
	}
	return r
}

func cutNetwork(t *testing.T, binary string, times int, harm func(*proxy), lasts time.Duration) result {
	times = min(times, 10)
	c := newCluster(t)
	p := newProxy(t, c.host())
	direct := c.address()
	o := newOrdeal(t, binary, strings.Replace(direct, c.host(), p.addr(), 1), 2, nil)
	o.begin(nil, "petition")
	for range times {
		time.Sleep(time.Second)
		harm(p)
		time.Sleep(lasts)
		since := time.Now()
		p.heal()
		o.harm(since, time.Minute)
	}
	return o.finish()
}

// proxy stands between server and database.
type proxy struct {
	target string
	l      net.Listener
	mu     sync.Mutex
	state  int
	wake   *sync.Cond
	conns  map[net.Conn]bool
}

const (
	passes = iota
	refuses
	silent
)

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: target, l: l, conns: map[net.Conn]bool{}}
	p.wake = sync.NewCond(&p.mu)
	var wg sync.WaitGroup
	t.Cleanup(func() { l.Close(); p.cut(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.serve(c) })
		}
	})
	return p
}

func (p *proxy) addr() string { return p.l.Addr().String() }

func (p *proxy) serve(in net.Conn) {
	defer in.Close()
	p.mu.Lock()
	for p.state == silent {
		p.wake.Wait()
	}
	ok := p.state == passes
	p.mu.Unlock()
	if !ok {
		return
	}
	out, err := new(net.Dialer).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		return
	}
	defer out.Close()
	p.mu.Lock()
	p.conns[in], p.conns[out] = true, true
	p.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { p.copy(out, in) })
	wg.Go(func() { p.copy(in, out) })
	wg.Wait()
	p.mu.Lock()
	delete(p.conns, in)
	delete(p.conns, out)
	p.mu.Unlock()
}

// copy hands on what arrives; in silence it keeps it.
func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		for p.state == silent {
			p.wake.Wait()
		}
		p.mu.Unlock()
		if n > 0 {
			if _, werr := to.Write(buf[:n]); werr != nil {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				reset(to)
			}
			return
		}
	}
}

// reset has a connection end as a cut one does.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

func (p *proxy) set(state int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
	p.wake.Broadcast()
}

func (p *proxy) heal()    { p.set(passes) }
func (p *proxy) silence() { p.set(silent) }

func (p *proxy) cut() {
	p.set(refuses)
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		reset(c)
		c.Close()
	}
}

// freeze stops one of two servers in the middle of its work and lets it go on
// later, when the other has taken over.
func freeze(t *testing.T, binary string, times int) result {
	times = min(times, 12)
	random := dice(t)
	o := newOrdeal(t, binary, newCluster(t).address(), 2, nil)
	for _, s := range o.sites {
		s.client.Timeout = 2 * time.Second // a balancer would have given it up
	}
	o.begin(nil, "petition")
	for i := range times {
		time.Sleep(time.Duration(300+random.IntN(700)) * time.Millisecond)
		p := o.sites[i%2].cmd.Process
		since := time.Now()
		o.must(p.Signal(syscall.SIGSTOP))
		o.harm(since.Add(onItsWay), time.Minute)
		time.Sleep(14*time.Second - time.Since(since))
		o.must(p.Signal(syscall.SIGCONT))
		o.flows(time.Now(), time.Minute)
	}
	time.Sleep(2 * time.Second)
	return o.finish()
}

func killOneOfTwo(t *testing.T, binary string, times int) result {
	random := dice(t)
	o := newOrdeal(t, binary, newCluster(t).address(), 2, nil)
	o.begin(nil, "petition")
	for i := range times {
		time.Sleep(time.Duration(150+random.IntN(1000)) * time.Millisecond)
		o.sites[i%2].kill()
		o.harm(time.Now().Add(onItsWay), time.Minute)
		o.must(o.sites[i%2].start("serve"))
	}
	return o.finish()
}
