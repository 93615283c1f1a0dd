package storetest

import (
	"fmt"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// organisation starts a draft in an organisation's name, and lets the petition
// told have news that wait.
func (w *World) organisation(name string, told petition.ID) petition.Petition {
	w.T.Helper()
	l := w.law(Small)
	c := l.Start(petition.Petition{UID: w.uid(), Kind: petition.KindProposal, Lang: "en", Body: "akimat-river", Texts: Texts("Mill Road"),
		Creator: petition.Creator{Kind: petition.Organisation, Name: "Dana Testova", Org: name}}, w.Now)
	contact := store.Contact{Hash: [16]byte{9, byte(w.n)}, Sealed: []byte("sealed address"), Lang: "en"}
	p, err := w.S.Create(w.T.Context(), c, []byte("salt 0123456789abcdef"), contact, w.Now, func(p petition.Petition) (store.Letter, error) {
		return w.Letter(fmt.Sprintf("start-%x", p.UID), store.PriorityProof), nil
	})
	w.must(err)
	if told != 0 {
		w.Change(told, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.WriteNews(p, petition.News{Title: "First lantern", Text: "It shines.", Lang: "en"}, w.Now)
		})
	}
	return p
}

// petitioners plays what petitioners and organisations do.
func petitioners(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	// Latin letters in one name, a Cyrillic one in the other.
	w.organisation("Ak Bulak", 0)
	w.organisation("Аk Bulak", 0)
	w.organisation("Another", 0)
	names, err := w.S.DeskLookalikes(ctx, "Ak Bulak")
	w.must(err)
	equal(w, "names that look alike", fmt.Sprint(names), "[Аk Bulak]")

	a, b := w.Publish(Small), w.Publish(Small)
	w.organisation("Told", a.ID)
	waiting, err := w.S.DeskNews(ctx, 10)
	w.must(err)
	equal(w, "news that wait", len(waiting), 1)
	equal(w, "their title", waiting[0].News.Title, "First lantern")
	v, err := w.S.PublicPetition(ctx, a.Number)
	w.must(err)
	equal(w, "news are private before", v.News == nil, true)
	w.Change(a.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.DecideNews(p, petition.Decision{Verdict: petition.Publish, Officer: 7}, p.News.At, w.Now)
	})
	waiting, err = w.S.DeskNews(ctx, 10)
	w.must(err)
	equal(w, "none waits", len(waiting), 0)

	w.merge(a, b)
	w.erase(a)
	w.returned()
	w.sound()
}

func (w *World) merge(a, b petition.Petition) {
	w.T.Helper()
	ctx := w.T.Context()
	propose := func(a, b petition.Petition) (petition.Change, petition.Change, error) {
		return petition.ProposeMerge(a, b, w.Now)
	}
	accept := func(a, b petition.Petition) (petition.Change, petition.Change, error) {
		return petition.AcceptMerge(a, b, w.Now)
	}
	w.want(w.S.ChangeBoth(ctx, b.ID, a.ID, w.Now, accept), petition.ErrState)
	w.must(w.S.ChangeBoth(ctx, b.ID, a.ID, w.Now, propose))
	w.must(w.S.ChangeBoth(ctx, b.ID, a.ID, w.Now, accept))
	equal(w, "state of the one", w.Load(b.ID).State, petition.Closed)
	equal(w, "in favour of", w.Load(b.ID).MergedInto, a.Number)
	equal(w, "state of the other", w.Load(a.ID).State, petition.Open)
	equal(w, "its count", w.Load(a.ID).Count, a.Count)
}

func (w *World) erase(a petition.Petition) {
	w.T.Helper()
	ctx := w.T.Context()
	erase := func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		return w.S.Laws().Of(p).Erase(p, w.Now)
	}
	_, err := w.S.MineContact(ctx, a.ID)
	w.must(err)
	w.must(w.S.EraseContact(ctx, a.ID, w.Now, erase))
	_, err = w.S.MineContact(ctx, a.ID)
	w.want(err, store.ErrNotFound)
	w.want(w.S.EraseContact(ctx, a.ID, w.Now, erase), petition.ErrState)
	v, err := w.S.PublicPetition(ctx, a.Number)
	w.must(err)
	equal(w, "name", v.Creator.Name, "")
	equal(w, "marked", v.Creator.Erased, true)
}

// returned hands in a changed text: both versions and their hashes stay.
func (w *World) returned() {
	w.T.Helper()
	p := w.Supporting(Small)
	w.Sign(p.ID, 500, int(w.law(Small).Support.Threshold), "")
	w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Decide(p, petition.Decision{Verdict: petition.Return, Reason: l.Moderation.Reasons[0].Code, TextVersion: 1, Officer: 7}, w.Now)
	})
	before := w.Load(p.ID)
	w.wait(time.Hour)
	w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Resubmit(p, Texts("Bridge Street"), w.Now)
	})
	all, err := w.S.MineVersions(w.T.Context(), p.ID)
	w.must(err)
	equal(w, "versions", len(all), 2)
	equal(w, "first text", all[0].Texts["en"], before.Texts["en"])
	equal(w, "first hash", all[0].Hash, petition.TextHash(before.Texts))
	equal(w, "second hash", all[1].Hash, petition.TextHash(Texts("Bridge Street")))
}
