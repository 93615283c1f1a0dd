package signing

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// disk is what a fake flush keeps: a set, as the store's rows are by their keys.
type disk struct {
	kept    map[int]bool
	batches [][]int
	// fail says what becomes of a flush: whether its items are kept, and the error.
	fail func(n int, items []int) (kept bool, err error)
}

// flush answers true for an item that is new, like the store.
func (d *disk) flush(_ context.Context, items []int) ([]bool, error) {
	d.batches = append(d.batches, slices.Clone(items))
	keep, err := true, error(nil)
	if d.fail != nil {
		keep, err = d.fail(len(d.batches), items)
	}
	out := make([]bool, len(items))
	if keep {
		for i, x := range items {
			out[i] = !d.kept[x]
			d.kept[x] = true
		}
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// each says that every item is of a petition of its own.
func each(i int) petition.ID { return petition.ID(i) }

func newDisk() *disk { return &disk{kept: map[int]bool{}} }

// queued starts n waiters and lets each reach the queue, in the order of i.
// Their answers are complete when the returned function returns.
func queued(p *pool[int, bool], n int) func() ([]bool, []error) {
	rs, errs := make([]bool, n), make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { rs[i], errs[i] = p.do(context.Background(), i) })
		synctest.Wait()
	}
	return func() ([]bool, []error) { wg.Wait(); return rs, errs }
}

// ran runs the pool until the waiters are answered and returns when it stopped.
func ran(p *pool[int, bool], answers func() ([]bool, []error)) ([]bool, []error) {
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { p.run(ctx) })
	rs, errs := answers()
	stop()
	wg.Wait()
	return rs, errs
}

func TestWhatIsQueuedIsOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		p := newPool(100, 40, time.Now, idle, each, d.flush)
		rs, errs := ran(p, queued(p, 100))
		for i := range rs {
			if !rs[i] || errs[i] != nil {
				t.Errorf("%d: %v, %v", i, rs[i], errs[i])
			}
		}
		if len(d.batches) != 3 || len(d.batches[0]) != 40 || len(d.batches[2]) != 20 || len(d.kept) != 100 {
			t.Errorf("%d batches, %d kept", len(d.batches), len(d.kept))
		}
	})
}

func TestAFullPoolRefusesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		p := newPool(3, 10, time.Now, idle, each, d.flush)
		answers := queued(p, 3)
		start := time.Now()
		if _, err := p.do(context.Background(), 9); !errors.Is(err, ErrFull) {
			t.Errorf("the fourth: %v", err)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("refused after %s", waited)
		}
		if _, errs := ran(p, answers); errors.Join(errs...) != nil {
			t.Errorf("those who waited: %v", errs)
		}
		if d.kept[9] {
			t.Error("refused, and kept")
		}
	})
}

// A flooded petition fills half of the room, a second one a third; whoever
// signs another is let in at once, and counted with the next commit.
func TestAFloodedPetitionKeepsNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		of := func(i int) petition.ID { return petition.ID(i / 1000) }
		p := newPool(90, 90, time.Now, idle, of, d.flush)
		fill := func(from int) (got int) {
			for ; p.put(waiter[int, bool]{item: from + got, done: make(chan result[bool], 1)}); got++ {
			}
			return got
		}
		for i, want := range []int{45, 23, 11, 6, 3} {
			if got := fill(1000 * (i + 1)); got != want {
				t.Errorf("petition %d has %d waiting, want %d", i+1, got, want)
			}
		}
		if _, err := p.do(context.Background(), 1999); !errors.Is(err, ErrFull) {
			t.Errorf("the flooded petition: %v", err)
		}
		ctx, stop := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() {
			if fresh, err := p.do(ctx, 9000); err != nil || !fresh {
				t.Errorf("a quiet petition: %v, %v", fresh, err)
			}
		})
		synctest.Wait() // queued, behind all of them
		wg.Go(func() { p.run(ctx) })
		synctest.Wait()
		stop()
		wg.Wait()
		if len(d.batches) != 1 || !d.kept[9000] {
			t.Errorf("%d commits until the quiet petition was counted", len(d.batches))
		}
		if len(p.shares) != 0 || fill(1000) != 45 {
			t.Error("what was committed still takes room")
		}
	})
}

// What is waiting and what is being committed is all there is, whoever asks.
func TestSharesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size, max := rapid.IntRange(1, 40).Draw(t, "size"), rapid.IntRange(1, 40).Draw(t, "max")
		p := newPool(size, max, time.Now, idle, func(i int) petition.ID { return petition.ID(i) }, newDisk().flush)
		have := map[petition.ID]int{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if i := rapid.IntRange(0, 4).Draw(t, "petition"); i > 0 {
				id := petition.ID(i)
				room := have[id] < size-len(p.queue)
				if p.put(waiter[int, bool]{item: i}) != room {
					t.Fatalf("petition %d has %d of %d waiting in %d, let in: %v", i, have[id], len(p.queue), size, !room)
				}
				if room {
					have[id]++
				}
			} else {
				for _, w := range p.take() {
					if have[petition.ID(w.item)]--; have[petition.ID(w.item)] == 0 {
						delete(have, petition.ID(w.item))
					}
				}
			}
			if len(p.queue) > size || !maps.Equal(p.shares, have) {
				t.Fatalf("%d wait in %d, shares %v, want %v", len(p.queue), size, p.shares, have)
			}
		}
	})
}

func TestAWaiterMayLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		p := newPool(10, 10, time.Now, idle, each, d.flush)
		ctx, leave := context.WithTimeout(context.Background(), time.Second)
		defer leave()
		if _, err := p.do(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("left with %v", err)
		}
		if _, errs := ran(p, queued(p, 1)); errs[0] != nil { // the pool does not wait for who left
			t.Errorf("the next: %v", errs[0])
		}
		if !d.kept[1] {
			t.Error("what was queued is lost")
		}
	})
}

func TestStopAnswersAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		ctx, stop := context.WithCancel(context.Background())
		p := newPool(1000, 7, time.Now, idle, each, func(ctx context.Context, items []int) ([]bool, error) {
			if err := ctx.Err(); err != nil {
				return nil, err // a flush must not be cut by the stop
			}
			time.Sleep(time.Millisecond)
			return d.flush(ctx, items)
		})
		answers := queued(p, 100)
		stop()
		p.run(ctx) // stopped before it began
		rs, errs := answers()
		for i := range rs {
			if !rs[i] || errs[i] != nil {
				t.Fatalf("%d: %v, %v", i, rs[i], errs[i])
			}
		}
		if len(d.kept) != 100 {
			t.Errorf("%d kept", len(d.kept))
		}
	})
}

var errDisk = errors.New("the disk said no")

// Each failure twice: what was asked for did not happen, and it did.
func TestAFlushThatFailsOnce(t *testing.T) {
	for _, happened := range []bool{false, true} {
		for _, n := range []int{1, 2, 50} {
			t.Run(fmt.Sprintf("happened %v, %d", happened, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newDisk()
					d.fail = func(flush int, _ []int) (bool, error) {
						if flush == 1 {
							return happened, errDisk
						}
						return true, nil
					}
					p := newPool(100, 100, time.Now, idle, each, d.flush)
					rs, errs := ran(p, queued(p, n))
					for i := range n {
						switch {
						case n == 1 && !errors.Is(errs[i], errDisk):
							t.Errorf("alone: %v", errs[i])
						case n > 1 && (errs[i] != nil || rs[i] == happened):
							t.Errorf("%d: new %v, %v", i, rs[i], errs[i])
						}
					}
					if want := n; n > 1 && len(d.kept) != want {
						t.Errorf("%d kept of %d", len(d.kept), want)
					}
				})
			})
		}
	}
}

func TestOneBadItemSpoilsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDisk()
		d.fail = func(_ int, items []int) (bool, error) {
			if slices.Contains(items, 3) {
				return false, errDisk
			}
			return true, nil
		}
		p := newPool(100, 100, time.Now, idle, each, d.flush)
		rs, errs := ran(p, queued(p, 10))
		for i := range rs {
			if bad := i == 3; bad != (errs[i] != nil) || rs[i] == bad {
				t.Errorf("%d: %v, %v", i, rs[i], errs[i])
			}
		}
	})
}

func TestAFullDiskIsNotAskedOnceForEach(t *testing.T) {
	for _, cause := range []error{store.ErrFull, store.ErrDisk, store.ErrUnavailable} {
		synctest.Test(t, func(t *testing.T) {
			d := newDisk()
			d.fail = func(int, []int) (bool, error) { return false, fmt.Errorf("commit: %w", cause) }
			p := newPool(100, 100, time.Now, idle, each, d.flush)
			_, errs := ran(p, queued(p, 50))
			for i, err := range errs {
				if !errors.Is(err, cause) {
					t.Errorf("%d: %v", i, err)
				}
			}
			if len(d.batches) != 1 {
				t.Errorf("%d flushes", len(d.batches))
			}
		})
	}
}

// Whatever fails and whoever leaves: an answer without error means kept, every
// waiter is answered, and the pool stops. synctest fails on a goroutine that stays.
func TestAnAnswerMeansKept(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(rt, "items")
		fails := rapid.SliceOfN(rapid.SampledFrom([]error{nil, nil, errDisk, store.ErrFull, store.ErrUnavailable}), 1, 60).Draw(rt, "fails")
		kept := rapid.SliceOfN(rapid.Bool(), 1, 60).Draw(rt, "kept")
		patience := rapid.SliceOfN(rapid.IntRange(0, 50), n, n).Draw(rt, "patience")
		batch := rapid.IntRange(1, 12).Draw(rt, "batch")
		synctest.Test(t, func(t *testing.T) {
			d := newDisk()
			d.fail = func(flush int, _ []int) (bool, error) {
				err := fails[flush%len(fails)]
				return err == nil || kept[flush%len(kept)], err
			}
			p := newPool(n/2+1, batch, time.Now, idle, each, func(ctx context.Context, items []int) ([]bool, error) {
				time.Sleep(time.Millisecond)
				return d.flush(ctx, items)
			})
			ctx, stop := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() { defer close(done); p.run(ctx) }()
			var wg sync.WaitGroup
			acked := make([]bool, n)
			for i := range n {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(context.Background(), time.Duration(patience[i])*time.Millisecond)
					defer cancel()
					_, err := p.do(ctx, i)
					acked[i] = err == nil
				})
			}
			wg.Wait()
			stop()
			<-done
			for i := range acked {
				if acked[i] && !d.kept[i] {
					t.Errorf("%d was told 'counted' and is not kept", i)
				}
			}
		})
	})
}
