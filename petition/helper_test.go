package petition

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dauys/dauys/civil"
)

// civic is a law with every rule set: supporters with a term, two terms of
// moderation, two officers, an appeal, three stages.
func civic(t testing.TB) *Profile {
	t.Helper()
	l := &Profile{
		ID: "test-civic", Version: "1", Zone: "Asia/Almaty", Location: zone(t, "Asia/Almaty"),
		Languages: []Language{{"kk", true}, {"ru", true}, {"en", false}},
		Support:   SupportRule{Threshold: 20, Window: Term{N: 30, Unit: civil.Days}},
		Moderation: ModerationRule{Term: Term{N: 10, Unit: civil.Workdays}, SecondTerm: Term{N: 3, Unit: civil.Workdays},
			OnMissed: "publish", RefusalOfficers: 2,
			Reasons: []Reason{{Code: "unclear"}, {Code: "hatred", HideText: true}}},
		Appeal: AppealRule{Allowed: true, Window: Term{N: 10, Unit: civil.Workdays}, Term: Term{N: 10, Unit: civil.Workdays}},
		Stages: []Stage{
			{ID: "letter", Threshold: 1000, Duty: "letter", Actor: "operator"},
			{ID: "answer", Threshold: 10000, Duty: "answer", Actor: "body", Term: Term{N: 15, Unit: civil.Workdays}},
			{ID: "hearing", Threshold: 50000, Duty: "hearing", Actor: "body"},
		},
		Collect:  CollectRule{Window: Term{N: 6, Unit: civil.Months}, GraceHours: 24, Withdrawals: true, Retention: Term{N: 30, Unit: civil.Days}},
		Archive:  ArchiveRule{DeskAfter: Term{N: 6, Unit: civil.Months}, After: Term{N: 24, Unit: civil.Months}},
		Counts:   CountRule{StepBelow: 500, StepMinutes: 10, StepBy: 5, Cell: 10},
		Text:     TextRule{Title: 80, Ask: 300, Details: 800},
		Calendar: Calendar{ID: "test", Weekend: []string{"saturday", "sunday"}},
	}
	if err := l.Calendar.Index(); err != nil {
		t.Fatal(err)
	}
	return l
}

// parliament is a law of the other kind: the petitioner signs, supporters have
// a limit and no term, one officer, no appeal, a missed term only waits.
func parliament(t testing.TB) *Profile {
	l := civic(t)
	l.ID, l.Zone, l.Location = "test-parliament", "Europe/London", zone(t, "Europe/London")
	l.Languages = []Language{{"en", true}}
	l.Support = SupportRule{Threshold: 5, Max: 20, PetitionerSigns: true}
	l.Moderation.OnMissed, l.Moderation.SecondTerm, l.Moderation.RefusalOfficers = "wait", Term{}, 1
	l.Appeal = AppealRule{}
	l.Stages = []Stage{
		{ID: "response", Threshold: 10000, Duty: "answer", Actor: "body"},
		{ID: "debate", Threshold: 100000, Duty: "debate", Actor: "parliament"},
	}
	return l
}

// commons is parliament where a member stands behind a petition first, outages
// are made good and a dissolution stops.
func commons(t testing.TB) *Profile {
	l := parliament(t)
	l.ID = "test-commons"
	l.Authoriser = AuthoriserRule{Actor: "member", Term: Term{N: 30, Unit: civil.Days}, Tries: 3}
	l.Downtime = DowntimeRule{Compensate: true, FromHours: 4}
	l.Dissolution = DissolutionRule{Effect: DissolveStop}
	l.Archive = ArchiveRule{Dissolved: Term{N: 2, Unit: civil.Days}}
	l.Duplicate = DuplicateRule{Window: Term{N: 12, Unit: civil.Months}, Effect: BarRefuse}
	return l
}

