package storetest

import (
	"strings"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// deliver records a delivery of today with a document.
func (w *World) deliver(id petition.ID, stage string, document []byte) string {
	w.T.Helper()
	hash := ""
	_, err := w.S.Change(w.T.Context(), id, w.Now, func(tx *store.Tx, p petition.Petition) (c petition.Change, err error) {
		if hash, err = tx.PutFile("application/pdf", document); err != nil {
			return c, err
		}
		l := w.S.Laws().Of(p)
		return l.Deliver(p, petition.Delivery{Stage: stage, On: l.Today(w.Now), Channel: petition.ByHand, By: 7,
			Files: []petition.Attachment{{Hash: hash, Name: "scan.pdf", Type: "application/pdf", Size: int64(len(document))}}}, w.Now)
	})
	w.must(err)
	return hash
}

func delivery(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	_, err := w.S.SaveBodies(ctx, 0, []register.Body{{ID: "akimat-river", Kind: "akimat"}, {ID: "min-sand", Kind: "ministry"}}, w.Now)
	w.must(err)
	numbers := func() store.BodyNumbers {
		w.T.Helper()
		today := w.law(Small).Today(w.Now)
		list, err := w.S.PublicBodies(ctx, today)
		w.must(err)
		one, err := w.S.PublicBody(ctx, "akimat-river", today)
		w.must(err)
		if len(list) == 0 {
			return one.BodyNumbers
		}
		equal(w, "bodies with petitions", len(list), 1)
		equal(w, "one and all", list[0].BodyNumbers, one.BodyNumbers)
		return one.BodyNumbers
	}
	w.Supporting(Small)
	equal(w, "nothing public", numbers(), store.BodyNumbers{})
	_, err = w.S.PublicBody(ctx, "nobody", petition.Date{})
	w.want(err, store.ErrNotFound)
	small := w.law(Small)
	small.Stages[1].Term = petition.Term{N: 2, Unit: civil.Workdays}
	var ids []petition.ID
	var document []byte
	var hash string
	for i := range 3 {
		p := w.Publish(Small)
		ids = append(ids, p.ID)
		w.Sign(p.ID, 100, 7, "")
		if i == 2 {
			break // the third is never delivered
		}
		document = append(document, "%PDF-"...)
		hash = w.deliver(p.ID, "answer", document)
	}
	equal(w, "asked", numbers(), store.BodyNumbers{Petitions: 3, Open: 3, Asked: 3})
	media, b, err := w.S.PublicFile(ctx, hash)
	w.must(err)
	equal(w, "file", media+" "+string(b), "application/pdf "+string(document))
	for _, bad := range []string{"", "../x", hash[1:], strings.ToUpper(hash), strings.Repeat("0", 64)} {
		_, _, err := w.S.PublicFile(ctx, bad)
		w.want(err, store.ErrNotFound)
	}
	w.sound()
	w.wait(3 * 24 * 60 * 60 * 1e9)
	equal(w, "overdue", numbers(), store.BodyNumbers{Petitions: 3, Open: 3, Asked: 3, Overdue: 2})
	w.reminders(ids)
	for i, id := range ids[:2] {
		w.wait(24 * 60 * 60 * 1e9)
		w.Change(id, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Respond(p, petition.Answer{Outcome: "partly", By: petition.OfficerID(i)}, w.Now)
		})
	}
	// Monday to Friday, and to Saturday.
	equal(w, "answered", numbers(), store.BodyNumbers{Petitions: 3, Open: 3, Asked: 1, Answered: 2, Timed: 2, MedianDays: 4, MedianWorkdays: 4})
	w.sound()
}

func (w *World) reminders(ids []petition.ID) {
	w.T.Helper()
	ctx, today := w.T.Context(), w.law(Small).Today(w.Now)
	due, err := w.S.RunningDuties(ctx, "overdue", today, 10)
	w.must(err)
	equal(w, "due", len(due), 2)
	none, err := w.S.RunningDuties(ctx, "overdue", today.AddDays(-1), 10)
	w.must(err)
	equal(w, "due by yesterday", len(none), 0)
	for _, want := range []bool{true, false} {
		told, err := w.S.Remind(ctx, ids[0], "overdue", w.Now, func(p petition.Petition) (petition.Date, *store.Letter, error) {
			l := w.Letter("reminder", store.PriorityActs)
			return w.S.Laws().Of(p).Duty(p).AnswerBy, &l, nil
		})
		w.must(err)
		equal(w, "told", told, want)
	}
	due, err = w.S.RunningDuties(ctx, "overdue", today, 10)
	w.must(err)
	equal(w, "due then", len(due), 1)
	list, err := w.S.DeskReminders(ctx, ids[0])
	w.must(err)
	if len(list) != 1 || list[0].Kind != "overdue" || !list[0].At.Equal(w.Now) {
		w.T.Errorf("reminders: %+v", list)
	}
}

func hiddenFile(w *World) {
	w.Migrate()
	p := w.Publish(Small)
	w.Sign(p.ID, 100, 7, "")
	hash := w.deliver(p.ID, "answer", []byte("%PDF-1"))
	w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Withdraw(p, w.Now) })
	_, _, err := w.S.PublicFile(w.T.Context(), hash)
	w.want(err, store.ErrNotFound)
}
