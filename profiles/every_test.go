package profiles

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

// walker takes one petition through every step of any law, on both sides of
// every threshold and every deadline. What it expects it computes from the
// rules of the file and the calendar alone.
type walker struct {
	*testing.T
	law *petition.Profile
	p   petition.Petition
	now time.Time
}

// after is the moment a term that starts now has run out.
func (w *walker) after(t petition.Term) time.Time {
	return t.LastDay(w.law.Today(w.now), &w.law.Calendar).AddDays(1).Midnight(w.law.Location)
}

func (w *walker) take(c petition.Change, err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	w.p = c.Petition
}

// due wants nothing a nanosecond before the moment and kind at it. It returns
// what the petition then is, and leaves w as it was.
func (w *walker) due(at time.Time, kind petition.EventKind) petition.Petition {
	w.Helper()
	if c, ok := w.law.Tick(w.p, at.Add(-time.Nanosecond)); ok {
		w.Fatalf("%s before %s", c.Events[0].Kind, at)
	}
	c, ok := w.law.Tick(w.p, at)
	if !ok || c.Events[0].Kind != kind {
		w.Fatalf("at %s: %v, due %s; want %s", at, c.Events, w.law.NextDue(w.p), kind)
	}
	return c.Petition
}

// count wants nothing at n-1 and kind at n.
func (w *walker) count(n int64, kind petition.EventKind) {
	w.Helper()
	if got := w.law.NextThreshold(w.p); got != n {
		w.Errorf("the next threshold is %d, want %d", got, n)
	}
	if c, ok := w.law.Count(w.p, n-1, w.now); ok {
		w.Fatalf("%d signatures bring %s", n-1, c.Events[0].Kind)
	}
	c, ok := w.law.Count(w.p, n, w.now)
	if !ok || c.Events[0].Kind != kind {
		w.Fatalf("%d signatures bring %v, want %s", n, c.Events, kind)
	}
	w.p = c.Petition
}

func (w *walker) start(place string, window petition.Term) {
	w.p = w.law.Start(petition.Petition{ID: 1, Kind: petition.KindPetition, Lang: "en", Place: place, Window: window}, w.now).Petition
	w.take(w.law.Confirm(w.p, w.now))
	if !w.law.Support.AfterCheck {
		w.supporters(petition.EvQueued)
	}
}

// supporters are found in time, on both sides of the threshold and the term.
// Where the law asks for a member of the assembly, the member is found too.
func (w *walker) supporters(then petition.EventKind) {
	s := w.law.Support
	if s.Threshold == 0 {
		return
	}
	if !s.Window.IsZero() {
		if lapsed := w.due(w.after(s.Window), petition.EvLapsed); lapsed.State != petition.Lapsed {
			w.Errorf("too few supporters: %s", lapsed.State)
		}
	}
	need := s.Threshold
	if s.PetitionerSigns {
		need++
	}
	if w.law.Authoriser.Tries == 0 {
		w.count(need, then)
		return
	}
	w.count(need, petition.EvAuthorising)
	w.members()
}

// members lets the first one be silent, and all of them in a world beside this
// one; the second says yes.
func (w *walker) members() {
	ask := func(n int) {
		name := fmt.Sprintf("Member %d", n)
		w.take(w.law.AskMember(w.p, name, "https://assembly.example/", []byte(name), 1, w.now))
	}
	ask(1)
	silent := w.due(w.after(w.law.Authoriser.Term), petition.EvMemberDeclined)
	before := w.p
	w.p = silent
	for n := 2; n <= w.law.Authoriser.Tries; n++ {
		ask(n)
		w.take(w.law.AnswerMember(w.p, w.p.Asked().Nonce, false, w.now))
	}
	if w.p.State != petition.Lapsed {
		w.Errorf("after %d members: %s", w.law.Authoriser.Tries, w.p.State)
	}
	w.p = before
	w.take(w.law.AnswerMember(w.p, w.p.Asked().Nonce, true, w.now))
}

