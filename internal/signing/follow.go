package signing

import (
	"context"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// checkFollow says whether there can still be news of a petition.
func checkFollow(p petition.Petition) error {
	if p.Archived() {
		return petition.ErrArchived
	}
	if p.State != petition.Open && p.State != petition.Closed {
		return petition.ErrClosed
	}
	return nil
}

// CanFollow reports whether a petition can be followed by letters.
func (s *Service) CanFollow(p store.Signing) error { return checkFollow(p.Petition) }

// RequestFollow keeps a subscription that waits and the letter with the link
// that makes it count, in one durable transaction. It answers the same for an
// address that follows, one that does not, and one that had its five letters.
// A subscription cannot be joined to a signature, and this needs none. mute is
// as with RequestWithdrawal.
func (s *Service) RequestFollow(ctx context.Context, p store.Signing, email string, lang petition.Lang, mute bool) error {
	if err := checkFollow(p.Petition); err != nil {
		return err
	}
	addr, err := identity.ParseAddress(email)
	if err != nil {
		return petition.FieldErrors{{Field: "email", Key: "email"}}
	}
	now := s.now()
	id := s.vault.Lookup("subscription/"+string(p.UID[:]), addr.Canon)
	c := claim{UID: p.UID, Expires: now.Add(LinkLife), Subscription: id[:]}
	sealed, err := letter.Letter{To: addr.Send, Lang: lang, Kind: letter.Follow, Args: map[string]string{
		"title": title(p.Petition, lang),
		"until": s.day(p, c.Expires),
		"link":  s.url + "/" + string(lang) + "/confirm/" + s.vault.Token(kindFollow, c.encode()),
	}}.Seal(s.vault, "", store.PriorityProof, now)
	if err != nil {
		return err
	}
	// The subscription's own name caps its letters: it is no nullifier of anybody.
	_, err = s.requests.do(ctx, store.NewPending{Petition: p.ID, Asker: id, Letter: sealed, Unsent: mute,
		Subscription: &store.NewSubscription{ID: id, Address: letter.SealAddress(s.vault, addr.Send), Lang: lang}})
	return err
}

// PeekFollow opens the link of a follower without using it. vault.ErrSealed:
// not a link of ours; ErrExpired: too old.
func (s *Service) PeekFollow(ctx context.Context, token string) (Link, error) {
	l, _, err := s.peekFollow(ctx, token, s.now())
	return l, err
}

func (s *Service) peekFollow(ctx context.Context, token string, now time.Time) (Link, claim, error) {
	c, k, err := s.resolve(ctx, kindFollow, token)
	if err == nil && !now.Before(c.Expires) {
		err = ErrExpired
	}
	return Link{Petition: k.Signing, Reading: k.reading}, c, err
}

// ConfirmFollow uses the link: news will come. Returned without error means
// durable; doing it again is harmless. One that was ended since is ErrExpired.
func (s *Service) ConfirmFollow(ctx context.Context, token string) (Link, error) {
	l, c, err := s.peekFollow(ctx, token, s.now())
	if err != nil {
		return l, err
	}
	found, err := s.store.ActivateSubscription(ctx, c.Subscription)
	if err == nil && !found {
		err = ErrExpired
	}
	l.Status, l.New = Counted, true
	return l, err
}
