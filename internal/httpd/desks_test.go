package httpd

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// Whose connection had no page for longest is served first, however late its
// request was seen; one that was just served waits for all others; and what no
// connection asked for is served as it came.
func TestDesksServeWhoWaitedLongest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		connect := turnsFrom(new(atomic.Int64))
		var conns []context.Context
		for range 5 {
			conns = append(conns, connect(t.Context(), nil))
		}
		d := &desks{free: 1}
		var served []string
		done := make(chan struct{})
		ask := func(ctx context.Context, name string) {
			go func() {
				d.enter(ctx)
				served = append(served, name)
				<-done
				d.leave(ctx)
			}()
			synctest.Wait()
		}
		ask(conns[1], "1")
		ask(conns[4], "4")
		ask(conns[3], "3")
		ask(t.Context(), "first of none")
		ask(conns[0], "0")
		ask(t.Context(), "second of none")
		for range 4 { // with 0 among them
			done <- struct{}{}
			synctest.Wait()
		}
		ask(conns[2], "2")
		ask(conns[0], "0 again")
		ask(conns[1], "1 again")
		for range 5 {
			done <- struct{}{}
			synctest.Wait()
		}
		if want := []string{"1", "first of none", "second of none", "0", "3", "2", "4", "1 again", "0 again"}; !slices.Equal(served, want) {
			t.Errorf("served %q, want %q", served, want)
		}
		if d.free != 1 || len(d.waiting) != 0 {
			t.Errorf("%d places are free and %d wait", d.free, len(d.waiting))
		}
	})
}
