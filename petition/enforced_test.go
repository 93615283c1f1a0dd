package petition

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// seeking is a petition under commons that has its supporters.
func seeking(t *testing.T, l *Profile, now time.Time) Petition {
	t.Helper()
	c, err := l.Confirm(draft(l, now), now)
	p := must(t, c, err)
	c, ok := l.Count(p, l.supportNeeded(), now)
	if !ok || c.Petition.State != Authorising {
		t.Fatalf("enough supporters: %s", c.Petition.State)
	}
	return c.Petition
}

func ask(t *testing.T, l *Profile, p Petition, name string, now time.Time) Petition {
	t.Helper()
	c, err := l.AskMember(p, name, "https://assembly.example/"+name, []byte(name), 7, now)
	return must(t, c, err)
}

func TestMemberStandsBehindAPetition(t *testing.T) {
	l := commons(t)
	now := noon(t, l)
	p := seeking(t, l, now)
	if !l.NextDue(p).IsZero() {
		t.Error("the calendar acts before anybody was asked")
	}
	if _, err := l.Decide(p, decision(p, Publish, "", 1), now); !errors.Is(err, ErrState) {
		t.Errorf("published without a member: %v", err)
	}
	if err := l.CheckSign(p, now); err != nil {
		t.Errorf("supporters while a member is asked: %v", err)
	}
	p = ask(t, l, p, "One", now)
	if _, err := l.AskMember(p, "Two", "s", []byte("x"), 7, now); !errors.Is(err, ErrState) {
		t.Errorf("two at once: %v", err)
	}
	until := p.Asked().Until
	wantErr(t, "another link", p.MemberAnswerable([]byte("Two"), now), ErrState)
	wantErr(t, "in time", p.MemberAnswerable([]byte("One"), until.Add(-instant)), nil)
	wantErr(t, "late", p.MemberAnswerable([]byte("One"), until), ErrLate)
	if want := at(t, l, "2026-12-24 00:00:00"); !until.Equal(want) {
		t.Errorf("thirty days from 23 November end %v, want %v", until, want)
	}
	c, err := l.AnswerMember(p, []byte("One"), true, now.Add(time.Hour))
	wantKinds(t, "a yes", c, EvAuthorised, EvQueued)
	p = must(t, c, err)
	if p.State != Moderation || p.Authorised() == nil || p.Authorised().Member != "One" || p.Authorised().Nonce != nil {
		t.Errorf("%s, %+v", p.State, p.Authorisers)
	}
	if _, err := l.AnswerMember(p, []byte("One"), false, now); !errors.Is(err, ErrState) {
		t.Errorf("the link works twice: %v", err)
	}
}

func TestMembersDeclineOneAfterAnother(t *testing.T) {
	l := commons(t)
	now := noon(t, l)
	p := ask(t, l, seeking(t, l, now), "One", now)
	if _, ok := l.Tick(p, p.Asked().Until.Add(-instant)); ok {
		t.Error("silent before the term ended")
	}
	c, ok := l.Tick(p, p.Asked().Until)
	if !ok || c.Petition.Authorisers[0].Said != SaidSilent || c.Petition.State != Authorising {
		t.Fatalf("silence: %v, %+v", ok, c.Petition.Authorisers)
	}
	wantKinds(t, "silence", c, EvMemberDeclined)
	p = c.Petition
	if _, err := l.AskMember(p, " one ", "s", []byte("x"), 7, now); err == nil {
		t.Error("the same member is asked twice")
	}
	p = ask(t, l, p, "Two", now)
	c, err := l.AnswerMember(p, []byte("Two"), false, now)
	if p = must(t, c, err); p.State != Authorising || c.Events[0].Data["left"] != "1" {
		t.Errorf("after the second: %s, %v", p.State, c.Events[0].Data)
	}
	p = ask(t, l, p, "Three", now)
	c, err = l.AnswerMember(p, []byte("Three"), false, now)
	wantKinds(t, "the last no", c, EvMemberDeclined, EvLapsed)
	if p = must(t, c, err); p.State != Lapsed || p.EndedAt.IsZero() {
		t.Errorf("after the last: %s", p.State)
	}
}

