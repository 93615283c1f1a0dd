package signing

import (
	"context"
	"fmt"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/petition"
)

// Replay counts the i-th synthetic signer of a petition that replays a
// document, from a place (or none), on the day the service's clock says. It
// takes the same way as a person's signature, through the pool, and the i-th
// signer is the same one every time: a replay that was cut off is run again.
func (s *Service) Replay(ctx context.Context, uid petition.UID, i int64, place string) error {
	k, err := s.recent(ctx, uid)
	if err != nil {
		return err
	}
	if k.Salt == nil {
		return petition.ErrClosed // its keys were destroyed after the close
	}
	if err := s.checkReplay(k); err != nil {
		return err
	}
	// No address looks like this: one has an @.
	nb := s.broker.Blind(k.UID, k.Salt, identity.Address{Canon: fmt.Sprintf("replay %d", i)})
	_, err = s.add(ctx, k, claim{UID: uid, Blind: nb, Place: place})
	return err
}

func (s *Service) checkReplay(k known) error {
	law := s.store.Laws().Of(k.Petition)
	if law == nil {
		return petition.ErrState
	}
	return law.CheckConfirm(k.Petition, s.now())
}
