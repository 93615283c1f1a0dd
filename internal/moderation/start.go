package moderation

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// ErrExpired says that a start link is too old.
var ErrExpired = errors.New("moderation: the link has expired")

// Options are what the service needs.
type Options struct {
	Store  *store.Store
	Vault  *vault.Vault
	Broker *identity.Broker
	Law    *petition.Profile // new petitions are pinned to it
	// Dissolved is the day on which the assembly was dissolved; zero while it sits.
	Dissolved petition.Date
	URL       string // public base address, without a slash at the end
	// BodyOK says whether a petition may be addressed to this body.
	BodyOK func(ctx context.Context, id string) (bool, error)
	// PlaceOK says whether this is a place of the law.
	PlaceOK func(law *petition.Profile, code string) bool
	Now     func() time.Time
	// Pace runs one step of the calendar and then leaves room for others; nil
	// for no rest.
	Pace func(ctx context.Context, step func() error) error
}

// Service leads petitions through their process. It is safe for concurrent use.
type Service struct{ o Options }

// New makes the service.
func New(o Options) *Service { return &Service{o: o} }

// Law is the profile new petitions are pinned to.
func (s *Service) Law() *petition.Profile { return s.o.Law }

// Form is a filled-in start form.
type Form struct {
	Texts       petition.Texts
	Lang        petition.Lang // the language the petitioner writes
	UILang      petition.Lang // of the pages, and so of the letters
	Kind        petition.Kind
	CreatorKind petition.CreatorKind
	Body        string
	Place       string
	Window      int      // days of the signing window, where the law offers several; 0 for the law's own
	Topics      []string // codes; officers may change them
	Org         string
	Creator     string // the name shown
	Display     petition.Display
	Email       string
	Eligible    bool
}

// clean brings every text of the form to the shape in which it is kept, and
// drops languages that were left empty.
func (f *Form) clean() {
	texts := make(petition.Texts, len(f.Texts))
	for l, t := range f.Texts {
		t = petition.Text{Title: petition.Clean(t.Title), Ask: petition.Clean(t.Ask), Details: petition.Clean(t.Details)}
		if t != (petition.Text{}) || l == f.Lang {
			texts[l] = t
		}
	}
	f.Texts, f.Creator, f.Org = texts, petition.Clean(f.Creator), petition.Clean(f.Org)
	if f.CreatorKind == petition.Person {
		f.Org = "" // nobody judges it
	} else {
		f.Display = "" // an organisation is always named
	}
	f.Body, f.Place = strings.TrimSpace(f.Body), strings.TrimSpace(f.Place)
}

// Check judges a start form. The field names are those of the form.
func (s *Service) Check(ctx context.Context, f Form) (petition.FieldErrors, error) {
	f.clean()
	law := s.o.Law
	errs := law.CheckTexts(f.Texts, f.Lang)
	bad := func(field, key string) { errs = append(errs, petition.FieldError{Field: field, Key: key}) }
	if !s.TakesPetitions() {
		bad("kind", "dissolved")
	}
	if _, ok := law.ChosenWindow(f.Window); !ok && len(law.Collect.Choices) > 0 {
		bad("window", "unknown")
	}
	if bar, err := s.barred(ctx, f); err != nil {
		return nil, err
	} else if bar != nil {
		errs = append(errs, *bar)
	}
	if f.Kind != petition.KindPetition && f.Kind != petition.KindProposal {
		bad("kind", "unknown")
	}
	switch {
	case f.CreatorKind == petition.Person && law.Petitioner.Persons:
	case f.CreatorKind == petition.Organisation && law.Petitioner.Organisations:
		errs = append(errs, petition.CheckName("org", f.Org)...)
	default:
		bad("creator_kind", "unknown")
	}
	errs = append(errs, petition.CheckName("creator", f.Creator)...)
	if !law.MayDisplay(f.CreatorKind, f.Display) {
		bad("display", "unknown")
	}
	if f.Place != "" && (!s.o.PlaceOK(law, f.Place) || law.Local != nil && law.Local.Code != f.Place) {
		bad("place", "unknown")
	}
	if _, err := identity.ParseAddress(f.Email); err != nil {
		bad("email", "email")
	}
	if !f.Eligible {
		errs = append(errs, law.Petitioner.Unconfirmed())
	}
	ok, err := s.o.BodyOK(ctx, f.Body)
	if err != nil {
		return nil, err
	}
	if f.Body == "" {
		bad("body", "required")
	} else if !ok {
		bad("body", "unknown")
	}
	return errs, nil
}

// TakesPetitions reports whether new petitions may be started: not between the
// dissolution of an assembly and the next one, where the law stops them.
func (s *Service) TakesPetitions() bool { return s.o.Law.TakesPetitions(s.o.Dissolved, s.o.Now()) }

// LinkLife is how long a petitioner's link may be used.
const LinkLife = 72 * time.Hour

const kindStart = "start"

