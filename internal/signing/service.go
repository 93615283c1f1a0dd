package signing

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// Options are what the service needs.
type Options struct {
	Store  *store.Store
	Vault  *vault.Vault
	Broker *identity.Broker
	URL    string // public base address, without a slash at the end
	// PlaceOK says whether signers of a petition under this law may name this place.
	PlaceOK func(law *petition.Profile, code string) bool
	Now     func() time.Time
	// Steady is a clock that nobody moves, by which waiting is measured; nil for Now.
	Steady func() time.Time
	// Busy is which share of the machine's processors this process took lately,
	// by which the pools rest; nil for none of it.
	Busy func() float64
}

// Service takes signatures. It is safe for concurrent use while Run runs.
type Service struct {
	store   *store.Store
	vault   *vault.Vault
	broker  *identity.Broker
	url     string
	placeOK func(*petition.Profile, string) bool
	now     func() time.Time

	confirms *pool[store.NewSignature, store.Outcome]
	requests *pool[store.NewPending, bool]
	readings atomic.Int64

	mu      sync.Mutex // guards what follows
	known   map[petition.UID]known
	numbers map[int64]petition.UID // of those that are known; a number is never given again
}

// known is a petition as it was a moment ago, with its key: a hot petition is
// loaded once a second, not once a signature.
type known struct {
	store.Signing
	key     vault.ServerKey
	at      time.Time
	reading int64 // how many petitions were read until then, this one included
}

// How many wait at most, and how many are committed together: all that wait,
// so that nobody waits for more than the commit in progress and his own. One
// petition alone has half of the room.
const (
	queueSize = 2048
	batchSize = queueSize
)

// New makes the service. Run must run for anything to be committed.
func New(o Options) *Service {
	s := &Service{store: o.Store, vault: o.Vault, broker: o.Broker, url: o.URL, placeOK: o.PlaceOK, now: o.Now,
		known: make(map[petition.UID]known), numbers: make(map[int64]petition.UID)}
	steady := o.Steady
	if steady == nil {
		steady = o.Now
	}
	busy := o.Busy
	if busy == nil {
		busy = func() float64 { return 0 }
	}
	s.confirms = newPool(queueSize, batchSize, steady, busy, func(n store.NewSignature) petition.ID { return n.Petition }, func(ctx context.Context, batch []store.NewSignature) ([]store.Outcome, error) {
		return s.store.AddSignatures(ctx, batch, s.now())
	})
	s.requests = newPool(queueSize, batchSize, steady, busy, func(n store.NewPending) petition.ID { return n.Petition }, func(ctx context.Context, batch []store.NewPending) ([]bool, error) {
		return s.store.AddPending(ctx, batch, s.now())
	})
	return s
}

// Run commits what Submit and Confirm put into the pools, until ctx ends and
// the pools are empty. Stop the callers first.
func (s *Service) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { s.confirms.run(ctx) })
	wg.Go(func() { s.requests.run(ctx) })
	wg.Wait()
}

// ByNumber finds a petition by its public number, as it was at most a second
// ago. A petition that is not public (any more) is store.ErrNotFound.
func (s *Service) ByNumber(ctx context.Context, number int64) (store.Signing, error) {
	s.mu.Lock()
	uid, ok := s.numbers[number]
	s.mu.Unlock()
	var k known
	var err error
	if ok {
		k, err = s.recent(ctx, uid)
	} else {
		k, err = s.load(func() (store.Signing, error) { return s.store.SigningPetition(ctx, number) })
	}
	if err == nil && !k.State.Public() {
		return store.Signing{}, store.ErrNotFound
	}
	return k.Signing, err
}

// ByShare finds a petition by the secret link its petitioner gives to supporters.
func (s *Service) ByShare(ctx context.Context, token string) (store.Signing, error) {
	id, err := s.vault.OpenFixed("share", token)
	if err != nil || len(id) != 16 {
		return store.Signing{}, store.ErrNotFound
	}
	p, err := s.store.SigningPetitionByUID(ctx, petition.UID(id))
	if err == nil && p.State == petition.Draft {
		return store.Signing{}, store.ErrNotFound
	}
	return p, err
}

// recent loads a petition by uid, at most a second old.
func (s *Service) recent(ctx context.Context, uid petition.UID) (known, error) {
	now := s.now()
	s.mu.Lock()
	k, ok := s.known[uid]
	s.mu.Unlock()
	if age := now.Sub(k.at); ok && age >= 0 && age < time.Second {
		return k, nil
	}
	return s.load(func() (store.Signing, error) { return s.store.SigningPetitionByUID(ctx, uid) })
}

