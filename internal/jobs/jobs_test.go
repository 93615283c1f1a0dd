package jobs

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/profiles"
)

func open(t *testing.T) *store.Store {
	t.Helper()
	laws, err := profiles.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "jobs.db"), laws)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return st
}

func runner(st *store.Store, holder string, alone bool, tasks ...Task) *Runner {
	return New(Options{Store: st, Holder: holder, Alone: alone, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Tasks: tasks})
}

// until waits for something that another goroutine makes true.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

func TestTasksGoOnAfterAnErrorAndStopWithTheirContext(t *testing.T) {
	var calls, more atomic.Int64
	r := runner(nil, "a", true,
		Task{Name: "fails", Every: time.Millisecond, Run: func(context.Context) (bool, error) {
			calls.Add(1)
			return true, errors.New("no")
		}},
		Task{Name: "has more", Every: time.Hour, Run: func(context.Context) (bool, error) { return more.Add(1) < 5, nil }})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { r.Run(ctx) })
	until(t, "a failing task is tried again", func() bool { return calls.Load() > 3 })
	until(t, "a task with more goes on without a rest", func() bool { return more.Load() == 5 })
	stop()
	wg.Wait()
	stopped := calls.Load()
	time.Sleep(20 * time.Millisecond)
	if calls.Load() != stopped {
		t.Error("a task ran after Run returned")
	}
}

func TestRunAllGoesRoundUntilNothingIsLeft(t *testing.T) {
	var order []string
	letters := 0
	events := 3
	r := runner(nil, "a", true,
		Task{Name: "letters", Run: func(context.Context) (bool, error) {
			if letters == 0 {
				return false, nil
			}
			letters--
			order = append(order, "letter")
			return true, nil
		}},
		Task{Name: "events", Run: func(context.Context) (bool, error) {
			if events == 0 {
				return false, nil
			}
			events--
			letters++ // work for a task that ran before
			order = append(order, "event")
			return true, nil
		}})
	if err := r.RunAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(order) != 6 || letters != 0 || events != 0 {
		t.Errorf("did %v, left %d letters and %d events", order, letters, events)
	}
}

func TestRunAllReturnsTheFirstError(t *testing.T) {
	bad := errors.New("no")
	r := runner(nil, "a", true, Task{Name: "fails", Run: func(context.Context) (bool, error) { return true, bad }})
	if err := r.RunAll(t.Context()); !errors.Is(err, bad) {
		t.Errorf("got %v", err)
	}
}

// Two servers share a database: the timetable runs on one of them, and moves
// to the other when the first has gone without giving the lease back.
func TestOneServerAtATimeAndItMoves(t *testing.T) {
	st := open(t)
	gone, held, err := st.Lease(t.Context(), leaseName, "gone", 200*time.Millisecond)
	if err != nil || !held {
		t.Fatalf("the first server: %v %v", held, err)
	}
	var ran atomic.Int64
	r := runner(st, "second", false, Task{Name: "count", Every: time.Millisecond, Run: func(ctx context.Context) (bool, error) {
		ran.Add(1)
		return false, st.SetMeta(ctx, "by", "second")
	}})
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { r.Run(ctx) })
	time.Sleep(50 * time.Millisecond)
	if ran.Load() != 0 {
		t.Error("ran while another server held the lease")
	}
	until(t, "the second server takes over", func() bool { return ran.Load() > 0 })
	// The first one was frozen and wakes up in the middle of its work.
	if err := st.SetMeta(store.Under(t.Context(), gone), "by", "gone"); !errors.Is(err, store.ErrFenced) {
		t.Errorf("work of a tenure that ended: %v", err)
	}
	if by, err := st.Meta(t.Context(), "by"); err != nil || by != "second" {
		t.Errorf("the work was done by %q (%v)", by, err)
	}
	if _, held, err := st.Lease(t.Context(), leaseName, "gone", leaseTTL); err != nil || held {
		t.Errorf("the first server has it back: %v %v", held, err)
	}
	stop()
	wg.Wait()
	if _, held, err := st.Lease(t.Context(), leaseName, "third", leaseTTL); err != nil || !held {
		t.Errorf("the lease was not given back at the stop: %v %v", held, err)
	}
}
