package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

// faultyWorlds runs f on each engine, for commits that are lost and for commits
// whose answer is, with the switch that breaks the commit after n others.
func faultyWorlds(t *testing.T, f func(t *testing.T, w *storetest.World, breakLater func(n int), commits func() int)) {
	t.Helper()
	for _, e := range engines(t) {
		for _, kept := range []bool{false, true} {
			t.Run(e.name+map[bool]string{false: " before", true: " after"}[kept]+" the commit", func(t *testing.T) {
				t.Parallel()
				addr := e.addr(t)
				s, err := store.Open(t.Context(), addr, storetest.Laws(t))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { s.Close() })
				w := (&storetest.World{T: t, S: s, Now: noon}).Migrate()
				breakLater, commits := store.FaultyLater(t, s, strings.TrimPrefix(addr, "sqlite:"))
				f(t, w, func(n int) { breakLater(n, kept) }, commits)
			})
		}
	}
}

// An outage gives its days once and a dissolution stops once, whichever commit
// of the run is cut, at a petition or at the note that the outage was given: the
// petitions end as after a run that nothing cut.
func TestWorldActsBreakAtEveryCommit(t *testing.T) {
	faultyWorlds(t, func(t *testing.T, w *storetest.World, breakLater func(int), commits func() int) {
		r := &worldRound{t: t, w: w, law: profiles.ByID(w.S.Laws(), storetest.Assembly), commits: commits}
		want, compensate, dissolve := r.play(-1, -1, breakLater)
		if compensate != 2*(4+1) || dissolve != 4 { // four petitions and a note for each of two outages; four petitions
			t.Fatalf("uncut there are %d and %d commits: has the order of effects changed?", compensate, dissolve)
		}
		for n := range max(compensate, dissolve) {
			got, _, _ := r.play(min(n, compensate-1), min(n, dissolve-1), breakLater)
			if got != want {
				t.Errorf("cut at commit %d:\n%s\nwant\n%s", n, got, want)
			}
		}
		if findings, err := w.S.Check(t.Context()); err != nil || len(findings) > 0 {
			t.Errorf("check: %v, %v", findings, err)
		}
	})
}

type worldRound struct {
	t       *testing.T
	w       *storetest.World
	law     *petition.Profile
	commits func() int
}

// play makes four petitions, two outages and a dissolution, cuts the given
// commits of each (-1 for none), and returns what became of the petitions and
// how many commits the runs took. The next round finds nothing of it that runs.
func (r *worldRound) play(compensate, dissolve int, breakLater func(int)) (outcome string, compensated, dissolved int) {
	r.t.Helper()
	w := r.w
	w.Now = r.law.Today(w.Now).AddDays(1).Midnight(r.law.Location).Add(12 * time.Hour) // every round begins at noon
	start := w.Now
	ids := []petition.ID{w.Supporting(r.law.ID).ID, w.Supporting(r.law.ID).ID, r.open(), r.open()}
	beat := func() {
		if err := w.S.Beat(r.t.Context(), w.Now); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := w.S.SkipBeat(r.t.Context(), w.Now); err != nil {
		r.t.Fatal(err)
	}
	for range 2 {
		w.Now = w.Now.Add(30 * time.Hour)
		beat()
		w.Now = w.Now.Add(time.Minute)
		beat()
	}
	on := r.law.Today(w.Now).AddDays(3)
	service := moderation.New(moderation.Options{Store: w.S, Law: r.law, Dissolved: on, Now: func() time.Time { return w.Now }})
	compensated = r.cut(compensate, breakLater, service.Compensate)
	if open, err := w.S.OpenOutages(r.t.Context()); err != nil || len(open) != 0 {
		r.t.Errorf("outages still to be given: %v, %v", open, err)
	}
	w.Now = r.law.DissolvedAt(on)
	dissolved = r.cut(dissolve, breakLater, service.Dissolve)
	var lines []string
	for i, id := range ids {
		p, acts, err := w.S.DeskPetition(r.t.Context(), id)
		if err != nil {
			r.t.Fatal(err)
		}
		var kinds []string
		for _, e := range acts {
			kinds = append(kinds, string(e.Kind))
		}
		lines = append(lines, fmt.Sprint(i, p.State, p.Stopped(), len(p.Extensions), days(start, p.SupportUntil), days(start, p.ClosesAt), kinds))
	}
	return strings.Join(lines, "\n"), compensated, dissolved
}

func days(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }

// cut runs a step whose commit after n others breaks, and then until it comes
// to its end; it returns how many commits the first run took.
func (r *worldRound) cut(n int, breakLater func(int), step func(context.Context) (int, error)) int {
	r.t.Helper()
	before := r.commits()
	if n >= 0 {
		breakLater(n)
	}
	_, err := step(r.t.Context())
	if (n >= 0) != errors.Is(err, store.ErrCut) {
		r.t.Fatalf("commit %d is to break: %v", n, err)
	}
	took := r.commits() - before
	for range 2 {
		if _, err := step(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
	}
	return took
}

// open is a petition of the assembly that collects signatures.
func (r *worldRound) open() petition.ID {
	r.t.Helper()
	p := r.w.Supporting(r.law.ID)
	r.w.Sign(p.ID, 1, int(r.law.Support.Threshold), "")
	for _, act := range []func(l *petition.Profile, p petition.Petition) (petition.Change, error){
		func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.AskMember(p, "A", "https://assembly.example/A", []byte("A"), 1, r.w.Now)
		},
		func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.AnswerMember(p, []byte("A"), true, r.w.Now)
		},
		func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Decide(p, petition.Decision{Verdict: petition.Publish, TextVersion: 1, Officer: 1}, r.w.Now)
		},
	} {
		r.w.Change(p.ID, act)
	}
	return p.ID
}

