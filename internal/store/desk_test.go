package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
)

func idsOf(list []petition.Petition) []petition.ID {
	var ids []petition.ID
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids
}

func TestDeskAnswers(t *testing.T) {
	onEach(t, func(t *testing.T, w *storetest.World) {
		asked := func() petition.ID {
			p := w.Publish(storetest.Small)
			w.Sign(p.ID, 100, 8, "")
			w.Now = w.Now.Add(time.Hour)
			return p.ID
		}
		answer := func(id petition.ID) {
			w.Change(id, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
				return l.Respond(p, petition.Answer{Outcome: "partly", By: 1}, w.Now)
			})
			w.Now = w.Now.Add(time.Hour)
		}
		second, first, waits, later := asked(), asked(), asked(), asked()
		unasked := w.Publish(storetest.Small) // answered before it was asked
		w.Publish(storetest.Small)            // nothing asked
		w.Supporting(storetest.Small)
		gone := asked()
		w.Change(gone, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Withdraw(p, w.Now) })
		answer(first)
		answer(second)
		answer(unasked.ID)
		want := []petition.ID{waits, later, unasked.ID, second, first}
		for limit := range 7 {
			got, err := w.S.DeskAnswers(t.Context(), "akimat-river", limit)
			if err != nil || !slices.Equal(idsOf(got), want[:min(limit, len(want))]) {
				t.Errorf("%d of the body: %v, want %v, %v", limit, idsOf(got), want, err)
			}
		}
		for _, body := range []string{"", "akimat", "min-sand"} {
			if got, err := w.S.DeskAnswers(t.Context(), body, 10); len(got) != 0 || err != nil {
				t.Errorf("%q has %v, %v", body, idsOf(got), err)
			}
		}
	})
}

func TestDeskQueueIsByDeadline(t *testing.T) {
	onEach(t, func(t *testing.T, w *storetest.World) {
		queued := func() petition.Petition {
			p := w.Supporting(storetest.Small)
			w.Sign(p.ID, 1, 3, "")
			return w.Load(p.ID)
		}
		began := w.Now
		early := queued()
		w.Now = early.DecideBy
		early = w.Change(early.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			c, ok := l.Tick(p, w.Now)
			if !ok {
				t.Fatal("the first term does not end")
			}
			return c, nil
		})
		w.Now = began.Add(24 * time.Hour)
		late := queued()
		if !late.DecideBy.Before(early.DecideBy) {
			t.Fatalf("%s is not before %s", late.DecideBy, early.DecideBy)
		}
		got, err := w.S.DeskQueue(t.Context(), store.DeskQuery{Limit: 10})
		if err != nil || got.Total != 2 || !slices.Equal(idsOf(got.Items), []petition.ID{late.ID, early.ID}) {
			t.Errorf("queue %v of %d, %v", idsOf(got.Items), got.Total, err)
		}
		got, err = w.S.DeskQueue(t.Context(), store.DeskQuery{Offset: 1, Limit: 1})
		if err != nil || !slices.Equal(idsOf(got.Items), []petition.ID{early.ID}) {
			t.Errorf("second page %v, %v", idsOf(got.Items), err)
		}
	})
}

// A queue that is longer than anybody reads is counted as far as DeskMost, and
// says that there are more.
func TestDeskCountsAsFarAsNeeded(t *testing.T) {
	now := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	for n, more := range map[int]bool{store.DeskMost: false, store.DeskMost + 1: true} {
		s := deskStore(t, "sqlite:"+t.TempDir()+"/desk.db")
		if err := s.FillDesk(t.Context(), n, now); err != nil {
			t.Fatal(err)
		}
		page, err := s.DeskQueue(t.Context(), store.DeskQuery{Now: now, Soon: now.Add(72 * time.Hour), Limit: 5, Offset: store.DeskMost - 3})
		if err != nil {
			t.Fatal(err)
		}
		if page.Total != store.DeskMost || page.More != more || page.Counts[store.DeskAll] != n || page.Counts[store.DeskOverdue] > 1100 {
			t.Errorf("%d wait: total %d, more %v, counts %v", n, page.Total, page.More, page.Counts)
		}
	}
}
