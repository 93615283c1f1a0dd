package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/dauys/dauys/internal/store"
)

// A request whose letter does not go out leaves nothing: no letter, no
// subscription, and no part of the letters that its address may still ask for.
func lettersUnsent(w *World) {
	w.Migrate()
	p := w.Publish(Small)
	before, _, err := w.S.OutboxSize(w.T.Context())
	w.must(err)
	sub := &store.NewSubscription{ID: [16]byte{9}, Address: []byte("sealed"), Lang: "kk"}
	var batch []store.NewPending
	for i := range 7 {
		n := w.pending(p.ID, 60, fmt.Sprint("u", i))
		n.Unsent, n.Subscription, n.Withdrawal = i != 3, sub, i%2 == 1
		batch = append(batch, n)
	}
	queued, err := w.S.AddPending(w.T.Context(), batch, w.Now)
	w.must(err)
	if !slices.Equal(queued, []bool{false, false, false, true, false, false, false}) {
		w.T.Errorf("one of seven is to be sent: %v", queued)
	}
	again := make([]store.NewPending, 12)
	for i := range again {
		again[i] = w.pending(p.ID, 60, fmt.Sprint("v", i))
		again[i].Withdrawal = i >= 6
	}
	queued, err = w.S.AddPending(w.T.Context(), again, w.Now)
	w.must(err)
	if !slices.Equal(queued, []bool{true, true, true, true, true, false, true, true, true, true, false, false}) {
		w.T.Errorf("five of each kind, of which one was asked for: %v", queued)
	}
	waiting, _, err := w.S.OutboxSize(w.T.Context())
	w.must(err)
	equal(w, "letters", waiting, before+1+5+4)
	other := w.pending(p.ID, 61, "w")
	other.Unsent, other.Subscription = true, &store.NewSubscription{ID: [16]byte{10}, Address: []byte("sealed"), Lang: "kk"}
	_, err = w.S.AddPending(w.T.Context(), []store.NewPending{other}, w.Now)
	w.must(err)
	there, err := w.S.ActivateSubscription(w.T.Context(), other.Subscription.ID[:])
	w.must(err)
	equal(w, "asked for news without a letter", there, false)
	purged, err := w.S.PurgeRequests(w.T.Context(), w.Now.Add(100*time.Hour), 100)
	w.must(err)
	equal(w, "rows that cap letters", purged, 2)
	w.sound()
}
