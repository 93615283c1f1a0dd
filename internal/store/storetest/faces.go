package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func public(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Supporting(Small)
	w.Sign(p.ID, 1, 3, "")
	decide := func(d petition.Decision) petition.Petition {
		d.TextVersion = 1
		return w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Decide(p, d, w.Now) })
	}
	_, err := w.S.PublicPetition(ctx, 1000001)
	w.want(err, store.ErrNotFound)
	decide(petition.Decision{Verdict: petition.Reject, Reason: "personal-data", Note: "names a neighbour", Officer: 1})
	refused := decide(petition.Decision{Verdict: petition.Reject, Reason: "personal-data", Note: "names a neighbour", Officer: 2})
	w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Lodge(p, "words of the petitioner", w.Now)
	})
	v, err := w.S.PublicPetition(ctx, refused.Number)
	w.must(err)
	switch {
	case len(v.Texts) > 0 || v.Creator.Name != "":
		w.T.Error("a hidden text is public")
	case v.Proposed != nil || len(v.RefusedBy) > 0 || v.Refusal == nil || v.Refusal.Officer != 0:
		w.T.Error("officers are public")
	case v.Appeal != "":
		w.T.Error("the appeal is public")
	case v.Refusal.Note == "":
		w.T.Error("the reason is not public")
	}
	page, err := w.S.PublicList(ctx, store.ListQuery{Facet: store.FacetRejected, Limit: 10})
	w.must(err)
	equal(w, "hidden ones in lists", page.Total, 0)
	equal(w, "hidden ones in search", w.found("lanterns"), 0)
	events, err := w.S.PublicEvents(ctx, p.ID)
	w.must(err)
	for _, e := range events {
		if strings.Contains(e.Actor, ":") || e.Kind == petition.EvProposed {
			w.T.Errorf("public event %s by %s", e.Kind, e.Actor)
		}
	}
	w.removed()
	_, err = w.S.PublicPetition(ctx, 999999999)
	w.want(err, store.ErrNotFound)
}

// removed takes a public petition down, and looks.
func (w *World) removed() {
	w.T.Helper()
	open := w.Publish(Small)
	equal(w, "found", w.found("lanterns"), 1)
	hidden := w.Change(open.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Hide(p, "personal-data", "a note", 1, w.Now)
	})
	h, err := w.S.PublicPetition(w.T.Context(), hidden.Number)
	w.must(err)
	equal(w, "state", h.State, petition.Hidden)
	equal(w, "texts of a hidden one", len(h.Texts), 0)
	equal(w, "officer of a hidden one", h.Hiding.Officer, 0)
	equal(w, "found when hidden", w.found("lanterns"), 0)
	w.Change(open.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Lift(p, 1, w.Now) })
	equal(w, "found when restored", w.found("lanterns"), 1)
	w.sound()
	w.Change(open.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Hide(p, "personal-data", "", 2, w.Now)
	})
	gone := w.Change(open.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Remove(p, 1, w.Now) })
	v, err := w.S.PublicPetition(w.T.Context(), gone.Number)
	w.must(err)
	equal(w, "state", v.State, petition.Removed)
	equal(w, "texts of a removed one", len(v.Texts), 0)
	equal(w, "found when removed", w.found("lanterns"), 0)
	w.sound()
}

