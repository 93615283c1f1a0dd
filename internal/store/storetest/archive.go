package storetest

import (
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// archive: who is offered to the desk, where a petition is found afterwards,
// and what of its people is left.
func archive(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	closed, owed := w.Publish(Small), w.Publish(Small)
	w.Sign(owed.ID, 200, 8, "")
	follower := Nullifier(-1)
	pend := w.pending(closed.ID, 50, "letter")
	pend.Subscription = &store.NewSubscription{ID: follower, Address: []byte("sealed"), Lang: "kk"}
	_, err := w.S.AddPending(ctx, []store.NewPending{pend}, w.Now)
	w.must(err)
	batch := w.Batch(closed.ID, 50, 1, "")
	batch[0].Subscription = follower[:]
	w.outcomes(batch, store.Added)
	for _, id := range []petition.ID{closed.ID, owed.ID} {
		w.tick(id)
		w.Now = closed.CreatedAt
	}
	closed = w.Load(closed.ID)
	ids, err := w.S.Ended(ctx, Small, closed.CreatedAt, 0, 10)
	w.must(err)
	equal(w, "ended under the law", len(ids), 2)
	from := w.law(Small).ArchiveFrom(closed)
	for after, want := range map[time.Duration]int{-time.Millisecond: 0, 0: 1} {
		list, n, err := w.S.DeskRipe(ctx, from.Add(after), 1)
		w.must(err)
		if n != want || len(list) != want || want > 0 && list[0].ID != closed.ID {
			w.T.Errorf("%s after the term the desk is offered %d", after, n)
		}
	}
	w.Now = from
	closed = w.Change(closed.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.ToArchive(p, 1, w.Now)
	})
	for _, c := range []struct {
		what string
		q    store.ListQuery
		want int
	}{
		{"archive", store.ListQuery{Facet: store.FacetArchived}, 1}, {"closed", store.ListQuery{Facet: store.FacetClosed}, 2},
		{"not archived", store.ListQuery{Facet: store.FacetAll, Archived: new(bool)}, 1}, {"waiting", store.ListQuery{Facet: store.FacetAwaitingResponse}, 1},
	} {
		c.q.Limit = 10
		page, err := w.S.PublicList(ctx, c.q)
		w.must(err)
		equal(w, c.what, page.Total, c.want)
	}
	seen, err := w.S.PublicPetition(ctx, closed.Number)
	w.must(err)
	if !seen.Archived || !seen.ArchivedAt.Equal(from) || seen.State != petition.Closed {
		w.T.Errorf("in public it is %s, archived %v at %v", seen.State, seen.Archived, seen.ArchivedAt)
	}
	w.leftBehind(closed.ID, follower)
	w.sound()
}

// leftBehind: followers are gone at once, the petitioner's address after its term.
func (w *World) leftBehind(id petition.ID, follower [16]byte) {
	ctx := w.T.Context()
	for _, want := range []int64{1, 0} {
		n, err := w.S.PurgeFollowers(ctx, 500)
		w.must(err)
		equal(w, "followers that go", n, want)
	}
	refs := []store.NewsRef{{Mailing: 1, Subscription: follower}}
	states, err := w.S.NewsWanted(ctx, refs)
	w.must(err)
	equal(w, "a letter to the follower", states[0], store.MailingStopped)
	for _, c := range []struct {
		after time.Duration
		want  int64
	}{{0, 0}, {time.Millisecond, 1}, {time.Millisecond, 0}} {
		n, err := w.S.PurgeContacts(ctx, w.Now.Add(c.after), 500)
		w.must(err)
		equal(w, "addresses of petitioners that go", n, c.want)
	}
	_, err = w.S.MineContact(ctx, id)
	w.want(err, store.ErrNotFound)
}

// tick lets the calendar do what is next with a petition.
func (w *World) tick(id petition.ID) {
	p := w.Change(id, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		w.Now = l.NextDue(p)
		c, ok := l.Tick(p, w.Now)
		if !ok {
			return c, petition.ErrState
		}
		return c, nil
	})
	equal(w, "the calendar's act", p.State, petition.Closed)
}
