package store_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// Two servers on one database: what one commits the other hears of without
// asking, within the time in which a change must show.
func TestListen(t *testing.T) {
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			addr := e.addr(t)
			open := func() *store.Store {
				s, err := store.Open(t.Context(), addr, storetest.Laws(t))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { s.Close() })
				return s
			}
			one, two := open(), open()
			w := (&storetest.World{T: t, S: one, Now: noon}).Migrate()
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- two.Listen(ctx, "") }()
			if e.name == "sqlite" {
				if err := <-ended; !errors.Is(err, store.ErrNoListen) {
					t.Errorf("SQLite has nothing to listen to: %v", err)
				}
				stop()
				return
			}
			until(t, "the second server listens", two.Listening)
			w.Publish(storetest.Civic)
			until(t, "the second server knows what the first one committed", func() bool { return two.Generation() == one.Generation() })
			stop()
			if err := <-ended; err == nil || two.Listening() {
				t.Errorf("after the end: %v, listening %v", err, two.Listening())
			}
		})
	}
	if os.Getenv("DAUYS_TEST_POSTGRES") == "" {
		t.Log("two servers need PostgreSQL")
	}
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("not within 2 s: %s", what)
}
