package moderation

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// DataLife is how long the link to one's own data may be used.
const DataLife = time.Hour

const kindData = "data"

// AskData sends the petitioner a fresh letter with the link to the own data: a
// private page that somebody else has seen does not open the address.
func (s *Service) AskData(ctx context.Context, token string) error {
	m, err := s.Mine(ctx, token)
	if err != nil {
		return err
	}
	now := s.o.Now()
	_, err = s.o.Store.Change(ctx, m.Petition.ID, now, func(tx *store.Tx, p petition.Petition) (petition.Change, error) {
		if p.State == petition.Draft || m.Law == nil {
			return petition.Change{}, store.ErrNotFound
		}
		c, err := tx.Contact(p.ID)
		if errors.Is(err, store.ErrNotFound) {
			return petition.Change{}, petition.ErrState // it was destroyed
		} else if err != nil {
			return petition.Change{}, err
		}
		row, err := s.dataLetter(p, c, now)
		if err != nil {
			return petition.Change{}, err
		}
		return petition.Change{Petition: p}, tx.Enqueue(row)
	})
	return err
}

func (s *Service) dataLetter(p petition.Petition, c store.Contact, now time.Time) (store.Letter, error) {
	to, err := letter.OpenAddress(s.o.Vault, c.Sealed)
	if err != nil {
		return store.Letter{}, err
	}
	expires := now.Add(DataLife)
	claim := binary.BigEndian.AppendUint64(append([]byte{}, p.UID[:]...), uint64(expires.Unix()))
	t, _, _ := p.Texts.In(c.Lang, p.Lang)
	l := letter.Letter{To: to, Lang: c.Lang, Kind: letter.Data, Args: map[string]string{
		"title": t.Title, "until": s.o.Law.Today(expires).String(),
		"link": s.o.URL + "/" + string(c.Lang) + "/mine/" + s.o.Vault.Fixed("mine", p.UID[:]) + "/data/" + s.o.Vault.Token(kindData, claim),
	}}
	return l.Seal(s.o.Vault, "", store.PriorityProof, now)
}

// OwnData is everything that is kept about a petitioner.
type OwnData struct {
	Petition petition.Petition
	Events   []petition.Event
	Versions []store.TextVersion
	Address  string // "" once it was destroyed
	Lang     petition.Lang
	Law      *petition.Profile
}

// openData proves that the reader had the letter: data is the fresh link's
// token and must be of the petition of the private page's token.
func (s *Service) openData(ctx context.Context, token, data string) (Mine, error) {
	m, err := s.Mine(ctx, token)
	if err != nil {
		return m, err
	}
	b, err := s.o.Vault.OpenToken(kindData, data)
	if err != nil {
		return m, err
	}
	if len(b) != 24 || petition.UID(b[:16]) != m.Petition.UID {
		return m, store.ErrNotFound
	}
	if !s.o.Now().Before(time.Unix(int64(binary.BigEndian.Uint64(b[16:])), 0)) {
		return m, ErrExpired
	}
	return m, nil
}

// OwnData opens the petitioner's own data; only here the address leaves its seal.
func (s *Service) OwnData(ctx context.Context, token, data string) (OwnData, error) {
	m, err := s.openData(ctx, token, data)
	if err != nil {
		return OwnData{}, err
	}
	out := OwnData{Petition: m.Petition, Events: m.Events, Law: m.Law}
	if out.Versions, err = s.o.Store.MineVersions(ctx, m.Petition.ID); err != nil {
		return out, err
	}
	c, err := s.o.Store.MineContact(ctx, m.Petition.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return out, nil
	case err != nil:
		return out, err
	}
	out.Lang = c.Lang
	out.Address, err = letter.OpenAddress(s.o.Vault, c.Sealed)
	return out, err
}

// Erase destroys the petitioner's contact, and the name where the law allows.
func (s *Service) Erase(ctx context.Context, token, data string) error {
	m, err := s.openData(ctx, token, data)
	if err != nil {
		return err
	}
	now := s.o.Now()
	return s.o.Store.EraseContact(ctx, m.Petition.ID, now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		law := s.o.Store.Laws().Of(p)
		if law == nil {
			return petition.Change{}, petition.ErrState
		}
		return law.Erase(p, now)
	})
}

// Versions are all versions of a petition's text.
func (s *Service) Versions(ctx context.Context, id petition.ID) ([]store.TextVersion, error) {
	return s.o.Store.MineVersions(ctx, id)
}
