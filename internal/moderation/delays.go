package moderation

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// DelayForm is a filled-in form of a letter to all whose moderation is late.
type DelayForm struct {
	Profile string // id of a law; "" for every
	Days    int    // in the queue for so many days or more; 0 for all
	Texts   map[petition.Lang]petition.DelayText
}

func (s *Service) delayLetter(f DelayForm) petition.DelayLetter {
	d := petition.DelayLetter{Profile: f.Profile, Texts: map[petition.Lang]petition.DelayText{}}
	if f.Days > 0 {
		d.Queued = s.o.Now().Add(-time.Duration(f.Days) * 24 * time.Hour)
	}
	for l, t := range f.Texts {
		d.Texts[l] = petition.DelayText{Subject: petition.Clean(t.Subject), Text: petition.Clean(t.Text)}
	}
	return d
}

// FaultsOfDelay is what is wrong with the texts of a form.
func (s *Service) FaultsOfDelay(f DelayForm, langs []petition.Lang) petition.FieldErrors {
	return s.delayLetter(f).Check(langs)
}

// RehearseDelay judges the form and says how many petitioners would get the
// letter, by language; nothing is saved.
func (s *Service) RehearseDelay(ctx context.Context, f DelayForm, langs []petition.Lang) (petition.DelayLetter, map[petition.Lang]int, error) {
	d := s.delayLetter(f)
	if err := d.Check(langs).OrNil(); err != nil {
		return d, nil, err
	}
	whom, err := s.o.Store.DeskLate(ctx, d, s.o.Now())
	return d, whom, err
}

// NewDelayForm names a form, so that a form sent twice is one act.
func (s *Service) NewDelayForm() string { return hex.EncodeToString(vault.Random(12)) }

// SendDelay records the act; the letters follow by themselves. Nobody to write
// to is ErrState. name is what NewDelayForm gave.
func (s *Service) SendDelay(ctx context.Context, who store.Staff, name string, f DelayForm, langs []petition.Lang) error {
	d, whom, err := s.RehearseDelay(ctx, f, langs)
	if err != nil {
		return err
	}
	if len(whom) == 0 || len(name) != 24 {
		return petition.ErrState
	}
	return s.o.Store.SendDelay(ctx, name, who.ID, d, s.o.Now())
}

// Late are the laws under which petitions wait beyond their term, with how many.
func (s *Service) Late(ctx context.Context) (map[string]int, error) {
	return s.o.Store.DeskLateLaws(ctx, s.o.Now())
}