// checkedFirst is civic where the supporters are found after the check.
func checkedFirst(t testing.TB) *Profile {
	l := civic(t)
	l.ID, l.Support.AfterCheck = "test-checked-first", true
	return l
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// at reads a moment in the law's zone.
func at(t testing.TB, l *Profile, s string) time.Time {
	t.Helper()
	x, err := time.ParseInLocation("2006-01-02 15:04:05", s, l.Location)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// noon is the moment at which most tests begin: a Monday.
func noon(t testing.TB, l *Profile) time.Time { return at(t, l, "2026-11-23 12:00:00") }

func must(t testing.TB, c Change, err error) Petition {
	t.Helper()
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	if len(c.Events) == 0 {
		t.Fatal("a change without an event")
	}
	return c.Petition
}

func draft(l *Profile, now time.Time) Petition {
	return l.Start(Petition{ID: 1, Kind: KindPetition, Lang: "kk", Body: "tazalyk",
		Texts: Texts{"kk": {Title: "Аялдама", Ask: "Көктем көшесіне аялдама салу керек"}}}, now).Petition
}

// decision is what an officer says about the text that stands.
func decision(p Petition, v Verdict, reason string, who OfficerID) Decision {
	return Decision{Verdict: v, Reason: reason, TextVersion: p.TextVersion, Officer: who}
}

// inState leads a petition into a state by the acts that lead there.
func inState(t testing.TB, l *Profile, s State, now time.Time) Petition {
	t.Helper()
	p := draft(l, now)
	if s == Draft {
		return p
	}
	c, err := l.Confirm(p, now)
	p = must(t, c, err)
	switch s {
	case Supporting:
		return p
	case Lapsed:
		p.State, p.EndedAt = Lapsed, now
		return p
	case Withdrawn:
		c, err := l.Withdraw(p, now)
		return must(t, c, err)
	}
	c, ok := l.Count(p, l.supportNeeded(), now)
	if !ok {
		t.Fatal("enough supporters, and nothing follows")
	}
	p = c.Petition
	switch s {
	case Moderation:
		return p
	case Returned:
		c, err := l.Decide(p, decision(p, Return, "unclear", 1), now)
		return must(t, c, err)
	case Refused, Appealed:
		return refused(t, l, p, s, now)
	}
	c, err = l.Decide(p, decision(p, Publish, "", 1), now)
	p = must(t, c, err)
	switch s {
	case Closed:
		p.State, p.ClosedAt = Closed, p.ClosesAt
	case Hidden, Removed:
		c, err := l.Hide(p, "unclear", "", 1, now)
		p = must(t, c, err)
		if s == Removed {
			c, err := l.Remove(p, 2, now)
			return must(t, c, err)
		}
	}
	return p
}

func refused(t testing.TB, l *Profile, p Petition, s State, now time.Time) Petition {
	t.Helper()
	for who := range OfficerID(l.Moderation.RefusalOfficers) {
		c, err := l.Decide(p, decision(p, Reject, "unclear", who+1), now)
		p = must(t, c, err)
	}
	if s == Appealed {
		c, err := l.Lodge(p, "біз келіспейміз", now)
		return must(t, c, err)
	}
	return p
}

var allStates = []State{Draft, Supporting, Moderation, Returned, Refused, Appealed, Open, Closed, Lapsed, Withdrawn, Hidden, Removed}

// wantErr checks an error; nil wants none.
func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if want == nil && got != nil || !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func kinds(c Change) []EventKind {
	var ks []EventKind
	for _, e := range c.Events {
		ks = append(ks, e.Kind)
	}
	return ks
}

func wantKinds(t *testing.T, what string, c Change, want ...EventKind) {
	t.Helper()
	if !slices.Equal(kinds(c), want) {
		t.Errorf("%s: events %v, want %v", what, kinds(c), want)
	}
	for _, e := range c.Events {
		if e.Petition != c.Petition.ID || e.At.IsZero() || e.Actor == "" {
			t.Errorf("%s: event %+v lacks petition, time or actor", what, e)
		}
	}
}

const instant = time.Nanosecond
