package petition

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// capitals are Greek capitals that a reader takes for a Latin or Cyrillic one,
// and whose small letters look like others.
var capitals = map[rune]rune{'Η': 'h', 'Μ': 'm', 'Ν': 'n', 'Υ': 'y', 'Γ': 'г', 'Π': 'п', 'Λ': 'л', 'Φ': 'ф', 'Σ': 'є'}

// homoglyphs are letters, in lower case and without marks, that a reader takes
// for another one, which stands for all of them (a small part of Unicode TR 39,
// confusables), and digits taken for letters.
var homoglyphs = map[rune]rune{
	'а': 'a', 'в': 'b', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'ғ': 'г', 'һ': 'h', 'н': 'h', 'ң': 'h', 'ӊ': 'h', 'ј': 'j', 'к': 'k', 'қ': 'k', 'ҝ': 'k', 'ҡ': 'k',
	'м': 'm', 'о': 'o', 'ө': 'o', 'р': 'p', 'ѕ': 's', 'т': 't', 'у': 'y', 'ү': 'y', 'ұ': 'y', 'х': 'x', 'ҳ': 'x', 'ԛ': 'q', 'ԝ': 'w', 'ә': 'ə',
	'α': 'a', 'β': 'b', 'ϲ': 'c', 'ε': 'e', 'η': 'n', 'κ': 'k', 'μ': 'u', 'ν': 'v', 'ο': 'o', 'ρ': 'p', 'σ': 'o', 'τ': 't', 'υ': 'u', 'χ': 'x', 'γ': 'y', 'ζ': 'z',
	'ɑ': 'a', 'ɡ': 'g', 'ł': 'l', 'ø': 'o', 'đ': 'd', 'ħ': 'h',
	'i': 'l', 'ı': 'l', 'ɩ': 'l', 'і': 'l', 'ӏ': 'l', 'ι': 'l', '1': 'l', '0': 'o', '3': 'з',
}

// pairs of letters that look like one.
var pairs = strings.NewReplacer("rn", "m", "vv", "w")

// SkeletonVersion changes with what Skeleton makes of names: whoever kept some
// makes them anew.
const SkeletonVersion = 2

// Skeleton is what two names have in common that a reader would confuse: folded,
// without marks, blanks and punctuation, and with one letter for those that
// look alike.
func Skeleton(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || filler(r) {
			continue
		}
		if g, ok := capitals[r]; ok {
			r = g
		}
		r = unicode.ToLower(r)
		if g, ok := homoglyphs[r]; ok {
			r = g
		}
		b.WriteRune(r)
	}
	return pairs.Replace(b.String())
}

// alphabets have letters that are taken for those of another.
var alphabets = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Coptic}

// MixesScripts reports whether a word of the name has letters of two alphabets
// that are taken for each other's.
func MixesScripts(name string) bool {
	seen := norm.NFKD.String(name)
	for word := range strings.FieldsFuncSeq(seen, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unseen(r) }) {
		found := 0
		for _, a := range alphabets {
			if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(a, r) }) {
				found++
			}
		}
		if found > 1 {
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
