package petition

import (
	"slices"
	"time"
)

// ArchiveRule says when a petition that has ended goes to the archive: it is
// found and read as before, and nothing about it changes any more. A zero term
// is no way there.
type ArchiveRule struct {
	DeskAfter Term `yaml:"desk_after" json:"desk_after,omitzero"` // from the last act about it: an officer may archive it
	After     Term `yaml:"after" json:"after,omitzero"`           // from the last act about it: the calendar archives it
	Dissolved Term `yaml:"dissolved" json:"dissolved,omitzero"`   // from the dissolution of the assembly: the calendar archives what ended under it
	Cite      Cite `yaml:"cite" json:"cite"`
}

// ContactLife is how long the petitioner's address is kept after the petition
// went to the archive: time to fetch or erase what is the petitioner's own.
const ContactLife = 30 * 24 * time.Hour

// Archived reports whether the petition is in the archive. It keeps its state:
// a closed one stays closed, and a refused one refused.
func (p Petition) Archived() bool { return !p.ArchivedAt.IsZero() }

// rests reports whether a petition has ended and nobody owes or awaits anything
// about it. One that the body has not answered never rests, however old it is.
func (l *Profile) rests(p Petition) bool {
	return (p.State == Closed || p.State == Refused) && p.News == nil && l.Duty(p) == nil
}

// LastAct is when a petition that has ended was last changed by somebody, or
// the last moment at which somebody still could.
func (l *Profile) LastAct(p Petition) time.Time {
	acts := []time.Time{p.ended(), p.NewsAt}
	if p.State == Closed && !p.ClosesAt.IsZero() {
		acts = append(acts, p.ClosesAt.Add(l.grace())) // the last letters are confirmed
	}
	if p.Answer != nil {
		acts = append(acts, p.Answer.At)
	}
	for _, d := range p.Deliveries {
		acts = append(acts, d.At)
	}
	if c := p.OrgCheck; c != nil {
		acts = append(acts, c.At)
		if c.State == OrgAsked {
			acts = append(acts, c.Until)
		}
	}
	return slices.MaxFunc(acts, time.Time.Compare)
}

// ArchiveFrom is the moment from which an officer may archive a petition, as
// things stand; the zero time for never.
func (l *Profile) ArchiveFrom(p Petition) time.Time { return l.archiveAt(p, l.Archive.DeskAfter) }

// ArchiveDue is the moment at which the calendar archives a petition, as things
// stand; the zero time for never.
func (l *Profile) ArchiveDue(p Petition) time.Time { return l.archiveAt(p, l.Archive.After) }

func (l *Profile) archiveAt(p Petition, term Term) time.Time {
	if term.IsZero() || p.Archived() || !l.rests(p) {
		return time.Time{}
	}
	return l.end(term, l.LastAct(p))
}

// ToArchive is an officer's act: a petition that has ended goes to the archive.
//
//  1. What is there already stays as it is (ErrArchived).
//  2. Nothing is owed about it, and the law's term has passed (ErrState).
func (l *Profile) ToArchive(p Petition, officer OfficerID, now time.Time) (Change, error) {
	if p.Archived() {
		return Change{}, ErrArchived
	}
	if from := l.ArchiveFrom(p); from.IsZero() || now.Before(from) {
		return Change{}, ErrState
	}
	return archive(p, now, ActorOfficer(officer), nil), nil
}

// ArchiveDissolved is what the end of an assembly's term does to a petition
// that ended under it, once the law's days have passed: answered or not, it
// goes to the archive, for nobody is left to answer. False when it does
// nothing.
func (l *Profile) ArchiveDissolved(p Petition, on Date, now time.Time) (Change, bool) {
	if now.Before(l.ArchivesDissolved(on)) || l.ArchivesDissolved(on).IsZero() || p.Archived() {
		return Change{}, false
	}
	if p.State != Closed && p.State != Refused || p.CreatedAt.After(l.DissolvedAt(on)) {
		return Change{}, false
	}
	if p.State == Closed && now.Before(p.ClosesAt.Add(l.grace())) {
		return Change{}, false // a letter may still be confirmed
	}
	p.News = nil // nobody is left to publish them
	return archive(p, now, ActorCalendar, map[string]string{"on": on.String()}), true
}

// ArchivesDissolved is the moment at which what ended under an assembly that
// is dissolved on a day goes to the archive; the zero time for never.
func (l *Profile) ArchivesDissolved(on Date) time.Time {
	if on.IsZero() || l.Archive.Dissolved.IsZero() || l.Dissolution.Effect != DissolveStop {
		return time.Time{}
	}
	return l.end(l.Archive.Dissolved, l.DissolvedAt(on))
}

// archive dates the act with now, not with the day it was due: the petitioner
// has ContactLife from the letter on, also after a site was down for long.
func archive(p Petition, now time.Time, actor string, data map[string]string) Change {
	p.ArchivedAt = now
	return changed(p, EvArchived, now, actor, data)
}

// archiveStep is the line of the timeline about the archive. That a refusal
// goes there one day is no step to look forward to.
func (l *Profile) archiveStep(p Petition) []Step {
	if p.Archived() {
		return []Step{{Key: "archived", Status: Done, On: l.date(p.ArchivedAt)}}
	}
	if due := l.ArchiveDue(p); p.State == Closed && !due.IsZero() {
		return []Step{{Key: "archived", Status: Ahead, By: l.Today(due)}}
	}
	return nil
}
