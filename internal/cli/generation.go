package cli

import (
	"context"
	"errors"
	"time"

	"github.com/dauys/dauys/internal/jobs"
	"github.com/dauys/dauys/internal/store"
)

// The rhythm in which a server learns of what others changed. A change must
// show everywhere within 2 s.
const (
	tickEvery   = 500 * time.Millisecond
	pollTicks   = 2  // without a connection that listens: every second
	slowTicks   = 10 // beside one that does: a message can be lost
	listenAgain = time.Second
)

// listen keeps one connection that hears of other servers' changes, and makes
// it again when it breaks. Where there is nothing to listen to, polling does.
func (a *app) listen(ctx context.Context) {
	for said := ""; ctx.Err() == nil; {
		err := a.store.Listen(ctx, a.cfg.Listen)
		if errors.Is(err, store.ErrNoListen) {
			return
		}
		if ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			a.log.Warn("not listening for changes; asking for them every second", "error", err)
		}
		jobs.Sleep(ctx, listenAgain)
	}
}

// watchReplica keeps looking at the replica, where there is one, and says when
// public reads go to it and when they come back.
func (a *app) watchReplica(ctx context.Context) {
	if a.cfg.Replica == "" {
		return
	}
	const used, lags, gone = "used", "lags", "gone"
	for was := lags; ctx.Err() == nil; jobs.Sleep(ctx, tickEvery) {
		state := lags
		inUse, err := a.store.WatchReplica(ctx)
		if err != nil {
			state = gone
		} else if inUse {
			state = used
		}
		switch {
		case state == was || ctx.Err() != nil:
		case state == used:
			a.log.Info("public pages are read from the replica")
		case state == lags:
			a.log.Warn("public pages are read from the primary: the replica lags")
		default:
			a.log.Warn("public pages are read from the primary: the replica does not answer", "error", err)
		}
		was = state
	}
}

// poll learns of other processes' changes.
func (a *app) poll(ctx context.Context) {
	for n := 1; ; n++ {
		jobs.Sleep(ctx, tickEvery)
		if ctx.Err() != nil {
			return
		}
		every := pollTicks
		if a.store.Listening() {
			every = slowTicks
		}
		if n%every == 0 {
			a.logged(ctx, "generation", a.store.PollGeneration(ctx))
		}
		a.logged(ctx, "settings", a.follow(ctx))
	}
}

func (a *app) logged(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		a.log.Error(what, "error", err)
	}
}
