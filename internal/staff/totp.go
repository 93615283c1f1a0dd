package staff

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what authenticator apps know (rfc6238#1.2)
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
)

// ErrCode says that a one-time code is wrong, or was used before.
var ErrCode = errors.New("staff: the code is not valid")

// The shape of a code is that of RFC 6238 as every authenticator app knows it.
const (
	codeStep   = 30 // seconds
	codeDigits = 6
	codeDrift  = 1 // steps that a clock may be behind or ahead
	secretSize = 20
	purpose    = "totp"
)

// code is the code of a step of the clock (RFC 6238 with HMAC-SHA-1, over RFC 4226).
func code(secret []byte, step int64, digits int) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := uint64(binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff)
	mod := uint64(1)
	for range digits {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%mod)
}

// Code is the code that an authenticator app shows at now for a secret as it
// is written; "" for one that is none.
func Code(secret string, now time.Time) string {
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return ""
	}
	return code(b, now.Unix()/codeStep, codeDigits)
}

// Enrolment is what an officer gives to an authenticator app.
type Enrolment struct {
	Secret string // base32
	URI    string // otpauth://
	Known  bool   // the officer has shown a code before: the secret is not shown again
}

// RequireCodes makes a second factor part of every login.
func (s *Service) RequireCodes() { s.codes = true }

// Admitted reports whether a session may enter the desk: it has shown its code,
// or the site asks for none.
func (s *Service) Admitted(who store.Staff) bool { return who.Proven || !s.codes }

// Enrol returns what the officer's app needs; a new secret is made when there is none.
func (s *Service) Enrol(ctx context.Context, who store.Staff, issuer string) (Enrolment, error) {
	f, err := s.store.SecondFactor(ctx, who.ID, s.vault.Seal(purpose, vault.Random(secretSize)))
	if err != nil {
		return Enrolment{}, err
	}
	if f.Proven {
		return Enrolment{Known: true}, nil
	}
	secret, err := s.vault.Open(purpose, f.Sealed)
	if err != nil {
		return Enrolment{}, err
	}
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	label := url.PathEscape(fmt.Sprintf("%s:%s %d", issuer, who.Role, who.ID))
	return Enrolment{Secret: text, URI: "otpauth://totp/" + label + "?secret=" + text + "&issuer=" + url.QueryEscape(issuer)}, nil
}

// Prove admits the session of token when the code is right. A code admits once.
func (s *Service) Prove(ctx context.Context, who store.Staff, token, typed string) error {
	f, err := s.store.SecondFactor(ctx, who.ID, s.vault.Seal(purpose, vault.Random(secretSize)))
	if err != nil {
		return err
	}
	secret, err := s.vault.Open(purpose, f.Sealed)
	if err != nil {
		return err
	}
	typed = strings.ReplaceAll(strings.TrimSpace(typed), " ", "")
	now := s.now().Unix() / codeStep
	for step := now - codeDrift; step <= now+codeDrift; step++ {
		if subtle.ConstantTimeCompare([]byte(code(secret, step, codeDigits)), []byte(typed)) != 1 {
			continue
		}
		err := s.store.UseCode(ctx, who.ID, hash(token), step)
		if errors.Is(err, store.ErrConflict) {
			return ErrCode
		}
		return err
	}
	return ErrCode
}

// Reset returns a login link that forgets the officer's second factor and ends
// their sessions when it is used: for a lost phone.
func (s *Service) Reset(ctx context.Context, email string, role store.Role, body string) (string, error) {
	st, err := s.account(ctx, email, role, body)
	if err != nil {
		return "", err
	}
	token := newToken()
	return token, s.store.AddResetLink(ctx, hash(token), st.ID, s.now().Add(LinkLife))
}

// Sessions are the open sessions of an officer; of everybody for an administrator.
func (s *Service) Sessions(ctx context.Context, who store.Staff) ([]store.SessionInfo, error) {
	now := s.now()
	return s.store.Sessions(ctx, whose(who), now, now.Add(-IdleLimit))
}

// Revoke ends a session: one's own, or anybody's for an administrator.
func (s *Service) Revoke(ctx context.Context, who store.Staff, session []byte) error {
	return s.store.RevokeSession(ctx, session, whose(who))
}

// whose sessions an officer governs; 0 is everybody's.
func whose(who store.Staff) int64 {
	if Can(who.Role, AllSessions) {
		return 0
	}
	return who.ID
}

// IsOwn reports whether a session is the one behind token.
func IsOwn(x store.SessionInfo, token string) bool {
	return subtle.ConstantTimeCompare(x.Hash, hash(token)) == 1
}
