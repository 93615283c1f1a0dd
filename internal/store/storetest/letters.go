package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func (w *World) pending(id petition.ID, n int, letter string) store.NewPending {
	return store.NewPending{Petition: id, Nullifier: Nullifier(n), Letter: w.Letter(letter, store.PriorityProof)}
}

func lettersCap(w *World) {
	w.Migrate()
	p := w.Publish(Small)
	var batch []store.NewPending
	for i := range 4 {
		batch = append(batch, w.pending(p.ID, 50, fmt.Sprint("a", i)))
	}
	batch = append(batch, w.pending(p.ID, 51, "b"))
	queued, err := w.S.AddPending(w.T.Context(), batch, w.Now)
	w.must(err)
	if slices.Contains(queued, false) {
		w.T.Errorf("first five: %v", queued)
	}
	queued, err = w.S.AddPending(w.T.Context(), []store.NewPending{w.pending(p.ID, 50, "c"), w.pending(p.ID, 50, "d"), w.pending(p.ID, 51, "e")}, w.Now)
	w.must(err)
	if !slices.Equal(queued, []bool{true, false, true}) {
		w.T.Errorf("after five: %v", queued)
	}
	waiting, _, err := w.S.OutboxSize(w.T.Context())
	w.must(err)
	equal(w, "letters", waiting, 1+7)
}

// Requests and signatures of the same petitions at once, in any order.
func pendingAtOnce(w *World) {
	w.Migrate()
	p, q := w.Publish(Civic), w.Publish(Civic)
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			var batch []store.NewPending
			for i := range 20 {
				id := []petition.ID{p.ID, q.ID}[(g+i)%2]
				batch = append(batch, w.pending(id, 100+i, fmt.Sprintf("%d-%d", g, i)))
			}
			if g%2 == 0 {
				slices.Reverse(batch)
			}
			if _, err := w.S.AddPending(w.T.Context(), batch, w.Now); err != nil {
				w.T.Error(err)
			}
			if _, err := w.S.AddSignatures(w.T.Context(), append(w.Batch(q.ID, 100, 20, "KZ-10"), w.Batch(p.ID, 100, 20, "KZ-11")...), w.Now); err != nil {
				w.T.Error(err)
			}
		})
	}
	wg.Wait()
	equal(w, "count", w.Load(p.ID).Count, 40)
	w.sound()
}

func subscriptions(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Publish(Small)
	askIn := func(n int, lang petition.Lang) [16]byte {
		id := Nullifier(-n)
		pend := w.pending(p.ID, n, fmt.Sprint("sub", n, lang))
		pend.Subscription = &store.NewSubscription{ID: id, Address: []byte("sealed"), Lang: lang}
		_, err := w.S.AddPending(ctx, []store.NewPending{pend}, w.Now)
		w.must(err)
		return id
	}
	ask := func(n int) [16]byte { return askIn(n, "ru") }
	first, second, third := ask(50), ask(51), ask(52)
	subscribers := func() (ids [][16]byte) {
		_, err := w.S.Follow(ctx, fmt.Sprint("s", w.Now.UnixNano()), 1, func(tx *store.Tx, e petition.Event) error {
			return tx.AddMailing(w.Now.UnixNano(), "news", p.ID, nil)
		})
		w.must(err)
		for more := true; more; {
			more, err = w.S.ExpandMailing(ctx, 10, func(m store.Mailing, _ petition.Petition, to store.Subscriber) (store.Letter, error) {
				ids = append(ids, to.ID)
				equal(w, "language", to.Lang, "ru")
				return w.Letter(fmt.Sprintf("news-%d-%x", m.ID, to.ID), store.PriorityNews), nil
			})
			w.must(err)
		}
		w.wait(time.Second)
		return ids
	}
	equal(w, "before the links are used", len(subscribers()), 0)
	batch := w.Batch(p.ID, 50, 2, "")
	batch[0].Subscription, batch[1].Subscription = first[:], second[:]
	w.outcomes(batch, store.Added, store.Added)
	askIn(51, "kk") // by anybody who types the address in
	equal(w, "active", len(subscribers()), 2)
	w.must(w.S.Unsubscribe(ctx, first[:]))
	w.must(w.S.Unsubscribe(ctx, first[:]))
	if got := subscribers(); len(got) != 1 || got[0] != second {
		w.T.Errorf("after unsubscribing: %x", got)
	}
	// A stale link proves no wish.
	w.must(w.S.WithdrawSignature(ctx, p.ID, Nullifier(50), 0, w.Now))
	stale := w.Batch(p.ID, 50, 1, "")
	stale[0].Subscription = third[:]
	w.outcomes(stale, store.Stale)
	equal(w, "after a stale link", len(subscribers()), 1)
}

