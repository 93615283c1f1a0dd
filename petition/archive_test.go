package petition

import (
	"errors"
	"testing"
	"time"

	"github.com/dauys/dauys/civil"
)

// ended is a petition that collected, was answered and closed, with the moment
// of its last act.
func ended(t *testing.T, l *Profile) (Petition, time.Time) {
	t.Helper()
	p := inState(t, l, Open, noon(t, l))
	c, ok := l.Tick(p, p.ClosesAt)
	if !ok {
		t.Fatal("does not close")
	}
	return c.Petition, c.Petition.ClosesAt.Add(l.grace())
}

func TestAnOfficerArchivesAfterTheTerm(t *testing.T) {
	l := civic(t)
	p, last := ended(t, l)
	from := l.Archive.DeskAfter.End(last, &l.Calendar, l.Location)
	if !l.ArchiveFrom(p).Equal(from) {
		t.Fatalf("from %s, want %s", l.ArchiveFrom(p), from)
	}
	_, err := l.ToArchive(p, 7, from.Add(-instant))
	wantErr(t, "a moment early", err, ErrState)
	c, err := l.ToArchive(p, 7, from)
	wantKinds(t, "in time", c, EvArchived)
	q := must(t, c, err)
	if !q.Archived() || q.State != Closed || c.Events[0].Actor != ActorOfficer(7) {
		t.Errorf("%s, archived %v, by %s", q.State, q.ArchivedAt, c.Events[0].Actor)
	}
	_, err = l.ToArchive(q, 7, from)
	wantErr(t, "twice", err, ErrArchived)
	l.Archive.DeskAfter = Term{}
	_, err = l.ToArchive(p, 7, from.AddDate(100, 0, 0))
	wantErr(t, "under a law without", err, ErrState)
}

