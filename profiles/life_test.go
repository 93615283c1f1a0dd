package profiles

import (
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

// life walks one petition through a shipped law by its clock.
type life struct {
	t *testing.T
	l *petition.Profile
	p petition.Petition
}

func newLife(t *testing.T, id, start string) *life {
	t.Helper()
	l := ByID(laws(t), id)
	if l == nil {
		t.Fatalf("no profile %s", id)
	}
	w := &life{t: t, l: l}
	w.p = l.Start(petition.Petition{ID: 1, Kind: petition.KindPetition, Lang: "en"}, w.at(start)).Petition
	c, err := l.Confirm(w.p, w.at(start))
	w.done(c, err)
	return w
}

// at reads a moment in the law's zone.
func (w *life) at(s string) time.Time {
	w.t.Helper()
	x, err := time.ParseInLocation("2006-01-02 15:04", s, w.l.Location)
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

func (w *life) done(c petition.Change, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	w.p = c.Petition
}

// count checks that one signature less does nothing, and counts n.
func (w *life) count(n int64, now string, want petition.EventKind) {
	w.t.Helper()
	if _, ok := w.l.Count(w.p, n-1, w.at(now)); ok {
		w.t.Errorf("%d are enough for %s", n-1, want)
	}
	c, ok := w.l.Count(w.p, n, w.at(now))
	if !ok || c.Events[0].Kind != want {
		w.t.Fatalf("%d signatures: %v, want %s", n, c.Events, want)
	}
	w.p = c.Petition
}

// due checks that the calendar is still before the moment, and acts at it.
func (w *life) due(moment string, want petition.EventKind) {
	w.t.Helper()
	now := w.at(moment)
	if c, ok := w.l.Tick(w.p, now.Add(-time.Millisecond)); ok {
		w.t.Errorf("%v before %s", c.Events, moment)
	}
	c, ok := w.l.Tick(w.p, now)
	if !ok || c.Events[0].Kind != want || !c.Events[0].At.Equal(now) {
		w.t.Fatalf("at %s: %v, due %s; want %s", moment, c.Events, w.l.NextDue(w.p), want)
	}
	w.p = c.Petition
}

// phase checks key and days left, and that the timeline has one line for what runs.
func (w *life) phase(moment, key string, left int) {
	w.t.Helper()
	ph := w.l.PhaseOf(w.p, w.at(moment))
	if ph.Key != key || ph.DaysLeft != left {
		w.t.Errorf("at %s: %s with %d days left (until %s), want %s with %d", moment, ph.Key, ph.DaysLeft, ph.Until, key, left)
	}
	steps := w.l.Steps(w.p, w.at(moment))
	if steps[0].Key != "started" || steps[0].Status != petition.Done {
		w.t.Errorf("at %s the timeline begins with %+v", moment, steps[0])
	}
}

func (w *life) decide(v petition.Verdict, reason string, who petition.OfficerID, now string) {
	w.t.Helper()
	c, err := w.l.Decide(w.p, petition.Decision{Verdict: v, Reason: reason, TextVersion: w.p.TextVersion, Officer: who}, w.at(now))
	w.done(c, err)
}

func TestWholeLifeInKazakhstan(t *testing.T) {
	w := newLife(t, "kz-civic", "2026-11-23 23:59") // still Monday there
	w.phase("2026-11-23 23:59", "supporting", 30)
	w.phase("2026-12-23 23:59", "supporting", 0)
	w.count(20, "2026-12-07 10:00", petition.EvQueued)
	// Ten working days after Monday 7 December; the 16th is a holiday.
	w.phase("2026-12-22 23:59", "moderation", 0)
	w.due("2026-12-23 00:00", petition.EvEscalated)
	// Three more: Wednesday, Thursday, Friday.
	w.phase("2026-12-25 12:00", "moderation-escalated", 0)
	w.due("2026-12-26 00:00", petition.EvPublished)
	if !w.p.AutoPublished {
		t.Error("not marked as published by itself")
	}
	w.count(1000, "2027-01-10 10:00", petition.EvStage)
	w.count(10000, "2027-03-01 10:00", petition.EvStage)
	handed, err := w.l.Deliver(w.p, petition.Delivery{Stage: "answer", On: petition.Date{Year: 2027, Month: 3, Day: 1}, Channel: petition.ByPost}, w.at("2027-03-01 12:00"))
	w.done(handed, err)
	asked, _ := w.p.Reached("answer")
	// Fifteen working days after 1 March 2027: the 8th and the days of Nauryz are off.
	if want := w.l.Calendar.AddWorkdays(petition.Date{Year: 2027, Month: 3, Day: 1}, 15); asked.AnswerBy != want || !want.After(petition.Date{Year: 2027, Month: 3, Day: 22}) {
		t.Errorf("answer by %s, want %s", asked.AnswerBy, want)
	}
	w.count(50000, "2027-06-25 23:59", petition.EvStage)
	w.phase("2027-06-25 23:59", "collecting", 1)
	w.phase("2027-06-26 23:59", "collecting", 0)
	w.due("2027-06-27 00:00", petition.EvClosed) // six months after 26 December
	w.phase("2027-06-27 00:00", "answer-overdue", asked.AnswerBy.DayNumber()-petition.Date{Year: 2027, Month: 6, Day: 27}.DayNumber())
	c, err := w.l.Respond(w.p, petition.Answer{Outcome: "partly"}, w.at("2027-07-01 10:00"))
	w.done(c, err)
	w.phase("2027-07-01 10:00", "answered", 0)
	w.due("2027-07-28 00:00", petition.EvPurged) // thirty days after the close
	_, err = w.l.ToArchive(w.p, 1, w.at("2028-01-01 23:59"))
	if err == nil {
		t.Error("an officer archives it on the last day of the six months after the answer")
	}
	if c, err := w.l.ToArchive(w.p, 1, w.at("2028-01-02 00:00")); err != nil || !c.Petition.Archived() {
		t.Errorf("an officer archives it after six months: %v", err)
	}
	w.due("2029-07-02 00:00", petition.EvArchived) // two years after the answer
	if !w.l.NextDue(w.p).IsZero() {
		t.Errorf("something is due at %s after all is done", w.l.NextDue(w.p))
	}
}

func TestRefusalAndAppealInKazakhstan(t *testing.T) {
	w := newLife(t, "kz-civic", "2026-11-02 09:00")
	w.count(20, "2026-11-02 12:00", petition.EvQueued)
	w.decide(petition.Reject, "personal-data", 1, "2026-11-03 09:00")
	w.decide(petition.Reject, "personal-data", 2, "2026-11-03 10:00")
	if w.p.State != petition.Refused || !w.p.HideText {
		t.Errorf("%s, text hidden %v", w.p.State, w.p.HideText)
	}
	if until := w.at("2026-11-18 00:00"); !w.p.AppealUntil.Equal(until) {
		t.Errorf("appeal until %s, want %s", w.p.AppealUntil, until)
	}
	c, err := w.l.Lodge(w.p, "words", w.at("2026-11-17 23:59"))
	w.done(c, err)
	w.phase("2026-12-01 23:59", "appealed", 0)
	w.decide(petition.Publish, "", 3, "2026-12-01 12:00")
	if w.p.State != petition.Open || w.p.HideText {
		t.Errorf("%s, text hidden %v", w.p.State, w.p.HideText)
	}
}

func TestWholeLifeInLondon(t *testing.T) {
	w := newLife(t, "uk-parl", "2026-10-20 23:30")
	w.phase("2027-10-20 23:30", "supporting", 0) // no term: nothing is due
	if !w.l.NextDue(w.p).IsZero() {
		t.Errorf("supporters are due at %s", w.l.NextDue(w.p))
	}
	// Half an hour before midnight in summer time is the next day in UTC+1 only.
	w.count(6, "2026-10-20 23:30", petition.EvQueued)
	w.phase("2026-11-03 23:59", "moderation", 0)
	w.due("2026-11-04 00:00", petition.EvEscalated) // midnight of winter time, ten working days on
	w.phase("2026-11-04 00:00", "moderation-overdue", -1)
	if _, ok := w.l.Tick(w.p, w.at("2030-01-01 00:00")); ok {
		t.Error("published by itself")
	}
	w.decide(petition.Publish, "", 1, "2026-11-04 09:00")
	w.count(10000, "2026-12-01 09:00", petition.EvStage)
	w.count(100000, "2027-02-01 09:00", petition.EvStage)
	w.phase("2027-05-04 23:59", "collecting", 0)
	w.due("2027-05-05 00:00", petition.EvClosed) // midnight of summer time
	if utc := w.p.ClosedAt.UTC().Format("2006-01-02 15:04"); utc != "2027-05-04 23:00" {
		t.Errorf("closed at %s UTC: British summer time is an hour ahead", utc)
	}
	w.phase("2027-05-05 00:00", "awaiting-answer", 0)
	w.due("2027-11-06 00:00", petition.EvPurged) // six months after 5 May
}

func TestNightsOfTheClockChangeInLondon(t *testing.T) {
	l := ByID(laws(t), "uk-parl")
	for _, c := range []struct{ opened, closes string }{
		{"2026-09-28T12:00:00Z", "2027-03-28T23:00:00Z"}, // the day the clocks go forward ends an hour early
		{"2026-09-27T12:00:00Z", "2027-03-28T00:00:00Z"},
		{"2027-04-30T22:59:59Z", "2027-10-30T23:00:00Z"}, // 30 April there; the clocks go back two hours after that midnight
		{"2027-04-30T23:00:00Z", "2027-11-02T00:00:00Z"}, // 1 May there
	} {
		opened, err := time.Parse(time.RFC3339, c.opened)
		if err != nil {
			t.Fatal(err)
		}
		p := petition.Petition{State: petition.Moderation, TextVersion: 1}
		change, err := l.Decide(p, petition.Decision{Verdict: petition.Publish, TextVersion: 1, Officer: 1}, opened)
		if err != nil {
			t.Fatal(err)
		}
		if got := change.Petition.ClosesAt.Format(time.RFC3339); got != c.closes {
			t.Errorf("opened %s: closes %s, want %s", c.opened, got, c.closes)
		}
	}
}
