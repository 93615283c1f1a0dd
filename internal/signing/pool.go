package signing

import (
	"context"
	"errors"

	"github.com/dauys/dauys/internal/store"
)

// ErrFull says that the pool is full: ask again in a moment.
var ErrFull = errors.New("signing: too many are signing at this moment")

// pool makes many small writes one transaction. While a commit is under way
// the next batch gathers, so waiting for company is never needed.
type pool[T, R any] struct {
	queue chan waiter[T, R]
	flush func(context.Context, []T) ([]R, error)
	max   int
}

type waiter[T, R any] struct {
	item T
	done chan result[R] // holds one, so that the pool never waits for a waiter
}

type result[R any] struct {
	r   R
	err error
}

func newPool[T, R any](size, batch int, flush func(context.Context, []T) ([]R, error)) *pool[T, R] {
	return &pool[T, R]{queue: make(chan waiter[T, R], size), flush: flush, max: batch}
}

// do puts item into the pool and waits until its batch is durable. A full pool
// is refused at once with ErrFull. When ctx ends first the item may still be
// committed: every item must be safe to send again.
func (p *pool[T, R]) do(ctx context.Context, item T) (R, error) {
	w := waiter[T, R]{item: item, done: make(chan result[R], 1)}
	var none R
	select {
	case p.queue <- w:
	default:
		return none, ErrFull
	}
	select {
	case res := <-w.done:
		return res.r, res.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// run commits batches until ctx ends, and then what is still queued. One
// goroutine runs a pool; whoever starts it waits for it.
func (p *pool[T, R]) run(ctx context.Context) {
	for {
		select {
		case w := <-p.queue:
			p.batch(context.WithoutCancel(ctx), w)
		case <-ctx.Done():
			for {
				select {
				case w := <-p.queue:
					p.batch(context.WithoutCancel(ctx), w)
				default:
					return
				}
			}
		}
	}
}

// batch gathers what is queued now behind first and commits it. When a batch
// fails for a reason that may lie in one item, each is tried alone.
func (p *pool[T, R]) batch(ctx context.Context, first waiter[T, R]) {
	ws := []waiter[T, R]{first}
gather:
	for len(ws) < p.max {
		select {
		case w := <-p.queue:
			ws = append(ws, w)
		default:
			break gather
		}
	}
	items := make([]T, len(ws))
	for i, w := range ws {
		items[i] = w.item
	}
	rs, err := p.flush(ctx, items)
	if err != nil && len(ws) > 1 && !errors.Is(err, store.ErrFull) && !errors.Is(err, store.ErrUnavailable) {
		for _, w := range ws {
			rs, err := p.flush(ctx, []T{w.item})
			w.answer(rs, 0, err)
		}
		return
	}
	for i, w := range ws {
		w.answer(rs, i, err)
	}
}

func (w waiter[T, R]) answer(rs []R, i int, err error) {
	if err != nil {
		w.done <- result[R]{err: err}
		return
	}
	w.done <- result[R]{r: rs[i]}
}
