package moderation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// ClaimLife is how long a case stays with an officer who does nothing.
const ClaimLife = 30 * time.Minute

// ErrClaimed says that another officer has the case before them. Use
// errors.AsType with *ClaimedError for who and until when.
var ErrClaimed = errors.New("moderation: another officer holds the case")

// ClaimedError is ErrClaimed with who holds the case.
type ClaimedError struct{ Claim store.Claim }

// Error names the officer by number.
func (e *ClaimedError) Error() string {
	return fmt.Sprintf("%v: officer %d", ErrClaimed, e.Claim.Staff)
}

// Unwrap makes it ErrClaimed.
func (e *ClaimedError) Unwrap() error { return ErrClaimed }

// QueueQuery is what an officer asks the queue for.
type QueueQuery struct {
	Filter store.DeskFilter
	Words  string
	Offset int
	Limit  int
}

// Queue is a page of the desk.
type Queue struct {
	store.DeskPage
	Claims map[petition.ID]store.Claim
}

// Queue is a page of what waits, the nearest deadline first, with how many each
// filter finds and who holds the cases of the page.
func (s *Service) Queue(ctx context.Context, who store.Staff, in QueueQuery) (Queue, error) {
	now := s.o.Now()
	q := store.DeskQuery{Filter: in.Filter, Staff: who.ID, Now: now, Soon: s.soon(now), Words: in.Words, Offset: in.Offset, Limit: in.Limit}
	var out Queue
	var err error
	if out.DeskPage, err = s.o.Store.DeskQueue(ctx, q); err != nil {
		return out, err
	}
	ids := make([]petition.ID, len(out.Items))
	for i, p := range out.Items {
		ids[i] = p.ID
	}
	out.Claims, err = s.o.Store.Claims(ctx, now, ids...)
	return out, err
}

// soon is the end of the third working day after today, under the site's law.
func (s *Service) soon(now time.Time) time.Time {
	law := s.o.Law
	t := petition.Term{N: SoonDays, Unit: civil.Workdays}
	return t.End(now, &law.Calendar, law.Location)
}

// Claim gives a case to an officer for a while; of a colleague's it is a
// ClaimedError until that claim has run out.
func (s *Service) Claim(ctx context.Context, who store.Staff, id petition.ID) error {
	now := s.o.Now()
	c, err := s.o.Store.Claim(ctx, id, who.ID, now, now.Add(ClaimLife))
	if err == nil && c.Holds(who.ID, now) {
		err = &ClaimedError{c}
	}
	return err
}

// Release lets an officer's own case go.
func (s *Service) Release(ctx context.Context, who store.Staff, id petition.ID) error {
	return s.o.Store.Release(ctx, id, who.ID)
}

// Holder is who holds a case now; the zero Claim for nobody. Looking at one's
// own case renews it.
func (s *Service) Holder(ctx context.Context, who store.Staff, id petition.ID) (store.Claim, error) {
	now := s.o.Now()
	claims, err := s.o.Store.Claims(ctx, now, id)
	c := claims[id]
	if err == nil && c.Staff == who.ID && c.Until.Sub(now) < ClaimLife-time.Minute {
		c, err = s.o.Store.Claim(ctx, id, who.ID, now, now.Add(ClaimLife))
	}
	return c, err
}

// letGo ends the claim on a case that who decides; a colleague's stands in the way.
func (s *Service) letGo(tx *store.Tx, who store.Staff, id petition.ID, now time.Time) error {
	c, err := tx.Claim(id)
	if err != nil {
		return err
	}
	if c.Holds(who.ID, now) {
		return &ClaimedError{c}
	}
	return tx.Unclaim(id)
}

// AddNote keeps a note for colleagues; nothing edits it afterwards.
func (s *Service) AddNote(ctx context.Context, who store.Staff, id petition.ID, text string) error {
	text = petition.Clean(text)
	if err := petition.CheckText("remark", text, maxWords, true).OrNil(); err != nil {
		return err
	}
	return s.o.Store.AddNote(ctx, id, who.ID, text, s.o.Now())
}

// Retopic sets the topics by which readers find a petition.
func (s *Service) Retopic(ctx context.Context, who store.Staff, id petition.ID, topics []string) error {
	return s.deskAct(ctx, id, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		return law.Retopic(p, topics, petition.OfficerID(who.ID), s.o.Now())
	})
}
