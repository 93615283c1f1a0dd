package main

// A backup is brought back, several times, while people sign and retry. What it
// takes back is counted person by person.

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// restores is the account of an ordeal of backups.
type restores struct {
	o *ordeal
	// kept are those who must be counted on the site as it is now: told before
	// a backup that came back since, or told on the site that came of it.
	kept map[string]bool
	from time.Time // of the site as it is now: the last backup was back by then
	// in all: told after a backup that came back, and so lost until they used
	// their link again; told before, or meanwhile and there all the same.
	lost, stayed int
}

// restoreBackups takes a backup at a random moment, lets people go on, kills the
// server at another one, brings the backup back and starts the server, again and
// again, while the crowd signs and retries.
//
// How it is judged. The backup shows one moment between the call of `dauys
// backup` and its end. Whoever was told 'counted' before the call must be
// counted when the backup is back; whoever was told after its end cannot be,
// until they use their link again; whoever was told in between may be either.
// Then all people use their links, and the count is exactly theirs. A backup
// that came back once more judges only by what the site knew by then.
func restoreBackups(t *testing.T, binary, database string, times int) result {
	times = min(times, 10)
	random := dice(t)
	o := newOrdeal(t, binary, database, 1, nil)
	o.begin(nil, "petition")
	r := &restores{o: o, kept: map[string]bool{}}
	for i := range times {
		file := filepath.Join(o.dir, fmt.Sprint("backup", i))
		time.Sleep(time.Duration(200+random.IntN(1500)) * time.Millisecond)
		called := time.Now()
		o.sites[0].run(t, "backup", file)
		ended := time.Now()
		time.Sleep(time.Duration(200+random.IntN(1500)) * time.Millisecond)
		o.sites[0].kill()
		since := time.Now()
		o.sites[0].run(t, "restore", "--replace", file)
		told := o.load.acks.told() // whatever was on its way at the kill has arrived by now
		r.count(told, called, ended)
		r.from = time.Now()
		o.must(o.sites[0].start("serve"))
		o.harm(since, time.Minute)
		r.comeBack(told, called, ended)
	}
	if r.lost == 0 {
		t.Error("no backup took anything back: that proves little")
	}
	o.result.note = fmt.Sprintf("of those told 'counted' %d were in the backup, %d were told after it and used their link again", r.stayed, r.lost)
	o.alone = false // letters that were asked for after a backup and had not left are gone with it
	o.forgive = true
	return o.finish()
}

// known reports whether somebody who was told at a moment must be in a backup
// that was called for then.
func (r *restores) known(who string, at, called time.Time) bool {
	return r.kept[who] || at.After(r.from) && at.Before(called)
}

// count asks the database that came back, while nobody serves it: it has those
// who must be there, and no more than could be: told while the backup was
// written, or on their way by then, one for each who signs at a time.
func (r *restores) count(told map[string]time.Time, called, ended time.Time) {
	t := r.o.t
	t.Helper()
	least, most := 0, atATime
	for who, at := range told {
		if r.known(who, at, called) {
			least++
		} else if at.After(r.from) && at.Before(ended) {
			most++
		}
	}
	st := openDatabase(t, r.o.database)
	p, err := st.SigningPetition(t.Context(), r.o.load.number)
	r.o.must(err)
	r.o.must(st.Close())
	if n := int(p.Count) - supporters(p); n < least || n > least+most {
		t.Errorf("%d are counted in the backup, want from %d to %d", n, least, least+most)
	}
}

// comeBack has everybody who was told before use their link again. A confirmed
// link says so; the others are counted again.
func (r *restores) comeBack(told map[string]time.Time, called, ended time.Time) {
	t := r.o.t
	t.Helper()
	var mu sync.Mutex
	queue := make(chan string)
	now := map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for who := range queue {
				there, err := r.o.useAgain(who)
				mu.Lock()
				switch {
				case err != nil:
					t.Errorf("%s: %v", who, err)
				case !there && r.known(who, told[who], called):
					t.Errorf("%s was told 'counted' before the backup, and is not in it", who)
				case there && !r.kept[who] && told[who].After(ended):
					t.Errorf("%s was told 'counted' after the backup, and is in it", who)
				case there:
					r.stayed++
				default:
					r.lost++
				}
				now[who] = true
				mu.Unlock()
			}
		})
	}
	for who := range told {
		queue <- who
	}
	close(queue)
	wg.Wait()
	r.kept = now
}

// useAgain opens somebody's link, and uses it where it still has to be.
func (o *ordeal) useAgain(who string) (there bool, err error) {
	link := o.load.box.of(who)[0]
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		a, err := o.sites[0].get(o.t.Context(), pathOf(link))
		if err != nil || a.status != http.StatusOK {
			continue // it is busy
		}
		if strings.Contains(a.body, "Already counted") {
			return true, nil
		}
		for ; time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if a, err := o.sites[0].post(o.t.Context(), pathOf(link), nil); err == nil && a.status == http.StatusOK {
				return false, nil
			}
		}
	}
	return false, fmt.Errorf("the link could not be used")
}
