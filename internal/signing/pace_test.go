package signing

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// crush is what those heard who pressed into a pool.
type crush struct {
	mu      sync.Mutex
	in, out int
	longest time.Duration // of those who were let in, after the warm-up
	lateOut time.Duration // how long a refusal took, at most
}

// press sends rate items a second into p for so long, from a moment on counts
// how long they wait, and returns when all are answered.
func press[T, R any](p *pool[T, R], item func(i int) T, rate int, warm, end time.Duration) *crush {
	c, start := &crush{}, time.Now()
	ctx, stop := context.WithCancel(context.Background())
	var pool, people sync.WaitGroup
	pool.Go(func() { p.run(ctx) })
	for i := 0; time.Since(start) < end; i++ {
		people.Go(func() {
			begin := time.Now()
			_, err := p.do(ctx, item(i))
			took := time.Since(begin)
			c.mu.Lock()
			defer c.mu.Unlock()
			switch {
			case begin.Sub(start) < warm:
			case errors.Is(err, ErrFull):
				c.out++
				c.lateOut = max(c.lateOut, took)
			case err == nil:
				c.in++
				c.longest = max(c.longest, took)
			}
		})
		time.Sleep(time.Second / time.Duration(rate))
	}
	people.Wait()
	stop()
	pool.Wait()
	return c
}

// slow is a disk that takes so long for a commit and for each item of it.
func slow[T, R any](commit, each time.Duration) func(context.Context, []T) ([]R, error) {
	return func(_ context.Context, items []T) ([]R, error) {
		time.Sleep(commit + time.Duration(len(items))*each)
		return make([]R, len(items)), nil
	}
}

func TestWaitingIsBoundedByTime(t *testing.T) {
	for _, c := range []struct {
		name         string
		commit, each time.Duration
		rate         int
		in           int     // let in, at least, of ten seconds
		busy         float64 // are the processors
	}{
		{"a disk that makes 500 a second, of 5,000", 0, 2 * time.Millisecond, 5000, 4500, 0},
		{"the same, and no time for anything", 0, 2 * time.Millisecond, 5000, 4500, 1},
		{"one that makes 2,000, of 5,000", 10 * time.Millisecond, 500 * time.Microsecond, 5000, 18000, 0},
		{"half a second for each commit, whatever is in it", time.Second / 2, 0, 2000, 19000, 0},
		{"a second for each commit", time.Second, 0, 2000, 2000, 0},
		{"a tenth of a second for each commit, few in each, then many", 100 * time.Millisecond, 20 * time.Microsecond, 900, 8900, 0},
		{"a good one", time.Millisecond, 10 * time.Microsecond, 5000, 49000, 0},
		{"a good one, and no time for anything", time.Millisecond, 10 * time.Microsecond, 5000, 49000, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPool(20_000, 20_000, time.Now, func() float64 { return c.busy }, each, slow[int, bool](c.commit, c.each))
				got := press(p, func(i int) int { return i }, c.rate, 20*time.Second, 30*time.Second)
				if got.longest > patience+patience/10 || got.in < c.in {
					t.Errorf("%d let in, who waited %s at most; %d refused", got.in, got.longest, got.out)
				}
				if got.lateOut > 0 {
					t.Errorf("a refusal took %s", got.lateOut)
				}
			})
		})
	}
}

// What a quiet site on a slow disk has seen, a person at a time, says nothing of
// a crowd: nobody of it is refused.
func TestAQuietSiteLetsACrowdIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(queueSize, batchSize, time.Now, idle, func(int) petition.ID { return 1 }, slow[int, bool](50*time.Millisecond, 20*time.Microsecond))
		press(p, func(i int) int { return i }, 2, 0, 20*time.Second)
		if got := press(p, func(i int) int { return i }, 5000, 0, 5*time.Second); got.out > 0 || got.longest > patience {
			t.Errorf("%d were refused, the others waited %s at most", got.out, got.longest)
		}
	})
}

// On a slow disk, too, a flooded petition leaves room for a quiet one.
func TestASlowDiskIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		of := func(i int) petition.ID { return petition.ID(bit(i%1000 == 0)) }
		p := newPool(queueSize, batchSize, time.Now, idle, of, slow[int, bool](20*time.Millisecond, 2*time.Millisecond))
		var quiet crush
		got := press(p, func(i int) int { return i }, 4000, 20*time.Second, 20*time.Second)
		if got.in+got.out != 0 {
			t.Fatal("the warm-up is measured")
		}
		ctx, stop := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { press(p, func(i int) int { return i*1000 + 1 }, 4000, 0, 10*time.Second) })
		for range 8 {
			running.Go(func() {
				for range 4 {
					begin := time.Now()
					_, err := p.do(ctx, 1000)
					quiet.mu.Lock()
					quiet.longest = max(quiet.longest, time.Since(begin))
					quiet.out += bit(err != nil)
					quiet.mu.Unlock()
					time.Sleep(100 * time.Millisecond)
				}
			})
		}
		running.Wait()
		stop()
		if quiet.out > 0 || quiet.longest > patience {
			t.Errorf("%d of the quiet petition were refused, the others waited %s", quiet.out, quiet.longest)
		}
	})
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A disk that hangs takes those along who came before it was noticed, and
// nobody after; when it is back, so is the room.
func TestNobodyJoinsThoseWhoWaitForAHangingDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := newPool(queueSize, batchSize, time.Now, idle, each, func(_ context.Context, items []int) ([]bool, error) {
			time.Sleep(2 * time.Millisecond)
			if since := time.Since(start); since > 10*time.Second && since < 11*time.Second {
				time.Sleep(30 * time.Second)
			}
			return make([]bool, len(items)), nil
		})
		ctx, stop := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { press(p, func(i int) int { return i }, 100, 0, time.Minute) })
		time.Sleep(10*time.Second + 100*time.Millisecond + patience)
		for range 20 {
			if _, err := p.do(ctx, 1<<30); !errors.Is(err, ErrFull) {
				t.Fatalf("joined those who wait: %v", err)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(8 * time.Second) // it is back
		for i := range 1000 {
			if _, err := p.do(ctx, 1<<30+i); err != nil {
				t.Fatalf("afterwards: %v", err)
			}
		}
		running.Wait()
		stop()
	})
}