func purge(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Publish(Small)
	sub := w.pending(p.ID, 52, "c")
	sub.Subscription = &store.NewSubscription{ID: Nullifier(-1), Address: []byte("sealed"), Lang: "kk"}
	_, err := w.S.AddPending(ctx, []store.NewPending{w.pending(p.ID, 50, "a"), w.pending(p.ID, 51, "b"), sub}, w.Now)
	w.must(err)
	w.Sign(p.ID, 50, 1, "")
	st, err := w.S.AddStaff(ctx, [16]byte{9}, []byte("sealed"), store.Auditor, "", w.Now)
	w.must(err)
	w.must(w.S.AddLoginLink(ctx, []byte("link"), st.ID, w.Now.Add(time.Hour)))
	_, err = w.S.StartSession(ctx, []byte("link"), []byte("session"), w.Now, w.Now.Add(time.Minute))
	w.must(err)
	n, err := w.S.PurgePending(ctx, w.Now.Add(-72*time.Hour))
	w.must(err)
	equal(w, "young", n.Sum(), 0)
	w.wait(73 * time.Hour)
	n, err = w.S.PurgePending(ctx, w.Now.Add(-72*time.Hour))
	w.must(err)
	equal(w, "destroyed", n, store.Purged{Requests: 2, Subscriptions: 1, Sessions: 1})
	// The row with a signature goes on counting its letters.
	var batch []store.NewPending
	for i := range 6 {
		batch = append(batch, w.pending(p.ID, 50, fmt.Sprint("again", i)))
	}
	queued, err := w.S.AddPending(ctx, batch, w.Now)
	w.must(err)
	if !slices.Equal(queued, []bool{true, true, true, true, false, false}) {
		w.T.Errorf("letters after the purge: %v", queued)
	}
}

func (w *World) enqueue(letters ...store.Letter) {
	w.T.Helper()
	p := w.Draft(Small) // its own letter is start-...
	_, err := w.S.Change(w.T.Context(), p.ID, w.Now, func(tx *store.Tx, p petition.Petition) (petition.Change, error) {
		for _, l := range letters {
			if err := tx.Enqueue(l); err != nil {
				return petition.Change{}, err
			}
		}
		return petition.Change{Petition: p}, nil
	})
	w.must(err)
}

func (w *World) claim(holder string, n int) []store.ClaimedLetter {
	w.T.Helper()
	letters, err := w.S.ClaimLetters(w.T.Context(), holder, n, w.Now, w.Now.Add(time.Minute))
	w.must(err)
	return letters
}

func outbox(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	equal(w, "empty", len(w.claim("a", 10)), 0)
	later := w.Letter("later", store.PriorityProof)
	later.NotBefore = w.Now.Add(30 * time.Second)
	w.enqueue(w.Letter("news", store.PriorityNews), w.Letter("act", store.PriorityActs), later, w.Letter("proof", store.PriorityProof), w.Letter("news", store.PriorityNews))
	first := w.claim("a", 3)
	equal(w, "claimed", len(first), 3)
	equal(w, "second", first[1].UID, "proof")
	equal(w, "third", first[2].UID, "act")
	equal(w, "sealed", string(first[2].Sealed), "sealed act")
	rest := w.claim("b", 10)
	equal(w, "left for another", len(rest), 1)
	start, proof, act, news := first[0], first[1], first[2], rest[0]

	ok, err := w.S.HandOver(ctx, act.ID, "b", w.Now.Add(time.Minute))
	w.must(err)
	equal(w, "handed over by one who does not hold it", ok, false)
	ok, err = w.S.HandOver(ctx, start.ID, "a", w.Now.Add(time.Minute))
	w.must(err)
	equal(w, "handed over", ok, true)
	w.must(w.S.LetterAgain(ctx, act.ID, "z", w.Now.Add(time.Hour))) // not its letter
	w.must(w.S.LetterAgain(ctx, act.ID, "a", w.Now.Add(10*time.Minute)))
	w.must(w.S.LetterDone(ctx, news.ID))

	w.wait(2 * time.Minute) // a's leases ran out
	got := w.claim("c", 10)
	if len(got) != 2 || got[0].UID != "later" && got[1].UID != "later" {
		w.T.Fatalf("after the leases: %+v", got)
	}
	ok, err = w.S.HandOver(ctx, proof.ID, "a", w.Now.Add(time.Minute))
	w.must(err)
	equal(w, "lost lease", ok, false)
	uncertain, err := w.S.UncertainLetters(ctx, w.Now, 10)
	w.must(err)
	if len(uncertain) != 1 || uncertain[0].ID != start.ID {
		w.T.Errorf("uncertain: %+v", uncertain)
	}
	waiting, lost, err := w.S.OutboxSize(ctx)
	w.must(err)
	equal(w, "waiting", waiting, 3)
	equal(w, "of unknown fate", lost, 1)
	w.wait(10 * time.Minute)
	for _, l := range w.claim("d", 10) {
		if l.ID == act.ID {
			equal(w, "attempts", l.Attempts, 1)
		}
	}
	w.must(w.S.ReleaseLetters(ctx, w.Now))
	equal(w, "released", len(w.claim("e", 10)), 3)
	w.sound()
}

