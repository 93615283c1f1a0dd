package moderation

import (
	"context"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Hide takes a public petition from the public at once.
func (s *Service) Hide(ctx context.Context, who store.Staff, id petition.ID, reason, note string) error {
	note = petition.Clean(note)
	if err := petition.CheckText("note", note, maxWords, false).OrNil(); err != nil {
		return err
	}
	return s.deskAct(ctx, id, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		return law.Hide(p, reason, note, petition.OfficerID(who.ID), s.o.Now())
	})
}

// Remove confirms a colleague's hiding: the petition is gone for ever.
func (s *Service) Remove(ctx context.Context, who store.Staff, id petition.ID) error {
	return s.deskAct(ctx, id, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		return law.Remove(p, petition.OfficerID(who.ID), s.o.Now())
	})
}

// Lift ends a hiding: the petition is public again.
func (s *Service) Lift(ctx context.Context, who store.Staff, id petition.ID) error {
	return s.deskAct(ctx, id, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		return law.Lift(p, petition.OfficerID(who.ID), s.o.Now())
	})
}

// deskAct is an act of the desk under the petition's own law.
func (s *Service) deskAct(ctx context.Context, id petition.ID, decide func(*petition.Profile, petition.Petition) (petition.Change, error)) error {
	_, err := s.o.Store.Change(ctx, id, s.o.Now(), func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		law := s.o.Store.Laws().Of(p)
		if law == nil {
			return petition.Change{}, petition.ErrState
		}
		return decide(law, p)
	})
	return err
}
