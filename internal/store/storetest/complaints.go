package storetest

import (
	"fmt"
	"slices"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// complain keeps a complaint about p.
func (w *World) complain(p petition.Petition, address []byte) petition.Complaint {
	w.T.Helper()
	w.n++
	c, err := w.law(Civic).Complain(petition.Complaint{Ref: fmt.Sprintf("REF-%d", w.n), Petition: p.ID, Number: p.Number, By: petition.ByPerson,
		What: "A line", Why: "It is wrong", Ground: petition.GroundOther, Lang: "en", Contact: address != nil}, w.Now)
	w.must(err)
	w.must(w.S.AddComplaint(w.T.Context(), c, address))
	return c
}

// demand is a demand that may be read from a day on.
func (w *World) demand(publish petition.Date) petition.Demand {
	return petition.Demand{Authority: "Invented office", On: w.law(Civic).Today(w.Now), Ground: "an article", Asked: "take it down",
		Done: "nothing", Reason: "no court said so", PublishOn: publish, Officer: 3, At: w.Now}
}

func complaints(w *World) {
	ctx := w.Migrate().T.Context()
	p := w.Publish(Small)
	first := w.complain(p, []byte("sealed"))
	w.wait(48 * 3600e9)
	w.complain(petition.Petition{}, nil)
	list, total, err := w.S.DeskComplaints(ctx, 0, 10)
	w.must(err)
	equal(w, "waiting", total, 2)
	equal(w, "the nearest term", list[0].Ref, first.Ref)
	equal(w, "petition", list[0].Petition, p.ID)
	equal(w, "no petition", list[1].Petition, petition.ID(0))
	id := list[0].ID

	decide := func(officer petition.OfficerID) error {
		return w.S.DecideComplaint(ctx, id, func(tx *store.Tx, c petition.Complaint, deciders []petition.OfficerID, address []byte) (petition.Complaint, error) {
			equal(w, "address", string(address), "sealed")
			c, err := c.Decide(petition.ComplaintDecision{Outcome: petition.ComplaintUpheld, Reason: "True.", Officer: officer}, deciders, w.Now)
			if err != nil {
				return c, err
			}
			return c, tx.Enqueue(w.Letter("to the complainant", store.PriorityActs))
		})
	}
	w.want(decide(7), petition.ErrDecidedOwn) // who published it
	equal(w, "letters", len(slices.DeleteFunc(w.claim("a", 100), func(l store.ClaimedLetter) bool { return l.UID != "to the complainant" })), 0)
	w.must(decide(8))
	w.wait(3600e9)
	equal(w, "letters", len(slices.DeleteFunc(w.claim("b", 100), func(l store.ClaimedLetter) bool { return l.UID != "to the complainant" })), 1)
	c, events, err := w.S.DeskComplaint(ctx, id)
	w.must(err)
	equal(w, "outcome", c.Outcome, petition.ComplaintUpheld)
	equal(w, "deciders", slices.Equal(petition.Deciders(events), []petition.OfficerID{7}), true)
	err = w.S.DecideComplaint(ctx, id, func(_ *store.Tx, c petition.Complaint, _ []petition.OfficerID, address []byte) (petition.Complaint, error) {
		equal(w, "the address has served", address == nil, true)
		return c.Decide(petition.ComplaintDecision{}, nil, w.Now)
	})
	w.want(err, petition.ErrState)
	_, _, err = w.S.DeskComplaint(ctx, id+100)
	w.want(err, store.ErrNotFound)
	_, total, err = w.S.DeskComplaints(ctx, 0, 10)
	w.must(err)
	equal(w, "waiting", total, 1)
	newer := w.complain(p, []byte("sealed"))
	mine, all, err := w.S.MineComplaints(ctx, p.ID, 10)
	w.must(err)
	equal(w, "about the petition", all, 2)
	equal(w, "what waits comes first", mine[0], newer.ForPetitioner())
	equal(w, "then what was decided", mine[1], petition.Complaint{Ref: first.Ref, State: petition.ComplaintDecided, Ground: first.Ground, At: c.At, DecideBy: c.DecideBy,
		Outcome: petition.ComplaintUpheld, Reason: "True.", Decided: c.Decided})
	mine, all, err = w.S.MineComplaints(ctx, p.ID, 1)
	w.must(err)
	equal(w, "one of them", len(mine), 1)
	equal(w, "of all", all, 2)
	m, err := w.S.PublicModeration(ctx, w.Now.AddDate(0, 1, 0))
	w.must(err)
	equal(w, "complaints", m.Complaints, 2)
	equal(w, "late complaints", m.ComplaintsOverdue, 2)
	w.sound()
}

func demands(w *World) {
	ctx := w.Migrate().T.Context()
	today := w.law(Civic).Today(w.Now)
	before := w.S.Generation()
	w.must(w.S.AddDemand(ctx, w.demand(petition.Date{})))
	w.must(w.S.AddDemand(ctx, w.demand(today.AddDays(3))))
	equal(w, "the public sees a change", w.S.Generation() > before, true)
	d, err := w.S.PublicDemands(ctx, today, 0, 10)
	w.must(err)
	equal(w, "shown", len(d.Items), 1)
	equal(w, "total", d.Total, 1)
	equal(w, "not yet public", d.Hidden, 1)
	equal(w, "officer", d.Items[0].Officer, petition.OfficerID(0))
	equal(w, "authority", d.Items[0].Authority, "Invented office")
	d, err = w.S.PublicDemands(ctx, today.AddDays(3), 0, 10)
	w.must(err)
	equal(w, "shown later", len(d.Items), 2)
	equal(w, "not yet public later", d.Hidden, 0)
}

// refuse has two officers refuse a petition of its supporters.
func (w *World) refuse(id petition.ID) petition.Petition {
	w.T.Helper()
	var p petition.Petition
	for officer := range petition.OfficerID(2) {
		p = w.Change(id, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Decide(p, petition.Decision{Verdict: petition.Reject, Reason: "unclear", Note: "Which lamps?", TextVersion: 1, Officer: officer + 1}, w.Now)
		})
	}
	return p
}

