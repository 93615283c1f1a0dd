package moderation

import (
	"context"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

const kindMember = "member"

func checkMember(member, source string) petition.FieldErrors {
	return append(petition.CheckText("member", member, petition.MaxMember, true), checkSource("member_source", source)...)
}

// NameMember is the petitioner's wish, whom the desk shall write to.
func (s *Service) NameMember(ctx context.Context, token, member, source string) error {
	member, source = petition.Clean(member), petition.Clean(source)
	if err := checkMember(member, source).OrNil(); err != nil {
		return err
	}
	return s.act(ctx, token, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		return law.NameMember(p, member, source, s.o.Now())
	})
}

// MemberLetter is a filled-in form of the desk: who is asked, and where.
type MemberLetter struct {
	Member, Source, Email string
	Lang                  petition.Lang
}

// AskMember writes to a member of the assembly at the contact that is published
// at the source: do they stand behind the petition? The contact is not kept.
func (s *Service) AskMember(ctx context.Context, who store.Staff, id petition.ID, m MemberLetter) error {
	m.Member, m.Source = petition.Clean(m.Member), petition.Clean(m.Source)
	errs := checkMember(m.Member, m.Source)
	addr, err := identity.ParseAddress(m.Email)
	if err != nil {
		errs = append(errs, petition.FieldError{Field: "member_email", Key: "email"})
	}
	if len(errs) > 0 {
		return errs
	}
	now, nonce := s.o.Now(), vault.Random(16)
	_, err = s.o.Store.Change(ctx, id, now, func(tx *store.Tx, p petition.Petition) (petition.Change, error) {
		law := s.o.Store.Laws().Of(p)
		if law == nil {
			return petition.Change{}, petition.ErrState
		}
		c, err := law.AskMember(p, m.Member, m.Source, nonce, petition.OfficerID(who.ID), now)
		if err != nil {
			return c, err
		}
		t, _, _ := p.Texts.In(m.Lang, p.Lang)
		l := letter.Letter{To: addr.Send, Lang: m.Lang, Kind: letter.Member, Args: map[string]string{
			"title": t.Title, "until": law.Today(c.Petition.Asked().Until.Add(-1)).String(),
			"link": s.o.URL + "/" + string(m.Lang) + "/member/" + s.o.Vault.Token(kindMember, append(append([]byte{}, p.UID[:]...), nonce...)),
		}}
		row, err := l.Seal(s.o.Vault, "", store.PriorityProof, now)
		if err != nil {
			return c, err
		}
		return c, tx.Enqueue(row)
	})
	return err
}

// PeekMember opens a member's link without using it; live says whether it can
// still answer.
func (s *Service) PeekMember(ctx context.Context, token string) (p petition.Petition, live bool, err error) {
	p, nonce, err := s.openNonce(ctx, kindMember, token)
	return p, err == nil && p.MemberAnswerable(nonce, s.o.Now()) == nil, err
}

// AnswerMember is a member's word by the link; the link works once.
func (s *Service) AnswerMember(ctx context.Context, token string, yes bool) error {
	p, nonce, err := s.openNonce(ctx, kindMember, token)
	if err != nil {
		return err
	}
	return s.change(ctx, p.ID, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		return law.AnswerMember(p, nonce, yes, s.o.Now())
	})
}
