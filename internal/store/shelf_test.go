package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
	"pgregory.net/rapid"
)

// shelfWorld is two servers of one database.
type shelfWorld struct {
	*storetest.World
	servers [2]*store.Store
	hashes  int
	run     int64
}

// body is a body that only the petitions of this run are put to.
func (w *shelfWorld) body() string { return fmt.Sprintf("body-%d", w.run) }

func onServers(t *testing.T, f func(w *shelfWorld, addr string)) {
	t.Helper()
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			w, addr := &shelfWorld{}, e.addr(t)
			for i := range w.servers {
				s, err := store.Open(t.Context(), addr, storetest.Laws(t))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { s.Close() })
				w.servers[i] = s
			}
			w.World = (&storetest.World{T: t, S: w.servers[0], Now: noon}).Migrate()
			f(w, addr)
		})
	}
}

// fixed is a row of an exported list, which a shelf keeps.
func (w *shelfWorld) fixed(number int64, title string) store.Import {
	w.hashes++
	m := store.Import{Origin: store.UKCSV, Archived: true, Hash: storetest.Nullifier(w.hashes)}
	m.UID, m.Number, m.Kind, m.State, m.Lang = petition.UID(fmt.Appendf(nil, "shelf%011d", number)), number, petition.KindPetition, petition.Closed, "en"
	m.Texts, m.TextVersion, m.Count = petition.Texts{"en": {Title: title}}, 1, number
	m.Creator.Kind = petition.Person
	return m
}

func (w *shelfWorld) imports(t interface{ Fatal(...any) }, s *store.Store, rows ...store.Import) {
	if _, err := s.Imports(w.T.Context(), rows, w.Now); err != nil {
		t.Fatal(err)
	}
}

