package storetest

import (
	"strconv"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func (w *World) waiting() petition.Petition {
	w.T.Helper()
	p := w.Supporting(Small)
	w.Sign(p.ID, 1, 3, "")
	return w.Load(p.ID)
}

func deskQueue(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	a, b := w.waiting(), w.waiting()
	began := w.Now
	w.Now = w.Now.Add(72 * time.Hour)
	c := w.waiting()
	w.Change(b.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Decide(p, petition.Decision{Verdict: petition.Reject, Reason: "unclear", TextVersion: 1, Officer: 7}, w.Now)
	})
	hidden := w.Publish(Small)
	hidden = w.Change(hidden.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Hide(p, "unclear", "", 1, w.Now)
	})
	staff, err := w.S.AddStaff(ctx, [16]byte{7}, []byte("sealed"), store.Moderator, "", w.Now)
	w.must(err)
	_, err = w.S.Claim(ctx, c.ID, staff.ID, w.Now, w.Now.Add(time.Hour))
	w.must(err)
	q := store.DeskQuery{Staff: staff.ID, Now: a.DecideBy, Soon: c.DecideBy, Limit: 10}
	early := q
	early.Now, early.Soon = began, began
	for _, x := range []struct {
		q    store.DeskQuery
		f    store.DeskFilter
		want []petition.ID
	}{
		{q, store.DeskAll, []petition.ID{hidden.ID, a.ID, b.ID, c.ID}},
		{q, store.DeskOverdue, []petition.ID{hidden.ID, a.ID, b.ID}},
		{q, store.DeskSoon, []petition.ID{c.ID}},
		{early, store.DeskMine, []petition.ID{c.ID}},
		{q, store.DeskMine, nil}, // the claim has run out by then
		{q, store.DeskSecond, []petition.ID{hidden.ID, b.ID}},
		{q, store.DeskAppeals, nil},
		{early, store.DeskOverdue, nil},
	} {
		x.q.Filter = x.f
		page, err := w.S.DeskQueue(ctx, x.q)
		w.must(err)
		equal(w, string(x.f)+" total", page.Total, len(x.want))
		for i := range page.Items {
			equal(w, string(x.f), page.Items[i].ID, x.want[i])
		}
		equal(w, string(x.f)+" count", page.Counts[x.f], len(x.want))
	}
	w.deskSearch(q, hidden)
	w.sound()
}

func (w *World) deskSearch(q store.DeskQuery, hidden petition.Petition) {
	w.T.Helper()
	for words, want := range map[string]int{"": 4, "lant": 4, "ФОНАРИ елки": 4, "antern": 0, "100%": 0, "_": 4,
		"lanterns nobody": 0, numberOf(hidden): 1} {
		q.Words = words
		page, err := w.S.DeskQueue(w.T.Context(), q)
		w.must(err)
		equal(w, "search for "+words, page.Total, want)
	}
	_, err := w.S.DeskQueue(w.T.Context(), store.DeskQuery{Filter: "odd"})
	if err == nil {
		w.T.Error("an unknown filter finds something")
	}
}

func claims(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.waiting()
	var ids []int64
	for n := range byte(2) {
		st, err := w.S.AddStaff(ctx, [16]byte{1, n}, []byte("sealed"), store.Moderator, "", w.Now)
		w.must(err)
		ids = append(ids, st.ID)
	}
	claim := func(who int64, after time.Duration) store.Claim {
		now := w.Now.Add(after)
		c, err := w.S.Claim(ctx, p.ID, who, now, now.Add(30*time.Minute))
		w.must(err)
		return c
	}
	equal(w, "first", claim(ids[0], 0).Staff, ids[0])
	equal(w, "held", claim(ids[1], 29*time.Minute).Staff, ids[0])
	equal(w, "renewed", claim(ids[0], 29*time.Minute).Staff, ids[0])
	equal(w, "held longer", claim(ids[1], 58*time.Minute).Staff, ids[0])
	equal(w, "taken over", claim(ids[1], 60*time.Minute).Staff, ids[1])
	w.must(w.S.Release(ctx, p.ID, ids[0])) // not theirs any more
	got, err := w.S.Claims(ctx, w.Now.Add(time.Hour), p.ID, 999)
	w.must(err)
	equal(w, "holder", got[p.ID].Staff, ids[1])
	w.must(w.S.AddNote(ctx, p.ID, ids[0], "Ask the register.", w.Now))
	w.must(w.S.AddNote(ctx, p.ID, ids[1], "Asked.", w.Now.Add(time.Minute)))
	notes, err := w.S.Notes(ctx, p.ID)
	w.must(err)
	if len(notes) != 2 || notes[0] != (store.Note{Staff: ids[0], At: w.Now, Text: "Ask the register."}) || notes[1].Staff != ids[1] {
		w.T.Errorf("notes %+v", notes)
	}
	w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Decide(p, petition.Decision{Verdict: petition.Publish, TextVersion: 1, Officer: 7}, w.Now)
	})
	got, err = w.S.Claims(ctx, w.Now, p.ID)
	w.must(err)
	equal(w, "claims after the decision", len(got), 0)
	_, err = w.S.Claim(ctx, p.ID, ids[0], w.Now, w.Now.Add(time.Hour))
	w.want(err, petition.ErrState)
	w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Retopic(p, []string{"transport"}, 7, w.Now)
	})
	topics, err := w.S.Topics(ctx)
	w.must(err)
	equal(w, "topic set", topics["transport"], 1)
	equal(w, "topic taken off", topics["roads"], 0)
	w.sound()
}

func numberOf(p petition.Petition) string { return strconv.FormatInt(p.Number, 10) }