// A letter about delay is one letter to each petitioner and one act, whichever
// commit is cut: the act's own, or a step of its letters.
func TestDelaysBreakAtEveryCommit(t *testing.T) {
	faultyWorlds(t, func(t *testing.T, w *storetest.World, breakLater func(int), commits func() int) {
		ctx := t.Context()
		var late time.Time
		for range 5 {
			p := w.Supporting(storetest.Small)
			w.Sign(p.ID, 1, 3, "")
			late = w.Load(p.ID).DecideBy
		}
		w.Now = late.Add(time.Hour)
		officer, err := w.S.AddStaff(ctx, [16]byte{9}, []byte("sealed"), store.Moderator, "", w.Now)
		if err != nil {
			t.Fatal(err)
		}
		letter := petition.DelayLetter{Texts: map[petition.Lang]petition.DelayText{"en": {Subject: "Later", Text: "Sorry."}}}
		for n := range 4 { // the act, and three steps of two petitions each
			form := fmt.Sprintf("form %d", n)
			told := map[string]int{}
			run := func() error {
				if err := w.S.SendDelay(ctx, form, officer.ID, letter, w.Now); err != nil {
					return err
				}
				for more := true; more; {
					var err error
					more, err = w.S.ExpandDelay(ctx, 2, func(a store.DelayAct, to store.Addressee) (store.Letter, error) {
						return w.Letter(fmt.Sprintf("delay-%d-%d", a.ID, to.Petition.ID), store.PriorityNews), nil
					})
					if err != nil {
						return err
					}
				}
				return nil
			}
			breakLater(n)
			if err := run(); !errors.Is(err, store.ErrCut) {
				t.Fatalf("commit %d: %v", n, err)
			}
			if err := run(); err != nil {
				t.Fatal(err)
			}
			rows, err := w.S.ClaimLetters(ctx, "sender", 1000, w.Now.AddDate(1, 0, 0), w.Now.AddDate(1, 0, 0))
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range rows {
				if strings.HasPrefix(l.UID, "delay-") {
					told[l.UID]++
				}
				if err := w.S.LetterDone(ctx, l.ID); err != nil {
					t.Fatal(err)
				}
			}
			acts, err := w.S.DeskDelays(ctx, 100)
			if err != nil || len(acts) != n+1 || acts[0].Told != 5 || !acts[0].Done || len(told) != 5 {
				t.Errorf("cut at commit %d: %d acts, the last told %+v; letters %v; %v", n, len(acts), acts[0].Told, told, err)
			}
		}
		if findings, err := w.S.Check(ctx); err != nil || len(findings) > 0 {
			t.Errorf("check: %v, %v", findings, err)
		}
	})
}