func mine(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	p := w.Supporting(Small)
	v, err := w.S.SupporterPetition(ctx, p.UID)
	w.must(err)
	equal(w, "text for supporters", len(v.Texts), 2)
	w.Sign(p.ID, 1, 3, "")
	for _, officer := range []petition.OfficerID{4, 5} {
		w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Decide(p, petition.Decision{Verdict: petition.Reject, Reason: "personal-data", TextVersion: 1, Officer: officer}, w.Now)
		})
	}
	m, events, err := w.S.MinePetition(ctx, p.UID)
	w.must(err)
	if len(m.Texts) != 2 || m.Creator.Name == "" || m.Count != 3 {
		w.T.Errorf("the petitioner does not see the own petition: %+v", m)
	}
	if m.Refusal == nil || m.Refusal.Officer != 0 || len(m.RefusedBy) > 0 {
		w.T.Error("the petitioner sees officers")
	}
	for _, e := range events {
		if strings.Contains(e.Actor, ":") || e.Kind == petition.EvProposed {
			w.T.Errorf("the petitioner sees %s by %s", e.Kind, e.Actor)
		}
	}
	// Of a petition that is public the petitioner knows what everybody does: who
	// asked somebody to sign must not see it happen, nor see it taken back.
	open := w.Publish(Small)
	before := w.Load(open.ID).Shown
	w.Sign(open.ID, 60, 2, "")
	w.must(w.S.WithdrawSignature(ctx, open.ID, Nullifier(61), 0, w.Now))
	m, _, err = w.S.MinePetition(ctx, open.UID)
	w.must(err)
	equal(w, "the petitioner's count of an open petition", m.Count, before)
	_, _, err = w.S.MinePetition(ctx, petition.UID{9})
	w.want(err, store.ErrNotFound)
	_, err = w.S.SupporterPetition(ctx, petition.UID{9})
	w.want(err, store.ErrNotFound)
	_, err = w.S.SigningPetition(ctx, 5)
	w.want(err, store.ErrNotFound)
	s, err := w.S.SigningPetitionByUID(ctx, p.UID)
	w.must(err)
	equal(w, "salt", len(s.Salt) > 0, true)
}

// found is how many petitions a search finds.
func (w *World) found(terms ...string) int {
	w.T.Helper()
	page, err := w.S.PublicList(w.T.Context(), store.ListQuery{Facet: store.FacetAll, Search: strings.Join(terms, " "), Limit: 10})
	if err != nil {
		w.T.Fatalf("search %q: %v", terms, err)
	}
	return page.Total
}

// row is a petition of another site. A csv one has no update time.
func row(number int64, origin store.Origin, title string) store.Import {
	var m store.Import
	m.UID = petition.UID(fmt.Appendf(nil, "imported%08d", number))
	m.Number, m.Origin, m.State, m.Kind, m.Lang = number, origin, petition.Open, petition.KindPetition, "en"
	m.Texts = petition.Texts{"en": {Title: title, Ask: "Ask of " + title}}
	m.TextVersion, m.Count = 1, number*10
	m.CreatedAt = time.Date(2020, 1, 1, 0, 0, int(number%1000), 0, time.UTC)
	m.OpenedAt = m.CreatedAt
	m.Profile = petition.ProfileRef{ID: "uk-parl", Version: "2024"}
	m.Hash = Nullifier(int(number) + len(title))
	return m
}

func importRows(w *World, rows ...store.Import) error {
	_, err := w.S.Imports(w.T.Context(), rows, w.Now)
	return err
}

