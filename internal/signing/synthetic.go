package signing

import (
	"context"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// What the benchmark signs with: signers who do not exist, and have no address
// that could prove them. Nothing that answers a request calls these.

// Synthetic counts a signer who does not exist through the pool, as Confirm
// does once it has opened the link. ErrFull when the pool has no room.
func (s *Service) Synthetic(ctx context.Context, uid petition.UID, nb vault.Hash, place string) error {
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
	_, err = s.add(ctx, k, claim{UID: uid, Blind: nb, Place: place})
	return err
}

// SyntheticLink is the token of the link that a signer who does not exist
// would have been sent.
func (s *Service) SyntheticLink(p store.Signing, nb vault.Hash, place string) string {
	return s.vault.Token(kindSign, claim{UID: p.UID, Blind: nb, Expires: s.expires(p, s.now()), Place: place}.encode())
}
