package moderation

import (
	"context"
	"errors"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// other finds the second petition of a merge by its public number.
func (s *Service) other(ctx context.Context, number int64) (petition.ID, error) {
	v, err := s.o.Store.PublicPetition(ctx, number)
	if errors.Is(err, store.ErrNotFound) || err == nil && v.Origin != store.Here {
		return 0, petition.FieldErrors{{Field: "merge_number", Key: "merge_number"}}
	}
	return v.ID, err
}

// MergeOf are the petition behind token and the one with this number, to read
// before they are merged. A number that is none of ours is a fault of its field.
func (s *Service) MergeOf(ctx context.Context, token string, number int64) (mine, other petition.Petition, err error) {
	m, err := s.Mine(ctx, token)
	if err != nil {
		return mine, other, err
	}
	id, err := s.other(ctx, number)
	if err != nil {
		return mine, other, err
	}
	other, _, _, err = s.Case(ctx, id)
	return m.Petition, other, err
}

// ProposeMerge asks another open petition to take the followers of this one.
func (s *Service) ProposeMerge(ctx context.Context, token string, number int64) error {
	m, err := s.Mine(ctx, token)
	if err != nil {
		return err
	}
	other, err := s.other(ctx, number)
	if err != nil {
		return err
	}
	if other == m.Petition.ID {
		return petition.FieldErrors{{Field: "merge_number", Key: "merge_number"}}
	}
	now := s.o.Now()
	err = s.o.Store.ChangeBoth(ctx, m.Petition.ID, other, now, func(a, b petition.Petition) (petition.Change, petition.Change, error) {
		return petition.ProposeMerge(a, b, now)
	})
	if errors.Is(err, petition.ErrState) {
		return petition.FieldErrors{{Field: "merge_number", Key: "merge_number"}}
	}
	return err
}

// AnswerMerge is the consent of the petitioner behind token to the petition
// with this number, or the refusal.
func (s *Service) AnswerMerge(ctx context.Context, token string, number int64, accept bool) error {
	m, err := s.Mine(ctx, token)
	if err != nil {
		return err
	}
	other, err := s.other(ctx, number)
	if err != nil {
		return err
	}
	now, act := s.o.Now(), petition.DeclineMerge
	if accept {
		act = petition.AcceptMerge
	}
	return s.o.Store.ChangeBoth(ctx, other, m.Petition.ID, now, func(a, b petition.Petition) (petition.Change, petition.Change, error) {
		return act(a, b, now)
	})
}