// What is still to come keeps a petition out of the archive, whatever its age.
func TestNothingIsForgottenInTheArchive(t *testing.T) {
	l := civic(t)
	closed, last := ended(t, l)
	late := last.AddDate(50, 0, 0)
	refused := inState(t, l, Refused, noon(t, l))
	owed := closed
	owed.Stages = []StageReached{{Stage: "answer", Threshold: 10000, At: closed.OpenedAt}}
	answered := owed
	answered.Answer = &Answer{At: last.AddDate(0, 1, 0)}
	news := closed
	news.News = &News{At: last}
	told := closed
	told.NewsAt = last.AddDate(0, 2, 0)
	asked := closed
	asked.OrgCheck = &OrgCheck{State: OrgAsked, At: last, Until: last.AddDate(0, 3, 0)}
	for name, c := range map[string]struct {
		p    Petition
		from time.Time
	}{
		"closed":                     {closed, last},
		"refused":                    {refused, refused.AppealUntil},
		"the body has not answered":  {owed, time.Time{}},
		"answered":                   {answered, answered.Answer.At},
		"news wait for a moderator":  {news, time.Time{}},
		"news were told":             {told, told.NewsAt},
		"an organisation was asked":  {asked, asked.OrgCheck.Until},
		"under appeal":               {inState(t, l, Appealed, noon(t, l)), time.Time{}},
		"open":                       {inState(t, l, Open, noon(t, l)), time.Time{}},
		"hidden until two say so":    {inState(t, l, Hidden, noon(t, l)), time.Time{}},
		"withdrawn, never published": {inState(t, l, Withdrawn, noon(t, l)), time.Time{}},
	} {
		var want time.Time
		if !c.from.IsZero() {
			want = l.Archive.After.End(c.from, &l.Calendar, l.Location)
		}
		if got := l.ArchiveDue(c.p); !got.Equal(want) {
			t.Errorf("%s: due %s, want %s", name, got, want)
		}
		if _, err := l.ToArchive(c.p, 7, late); (err == nil) != !c.from.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The archive is read only; what the law or the person asks for goes on.
func TestAnArchivedPetitionStays(t *testing.T) {
	l := civic(t)
	l.Display.EraseName = true
	p, last := ended(t, l)
	p.Creator = Creator{Kind: Organisation, Name: "N", Org: "O"}
	p.OrgCheck = &OrgCheck{State: OrgAsked, Nonce: []byte{1}, Until: last.AddDate(90, 0, 0)}
	p.Stages = []StageReached{{Stage: "answer", Threshold: 10000, At: p.OpenedAt}}
	now := last.AddDate(3, 0, 0)
	p.ArchivedAt = now
	for name, act := range map[string]func() error{
		"deliver":  func() error { _, err := l.Deliver(p, Delivery{Stage: "answer"}, now); return err },
		"answer":   func() error { _, err := l.Respond(p, Answer{Outcome: "partly"}, now); return err },
		"news":     func() error { _, err := l.WriteNews(p, News{Title: "T", Text: "W"}, now); return err },
		"topics":   func() error { _, err := l.Retopic(p, []string{"health"}, 1, now); return err },
		"ask":      func() error { _, err := l.AskOrg(p, "s", []byte{2}, 1, now); return err },
		"register": func() error { _, err := l.RegisterOrg(p, "s", 1, now); return err },
		"disown":   func() error { _, err := l.DisownOrg(p, []byte{1}, now); return err },
		"appeal":   func() error { r := p; r.State = Refused; _, err := l.Lodge(r, "w", now); return err },
	} {
		wantErr(t, name, act(), ErrArchived)
	}
	wantErr(t, "sign", l.CheckSign(p, now), ErrClosed)
	wantErr(t, "confirm", l.CheckConfirm(p, now), ErrClosed)
	if c, ok := l.Count(p, 1_000_000, now); ok || l.NextThreshold(p) != 0 {
		t.Errorf("counts on: %v", kinds(c))
	}
	if l.Duty(p) != nil || len(l.Undelivered(p)) > 0 || l.PhaseOf(p, now).Key != "unanswered" {
		t.Errorf("in the archive: %s", l.PhaseOf(p, now).Key)
	}
	c, ok := l.Tick(p, now)
	wantKinds(t, "the keys go all the same", c, EvPurged)
	if !ok || !l.NextDue(c.Petition).IsZero() {
		t.Errorf("and then %s", l.NextDue(c.Petition))
	}
	if _, err := l.Erase(p, now); err != nil {
		t.Errorf("erase: %v", err)
	}
	c, err := l.Hide(c.Petition, "unclear", "", 1, now)
	hidden := must(t, c, err)
	c, err = l.Lift(hidden, 2, now)
	if back := must(t, c, err); back.State != Closed || !back.Archived() {
		t.Errorf("back from hiding: %s, %v", back.State, back.ArchivedAt)
	}
	if steps := line(l.Steps(p, now)); steps[len(steps)-len(" archived:done"):] != " archived:done" {
		t.Errorf("the timeline: %s", steps)
	}
}

func TestTheEndOfAnAssemblyArchives(t *testing.T) {
	l := commons(t)
	l.Authoriser = AuthoriserRule{}
	l.Appeal = AppealRule{Allowed: true, Window: Term{N: 30, Unit: civil.Days}, Term: Term{N: 30, Unit: civil.Days}}
	now := noon(t, l)
	on := l.Today(now).AddDays(10)
	at := on.AddDays(3).Midnight(l.Location) // the third day after, when two have passed
	for _, s := range allStates {
		p := inState(t, l, s, now)
		if c, ok := l.Dissolve(p, on, l.DissolvedAt(on)); ok {
			p = c.Petition
		}
		if p.State == Closed && s == Closed {
			p.ClosesAt, p.ClosedAt = now, now // long before the dissolution
		}
		p.Stages = []StageReached{{Stage: "response", Threshold: 10000, At: now}}
		p.News = &News{At: now}
		if _, ok := l.ArchiveDissolved(p, on, at.Add(-instant)); ok {
			t.Errorf("%s: archived before its day", s)
		}
		c, ok := l.ArchiveDissolved(p, on, at)
		if want := p.State == Closed || p.State == Refused; ok != want {
			t.Errorf("%s, then %s: archived %v", s, p.State, ok)
		}
		if !ok {
			continue
		}
		if c.Events[0].Data["on"] != on.String() || c.Petition.News != nil || l.Duty(c.Petition) != nil {
			t.Errorf("%s: %+v", s, c.Events)
		}
		if _, again := l.ArchiveDissolved(c.Petition, on, at); again {
			t.Errorf("%s: archived twice", s)
		}
		later := p
		later.CreatedAt = at
		if _, ok := l.ArchiveDissolved(later, on, at); ok {
			t.Errorf("%s: one of the next assembly is archived with the last", s)
		}
		carry := *l
		carry.Dissolution.Effect = DissolveCarry
		if _, ok := carry.ArchiveDissolved(p, on, at); ok {
			t.Errorf("%s: archived where petitions go over", s)
		}
	}
	if !l.ArchivesDissolved(Date{}).IsZero() {
		t.Error("a day without a dissolution")
	}
	if _, err := l.ToArchive(inState(t, l, Closed, now), 1, at.AddDate(9, 0, 0)); !errors.Is(err, ErrState) {
		t.Errorf("by an officer, under a law that has only the end of a term: %v", err)
	}
}