// load asks the store for a petition and keeps it for recent. Its age is that
// of the question.
func (s *Service) load(ask func() (store.Signing, error)) (known, error) {
	k := known{at: s.now(), reading: s.readings.Add(1)}
	var err error
	if k.Signing, err = ask(); err != nil {
		return known{}, err
	}
	if k.Salt != nil {
		k.key = s.vault.ServerKey(k.UID, k.Salt)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) > 4096 {
		clear(s.known)
		clear(s.numbers)
	}
	s.known[k.UID] = k
	if k.Number != 0 {
		s.numbers[k.Number] = k.UID
	}
	return k, nil
}

// Request is a filled-in sign form.
type Request struct {
	Email    string
	Place    string // code, "" for none
	Eligible bool
	Updates  bool
	Lang     petition.Lang // of the page, and so of the letter
	Mute     bool          // the address had its letters: all is done as ever, and none goes out
}

// Submit takes a sign form: it keeps a pending row and a sealed letter with
// the link that counts, in one durable transaction. It answers the same for an
// address that has signed, one that has not, and one that had its five letters.
func (s *Service) Submit(ctx context.Context, p store.Signing, r Request) error {
	law := s.store.Laws().Of(p.Petition)
	if law == nil || p.Salt == nil {
		return petition.ErrClosed
	}
	if err := law.CheckSign(p.Petition, s.now()); err != nil {
		return err
	}
	addr, errs := s.checkRequest(law, r)
	if len(errs) > 0 {
		return errs
	}
	nb := s.broker.Blind(p.UID, p.Salt, addr)
	var sub *store.NewSubscription
	if r.Updates {
		sub = &store.NewSubscription{ID: s.vault.Lookup("subscription/"+string(p.UID[:]), addr.Canon),
			Address: letter.SealAddress(s.vault, addr.Send), Lang: r.Lang}
	}
	return s.request(ctx, p, kindSign, nb, addr, r.Lang, r.Place, sub, r.Mute)
}

func (s *Service) checkRequest(law *petition.Profile, r Request) (identity.Address, petition.FieldErrors) {
	var errs petition.FieldErrors
	addr, err := identity.ParseAddress(r.Email)
	if err != nil {
		errs = append(errs, petition.FieldError{Field: "email", Key: "email"})
	}
	if r.Place != "" && !s.placeOK(law, r.Place) {
		errs = append(errs, petition.FieldError{Field: "place", Key: "unknown"})
	}
	if !r.Eligible {
		errs = append(errs, law.Signer.Unconfirmed())
	}
	return addr, errs
}

// request queues one letter with a link of the given kind.
func (s *Service) request(ctx context.Context, p store.Signing, kind string, nb vault.Hash, addr identity.Address,
	lang petition.Lang, place string, sub *store.NewSubscription, mute bool) error {
	nullifier := s.vault.ServerKey(p.UID, p.Salt).Nullifier(nb)
	state, err := s.store.SignerSignature(ctx, p.ID, nullifier)
	if err != nil {
		return err
	}
	now := s.now()
	c := claim{UID: p.UID, Blind: nb, Generation: state.Generation, Expires: s.expires(p, now), Place: place}
	if sub != nil {
		c.Subscription = sub.ID[:]
	}
	l := letter.Letter{To: addr.Send, Lang: lang, Kind: letter.Kind(kind), Args: map[string]string{
		"title": title(p.Petition, lang),
		"until": s.day(p, c.Expires),
		"link":  s.url + "/" + string(lang) + "/" + paths[kind] + "/" + s.vault.Token(kind, c.encode()),
	}}
	if kind == kindWithdraw && !state.Active {
		// Of the same length to the byte as the one with the link: the rows of the
		// outbox must not tell which of the two somebody gets.
		l.Kind = letter.WithdrawNone
		l.Args["even"] = strings.Repeat(" ", len(l.Args["link"])+len(letter.Withdraw)-len(letter.WithdrawNone))
		delete(l.Args, "link")
	}
	sealed, err := l.Seal(s.vault, "", store.PriorityProof, now)
	if err != nil {
		return err
	}
	_, err = s.requests.do(ctx, store.NewPending{Petition: p.ID, Asker: s.asker(p.UID, nullifier),
		Withdrawal: kind == kindWithdraw, Subscription: sub, Letter: sealed, Unsent: mute})
	return err
}

