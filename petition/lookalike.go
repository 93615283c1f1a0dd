package petition

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// homoglyphs are Cyrillic letters, in lower case, that a reader takes for a
// Latin one (a small part of Unicode TR 39, confusables), and digits taken for
// letters.
var homoglyphs = map[rune]rune{
	'а': 'a', 'в': 'b', 'с': 'c', 'е': 'e', 'ё': 'e', 'һ': 'h', 'н': 'h', 'і': 'i', 'ї': 'i', 'ј': 'j', 'к': 'k', 'қ': 'k', 'м': 'm',
	'о': 'o', 'ө': 'o', 'р': 'p', 'ѕ': 's', 'т': 't', 'у': 'y', 'ү': 'y', 'ұ': 'y', 'х': 'x', 'ҳ': 'x', 'ԛ': 'q', 'ԝ': 'w', 'ӏ': 'l', 'ә': 'ə',
	'0': 'o', '1': 'l',
}

// Skeleton is what two names have in common that a reader would confuse: folded,
// without marks, blanks and punctuation, and with one letter for those that
// look alike.
func Skeleton(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		if g, ok := homoglyphs[r]; ok {
			r = g
		}
		b.WriteRune(r)
	}
	return b.String()
}

// MixesScripts reports whether a word of the name has Latin and Cyrillic letters.
func MixesScripts(name string) bool {
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) &&
			strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
			return true
		}
	}
	return false
}

// Lookalike reports whether two names are not the same to a computer but may be
// to a reader.
func Lookalike(a, b string) bool {
	plain := func(s string) string { return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(s))), " ") }
	return plain(a) != plain(b) && Skeleton(a) != "" && Skeleton(a) == Skeleton(b)
}
