package cli

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/dauys/dauys/internal/jobs"
)

// Go collects garbage when the heap has doubled. Ours is small, a crowd makes
// garbage fast, and several times a second all of the heap was looked through
// for a few megabytes: a fourteenth of the processor time of a page. In a crowd
// so much garbage may lie about instead, and eight times the heap at most; a
// heap that is larger doubles as ever.
const crowdGarbage = 64 << 20

const (
	collectorLook  = time.Second
	collectorBusy  = 2  // collections in a look from which on it is a crowd
	collectorQuiet = 15 // looks without any after which it is none
)

// collector chooses how far the heap may grow before it is collected.
type collector struct {
	percent int
	quiet   int // looks without a collection
}

// look is told of the collections since the last look and what the last one
// left, and returns the percentage to set, or 0 to leave it.
func (c *collector) look(collections, live uint64) int {
	if c.quiet++; collections > 0 {
		c.quiet = 0
	}
	want := c.percent
	switch {
	case c.quiet >= collectorQuiet:
		want = 100
	case collections >= collectorBusy || c.percent > 100 && collections > 0:
		want = max(100, int(100*crowdGarbage/max(live, crowdGarbage/8)))
	}
	if want == c.percent || want > 100 && c.percent > 100 && max(want, c.percent) < min(want, c.percent)*5/4 {
		return 0 // setting it stops the world for a moment
	}
	c.percent = want
	return want
}

// easeCollector does so until ctx ends. The memory limit holds whatever is set.
func easeCollector(ctx context.Context) {
	c := collector{percent: 100}
	seen := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(seen)
	for before := seen[0].Value.Uint64(); ; before = seen[0].Value.Uint64() {
		jobs.Sleep(ctx, collectorLook)
		if ctx.Err() != nil {
			return
		}
		metrics.Read(seen)
		if percent := c.look(seen[0].Value.Uint64()-before, seen[1].Value.Uint64()); percent > 0 {
			debug.SetGCPercent(percent)
		}
	}
}
