package moderation

import (
	"context"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Rehearse is the change that Decide would make now, with the errors of Decide;
// nothing is saved.
func (s *Service) Rehearse(ctx context.Context, who store.Staff, id petition.ID, v Verdict) (petition.Change, error) {
	note := petition.Clean(v.Note)
	if err := petition.CheckText("note", note, maxWords, false).OrNil(); err != nil {
		return petition.Change{}, err
	}
	p, _, law, err := s.Case(ctx, id)
	if err != nil {
		return petition.Change{}, err
	}
	now := s.o.Now()
	claims, err := s.o.Store.Claims(ctx, now, id)
	if err != nil {
		return petition.Change{}, err
	}
	if c := claims[id]; c.Holds(who.ID, now) {
		return petition.Change{}, &ClaimedError{c}
	}
	return law.Decide(p, petition.Decision{Verdict: v.Verdict, Reason: v.Reason, Note: note,
		TextVersion: v.Version, Officer: petition.OfficerID(who.ID)}, now)
}
