package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/store"
)

// dead is the life of a server that was last heard of too long ago.
const dead = -time.Second

func (w *World) alive(name string, ttl time.Duration, want int) {
	w.T.Helper()
	n, err := w.S.Alive(w.T.Context(), name, ttl)
	w.must(err)
	equal(w, "servers that are up, says "+name, n, want)
}

// A server that died frees what it had claimed; one that was frozen finds that
// it is not its own any more, and nothing goes twice.
func deadSenders(w *World) {
	w.Migrate()
	w.enqueue(w.Letter("one", store.PriorityActs), w.Letter("two", store.PriorityActs), w.Letter("three", store.PriorityActs))
	w.settle(w.claim("start", 1)) // the draft's own
	w.alive("a", time.Minute, 1)
	w.alive("b", time.Minute, 2)
	mine := w.claim("a", 2)
	equal(w, "claimed", len(mine), 2)
	handed := mine[0].ID
	equal(w, "handed over", len(w.handOver("a", handed)), 1)
	old := w.claim("of the version before", 1)
	equal(w, "claimed by another", len(old), 1)
	w.alive("b", time.Minute, 2)
	equal(w, "while a lives", len(w.claim("b", 9)), 0)
	w.alive("a", dead, 2)
	w.alive("b", time.Minute, 1)
	w.alive("b", time.Minute, 1) // its answer was lost
	free := w.claim("b", 9)
	if len(free) != 1 || free[0].ID != mine[1].ID {
		w.T.Fatalf("freed %v, want %d alone: neither what was handed over nor what is another's", free, mine[1].ID)
	}
	// a was only frozen, and goes on.
	w.alive("a", time.Minute, 2)
	equal(w, "taken back", len(w.handOver("a", mine[1].ID)), 0)
	w.later("a", mine[1].ID, w.Now, true)
	equal(w, "still the other's", len(w.handOver("b", mine[1].ID)), 1)
	equal(w, "twice", len(w.claim("c", 9)), 0)
	w.must(w.S.Leave(w.T.Context(), "a"))
	w.must(w.S.Leave(w.T.Context(), "a"))
	w.alive("b", time.Minute, 1)
}

// settle takes letters out of the way.
func (w *World) settle(ls []store.ClaimedLetter) {
	w.T.Helper()
	for _, l := range ls {
		w.must(w.S.LetterDone(w.T.Context(), l.ID))
	}
}

// Who stops frees its letters at once, and servers that say at the same moment
// that they live, after all of them were silent, do not get in each other's way.
func serversAtOnce(w *World) {
	w.Migrate()
	w.enqueue(w.Letter("one", store.PriorityActs))
	w.alive("leaving", time.Minute, 1)
	equal(w, "claimed", len(w.claim("leaving", 9)), 2)
	w.must(w.S.Leave(w.T.Context(), "leaving"))
	equal(w, "free", len(w.claim("x", 9)), 2)
	const servers = 6
	for round := range 3 {
		for g := range servers {
			_, err := w.S.Alive(w.T.Context(), fmt.Sprint("g", g), dead)
			w.must(err)
		}
		var wg sync.WaitGroup
		for g := range servers {
			wg.Go(func() {
				if n, err := w.S.Alive(w.T.Context(), fmt.Sprint("g", g), time.Minute); err != nil || n < 1 || n > servers {
					w.T.Errorf("round %d: %d servers, %v", round, n, err)
				}
			})
		}
		wg.Wait()
	}
	for g := range servers { // who was struck off meanwhile comes back
		_, err := w.S.Alive(w.T.Context(), fmt.Sprint("g", g), time.Minute)
		w.must(err)
	}
	w.alive("g0", time.Minute, servers)
}
