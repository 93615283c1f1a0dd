package cli

import (
	"context"
	"time"

	"github.com/dauys/dauys/internal/jobs"
	"github.com/dauys/dauys/internal/store"
)

const (
	// crowdOver is for how long nobody came, when those who are left are carried over.
	crowdOver = 10 * time.Second
	// settleLate is when they are although some come: their rows tell who came first.
	settleLate = 15 * time.Minute
)

// settleAt is how many of the most that may be recent are carried into their table
// at a time while a crowd signs: the more, the fewer pages each of them takes.
func settleAt(most int) int { return most / 2 }

// settleRoom is how many more may come meanwhile, and a quarter is left for those
// who come sooner than was thought.
func settleRoom(most int) int { return (most - settleAt(most)) / 4 * 3 }

// settle carries the signatures of a crowd into their table, until ctx ends: two
// million at a time, in step with those who come, and the rest once it is over.
func settle(ctx context.Context, st *store.Store, failed func(error)) {
	r := settleRhythm{most: st.MostRecent()}
	for ; ctx.Err() == nil; jobs.Sleep(ctx, time.Second) {
		n, err := st.Recent(ctx)
		if err == nil && r.due(n, time.Now()) {
			p := settlePace{st: st, come: n, at: time.Now()}
			_, err = st.Settle(ctx, func(settled, of int) { p.wait(ctx, settled, of) })
			r = settleRhythm{most: r.most}
		}
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
}

// settleRhythm says when those who wait are settled.
type settleRhythm struct {
	most        int       // who may
	n           int       // who wait
	first, last time.Time // when the first of them was seen, and the last
}

func (r *settleRhythm) due(n int, now time.Time) bool {
	if r.n == 0 {
		r.first = now
	}
	if n != r.n {
		r.n, r.last = n, now
	}
	return n > 0 && (n >= settleAt(r.most) || now.Sub(r.last) >= crowdOver || now.Sub(r.first) >= settleLate)
}

const (
	// settlePause is left between two portions whatever happens.
	settlePause = 20 * time.Millisecond
	// settleRest is how many times as long as a portion took is left behind it where
	// no crowd presses: others write, too, and nobody waits for the rest.
	settleRest = 4
)

// settlePace has as large a part of the people settled as of the room is taken by
// those who came since: spread over the time that there is, it is felt least.
type settlePace struct {
	st    *store.Store
	come  int       // recent signatures, when somebody came last
	at    time.Time // and when that was
	begun time.Time // when the last portion was; zero for none
}

func (p *settlePace) wait(ctx context.Context, settled, of int) {
	var took time.Duration
	if !p.begun.IsZero() {
		took = time.Since(p.begun)
	}
	for waited := time.Duration(0); ; waited += settlePause {
		jobs.Sleep(ctx, settlePause)
		n, err := p.st.Recent(ctx)
		if n != p.come {
			p.come, p.at = n, time.Now()
		}
		over := time.Since(p.at) > time.Second && waited >= settleRest*took
		if err != nil || ctx.Err() != nil || over || settleDue(n-of, of, settleRoom(p.st.MostRecent())) >= settled {
			break
		}
	}
	p.begun = time.Now()
}

// settleDue is how many of those to be settled should be by now.
func settleDue(newer, of, room int) int {
	return int(int64(newer) * int64(of) / int64(room))
}
