package petition

import (
	"slices"
	"time"
)

// Phase is what a page says of a petition on a day: derived from what was
// decided, never stored.
type Phase struct {
	Key      string // draft, supporting, moderation, moderation-overdue, collecting, awaiting-answer, answer-overdue, answered, unanswered, closed, refused, appealed, ...
	Until    Date   // last day of the running term; zero when there is none
	DaysLeft int    // civil days until Until; negative when it has passed
	Stage    string // the stage the phase speaks of, when it does
}

// PhaseOf derives the phase of p at now.
func (l *Profile) PhaseOf(p Petition, now time.Time) Phase {
	today := l.Today(now)
	switch p.State {
	case Supporting:
		return l.running("supporting", p.SupportUntil, today)
	case Authorising:
		ph := l.running("authorising", p.DecideBy, today)
		if p.Asked() == nil && ph.DaysLeft < 0 {
			ph.Key = "moderation-overdue" // nobody has written to a member
		}
		return ph
	case Moderation, Appealed:
		ph := l.running(string(p.State), p.DecideBy, today)
		if p.Escalated && p.State == Moderation {
			ph.Key = "moderation-escalated"
		}
		if ph.DaysLeft < 0 {
			ph.Key = "moderation-overdue"
		}
		return ph
	case Open:
		if p.Kind == KindProposal {
			if ph := l.afterClose(p, today); ph.Key != "closed" {
				return ph // asked for its answer from the first day
			}
		}
		return l.running("collecting", p.ClosesAt, today)
	case Closed:
		return l.afterClose(p, today)
	}
	return Phase{Key: string(p.State)}
}

// running is a phase whose term ends with the moment until.
func (l *Profile) running(key string, until time.Time, today Date) Phase {
	if until.IsZero() {
		return Phase{Key: key}
	}
	last := l.Today(until.Add(-time.Nanosecond))
	return Phase{Key: key, Until: last, DaysLeft: today.DaysUntil(last)}
}

func (l *Profile) afterClose(p Petition, today Date) Phase {
	if p.Answer != nil {
		return Phase{Key: "answered"}
	}
	if p.Stopped() {
		return Phase{Key: "stopped"}
	}
	if p.Archived() && l.asked(p) != nil {
		return Phase{Key: "unanswered"}
	}
	if due := l.Duty(p); due != nil {
		ph := Phase{Key: "awaiting-answer", Stage: due.Stage, Until: due.AnswerBy}
		if !due.AnswerBy.IsZero() {
			ph.DaysLeft = today.DaysUntil(due.AnswerBy)
			if ph.DaysLeft < 0 {
				ph.Key = "answer-overdue"
			}
		}
		return ph
	}
	return Phase{Key: "closed"}
}

// Duty is what the body was asked for and did not answer: of the stages
// reached, the one whose term ends first, so that a later stage without a term
// hides no missed one; else the highest. Nil when nothing is owed or expected.
func (l *Profile) Duty(p Petition) *StageReached {
	if p.Answer != nil || p.Stopped() || p.Archived() {
		return nil
	}
	return l.asked(p)
}

// asked is what the body was asked for, answered or not.
func (l *Profile) asked(p Petition) *StageReached {
	var due *StageReached
	for i := len(p.Stages) - 1; i >= 0; i-- {
		r := &p.Stages[i]
		if s, ok := l.Stage(r.Stage); !ok || s.Actor != "body" {
			continue
		}
		if due == nil || !r.AnswerBy.IsZero() && (due.AnswerBy.IsZero() || r.AnswerBy.Before(due.AnswerBy)) {
			due = r
		}
	}
	return due
}

// StepStatus tells where a step of the law stands.
type StepStatus string

// The statuses of a step.
const (
	Done    StepStatus = "done"
	Current StepStatus = "current"
	Ahead   StepStatus = "ahead"
	Overdue StepStatus = "overdue"
)

// Step is one line of a petition's timeline.
type Step struct {
	Key       string // started, supporting, moderation, stage, delivery, answer, closed, refused, appealed, appeal-open, lapsed, withdrawn, hidden, removed, archived
	Stage     string // for stage, delivery and answer
	Threshold int64  // for supporting and stage
	Status    StepStatus
	On        Date // when it was done
	By        Date // by when it is due
}

// Steps is the law's timeline for p at now: what was done, what runs, what is
// overdue and what lies ahead.
func (l *Profile) Steps(p Petition, now time.Time) []Step {
	today := l.Today(now)
	steps := []Step{{Key: "started", Status: Done, On: l.date(p.CreatedAt)}}
	before, after := l.supportStep(p, today), []Step(nil)
	if l.Support.AfterCheck {
		before, after = nil, before
	}
	steps = append(append(append(steps, before...), l.memberStep(p, today)...), l.moderationStep(p, today))
	steps = append(steps, after...)
	switch p.State {
	case Refused, Appealed:
		return append(append(steps, l.refusalSteps(p, today)...), l.archiveStep(p)...)
	case Lapsed, Withdrawn, Hidden, Removed:
		return l.endedSteps(p, append(steps, l.publicSteps(p, today)...))
	}
	return append(append(steps, l.publicSteps(p, today)...), l.archiveStep(p)...)
}