func (w *walker) moderate() {
	w.due(w.after(w.law.Moderation.Term), petition.EvEscalated)
	reason := w.law.Moderation.Reasons[0].Code
	c, err := w.law.Decide(w.p, petition.Decision{Verdict: petition.Reject, Reason: reason, TextVersion: 1, Officer: 1}, w.now)
	if err == nil && w.law.Moderation.RefusalOfficers > 1 {
		c, err = w.law.Decide(c.Petition, petition.Decision{Verdict: petition.Reject, Reason: reason, TextVersion: 1, Officer: 2}, w.now)
	}
	if err != nil || c.Petition.State != petition.Refused {
		w.Fatalf("refused: %s, %v", c.Petition.State, err)
	}
	if w.law.Appeal.Allowed {
		until := w.after(w.law.Appeal.Window)
		if _, err := w.law.Lodge(c.Petition, "words", until.Add(-time.Nanosecond)); err != nil {
			w.Errorf("an appeal in time: %v", err)
		}
		if _, err := w.law.Lodge(c.Petition, "words", until); !errors.Is(err, petition.ErrLate) {
			w.Errorf("a late appeal: %v", err)
		}
	} else if _, err := w.law.Lodge(c.Petition, "words", w.now); err == nil {
		w.Error("an appeal the law does not have")
	}
	w.take(w.law.Decide(w.p, petition.Decision{Verdict: petition.Publish, TextVersion: 1, Officer: 1}, w.now))
	if w.law.Support.AfterCheck {
		if w.p.State != petition.Supporting {
			w.Fatalf("after the check: %s", w.p.State)
		}
		w.supporters(petition.EvPublished)
	}
}

// stages reaches one stage after the other.
func (w *walker) stages(needs map[string]int64) {
	for _, s := range w.law.Stages {
		w.now = w.now.Add(time.Hour)
		need := s.Threshold
		if n, ok := needs[s.ID]; ok {
			need = n
		}
		if s.Spread() {
			w.spread(s)
		}
		w.count(need, petition.EvStage)
		r, ok := w.p.Reached(s.ID)
		var by petition.Date
		if !s.Term.IsZero() {
			by = s.Term.LastDay(w.law.Today(w.now), &w.law.Calendar)
		}
		if s.Actor == "body" && w.law.Binding != petition.Official {
			if !r.AnswerBy.IsZero() {
				w.Errorf("%s: a term that ends on %s before anybody has brought it to the body", s.ID, r.AnswerBy)
			}
			w.take(w.law.Deliver(w.p, petition.Delivery{Stage: s.ID, On: w.law.Today(w.now), Channel: petition.ByPost}, w.now))
			r, ok = w.p.Reached(s.ID)
		}
		if !ok || r.Threshold != need || r.AnswerBy != by {
			w.Errorf("%s: %+v, want %d by %s", s.ID, r, need, by)
		}
		if c, ok := w.law.Count(w.p, 0, w.now); ok {
			w.Errorf("%s falls back: %v", s.ID, c.Events)
		}
	}
	if n := w.law.NextThreshold(w.p); n != 0 {
		w.Errorf("after the last stage the next threshold is %d", n)
	}
}

// spread wants the minimum in every place that is needed, and leaves it met.
func (w *walker) spread(s petition.Stage) {
	w.p.ByPlace = map[string]int64{}
	for i, m := range s.Territories.Minimums {
		if i == s.Territories.Places-1 {
			w.p.ByPlace[m.Place] = m.Minimum - 1
			if _, ok := w.law.Count(w.p, s.Threshold, w.now); ok {
				w.Errorf("%s: one signature short in the last place needed", s.ID)
			}
		}
		w.p.ByPlace[m.Place] = m.Minimum
	}
}

func (w *walker) close(opened time.Time, window petition.Term) {
	w.now = opened
	if window.IsZero() {
		if !w.law.Collect.OpenEnded || !w.law.NextDue(w.p).IsZero() {
			w.Error("without a window something is due")
		}
		if _, ok := w.law.Tick(w.p, opened.AddDate(50, 0, 0)); ok {
			w.Error("a law without an end closes by itself")
		}
		return
	}
	at := w.after(window)
	if err := w.law.CheckSign(w.p, at.Add(-time.Nanosecond)); err != nil {
		w.Errorf("the last signature: %v", err)
	}
	if err := w.law.CheckSign(w.p, at); !errors.Is(err, petition.ErrClosed) {
		w.Errorf("a signature after the close: %v", err)
	}
	w.p = w.due(at, petition.EvClosed)
	if due := w.law.Duty(w.p); due != nil && !due.AnswerBy.IsZero() {
		last := due.AnswerBy.AddDays(1).Midnight(w.law.Location)
		if ph := w.law.PhaseOf(w.p, last.Add(-time.Nanosecond)); ph.Key != "awaiting-answer" {
			w.Errorf("on the last day of the answer: %s", ph.Key)
		}
		if ph := w.law.PhaseOf(w.p, last); ph.Key != "answer-overdue" {
			w.Errorf("a day late: %s", ph.Key)
		}
	}
	w.now = at
	w.due(w.after(w.law.Collect.Retention), petition.EvPurged)
	w.take(w.law.Respond(w.p, petition.Answer{Outcome: "partly"}, at))
	if ph := w.law.PhaseOf(w.p, at); ph.Key != "answered" {
		w.Errorf("answered: %s", ph.Key)
	}
}

