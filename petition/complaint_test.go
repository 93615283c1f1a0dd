package petition

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dauys/dauys/civil"
)

func complaint() Complaint {
	return Complaint{By: ByPerson, What: "A claim in the text", Why: "It is not true.", Ground: GroundReputation, Lang: "en"}
}

func TestComplaintCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Complaint)
		field  string // "" for no fault
	}{
		{"whole", func(*Complaint) {}, ""},
		{"nobody", func(c *Complaint) { c.By = "" }, "by"},
		{"organisation without a name", func(c *Complaint) { c.By = ByOrganisation }, "name"},
		{"organisation", func(c *Complaint) { c.By, c.Name = ByOrganisation, "Invented" }, ""},
		{"authority without a law", func(c *Complaint) { c.By, c.Name = ByAuthority, "Invented" }, "article"},
		{"nothing", func(c *Complaint) { c.What = " " }, "what"},
		{"no why", func(c *Complaint) { c.Why = "" }, "why"},
		{"long", func(c *Complaint) { c.Why = strings.Repeat("x", MaxComplaintWhy+1) }, "why"},
		{"no ground", func(c *Complaint) { c.Ground = "mood" }, "ground"},
	} {
		cc := complaint()
		c.change(&cc)
		errs := cc.Check()
		if c.field == "" && len(errs) > 0 || c.field != "" && (len(errs) != 1 || errs[0].Field != c.field) {
			t.Errorf("%s: got %v, want a fault of %q", c.name, errs, c.field)
		}
	}
}

func TestComplaintDecide(t *testing.T) {
	l := &Profile{Calendar: civil.Calendar{Weekend: []string{"saturday", "sunday"}}}
	if err := l.Calendar.Index(); err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	c, err := l.Complain(complaint(), monday)
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2026, 12, 8, 0, 0, 0, 0, time.UTC); !c.DecideBy.Equal(want) {
		t.Errorf("term ends %v, want %v: ten working days", c.DecideBy, want)
	}
	whole := ComplaintDecision{Outcome: ComplaintPartly, Reason: "One line is wrong.", Officer: 3}
	for _, x := range []struct {
		name     string
		d        ComplaintDecision
		deciders []OfficerID
		state    ComplaintState
		want     error
	}{
		{"whole", whole, []OfficerID{1, 2}, ComplaintReceived, nil},
		{"own", whole, []OfficerID{1, 3}, ComplaintReceived, ErrDecidedOwn},
		{"twice", whole, nil, ComplaintDecided, ErrState},
	} {
		c.State = x.state
		got, err := c.Decide(x.d, x.deciders, monday)
		if !errors.Is(err, x.want) || (err == nil) != (got.Outcome == ComplaintPartly && got.State == ComplaintDecided && got.Officer == 3) {
			t.Errorf("%s: %v, %+v", x.name, err, got)
		}
	}
	c.State = ComplaintReceived
	var errs FieldErrors
	if _, err := c.Decide(ComplaintDecision{Officer: 3}, nil, monday); !errors.As(err, &errs) || len(errs) != 2 {
		t.Errorf("without outcome and reason: %v", err)
	}
}

func TestDeciders(t *testing.T) {
	events := []Event{{Actor: ActorPetitioner}, {Actor: ActorOfficer(4)}, {Actor: ActorCalendar}, {Actor: ActorOfficer(12)}, {Actor: ActorOfficer(4)}}
	if got := Deciders(events); !slices.Equal(got, []OfficerID{4, 12}) {
		t.Errorf("got %v", got)
	}
}

func TestDemandCheck(t *testing.T) {
	today := Date{Year: 2026, Month: 11, Day: 23}
	d := Demand{Authority: "Invented prosecutor", On: today, Ground: "an article", Asked: "take down", Done: "nothing", Reason: "no court order"}
	if errs := d.Check(today); len(errs) > 0 || !d.Published(today) {
		t.Fatalf("whole demand: %v", errs)
	}
	d.PublishOn = today.AddDays(2)
	if errs := d.Check(today); len(errs) != 1 || errs[0].Field != "delay_ground" {
		t.Errorf("delay without a law: %v", errs)
	}
	if d.Published(today.AddDays(1)) || !d.Published(today.AddDays(2)) {
		t.Error("published on the wrong day")
	}
	d.On, d.DelayGround = today.AddDays(1), "a law"
	if errs := d.Check(today); len(errs) != 1 || errs[0].Field != "on" {
		t.Errorf("from the future: %v", errs)
	}
}

