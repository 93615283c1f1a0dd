package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

// An outage gives its days once and a dissolution stops once, whether the first
// commit of the run was lost or kept without its answer. A cut at a later
// petition, or at the note that the outage was given, is not played.
func TestWorldActsBreak(t *testing.T) {
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
				worldBreaks(t, w, func() { breakNext(kept) })
			})
		}
	}
}

func worldBreaks(t *testing.T, w *storetest.World, breakNext func()) {
	ctx, law := t.Context(), profiles.ByID(w.S.Laws(), storetest.Assembly)
	on := law.Today(w.Now).AddDays(3)
	service := moderation.New(moderation.Options{Store: w.S, Law: law, Dissolved: on, Now: func() time.Time { return w.Now }})
	ids := []petition.ID{w.Supporting(law.ID).ID, w.Supporting(law.ID).ID}
	until := w.Load(ids[0]).SupportUntil

	beat := func() {
		if err := w.S.Beat(ctx, w.Now); err != nil {
			t.Fatal(err)
		}
	}
	beat()
	w.Now = w.Now.Add(30 * time.Hour)
	beat()
	breakNext()
	if _, err := service.Compensate(ctx); !errors.Is(err, store.ErrCut) {
		t.Fatalf("got %v, want the cut", err)
	}
	for range 2 {
		if _, err := service.Compensate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	open, err := w.S.OpenOutages(ctx)
	if err != nil || len(open) != 0 {
		t.Errorf("outages still to be given: %v, %v", open, err)
	}
	for _, id := range ids {
		if p := w.Load(id); len(p.Extensions) != 1 || !p.SupportUntil.Equal(until.AddDate(0, 0, 2)) || events(t, w, id, petition.EvExtended) != 1 {
			t.Errorf("petition %d was extended %d times, until %s", id, len(p.Extensions), p.SupportUntil)
		}
	}

	w.Now = law.DissolvedAt(on)
	breakNext()
	if _, err := service.Dissolve(ctx); !errors.Is(err, store.ErrCut) {
		t.Fatalf("got %v, want the cut", err)
	}
	for range 2 {
		if _, err := service.Dissolve(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range ids {
		if p := w.Load(id); p.State != petition.Lapsed || !p.Stopped() || events(t, w, id, petition.EvDissolved) != 1 {
			t.Errorf("petition %d is %s, stopped %d times", id, p.State, events(t, w, id, petition.EvDissolved))
		}
	}
	if findings, err := w.S.Check(ctx); err != nil || len(findings) > 0 {
		t.Errorf("check: %v, %v", findings, err)
	}
}

// events counts the acts of a kind.
func events(t *testing.T, w *storetest.World, id petition.ID, kind petition.EventKind) int {
	t.Helper()
	_, all, err := w.S.DeskPetition(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, e := range all {
		if e.Kind == kind {
			n++
		}
	}
	return n
}