func TestSupportersAfterTheCheck(t *testing.T) {
	l := checkedFirst(t)
	now := noon(t, l)
	c, err := l.Confirm(draft(l, now), now)
	p := must(t, c, err)
	if p.State != Moderation {
		t.Fatalf("confirmed: %s", p.State)
	}
	wantErr(t, "support before the check", l.CheckSign(p, now), ErrNotOpen)
	c, err = l.Decide(p, decision(p, Publish, "", 1), now)
	wantKinds(t, "the check", c, EvChecked)
	if p = must(t, c, err); p.State != Supporting || p.Number != 0 || c.NeedsNumber {
		t.Fatalf("checked: %s, number %d", p.State, p.Number)
	}
	wantErr(t, "support after the check", l.CheckSign(p, now), nil)
	if n := l.NextThreshold(p); n != 20 {
		t.Errorf("next threshold %d", n)
	}
	if _, ok := l.Count(p, 19, now); ok {
		t.Error("nineteen are enough")
	}
	if lapsed, ok := l.Tick(p, p.SupportUntil); !ok || lapsed.Petition.State != Lapsed {
		t.Errorf("too few in time: %s", lapsed.Petition.State)
	}
	c, ok := l.Count(p, 20, now)
	if !ok || c.Petition.State != Open || !c.NeedsNumber {
		t.Fatalf("twenty: %s", c.Petition.State)
	}
	wantKinds(t, "twenty", c, EvPublished)
	var keys []string
	for _, s := range l.Steps(c.Petition, now) {
		keys = append(keys, s.Key)
	}
	if i, k := slices.Index(keys, "moderation"), slices.Index(keys, "supporting"); i < 0 || k < i {
		t.Errorf("the timeline has %v", keys)
	}
}

func TestDissolution(t *testing.T) {
	l := commons(t)
	now := noon(t, l)
	on := l.Today(now).AddDays(10)
	for _, s := range allStates {
		base := *l
		base.Authoriser = AuthoriserRule{}
		base.Appeal = AppealRule{Allowed: true, Window: Term{N: 30, Unit: "day"}, Term: Term{N: 30, Unit: "day"}}
		p := inState(t, &base, s, now)
		if _, ok := base.Dissolve(p, on, base.DissolvedAt(on).Add(-instant)); ok {
			t.Errorf("%s: stopped before the day", s)
		}
		c, ok := base.Dissolve(p, on, base.DissolvedAt(on))
		want := map[State]State{Supporting: Lapsed, Moderation: Lapsed, Returned: Lapsed, Appealed: Refused, Open: Closed}[s]
		if ok != (want != "") || ok && (c.Petition.State != want || !c.Petition.Stopped()) {
			t.Errorf("%s becomes %q, %v; want %q", s, c.Petition.State, ok, want)
		}
		if _, again := base.Dissolve(c.Petition, on, base.DissolvedAt(on)); ok && again {
			t.Errorf("%s: stopped twice", s)
		}
		carry := base
		carry.Dissolution.Effect = DissolveCarry
		if _, ok := carry.Dissolve(p, on, base.DissolvedAt(on)); ok || !carry.TakesPetitions(on, base.DissolvedAt(on)) {
			t.Errorf("%s: stopped under a law that carries over", s)
		}
	}
	if p := inState(t, commons(t), Draft, base2(l, on)); !p.CreatedAt.After(l.DissolvedAt(on)) {
		t.Fatal("the draft is older than it shall be")
	} else if c, err := l.Confirm(p, base2(l, on)); err != nil {
		t.Fatal(err)
	} else if _, ok := l.Dissolve(c.Petition, on, base2(l, on)); ok {
		t.Error("a petition to the next assembly is stopped by the end of the last")
	}
}

func base2(l *Profile, on Date) time.Time { return l.DissolvedAt(on).Add(48 * time.Hour) }

func TestStoppedPetitionOwesNoAnswer(t *testing.T) {
	l := commons(t)
	l.Authoriser = AuthoriserRule{}
	now := noon(t, l)
	p := inState(t, l, Open, now)
	c, _ := l.Count(p, 10_000, now)
	p = c.Petition
	if l.Duty(p) == nil {
		t.Fatal("nothing is owed")
	}
	c, ok := l.Dissolve(p, l.Today(now).AddDays(1), now.Add(72*time.Hour))
	if !ok || l.Duty(c.Petition) != nil || l.PhaseOf(c.Petition, now.Add(72*time.Hour)).Key != "stopped" {
		t.Errorf("%+v", l.PhaseOf(c.Petition, now.Add(72*time.Hour)))
	}
	if !c.Petition.ClosedAt.Equal(l.DissolvedAt(l.Today(now).AddDays(1))) {
		t.Errorf("closed at %v", c.Petition.ClosedAt)
	}
}

