// Package jobs runs what must be done again and again, on one server at a time.
//
// What lives here: the timetable, leases, starting and stopping.
//
// What never: knowledge of what a task does. Package cli says which there are.
package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/store"
)

// Task is one thing to do again and again. Run does one step and reports
// whether there is more to do at once. It must be safe to run again after a
// crash at any point.
type Task struct {
	Name  string
	Every time.Duration // how long to rest when there is nothing more
	Run   func(ctx context.Context) (more bool, err error)
}

// Options are what the runner needs.
type Options struct {
	Store  *store.Store
	Holder string // names this process in leases
	Alone  bool   // no other server shares the database: no lease is taken
	Logger *slog.Logger
	Tasks  []Task
}

// Runner runs tasks. Make it with New, run it once.
type Runner struct {
	o Options
	// running holds a lock for each task, so that RunAll and the timetable
	// never run one task twice at the same moment.
	running []sync.Mutex
}

// New makes a runner.
func New(o Options) *Runner { return &Runner{o: o, running: make([]sync.Mutex, len(o.Tasks))} }

// The lease is renewed long before it ends. A server that dies without giving
// it back holds the work up for leaseTTL and leaseRenew at most.
const (
	leaseTTL   = 12 * time.Second
	leaseRenew = 3 * time.Second
	leaseName  = "jobs"
)

// Run works off the timetable until ctx ends, while this process holds the
// lease. It returns when all tasks have stopped.
func (r *Runner) Run(ctx context.Context) {
	if r.o.Alone {
		r.runTasks(ctx)
		return
	}
	for ctx.Err() == nil {
		tenure, held, err := r.lease(ctx)
		if err != nil && ctx.Err() == nil {
			r.o.Logger.Error("lease", "error", err)
		}
		if held {
			r.whileHeld(ctx, tenure)
		}
		Sleep(ctx, leaseRenew)
	}
}

func (r *Runner) lease(ctx context.Context) (store.Fence, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, leaseTTL)
	defer cancel()
	return r.o.Store.Lease(ctx, leaseName, r.o.Holder, leaseTTL)
}

// whileHeld runs the tasks under the fence of this tenure and renews the
// lease. When it cannot be renewed the tasks are stopped at once: another
// server may have taken it. What they have begun by then the fence decides,
// in the transaction that would commit it.
func (r *Runner) whileHeld(ctx context.Context, tenure store.Fence) {
	r.o.Logger.Info("this server runs the timetable", "tenure", tenure.Epoch)
	work, stop := context.WithCancel(store.Under(ctx, tenure))
	var wg sync.WaitGroup
	wg.Go(func() { r.runTasks(work) })
	for ctx.Err() == nil {
		Sleep(ctx, leaseRenew)
		again, held, err := r.lease(ctx)
		if err != nil || !held || again != tenure {
			break
		}
	}
	stop()
	wg.Wait()
	done, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := r.o.Store.EndLease(done, tenure); err != nil {
		r.o.Logger.Error("lease", "error", err)
	}
	r.o.Logger.Info("this server has left the timetable", "tenure", tenure.Epoch)
}

func (r *Runner) runTasks(ctx context.Context) {
	var wg sync.WaitGroup
	for i := range r.o.Tasks {
		wg.Go(func() {
			for ctx.Err() == nil {
				more, err := r.step(ctx, i)
				if err != nil && ctx.Err() == nil {
					r.o.Logger.Error("task failed", "task", r.o.Tasks[i].Name, "error", err)
				}
				if !more || err != nil {
					Sleep(ctx, r.o.Tasks[i].Every)
				}
			}
		})
	}
	wg.Wait()
}

func (r *Runner) step(ctx context.Context, i int) (bool, error) {
	r.running[i].Lock()
	defer r.running[i].Unlock()
	return r.o.Tasks[i].Run(ctx)
}

// RunAll runs every task, in order, until none has more to do, and then all of
// them once more when one of them did something: what one does may be work for
// another. The demo's clock and tests call it.
func (r *Runner) RunAll(ctx context.Context) error {
	for again := true; again; {
		again = false
		for i := range r.o.Tasks {
			for {
				more, err := r.step(ctx, i)
				if err != nil {
					return err
				}
				if !more {
					break
				}
				again = true
			}
		}
	}
	return nil
}

// Sleep rests for d or until ctx ends.
func Sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
