package moderation

import (
	"context"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Mine is a petition as its petitioner sees it.
type Mine struct {
	Petition petition.Petition
	Events   []petition.Event
	Share    string
	Law      *petition.Profile
}

// Mine opens the petitioner's private page.
func (s *Service) Mine(ctx context.Context, token string) (Mine, error) {
	uid, err := s.mine(token)
	if err != nil {
		return Mine{}, err
	}
	p, events, err := s.o.Store.MinePetition(ctx, uid)
	if err != nil {
		return Mine{}, err
	}
	return Mine{Petition: p, Events: events, Share: s.ShareToken(uid), Law: s.o.Store.Laws().Of(p)}, nil
}

func (s *Service) mine(token string) (petition.UID, error) {
	id, err := s.o.Vault.OpenFixed("mine", token)
	if err != nil || len(id) != 16 {
		return petition.UID{}, store.ErrNotFound
	}
	return petition.UID(id), nil
}

// act changes the petition behind a private link.
func (s *Service) act(ctx context.Context, token string, f func(law *petition.Profile, p petition.Petition) (petition.Change, error)) error {
	m, err := s.Mine(ctx, token)
	if err != nil {
		return err
	}
	_, err = s.o.Store.Change(ctx, m.Petition.ID, s.o.Now(), func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		if m.Law == nil {
			return petition.Change{}, petition.ErrState
		}
		return f(m.Law, p)
	})
	return err
}

// maxWords is how long an appeal, a note or an answer may be, in characters.
const maxWords = 4000

// Appeal lodges the petitioner's appeal.
func (s *Service) Appeal(ctx context.Context, token, words string) error {
	words = petition.Clean(words)
	if err := petition.CheckText("appeal", words, maxWords, true).OrNil(); err != nil {
		return err
	}
	return s.act(ctx, token, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		return law.Lodge(p, words, s.o.Now())
	})
}

// Resubmit hands in a changed text after a return.
func (s *Service) Resubmit(ctx context.Context, token string, texts petition.Texts) error {
	return s.act(ctx, token, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		f := Form{Texts: texts, Lang: p.Lang}
		f.clean()
		if errs := law.CheckTexts(f.Texts, p.Lang); len(errs) > 0 {
			return petition.Change{}, errs
		}
		return law.Resubmit(p, f.Texts, s.o.Now())
	})
}

// WithdrawPetition takes the petition back.
func (s *Service) WithdrawPetition(ctx context.Context, token string) error {
	return s.act(ctx, token, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		return law.Withdraw(p, s.o.Now())
	})
}