func lists(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	var rows []store.Import
	for i := range int64(25) {
		m := row(i+1, store.UKCSV, fmt.Sprintf("Road %d", i))
		m.Archived, m.Body, m.Topics = i%2 == 0, "parliament", []string{"roads"}
		switch i % 5 {
		case 1:
			m.State, m.ClosesAt = petition.Closed, m.OpenedAt.AddDate(0, 6, 0)
			m.Debate.ResponseAt, m.Debate.AnsweredAt = m.OpenedAt, m.OpenedAt.Add(time.Hour)
		case 2:
			m.State, m.OpenedAt = petition.Refused, time.Time{}
		case 3:
			m.Debate.ReachedAt, m.Debate.DebatedAt, m.Debate.Debated = m.OpenedAt, m.OpenedAt.Add(time.Hour), true
		case 4:
			m.Debate.ResponseAt, m.Debate.ReachedAt = m.OpenedAt, m.OpenedAt
		}
		rows = append(rows, m)
	}
	w.must(importRows(w, rows...))
	yes := true
	for _, c := range []struct {
		q    store.ListQuery
		want int
	}{
		{store.ListQuery{Facet: store.FacetAll}, 25},
		{store.ListQuery{Facet: store.FacetOpen}, 15},
		{store.ListQuery{Facet: store.FacetRecent}, 15},
		{store.ListQuery{Facet: store.FacetClosed}, 5},
		{store.ListQuery{Facet: store.FacetRejected}, 5},
		{store.ListQuery{Facet: store.FacetAwaitingResponse}, 5},
		{store.ListQuery{Facet: store.FacetWithResponse}, 5},
		{store.ListQuery{Facet: store.FacetAwaitingDebate}, 5},
		{store.ListQuery{Facet: store.FacetDebated}, 5},
		{store.ListQuery{Facet: store.FacetNotDebated}, 0},
		{store.ListQuery{Facet: store.FacetPublished}, 20},
		{store.ListQuery{Facet: store.FacetAll, Archived: &yes}, 13},
		{store.ListQuery{Facet: store.FacetAll, Body: "parliament", Topic: "roads", Lang: "en"}, 25},
		{store.ListQuery{Facet: store.FacetAll, Body: "nobody"}, 0},
		{store.ListQuery{Facet: store.FacetAll, Place: "KZ-10"}, 0},
		{store.ListQuery{Facet: store.FacetOpen, Search: "road", Archived: &yes, Stage: ""}, 8},
	} {
		var all []int64
		for _, sort := range []store.Sort{"", store.SortSignatures, store.SortNewest, store.SortClosing} {
			q := c.q
			q.Sort, q.Limit, all = sort, 4, nil
			for q.Offset = 0; ; q.Offset += q.Limit {
				page, err := w.S.PublicList(ctx, q)
				w.must(err)
				equal(w, fmt.Sprintf("total of %+v", q), page.Total, c.want)
				if len(page.Items) == 0 {
					break
				}
				for _, v := range page.Items {
					all = append(all, v.Number)
				}
			}
			var each []int64
			w.must(w.S.EachPublic(ctx, q, func(v store.Public) error { each = append(each, v.Number); return nil }))
			if !slices.Equal(all, each) {
				w.T.Errorf("%+v: pages %v, all at once %v", q, all, each)
			}
			slices.Sort(all)
			equal(w, "different petitions", len(slices.Compact(all)), c.want)
		}
	}
	w.orders()
	w.totals()
}

func (w *World) totals() {
	w.T.Helper()
	ctx := w.T.Context()
	_, err := w.S.PublicList(ctx, store.ListQuery{Facet: "odd", Limit: 1})
	equal(w, "an unknown facet is refused", err != nil, true)
	totals, err := w.S.Totals(ctx)
	w.must(err)
	equal(w, "totals", totals, store.Totals{Petitions: 25, Open: 15, Answered: 5, Awaiting: 5, Signatures: 3250})
	topics, err := w.S.Topics(ctx)
	w.must(err)
	equal(w, "topics", topics["roads"], 25)
	at, err := w.S.LatestChange(ctx)
	w.must(err)
	equal(w, "latest change", at, w.Now)
	w.sound()
}

// orders checks orders in which NULL matters: both engines must agree.
func (w *World) orders() {
	w.T.Helper()
	first := func(sort store.Sort, offset int) int64 {
		page, err := w.S.PublicList(w.T.Context(), store.ListQuery{Facet: store.FacetAll, Sort: sort, Offset: offset, Limit: 1})
		w.must(err)
		return page.Items[0].Number
	}
	equal(w, "most signatures", first(store.SortSignatures, 0), 25)
	equal(w, "newest", first(store.SortNewest, 0), 25)
	equal(w, "never opened come last", first(store.SortNewest, 24)%5, 3)
	equal(w, "closing first", first(store.SortClosing, 0), 2)
}

