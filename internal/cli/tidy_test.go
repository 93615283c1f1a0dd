package cli

import (
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
)

// A log that holds the same pages many times is left to gather; one that is
// slow, short, or of a large file is carried over soon.
func TestALogOfTheSamePagesGathers(t *testing.T) {
	var r tidyRhythm
	at := time.Unix(1_700_000_000, 0)
	for i, c := range []struct {
		after, took   time.Duration // since the last portion began; this one took
		carried, file int
		want          time.Duration
	}{
		{0, 5 * time.Millisecond, 5000, 4000, tidyPause},                                      // the first: nobody knows since when
		{55 * time.Millisecond, 5 * time.Millisecond, 5055, 4000, tidyPause},                  // a thousand a second
		{60 * time.Millisecond, 10 * time.Millisecond, 6300, 4000, tidyGather},                // a crowd
		{310 * time.Millisecond, 10 * time.Millisecond, 12800, 5000, tidyGather},              // it goes on
		{320 * time.Millisecond, 20 * time.Millisecond, 6000, 6000, tidyGather},               // in a log begun anew
		{70 * time.Millisecond, 20 * time.Millisecond, 7200, 160000, tidyPause},               // as many, a large file
		{100 * time.Millisecond, 80 * time.Millisecond, 9200, 16000, 80 * time.Millisecond},   // a million signatures
		{100 * time.Millisecond, 80 * time.Millisecond, 10400, 160000, 80 * time.Millisecond}, // half of the time
		{3 * time.Second, 5 * time.Millisecond, 16400, 2000, tidyPause},                       // it was quiet in between
		{50 * time.Millisecond, 700 * time.Millisecond, 16700, 2000, 700 * time.Millisecond},  // a slow disk
		{750 * time.Millisecond, 5 * time.Second, 16701, 2000, tidyMost},                      // a very slow one
		{50 * time.Millisecond, 400 * time.Millisecond, 2, 200, 400 * time.Millisecond},       // little in a log begun anew
		{450 * time.Millisecond, 5 * time.Millisecond, 2 + 201*45/100, 100, tidyPause},        // just not more than the file
		{100 * time.Millisecond, 5 * time.Millisecond, 2 + 201*45/100 + 21, 100, tidyGather},  // just more
	} {
		at = at.Add(c.after)
		if got := r.pause(store.Tidied{Carried: c.carried, File: c.file}, at, at.Add(c.took)); got != c.want {
			t.Errorf("%d: %v, want %v", i, got, c.want)
		}
	}
}
