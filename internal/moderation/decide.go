package moderation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// ErrNotYours says that an officer of one body acts for another.
var ErrNotYours = errors.New("moderation: petition to another body")

// MaxAnswer is the length of each part of an answer, in grapheme clusters.
const MaxAnswer = maxWords

// Answers are the petitions to a body that wait for its answer under their law,
// the longest waiting first, and those it has answered, the latest first.
func (s *Service) Answers(ctx context.Context, body string, limit int) ([]petition.Petition, error) {
	if body == "" {
		return nil, nil // an officer of no body
	}
	list, err := s.o.Store.DeskAnswers(ctx, body, limit)
	return slices.DeleteFunc(list, func(p petition.Petition) bool {
		law := s.o.Store.Laws().Of(p)
		return law == nil || p.Answer == nil && law.Duty(p) == nil
	}), err
}

// Case is a petition as an officer sees it.
func (s *Service) Case(ctx context.Context, id petition.ID) (petition.Petition, []petition.Event, *petition.Profile, error) {
	p, events, err := s.o.Store.DeskPetition(ctx, id)
	if err != nil {
		return p, nil, nil, err
	}
	if p.State == petition.Draft {
		return p, nil, nil, store.ErrNotFound // nobody has proven to have written it
	}
	law := s.o.Store.Laws().Of(p)
	if law == nil {
		return p, nil, nil, store.ErrNotFound
	}
	p.Count = p.Seen()
	return p, events, law, nil
}

// Verdict is a filled-in decision form.
type Verdict struct {
	Verdict petition.Verdict
	Reason  string
	Note    string
	Version int // of the text the officer read
}

// Decide is an officer's decision on a petition in moderation or under appeal.
func (s *Service) Decide(ctx context.Context, who store.Staff, id petition.ID, v Verdict) (petition.Petition, error) {
	note := petition.Clean(v.Note)
	if err := petition.CheckText("note", note, maxWords, false).OrNil(); err != nil {
		return petition.Petition{}, err
	}
	now := s.o.Now()
	return s.o.Store.Change(ctx, id, now, func(tx *store.Tx, p petition.Petition) (petition.Change, error) {
		law := s.o.Store.Laws().Of(p)
		if law == nil {
			return petition.Change{}, petition.ErrState
		}
		if err := s.letGo(tx, who, id, now); err != nil {
			return petition.Change{}, err
		}
		return law.Decide(p, petition.Decision{Verdict: v.Verdict, Reason: v.Reason, Note: note,
			TextVersion: v.Version, Officer: petition.OfficerID(who.ID)}, now)
	})
}

// Answer records the body's answer. An officer answers for their own body
// only: ErrNotYours.
func (s *Service) Answer(ctx context.Context, who store.Staff, id petition.ID, outcome string, texts petition.Texts) error {
	return s.Record(ctx, who, id, Reply{Outcome: outcome, Texts: texts})
}

// tickStep is how many petitions the calendar moves in one transaction: few
// enough that signatures, which wait for the same writer, hardly notice.
const tickStep = 8

// Ticked counts the acts of the calendar by kind.
type Ticked map[petition.EventKind]int

// Sum is how many acts there were.
func (t Ticked) Sum() (n int) {
	for _, k := range t {
		n += k
	}
	return n
}

// Tick lets the calendar act on everything that is due: terms that ran out,
// closes, purges. It catches up after downtime, act by act, and returns which
// acts there were. An act that another server did meanwhile is no error. A
// petition that cannot be moved (its law is unknown here, its record cannot be
// read) is passed over, so that no other waits for it; its error is returned
// with the rest at the end.
func (s *Service) Tick(ctx context.Context) (Ticked, error) {
	done, stuck := Ticked{}, map[petition.ID]bool{}
	var faults []error
	for {
		limit := 200 + len(stuck)
		ids, err := s.o.Store.Due(ctx, s.o.Now(), limit)
		if err != nil {
			return done, errors.Join(append(faults, err)...)
		}
		full := len(ids) == limit
		ids = slices.DeleteFunc(ids, func(id petition.ID) bool { return stuck[id] })
		before := done.Sum()
		for step := range slices.Chunk(ids, tickStep) {
			err := s.paced(ctx, func() error { return s.tickSome(ctx, step, done, stuck) })
			if hopeless(ctx, err) {
				return done, errors.Join(append(faults, err)...)
			}
			if err != nil {
				faults = append(faults, err)
			}
		}
		if done.Sum() == before && !full {
			return done, errors.Join(faults...)
		}
	}
}

// paced runs a step at the pace of the deployment.
func (s *Service) paced(ctx context.Context, step func() error) error {
	if s.o.Pace == nil {
		return step()
	}
	return s.o.Pace(ctx, step)
}

// tickSome does what is due for a few petitions in one transaction; when that
// fails each is tried alone, and those that do not move are stuck.
func (s *Service) tickSome(ctx context.Context, ids []petition.ID, done Ticked, stuck map[petition.ID]bool) error {
	moved, err := s.tick(ctx, ids, done)
	if err != nil && len(ids) > 1 && !hopeless(ctx, err) {
		var faults []error
		for _, id := range ids {
			if err := s.tickSome(ctx, []petition.ID{id}, done, stuck); err != nil {
				if faults = append(faults, err); hopeless(ctx, err) {
					break
				}
			}
		}
		return errors.Join(faults...)
	}
	for _, id := range ids {
		if !moved[id] {
			stuck[id] = true
		}
	}
	if err != nil {
		err = fmt.Errorf("moderation: petition %d: %w", ids[0], err)
	}
	return err
}

// tick does the one act that is due for each and reports which moved.
func (s *Service) tick(ctx context.Context, ids []petition.ID, done Ticked) (map[petition.ID]bool, error) {
	now := s.o.Now()
	changes, err := s.o.Store.ChangeEach(ctx, ids, now, func(p petition.Petition) (petition.Change, bool) {
		law := s.o.Store.Laws().Of(p)
		if law == nil {
			return petition.Change{}, false
		}
		return law.Tick(p, now)
	})
	moved := map[petition.ID]bool{}
	for _, c := range changes {
		moved[c.Petition.ID] = true
		for _, e := range c.Events {
			done[e.Kind]++
		}
	}
	if errors.Is(err, store.ErrConflict) {
		err = nil // another server was first
	}
	return moved, err
}

// hopeless reports whether the next petition would fail in the same way.
func hopeless(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, store.ErrDisk) || errors.Is(err, store.ErrUnavailable)
}

// ShowCounts lets the public counts of small petitions follow in their steps.
func (s *Service) ShowCounts(ctx context.Context) error {
	var last petition.ID
	var faults []error
	for {
		ids, err := s.o.Store.Unshown(ctx, last, 500)
		if err != nil || len(ids) == 0 {
			return errors.Join(append(faults, err)...)
		}
		for _, id := range ids {
			if err := s.o.Store.Show(ctx, id, s.o.Now()); hopeless(ctx, err) {
				return err
			} else if err != nil {
				faults = append(faults, fmt.Errorf("moderation: petition %d: %w", id, err))
			}
		}
		last = ids[len(ids)-1]
	}
}
