package moderation

import (
	"context"
	"strconv"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// WriteNews hands in the petitioner's news to the followers; they wait for a
// moderator.
func (s *Service) WriteNews(ctx context.Context, token, title, text string) error {
	return s.act(ctx, token, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		n := petition.News{Title: petition.Clean(title), Text: petition.Clean(text), Lang: p.Lang}
		return law.WriteNews(p, n, s.o.Now())
	})
}

// NewsMark names the news that wait, so that an officer decides on what was read.
func NewsMark(n petition.News) string { return strconv.FormatInt(n.At.UnixNano(), 10) }

// DecideNews publishes or refuses the news that wait; mark is their NewsMark.
func (s *Service) DecideNews(ctx context.Context, who store.Staff, id petition.ID, v Verdict, mark string) error {
	note := petition.Clean(v.Note)
	if err := petition.CheckText("news_note", note, maxWords, false).OrNil(); err != nil {
		return err
	}
	ns, err := strconv.ParseInt(mark, 10, 64)
	if err != nil {
		return petition.ErrTextChanged
	}
	return s.change(ctx, id, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		d := petition.Decision{Verdict: v.Verdict, Reason: v.Reason, Note: note, Officer: petition.OfficerID(who.ID)}
		return law.DecideNews(p, d, time.Unix(0, ns).UTC(), s.o.Now())
	})
}

// change applies a pure decision under the petition's law.
func (s *Service) change(ctx context.Context, id petition.ID, f func(*petition.Profile, petition.Petition) (petition.Change, error)) error {
	_, err := s.o.Store.Change(ctx, id, s.o.Now(), func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		law := s.o.Store.Laws().Of(p)
		if law == nil {
			return petition.Change{}, petition.ErrState
		}
		return f(law, p)
	})
	return err
}

// SetDisplay changes how the petitioner is shown, before the publication.
func (s *Service) SetDisplay(ctx context.Context, token string, d petition.Display) error {
	return s.act(ctx, token, func(law *petition.Profile, p petition.Petition) (petition.Change, error) {
		return law.SetDisplay(p, d, s.o.Now())
	})
}
