package search

import (
	"strings"
)

// sound brings a word, in Cyrillic or in any of the Latin spellings of Kazakh
// and Russian, to one form: what was written in one of them is found by
// another. мектеп and mektep, школа and shkola, қазақстан and qazaqstan, and
// Kazakh typed without its own letters.
//
// A letter of the form stands for a sound: S for ш and щ, C for ч, A for я, U
// for ю; hard and soft signs and doubled letters are lost.
func sound(word string) string {
	out := make([]byte, 0, len(word))
	for word != "" {
		n, letter := firstSound(word)
		out = addSound(out, letter)
		word = word[n:]
	}
	return string(out)
}

// addSound appends letters, joining those that some spellings write as one.
func addSound(out []byte, letters string) []byte {
	for i := range len(letters) {
		c := letters[i]
		last := byte(0)
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		switch {
		case last == c && c > '9', last == 'n' && c == 'g': // doubled; ң as ng
		case last == 't' && c == 's':
			out[len(out)-1] = 'c'
		case last == 'i' && c == 'a', last == 'i' && c == 'A':
			out[len(out)-1] = 'A'
		case last == 'i' && c == 'u', last == 'i' && c == 'U':
			out[len(out)-1] = 'U'
		case last == 'i' && c == 'e':
			out[len(out)-1] = 'e'
		default:
			out = append(out, c)
		}
	}
	return out
}

// firstSound is the sound a word begins with, and of how many bytes.
func firstSound(word string) (int, string) {
	for _, group := range groups {
		if strings.HasPrefix(word, group.letters) {
			return len(group.letters), group.sound
		}
	}
	for i, r := range word {
		if i > 0 {
			return i, soundOf([]rune(word[:i])[0], word[:i])
		}
		if r < 0x80 {
			return 1, soundOf(r, word[:1])
		}
	}
	return len(word), soundOf([]rune(word)[0], word)
}

// groups are letters that stand for one sound in Latin spellings, the longest
// first.
var groups = []struct{ letters, sound string }{
	{"shch", "S"}, {"sch", "S"}, {"sh", "S"}, {"ch", "C"}, {"zh", "j"}, {"kh", "h"}, {"gh", "g"},
}

// soundOf is the sound of one letter; other signs stand for themselves.
func soundOf(r rune, itself string) string {
	if s, ok := sounds[r]; ok {
		return s
	}
	return itself
}

var sounds = map[rune]string{
	'а': "a", 'ә': "a", 'б': "b", 'в': "v", 'г': "g", 'ғ': "g", 'д': "d", 'е': "e", 'ё': "e", 'э': "e", 'ж': "j", 'з': "z",
	'и': "i", 'й': "i", 'ы': "i", 'і': "i", 'к': "k", 'қ': "k", 'л': "l", 'м': "m", 'н': "n", 'ң': "n", 'о': "o", 'ө': "o",
	'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ұ': "u", 'ү': "u", 'ф': "f", 'х': "h", 'һ': "h", 'ц': "c", 'ч': "C",
	'ш': "S", 'щ': "S", 'ъ': "", 'ь': "", 'ю': "U", 'я': "A",
	// Latin Kazakh of 2021, before it of 2018, and scholarly Russian.
	'q': "k", 'w': "u", 'x': "h", 'y': "i", 'ı': "i", 'ğ': "g", 'ǵ': "g", 'ñ': "n", 'ń': "n", 'ş': "S", 'š': "S", 'ç': "C",
	'č': "C", 'ž': "j", 'ä': "a", 'á': "a", 'ö': "o", 'ó': "o", 'ü': "u", 'ū': "u", 'ú': "u", 'ý': "u", 'é': "e", '\u0307': "",
}

// soundsLike are the sounds that a Latin word may stand for; some letters are
// read in two ways.
func soundsLike(word string) []string {
	all := []string{sound(word)}
	for _, way := range [][2]string{{"x", "ks"}, {"yo", "e"}, {"jo", "e"}, {"w", "v"}, {"ja", "ya"}, {"ju", "yu"}} {
		if strings.Contains(word, way[0]) {
			all = append(all, sound(strings.ReplaceAll(word, way[0], way[1])))
		}
	}
	return all
}