func search(w *World) {
	w.Migrate()
	titles := []string{"Don't close the O'Hara library", "Жолдарды жөндеу: Қызылорда қаласы", "Ёлки для детского сада", "Зелёный парк и e-mail 24/7",
		"min.example/path is a word", "ТЕМНОТА во дворе", "C++ & \"quoted\" 100%", strings.Repeat("длинно", 400)}
	var rows []store.Import
	for i, title := range titles {
		rows = append(rows, row(int64(i+1), store.UKCSV, title))
	}
	w.must(importRows(w, rows...))
	for _, c := range []struct {
		want  int
		terms []string
	}{
		{1, []string{"library"}}, {1, []string{"LIBR"}}, {1, []string{"libr", "clo"}}, {0, []string{"library", "парк"}},
		{1, []string{"o'hara"}}, {1, []string{"hara"}}, {1, []string{"қызыл"}}, {1, []string{"ҚЫЗЫЛОРДА"}}, {1, []string{"жөндеу"}},
		{1, []string{"елки"}}, {1, []string{"Ёлки"}}, {1, []string{"зелен"}}, {1, []string{"темнота"}}, {1, []string{"mail"}}, {1, []string{"e-mail"}},
		{1, []string{"24/7"}}, {1, []string{"example"}}, {1, []string{"path"}}, {1, []string{"quoted"}}, {1, []string{"100%"}},
		{0, []string{"brary"}}, {1, []string{"ibrary"}}, {1, []string{"libraries"}}, {1, []string{"elki"}}, {1, []string{"кызылорда"}}, {0, []string{"or", "not"}}, {8, []string{"ask"}}, {8, nil},
		{1, []string{strings.Repeat("длинно", 400)}},
		{0, []string{"*"}}, {0, []string{"'"}}, {0, []string{`\`}}, {0, []string{":"}}, {0, []string{"&"}}, {0, []string{`"`}}, {0, []string{"(", ")", "|", "!", "^"}},
		{1, []string{"library", "*"}}, {1, []string{"library:*"}}, {1, []string{`"library`}}, {1, []string{`library'`}}, {1, []string{`\library`}},
		{1, []string{"library & close"}}, {0, []string{"title:library"}}, {0, []string{"NEAR(library close)"}}, {0, []string{"\x00"}}, {0, []string{"library\x00x"}},
		{0, []string{"-library"[:1]}}, {0, []string{"😀"}},
	} {
		if got := w.found(slices.Clone(c.terms)...); got != c.want {
			w.T.Errorf("search %.60q: %d found, want %d", c.terms, got, c.want)
		}
	}
	w.sound()
}

func imports(w *World) {
	w.Migrate()
	ctx := w.T.Context()
	run := func(want []store.ImportOutcome, rows ...store.Import) {
		w.T.Helper()
		out, err := w.S.Imports(ctx, rows, w.Now)
		w.must(err)
		if !slices.Equal(out, want) {
			w.T.Fatalf("outcomes %v, want %v", out, want)
		}
	}
	a, b := row(1, store.UKCSV, "first"), row(2, store.UKCSV, "second")
	const in, same, taken = store.Imported, store.Unchanged, store.Taken
	run([]store.ImportOutcome{in, same}, a, a)
	run([]store.ImportOutcome{same, in}, a, b) // cut off, and run again
	run([]store.ImportOutcome{same, same}, a, b)
	gen := w.S.Generation()
	run([]store.ImportOutcome{same}, a)
	equal(w, "nothing changed for the public", w.S.Generation(), gen)

	doc := func(title string, updated time.Time) store.Import {
		m := row(1, store.UKJSON, title)
		m.UpdatedAt, m.Document = updated, []byte(`{"title":"`+title+`"}`)
		return m
	}
	day := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	run([]store.ImportOutcome{in}, doc("document", day))
	run([]store.ImportOutcome{same}, doc("older doc", day.AddDate(0, 0, -1)))
	run([]store.ImportOutcome{same}, row(1, store.UKCSV, "a list again"))
	run([]store.ImportOutcome{in}, doc("newer document", day.AddDate(0, 0, 1)))
	v, err := w.S.PublicPetition(ctx, 1)
	w.must(err)
	equal(w, "title", v.Texts["en"].Title, "newer document")
	equal(w, "document", string(v.Document), `{"title":"newer document"}`)
	equal(w, "origin", v.Origin, store.UKJSON)
	equal(w, "count", v.Count, 10)
	equal(w, "found by its new title", w.found("newer"), 1)
	equal(w, "found by its old title", w.found("first"), 0)

	p := w.Publish(Small)
	run([]store.ImportOutcome{taken, in}, row(p.Number, store.UKCSV, "a number from here"), row(3, store.UKCSV, "third"))
	_, err = w.S.SigningPetition(ctx, 1)
	w.want(err, store.ErrNotFound) // imports cannot be signed
	var many []store.Import
	for i := range int64(700) {
		many = append(many, row(100+i, store.UKCSV, fmt.Sprintf("bulk %d", i)))
	}
	out, err := w.S.Imports(ctx, many, w.Now)
	w.must(err)
	equal(w, "bulk outcomes", slices.Contains(out, same), false)
	equal(w, "bulk found", w.found("bulk"), 700)
	w.sound()
}
