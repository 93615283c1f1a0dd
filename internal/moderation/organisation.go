package moderation

import (
	"context"
	"net/url"
	"strings"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

const kindOrg = "org"

// maxSource is the length of a source, in characters.
const maxSource = 300

func checkSource(field, source string) petition.FieldErrors {
	if errs := petition.CheckText(field, source, maxSource, true); len(errs) > 0 {
		return errs
	}
	u, err := url.Parse(source)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(source, " \n\t") {
		return petition.FieldErrors{{Field: field, Key: "source"}}
	}
	return nil
}

// AskOrg writes to an organisation at the contact that it publishes at the
// address source: is the petition its own? The contact is not kept.
func (s *Service) AskOrg(ctx context.Context, who store.Staff, id petition.ID, email, source string, lang petition.Lang) error {
	source = petition.Clean(source)
	addr, err := identity.ParseAddress(email)
	if err != nil {
		return append(petition.FieldErrors{{Field: "org_email", Key: "email"}}, checkSource("org_source", source)...)
	}
	if err := checkSource("org_source", source).OrNil(); err != nil {
		return err
	}
	now, nonce := s.o.Now(), vault.Random(16)
	_, err = s.o.Store.Change(ctx, id, now, func(tx *store.Tx, p petition.Petition) (petition.Change, error) {
		law := s.o.Store.Laws().Of(p)
		if law == nil {
			return petition.Change{}, petition.ErrState
		}
		c, err := law.AskOrg(p, source, nonce, petition.OfficerID(who.ID), now)
		if err != nil {
			return c, err
		}
		t, _, _ := p.Texts.In(lang, p.Lang)
		l := letter.Letter{To: addr.Send, Lang: lang, Kind: letter.Org, Args: map[string]string{
			"title": t.Title, "until": law.Today(c.Petition.OrgCheck.Until).String(),
			"link": s.o.URL + "/" + string(lang) + "/organisation/" + s.o.Vault.Token(kindOrg, append(append([]byte{}, p.UID[:]...), nonce...)),
		}}
		row, err := l.Seal(s.o.Vault, "", store.PriorityProof, now)
		if err != nil {
			return c, err
		}
		return c, tx.Enqueue(row)
	})
	return err
}

// RegisterOrg confirms an organisation by hand, with the public source.
func (s *Service) RegisterOrg(ctx context.Context, who store.Staff, id petition.ID, source string) error {
	source = petition.Clean(source)
	if err := checkSource("org_register", source).OrNil(); err != nil {
		return err
	}
	return s.change(ctx, id, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		return law.RegisterOrg(p, source, petition.OfficerID(who.ID), s.o.Now())
	})
}

// openNonce finds the petition of a link that may be answered once.
func (s *Service) openNonce(ctx context.Context, kind, token string) (p petition.Petition, nonce []byte, err error) {
	b, err := s.o.Vault.OpenToken(kind, token)
	if err != nil {
		return p, nil, err
	}
	if len(b) != 32 {
		return p, nil, store.ErrNotFound
	}
	v, err := s.o.Store.SigningPetitionByUID(ctx, petition.UID(b[:16]))
	return v.Petition, b[16:], err
}

// PeekOrg opens an organisation's link without using it; live says whether it
// can still answer.
func (s *Service) PeekOrg(ctx context.Context, token string) (p petition.Petition, live bool, err error) {
	p, nonce, err := s.openNonce(ctx, kindOrg, token)
	return p, err == nil && p.OrgAnswerable(nonce, s.o.Now()) == nil, err
}

// AnswerOrg is an organisation's word by its link; the link works once.
func (s *Service) AnswerOrg(ctx context.Context, token string, own bool) error {
	p, nonce, err := s.openNonce(ctx, kindOrg, token)
	if err != nil {
		return err
	}
	return s.change(ctx, p.ID, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		if own {
			return law.ConfirmOrg(p, nonce, s.o.Now())
		}
		return law.DisownOrg(p, nonce, s.o.Now())
	})
}

// Lookalikes are names of other organisations and public bodies that a reader
// may take for the name.
func (s *Service) Lookalikes(ctx context.Context, name string) ([]string, error) {
	names, err := s.o.Store.DeskLookalikes(ctx, name)
	if err != nil {
		return nil, err
	}
	bodies, err := s.o.Store.Bodies(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range bodies {
		for _, n := range b.Names {
			if petition.Skeleton(n) == petition.Skeleton(name) {
				names = append(names, n)
				break
			}
		}
	}
	return names, nil
}
