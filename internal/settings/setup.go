package settings

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// LinkLife is how long a link to the first run may be used.
const LinkLife = 24 * time.Hour

// ErrSpent says that a link to the first run is used, expired or replaced.
var ErrSpent = errors.New("settings: this link to the first run is not valid any more")

// draftPurpose seals the draft: it holds the administrator's address.
const draftPurpose = "setup"

// NewLink makes a link to the first run and voids the one before. When
// somebody can log in already there is no first run: store.ErrConflict.
func (s *Service) NewLink(ctx context.Context) (token string, err error) {
	token = base64.RawURLEncoding.EncodeToString(vault.Random(24))
	return token, s.o.Store.NewSetupLink(ctx, linkHash(token), s.o.Now().Add(LinkLife))
}

// linkHash is what the store keeps of a token: 192 random bits need no key.
func linkHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// Open lets the holder of a link in and returns the answers so far. The
// errors are ErrSpent, and store.ErrNotFound for a link that was never given.
func (s *Service) Open(ctx context.Context, token string) (map[string]string, error) {
	live, err := s.o.Store.SetupLinkLive(ctx, linkHash(token), s.o.Now())
	if err != nil {
		return nil, err
	}
	if !live {
		return nil, ErrSpent
	}
	sealed, err := s.o.Store.SetupDraft(ctx)
	answers := map[string]string{}
	if err != nil || sealed == nil {
		return answers, err
	}
	b, err := s.o.Vault.Open(draftPurpose, sealed)
	if err != nil {
		return nil, err
	}
	return answers, json.Unmarshal(b, &answers)
}

// Save keeps the answers so far, sealed.
func (s *Service) Save(ctx context.Context, answers map[string]string) error {
	b, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	return s.o.Store.SaveSetupDraft(ctx, s.o.Vault.Seal(draftPurpose, b))
}

// Finish ends the first run and uses its link up: everything is there at once,
// or nothing is. Faults of the settings are petition.FieldErrors.
func (s *Service) Finish(ctx context.Context, token string, admin store.Appointment, wanted petition.Settings, bodies []register.Body) error {
	acts, err := s.Preview(ctx, wanted)
	if err != nil {
		return err
	}
	err = s.o.Store.FinishSetup(ctx, linkHash(token), admin, acts, bodies, s.o.Now())
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) {
		return ErrSpent
	}
	if err != nil {
		return err
	}
	return s.apply(ctx)
}