// Start keeps a draft and queues the letter that proves the petitioner's
// address, in one durable transaction.
func (s *Service) Start(ctx context.Context, f Form) error {
	errs, err := s.Check(ctx, f)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return errs
	}
	f.clean()
	addr, err := identity.ParseAddress(f.Email)
	if err != nil {
		return err
	}
	now := s.o.Now()
	window, _ := s.o.Law.ChosenWindow(f.Window)
	change := s.o.Law.Start(petition.Petition{Window: window,
		UID: petition.UID(vault.Random(16)), Kind: f.Kind, Lang: f.Lang, Texts: f.Texts, Body: f.Body, Place: f.Place, Topics: f.Topics,
		Creator: petition.Creator{Kind: f.CreatorKind, Name: f.Creator, Org: f.Org, Display: f.Display},
	}, now)
	salt := vault.Random(32)
	contact := store.Contact{Hash: s.o.Vault.Lookup("petitioner", addr.Canon),
		Sealed: letter.SealAddress(s.o.Vault, addr.Send), Lang: f.UILang}
	_, err = s.o.Store.Create(ctx, change, salt, contact, now, func(p petition.Petition) (store.Letter, error) {
		nb := s.o.Broker.Blind(p.UID, salt, addr)
		return s.startLetter(p, nb, addr, f.UILang, now)
	})
	return err
}

func (s *Service) startLetter(p petition.Petition, nb vault.Hash, to identity.Address, lang petition.Lang, now time.Time) (store.Letter, error) {
	expires := now.Add(LinkLife)
	t, _, _ := p.Texts.In(lang, p.Lang)
	l := letter.Letter{To: to.Send, Lang: lang, Kind: letter.Start, Args: map[string]string{
		"title": t.Title,
		"until": s.o.Law.Today(expires).String(),
		"link":  s.o.URL + "/" + string(lang) + "/confirm/" + s.o.Vault.Token(kindStart, startClaim{p.UID, nb, expires}.encode()),
	}}
	return l.Seal(s.o.Vault, "", store.PriorityProof, now)
}

// startClaim is what a petitioner's link says.
type startClaim struct {
	uid     petition.UID
	blind   vault.Hash
	expires time.Time
}

func (c startClaim) encode() []byte {
	b := append(append([]byte{}, c.uid[:]...), c.blind[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(c.expires.Unix()))
}

func (s *Service) openStart(token string) (startClaim, error) {
	var c startClaim
	b, err := s.o.Vault.OpenToken(kindStart, token)
	if err != nil {
		return c, err
	}
	if len(b) != 40 {
		return c, vault.ErrSealed
	}
	copy(c.uid[:], b)
	copy(c.blind[:], b[16:])
	c.expires = time.Unix(int64(binary.BigEndian.Uint64(b[32:])), 0)
	return c, nil
}

// PeekStart opens a petitioner's link without using it, and says whether it
// was used.
func (s *Service) PeekStart(ctx context.Context, token string) (p petition.Petition, used bool, err error) {
	c, err := s.openStart(token)
	if err != nil {
		return p, false, err
	}
	v, err := s.o.Store.SigningPetitionByUID(ctx, c.uid)
	if errors.Is(err, store.ErrNotFound) {
		return p, false, ErrExpired // never confirmed, and purged
	} else if err != nil {
		return p, false, err
	}
	if v.State == petition.Draft && !s.o.Now().Before(c.expires) {
		return p, false, ErrExpired
	}
	return v.Petition, v.State != petition.Draft, nil
}

// Started is what the petitioner holds after the address was proven.
type Started struct {
	Petition    petition.Petition
	Mine, Share string     // tokens of the private and of the supporters' link
	Blind       vault.Hash // Nb of the petitioner, for laws that count the petitioner as a signer
	Signs       bool       // the law counts the petitioner
}

// ConfirmStart uses a petitioner's link: the petition looks for supporters, or
// goes to moderation. Using the link again changes nothing and answers the same.
func (s *Service) ConfirmStart(ctx context.Context, token string) (Started, error) {
	p, used, err := s.PeekStart(ctx, token)
	if err != nil {
		return Started{}, err
	}
	c, err := s.openStart(token)
	if err != nil {
		return Started{}, err
	}
	law := s.o.Store.Laws().Of(p)
	if law == nil {
		return Started{}, petition.ErrState
	}
	if !used && !s.TakesPetitions() {
		return Started{}, petition.ErrClosed
	}
	if !used {
		now := s.o.Now()
		p, err = s.o.Store.Change(ctx, p.ID, now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
			return law.Confirm(p, now)
		})
		if errors.Is(err, petition.ErrState) { // a second click won
			p, _, err = s.PeekStart(ctx, token)
		}
		if err != nil {
			return Started{}, err
		}
	}
	return Started{Petition: p, Mine: s.MineToken(p.UID), Share: s.ShareToken(p.UID), Blind: c.blind,
		Signs: law.Support.PetitionerSigns}, nil
}

// MineToken is the token of the petitioner's private page.
func (s *Service) MineToken(uid petition.UID) string { return s.o.Vault.Fixed("mine", uid[:]) }

// ShareToken is the token of the link for supporters.
func (s *Service) ShareToken(uid petition.UID) string { return s.o.Vault.Fixed("share", uid[:]) }
