package cli

import (
	"testing"
	"time"
)

// The gauge follows what the process takes, within a second, up and down, and
// tells nothing where the system does not say.
func TestGauge(t *testing.T) {
	now, spent := time.Unix(1e9, 0), time.Duration(0)
	g := &gauge{now: func() time.Time { return now }, spent: func() time.Duration { return spent }, procs: 2}
	work := func(d time.Duration, share float64) {
		for range d / (10 * time.Millisecond) {
			now, spent = now.Add(10*time.Millisecond), spent+time.Duration(share*2*float64(10*time.Millisecond))
			g.busy()
		}
	}
	near := func(what string, want, within float64) {
		t.Helper()
		if got := g.busy(); got < want-within || got > want+within {
			t.Errorf("%s: %.2f, want %.2f", what, got, want)
		}
	}
	near("nothing is known", 0, 0)
	work(100*time.Millisecond, 1)
	near("a moment says little", 0, 0)
	work(time.Second, 0.8)
	near("after a second of 0.8", 0.8, 0.1)
	work(time.Second, 0.1)
	near("after a second of 0.1", 0.1, 0.1)
	now, spent = now.Add(time.Hour), spent+time.Hour
	near("an hour later, in which half of it was taken", 0.5, 0.01)
	now, spent = now.Add(time.Second), 0
	near("a counter that fell", 0, 0)
	now, spent = now.Add(time.Second), time.Hour
	near("one that leapt", 1, 0)
	none := &gauge{now: func() time.Time { return now }, spent: func() time.Duration { return 0 }, procs: 2}
	for range 10 {
		now = now.Add(time.Second)
		if got := none.busy(); got != 0 {
			t.Errorf("not known: %.2f", got)
		}
	}
}
