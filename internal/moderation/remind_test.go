package moderation

import (
	"slices"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

func TestABodyIsRemindedOnceBeforeAndOnceAfter(t *testing.T) {
	w := newWorld(t, "kz-civic")
	s := w.queued()
	id := s.Petition.ID
	if _, err := w.Decide(t.Context(), officer(1), id, Verdict{Verdict: petition.Publish, Version: 1}); err != nil {
		t.Fatal(err)
	}
	body := w.get(id).Body
	if _, err := w.store.SaveBodies(t.Context(), 0, []register.Body{{ID: body, Kind: "akimat", Email: "office@body.example"}}, w.now); err != nil {
		t.Fatal(err)
	}
	w.support(id, 9_990)
	start := time.Date(2027, 2, 1, 6, 0, 0, 0, time.UTC)
	w.set(start)
	h := Handing{Stage: "answer", On: w.law.Today(start), Channel: petition.ByHand, Documents: []Document{{Name: "x.pdf", Data: []byte("no document")}}}
	if err := w.Deliver(t.Context(), officer(1), id, h); err == nil {
		t.Error("a document that is none is kept")
	}
	h.Documents = nil
	if err := w.Deliver(t.Context(), officer(1), id, h); err != nil {
		t.Fatal(err)
	}
	due, _ := w.get(id).Reached("answer")
	var got []string
	for day := range 40 {
		w.set(start.AddDate(0, 0, day))
		for range 2 {
			n, err := w.Remind(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				got = append(got, w.law.Today(start.AddDate(0, 0, day)).String())
			}
		}
	}
	soon := due.AnswerBy
	for w.law.Calendar.Workdays(soon, due.AnswerBy) < 3 {
		soon = soon.AddDays(-1)
	}
	for !w.law.Calendar.Workday(soon) || w.law.Calendar.Workdays(soon.AddDays(-1), due.AnswerBy) == 3 {
		soon = soon.AddDays(-1)
	}
	if want := []string{soon.String(), due.AnswerBy.AddDays(1).String()}; !slices.Equal(got, want) {
		t.Errorf("reminded on %v, want %v; due %s", got, want, due.AnswerBy)
	}
	letters := w.number(`SELECT count(*) FROM outbox WHERE kind IN (?, ?)`, string(letter.BodyDue), string(letter.BodyOverdue))
	if letters != 2 {
		t.Errorf("%d letters", letters)
	}
}
