package cli

import (
	"sync"
	"time"
)

// busyEvery is how often the processor time is read: it is counted in ticks of 10 ms.
const busyEvery = 200 * time.Millisecond

// gauge tells which share of the processors this process took lately. It is
// safe for concurrent use.
type gauge struct {
	now   func() time.Time     // a clock that nobody moves
	spent func() time.Duration // processor time so far; always 0 where it is not known
	procs int

	mu    sync.Mutex // guards what follows
	at    time.Time
	had   time.Duration // what was spent then
	share float64
}

// busy is that share, from 0 to 1: half of it is of the last fifth of a second
// or more, a quarter of that before, and so on. It is 0 at first.
func (g *gauge) busy() float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	passed := now.Sub(g.at)
	if passed < busyEvery {
		return g.share
	}
	spent := g.spent()
	if !g.at.IsZero() {
		lately := float64(spent-g.had) / float64(passed) / float64(g.procs)
		if passed > 2*busyEvery { // nobody asked for a while: what was before is long ago
			g.share = lately
		}
		g.share = min(max((g.share+lately)/2, 0), 1)
	}
	g.at, g.had = now, spent
	return g.share
}
