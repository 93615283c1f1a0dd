package signing

import "time"

const (
	// patience is how long whoever is let in shall wait at most: half of it for
	// the commit in progress, half for their own. Who comes first into a batch
	// waits for those who come last, so that the whole queue is bounded.
	patience = 2 * time.Second
	// always is how many are let in however slow the last commits were: a
	// commit of few says little about one of many, and somebody must try.
	always = 2 * crowd
	// few items tell what a commit costs, not what an item does: a quiet site on
	// a slow disk would refuse the first of a crowd.
	few = 32
	// longest bounds what one commit, or a clock that jumped, says of the next.
	longest = 10 * time.Second
)

// How long the pool rests behind several who are no crowd: at least, and at most
// where the processors have no time left. Each commit has its price however few
// are in it, and then a page is not served for it.
const (
	leastRest = 3 * time.Millisecond
	mostRest  = 12 * time.Millisecond
	busyFrom  = 0.5  // the share of the processors from which it is more than the least,
	busyAll   = 0.75 // and from which it is the most: the rest is not ours, or the kernel's
)

// restFor is the rest while this process takes such a share of the processors.
func restFor(busy float64) time.Duration {
	over := min(max((busy-busyFrom)/(busyAll-busyFrom), 0), 1)
	return leastRest + time.Duration(over*float64(mostRest-leastRest))
}

// pace is what the last commits say of the next: how many items they made
// durable in which time, each commit weighing three quarters of the one after.
type pace struct {
	made  float64
	spent time.Duration
}

// saw learns from a commit of n items.
func (c *pace) saw(n int, took time.Duration) {
	if n == 0 || took <= 0 || n < few && took < patience/4 { // nothing, a clock that was put back, or little
		return
	}
	c.made = c.made*3/4 + float64(n)
	c.spent = c.spent*3/4 + min(took, longest)
}

// room is how many may wait behind a commit of flying items that has run for so
// long. When that is late by more than patience the disk hangs, and nobody
// joins those who wait for it. There are so many at first while nothing is known.
func (c *pace) room(flying int, since time.Duration, first int) int {
	if flying > 0 && since-c.takes(flying) > patience {
		return 0
	}
	if c.spent == 0 {
		return first
	}
	return max(always, int(c.made*float64(patience)/float64(2*c.spent)))
}

// takes is how long n items take, at this pace; 0 while it is not known.
func (c *pace) takes(n int) time.Duration {
	if c.spent == 0 {
		return 0
	}
	return time.Duration(float64(n) / c.made * float64(c.spent))
}
