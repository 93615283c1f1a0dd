package store

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// index makes the search words of a petition follow its text. Only what is
// public can be found. Words are folded here, since SQLite folds ASCII only.
func (tx *Tx) index(p petition.Petition) error {
	if err := tx.exec(tx.d.unindexText, int64(p.ID)); err != nil {
		return err
	}
	if !p.State.Public() || p.HideText {
		return nil
	}
	title, body := searchText(p.Texts)
	return tx.exec(tx.d.indexText, int64(p.ID), title, body)
}

// maxWord is how many bytes of a word count in a search. PostgreSQL refuses
// lexemes of 2 kB; nobody writes such words.
const maxWord = 120

// searchWords cuts folded text into its words: letters, numbers and their
// marks. Both engines are given words only, so that both find the same.
func searchWords(text string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
	for i, w := range words {
		if len(w) > maxWord {
			words[i] = strings.ToValidUTF8(w[:maxWord], "")
		}
	}
	return words
}

func searchText(texts petition.Texts) (title, body string) {
	var titles, bodies []string
	for _, l := range slices.Sorted(maps.Keys(texts)) {
		t := texts[l]
		titles = append(titles, t.Title)
		bodies = append(bodies, t.Ask, t.Details)
	}
	words := func(parts []string) string {
		return strings.Join(searchWords(i18n.Fold(strings.Join(parts, "\n"))), " ")
	}
	return words(titles), words(bodies)
}
