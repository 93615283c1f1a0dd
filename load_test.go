package main

// The load client: people who sign, and what the site told each of them. It
// writes every acknowledgement down, outside the site, before anybody acts on it.

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// acks is the load client's own book: one line for each acknowledgement.
type acks struct {
	mu       sync.Mutex
	file     *os.File
	counted  []time.Time          // when a 'counted' arrived
	slowest  time.Duration        // of the answers 'counted'
	people   map[string]time.Time // who was told 'counted', and when
	statuses map[string]int       // of all answers, by what was asked
}

func newAcks(t *testing.T, dir string) *acks {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "acknowledged"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return &acks{file: f, people: map[string]time.Time{}, statuses: map[string]int{}}
}

// note writes down what an answer said: "asked" for a form, "counted" for a link.
func (a *acks) note(what, who string, status int, took time.Duration, acknowledged bool) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.statuses[fmt.Sprint(what, " ", status)]++
	if !acknowledged {
		return
	}
	if what == "counted" {
		a.counted, a.people[who] = append(a.counted, now), now
		a.slowest = max(a.slowest, took)
	}
	if _, err := fmt.Fprintf(a.file, "%s %s %s %d\n", now.Format(time.RFC3339Nano), what, who, status); err != nil {
		panic(err) // without the book nothing that follows means anything
	}
}

// after is the first 'counted' that arrived after t.
func (a *acks) after(t time.Time) (time.Time, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := slices.IndexFunc(a.counted, func(c time.Time) bool { return c.After(t) })
	if i < 0 {
		return time.Time{}, false
	}
	return a.counted[i], true
}

// told are all who were told 'counted', and when.
func (a *acks) told() map[string]time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.people)
}

// between is how many 'counted' arrived in a stretch of time.
func (a *acks) between(from, to time.Time) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.counted {
		if c.After(from) && c.Before(to) {
			n++
		}
	}
	return n
}

// faults are the answers that no fault of the machine excuses.
func (a *acks) faults() (list []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for status, n := range a.statuses {
		if strings.HasSuffix(status, " 500") {
			list = append(list, fmt.Sprintf("%d times %s", n, status))
		}
	}
	return list
}

// load is how people reach a site.
type load struct {
	pick     func() *site // the server that takes the next request
	box      *mailbox
	number   int64
	patience time.Duration // how long a letter is waited for
	acks     *acks
	atATime  int               // how many sign at the same time
	beside   func(path string) // uses a link at the same moment as its owner; nil for nobody
}

// mailbox watches the letters: all links by address, in the order they came.
type mailbox struct {
	mu    sync.Mutex
	links map[string][]string
}

func newMailbox(ctx context.Context, t *testing.T, s *site) *mailbox {
	t.Helper()
	b := &mailbox{links: map[string][]string{}}
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	t.Cleanup(func() { stop(); wg.Wait() })
	wg.Go(func() {
		seen := map[string]bool{}
		for ctx.Err() == nil {
			letters, err := s.letters(seen)
			if err != nil {
				t.Error(err)
				return
			}
			for _, l := range letters {
				seen[l.uid] = true
				b.add(l.to, l.links)
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	return b
}

func (b *mailbox) add(to string, links []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.links[to] = append(b.links[to], strings.Join(links, " "))
}

// of are the links of all letters to an address.
func (b *mailbox) of(to string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.links[to]...)
}

// await waits for the letter number i to an address; "" when there is none in time.
func (b *mailbox) await(ctx context.Context, to string, i int, within time.Duration) string {
	for deadline := time.Now().Add(within); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if links := b.of(to); len(links) > i {
			return links[i]
		}
	}
	return ""
}

// lookFor is how long who has only been refused looks for a letter before they
// ask again.
const lookFor = time.Second

// signer is one person who signs, and what the site told them.
type signer struct {
	email    string
	asked    int    // sign forms that were acknowledged
	maybe    int    // sign forms whose answer never came
	link     string // of the first letter
	counted  bool   // a confirmation was acknowledged
	tried    bool   // a confirmation was sent
	mailLate bool   // a form was acknowledged and no letter came while we waited
}

// sign goes the whole way of one person, through crashes. It gives up only
// when ctx ends.
func (p *signer) sign(ctx context.Context, l *load) {
	target := fmt.Sprintf("/en/petitions/%d/sign", l.number)
	for p.asked == 0 && ctx.Err() == nil {
		begin := time.Now()
		a, err := l.pick().post(ctx, target, url.Values{"email": {p.email}, "eligible": {"yes"}})
		ok := err == nil && a.status == http.StatusSeeOther
		l.acks.note("asked", p.email, a.status, time.Since(begin), ok)
		switch {
		case ok:
			p.asked++
		case err != nil || a.status == http.StatusServiceUnavailable:
			// It may have been kept all the same: the answer was lost, or the
			// database's word that it was.
			p.maybe++
			time.Sleep(50 * time.Millisecond)
		default:
			time.Sleep(50 * time.Millisecond) // refused, so not kept
		}
		// No more than five letters go to one person, so now and then it is
		// time to look whether one has come.
		if p.asked == 0 && p.maybe > 0 && p.maybe%4 == 0 && l.box.await(ctx, p.email, 0, lookFor) != "" {
			break
		}
	}
	if p.link = l.box.await(ctx, p.email, 0, l.patience); p.link == "" {
		p.mailLate = true
		return
	}
	p.confirm(ctx, l)
}

// confirm uses the link until the site says 'counted'.
func (p *signer) confirm(ctx context.Context, l *load) {
	if l.beside != nil {
		var wg sync.WaitGroup
		wg.Go(func() { l.beside(pathOf(p.link)) })
		defer wg.Wait()
	}
	for !p.counted && ctx.Err() == nil {
		p.tried = true
		begin := time.Now()
		a, err := l.pick().post(ctx, pathOf(p.link), nil)
		p.counted = err == nil && a.status == http.StatusOK
		l.acks.note("counted", p.email, a.status, time.Since(begin), p.counted)
		if !p.counted {
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// pathOf is a link without the host: any server of the site takes it.
func pathOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	return u.EscapedPath()
}

// atATime is how many people sign at the same time where an ordeal says nothing.
const atATime = 16

// crowd keeps people signing until stop is closed, and returns them all.
func crowd(ctx context.Context, l *load, stop <-chan struct{}) []*signer {
	var mu sync.Mutex
	var all []*signer
	var wg sync.WaitGroup
	for c := range l.atATime {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				p := &signer{email: fmt.Sprintf("person-%d-%d@crowd.example", c, i)}
				mu.Lock()
				all = append(all, p)
				mu.Unlock()
				p.sign(ctx, l)
			}
		})
	}
	wg.Wait()
	return all
}
