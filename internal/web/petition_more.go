package web

import (
	"context"
	"errors"
	"slices"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// petitionMore is what else a petition's page tells; the template is petition_more.
type petitionMore struct {
	News     []newsView
	Proposal bool
	Disowned petition.Date // the organisation said that it is not its own; zero for never
	OrgName  string
	Into     *sideBySide // closed in favour of it
	Merged   []sideBySide
}

// sideBySide is another petition with its own count, which is never added.
type sideBySide struct {
	Number, Path, Title string
	Lang                petition.Lang
	Count               int64
}

func (w *Web) petitionMore(ctx context.Context, l petition.Lang, law *petition.Profile, v store.Public) (*petitionMore, error) {
	more := &petitionMore{Proposal: v.Kind == petition.KindProposal}
	if c := v.OrgCheck; c != nil && c.State == petition.OrgDisowned {
		more.Disowned, more.OrgName = law.Today(c.At), v.Creator.Org
	}
	if !v.NewsAt.IsZero() && !v.HideText {
		events, err := w.store.PublicEvents(ctx, v.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range slices.Backward(events) {
			if e.Kind == petition.EvNews {
				more.News = append(more.News, newsView{e.Data["title"], e.Data["text"], petition.Lang(e.Data["lang"]), law.Today(e.At)})
			}
		}
	}
	var err error
	if v.MergedInto != 0 {
		if more.Into, err = w.beside(ctx, l, v.MergedInto); err != nil {
			return nil, err
		}
	}
	for _, n := range v.Merged {
		other, err := w.beside(ctx, l, n)
		if err != nil {
			return nil, err
		}
		if other != nil {
			more.Merged = append(more.Merged, *other)
		}
	}
	return more, nil
}

// beside is another petition for a page; nil when it is public no more.
func (w *Web) beside(ctx context.Context, l petition.Lang, n int64) (*sideBySide, error) {
	v, err := w.store.PublicPetition(ctx, n)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case !v.State.Public() || v.HideText:
		return nil, nil
	}
	t, in, _ := v.Texts.In(l, fallbacks(v.Lang)...)
	return &sideBySide{Number: numberWords(n), Path: "/" + string(l) + petitionPath(n), Title: t.Title, Lang: in, Count: v.Shown}, nil
}
