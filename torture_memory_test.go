package main

// More is asked than fits into the memory that the server may take.

import (
	"bufio"
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

// The memory scenario: how much the system lets the server take, how much the
// server is told of, and who presses in.
const (
	container  = 320 << 20 // what a container would let it have
	softMemory = "288MiB"  // nine tenths, which it is told of
	// mapped is how much it may map, by the kernel (RLIMIT_DATA), which counts
	// what was given back, too: beyond it the process dies.
	mapped   = 2 * container
	pressers = 3000 // send forms of nearly the largest size,
	seekers  = 500  // ask for searches that nobody asked before
	pressFor = 5 * time.Second
)

// pressMemory lets a crowd send large forms to a server whose memory is limited.
// It must refuse, neither die nor take more.
func pressMemory(t *testing.T, binary string, times int) result {
	times = min(times, 10)
	var wrapped string
	o := newOrdeal(t, binary, "", 1, func(s *site) {
		wrapped = filepath.Join(filepath.Dir(s.out), "limited")
		script := fmt.Sprintf("#!/bin/sh\nulimit -d %d\nexec '%s' \"$@\"\n", mapped>>10, binary)
		if err := os.WriteFile(wrapped, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		s.binary, s.env = wrapped, append(s.env, "DAUYS_MEMORY="+softMemory)
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
	o.result.note = fmt.Sprintf("%d answered, %d told 503, %d MiB at most", p.answered.Load(), p.refused.Load(), most>>10)
	o.sites[0].binary = binary // for the commands of the check
	return o.finish()
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
					form := fmt.Sprintf("email=p%d-%d%%40press.example&eligible=yes&pad=%s", i, n, pad)
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
