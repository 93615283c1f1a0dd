package mail

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func (w *world) follower() *Follower { return NewFollower(w.store, w.vault, site, w.clock.now) }

// follow runs the follower to the end and returns the letters it made, opened.
func (w *world) follow(f *Follower) map[string]letter.Letter {
	w.t.Helper()
	ctx := w.t.Context()
	for {
		if n, err := f.Follow(ctx); err != nil {
			w.t.Fatal(err)
		} else if n == 0 {
			break
		}
	}
	for {
		if more, err := f.ExpandMailings(ctx); err != nil {
			w.t.Fatal(err)
		} else if !more {
			break
		}
	}
	ls, err := w.store.ClaimLetters(ctx, "test", 10_000, w.clock.now(), w.clock.now())
	if err != nil {
		w.t.Fatal(err)
	}
	got := map[string]letter.Letter{}
	c := composer(w.t, sender())
	for _, l := range ls {
		opened, err := letter.Open(w.vault, l.Sealed)
		if err != nil {
			w.t.Fatal(err)
		}
		if opened.To != "" {
			if _, err := c.Compose(opened, l.UID, w.clock.now()); err != nil {
				w.t.Errorf("%s: %v", l.UID, err)
			}
		}
		got[l.UID] = opened
		if err := w.store.LetterDone(ctx, l.ID); err != nil {
			w.t.Fatal(err)
		}
	}
	return got
}

// kinds are the kinds of the letters, to the author and to readers, sorted.
func kinds(ls map[string]letter.Letter) []string {
	var ks []string
	for _, l := range ls {
		ks = append(ks, string(l.Kind))
	}
	slices.Sort(ks)
	return ks
}

// one is the only letter of its kind.
func one(t *testing.T, ls map[string]letter.Letter, kind letter.Kind) letter.Letter {
	t.Helper()
	for _, l := range ls {
		if l.Kind == kind {
			return l
		}
	}
	t.Fatalf("no letter %s among %v", kind, kinds(ls))
	return letter.Letter{}
}

func (w *world) confirm() {
	w.change(func(p petition.Petition) (petition.Change, error) { return w.law.Confirm(p, w.clock.now()) })
}

func (w *world) decide(v petition.Verdict, officer petition.OfficerID, reason string) {
	w.change(func(p petition.Petition) (petition.Change, error) {
		return w.law.Decide(p, petition.Decision{Verdict: v, Reason: reason, Note: "Because.", TextVersion: p.TextVersion, Officer: officer}, w.clock.now())
	})
}

// toModeration confirms the petition and finds its supporters.
func (w *world) toModeration() {
	w.confirm()
	w.change(func(p petition.Petition) (petition.Change, error) {
		c, ok := w.law.Count(p, 20, w.clock.now())
		if !ok {
			w.t.Fatal("twenty are not enough")
		}
		return c, nil
	})
}