// asker names a signer in the rows that cap letters. It is not the nullifier:
// anybody can have such a row written by typing an address in, and would find
// with a look at the database whether that address has signed.
func (s *Service) asker(uid petition.UID, nullifier vault.Hash) [16]byte {
	return s.vault.Lookup("asker/"+string(uid[:]), string(nullifier[:]))
}

// paths are where the links of each kind lead, below the language.
var paths = map[string]string{kindSign: "confirm", kindWithdraw: "withdraw"}

// expires is when a link made now stops working: after LinkLife, and not later
// than the hours of grace after the close.
func (s *Service) expires(p store.Signing, now time.Time) time.Time {
	until := now.Add(LinkLife)
	if law := s.store.Laws().Of(p.Petition); !p.ClosesAt.IsZero() {
		if end := p.ClosesAt.Add(time.Duration(law.Collect.GraceHours) * time.Hour); end.Before(until) {
			return end
		}
	}
	return until
}

func (s *Service) day(p store.Signing, t time.Time) string {
	return s.store.Laws().Of(p.Petition).Today(t).String()
}

// title names a petition in a letter; a text that was refused as unlawful is
// shown nowhere.
func title(p petition.Petition, lang petition.Lang) string {
	if p.HideText {
		return "№ " + strconv.FormatInt(p.Number, 10)
	}
	t, _, _ := p.Texts.In(lang, p.Lang)
	return t.Title
}

// Status is where a link stands.
type Status int

// The statuses of a link.
const (
	Live      Status = iota // the link can be used
	Counted                 // the signature is counted, now or before
	Stale                   // the link was used, and the signature withdrawn since
	Withdrawn               // the signature is withdrawn, now or before
)

// Link is a link of a letter, opened.
type Link struct {
	Petition store.Signing
	Reading  int64 // which reading of the petition this is; it is read anew after a second
	Status   Status
	New      bool   // this very call did it
	Place    string // code of the place that its form named; of a sign link that is Live
}

// Peek opens a sign link without using it. vault.ErrSealed: not a link of
// ours, or altered; ErrExpired: too old; petition.ErrClosed: too late.
func (s *Service) Peek(ctx context.Context, token string) (Link, error) {
	l, _, _, err := s.peek(ctx, token)
	return l, err
}

func (s *Service) peek(ctx context.Context, token string) (Link, claim, known, error) {
	c, k, err := s.resolve(ctx, kindSign, token)
	if err != nil {
		return Link{}, c, k, err
	}
	state, err := s.store.SignerSignature(ctx, k.ID, k.key.Nullifier(c.Blind))
	if err != nil {
		return Link{}, c, k, err
	}
	l := Link{Petition: k.Signing, Reading: k.reading}
	switch {
	case state.Active:
		l.Status = Counted
	case state.Exists && state.Generation != c.Generation:
		l.Status = Stale
	default:
		l.Place, err = c.Place, s.checkConfirm(k, c)
	}
	return l, c, k, err
}

// resolve opens a token and finds its petition.
func (s *Service) resolve(ctx context.Context, kind, token string) (claim, known, error) {
	c, err := s.open(kind, token)
	if err != nil {
		return c, known{}, err
	}
	k, err := s.recent(ctx, c.UID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return c, k, vault.ErrSealed
	case err == nil && k.Salt == nil:
		return c, k, ErrExpired
	}
	return c, k, err
}

func (s *Service) checkConfirm(k known, c claim) error {
	now := s.now()
	if !now.Before(c.Expires) {
		return ErrExpired
	}
	law := s.store.Laws().Of(k.Petition)
	if law == nil {
		return petition.ErrClosed
	}
	return law.CheckConfirm(k.Petition, now)
}

// Confirm uses a sign link: the signature counts. Returned without error means
// durable. A link used before is answered Counted again.
//
//	open token -> petition (a second old at most) -> live? -> pool -> commit -> answer
//
// The look-up for a used link is made only when the link could not count any
// more, so that the hot path reads nothing.
func (s *Service) Confirm(ctx context.Context, token string) (Link, error) {
	c, k, err := s.resolve(ctx, kindSign, token)
	if err != nil {
		return Link{}, err
	}
	if err := s.checkConfirm(k, c); err != nil {
		l, perr := s.Peek(ctx, token)
		if perr == nil && l.Status != Live {
			return l, nil
		}
		return Link{}, err
	}
	return s.add(ctx, k, c)
}