// list is what a list says; fresh is the same read from the database alone.
func list(t interface{ Fatal(...any) }, s *store.Store, q store.ListQuery) (page, fresh store.ListPage) {
	ctx := context.Background()
	page, err := s.PublicList(ctx, q)
	if err == nil {
		err = s.Snapshot(ctx, func(ctx context.Context) (err error) {
			fresh, err = s.PublicList(ctx, q)
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return page, fresh
}

var everything = store.ListQuery{Facet: store.FacetAll, Limit: 100}

// Whatever becomes of petitions of another site, on whichever server: a list
// that comes from the shelf says what the database says.
func TestShelfAgainstDatabase(t *testing.T) {
	onServers(t, func(w *shelfWorld, _ string) {
		law := w.S.Laws()[petition.ProfileRef{ID: storetest.Small, Version: "1"}]
		rapid.Check(w.T, func(t *rapid.T) {
			const rows = 3
			w.run++
			first := w.run * rows
			w.imports(t, w.servers[w.run%2], w.draw(t, first), w.draw(t, first+1), w.draw(t, first+2))
			for range rapid.IntRange(1, 4).Draw(t, "acts") {
				w.Now = w.Now.Add(time.Minute)
				w.act(t, law, first+rapid.Int64Range(0, rows-1).Draw(t, "of"))
				for i, s := range w.servers {
					if err := s.PollGeneration(t.Context()); err != nil {
						t.Fatal(err)
					}
					q := store.ListQuery{Facet: store.FacetAll, Body: w.body(), Limit: 10}
					if rapid.Bool().Draw(t, "search") {
						q.Search = "word"
					}
					for range 2 { // put on the shelf, and taken from it
						if page, fresh := list(t, s, q); !reflect.DeepEqual(page, fresh) {
							t.Fatalf("server %d:\n  %+v\nin the database:\n  %+v", i, page.Items, fresh.Items)
						}
					}
				}
			}
		})
	})
}

// act changes one petition in one way, or refuses to.
func (w *shelfWorld) act(t *rapid.T, law *petition.Profile, number int64) {
	s := rapid.SampledFrom(w.servers[:]).Draw(t, "server")
	acts := []func(petition.Petition) (petition.Change, error){
		func(p petition.Petition) (petition.Change, error) { return law.Hide(p, "personal-data", "", 1, w.Now) },
		func(p petition.Petition) (petition.Change, error) { return law.Lift(p, 2, w.Now) },
		func(p petition.Petition) (petition.Change, error) { return law.Remove(p, 2, w.Now) },
		func(p petition.Petition) (petition.Change, error) {
			return law.Retopic(p, rapid.SampledFrom([][]string{{"transport"}, {}}).Draw(t, "topics"), 3, w.Now)
		},
	}
	i := rapid.IntRange(0, len(acts)).Draw(t, "act")
	if i == len(acts) {
		w.imports(t, s, w.draw(t, number))
		return
	}
	v, err := s.PublicPetition(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Change(t.Context(), v.ID, w.Now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) { return acts[i](p) })
	if err != nil && !strings.HasPrefix(err.Error(), "petition:") {
		t.Fatal(err)
	}
}

// draw makes a petition of another site; some say more than a shelf keeps.
func (w *shelfWorld) draw(t *rapid.T, number int64) store.Import {
	m := w.fixed(number, rapid.SampledFrom([]string{"word", "a word & <another>", "сөз word", "?!"}).Draw(t, "title"))
	at := func(name string) time.Time {
		if !rapid.Bool().Draw(t, name) {
			return time.Time{}
		}
		return noon.Add(time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(t, name+" ms")) * rapid.SampledFrom([]time.Duration{time.Millisecond, 1}).Draw(t, "unit"))
	}
	m.State = rapid.SampledFrom([]petition.State{petition.Open, petition.Closed, petition.Refused}).Draw(t, "state")
	m.Origin = rapid.SampledFrom([]store.Origin{store.UKCSV, store.UKJSON}).Draw(t, "origin")
	m.Archived, m.Count = rapid.Bool().Draw(t, "archived"), rapid.Int64Range(0, 1<<40).Draw(t, "count")
	if rapid.Bool().Draw(t, "kazakh") {
		m.Texts["kk"] = petition.Text{Title: "сөз", Ask: "word", Details: strings.Repeat("word ", rapid.IntRange(0, 300).Draw(t, "details"))}
	}
	m.CreatedAt, m.OpenedAt, m.ClosesAt, m.ClosedAt, m.RefusedAt = at("created"), at("opened"), at("closes"), at("closed"), at("refused")
	m.Debate.ResponseAt, m.Debate.AnsweredAt, m.Debate.ReachedAt = at("response"), at("answered"), at("reached")
	m.Debate.Debated = rapid.Bool().Draw(t, "debated")
	m.Creator.Name = rapid.SampledFrom([]string{"", "A. Name"}).Draw(t, "creator")
	m.Creator.Display = rapid.SampledFrom([]petition.Display{"", petition.DisplayInitials, petition.DisplayPlatform}).Draw(t, "display")
	m.Body, m.Topics = w.body(), rapid.SampledFrom([][]string{nil, {"roads", "schools"}}).Draw(t, "topics")
	switch rapid.IntRange(0, 5).Draw(t, "more") {
	case 0:
		m.Refusal = &petition.Decision{Verdict: petition.Reject, Reason: "duplicate", TextVersion: 1, At: noon}
	case 1:
		m.Debate.On = petition.Date{Year: 2026, Month: 5, Day: 4}
	case 2:
		m.Profile = petition.ProfileRef{ID: storetest.Small, Version: "1"}
	}
	return m
}

// A shelf holds what Shelve read ahead and what lists have shown, of other
// sites only, and nothing of what changed since.
func TestShelf(t *testing.T) {
	onServers(t, func(w *shelfWorld, _ string) {
		t, a, b := w.T, w.servers[0], w.servers[1]
		w.Publish(storetest.Small)
		w.imports(t, a, w.fixed(5001, "first"), w.fixed(5002, "second"))
		ids := func(s *store.Store) (ids []petition.ID) {
			t.Helper()
			page, fresh := list(t, s, everything)
			if len(page.Items) != 3 || !reflect.DeepEqual(page, fresh) {
				t.Fatalf("%d petitions: %+v", len(page.Items), page)
			}
			for _, v := range page.Items {
				ids = append(ids, v.ID)
			}
			return ids
		}
		want := func(what string, s *store.Store, n int) {
			t.Helper()
			if got := s.Shelved(ids(s)); got != n {
				t.Errorf("%s: %d on the shelf, want %d", what, got, n)
			}
		}
		want("without an index", a, 0)
		if err := a.Searchable(t.Context()); err != nil {
			t.Fatal(err)
		}
		all := ids(a)
		want("shown by a list", a, 2)
		if err := b.Searchable(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := b.Shelve(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := b.Shelved(all); n != 2 {
			t.Errorf("read ahead: %d on the shelf, want 2", n)
		}
		w.imports(t, a, w.fixed(5001, "first anew"))
		if err := b.PollGeneration(t.Context()); err != nil {
			t.Fatal(err)
		}
		want("changed by another server, and shown", b, 2)
	})
}

// An import lands and nobody hears of it: no list shows the old petition once
// the generation is asked for, as the server does every second.
func TestShelfAfterCommitUnheard(t *testing.T) {
	for _, kept := range []bool{false, true} {
		onServers(t, func(w *shelfWorld, addr string) {
			t, s := w.T, w.servers[0]
			w.imports(t, s, w.fixed(1, "before"))
			if err := s.Searchable(t.Context()); err != nil {
				t.Fatal(err)
			}
			list(t, s, everything)
			breakNext := store.Faulty(t, s, strings.TrimPrefix(addr, "sqlite:"))
			breakNext(kept)
			if _, err := s.Imports(t.Context(), []store.Import{w.fixed(1, "after")}, w.Now); err == nil {
				t.Fatal("the cut was not told")
			}
			if err := s.PollGeneration(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := map[bool]string{false: "before", true: "after"}[kept]
			if page, _ := list(t, s, everything); page.Items[0].Texts["en"].Title != want {
				t.Errorf("kept %t: the list says %q", kept, page.Items[0].Texts["en"].Title)
			}
		})
	}
}

// BenchmarkShelve reads a list of another site ahead, and tells what it leaves
// to the collector and what the shelf takes.
func BenchmarkShelve(b *testing.B) {
	s, err := store.Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "a.db"), storetest.Laws(b))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	w := &shelfWorld{}
	for range 10 {
		var rows []store.Import
		for range 500 {
			rows = append(rows, w.fixed(int64(w.hashes+1), fmt.Sprintf("A petition about matter %d of the road", w.hashes)))
		}
		if _, err := s.Imports(b.Context(), rows, noon); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Forget()
		if err := errors.Join(s.Searchable(b.Context()), s.Shelve(b.Context())); err != nil {
			b.Fatal(err)
		}
	}
}