// subscribe adds an active subscriber, as a confirmed signature does.
func (w *world) subscribe(address string, lang petition.Lang) [16]byte {
	w.t.Helper()
	w.count++
	id := [16]byte{byte(w.count), byte(w.count >> 8), 7}
	sub := &store.NewSubscription{ID: id, Address: letter.SealAddress(w.vault, address), Lang: lang}
	row, err := w.letter(letter.Sign, "x@mail.example").Seal(w.vault, "", store.PriorityProof, w.clock.now().Add(1000*time.Hour))
	if err != nil {
		w.t.Fatal(err)
	}
	n := id
	if _, err := w.store.AddPending(w.t.Context(), []store.NewPending{{Petition: w.p.ID, Asker: n, Subscription: sub, Letter: row}}, w.clock.now()); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.store.AddSignatures(w.t.Context(), []store.NewSignature{{Petition: w.p.ID, Nullifier: n, Subscription: id[:]}}, w.clock.now()); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func TestLettersOfALife(t *testing.T) {
	w := newWorld(t)
	f := w.follower()
	if got := kinds(w.follow(f)); !slices.Equal(got, []string{"start"}) {
		t.Fatalf("a draft: %v", got)
	}
	w.confirm()
	l := one(t, w.follow(f), letter.Started)
	mine := site + "/ru/mine/" + w.vault.Fixed("mine", w.p.UID[:])
	want := map[string]string{"title": "Put lamps in the streets", "mine": mine, "share": site + "/ru/p/" + w.vault.Fixed("share", w.p.UID[:]),
		"threshold": "20", "until": "2027-02-03", "count": "0", "notice": "yes"}
	if l.To != "author@mail.example" || l.Lang != "ru" || fmt.Sprint(l.Args) != fmt.Sprint(want) {
		t.Errorf("started: %+v\nwant %v", l, want)
	}
	w.change(func(p petition.Petition) (petition.Change, error) {
		c, _ := w.law.Count(p, 20, w.clock.now())
		return c, nil
	})
	if l := one(t, w.follow(f), letter.Queued); l.Args["until"] == "" || l.Args["mine"] != mine {
		t.Errorf("queued: %v", l.Args)
	}
	id := w.subscribe("reader@mail.example", "kk")
	w.decide(petition.Publish, 1, "")
	got := w.follow(f)
	page := fmt.Sprintf("/petitions/%d", w.p.Number)
	if l := one(t, got, letter.Published); l.Args["page"] != site+"/ru"+page || l.Args["until"] == "" || len(got) != 3 { // with the one that subscribe asked for
		t.Errorf("published: %v of %v", l.Args, kinds(got))
	}
	news := one(t, got, letter.NewsOpen)
	if news.To != "reader@mail.example" || news.Args["title"] != "Шам орнатайық" || news.Args["page"] != site+"/kk"+page ||
		news.Args["unsubscribe"] != site+"/u/"+base64.RawURLEncoding.EncodeToString(id[:]) || news.Args["mine"] != "" || news.Args["note"] != "" {
		t.Errorf("news: %+v", news)
	}
	w.change(func(p petition.Petition) (petition.Change, error) {
		c, _ := w.law.Count(p, 10_000, w.clock.now())
		return c, nil
	})
	got = w.follow(f)
	if k := kinds(got); !slices.Equal(k, []string{"news-stage", "news-stage", "stage", "stage"}) {
		t.Fatalf("two stages: %v", k)
	}
	var names []string
	for _, l := range got {
		names = append(names, l.Args["stage"]+" "+l.Args["threshold"])
	}
	slices.Sort(names)
	for _, s := range w.law.Stages[:2] {
		for _, lang := range []petition.Lang{"kk", "ru"} {
			if !slices.Contains(names, fmt.Sprintf("%s %d", s.Name[lang], s.Threshold)) {
				t.Errorf("no letter on %s in %s: %q", s.ID, lang, names)
			}
		}
	}
	w.change(func(p petition.Petition) (petition.Change, error) {
		return w.law.Respond(p, petition.Answer{Outcome: "partly"}, w.clock.now())
	})
	w.clock.t = w.p.ClosesAt
	w.change(func(p petition.Petition) (petition.Change, error) {
		c, _ := w.law.Tick(p, w.clock.now())
		return c, nil
	})
	if k := kinds(w.follow(f)); !slices.Equal(k, []string{"answered", "closed", "news-answer", "news-closed"}) {
		t.Errorf("answered and closed: %v", k)
	}
}

func TestLettersOfARefusal(t *testing.T) {
	w := newWorld(t)
	f := w.follower()
	w.toModeration()
	w.decide(petition.Return, 1, "unclear")
	w.change(func(p petition.Petition) (petition.Change, error) { return w.law.Resubmit(p, p.Texts, w.clock.now()) })
	got := w.follow(f)
	if k := kinds(got); !slices.Equal(k, []string{"queued", "queued", "returned", "start", "started"}) {
		t.Fatalf("returned: %v", k)
	}
	if l := one(t, got, letter.Returned); l.Args["note"] != "Because." || !strings.HasPrefix(l.Args["reason"], "Неясно") {
		t.Errorf("returned: %v", l.Args)
	}
	w.decide(petition.Reject, 1, "duplicate")
	if got := w.follow(f); len(got) != 0 {
		t.Errorf("one officer's proposal is told: %v", kinds(got))
	}
	w.decide(petition.Reject, 2, "duplicate")
	if l := one(t, w.follow(f), letter.Refused); l.Args["until"] == "" || l.Args["page"] == "" || l.Args["mine"] == "" {
		t.Errorf("refused: %v", l.Args)
	}
	w.change(func(p petition.Petition) (petition.Change, error) { return w.law.Lodge(p, "No.", w.clock.now()) })
	w.decide(petition.Reject, 3, "duplicate")
	w.decide(petition.Reject, 4, "duplicate")
	if k := kinds(w.follow(f)); !slices.Equal(k, []string{"upheld"}) {
		t.Errorf("upheld: %v", k)
	}
}

func TestLettersOfAProposalAndALapse(t *testing.T) {
	w := newWorld(t)
	f := w.follower()
	w.confirm()
	w.clock.t = w.p.SupportUntil
	w.change(func(p petition.Petition) (petition.Change, error) {
		c, _ := w.law.Tick(p, w.clock.now())
		return c, nil
	})
	w.p = w.start("A proposal", petition.KindProposal)
	w.confirm()
	if k := kinds(w.follow(f)); !slices.Equal(k, []string{"lapsed", "queued", "start", "start", "started"}) {
		t.Errorf("letters: %v", k)
	}
}

// More subscribers than one step holds, some whose address does not open: each
// gets one letter, also when the follower is started again in between.
func TestMailingReachesEverybodyOnce(t *testing.T) {
	w := newWorld(t)
	w.toModeration()
	subs := make([]store.NewPending, 2*mailingStep+3)
	sigs := make([]store.NewSignature, len(subs))
	for i := range subs {
		id := [16]byte{1, byte(i), byte(i >> 8)}
		row, err := w.letter(letter.Sign, "x@mail.example").Seal(w.vault, "", store.PriorityProof, w.clock.now().Add(1000*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		address := letter.SealAddress(w.vault, fmt.Sprintf("r%d@mail.example", i))
		if i == 5 {
			address = []byte("sealed under a key that is gone, long ago")
		}
		subs[i] = store.NewPending{Petition: w.p.ID, Asker: id, Letter: row, Subscription: &store.NewSubscription{ID: id, Address: address, Lang: "en"}}
		sigs[i] = store.NewSignature{Petition: w.p.ID, Nullifier: id, Subscription: id[:]}
	}
	if _, err := w.store.AddPending(t.Context(), subs, w.clock.now()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.AddSignatures(t.Context(), sigs, w.clock.now()); err != nil {
		t.Fatal(err)
	}
	w.decide(petition.Publish, 1, "")
	if _, err := w.follower().Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if more, err := w.follower().ExpandMailings(t.Context()); !more || err != nil {
		t.Fatal(more, err)
	}
	to := map[string]int{}
	for _, l := range w.follow(w.follower()) {
		if l.Kind == letter.NewsOpen {
			to[l.To]++
		}
	}
	if len(to) != len(subs) || to[""] != 1 || to["r0@mail.example"] != 1 {
		t.Errorf("%d of %d reached, %d to nobody", len(to), len(subs), to[""])
	}
}