func (s *Service) add(ctx context.Context, k known, c claim) (Link, error) {
	law := s.store.Laws().Of(k.Petition)
	out, err := s.confirms.do(ctx, store.NewSignature{
		Petition: k.ID, Nullifier: k.key.Nullifier(c.Blind), Place: c.Place,
		Day: law.Today(s.now()).DayNumber(), Generation: c.Generation, Subscription: c.Subscription,
	})
	if err != nil {
		return Link{}, err
	}
	l := Link{Petition: k.Signing, Reading: k.reading, Status: Counted, New: out == store.Added}
	if out == store.Stale {
		l.Status = Stale
	}
	return l, nil
}

// SignAs counts a person whose address was proven another way: the petitioner,
// where the law counts them. It is idempotent.
func (s *Service) SignAs(ctx context.Context, uid petition.UID, nb vault.Hash) error {
	k, err := s.recent(ctx, uid)
	if err != nil || k.Salt == nil {
		return err
	}
	if law := s.store.Laws().Of(k.Petition); law == nil || law.CheckConfirm(k.Petition, s.now()) != nil {
		return nil //nolint:nilerr // the private link is used again, long after
	}
	_, err = s.add(ctx, k, claim{UID: uid, Blind: nb})
	return err
}

// RequestWithdrawal sends the link that takes a signature back; to an address
// that has not signed, a letter that says so. The page answers the same. With
// mute the address had its letters: all is done as ever, and none goes out.
func (s *Service) RequestWithdrawal(ctx context.Context, p store.Signing, email string, lang petition.Lang, mute bool) error {
	law := s.store.Laws().Of(p.Petition)
	if law == nil || p.Salt == nil {
		return petition.ErrClosed
	}
	if err := law.CheckWithdraw(p.Petition, s.now()); err != nil {
		return err
	}
	addr, err := identity.ParseAddress(email)
	if err != nil {
		return petition.FieldErrors{{Field: "email", Key: "email"}}
	}
	return s.request(ctx, p, kindWithdraw, s.broker.Blind(p.UID, p.Salt, addr), addr, lang, "", nil, mute)
}

// PeekWithdrawal opens a withdrawal link without using it.
func (s *Service) PeekWithdrawal(ctx context.Context, token string) (Link, error) {
	l, _, _, err := s.peekWithdrawal(ctx, token)
	return l, err
}

func (s *Service) peekWithdrawal(ctx context.Context, token string) (Link, claim, known, error) {
	c, k, err := s.resolve(ctx, kindWithdraw, token)
	if err != nil {
		return Link{}, c, k, err
	}
	state, err := s.store.SignerSignature(ctx, k.ID, k.key.Nullifier(c.Blind))
	if err != nil {
		return Link{}, c, k, err
	}
	l, law := Link{Petition: k.Signing, Reading: k.reading}, s.store.Laws().Of(k.Petition)
	switch {
	case !state.Active:
		l.Status = Withdrawn
	case state.Generation != c.Generation:
		l.Status = Stale
	case !s.now().Before(c.Expires):
		err = ErrExpired
	case law == nil:
		err = petition.ErrClosed
	default:
		err = law.CheckWithdraw(k.Petition, s.now())
	}
	return l, c, k, err
}

// ConfirmWithdrawal takes the signature back, silently. Returned without error
// means durable.
func (s *Service) ConfirmWithdrawal(ctx context.Context, token string) (Link, error) {
	l, c, k, err := s.peekWithdrawal(ctx, token)
	if err != nil || l.Status != Live {
		return l, err
	}
	if err := s.store.WithdrawSignature(ctx, k.ID, k.key.Nullifier(c.Blind), c.Generation, s.now()); err != nil {
		return Link{}, err
	}
	l.Status, l.New = Withdrawn, true
	return l, nil
}

// Unsubscribe erases the subscription behind a link. It says nothing of
// whether there was one.
func (s *Service) Unsubscribe(ctx context.Context, token string) error {
	id, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(id) != 16 {
		return vault.ErrSealed
	}
	return s.store.Unsubscribe(ctx, id)
}

// LinkKind tells a sign link from a follower's and a petitioner's; "" for none of them.
func (s *Service) LinkKind(token string) string {
	for _, kind := range []string{kindSign, kindFollow, "start"} {
		if _, err := s.vault.OpenToken(kind, token); err == nil {
			return kind
		}
	}
	return ""
}
