package web

import (
	"maps"
	"slices"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/search"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// marked is what a search marks in a card.
type marked struct {
	Title, Ask []search.Piece
	// Found is a part of the text that the card does not show, in FoundLang when
	// that is not the page's language; nil when title or ask have the word.
	Found     []search.Piece
	FoundLang petition.Lang
	FoundIn   string // says where Found stands
}

// snippetLetters is how much of a text is shown around a word.
const snippetLetters = 180

// mark marks in the card of v what was searched for.
func (w *Web) mark(l petition.Lang, c *card, v store.Public, marks search.Marks) {
	m := &marked{Title: marks.Pieces(c.Title), Ask: marks.Pieces(c.Ask)}
	c.Marked = m
	if hasMark(m.Title) || hasMark(m.Ask) {
		return
	}
	pr := w.bundle.Printer(l)
	_, shown, _ := v.Texts.In(l, fallbacks(v.Lang)...)
	for _, in := range append([]petition.Lang{shown}, i18n.Langs()...) {
		t := v.Texts[in]
		for _, part := range []string{t.Title, t.Ask, t.Details} {
			if m.Found = marks.Snippet(part, snippetLetters); m.Found != nil {
				m.FoundIn = pr.T("web.search.found-in", "lang", pr.T("lang."+string(in)))
				if in != l {
					m.FoundLang = in
				}
				return
			}
		}
	}
}

func hasMark(pieces []search.Piece) bool {
	return slices.ContainsFunc(pieces, func(p search.Piece) bool { return p.Mark })
}

// searchNotes are what a search says besides its results.
type searchNotes struct {
	Instead []string // words that were understood as others, in sentences
	Try     []link   // searches that may do better
}

func (w *Web) searchNotes(pr *i18n.Printer, f filters, r search.Result) *searchNotes {
	var notes searchNotes
	for _, i := range r.Instead {
		notes.Instead = append(notes.Instead, pr.T("web.search.instead", "typed", i.Typed, "found", i.Found))
	}
	for _, q := range r.Try {
		other := filters{maps.Clone(f.Values)}
		other.Set("q", q)
		notes.Try = append(notes.Try, link{Text: q, URL: other.at(pr.Lang(), 1)})
	}
	if len(notes.Instead)+len(notes.Try) == 0 {
		return nil
	}
	return &notes
}
