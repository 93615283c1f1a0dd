package main

// More is asked than fits into the memory that the server may take.

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The memory scenario: how much the system lets the server take, and who
// presses in.
const (
	container  = 320 << 20 // of the control group: beyond it the kernel kills it
	softMemory = "288MiB"  // nine tenths, which the server finds out by itself in a group
	// mapped is how much it may map where there is no group to be had
	// (RLIMIT_DATA), which counts what was given back, too.
	mapped   = 2 * container
	pressers = 3000 // send forms of nearly the largest size,
	seekers  = 500  // ask for searches that nobody asked before
	pressFor = 5 * time.Second
	// addresses are all that the pressers have. With one for each form thousands
	// of letters stood before those of the people who are watched: they were
	// counted again when a file with two fsyncs had been written for each.
	addresses = 100
)

// pressMemory lets a crowd send large forms to a server whose memory is limited.
// It must refuse, neither die nor take more.
func pressMemory(t *testing.T, binary string, times int) result {
	times = min(times, 10)
	var wrapped string
	group, version := newGroup(t)
	by := "a control group of version " + version
	o := newOrdeal(t, binary, "", 1, func(s *site) {
		wrapped = filepath.Join(filepath.Dir(s.out), "limited")
		limit := fmt.Sprintf("echo $$ > '%s/cgroup.procs'", group)
		if group == "" {
			by, limit = "RLIMIT_DATA, of which it may map twice as much", fmt.Sprintf("ulimit -d %d", mapped>>10)
			s.env = append(s.env, "DAUYS_MEMORY="+softMemory)
		}
		script := fmt.Sprintf("#!/bin/sh\nset -e\n%s\nexec '%s' \"$@\"\n", limit, binary)
		if err := os.WriteFile(wrapped, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		s.binary = wrapped
	})
	o.begin(nil, "petition")
	pid, most := o.sites[0].cmd.Process.Pid, 0
	p := &press{addr: o.sites[0].addr, path: fmt.Sprintf("/en/petitions/%d/sign", o.load.number)}
	for range times {
		time.Sleep(time.Second)
		p.crowd(pressFor)
		o.harm(time.Now(), time.Minute)
		most = max(most, peakMemory(t, pid))
	}
	if most > container>>10 {
		t.Errorf("it took %d MiB of %d", most>>10, container>>20)
	}
	if p.refused.Load() == 0 {
		t.Error("nobody was refused: there was no press")
	}
	if b, err := os.ReadFile(o.sites[0].errs); err == nil && strings.Contains(string(b), "fatal error") {
		t.Errorf("the server died:\n%.1500s", b)
	}
	o.result.note = fmt.Sprintf("held by %s; %d answered, %d told 503, %d MiB at most", by, p.answered.Load(), p.refused.Load(), most>>10)
	if group != "" {
		peak, failed := groupFigures(t, group)
		o.result.note += fmt.Sprintf(", the group with the pages of its files %d MiB", peak>>20)
		if failed > 0 {
			t.Errorf("the kernel killed in the group %d times", failed)
		}
	}
	o.sites[0].binary = binary // for the commands of the check
	return o.finish()
}

// newGroup makes a control group of its own with the limit, of version 2 or 1,
// and removes it after the test; "" where that cannot be: not root, or read-only.
func newGroup(t *testing.T) (dir, version string) {
	t.Helper()
	for _, v := range [][3]string{{"2", "/sys/fs/cgroup", "memory.max"}, {"1", "/sys/fs/cgroup/memory", "memory.limit_in_bytes"}} {
		dir := filepath.Join(v[1], fmt.Sprintf("dauys-torture-%d", os.Getpid()))
		if os.Mkdir(dir, 0o700) != nil {
			continue
		}
		if f, err := os.OpenFile(filepath.Join(dir, v[2]), os.O_WRONLY, 0); err == nil { // the kernel's, or there is none
			_, err := f.WriteString(strconv.Itoa(container))
			if err = errors.Join(err, f.Close()); err == nil {
				t.Cleanup(func() { _ = os.Remove(dir) }) // it is empty: the server has ended
				return dir, v[0]
			}
		}
		_ = os.Remove(dir) // no file system of groups, or memory is not among its controllers
	}
	return "", ""
}

// groupFigures are the most that a control group held, pages of files that the
// kernel may drop included, and how often the kernel killed in it.
func groupFigures(t *testing.T, group string) (peak, kills int) {
	t.Helper()
	for _, name := range []string{"memory.peak", "memory.max_usage_in_bytes"} {
		if b, err := os.ReadFile(filepath.Join(group, name)); err == nil {
			peak, _ = strconv.Atoi(strings.TrimSpace(string(b)))
		}
	}
	for _, name := range []string{"memory.events", "memory.oom_control"} {
		if b, err := os.ReadFile(filepath.Join(group, name)); err == nil {
			if m := regexp.MustCompile(`(?m)^oom_kill (\d+)$`).FindSubmatch(b); m != nil {
				kills, _ = strconv.Atoi(string(m[1]))
			}
		}
	}
	return peak, kills
}

// peakMemory is the most a process had in memory, in KiB.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatalf("the server is gone: %v", err)
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(b)
	if m == nil {
		t.Fatal("no peak in /proc")
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

// press is a crowd that sends more than there is room for.
type press struct {
	addr, path        string
	answered, refused atomic.Int64
}

func (p *press) crowd(lasts time.Duration) {
	end := time.Now().Add(lasts)
	pad := strings.Repeat("x", 60<<10)
	var wg sync.WaitGroup
	for i := range pressers + seekers {
		wg.Go(func() {
			for n := 0; time.Now().Before(end); n++ {
				request := fmt.Sprintf("GET /en/petitions?q=word%d-%d HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", i, n, p.addr)
				if i < pressers {
					form := fmt.Sprintf("email=p%d%%40press.example&eligible=yes&pad=%s", i%addresses, pad)
					request = fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
						p.path, p.addr, len(form), form)
				}
				p.ask(request, end.Add(5*time.Second))
			}
		})
	}
	wg.Wait()
}

func (p *press) ask(request string, until time.Time) {
	c, err := net.DialTimeout("tcp", p.addr, 2*time.Second)
	if err != nil {
		time.Sleep(100 * time.Millisecond)
		return
	}
	defer c.Close()
	if c.SetDeadline(until) != nil {
		return
	}
	go func() { _, _ = c.Write([]byte(request)) }() // a refusal may come before all is sent
	answer, err := http.ReadResponse(bufio.NewReaderSize(c, 512), nil)
	if err != nil {
		return
	}
	answer.Body.Close()
	if p.answered.Add(1); answer.StatusCode == http.StatusServiceUnavailable {
		p.refused.Add(1)
		time.Sleep(100 * time.Millisecond)
	}
}
