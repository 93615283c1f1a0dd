package moderation

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Barred is an earlier petition that bars the same demand for a while.
type Barred struct {
	store.Public
	Until petition.Date // last day of the bar
	Same  bool          // the title has the same words; else it is only near
}

// barredMax is how many earlier petitions are told of.
const barredMax = 5

// Bar finds the petitions whose demand the law in force bars today, near the
// title in one language: those with the same words first.
func (s *Service) Bar(ctx context.Context, l petition.Lang, title string) ([]Barred, error) {
	law := s.o.Law
	words := barWords(title)
	if law.Duplicate.Window.IsZero() || len(words) == 0 {
		return nil, nil
	}
	today := law.Today(s.o.Now())
	var list []Barred
	for _, terms := range [][]string{words, words[:min(2, len(words))]} {
		page, err := s.o.Store.PublicList(ctx, store.ListQuery{Facet: store.FacetClosed, Lang: l, Search: strings.Join(terms, " "), Sort: store.SortNewest, Limit: 20})
		if err != nil {
			return nil, err
		}
		for _, v := range page.Items {
			until := petition.Date{}
			if v.Origin == store.Here && v.Profile.ID == law.ID {
				until = law.BarredUntil(v.Petition)
			}
			known := slices.ContainsFunc(list, func(b Barred) bool { return b.ID == v.ID })
			if until.IsZero() || until.Before(today) || known || len(list) == barredMax {
				continue
			}
			t, _, _ := v.Texts.In(l)
			list = append(list, Barred{Public: v, Until: until, Same: petition.SameDemand(title, t.Title)})
		}
	}
	slices.SortStableFunc(list, func(a, b Barred) int {
		if a.Same == b.Same {
			return 0
		} else if a.Same {
			return -1
		}
		return 1
	})
	return list, nil
}

// barWords are the longest words of a title, folded as the search has them.
func barWords(title string) []string {
	words := store.Terms(title)
	words = slices.DeleteFunc(words, func(w string) bool { return len([]rune(w)) < 4 })
	slices.SortStableFunc(words, func(a, b string) int { return len([]rune(b)) - len([]rune(a)) })
	return slices.Compact(words[:min(len(words), 6)])
}

// barred is the fault of a form that asks for what is barred; nil where the law
// only warns, or the words differ.
func (s *Service) barred(ctx context.Context, f Form) (*petition.FieldError, error) {
	if s.o.Law.Duplicate.Effect != petition.BarRefuse {
		return nil, nil
	}
	list, err := s.Bar(ctx, f.Lang, f.Texts[f.Lang].Title)
	if err != nil || len(list) == 0 || !list[0].Same {
		return nil, err
	}
	return &petition.FieldError{Field: "title", Key: "barred", Args: map[string]any{"number": strconv.FormatInt(list[0].Number, 10), "date": list[0].Until}}, nil
}