func sendersAtOnce(w *World) {
	w.Migrate()
	var letters []store.Letter
	for i := range 60 {
		letters = append(letters, w.Letter(fmt.Sprint("l", i), i%3))
	}
	w.enqueue(letters...)
	var mu sync.Mutex
	held := map[int64]int{}
	var wg sync.WaitGroup
	for g := range 6 {
		wg.Go(func() {
			for {
				got, err := w.S.ClaimLetters(w.T.Context(), fmt.Sprint("s", g), 7, w.Now, w.Now.Add(time.Minute))
				if err != nil {
					w.T.Error(err)
				}
				if len(got) > 7 {
					w.T.Errorf("claimed %d, asked for 7", len(got))
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, l := range got {
					held[l.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	equal(w, "letters", len(held), 61)
	for id, n := range held {
		if n != 1 {
			w.T.Errorf("letter %d has %d holders", id, n)
		}
	}
}

func mailing(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Publish(Small)
	const people = 7
	batch := w.Batch(p.ID, 100, people, "")
	var pend []store.NewPending
	for i := range people {
		id := Nullifier(-100 - i)
		n := w.pending(p.ID, 100+i, fmt.Sprint("m", i))
		n.Subscription = &store.NewSubscription{ID: id, Address: []byte("sealed"), Lang: "kk"}
		pend, batch[i].Subscription = append(pend, n), id[:]
	}
	_, err := w.S.AddPending(ctx, pend, w.Now)
	w.must(err)
	_, err = w.S.AddSignatures(ctx, batch, w.Now)
	w.must(err)
	for range 2 { // asked for twice, sent once
		_, err = w.S.Follow(ctx, fmt.Sprint("f", w.n), 1, func(tx *store.Tx, e petition.Event) error {
			return tx.AddMailing(e.Seq, "answer", p.ID, map[string]string{"outcome": "partly"})
		})
		w.must(err)
		w.n++
	}
	got := map[[16]byte]int{}
	broken := fmt.Errorf("a letter that cannot be made")
	steps := 0
	for fail := true; ; {
		more, err := w.S.ExpandMailing(ctx, 3, func(m store.Mailing, q petition.Petition, to store.Subscriber) (store.Letter, error) {
			if m.Args["outcome"] != "partly" || q.ID != p.ID || to.Lang != "kk" || string(to.Address) != "sealed" {
				w.T.Errorf("mailing %+v to %+v", m, to)
			}
			if fail && steps == 1 {
				return store.Letter{}, broken
			}
			got[to.ID]++
			return w.Letter(fmt.Sprintf("mailing-%d-%x", m.ID, to.ID), store.PriorityNews), nil
		})
		if fail && steps == 1 {
			w.want(err, broken)
			fail = false
			continue
		}
		w.must(err)
		if !more {
			break
		}
		steps++
	}
	equal(w, "steps", steps, 3)
	equal(w, "subscribers", len(got), people)
	waiting, _, err := w.S.OutboxSize(ctx)
	w.must(err)
	equal(w, "letters", waiting, 1+2*people)
}

func leases(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	lease := func(holder string) bool {
		w.T.Helper()
		ok, err := w.S.Lease(ctx, "work", holder, w.Now, time.Minute)
		w.must(err)
		return ok
	}
	equal(w, "first", lease("a"), true)
	equal(w, "second", lease("b"), false)
	equal(w, "kept", lease("a"), true)
	w.wait(2 * time.Minute)
	equal(w, "run out", lease("b"), true)
	equal(w, "lost", lease("a"), false)
	w.must(w.S.EndLease(ctx, "work", "a")) // not its own
	equal(w, "still lost", lease("a"), false)
	w.must(w.S.EndLease(ctx, "work", "b"))
	equal(w, "given back", lease("a"), true)
	w.must(w.S.EndLease(ctx, "work", "a"))
	var wg sync.WaitGroup
	var mu sync.Mutex
	holders := 0
	for g := range 8 {
		wg.Go(func() {
			ok, err := w.S.Lease(ctx, "work", fmt.Sprint("g", g), w.Now, time.Minute)
			if err != nil {
				w.T.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if ok {
				holders++
			}
		})
	}
	wg.Wait()
	equal(w, "holders", holders, 1)
}
