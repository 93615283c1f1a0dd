package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
)

// A commit breaks in two ways: it did not happen, or it happened and nobody
// heard. Doing the same again must come to the same in both.
func TestCommitBreaks(t *testing.T) {
	for _, e := range engines(t) {
		for _, kept := range []bool{false, true} {
			t.Run(e.name+map[bool]string{false: " before", true: " after"}[kept]+" the commit", func(t *testing.T) {
				t.Parallel()
				addr := e.addr(t)
				s, err := store.Open(t.Context(), addr, storetest.Laws(t))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { s.Close() })
				w := (&storetest.World{T: t, S: s, Now: noon}).Migrate()
				breakNext := store.Faulty(t, s, strings.TrimPrefix(addr, "sqlite:"))
				commitBreaks(t, w, kept, func() { breakNext(kept) })
			})
		}
	}
}

func commitBreaks(t *testing.T, w *storetest.World, kept bool, breakNext func()) {
	ctx := t.Context()
	cut := func(err error) {
		t.Helper()
		if !errors.Is(err, store.ErrCut) {
			t.Fatalf("got %v, want the cut", err)
		}
	}
	p := w.Publish(storetest.Small)

	batch := w.Batch(p.ID, 100, 7, "KZ-10") // 10 signatures: both stages in this batch
	breakNext()
	_, err := w.S.AddSignatures(ctx, batch, w.Now)
	cut(err)
	out, err := w.S.AddSignatures(ctx, batch, w.Now)
	if err != nil {
		t.Fatal(err)
	}
	want := store.Added
	if kept {
		want = store.Again
	}
	for _, o := range out {
		if o != want {
			t.Fatalf("outcomes %v, want %d", out, want)
		}
	}
	if got := w.Load(p.ID); got.Count != 10 || got.Shown != 10 || len(got.Stages) != 2 {
		t.Errorf("count %d, shown %d, %d stages", got.Count, got.Shown, len(got.Stages))
	}

	breakNext()
	cut(w.S.WithdrawSignature(ctx, p.ID, storetest.Nullifier(100), 0, w.Now))
	if err := w.S.WithdrawSignature(ctx, p.ID, storetest.Nullifier(100), 0, w.Now); err != nil {
		t.Fatal(err)
	}
	if got := w.Load(p.ID).Count; got != 9 {
		t.Errorf("count after the withdrawal %d", got)
	}

	answer := func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		return w.S.Laws().Of(p).Respond(p, petition.Answer{Outcome: "partly", By: 1}, w.Now)
	}
	breakNext()
	_, err = w.S.Change(ctx, p.ID, w.Now, answer)
	cut(err)
	if _, err = w.S.Change(ctx, p.ID, w.Now, answer); (err == nil) == kept || err != nil && !errors.Is(err, petition.ErrState) {
		t.Errorf("the answer again: %v", err)
	}

	told := map[int64]int{}
	tell := func() error {
		_, err := w.S.Follow(ctx, "teller", 100, func(tx *store.Tx, e petition.Event) error {
			told[e.Seq]++
			return tx.AddMailing(e.Seq, "news", e.Petition, nil)
		})
		return err
	}
	breakNext()
	cut(tell())
	if err := tell(); err != nil {
		t.Fatal(err)
	}
	for seq, n := range told {
		if kept && n != 1 || !kept && n != 2 {
			t.Errorf("event %d was told %d times", seq, n)
		}
	}
	if findings, err := w.S.Check(ctx); err != nil || len(findings) > 0 {
		t.Errorf("check: %v, %v", findings, err)
	}
}
