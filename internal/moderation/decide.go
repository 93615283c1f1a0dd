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

// Tick lets the calendar act on everything that is due: terms that ran out,
// closes, purges. It catches up after downtime, act by act, and returns how
// many there were. An act that another server did meanwhile is no error. A
// petition that cannot be moved (its law is unknown here, its record cannot be
// read) is passed over, so that no other waits for it; its error is returned
// with the rest at the end.
func (s *Service) Tick(ctx context.Context) (int, error) {
	done, stuck := 0, map[petition.ID]bool{}
	var faults []error
	for {
		limit := 200 + len(stuck)
		ids, err := s.o.Store.Due(ctx, s.o.Now(), limit)
		if err != nil {
			return done, errors.Join(append(faults, err)...)
		}
		before := done
		for _, id := range ids {
			if stuck[id] {
				continue
			}
			acted, err := s.tick(ctx, id)
			if hopeless(ctx, err) {
				return done, errors.Join(append(faults, err)...)
			}
			if err != nil {
				faults = append(faults, fmt.Errorf("moderation: petition %d: %w", id, err))
			}
			if acted {
				done++
			} else {
				stuck[id] = true
			}
		}
		if done == before && len(ids) < limit {
			return done, errors.Join(faults...)
		}
	}
}

// hopeless reports whether the next petition would fail in the same way.
func hopeless(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrUnavailable)
}

// tick does the one act that is due and reports whether there was one.
func (s *Service) tick(ctx context.Context, id petition.ID) (bool, error) {
	now := s.o.Now()
	purge := false
	_, err := s.o.Store.Change(ctx, id, now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		law := s.o.Store.Laws().Of(p)
		if law == nil {
			return petition.Change{}, petition.ErrState
		}
		c, ok := law.Tick(p, now)
		if !ok {
			return c, petition.ErrState
		}
		if !c.Petition.PurgedAt.IsZero() {
			purge = true
			return c, petition.ErrState
		}
		return c, nil
	})
	if purge {
		err = s.o.Store.Purge(ctx, id, now)
	}
	if errors.Is(err, petition.ErrState) || errors.Is(err, store.ErrConflict) {
		return false, nil
	}
	return err == nil, err
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
