package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a server that the benchmark started, and will end.
type child struct {
	cmd  *exec.Cmd
	said *lastWords
	done chan struct{} // closed when it has ended; err is set before
	err  error
}

// lastWords keeps the end of what a process wrote, for the message when it fails.
type lastWords struct{ b []byte }

// Write never fails. One process writes at a time, and it is read when that one has ended.
func (l *lastWords) Write(p []byte) (int, error) {
	l.b = append(l.b, p...)
	if over := len(l.b) - 2000; over > 0 {
		l.b = l.b[over:]
	}
	return len(p), nil
}

// spawn starts a program. It is ended with ctx at the latest. What it prints
// goes to out when that is not nil.
func spawn(ctx context.Context, out io.Writer, environ []string, name string, args ...string) (*child, error) {
	c := &child{said: new(lastWords), done: make(chan struct{})}
	c.cmd = exec.CommandContext(ctx, name, args...)
	c.cmd.Env, c.cmd.Stderr, c.cmd.Stdout = environ, c.said, out
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGTERM) }
	c.cmd.WaitDelay = 15 * time.Second
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		c.err = c.cmd.Wait()
		close(c.done)
	}()
	return c, nil
}

// wait returns when the program has ended; an error says how, in its own words.
func (c *child) wait() error {
	<-c.done
	if c.err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(c.cmd.Path), c.err, bytes.TrimSpace(c.said.b))
	}
	return nil
}

// stop asks the program to end, and waits. Ended twice is ended.
func (c *child) stop() error {
	select {
	case <-c.done:
	default:
		_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may end by itself at this moment
		select {
		case <-c.done:
		case <-time.After(15 * time.Second):
			_ = c.cmd.Process.Kill() // as above
		}
	}
	return c.wait()
}

// ready waits until request is answered by 200, and returns how long that took
// since start.
func (c *child) ready(ctx context.Context, addr string, request []byte, since time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		a, err := fetch(ctx, addr, request)
		if err == nil && a.status == 200 {
			return time.Since(since), nil
		}
		select {
		case <-c.done:
			return 0, errors.Join(errors.New("the server ended before it was ready"), c.wait())
		case <-ctx.Done():
			return 0, fmt.Errorf("%s was not ready in time: %w", addr, errors.Join(ctx.Err(), err))
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// cpu is the processor time the program and its children took so far. It is 0
// where the system has no /proc.
func (c *child) cpu() time.Duration { return familyCPU(c.cmd.Process.Pid) }

func familyCPU(pid int) time.Duration {
	total, _ := processCPU(pid)
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	for _, f := range files {
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		if err != nil || id == pid {
			continue
		}
		if t, parent := processCPU(id); parent == pid {
			total += t
		}
	}
	return total
}

// processCPU reads the user and system time of a process, and its parent.
func processCPU(pid int) (total time.Duration, parent int) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0
	}
	return parseStat(b)
}

// tick is the unit of /proc/PID/stat on every Linux (proc(5), sysconf(_SC_CLK_TCK)).
const tick = 10 * time.Millisecond

// parseStat reads a line of /proc/PID/stat. The name, which may hold anything,
// stands in brackets; behind it come the state, the parent and, as the 12th
// and 13th, the times.
func parseStat(b []byte) (total time.Duration, parent int) {
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 13 {
		return 0, 0
	}
	parent, _ = strconv.Atoi(fields[1])
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, parent
}

// memory is what the program holds in memory now, and the most it ever held.
// Both are 0 where the system has no /proc.
func (c *child) memory() (resident, peak int64) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(c.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, 0
	}
	return parseStatus(b)
}

func parseStatus(b []byte) (resident, peak int64) {
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		var kb int64
		if _, err := fmt.Sscanf(s.Text(), "VmRSS: %d kB", &kb); err == nil {
			resident = kb << 10
		}
		if _, err := fmt.Sscanf(s.Text(), "VmHWM: %d kB", &kb); err == nil {
			peak = kb << 10
		}
	}
	return resident, peak
}

// freePort is a loopback address that nobody listened on a moment ago. Its port
// is below those that the system gives to outgoing connections, of which a
// benchmark makes thousands: they could take it before the child listens.
func freePort(ctx context.Context) (string, error) {
	var err error
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(15000)) //nolint:gosec // no secret: any port will do
		var l net.Listener
		if l, err = new(net.ListenConfig).Listen(ctx, "tcp", addr); err == nil {
			return addr, l.Close()
		}
	}
	return "", err
}

// startNginx serves the files of dir/www with nginx, tuned for this: an open
// file cache, no log. It is nil when nginx is not installed.
func startNginx(ctx context.Context, dir, addr, encoding string) (*child, error) {
	name, err := exec.LookPath("nginx")
	if err != nil {
		name = "/usr/sbin/nginx"
		if _, err := os.Stat(name); err != nil {
			return nil, nil //nolint:nilnil,nilerr // it is a comparison that a machine may lack
		}
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;" // the files are in a directory of ours
	}
	header := ""
	if encoding != "" {
		header = "add_header Content-Encoding " + encoding + ";"
	}
	conf := fmt.Sprintf(`daemon off; worker_processes auto; pid %[1]s/nginx.pid; error_log stderr error; %[2]s
events { worker_connections 4096; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; keepalive_timeout 600;
  open_file_cache max=16 inactive=600s; open_file_cache_valid 600s; gzip off;
  client_body_temp_path %[1]s/nb; proxy_temp_path %[1]s/np; fastcgi_temp_path %[1]s/nf; uwsgi_temp_path %[1]s/nu; scgi_temp_path %[1]s/ns;
  server { listen %[3]s; root %[1]s/www; default_type "text/html; charset=utf-8"; %[4]s add_header Cache-Control "public, max-age=1"; }
}
`, dir, user, addr, header)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		return nil, err
	}
	return spawn(ctx, nil, os.Environ(), name, "-p", dir, "-c", file, "-e", "stderr")
}

// ownCPU is the processor time of this process so far; 0 where the system has
// no /proc.
func ownCPU() time.Duration {
	total, _ := processCPU(os.Getpid())
	return total
}
