package cli

import (
	"context"
	"path/filepath"
	"testing"
	"time"
)

// most are who may be recent in these tests.
const most = 1 << 22

// A crowd is settled in step with the room that those behind it take, and is done
// before there is none.
func TestSettlingKeepsStep(t *testing.T) {
	at, room := settleAt(most), settleRoom(most)
	for _, c := range []struct{ newer, of, want int }{
		{0, at, 0},
		{room / 2, at, at / 2},
		{room, at, at},
		{2 * room, at, 2 * at}, // late: nothing waits
		{100, 10, 0},
		{most, most, most / room * most}, // no overflow
	} {
		if got := settleDue(c.newer, c.of, room); got < c.want || c.newer < most && got != c.want {
			t.Errorf("%d newer than %d: due %d, want %d", c.newer, c.of, got, c.want)
		}
	}
	if at+room >= most {
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
	p.wait(t.Context(), 10, 20)        // nobody comes any more
	const took = 50 * time.Millisecond // of a portion
	p.begun = time.Now().Add(-took)
	rested := time.Now()
	p.wait(t.Context(), 10, 20)
	if got := time.Since(rested); got < settleRest*took {
		t.Errorf("behind a portion of %v others had %v", took, got)
	}
	p.at = time.Now()
	p.wait(t.Context(), 0, 20) // the first portion
	if all := time.Since(began); all < 3*settlePause {
		t.Errorf("three portions went in %v", all)
	}
	p.at = time.Now()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { p.wait(ctx, 10, 20); close(ended) }()
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
	r := settleRhythm{most: most}
	at := time.Unix(1_700_000_000, 0)
	for i, c := range []struct {
		after time.Duration
		n     int
		want  bool
	}{
		{0, 0, false}, {time.Hour, 0, false},
		{time.Second, 8, false}, {9 * time.Second, 8, false}, {time.Second, 8, true}, // over
		{time.Second, 16, false}, {9 * time.Second, 24, false}, {9 * time.Second, 25, false}, {10 * time.Second, 25, true},
		{0, settleAt(most) - 1, false}, {0, settleAt(most), true}, // many
	} {
		at = at.Add(c.after)
		got := r.due(c.n, at)
		if got != c.want {
			t.Errorf("%d: %v, want %v", i, got, c.want)
		}
		if got {
			r = settleRhythm{most: most}
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