// A clock that jumps says little, and nothing for long.
func TestAJumpingClockIsForgotten(t *testing.T) {
	var c pace
	c.saw(100, 10*time.Millisecond)
	c.saw(100, 720*time.Hour)
	c.saw(100, -720*time.Hour)
	if got := c.room(0, 0, 1); got != always {
		t.Errorf("just after: %d", got)
	}
	for range 30 {
		c.saw(100, 10*time.Millisecond)
	}
	if got := c.room(0, 0, 1); got < queueSize {
		t.Errorf("thirty commits later: %d", got)
	}
}

// Both pools of the service are bounded so: forms and links.
func TestFormsAndLinksWaitForABoundedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Now: time.Now})
		s.confirms.flush, s.requests.flush = slow[store.NewSignature, store.Outcome](0, 4*time.Millisecond), slow[store.NewPending, bool](0, 4*time.Millisecond)
		var both sync.WaitGroup
		for _, pool := range []func() *crush{
			func() *crush {
				return press(s.confirms, func(i int) store.NewSignature { return store.NewSignature{Petition: petition.ID(i)} }, 2000, 10*time.Second, 15*time.Second)
			},
			func() *crush {
				return press(s.requests, func(i int) store.NewPending { return store.NewPending{Petition: petition.ID(i)} }, 2000, 10*time.Second, 15*time.Second)
			},
		} {
			both.Go(func() {
				if got := pool(); got.longest > patience+patience/10 || got.in < 1000 || got.out == 0 {
					t.Errorf("%d let in, who waited %s at most; %d refused", got.in, got.longest, got.out)
				}
			})
		}
		both.Wait()
	})
}

// The clock of a replay stands still within a day and jumps to the next; what
// waits is measured by another.
func TestWaitingHasAClockOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		day := time.Now()
		s := New(Options{Now: func() time.Time { return day }, Steady: time.Now})
		s.confirms.flush = func(_ context.Context, batch []store.NewSignature) ([]store.Outcome, error) {
			time.Sleep(time.Millisecond)
			return make([]store.Outcome, len(batch)), nil
		}
		ctx, stop := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { s.confirms.run(ctx) })
		for range 20 {
			var people sync.WaitGroup
			for range 1024 {
				people.Go(func() {
					if _, err := s.confirms.do(ctx, store.NewSignature{Petition: 1}); err != nil {
						t.Error(err)
					}
				})
			}
			people.Wait()
			day = day.Add(24 * time.Hour)
		}
		stop()
		running.Wait()
	})
}

// idle says that the processors have time.
func idle() float64 { return 0 }

func TestRestFor(t *testing.T) {
	for _, c := range []struct {
		busy float64
		want time.Duration
	}{{-1, 3 * time.Millisecond}, {0, 3 * time.Millisecond}, {0.5, 3 * time.Millisecond}, {0.625, 7500 * time.Microsecond},
		{0.75, 12 * time.Millisecond}, {1, 12 * time.Millisecond}, {9, 12 * time.Millisecond}} {
		if got := restFor(c.busy); got != c.want {
			t.Errorf("%g busy: %s, want %s", c.busy, got, c.want)
		}
	}
}

// Where the processors have no time, a thousand people a second are fewer
// commits; nobody waits for long, and who comes alone waits for the disk only.
func TestABusyMachineCommitsLessOften(t *testing.T) {
	commits := func(busy float64) (n int, longest time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			flush := func(ctx context.Context, items []int) ([]bool, error) {
				n++
				return slow[int, bool](time.Millisecond, 40*time.Microsecond)(ctx, items)
			}
			p := newPool(queueSize, batchSize, time.Now, func() float64 { return busy }, each, flush)
			c := press(p, func(i int) int { return i }, 1000, 0, 2*time.Second)
			if c.out > 0 || c.in != 2000 {
				t.Errorf("%d were let in, %d not", c.in, c.out)
			}
			longest = c.longest
		})
		return n, longest
	}
	idle, most := commits(0.3)
	busy, late := commits(1)
	if busy*2 > idle || most > 6*time.Millisecond || late > 16*time.Millisecond {
		t.Errorf("idle %d commits and %s at most, busy %d and %s", idle, most, busy, late)
	}
	synctest.Test(t, func(t *testing.T) {
		p := newPool(queueSize, batchSize, time.Now, func() float64 { return 1 }, each, slow[int, bool](2*time.Millisecond, 0))
		if c := press(p, func(i int) int { return i }, 20, 0, time.Second); c.longest != 2*time.Millisecond {
			t.Errorf("alone: %s", c.longest)
		}
	})
}
