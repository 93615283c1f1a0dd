package search

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// Version is that of the words that Encode writes. Whoever changes what Words
// or Encode returns for some text raises it, and stores make their rows again.
const Version = 1

// maxWord is how many bytes of a word count: nobody writes longer ones.
const maxWord = 120

// Words are the words of a text in the form in which they are compared:
// letters, numbers and their marks, folded.
func Words(text string) []string {
	words := strings.FieldsFunc(i18n.Fold(text), isNoWord)
	for i, w := range words {
		words[i] = shortened(w)
	}
	return words
}

func shortened(w string) string {
	if len(w) <= maxWord {
		return w
	}
	n := maxWord
	for !utf8.RuneStart(w[n]) {
		n--
	}
	return w[:n]
}

func isNoWord(r rune) bool {
	if r < utf8.RuneSelf {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z')
	}
	return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
}

// Field is the part of a petition in which a word stands; the lower one counts
// more.
type Field int

// The fields.
const (
	Title Field = iota
	Ask
	Details
	fields
)

// Encode writes the different words of a petition as one text, a line for each
// language: its code, then the words of title, ask and details, between tabs.
// A word stands in the best of its fields only.
func Encode(texts petition.Texts) string {
	var b strings.Builder
	for _, l := range slices.Sorted(maps.Keys(texts)) {
		t := texts[l]
		seen := map[string]bool{}
		b.WriteString(string(l))
		for _, part := range [fields]string{t.Title, t.Ask, t.Details} {
			b.WriteByte('\t')
			first := true
			for _, w := range Words(part) {
				if seen[w] {
					continue
				}
				seen[w] = true
				if !first {
					b.WriteByte(' ')
				}
				first = false
				b.WriteString(w)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// eachWord calls f for every word that Encode wrote.
func eachWord(encoded string, f func(l lang, at Field, word string)) {
	for line := range strings.Lines(encoded) {
		code, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		l := langOf(petition.Lang(code))
		at := Title
		for part := range strings.SplitSeq(rest, "\t") {
			for part != "" {
				var w string
				w, part, _ = strings.Cut(part, " ")
				f(l, min(at, Details), w)
			}
			at++
		}
	}
}

// lang is a language in which words are known to have forms; 0 is any other.
type lang uint8

const (
	other lang = iota
	kazakhWords
	russianWords
	englishWords
	langs
)

func langOf(l petition.Lang) lang {
	switch l {
	case i18n.Kazakh:
		return kazakhWords
	case i18n.Russian:
		return russianWords
	case i18n.English:
		return englishWords
	}
	return other
}

// isCyrillic reports whether a word has a letter of that script, and isKazakh
// whether it has one that Russian does not know.
func isCyrillic(w string) bool {
	return strings.ContainsFunc(w, func(r rune) bool { return r >= 0x400 && r < 0x530 })
}

func isKazakh(w string) bool { return strings.ContainsAny(w, "әғқңөұүһі") }

// isPlain reports whether a word is all ASCII.
func isPlain(w string) bool {
	return strings.IndexFunc(w, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
