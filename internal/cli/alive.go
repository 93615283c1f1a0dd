package cli

import (
	"context"
	"time"

	"github.com/dauys/dauys/internal/jobs"
)

// How a server says that it lives. One that dies is struck off, and its letters
// are free, within aliveFor and aliveEvery.
const (
	aliveEvery = 10 * time.Second
	aliveFor   = 30 * time.Second
)

// beAlive keeps this server in the list of those that are up, and its limits at
// the share that is then its own. Where no other server can share the database
// there is no list. A database that does not answer leaves the share as it was.
func (a *app) beAlive(ctx context.Context) {
	if a.alone() {
		return
	}
	for ctx.Err() == nil {
		a.sayAlive(ctx)
		jobs.Sleep(ctx, aliveEvery)
	}
	done, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := a.store.Leave(done, a.holder); err != nil {
		a.log.Warn("not struck off the list of servers; it will be in a moment", "error", err)
	}
}

func (a *app) sayAlive(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, aliveEvery)
	defer cancel()
	n, err := a.store.Alive(ctx, a.holder, aliveFor)
	if err != nil {
		a.logged(ctx, "alive", err)
		return
	}
	a.server.Share(n)
}