// scene is a place and what the thresholds that depend on it must be there.
type scene struct {
	name string
	head petition.Headcount
	need map[string]int64
}

// scenes are one for most laws, and for a law with cases one for each, with a
// population at its edge.
func scenes(law *petition.Profile) []scene {
	all := []scene{}
	for _, s := range law.Stages {
		for i, c := range s.Cases {
			h := petition.Headcount{Place: "X", Kind: "other", N: max(c.Above+1, c.UpTo, 12_345)}
			if len(c.Places) > 0 {
				h.Kind = c.Places[0]
			}
			need := c.Threshold
			if c.Percent > 0 {
				need = h.N * int64(c.Percent) / 100
				if h.N*int64(c.Percent)%100 != 0 {
					need++
				}
			}
			all = append(all, scene{fmt.Sprintf("case%d", i), h, map[string]int64{s.ID: need}})
		}
	}
	if len(all) == 0 {
		all = append(all, scene{name: "plain"})
	}
	return all
}

func TestEveryLawOnBothSidesOfEveryEdge(t *testing.T) {
	for ref, shipped := range laws(t) {
		windows := shipped.Collect.Choices
		if len(windows) == 0 {
			windows = []petition.Term{shipped.Collect.Window}
		}
		for _, s := range scenes(shipped) {
			for _, window := range windows {
				t.Run(strings.Join([]string{ref.ID, s.name, fmt.Sprint(window.N)}, "/"), func(t *testing.T) {
					law := *shipped
					if len(s.need) > 0 {
						law.Population = func(string, petition.Date) (petition.Headcount, bool) { return s.head, true }
					}
					from := time.Date(2026, 2, 27, 22, 30, 0, 0, law.Location)
					if last := lastDay(shipped); !last.IsZero() {
						from = time.Date(last.Year-1, 2, 26, 22, 30, 0, 0, law.Location)
					}
					w := &walker{T: t, law: &law, now: from}
					w.start("", window)
					w.moderate()
					opened := w.now
					w.stages(s.need)
					w.close(opened, window)
				})
			}
		}
	}
}

// lastDay is the last day on which a historic law was in force.
func lastDay(l *petition.Profile) petition.Date { return l.Collect.Cite.ValidTo }

func TestShippedLawsSayHowFarTheyCanBeReliedOn(t *testing.T) {
	want := []string{"kz-appc", "kz-civic", "kz-local", "kz-local-maslikhat", "uk-parl", "uk-scot", "uk-wales", "eu-eci", "de-bundestag", "fi-initiative",
		"ee-riigikogu", "lv-saeima", "ua-president", "ca-commons", "kr-assembly", "kr-bluehouse", "tw-join", "us-wethepeople", "au-house", "uz-mening-fikrim"}
	all := laws(t)
	for _, id := range want {
		if ByID(all, id) == nil {
			t.Errorf("no profile %s", id)
		}
	}
	for ref, l := range all {
		if l.Binding == petition.Shadow && (len(l.Rights) == 0 || l.Moderation.OnMissed != "wait") {
			t.Errorf("%s: a law of others is shipped with the rights that no demand may deny, and invents no publication by itself", ref.ID)
		}
		for _, r := range l.Rules() {
			if r.Cite.Confidence == "" || r.Cite.Source == "" || r.Cite.ValidFrom.IsZero() {
				t.Errorf("%s: %s has no source, confidence or first day", ref.ID, r.Path)
			}
			if strings.HasPrefix(ref.ID, "kz-appc") && strings.HasPrefix(r.Cite.Article, "law/kz-appc") && !r.Cite.Unverified() {
				t.Errorf("%s: %s is called verified, and nobody read the law", ref.ID, r.Path)
			}
		}
	}
}

func TestHeadcountsOfTheShippedPlaces(t *testing.T) {
	l := ByID(laws(t), "kz-local")
	day := func(y int) petition.Date { return petition.Date{Year: y, Month: 6, Day: 1} }
	if h, ok := l.Population("KZ-62", day(2026)); !ok || h.N != 230_000 || l.Stages[0].Resolve(h) != 2300 {
		t.Errorf("Ulytau: %+v", h)
	}
	if h, ok := l.Population("KZ-62", day(2022)); !ok || h.N != 0 {
		t.Errorf("a later count is used: %+v", h)
	}
	if h, ok := l.Population("KZ-10", day(2026)); !ok || l.Stages[0].Resolve(h) != 0 {
		t.Errorf("nobody told the inhabitants of Abai: %+v", h)
	}
	if _, ok := l.Population("GB", day(2026)); ok {
		t.Error("a place of another set is known")
	}
}
