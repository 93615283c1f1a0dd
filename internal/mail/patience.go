package mail

import (
	"errors"
	"sync"
	"time"
)

// How long is waited, and after what.
const (
	serverPause    = 5 * time.Second // after the mail server could not be talked to; doubled each time,
	serverMaxPause = 5 * time.Minute // up to this
	domainStrikes  = 3               // letters in a row that a domain puts off, before the others wait, too:
	domainPause    = time.Minute     // for so long; doubled each time,
	domainMaxPause = time.Hour       // up to this
	maxDomains     = 4096            // remembered; beyond, letters wait one by one only
)

// patience knows who is to be left alone for a while: the mail server that
// could not be talked to, and domains whose servers put letters off. It is
// memory of this process only; a domain is never written down.
type patience struct {
	jitter func() float64

	mu      sync.Mutex
	fails   int       // of the server, in a row
	until   time.Time // it is left alone
	domains map[string]*strikes
}

// strikes are a domain's temporary refusals in a row.
type strikes struct {
	n     int
	until time.Time
}

func newPatience(jitter func() float64) *patience {
	if jitter == nil {
		jitter = func() float64 { return 0.5 }
	}
	return &patience{jitter: jitter, domains: map[string]*strikes{}}
}

// vary makes a wait up to a fifth longer or shorter, so that letters that
// failed together do not come back together.
func (p *patience) vary(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*p.jitter()))
}

// waits reports whether the mail server is left alone now.
func (p *patience) waits(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Before(p.until)
}

// closed says until when letters to a domain wait. A little more for each, so
// that they do not all come at once.
func (p *patience) closed(domain string, now time.Time) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.domains[domain]
	if s == nil || !now.Before(s.until) {
		return time.Time{}, false
	}
	return s.until.Add(time.Duration(p.jitter() * float64(time.Minute))), true
}

// heard learns of a letter's fate.
func (p *patience) heard(domain string, err error, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if errors.Is(err, errNoServer) {
		if !now.Before(p.until) { // once for all senders that failed together
			p.fails++
			p.until = now.Add(p.vary(grown(serverPause, p.fails-1, serverMaxPause)))
		}
		return
	}
	p.fails = 0
	if !errors.Is(err, ErrTemporary) || code(err) == 0 { // taken, refused, or nobody said anything
		delete(p.domains, domain)
		return
	}
	s := p.domains[domain]
	if s == nil {
		if len(p.domains) >= maxDomains {
			p.forget(now)
		}
		s = &strikes{}
		if len(p.domains) < maxDomains {
			p.domains[domain] = s
		}
	}
	if s.n++; s.n >= domainStrikes {
		s.until = now.Add(p.vary(grown(domainPause, s.n-domainStrikes, domainMaxPause)))
	}
}

// forget makes room: what is not left alone at the moment. The caller holds mu.
func (p *patience) forget(now time.Time) {
	for domain, s := range p.domains {
		if !now.Before(s.until) {
			delete(p.domains, domain)
		}
	}
}

// grown is d doubled n times, up to most.
func grown(d time.Duration, n int, most time.Duration) time.Duration {
	for ; n > 0 && d < most; n-- {
		d *= 2
	}
	return min(d, most)
}

// backOff is how long a letter waits after its try number attempts+1 failed:
// 1, 5, 15 minutes, then an hour each; false when it has waited a day.
func backOff(attempts int) (time.Duration, bool) {
	first := [...]time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}
	if attempts < len(first) {
		return first[attempts], true
	}
	return time.Hour, attempts < len(first)+24
}
