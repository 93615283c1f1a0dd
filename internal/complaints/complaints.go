package complaints

import (
	"context"
	"encoding/base32"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// Options are what the service needs.
type Options struct {
	Store *store.Store
	Vault *vault.Vault
	Law   *petition.Profile // whose calendar the terms follow
	URL   string            // public base address, without a slash at the end
	Now   func() time.Time
}

// Service handles complaints and demands. It is safe for concurrent use.
type Service struct{ o Options }

// New makes the service.
func New(o Options) *Service { return &Service{o: o} }

// Form is a filled-in complaint.
type Form struct {
	petition.Complaint
	Number string // of the petition as it was typed; "" for none
	Email  string // "" for none
}

// Ref makes the number of a complaint. It is chance, so that nobody can tell
// how many complaints there are.
func Ref() string { return base32.StdEncoding.EncodeToString(vault.Random(5)) }

// IsRef reports whether s looks like what Ref makes.
func IsRef(s string) bool {
	b, err := base32.StdEncoding.DecodeString(s)
	return err == nil && len(b) == 5
}

// Complain keeps a complaint and returns its number. What is wrong with the
// form is petition.FieldErrors.
func (s *Service) Complain(ctx context.Context, f Form) (string, error) {
	c := f.Complaint
	c.Name, c.What, c.Why, c.Article = petition.Clean(c.Name), petition.Clean(c.What), petition.Clean(c.Why), petition.Clean(c.Article)
	errs := c.Check()
	if err := s.about(ctx, &c, f.Number); errors.Is(err, store.ErrNotFound) {
		errs = append(errs, petition.FieldError{Field: "petition", Key: "unknown"})
	} else if err != nil {
		return "", err
	}
	var sealed []byte
	if email := strings.TrimSpace(f.Email); email != "" {
		addr, err := identity.ParseAddress(email)
		if err != nil {
			errs = append(errs, petition.FieldError{Field: "email", Key: "email"})
		}
		sealed, c.Contact = letter.SealAddress(s.o.Vault, addr.Send), true
	}
	if err := errs.OrNil(); err != nil {
		return "", err
	}
	c, err := s.o.Law.Complain(c, s.o.Now())
	if err != nil {
		return "", err
	}
	c.Ref = Ref()
	return c.Ref, s.o.Store.AddComplaint(ctx, c, sealed)
}

// about finds the petition a complaint names.
func (s *Service) about(ctx context.Context, c *petition.Complaint, number string) error {
	if number = strings.TrimSpace(number); number == "" {
		return nil
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return store.ErrNotFound
	}
	p, err := s.o.Store.PublicPetition(ctx, n)
	c.Petition, c.Number = p.ID, n
	return err
}

// Queue is a page of the complaints that wait, the nearest deadline first.
func (s *Service) Queue(ctx context.Context, offset, limit int) ([]petition.Complaint, int, error) {
	return s.o.Store.DeskComplaints(ctx, offset, limit)
}

// Case is a complaint as an officer sees it, and who may not decide it.
func (s *Service) Case(ctx context.Context, id int64) (petition.Complaint, []petition.OfficerID, error) {
	c, events, err := s.o.Store.DeskComplaint(ctx, id)
	return c, petition.Deciders(events), err
}

// mineMost is how many complaints a petitioner is shown one by one.
const mineMost = 20

// Mine are the complaints about a petition for its petitioner, those that wait
// first, and how many there are in all.
func (s *Service) Mine(ctx context.Context, id petition.ID) ([]petition.Complaint, int, error) {
	return s.o.Store.MineComplaints(ctx, id, mineMost)
}

// Verdict is a filled-in decision on a complaint. Demand is the entry of the
// register for a complaint by an authority, nil for none.
type Verdict struct {
	Outcome petition.ComplaintOutcome
	Reason  string
	Demand  *petition.Demand
}

// Decide is an officer's decision. Both sides are told, with its reason, in
// the transaction that makes it true; nothing is removed by it.
func (s *Service) Decide(ctx context.Context, who store.Staff, id int64, v Verdict) error {
	now := s.o.Now()
	return s.o.Store.DecideComplaint(ctx, id, func(tx *store.Tx, c petition.Complaint, deciders []petition.OfficerID, address []byte) (petition.Complaint, error) {
		c, entry, err := s.judge(who, c, deciders, v, now)
		if err != nil {
			return c, err
		}
		if entry != nil {
			if err := tx.AddDemand(*entry); err != nil {
				return c, err
			}
		}
		if err := s.tellComplainant(tx, c, address, now); err != nil {
			return c, err
		}
		return c, s.tellPetitioner(tx, c, now)
	})
}

// Rehearse is Decide with its errors; nothing is saved.
func (s *Service) Rehearse(who store.Staff, c petition.Complaint, deciders []petition.OfficerID, v Verdict) error {
	_, _, err := s.judge(who, c, deciders, v, s.o.Now())
	return err
}

// judge is a decision with its entry of the register, nil for none.
func (s *Service) judge(who store.Staff, c petition.Complaint, deciders []petition.OfficerID, v Verdict, now time.Time) (petition.Complaint, *petition.Demand, error) {
	d := petition.ComplaintDecision{Outcome: v.Outcome, Reason: petition.Clean(v.Reason), Officer: petition.OfficerID(who.ID)}
	c, err := c.Decide(d, deciders, now)
	if err != nil || c.By != petition.ByAuthority || v.Demand == nil {
		return c, nil, err
	}
	entry := *v.Demand
	entry.Complaint, entry.Number, entry.Authority, entry.Ground = c.Ref, c.Number, c.Name, c.Article
	entry.On, entry.Reason = s.o.Law.Today(c.At), c.Reason
	entry, err = s.entry(who, entry, now)
	return c, &entry, err
}

// Enter puts a demand into the register that came by another way than a complaint.
func (s *Service) Enter(ctx context.Context, who store.Staff, d petition.Demand) error {
	d, err := s.judged(ctx, who, d)
	if err != nil {
		return err
	}
	return s.o.Store.AddDemand(ctx, d)
}

// Judge is Enter with its errors, and keeps nothing: what would be refused is
// not asked about first.
func (s *Service) Judge(ctx context.Context, who store.Staff, d petition.Demand) error {
	_, err := s.judged(ctx, who, d)
	return err
}

func (s *Service) judged(ctx context.Context, who store.Staff, d petition.Demand) (petition.Demand, error) {
	d, err := s.entry(who, d, s.o.Now())
	if err != nil || d.Number == 0 {
		return d, err
	}
	_, err = s.o.Store.PublicPetition(ctx, d.Number)
	if errors.Is(err, store.ErrNotFound) {
		err = petition.FieldErrors{{Field: "petition", Key: "unknown"}}
	}
	return d, err
}

// entry is a demand as it is kept, or what is wrong with it.
func (s *Service) entry(who store.Staff, d petition.Demand, now time.Time) (petition.Demand, error) {
	for _, text := range []*string{&d.Authority, &d.Ground, &d.Asked, &d.Done, &d.Reason, &d.DelayGround} {
		*text = petition.Clean(*text)
	}
	d.Officer, d.At = petition.OfficerID(who.ID), now
	return d, d.Check(s.o.Law.Today(now)).OrNil()
}

// tellComplainant queues the letter to whoever complained, where an address
// was given.
func (s *Service) tellComplainant(tx *store.Tx, c petition.Complaint, address []byte, now time.Time) error {
	if address == nil {
		return nil
	}
	to, _ := letter.OpenAddress(s.o.Vault, address) // one that does not open becomes a letter that is given up, and counted
	l := letter.Letter{To: to, Lang: c.Lang, Kind: letter.ComplaintDecided, Args: s.args(c, c.Lang)}
	return s.enqueue(tx, l, "complainant-"+c.Ref, now)
}

// tellPetitioner queues the letter to the petitioner whose petition the
// complaint was about.
func (s *Service) tellPetitioner(tx *store.Tx, c petition.Complaint, now time.Time) error {
	if c.Petition == 0 {
		return nil
	}
	contact, err := tx.Contact(c.Petition)
	if errors.Is(err, store.ErrNotFound) {
		return nil // another site's: nobody to be written to
	} else if err != nil {
		return err
	}
	p, err := tx.Petition(c.Petition)
	if err != nil {
		return err
	}
	to, _ := letter.OpenAddress(s.o.Vault, contact.Sealed)
	l := letter.Letter{To: to, Lang: contact.Lang, Kind: letter.ComplaintAbout, Args: s.args(c, contact.Lang)}
	text, _, _ := p.Texts.In(contact.Lang, p.Lang)
	l.Args["title"] = text.Title
	l.Args["mine"] = s.o.URL + "/" + string(contact.Lang) + "/mine/" + s.o.Vault.Fixed("mine", p.UID[:])
	return s.enqueue(tx, l, "complained-"+c.Ref, now)
}

// args are the arguments of both letters.
func (s *Service) args(c petition.Complaint, lang petition.Lang) map[string]string {
	page := s.o.URL + "/" + string(lang) + "/moderation"
	if c.Number != 0 {
		page = s.o.URL + "/" + string(lang) + "/petitions/" + strconv.FormatInt(c.Number, 10)
	}
	return map[string]string{"ref": c.Ref, "outcome": string(c.Outcome), "note": c.Reason, "page": page}
}

func (s *Service) enqueue(tx *store.Tx, l letter.Letter, uid string, now time.Time) error {
	row, err := l.Seal(s.o.Vault, uid, store.PriorityActs, now)
	if err != nil {
		return err
	}
	return tx.Enqueue(row)
}
