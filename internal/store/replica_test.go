package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// A second database stands for the replica: it has what it is given, and so can
// lag for as long as the test likes.
func TestReplica(t *testing.T) {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "a.db"), storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.UseReplica("postgres://localhost/x"); err == nil {
		t.Error("SQLite takes a replica")
	}
	if _, ok := s.Standby(t.Context()); ok {
		t.Error("without a replica there is a standby")
	}
	if server := os.Getenv("DAUYS_TEST_POSTGRES"); server != "" {
		t.Run("lags", func(t *testing.T) { replicaLags(t, server) })
		t.Run("is gone", func(t *testing.T) { replicaGone(t, server) })
	}
}

func replicaLags(t *testing.T, server string) {
	pg := engine{"postgres", func(t *testing.T) string { return storetest.Schema(t, server) }}
	w := leaseWorld{newWorld(t, pg)}
	p := w.Publish(storetest.Small)
	addr := pg.addr(t)
	far, err := store.Open(t.Context(), addr, storetest.Laws(t))
	w.must(err)
	defer far.Close()
	w.must(far.Migrate(t.Context()))
	_, err = store.Move(t.Context(), w.S, far)
	w.must(err)
	copied := &storetest.World{T: t, S: far, Now: w.Now}
	w.must(w.S.UseReplica(addr))
	look := func(what string, want bool) (ctx context.Context) {
		t.Helper()
		used, err := w.S.WatchReplica(t.Context())
		ctx, ok := w.S.Standby(t.Context())
		if err != nil || used != want || ok != want {
			t.Fatalf("%s: used %t, %t, %v", what, used, ok, err)
		}
		return ctx
	}
	count := func(ctx context.Context) int64 {
		t.Helper()
		v, err := w.S.PublicPetition(ctx, p.Number)
		w.must(err)
		list, err := w.S.PublicList(ctx, store.ListQuery{Facet: "all", Limit: 10})
		w.must(err)
		if len(list.Items) != 1 || list.Items[0].Count != v.Count {
			t.Fatalf("a list of %+v beside a petition with %d", list.Items, v.Count)
		}
		return v.Count
	}
	if _, ok := w.S.Standby(t.Context()); ok {
		t.Error("read from before anybody looked")
	}
	ctx := look("it has everything", true)
	shown := w.S.Generation()
	before := count(ctx)
	w.Sign(p.ID, 1000, 600, "") // so many that what comes is shown at once
	for i := range 20 {         // the copy's own generation is a few ahead
		w.Sign(p.ID, 2000+i, 1, "")
	}
	if w.S.Generation() != shown {
		t.Error("a change that the replica does not have makes pages anew")
	}
	if near := count(t.Context()); near <= before {
		t.Fatalf("the primary still shows %d", near)
	}
	if got := count(ctx); got != before {
		t.Errorf("not read from the replica: %d", got)
	}
	look("it has what there was at the last look", true)
	look("it lags", false)
	if w.S.Generation() <= shown || count(ctx) <= before {
		t.Error("when the replica lags, readers do not see the primary")
	}
	look("it still lags", false)
	for from := 1000; far.Generation() < w.S.Generation(); from += 600 {
		copied.Sign(p.ID, from, 600, "")
	}
	ctx = look("it has caught up", true)
	if count(ctx) <= before || w.S.Generation() < shown {
		t.Error("readers went back in time")
	}
}

func replicaGone(t *testing.T, server string) {
	w := leaseWorld{newWorld(t, engine{"postgres", func(t *testing.T) string { return storetest.Schema(t, server) }})}
	w.must(w.S.UseReplica("postgres://dauys@127.0.0.1:1/none?sslmode=disable"))
	for range 2 {
		if used, err := w.S.WatchReplica(t.Context()); used || !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("used %t, %v", used, err)
		}
	}
	if _, ok := w.S.Standby(t.Context()); ok {
		t.Error("read from a replica that is not there")
	}
	if err := w.S.UseReplica("postgres://%zz"); err == nil {
		t.Error("an address that is none is taken")
	}
}
