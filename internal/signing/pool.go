package signing

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// ErrFull says that the pool is full: ask again in a moment.
var ErrFull = errors.New("signing: too many are signing at this moment")

// pool makes many small writes one transaction. While a commit is under way
// the next batch gathers, so that who comes alone waits for nobody. Where several
// came at once the pool rests for a moment behind the commit: on a fast disk a
// thousand people a second would else be as many commits, and the processor has
// pages to serve, too; the busier it is, the longer, see restFor. In a crowd a
// shorter pause does: those who were just answered come back with the next ones,
// and half as many commits do the same work.
//
// At most size items wait and as many are being committed, so memory is
// bounded; fewer when the disk is slow, so that time is, too: see room. A
// petition may have as many waiting as there is room left over: one that is
// flooded fills half of the pool and no more, two fill a third each, and
// whoever signs another petition always finds room.
type pool[T, R any] struct {
	flush func(context.Context, []T) ([]R, error)
	of    func(T) petition.ID // whose share an item takes
	now   func() time.Time
	busy  func() float64 // see Options
	size  int
	max   int           // items committed together
	wake  chan struct{} // holds one: something is queued

	mu     sync.Mutex // guards what follows
	queue  []waiter[T, R]
	shares map[petition.ID]int // how many of queue are of each petition
	flying int                 // being committed,
	began  time.Time           // since
	pace   pace
}

type waiter[T, R any] struct {
	item T
	done chan result[R] // holds one, so that the pool never waits for a waiter
}

type result[R any] struct {
	r   R
	err error
}

// crowd is how many make a crowd, and pause how long the pool waits behind one.
const (
	crowd = 128
	pause = time.Millisecond
)

func newPool[T, R any](size, batch int, now func() time.Time, busy func() float64, of func(T) petition.ID, flush func(context.Context, []T) ([]R, error)) *pool[T, R] {
	return &pool[T, R]{flush: flush, of: of, now: now, busy: busy, size: size, max: batch, wake: make(chan struct{}, 1), shares: make(map[petition.ID]int)}
}

// do puts item into the pool and waits until its batch is durable. Where there
// is no room it is refused at once with ErrFull. When ctx ends first the item
// may still be committed: every item must be safe to send again.
func (p *pool[T, R]) do(ctx context.Context, item T) (R, error) {
	w := waiter[T, R]{item: item, done: make(chan result[R], 1)}
	var none R
	if !p.put(w) {
		return none, ErrFull
	}
	select {
	case res := <-w.done:
		return res.r, res.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// put queues w unless its petition has its share already.
func (p *pool[T, R]) put(w waiter[T, R]) bool {
	id := p.of(w.item)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shares[id] >= p.room()-len(p.queue) {
		return false
	}
	p.shares[id]++
	p.queue = append(p.queue, w)
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return true
}

// room is how many may wait now. The caller holds mu.
func (p *pool[T, R]) room() int {
	return min(p.size, p.pace.room(p.flying, p.now().Sub(p.began), p.size))
}

// take returns what is committed next, in the order it came; nil when nothing
// waits. What it returned before has landed.
func (p *pool[T, R]) take() []waiter[T, R] {
	p.mu.Lock()
	defer p.mu.Unlock()
	ws := p.cut()
	p.flying, p.began = len(ws), p.now()
	return ws
}

// landed says that what take returned is committed, or has failed. The rest that
// follows says nothing of the disk.
func (p *pool[T, R]) landed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pace.saw(p.flying, p.now().Sub(p.began))
	p.flying = 0
}

// cut takes the next batch from the queue. The caller holds mu.
func (p *pool[T, R]) cut() []waiter[T, R] {
	var ws []waiter[T, R]
	if len(p.queue) <= p.max {
		ws, p.queue = p.queue, nil
		clear(p.shares)
		return ws
	}
	ws, p.queue = p.queue[:p.max:p.max], p.queue[p.max:]
	for _, w := range ws {
		id := p.of(w.item)
		if p.shares[id]--; p.shares[id] == 0 {
			delete(p.shares, id)
		}
	}
	return ws
}

// run commits batches until ctx ends, and then what is still queued. One
// goroutine runs a pool; whoever starts it waits for it.
func (p *pool[T, R]) run(ctx context.Context) {
	for {
		for ws := p.take(); len(ws) > 0; ws = p.take() {
			p.commit(context.WithoutCancel(ctx), ws)
			p.landed()
			switch {
			case len(ws) >= crowd:
				time.Sleep(pause)
			case len(ws) > 1:
				time.Sleep(restFor(p.busy()))
			}
		}
		select {
		case <-p.wake:
		case <-ctx.Done():
			for ws := p.take(); len(ws) > 0; ws = p.take() {
				p.commit(context.WithoutCancel(ctx), ws)
			}
			return
		}
	}
}

// commit makes a batch durable and answers its waiters. When it fails for a
// reason that may lie in one item, each is tried alone.
func (p *pool[T, R]) commit(ctx context.Context, ws []waiter[T, R]) {
	items := make([]T, len(ws))
	for i, w := range ws {
		items[i] = w.item
	}
	rs, err := p.flush(ctx, items)
	if err != nil && len(ws) > 1 && !errors.Is(err, store.ErrDisk) && !errors.Is(err, store.ErrUnavailable) {
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
