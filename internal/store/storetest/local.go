package storetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/dauys/dauys/petition"
)

// local lists the petitions that were signed most in a place, with the numbers
// and the silences of their own pages.
func local(w *World) {
	ctx := w.Migrate().T.Context()
	names := map[int64]string{}
	at := func(what, code string, places int, want string) {
		w.T.Helper()
		list, err := w.S.PublicLocal(ctx, code, 50, func(petition.Petition) int { return places })
		w.must(err)
		var got []string
		for _, l := range list {
			got = append(got, fmt.Sprint(names[l.Number], l.Here))
		}
		equal(w, what, strings.Join(got, " "), want)
	}
	p := w.Publish(Small)
	q := w.Publish(Small)
	names[p.Number], names[q.Number] = "p", "q"
	w.Sign(p.ID, 100, 12, "KZ-10")
	w.Sign(p.ID, 200, 2, "KZ-11")
	w.Sign(q.ID, 300, 11, "KZ-10")
	w.Sign(q.ID, 400, 10, "KZ-15")
	at("most first", "KZ-10", 20, "p12 q11")
	at("under ten", "KZ-11", 20, "")
	at("an unknown place", "KZ-99", 20, "")
	r := w.Publish(Civic)
	names[r.Number] = "r"
	w.Sign(r.ID, 1000, 600, "KZ-15")
	w.Sign(r.ID, 2000, 2, "KZ-11")
	at("more of another law", "KZ-15", 20, "r600")
	// With KZ-11 the only place without a number, the whole would tell it.
	at("hidden for the sake of another", "KZ-15", 2, "")
	w.Sign(q.ID, 500, 7, "KZ-10") // live: the number follows at once
	at("live", "KZ-10", 20, "q18 p12")
	// The order of the index follows by the timetable: a list of one shows which is first.
	w.must(w.S.ShowPlaces(ctx, time.Time{}))
	at("after the timetable", "KZ-15", 20, "r600 q10")
	list, err := w.S.PublicLocal(ctx, "KZ-10", 1, func(petition.Petition) int { return 20 })
	w.must(err)
	equal(w, "the first of one", len(list) == 1 && list[0].ID == q.ID, true)
	w.Change(q.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Withdraw(p, w.Now) })
	at("taken back", "KZ-10", 20, "p12")
	w.sound()
}
