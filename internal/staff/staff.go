// Package staff knows who works at the desk: accounts, one-time login links
// and sessions.
//
// What lives here: making and using links and sessions; roles are checked by
// Can.
//
// What never: HTTP, cookies, decisions about petitions, an address in clear.
package staff

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
)

// The lives of links and sessions.
const (
	LinkLife    = 24 * time.Hour
	SessionLife = 12 * time.Hour
	IdleLimit   = 30 * time.Minute
)

// ErrLink says that a login link is unknown, used or expired.
var ErrLink = errors.New("staff: login link is not valid any more")

// ErrNoSession says that nobody is logged in.
var ErrNoSession = errors.New("staff: no session")

// Action is something only some roles may do.
type Action string

// The actions.
const (
	EnterDesk Action = "enter-desk" // see what waits for one's own role
	ReadDesk  Action = "read-desk"  // see every petition and its whole history
	Moderate  Action = "moderate"   // decide on publication
	AskOrg    Action = "ask-org"    // write to an organisation in whose name a petition stands
	// ConfirmOrg is the register officer's: say by hand that an organisation stands behind a petition.
	ConfirmOrg  Action = "confirm-org"
	AnswerFor   Action = "answer-for"   // record a body's answer; an officer's own body only, which moderation checks
	DeliverTo   Action = "deliver-to"   // record a delivery to a body; an officer's own body only, which moderation checks
	RunSite     Action = "run-site"     // settings, bodies, accounts
	TakeDown    Action = "take-down"    // hide a public petition, confirm the hiding or lift it
	ToArchive   Action = "to-archive"   // send what has ended to the archive
	TellDelays  Action = "tell-delays"  // write to all petitioners whose moderation is late
	AllSessions Action = "all-sessions" // see and end everybody's sessions
)

// can is roles x actions.
var can = map[Action]map[store.Role]bool{
	EnterDesk:   {store.Moderator: true, store.Officer: true, store.Auditor: true, store.Admin: true},
	ReadDesk:    {store.Moderator: true, store.Auditor: true, store.Admin: true},
	Moderate:    {store.Moderator: true, store.Admin: true},
	AskOrg:      {store.Moderator: true, store.Admin: true},
	ConfirmOrg:  {store.Admin: true},
	AnswerFor:   {store.Moderator: true, store.Officer: true, store.Admin: true},
	DeliverTo:   {store.Moderator: true, store.Officer: true, store.Admin: true},
	RunSite:     {store.Admin: true},
	TakeDown:    {store.Moderator: true, store.Admin: true},
	ToArchive:   {store.Moderator: true, store.Admin: true},
	TellDelays:  {store.Moderator: true, store.Admin: true},
	AllSessions: {store.Admin: true},
}

// Can reports whether a role may do an action.
func Can(r store.Role, a Action) bool { return can[a][r] }

// Service opens accounts and sessions.
type Service struct {
	store *store.Store
	vault *vault.Vault
	now   func() time.Time
	codes bool // every login needs a code
}

// New makes the service.
func New(s *store.Store, v *vault.Vault, now func() time.Time) *Service {
	return &Service{store: s, vault: v, now: now}
}

// Add makes an account, or changes the role of the one with this address, and
// returns the token of a one-time login link.
func (s *Service) Add(ctx context.Context, email string, role store.Role, body string) (string, error) {
	st, err := s.account(ctx, email, role, body)
	if err != nil {
		return "", err
	}
	return s.link(ctx, st.ID)
}

func (s *Service) account(ctx context.Context, email string, role store.Role, body string) (store.Staff, error) {
	a, err := identity.ParseAddress(email)
	if err != nil {
		return store.Staff{}, err
	}
	return s.store.AddStaff(ctx, s.vault.Lookup("staff", a.Canon), letter.SealAddress(s.vault, a.Send), role, body, s.now())
}

func (s *Service) link(ctx context.Context, id int64) (string, error) {
	token := newToken()
	return token, s.store.AddLoginLink(ctx, hash(token), id, s.now().Add(LinkLife))
}

// Live reports whether a login link could be used; looking does not use it.
func (s *Service) Live(ctx context.Context, token string) (bool, error) {
	return s.store.LoginLinkLive(ctx, hash(token), s.now())
}

// Login uses a link up and returns the token of a new session.
func (s *Service) Login(ctx context.Context, link string) (string, error) {
	token, now := newToken(), s.now()
	_, err := s.store.StartSession(ctx, hash(link), hash(token), now, now.Add(SessionLife))
	if errors.Is(err, store.ErrNotFound) {
		return "", ErrLink
	}
	return token, err
}

// Session returns who is behind a session.
func (s *Service) Session(ctx context.Context, token string) (store.Staff, error) {
	if token == "" {
		return store.Staff{}, ErrNoSession
	}
	now := s.now()
	st, err := s.store.Session(ctx, hash(token), now, now.Add(-IdleLimit))
	if errors.Is(err, store.ErrNotFound) {
		return st, ErrNoSession
	}
	return st, err
}

// Logout ends a session.
func (s *Service) Logout(ctx context.Context, token string) error {
	return s.store.EndSession(ctx, hash(token), s.now())
}

func newToken() string { return base64.RawURLEncoding.EncodeToString(vault.Random(24)) }

// hash is what the store keeps of a token: 192 random bits need no key.
func hash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}
