package moderation

import (
	"context"
	"errors"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Ripe are the petitions that an officer may send to the archive now, the
// longest at rest first, and how many there are in all.
func (s *Service) Ripe(ctx context.Context, limit int) ([]petition.Petition, int, error) {
	return s.o.Store.DeskRipe(ctx, s.o.Now(), limit)
}

// Archive sends petitions to the archive, each by itself, and returns how many
// went. One that was changed or archived meanwhile stays as it is.
func (s *Service) Archive(ctx context.Context, who store.Staff, ids []petition.ID) (int, error) {
	n := 0
	for _, id := range ids {
		err := s.deskAct(ctx, id, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
			return law.ToArchive(p, petition.OfficerID(who.ID), s.o.Now())
		})
		switch {
		case err == nil:
			n++
		case errors.Is(err, petition.ErrState), errors.Is(err, petition.ErrArchived), errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrNotFound):
		default:
			return n, err
		}
	}
	return n, nil
}

// ArchiveDissolved sends to the archive what ended under the assembly that was
// dissolved, once the law's days have passed, and returns how many there were.
// Like Dissolve it is repeated for as long as the day is set.
func (s *Service) ArchiveDissolved(ctx context.Context) (int, error) {
	law, on := s.o.Law, s.o.Dissolved
	if at := law.ArchivesDissolved(on); at.IsZero() || s.o.Now().Before(at) {
		return 0, nil
	}
	return s.each(ctx, func(after petition.ID) ([]petition.ID, error) {
		return s.o.Store.Ended(ctx, law.ID, law.DissolvedAt(on), after, worldStep)
	}, func(law *petition.Profile, p petition.Petition) (petition.Change, bool) {
		return law.ArchiveDissolved(p, on, s.o.Now())
	})
}
