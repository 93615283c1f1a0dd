package httpd

import (
	"cmp"
	"container/heap"
	"context"
	"net"
	"sync"
	"sync/atomic"
)

// desks are the places where pages are rendered. Who waits for one gets it
// before everybody whose connection had a page rendered, or was opened, more
// lately. The order in which they ask would be no order: while all processors
// render, Go hears of new requests some dozens of milliseconds late and of the
// last one first, and one in a hundred waited twice as long as the others.
type desks struct {
	mu      sync.Mutex // guards what follows
	free    int
	came    int64 // who waited so far
	waiting waiters
}

// enter waits for a place.
func (d *desks) enter(ctx context.Context) {
	d.mu.Lock()
	if d.free > 0 {
		d.free--
		d.mu.Unlock()
		return
	}
	d.came++
	w := waiter{since: turnOf(ctx).last(), came: d.came, served: make(chan struct{})}
	heap.Push(&d.waiting, w)
	d.mu.Unlock()
	<-w.served
}

// leave hands the place on.
func (d *desks) leave(ctx context.Context) {
	turnOf(ctx).over()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.waiting) == 0 {
		d.free++
		return
	}
	close(heap.Pop(&d.waiting).(waiter).served) //nolint:forcetypeassert // the heap holds nothing else
}

// waiter waits until served is closed.
type waiter struct {
	since, came int64 // those of equal turns are served as they came
	served      chan struct{}
}

// waiters is a heap.Interface.
type waiters []waiter

func (w waiters) Len() int      { return len(w) }
func (w waiters) Swap(i, j int) { w[i], w[j] = w[j], w[i] }

func (w waiters) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(w[i].since, w[j].since), cmp.Compare(w[i].came, w[j].came)) < 0
}

// Push is of heap.Interface.
func (w *waiters) Push(x any) { *w = append(*w, x.(waiter)) } //nolint:forcetypeassert // as above

// Pop is of heap.Interface.
func (w *waiters) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}

// turn tells when a connection was opened or last had a page rendered. It is a
// number that grows and no time: clocks are set, and two may be the same.
type turn struct {
	of atomic.Int64
	at *atomic.Int64 // the next one to give
}

// turnKey is where a request's context has the turn of its connection.
type turnKey struct{}

// turnsFrom gives each connection its turn; it is for http.Server.ConnContext.
func turnsFrom(next *atomic.Int64) func(context.Context, net.Conn) context.Context {
	return func(ctx context.Context, _ net.Conn) context.Context {
		t := &turn{at: next}
		t.over()
		return context.WithValue(ctx, turnKey{}, t)
	}
}

// turnOf is nil for what no connection asked for.
func turnOf(ctx context.Context) *turn {
	t, _ := ctx.Value(turnKey{}).(*turn)
	return t
}

// last is 0, before all others, for nil.
func (t *turn) last() int64 {
	if t == nil {
		return 0
	}
	return t.of.Load()
}

func (t *turn) over() {
	if t != nil {
		t.of.Store(t.at.Add(1))
	}
}