func removals(w *World) {
	ctx := w.Migrate().T.Context()
	q := w.Supporting(Small)
	w.Sign(q.ID, 1, 3, "")
	q = w.refuse(q.ID)
	gone := w.Supporting(Small) // taken back before anybody saw it
	w.Change(gone.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Withdraw(p, w.Now) })
	p := w.Publish(Small)
	w.wait(3600e9)
	w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Withdraw(p, w.Now) })
	list, total, err := w.S.PublicRemovals(ctx, 0, 10)
	w.must(err)
	equal(w, "total", total, 2)
	equal(w, "the latest first", list[0].Number, p.Number)
	equal(w, "kind", list[0].Kind, petition.EvWithdrawn)
	equal(w, "number", list[1].Number, q.Number)
	equal(w, "reason", list[1].Reason, "unclear")
	equal(w, "note", list[1].Note, "Which lamps?")
	equal(w, "title", list[1].Title, Texts("River Street")["en"].Title)
	list, _, err = w.S.PublicRemovals(ctx, 1, 10)
	w.must(err)
	equal(w, "the second page", len(list), 1)
}

// The tallies say the same as the events.
func tallies(w *World) {
	ctx := w.Migrate().T.Context()
	w.Publish(Small)
	q := w.Supporting(Small)
	w.Sign(q.ID, 1, 3, "")
	w.wait(24 * 3600e9)
	w.refuse(q.ID)
	waits := w.Supporting(Small)
	w.Sign(waits.ID, 1, 3, "")
	m, err := w.S.PublicModeration(ctx, w.Now)
	w.must(err)
	all, months := petition.Statistics(m.Tallies)
	for act, n := range map[petition.Act]int64{petition.ActSubmitted: 3, petition.ActConfirmed: 3, petition.ActPublished: 1,
		petition.ActRefused: 1, petition.ActAppealed: 0} {
		equal(w, string(act), all.Acts[act], n)
	}
	equal(w, "reason", all.Reasons["unclear"], int64(1))
	equal(w, "median", all.Median, 0)
	equal(w, "90 per cent", all.P90, 1)
	equal(w, "months", len(months), 1)
	equal(w, "waiting", m.Waiting, 1)
	equal(w, "overdue", m.Overdue, 0)
	m, err = w.S.PublicModeration(ctx, w.Now.AddDate(1, 0, 0))
	w.must(err)
	equal(w, "overdue in a year", m.Overdue, 1)
}