func TestDowntimeIsGivenBack(t *testing.T) {
	l := commons(t)
	l.Authoriser = AuthoriserRule{}
	now := noon(t, l)
	p := inState(t, l, Open, now)
	close := p.ClosesAt
	for _, c := range []struct {
		name     string
		from, to time.Time
		days     int
	}{
		{"shorter than the law counts", now.Add(24 * time.Hour), now.Add(28*time.Hour - instant), 0},
		{"as long as the law counts", now.Add(24 * time.Hour), now.Add(28 * time.Hour), 1},
		{"a day and a second", now.Add(24 * time.Hour), now.Add(48*time.Hour + time.Second), 2},
		{"before it opened", now.Add(-48 * time.Hour), now, 0},
		{"over its opening", now.Add(-48 * time.Hour), now.Add(time.Hour), 1},
		{"over its close", close.Add(-time.Hour), close.Add(72 * time.Hour), 1},
		{"after its close", close, close.Add(72 * time.Hour), 0},
		{"backwards", now.Add(30 * time.Hour), now.Add(24 * time.Hour), 0},
	} {
		o := Outage{c.from, c.to}
		got, ok := l.Extend(p, o, c.to)
		if ok != (c.days > 0) {
			t.Errorf("%s: %v", c.name, ok)
			continue
		}
		if !ok {
			continue
		}
		if want := close.In(l.Location).AddDate(0, 0, c.days); !got.Petition.ClosesAt.Equal(want) || got.Petition.Extensions[0].Days != c.days {
			t.Errorf("%s: closes %v, want %v", c.name, got.Petition.ClosesAt, want)
		}
		if _, again := l.Extend(got.Petition, o, c.to); again {
			t.Errorf("%s: given twice", c.name)
		}
		without := *l
		without.Downtime.Compensate = false
		if _, ok := without.Extend(p, o, c.to); ok {
			t.Errorf("%s: given by a law that gives nothing", c.name)
		}
	}
}

func TestDuplicateBar(t *testing.T) {
	l := commons(t)
	closed := at(t, l, "2026-03-10 09:00:00")
	p := Petition{State: Closed, ClosedAt: closed}
	if got, want := l.BarredUntil(p), (Date{Year: 2027, Month: 3, Day: 10}); got != want {
		t.Errorf("barred until %s, want %s", got, want)
	}
	for name, q := range map[string]Petition{"open": {State: Open}, "refused": {State: Refused, RefusedAt: closed},
		"merged": {State: Closed, ClosedAt: closed, MergedInto: 5}, "stopped by a dissolution": {State: Closed, ClosedAt: closed, DissolvedOn: Date{Year: 2026, Month: 3, Day: 10}}} {
		if got := l.BarredUntil(q); !got.IsZero() {
			t.Errorf("%s bars until %s", name, got)
		}
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Mend the canal locks", "mend the CANAL locks!", true},
		{"Mend the canal locks", "The canal locks: mend", true},
		{"Mend the canal locks", "Mend the canal gates", false},
		{"Самалда түнгі автобус", "самалда, түнгі автобус", true},
		{"", "", false},
	} {
		if SameDemand(c.a, c.b) != c.same {
			t.Errorf("%q and %q: %v", c.a, c.b, !c.same)
		}
	}
}

func TestAssuranceOfALaw(t *testing.T) {
	for _, c := range []struct {
		binding Binding
		wants   string
		falls   bool
		refused bool
	}{
		{Official, "mail", false, false}, {Official, "eid-substantial", true, true}, {Official, "eid-high", true, true},
		{Shadow, "eid-high", true, false}, {Advisory, "eid-substantial", true, false}, {Shadow, "mail", false, false},
	} {
		l := &Profile{ID: "x", Version: "1", Binding: c.binding, Signer: Eligibility{Assurance: c.wants}}
		if l.Falls(AssuranceMail) != c.falls || (l.CheckAssurance(AssuranceMail) != nil) != c.refused {
			t.Errorf("%s with %s: falls %v, %v", c.binding, c.wants, l.Falls(AssuranceMail), l.CheckAssurance(AssuranceMail))
		}
	}
}
