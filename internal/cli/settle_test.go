package cli

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
)

// A crowd is settled in step with the room that those behind it take, and is done
// before there is none.
func TestSettlingKeepsStep(t *testing.T) {
	for _, c := range []struct{ newer, of, want int }{
		{0, settleAt, 0},
		{settleRoom / 2, settleAt, settleAt / 2},
		{settleRoom, settleAt, settleAt},
		{2 * settleRoom, settleAt, 2 * settleAt}, // late: nothing waits
		{100, 10, 0},
		{store.MostRecent, store.MostRecent, store.MostRecent / settleRoom * store.MostRecent}, // no overflow
	} {
		if got := settleDue(c.newer, c.of); got < c.want || c.newer < store.MostRecent && got != c.want {
			t.Errorf("%d newer than %d: due %d, want %d", c.newer, c.of, got, c.want)
		}
	}
	if settleAt+settleRoom >= store.MostRecent {
		t.Error("there is no room left for who comes sooner")
	}
}

// A portion waits for those who come, and no longer than anybody comes.
func TestSettlingWaitsForACrowdOnly(t *testing.T) {
	st, err := openStore(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "dauys.db"), true)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	p := settlePace{st: st, at: time.Now().Add(-2 * time.Second)}
	began := time.Now()
	p.wait(t.Context(), settleAt/2, settleAt) // nobody comes any more
	const took = 50 * time.Millisecond        // of a portion
	p.begun = time.Now().Add(-took)
	rested := time.Now()
	p.wait(t.Context(), settleAt/2, settleAt)
	if got := time.Since(rested); got < settleRest*took {
		t.Errorf("behind a portion of %v others had %v", took, got)
	}
	p.at = time.Now()
	p.wait(t.Context(), 0, settleAt) // the first portion
	if all := time.Since(began); all < 3*settlePause {
		t.Errorf("three portions went in %v", all)
	}
	p.at = time.Now()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { p.wait(ctx, settleAt/2, settleAt); close(ended) }()
	select {
	case <-ended:
		t.Error("a portion does not wait for the crowd")
	case <-time.After(5 * settlePause):
	}
	stop()
	<-ended
}

// Those who wait are settled when they are many, when nobody comes any more, and
// when some come all the time.
func TestWhenACrowdIsSettled(t *testing.T) {
	var r settleRhythm
	at := time.Unix(1_700_000_000, 0)
	for i, c := range []struct {
		after time.Duration
		n     int
		want  bool
	}{
		{0, 0, false}, {time.Hour, 0, false},
		{time.Second, 8, false}, {9 * time.Second, 8, false}, {time.Second, 8, true}, // over
		{time.Second, 16, false}, {9 * time.Second, 24, false}, {9 * time.Second, 25, false}, {10 * time.Second, 25, true},
		{0, settleAt - 1, false}, {0, settleAt, true}, // many
	} {
		at = at.Add(c.after)
		got := r.due(c.n, at)
		if got != c.want {
			t.Errorf("%d: %v, want %v", i, got, c.want)
		}
		if got {
			r = settleRhythm{}
		}
	}
	for n := range int(settleLate / (9 * time.Second)) {
		if r.due(8+n, at.Add(time.Duration(n)*9*time.Second)) {
			t.Fatalf("some come, and are settled at %d", n)
		}
	}
	if !r.due(10_000, at.Add(settleLate)) {
		t.Error("some come all the time, and are never settled")
	}
}
