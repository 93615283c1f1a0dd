package i18n

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// diaeresis is what makes an е a ё once the letter is taken apart.
const diaeresis = '\u0308'

// Fold brings text to the form in which it is searched: compatibility
// composed (NFKC), in lower case, ё as е. Both what is kept and what is asked
// for go through it, on every database engine alike. Folding twice changes
// nothing. Invalid UTF-8 becomes U+FFFD, so that the result can be stored.
func Fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	// Taken apart first, so that lowering and dropping marks need one pass
	// whatever the number of marks: a long row of them is no attack.
	apart := norm.NFKD.String(strings.ToValidUTF8(s, "\uFFFD"))
	var b strings.Builder
	b.Grow(len(apart))
	onE := false // the marks being read belong to an е
	for _, r := range apart {
		r = unicode.ToLower(r)
		if norm.NFKD.PropertiesString(string(r)).CCC() == 0 {
			onE = r == 'е'
		}
		if onE && r == diaeresis {
			continue
		}
		b.WriteRune(r)
	}
	return norm.NFKC.String(b.String())
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
