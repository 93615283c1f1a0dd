package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func (w *World) pending(id petition.ID, n int, letter string) store.NewPending {
	return store.NewPending{Petition: id, Asker: Nullifier(n), Letter: w.Letter(letter, store.PriorityProof)}
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

	// Once for news in one language and at once again in another, and a letter about taking it back between them.
	again := []store.NewPending{w.pending(p.ID, 52, "f"), w.pending(p.ID, 52, "g"), w.pending(p.ID, 52, "h")}
	again[1].Withdrawal = true
	again[0].Subscription = &store.NewSubscription{ID: [16]byte{7}, Address: []byte("sealed"), Lang: "kk"}
	again[2].Subscription = &store.NewSubscription{ID: [16]byte{7}, Address: []byte("sealed"), Lang: "ru"}
	queued, err = w.S.AddPending(w.T.Context(), again, w.Now)
	w.must(err)
	if slices.Contains(queued, false) {
		w.T.Errorf("the same person in one batch: %v", queued)
	}
	there, err := w.S.ActivateSubscription(w.T.Context(), again[0].Subscription.ID[:])
	w.must(err)
	equal(w, "asked for news", there, true)
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
	young, err := w.S.PurgeRequests(ctx, w.Now.Add(-72*time.Hour), 2)
	w.must(err)
	equal(w, "young requests", young, 0)
	w.wait(73 * time.Hour)
	n, err = w.S.PurgePending(ctx, w.Now.Add(-72*time.Hour))
	w.must(err)
	equal(w, "destroyed", n, store.Purged{Subscriptions: 1, Sessions: 1})
	for _, want := range []int64{2, 1, 0} {
		n, err := w.S.PurgeRequests(ctx, w.Now.Add(-72*time.Hour), 2)
		w.must(err)
		equal(w, "requests destroyed in a step", n, want)
	}
	// Nothing is left of who asked, whether they signed or not; letters are
	// counted anew.
	var batch []store.NewPending
	for i := range 6 {
		batch = append(batch, w.pending(p.ID, 50, fmt.Sprint("again", i)))
	}
	queued, err := w.S.AddPending(ctx, batch, w.Now)
	w.must(err)
	if !slices.Equal(queued, []bool{true, true, true, true, true, false}) {
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

// handOver reports which of some letters holder may send.
func (w *World) handOver(holder string, ids ...int64) []int64 {
	w.T.Helper()
	held, err := w.S.HandOver(w.T.Context(), holder, w.Now.Add(time.Minute), store.Settled{}, ids...)
	w.must(err)
	slices.Sort(held)
	return held
}

// later puts a letter back.
func (w *World) later(holder string, id int64, at time.Time, tried bool) {
	w.T.Helper()
	w.must(w.S.SettleLetters(w.T.Context(), holder, store.Settled{Later: []store.LaterLetter{{ID: id, NotBefore: at, Tried: tried}}}))
}

// byUID are letters by their names.
func byUID(letters []store.ClaimedLetter) map[string]store.ClaimedLetter {
	m := map[string]store.ClaimedLetter{}
	for _, l := range letters {
		m[l.UID] = l
	}
	return m
}

func outbox(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	equal(w, "empty", len(w.claim("a", 10)), 0)
	w.enqueue(w.Letter("news", store.PriorityNews), w.Letter("act", store.PriorityActs), w.Letter("later", store.PriorityProof),
		w.Letter("proof", store.PriorityProof), w.Letter("news", store.PriorityNews))
	first := w.claim("a", 4) // with the letter of the draft
	equal(w, "claimed", len(first), 4)
	equal(w, "the last of them", first[3].UID, "act")
	equal(w, "sealed", string(first[3].Sealed), "sealed act")
	equal(w, "queued", first[3].QueuedAt, w.Now)
	rest := w.claim("b", 10)
	equal(w, "left for another", len(rest), 1)
	have := byUID(first)
	later, proof, act, news := have["later"], have["proof"], have["act"], rest[0]

	w.later("a", later.ID, w.Now.Add(30*time.Second), false)
	equal(w, "handed over by one who does not hold it", len(w.handOver("b", act.ID)), 0)
	equal(w, "handed over", fmt.Sprint(w.handOver("a", proof.ID, news.ID, later.ID)), fmt.Sprint([]int64{proof.ID}))
	w.later("z", act.ID, w.Now.Add(time.Hour), true) // not its letter
	w.later("a", act.ID, w.Now.Add(10*time.Minute), true)
	ended := store.Settled{Day: "2026-11-23", Ended: []store.EndedLetter{{ID: news.ID, Priority: store.PriorityNews, Result: store.LetterSent}}}
	for range 2 { // as after an answer that was lost
		w.must(w.S.SettleLetters(ctx, "b", ended))
	}
	counts, err := w.S.LetterCounts(ctx, "2026-11-23")
	w.must(err)
	equal(w, "counted once", fmt.Sprint(counts), "[{9 sent 1}]")

	w.wait(2 * time.Minute) // a's hold ran out
	got := byUID(w.claim("c", 10))
	if _, ok := got["later"]; len(got) != 2 || !ok {
		w.T.Fatalf("after the hold: %+v", got)
	}
	for _, l := range got {
		equal(w, "handed over by one who lost it", len(w.handOver("a", l.ID)), 0)
	}
	uncertain, err := w.S.UncertainLetters(ctx, w.Now, 10)
	w.must(err)
	if len(uncertain) != 1 || uncertain[0].ID != proof.ID {
		w.T.Errorf("uncertain: %+v", uncertain)
	}
	waiting, lost, err := w.S.OutboxSize(ctx)
	w.must(err)
	equal(w, "waiting", waiting, 3)
	equal(w, "of unknown fate", lost, 1)
	w.wait(10 * time.Minute)
	equal(w, "attempts", byUID(w.claim("d", 10))["act"].Attempts, 1)
	w.must(w.S.ReleaseLetters(ctx))
	classes, err := w.S.OutboxClasses(ctx)
	w.must(err)
	equal(w, "classes", len(classes), 2)
	equal(w, "proofs", classes[0].Waiting, 2)
	equal(w, "the oldest", classes[1].Oldest, act.QueuedAt)
	equal(w, "released", len(w.claim("e", 10)), 3)
	w.handOver("e", act.ID)
	w.wait(time.Hour)
	uncertain, err = w.S.UncertainLetters(ctx, w.Now, 10)
	w.must(err)
	equal(w, "uncertain", len(uncertain), 2)
	equal(w, "the older is", uncertain[0].ID, act.ID)
	equal(w, "its class", uncertain[0].Priority, store.PriorityActs)
	w.sound()
}

// What became of a batch is written down together: each letter as its own end
// or wait says, once, and another sender's waits untouched.
func settledTogether(w *World) {
	w.Migrate()
	w.enqueue(w.Letter("p1", store.PriorityProof), w.Letter("p2", store.PriorityProof), w.Letter("a1", store.PriorityActs),
		w.Letter("n1", store.PriorityNews), w.Letter("n2", store.PriorityNews), w.Letter("n3", store.PriorityNews), w.Letter("n4", store.PriorityNews), w.Letter("z", store.PriorityNews))
	have := byUID(w.claim("a", 8)) // with the letter of the draft
	other := w.claim("b", 10)
	equal(w, "left for another", len(other), 1)
	end := func(uid, result string) store.EndedLetter {
		return store.EndedLetter{ID: have[uid].ID, Priority: have[uid].Priority, Result: result}
	}
	soon, late := w.Now.Add(time.Minute), w.Now.Add(time.Hour)
	b := store.Settled{Day: "2026-11-23",
		Ended: []store.EndedLetter{end("p1", store.LetterSent), end("n1", store.LetterRefused), end("n2", store.LetterSent), end("n2", store.LetterSent)},
		Later: []store.LaterLetter{{ID: have["p2"].ID, NotBefore: soon, Tried: true}, {ID: have["a1"].ID, NotBefore: late, Tried: true},
			{ID: have["n3"].ID, NotBefore: soon}, {ID: have["n4"].ID, NotBefore: soon, Tried: true}, {ID: other[0].ID, NotBefore: soon, Tried: true}}}
	for range 2 { // as after an answer that was lost
		w.must(w.S.SettleLetters(w.T.Context(), "a", b))
	}
	counts, err := w.S.LetterCounts(w.T.Context(), "2026-11-23")
	w.must(err)
	equal(w, "counted once", fmt.Sprint(counts), "[{0 sent 1} {9 refused 1} {9 sent 1}]")
	equal(w, "before its time", len(w.claim("c", 10)), 0)
	w.wait(50 * time.Second)
	equal(w, "still another's", len(w.handOver("b", other[0].ID)), 1)
	w.wait(20 * time.Second)
	got := byUID(w.claim("c", 10))
	tries := map[string]int{}
	for uid := range have { // the draft's own hold has run out, too
		if l, ok := got[uid]; ok && !strings.HasPrefix(uid, "start-") {
			tries[uid] = l.Attempts
		}
	}
	equal(w, "after a minute", fmt.Sprint(tries), "map[n3:0 n4:1 p2:1]")
	w.wait(time.Hour)
	equal(w, "after an hour", byUID(w.claim("d", 10))["a1"].Attempts, 1)
	w.sound()
}

// Classes go one before the other, and in a class the petitions take turns.
func letterTurns(w *World) {
	w.Migrate()
	letters := func(lane, class, n int) (ls []store.Letter) {
		for i := range n {
			l := w.Letter(fmt.Sprintf("%d/%d/%d", class, lane, i), class)
			l.Lane = petition.ID(lane)
			ls = append(ls, l)
		}
		return ls
	}
	w.enqueue()
	w.claim("draft", 1)
	w.enqueue(slices.Concat(letters(901, store.PriorityNews, 50), letters(902, store.PriorityProof, 40), letters(903, store.PriorityProof, 3),
		letters(904, store.PriorityProof, 2))...)
	var order []string
	for i := 0; ; i++ {
		got := w.claim("a", 4)
		if len(got) == 0 {
			break
		}
		if i == 1 {
			w.enqueue(letters(905, store.PriorityProof, 1)...) // comes while the flood waits
		}
		for _, l := range got {
			order = append(order, l.UID)
		}
	}
	at := func(uid string) int { return slices.Index(order, uid) }
	for _, uid := range []string{"0/903/2", "0/904/1", "0/905/0"} {
		if i := at(uid); i < 0 || i > 16 {
			w.T.Errorf("%s is number %d, behind the flood: %v", uid, i, order)
		}
	}
	if i := at("9/901/0"); i < at("0/902/39") {
		w.T.Errorf("news are number %d, before a proof", i)
	}
	equal(w, "all", len(order), 50+40+3+2+1+2)
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
	list, err := w.S.DeskMailings(ctx, 10)
	w.must(err)
	if len(list) != 1 || list[0].State != store.MailingMade || list[0].Made != people || list[0].Audience != people || list[0].Waiting != 0 || list[0].Petition.ID != p.ID {
		w.T.Errorf("at the desk: %+v", list)
	}
}

// newsTo subscribes people to a petition and asks for a mailing to them.
func (w *World) newsTo(p petition.Petition, people int) int64 {
	w.T.Helper()
	ctx := w.T.Context()
	var pend []store.NewPending
	batch := w.Batch(p.ID, 500, people, "")
	for i := range people {
		id := Nullifier(-500 - i - 1000*int(p.ID))
		n := w.pending(p.ID, 500+i, fmt.Sprintf("p-%d-%d", p.ID, i))
		n.Subscription = &store.NewSubscription{ID: id, Address: []byte("sealed"), Lang: "kk"}
		pend, batch[i].Subscription = append(pend, n), id[:]
	}
	_, err := w.S.AddPending(ctx, pend, w.Now)
	w.must(err)
	_, err = w.S.AddSignatures(ctx, batch, w.Now)
	w.must(err)
	w.n++
	_, err = w.S.Follow(ctx, fmt.Sprint("n", w.n), 1, func(tx *store.Tx, e petition.Event) error {
		return tx.AddMailing(e.Seq, fmt.Sprint("k", w.n), p.ID, nil)
	})
	w.must(err)
	list, err := w.S.DeskMailings(ctx, 1)
	w.must(err)
	return list[0].ID
}

// expand makes one step of news and returns whose they are.
func (w *World) expand(limit int) (made []store.NewsRef, more bool) {
	w.T.Helper()
	more, err := w.S.ExpandMailing(w.T.Context(), limit, func(m store.Mailing, _ petition.Petition, to store.Subscriber) (store.Letter, error) {
		made = append(made, store.NewsRef{Mailing: m.ID, Subscription: to.ID})
		return w.Letter(fmt.Sprintf("n-%d-%x", m.ID, to.ID), store.PriorityNews), nil
	})
	w.must(err)
	return made, more
}

func mailingsHeld(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p, q := w.Publish(Small), w.Publish(Small)
	long := w.newsTo(p, 9)
	w.expand(3)
	short := w.newsTo(q, 3)
	made, _ := w.expand(3)
	equal(w, "the one with fewer letters comes first", made[0].Mailing, short)
	w.must(w.S.SetMailing(ctx, long, store.MailingPaused, 7, w.Now))
	w.expand(3) // the short one finds its end
	_, more := w.expand(3)
	equal(w, "more while the long one is paused", more, false)
	news := func() (n int) {
		for _, l := range w.claim("a", 100) {
			if l.Priority == store.PriorityNews {
				n++
			}
		}
		return n
	}
	equal(w, "claimed while it is paused", news(), 3)
	w.must(w.S.ReleaseLetters(ctx))
	refs := []store.NewsRef{made[0], made[1], {Mailing: long, Subscription: made[0].Subscription}, {Mailing: 99, Subscription: made[0].Subscription}}
	w.must(w.S.Unsubscribe(ctx, made[1].Subscription[:]))
	states, err := w.S.NewsWanted(ctx, refs)
	w.must(err)
	equal(w, "wanted", fmt.Sprint(states), "[made stopped paused stopped]")
	w.must(w.S.SetMailing(ctx, long, store.MailingRuns, 7, w.Now))
	w.want(w.S.SetMailing(ctx, long, store.MailingRuns, 7, w.Now), store.ErrConflict)
	equal(w, "claimed when it goes on", news(), 6)
	w.must(w.S.ReleaseLetters(ctx))
	made, _ = w.expand(3)
	equal(w, "goes on where it was", made[0].Mailing, long)
	w.must(w.S.SetMailing(ctx, long, store.MailingStopped, 7, w.Now))
	for _, to := range []store.MailingState{store.MailingRuns, store.MailingPaused, store.MailingStopped} {
		w.want(w.S.SetMailing(ctx, long, to, 7, w.Now), store.ErrConflict)
	}
	equal(w, "left of both when one is stopped", news(), 3)
	acts, err := w.S.SettingsActs(ctx, 10)
	w.must(err)
	if len(acts) != 3 || acts[0].Name != fmt.Sprint("mailing:", long) || acts[0].Old != "runs" || acts[0].New != "stopped" || acts[0].Actor != 7 {
		w.T.Errorf("acts: %+v", acts)
	}
	w.sound()
}

// An address that is refused for good loses its subscription: at once when it
// does not exist, at the third time otherwise.
func refusedAddresses(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Publish(Small)
	w.newsTo(p, 3)
	made, _ := w.expand(5)
	hard, soft := made[0].Subscription[:], made[1].Subscription[:]
	left := func() int {
		states, err := w.S.NewsWanted(ctx, made)
		w.must(err)
		n := 0
		for _, s := range states {
			if s != store.MailingStopped {
				n++
			}
		}
		return n
	}
	w.must(w.S.SettleLetters(ctx, "a", store.Settled{Refuse: []store.RefusedAddress{{Subscription: hard, Hard: true}, {Subscription: soft}}}))
	equal(w, "after one refusal each", left(), 2)
	back := func(tag byte, sub []byte, hard, want bool) {
		w.T.Helper()
		fresh, err := w.S.Bounced(ctx, store.Bounce{Tag: [16]byte{tag}, Priority: store.PriorityNews, Subscription: sub, Hard: hard}, w.Now)
		w.must(err)
		equal(w, "known before", !fresh, !want)
	}
	back(1, soft, false, true)
	for range 5 { // the same letter, reported again and again
		back(1, soft, false, false)
		back(1, soft, true, false)
	}
	equal(w, "after two, one of them often", left(), 2)
	back(2, soft, false, true)
	equal(w, "after three", left(), 1)
	fresh, err := w.S.Bounced(ctx, store.Bounce{Tag: [16]byte{3}, Priority: store.PriorityProof}, w.Now)
	w.must(err)
	equal(w, "a letter of nobody's subscription", fresh, true)
	counts, err := w.S.LetterCounts(ctx, "2026-11-01")
	w.must(err)
	equal(w, "counted", fmt.Sprint(counts), "[{0 bounced 1} {9 bounced 2}]")
	w.wait(31 * 24 * time.Hour)
	back(4, made[2].Subscription[:], true, true)
	back(1, soft, false, true) // forgotten; its tag has long run out
	equal(w, "no such address", left(), 0)
}
