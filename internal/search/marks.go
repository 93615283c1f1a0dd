package search

import (
	"strings"
	"unicode/utf8"

	"github.com/dauys/dauys/internal/i18n"
)

// Marks are the words of a result, to be marked in its texts.
type Marks map[string]bool

// Piece is a part of a text; Mark says that it was looked for.
type Piece struct {
	Text string
	Mark bool
}

func (x *Index) marks(f *found) Marks {
	m := Marks{}
	for _, words := range f.matches {
		for n := range words {
			m[x.words[n].text] = true
		}
	}
	return m
}

// Pieces cuts a text where it must be marked. Together the pieces are the text.
func (m Marks) Pieces(text string) []Piece {
	var pieces []Piece
	plain := 0
	m.each(text, func(from, to int) bool {
		if from > plain {
			pieces = append(pieces, Piece{Text: text[plain:from]})
		}
		pieces = append(pieces, Piece{text[from:to], true})
		plain = to
		return true
	})
	if plain < len(text) {
		pieces = append(pieces, Piece{Text: text[plain:]})
	}
	return pieces
}

// each calls f for every word of text that is to be marked, until it has enough.
func (m Marks) each(text string, f func(from, to int) bool) {
	if len(m) == 0 {
		return
	}
	for from := 0; from < len(text); {
		start := strings.IndexFunc(text[from:], func(r rune) bool { return !isNoWord(r) })
		if start < 0 {
			return
		}
		start += from
		end := strings.IndexFunc(text[start:], isNoWord)
		if end < 0 {
			end = len(text) - start
		}
		end += start
		if m[shortened(i18n.Fold(text[start:end]))] && !f(start, end) {
			return
		}
		from = end
	}
}

// before is how much of a text is shown before the first marked word, in bytes.
const before = 60

// Snippet is a part of a text of about so many letters around the first word
// to mark, cut between words, with an ellipsis where something was left out.
// It is nil when there is no such word.
func (m Marks) Snippet(text string, letters int) []Piece {
	first := -1
	m.each(text, func(from, _ int) bool { first = from; return false })
	if first < 0 {
		return nil
	}
	text = strings.Join(strings.Fields(text[:first]), " ") + " " + strings.Join(strings.Fields(text[first:]), " ")
	text = strings.TrimSpace(text)
	m.each(text, func(from, _ int) bool { first = from; return false })
	from, to := 0, len(text)
	if first > before {
		from = first - before
		if blank := strings.IndexByte(text[from:first], ' '); blank >= 0 {
			from += blank + 1
		} else {
			from = first
		}
	}
	if runesIn(text[from:], letters) < first-from {
		from = first // so few letters that the word itself would be left out
	}
	if n := runesIn(text[from:], letters); from+n < to {
		to = from + n
		if blank := strings.LastIndexByte(text[first:to], ' '); blank > 0 {
			to = first + blank
		}
	}
	pieces := m.Pieces(text[from:to])
	if from > 0 {
		pieces = append([]Piece{{Text: "… "}}, pieces...)
	}
	if to < len(text) {
		pieces = append(pieces, Piece{Text: " …"})
	}
	return pieces
}

// runesIn is how many bytes the first n characters of s take.
func runesIn(s string, n int) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}
