package moderation

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Handing is a filled-in form of a delivery.
type Handing struct {
	Stage     string
	On        petition.Date
	Channel   petition.Channel
	Ref       string
	Documents []Document
}

// Deliver records that a petition was handed to its body at a stage. An officer
// of a body does so for that body only: ErrNotYours.
func (s *Service) Deliver(ctx context.Context, who store.Staff, id petition.ID, h Handing) error {
	if err := checkDocuments(h.Documents); err != nil {
		return err
	}
	d := petition.Delivery{Stage: h.Stage, On: h.On, Channel: h.Channel, Ref: petition.Clean(h.Ref), By: petition.OfficerID(who.ID)}
	return s.byOfficer(ctx, who, id, func(tx *store.Tx, law *petition.Profile, p petition.Petition) (c petition.Change, err error) {
		if d.Files, err = keepDocuments(tx, h.Documents); err != nil {
			return c, err
		}
		return law.Deliver(p, d, s.o.Now())
	})
}

// byOfficer is a change by an officer who may act for the petition's body.
func (s *Service) byOfficer(ctx context.Context, who store.Staff, id petition.ID, decide func(*store.Tx, *petition.Profile, petition.Petition) (petition.Change, error)) error {
	_, err := s.o.Store.Change(ctx, id, s.o.Now(), func(tx *store.Tx, p petition.Petition) (petition.Change, error) {
		if who.Role == store.Officer && (who.Body == "" || p.Body != who.Body) {
			return petition.Change{}, ErrNotYours
		}
		law := s.o.Store.Laws().Of(p)
		if law == nil {
			return petition.Change{}, petition.ErrState
		}
		return decide(tx, law, p)
	})
	return err
}

// Reply is a filled-in form of an answer.
type Reply struct {
	Outcome   string
	Texts     petition.Texts
	Source    string        // where an answer was found that came by another way
	Received  petition.Date // the day it came; zero for today
	Documents []Document
}

// Record is Answer with documents, and with the source of an answer that came
// by another way.
func (s *Service) Record(ctx context.Context, who store.Staff, id petition.ID, r Reply) error {
	f := Form{Texts: r.Texts}
	f.clean()
	delete(f.Texts, "")
	if err := checkReply(r.Outcome, f.Texts); err != nil {
		return err
	}
	if err := checkDocuments(r.Documents); err != nil {
		return err
	}
	a := petition.Answer{Outcome: r.Outcome, Texts: f.Texts, By: petition.OfficerID(who.ID), Source: petition.Clean(r.Source), Received: r.Received}
	return s.byOfficer(ctx, who, id, func(tx *store.Tx, law *petition.Profile, p petition.Petition) (c petition.Change, err error) {
		if a.Files, err = keepDocuments(tx, r.Documents); err != nil {
			return c, err
		}
		return law.Respond(p, a, s.o.Now())
	})
}

func checkReply(outcome string, texts petition.Texts) error {
	switch outcome {
	case "satisfied", "partly", "refused":
	default:
		return petition.FieldErrors{{Field: "outcome", Key: "unknown"}}
	}
	if len(texts) == 0 {
		return petition.FieldErrors{{Field: "answer", Key: "required"}}
	}
	for _, t := range texts {
		for _, part := range []string{t.Title, t.Ask, t.Details} {
			if err := petition.CheckText("answer", part, MaxAnswer, false).OrNil(); err != nil {
				return err
			}
		}
	}
	return nil
}

// The reminders of a body, each sent once for each term.
const (
	SoonDays     = 3 // working days before the last day of a term: from then on it is near
	remindStep   = 200
	remindSoon   = string(letter.BodyDue)
	remindMissed = string(letter.BodyOverdue)
)

// Remind writes to the published contacts of bodies whose term ends within
// three working days, and of those that have missed one; it returns how many
// letters it queued. A body without a contact is noted as reminded.
func (s *Service) Remind(ctx context.Context) (int, error) {
	today := s.o.Law.Today(s.o.Now())
	// A day more on each side: other laws have other calendars and zones.
	n, err := s.remind(ctx, remindMissed, today.AddDays(1))
	if err != nil {
		return n, err
	}
	soon, err := s.remind(ctx, remindSoon, s.o.Law.Calendar.AddWorkdays(today, SoonDays+1).AddDays(1))
	return n + soon, err
}

func (s *Service) remind(ctx context.Context, kind string, before petition.Date) (int, error) {
	ids, err := s.o.Store.RunningDuties(ctx, kind, before, remindStep)
	if err != nil {
		return 0, err
	}
	n := 0
	var faults []error
	for _, id := range ids {
		now := s.o.Now()
		told, err := s.o.Store.Remind(ctx, id, kind, now, func(p petition.Petition) (petition.Date, *store.Letter, error) {
			return s.reminder(ctx, p, kind)
		})
		if hopeless(ctx, err) {
			return n, err
		} else if err != nil {
			faults = append(faults, fmt.Errorf("moderation: petition %d: %w", id, err))
		}
		if told {
			n++
		}
	}
	return n, errors.Join(faults...)
}

// reminder is the letter of one kind about p; the zero date when it is not time
// for it, no letter when there is nobody to write to, or when it is too late.
func (s *Service) reminder(ctx context.Context, p petition.Petition, kind string) (petition.Date, *store.Letter, error) {
	law := s.o.Store.Laws().Of(p)
	if law == nil || !p.State.Public() {
		return petition.Date{}, nil, nil
	}
	due, today := law.Duty(p), law.Today(s.o.Now())
	if due == nil || due.AnswerBy.IsZero() {
		return petition.Date{}, nil, nil
	}
	by := due.AnswerBy
	switch missed := by.Before(today); {
	case kind == remindMissed && !missed, !missed && law.Calendar.Workdays(today, by) > SoonDays:
		return petition.Date{}, nil, nil
	case kind == remindSoon && missed:
		return by, nil, nil
	}
	body, err := s.o.Store.Body(ctx, p.Body)
	if errors.Is(err, store.ErrNotFound) || err == nil && body.Email == "" {
		return by, nil, nil
	} else if err != nil {
		return by, nil, err
	}
	row, err := s.bodyLetter(law, p, due, body.Email, letter.Kind(kind)).Seal(s.o.Vault,
		fmt.Sprintf("remind-%d-%s-%s", p.ID, by, kind), store.PriorityActs, s.o.Now())
	return by, &row, err
}

// bodyLetter is written in the first language of the law.
func (s *Service) bodyLetter(law *petition.Profile, p petition.Petition, due *petition.StageReached, to string, kind letter.Kind) letter.Letter {
	lang := p.Lang
	if len(law.Languages) > 0 {
		lang = law.Languages[0].Lang
	}
	text, _, _ := p.Texts.In(lang, p.Lang, "kk", "ru", "en")
	stage, _ := law.Stage(due.Stage)
	name := stage.Name[lang]
	if name == "" {
		name = due.Stage
	}
	args := map[string]string{"title": text.Title, "stage": name, "until": due.AnswerBy.String(),
		"page": fmt.Sprintf("%s/%s/petitions/%d", strings.TrimSuffix(s.o.URL, "/"), lang, p.Number)}
	if law.Binding != petition.Official {
		args["notice"] = "yes"
	}
	return letter.Letter{To: to, Lang: lang, Kind: kind, Args: args}
}
