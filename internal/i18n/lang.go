package i18n

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"github.com/dauys/dauys/petition"
)

// Lang is a language of the site, as the first part of its addresses says it.
type Lang = petition.Lang

// The languages of the site.
const (
	Kazakh  Lang = "kk"
	Russian Lang = "ru"
	English Lang = "en"
)

// Langs are the languages of the site, in the order in which they are offered.
// The caller owns the slice.
func Langs() []Lang { return []Lang{Kazakh, Russian, English} }

// tag is l for the tables of x/text.
func tag(l Lang) language.Tag { return language.Make(string(l)) }

// maxRanges bounds the work an Accept-Language header can ask for. Browsers
// send fewer than ten.
const maxRanges = 32

// Match chooses the language for a reader from an Accept-Language header
// (rfc9110#12.5.4). The reader gets a language that was asked for, by weight
// and then by order; English otherwise. Nobody is given Russian because their
// own language is thought to be near it. Any script or region of a language
// counts as that language; malformed parts are passed over.
func Match(acceptLanguage string) Lang {
	best, weight := English, 0
	rest, more := acceptLanguage, true
	for n := 0; more && n < maxRanges; n++ {
		var part string
		part, rest, more = strings.Cut(rest, ",")
		l, q, ok := parseRange(part)
		if ok && q > weight {
			best, weight = l, q
		}
	}
	return best
}

// parseRange reads one part of the header: a language of the site and its
// weight in thousandths. "*" is a wish for the default.
func parseRange(part string) (Lang, int, bool) {
	name, params, weighted := strings.Cut(part, ";")
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(name)), "-")
	l := Lang(primary)
	switch l {
	case Kazakh, Russian, English:
	case "*":
		l = English
	default:
		return "", 0, false
	}
	if !weighted {
		return l, 1000, true
	}
	q, ok := parseWeight(strings.TrimSpace(params))
	return l, q, ok
}

// parseWeight reads "q=0.8" in thousandths (rfc9110#12.4.2: at most three decimals).
func parseWeight(s string) (int, bool) {
	key, value, ok := strings.Cut(s, "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(key), "q") {
		return 0, false
	}
	whole, decimals, _ := strings.Cut(strings.TrimSpace(value), ".")
	if whole != "0" && whole != "1" || len(decimals) > 3 {
		return 0, false
	}
	q := 0
	for i := range 3 {
		q *= 10
		if i < len(decimals) {
			d := decimals[i]
			if d < '0' || d > '9' {
				return 0, false
			}
			q += int(d - '0')
		}
	}
	if whole == "1" {
		return 1000, q == 0
	}
	return q, true
}

// minWritten is how many letters say in which language somebody wrote: of as
// many Cyrillic ones in Kazakh, hardly ever none is one that Russian lacks.
const minWritten = 20

// Written is the language in which a text by an unknown author seems to be
// written: "" when it is too short to tell, or in letters of another language.
// For voices and hyphens (WCAG 3.1.2) only: nothing is decided by it.
func Written(text string) Lang {
	latin, cyrillic, kazakh := 0, 0, 0
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z':
			latin++
		case strings.ContainsRune("әғқңөұүһіӘҒҚҢӨҰҮҺІ", r):
			kazakh++
		case 'а' <= r && r <= 'я' || 'А' <= r && r <= 'Я' || r == 'ё' || r == 'Ё':
			cyrillic++
		case unicode.IsLetter(r):
			return ""
		}
	}
	switch total := latin + cyrillic + kazakh; {
	case total < minWritten:
		return ""
	case kazakh > 0 && kazakh+cyrillic > 2*latin:
		return Kazakh
	case kazakh == 0 && cyrillic > 2*latin:
		return Russian
	case kazakh+cyrillic == 0:
		return English
	}
	return ""
}
