package cli

import (
	"context"
	"time"

	"github.com/dauys/dauys/internal/jobs"
	"github.com/dauys/dauys/internal/store"
)

// The pauses between two portions of SQLite's log: as a rule, in a crowd on a
// small file, and behind a portion that failed or took long.
const (
	tidyPause  = 50 * time.Millisecond
	tidyGather = 300 * time.Millisecond
	tidyMost   = time.Second
)

// tidyLog carries SQLite's log over after commits, until ctx ends: at once on a
// quiet site, and half of the time in a crowd.
func tidyLog(ctx context.Context, st *store.Store, failed func(error)) {
	var r tidyRhythm
	for {
		select {
		case <-st.Committed():
		case <-ctx.Done():
			return
		}
		began := time.Now()
		pause := tidyMost
		if t, err := st.TidyLog(ctx); err == nil {
			pause = r.pause(t, began, time.Now())
		} else if ctx.Err() == nil {
			failed(err) // a full disk is one line a second
		}
		jobs.Sleep(ctx, pause)
	}
}

// tidyRhythm says when the next portion is carried over.
type tidyRhythm struct {
	carried int // pages of the log, in the last portion and those before it
	at      time.Time
}

// pause is how long the log is left alone behind a portion that took from began
// until now. Where it grows by more than the whole file every half second it holds
// the same pages many times: left to gather, each is written once, and the processor
// and the disk are free for commits. A large file has a page of its own for nearly
// every signature, and nothing is gained by waiting.
func (r *tidyRhythm) pause(t store.Tidied, began, now time.Time) time.Duration {
	grown, since := t.Carried-r.carried, began.Sub(r.at)
	if grown < 0 { // begun anew
		grown = t.Carried
	}
	r.carried, r.at = t.Carried, began
	pause := tidyPause
	if since < tidyMost && float64(grown) > since.Seconds()*float64(2*t.File) {
		pause = tidyGather
	}
	return min(max(pause, now.Sub(began)), tidyMost)
}
