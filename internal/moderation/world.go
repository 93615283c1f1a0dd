package moderation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// worldStep is how many petitions one look-up of the store hands out.
const worldStep = 500

// Compensate gives the days of measured outages back to the windows that ran,
// and returns how many there were. It comes before the calendar acts, so that
// nothing closes on a day that was given back.
//
// Order of effects: each petition by itself, then the outage is noted as given;
// a crash between gives nothing twice, since each petition knows its outages.
func (s *Service) Compensate(ctx context.Context) (int, error) {
	outages, err := s.o.Store.OpenOutages(ctx)
	if err != nil {
		return 0, err
	}
	given := 0
	for _, o := range outages {
		for _, profile := range s.compensating(o) {
			n, err := s.each(ctx, func(after petition.ID) ([]petition.ID, error) {
				return s.o.Store.WithWindows(ctx, profile, after, worldStep)
			}, func(law *petition.Profile, p petition.Petition) (petition.Change, bool) {
				return law.Extend(p, o, s.o.Now())
			})
			given += n
			if err != nil {
				return given, err
			}
		}
		if err := s.o.Store.OutageGiven(ctx, o); err != nil {
			return given, err
		}
	}
	return given, nil
}

// compensating are the profiles that may give days back for an outage.
func (s *Service) compensating(o petition.Outage) []string {
	seen := map[string]bool{}
	var ids []string
	for _, law := range s.o.Store.Laws() {
		d := law.Downtime
		if d.Compensate && o.To.Sub(o.From) >= time.Duration(d.FromHours)*time.Hour && !seen[law.ID] {
			seen[law.ID] = true
			ids = append(ids, law.ID)
		}
	}
	return ids
}

// Dissolve ends the petitions that the dissolution of the assembly on a day
// ends under the law of this deployment, and returns how many there were. It is
// repeated for as long as the day is set: a petition that was hidden at the
// time ends when it comes back.
func (s *Service) Dissolve(ctx context.Context) (int, error) {
	law, on := s.o.Law, s.o.Dissolved
	if on.IsZero() || law.TakesPetitions(on, s.o.Now()) {
		return 0, nil
	}
	return s.each(ctx, func(after petition.ID) ([]petition.ID, error) {
		return s.o.Store.Stoppable(ctx, law.ID, law.DissolvedAt(on), after, worldStep)
	}, func(law *petition.Profile, p petition.Petition) (petition.Change, bool) {
		return law.Dissolve(p, on, s.o.Now())
	})
}

// each lets decide change every petition that next hands out, in steps. One
// that cannot be changed is passed over, and its error returned at the end.
func (s *Service) each(ctx context.Context, next func(after petition.ID) ([]petition.ID, error),
	decide func(*petition.Profile, petition.Petition) (petition.Change, bool)) (int, error) {
	n := 0
	var last petition.ID
	var faults []error
	for {
		ids, err := next(last)
		if err != nil || len(ids) == 0 {
			return n, errors.Join(append(faults, err)...)
		}
		for _, id := range ids {
			err := s.change(ctx, id, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
				c, ok := decide(law, p)
				if !ok {
					return c, petition.ErrState
				}
				return c, nil
			})
			switch {
			case err == nil:
				n++
			case hopeless(ctx, err):
				return n, err
			case !errors.Is(err, petition.ErrState) && !errors.Is(err, store.ErrConflict):
				faults = append(faults, fmt.Errorf("moderation: petition %d: %w", id, err))
			}
		}
		last = ids[len(ids)-1]
	}
}
