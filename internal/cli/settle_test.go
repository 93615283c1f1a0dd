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
	p.at = time.Now()
	p.wait(t.Context(), 0, settleAt) // the first portion
	if took := time.Since(began); took < 2*settlePause {
		t.Errorf("two portions went in %v", took)
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
