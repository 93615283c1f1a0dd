package storetest

import (
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// outages: a silence that is long enough is kept once, on whatever server the
// next beat comes; a clock that jumps, or is set back, is no outage.
func outages(w *World) {
	w.Migrate()
	ctx, at := w.T.Context(), w.Now
	beat := func(after time.Duration) {
		at = at.Add(after)
		w.must(w.S.Beat(ctx, at))
	}
	count := func() int {
		list, err := w.S.PublicOutages(ctx, 10)
		w.must(err)
		return len(list)
	}
	beat(0)
	beat(time.Second)
	beat(store.OutageFrom - 2*time.Second)
	equal(w, "outages of a site that is up", count(), 0)
	beat(store.OutageFrom)
	beat(time.Minute)
	equal(w, "outages after a silence", count(), 1)
	open, err := w.S.OpenOutages(ctx)
	w.must(err)
	equal(w, "length", open[0].To.Sub(open[0].From), store.OutageFrom)
	w.must(w.S.OutageGiven(ctx, open[0]))
	open, err = w.S.OpenOutages(ctx)
	w.must(err)
	equal(w, "open ones", len(open), 0)
	at = at.AddDate(0, 1, 0)
	w.must(w.S.SkipBeat(ctx, at))
	beat(time.Minute)
	beat(-24 * time.Hour) // set back
	beat(store.OutageFrom - 2*time.Second)
	equal(w, "outages after the clock was moved", count(), 1)
}

// windows: what a dissolution or an outage may concern, by law and in steps.
func windows(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	open, other := w.Publish(Small), w.Publish(Civic)
	ids, err := w.S.WithWindows(ctx, Small, 0, 10)
	w.must(err)
	equal(w, "with a window", len(ids), 1)
	equal(w, "which", ids[0], open.ID)
	ids, err = w.S.WithWindows(ctx, Small, open.ID, 10)
	w.must(err)
	equal(w, "behind it", len(ids), 0)
	ids, err = w.S.Stoppable(ctx, Civic, w.Now.Add(time.Hour), 0, 10)
	w.must(err)
	equal(w, "stoppable", len(ids), 1)
	equal(w, "which", ids[0], other.ID)
	ids, err = w.S.Stoppable(ctx, Civic, other.CreatedAt.Add(-time.Second), 0, 10)
	w.must(err)
	equal(w, "older than it is", len(ids), 0)
	_, err = w.S.Change(ctx, other.ID, w.Now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		p.State = petition.Authorising
		return petition.Change{Petition: p, Events: []petition.Event{{Petition: p.ID, Kind: petition.EvAuthorising, At: w.Now, Actor: petition.ActorSigners}}}, nil
	})
	w.must(err)
	page, err := w.S.DeskQueue(ctx, store.DeskQuery{Now: w.Now, Limit: 10})
	w.must(err)
	if page.Total != 1 || page.Items[0].State != petition.Authorising {
		w.T.Errorf("the desk has %d that wait: %+v", page.Total, page.Items)
	}
}