func TestTally(t *testing.T) {
	l := &Profile{}
	if err := l.Calendar.Index(); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	queued := Petition{State: Moderation, QueuedAt: at.AddDate(0, 0, -3)}
	open := Petition{State: Open, QueuedAt: queued.QueuedAt, OpenedAt: at}
	for _, c := range []struct {
		before Petition
		e      Event
		act    Act // "" for none
		days   int
	}{
		{Petition{}, Event{Kind: EvStarted}, ActSubmitted, NoDays},
		{queued, Event{Kind: EvPublished, Actor: ActorOfficer(1)}, ActPublished, 3},
		{queued, Event{Kind: EvPublished, Actor: ActorCalendar}, ActPublishedAuto, 3},
		{Petition{State: Appealed, QueuedAt: at}, Event{Kind: EvPublished, Actor: ActorOfficer(1)}, ActAppealGranted, NoDays},
		{Petition{State: Supporting, QueuedAt: queued.QueuedAt, CheckedAt: at.AddDate(0, 0, -1)}, Event{Kind: EvPublished, Actor: ActorSigners}, ActPublished, 2},
		{Petition{State: Supporting, QueuedAt: queued.QueuedAt, CheckedAt: at.AddDate(0, 0, -1), AutoPublished: true}, Event{Kind: EvPublished, Actor: ActorSigners}, ActPublishedAuto, 2},
		{Petition{State: Appealed, QueuedAt: at}, Event{Kind: EvChecked, Actor: ActorOfficer(1)}, ActAppealGranted, NoDays},
		{Petition{State: Supporting, QueuedAt: at, AppealedAt: at, CheckedAt: at}, Event{Kind: EvPublished, Actor: ActorSigners}, "", 0},
		{queued, Event{Kind: EvChecked, Actor: ActorOfficer(1)}, "", 0},
		{queued, Event{Kind: EvRefused, Data: map[string]string{"reason": "unclear"}}, ActRefused, 3},
		{queued, Event{Kind: EvProposed}, "", 0},
		{queued, Event{Kind: EvWithdrawn}, "", 0},
		{open, Event{Kind: EvWithdrawn}, ActWithdrawn, NoDays},
		{open, Event{Kind: EvRemoved}, ActRemoved, NoDays},
	} {
		c.e.At = at
		got, ok := l.Tally(c.before, c.e)
		if ok != (c.act != "") || got.Act != c.act || got.Days != c.days || ok && got.Month != "2026-11" {
			t.Errorf("%s by %s: %+v, %t", c.e.Kind, c.e.Actor, got, ok)
		}
	}
}

// The figures agree with a list in which every decision stands by itself.
func TestStatisticsRanks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfN(rapid.IntRange(0, 30), 1, 60).Draw(t, "days")
		var tallies []Tally
		for i, d := range days {
			tallies = append(tallies, Tally{Month: []string{"2026-10", "2026-11"}[i%2], Act: ActPublished, Days: d, Count: 1})
		}
		all, months := Statistics(tallies)
		slices.Sort(days)
		at := func(p int) int { return days[max((p*len(days)+99)/100, 1)-1] }
		if all.Median != at(50) || all.P90 != at(90) {
			t.Fatalf("got %d and %d, want %d and %d", all.Median, all.P90, at(50), at(90))
		}
		var sum int64
		for i, m := range months {
			sum += m.Acts[ActPublished]
			if i > 0 && m.Month >= months[i-1].Month {
				t.Fatal("months are not the latest first")
			}
		}
		if sum != all.Acts[ActPublished] || sum != int64(len(days)) {
			t.Fatalf("months add up to %d, all to %d, of %d", sum, all.Acts[ActPublished], len(days))
		}
	})
}
