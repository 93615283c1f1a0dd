package main

// Harm to the standby that public pages are read from. Nobody may notice.

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// harmReplica does each harm to the replica in turn, for four seconds, and
// reads pages all the while: each must be answered, and soon.
func harmReplica(t *testing.T, binary string, times int) result {
	times = min(times, 12)
	primary := newCluster(t)
	second := primary.standby()
	p := newProxy(t, second.host())
	replica := strings.NewReplacer(second.host(), p.addr(), "=read-write", "=prefer-standby").Replace(second.address())
	o := newOrdeal(t, binary, primary.address(), 2, func(s *site) { s.env = append(s.env, "DAUYS_REPLICA="+replica) })
	o.begin(nil, "petition")
	time.Sleep(time.Second)
	r := &readers{o: o, stop: make(chan struct{})}
	r.begin()
	replay := func(what string) {
		second.run("psql", "-h", "127.0.0.1", "-p", strconv.Itoa(second.port), "-U", "dauys", "-d", "dauys", "-qc", "SELECT pg_wal_replay_"+what+"()")
	}
	harms := [][2]func(){
		{second.kill, second.start},
		{p.cut, p.heal},
		{p.silence, p.heal},
		{func() { replay("pause") }, func() { replay("resume") }},
	}
	for i := range times {
		time.Sleep(2 * time.Second)
		since := time.Now()
		harms[i%len(harms)][0]()
		o.harm(since.Add(onItsWay), time.Minute)
		time.Sleep(4*time.Second - time.Since(since))
		harms[i%len(harms)][1]()
	}
	time.Sleep(2 * time.Second)
	r.end()
	for _, s := range o.sites {
		used := 0
		if b, err := os.ReadFile(s.errs); err == nil {
			used = strings.Count(string(b), "read from the replica")
		}
		if used < 2 {
			b, _ := os.ReadFile(s.errs)
			t.Errorf("a server began to read from the replica %d times: it is not left, or not come back to\n%s", used, b)
		}
	}
	o.result.note = fmt.Sprintf("%d pages, slowest %.1f s", r.pages, r.slowest.Seconds())
	return o.finish()
}

// readers ask both servers for pages that are rendered anew each time.
type readers struct {
	o    *ordeal
	stop chan struct{}
	wg   sync.WaitGroup

	mu      sync.Mutex // guards what follows
	pages   int
	slowest time.Duration
}

func (r *readers) begin() {
	paths := []string{"/petitions.json?q=%d", "/en/petitions?q=%d", "/petitions/" + strconv.FormatInt(r.o.load.number, 10) + "/count.json", "/en/"}
	for i := range 4 {
		r.wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-r.stop:
					return
				case <-time.After(50 * time.Millisecond):
				}
				path := paths[n%len(paths)]
				if strings.Contains(path, "%d") {
					path = fmt.Sprintf(path, 4*n+i)
				}
				r.read(r.o.sites[(n+i)%2], path)
			}
		})
	}
}

func (r *readers) read(s *site, path string) {
	begin := time.Now()
	a, err := s.do(r.o.t.Context(), http.MethodGet, path, nil, "")
	took := time.Since(begin)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pages++
	r.slowest = max(r.slowest, took)
	if err != nil || a.status != http.StatusOK || took > 5*time.Second {
		r.o.t.Errorf("%s: status %d after %s, %v", path, a.status, took, err)
	}
}

func (r *readers) end() {
	close(r.stop)
	r.wg.Wait()
}