// supportStep is the link-only stage; none where the law has it not.
func (l *Profile) supportStep(p Petition, today Date) []Step {
	if p.Kind != KindPetition || l.Support.Threshold == 0 {
		return nil
	}
	done := p.QueuedAt
	if l.Support.AfterCheck {
		done = p.OpenedAt
	} else if done.IsZero() {
		done = p.SupportedAt
	}
	return []Step{l.status(Step{Key: "supporting", Threshold: l.Support.Threshold, By: l.lastDay(p.SupportUntil)},
		p.State == Supporting, done, today)}
}

// memberStep is the member of the assembly; none where the law asks for none.
func (l *Profile) memberStep(p Petition, today Date) []Step {
	if l.Authoriser.Tries == 0 || p.Kind == KindProposal {
		return nil
	}
	s := Step{Key: "authorising"}
	var done time.Time
	if a := p.Authorised(); a != nil {
		done = a.At
	} else if p.State == Authorising {
		s.By = l.lastDay(p.DecideBy)
	}
	return []Step{l.status(s, p.State == Authorising, done, today)}
}

func (l *Profile) moderationStep(p Petition, today Date) Step {
	s := Step{Key: "moderation"}
	if p.State != Authorising {
		s.By = l.lastDay(p.DecideBy)
	}
	decided := p.CheckedAt
	for _, t := range []time.Time{p.OpenedAt, p.RefusedAt} {
		if decided.IsZero() {
			decided = t
		}
	}
	return l.status(s, p.State == Moderation, decided, today)
}

// endedSteps keeps what was done and says how it ended.
func (l *Profile) endedSteps(p Petition, steps []Step) []Step {
	steps = slices.DeleteFunc(steps, func(s Step) bool { return s.Status != Done })
	if p.State == Hidden {
		return append(steps, Step{Key: "hidden", Status: Current, On: l.date(p.Hiding.At), By: l.lastDay(p.Hiding.Until)})
	}
	return append(steps, Step{Key: string(p.State), Status: Done, On: l.date(p.ended())})
}

func (l *Profile) refusalSteps(p Petition, today Date) []Step {
	steps := []Step{{Key: "refused", Status: Done, On: l.date(p.RefusedAt)}}
	if p.State == Appealed {
		steps = append(steps, l.status(Step{Key: "appealed", By: l.lastDay(p.DecideBy)}, true, time.Time{}, today))
	} else if !p.AppealUntil.IsZero() && !l.lastDay(p.AppealUntil).Before(today) {
		steps = append(steps, Step{Key: "appeal-open", Status: Ahead, By: l.lastDay(p.AppealUntil)})
	}
	return steps
}

func (l *Profile) publicSteps(p Petition, today Date) []Step {
	var steps []Step
	current := p.State == Open
	for _, st := range l.Stages {
		if p.Kind == KindProposal {
			break // no threshold applies
		}
		s := Step{Key: "stage", Stage: st.ID, Threshold: p.Needed(st)}
		r, done := p.Reached(st.ID)
		steps = append(steps, l.status(s, current && !done, r.At, today))
		current = current && done
	}
	for _, d := range p.Deliveries {
		steps = append(steps, Step{Key: "delivery", Stage: d.Stage, Status: Done, On: d.On})
	}
	wait := l.Undelivered(p)
	for _, s := range wait {
		steps = append(steps, Step{Key: "delivery", Stage: s.ID, Status: Current})
	}
	if due := l.Duty(p); due != nil {
		s := Step{Key: "answer", Stage: due.Stage, By: due.AnswerBy}
		asked := !slices.ContainsFunc(wait, func(s Stage) bool { return s.ID == due.Stage })
		steps = append(steps, l.status(s, asked, time.Time{}, today))
	} else if p.Answer != nil {
		steps = append(steps, Step{Key: "answer", Status: Done, On: l.date(p.Answer.At)})
	}
	closed := l.status(Step{Key: "closed", By: l.lastDay(p.ClosesAt)}, false, p.ClosedAt, today)
	at := len(steps)
	for closed.Status == Done && at > 0 && steps[at-1].Key != "stage" && !onBy(steps[at-1], closed.On) {
		at-- // a body is asked and answers after signing has ended, too
	}
	return slices.Insert(steps, at, closed)
}

// onBy reports whether a step was done, or was due, on a day or before it.
func onBy(s Step, day Date) bool {
	if s.Status == Done {
		return !day.Before(s.On)
	}
	return !s.By.IsZero() && !day.Before(s.By)
}

func (l *Profile) status(s Step, running bool, done time.Time, today Date) Step {
	switch {
	case !done.IsZero():
		s.Status, s.On = Done, l.date(done)
	case running && !s.By.IsZero() && s.By.Before(today):
		s.Status = Overdue
	case running:
		s.Status = Current
	default:
		s.Status = Ahead
	}
	return s
}

func (l *Profile) date(t time.Time) Date {
	if t.IsZero() {
		return Date{}
	}
	return l.Today(t)
}

// lastDay is the last day of a term that ends with the moment end.
func (l *Profile) lastDay(end time.Time) Date {
	if end.IsZero() {
		return Date{}
	}
	return l.Today(end.Add(-time.Nanosecond))
}
