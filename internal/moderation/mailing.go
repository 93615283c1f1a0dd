package moderation

import (
	"context"

	"github.com/dauys/dauys/internal/store"
)

// SetMailing pauses news to the subscribers of a petition, lets them go on, or
// stops them for good; kept as an act of the officer. store.ErrConflict says
// that a colleague was faster.
func (s *Service) SetMailing(ctx context.Context, who store.Staff, id int64, to store.MailingState) error {
	return s.o.Store.SetMailing(ctx, id, to, who.ID, s.o.Now())
}
