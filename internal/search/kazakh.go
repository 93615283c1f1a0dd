package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Endings of Kazakh nouns, in the order in which they stand at the end: a
// relation (-дағы), a case, a possessor, the plural. Each agrees with the last
// vowel of what is before it. Verbs and derived words are left alone: their
// endings are too many and too short to be taken off safely.
var (
	relations = []string{"ндағы", "ндегі", "дағы", "дегі", "тағы", "тегі"}
	cases     = []string{
		"ның", "нің", "дың", "дің", "тың", "тің",
		"нан", "нен", "дан", "ден", "тан", "тен",
		"нда", "нде", "мен", "бен", "пен",
		"на", "не", "ға", "ге", "қа", "ке", "да", "де", "та", "те", "ны", "ні", "ды", "ді", "ты", "ті",
	}
	possessors = []string{"ымыз", "іміз", "ыңыз", "іңіз", "мыз", "міз", "ңыз", "ңіз", "сын", "сін", "сы", "сі", "ын", "ін", "ым", "ім", "ың", "ің", "ы", "і"}
	plurals    = []string{"лар", "лер", "дар", "дер", "тар", "тер"}
)

// kazakhShortest is how many letters are left when an ending is taken off.
const kazakhShortest = 3

// kazakhStems are the word itself and what is left of it as endings are taken
// off, one sort after the other, each once at most.
func kazakhStems(word string) []string {
	stems := []string{softened(word)}
	for _, endings := range [][]string{relations, cases, possessors, plurals} {
		if rest := takeOff(word, endings); rest != word {
			word = rest
			if s := softened(word); !slices.Contains(stems, s) {
				stems = append(stems, s)
			}
		}
	}
	return stems
}

// takeOff takes the first of these endings off that fits, the longest being first.
func takeOff(word string, endings []string) string {
	for _, e := range endings {
		rest, ok := strings.CutSuffix(word, e)
		if ok && utf8.RuneCountInString(rest) >= kazakhShortest && agrees(rest, e) && follows(rest, e) {
			return rest
		}
	}
	return word
}

// follows reports whether an ending may stand there: -на, -нда and -ндағы only
// after his, her or their (қаласында is in their town, қазақстанда in Kazakhstan).
func follows(rest, ending string) bool {
	switch ending {
	case "на", "не", "нда", "нде", "ндағы", "ндегі":
		return strings.HasSuffix(rest, "ы") || strings.HasSuffix(rest, "і")
	}
	return true
}

// agrees reports whether an ending has the vowels that must follow the last
// vowel of what is before it. After one that both sorts follow, any does.
func agrees(rest, ending string) bool {
	v, w := lastVowel(rest), lastVowel(ending)
	return v == 0 && strings.ContainsAny(rest, "иуюёэ") || v != 0 && v == w
}

// lastVowel is 1 for the vowels of the back, 2 for those of the front, and 0
// where there are none or one that says nothing.
func lastVowel(s string) int {
	for len(s) > 0 {
		r, n := utf8.DecodeLastRuneInString(s)
		switch {
		case strings.ContainsRune("аоұыя", r):
			return 1
		case strings.ContainsRune("әөүіе", r):
			return 2
		case strings.ContainsRune("иуюэ", r):
			return 0
		}
		s = s[:len(s)-n]
	}
	return 0
}

// softened undoes the change of a last letter before a vowel: мектеп, мектебі.
func softened(s string) string {
	r, n := utf8.DecodeLastRuneInString(s)
	switch r {
	case 'б':
		return s[:len(s)-n] + "п"
	case 'г':
		return s[:len(s)-n] + "к"
	case 'ғ':
		return s[:len(s)-n] + "қ"
	}
	return s
}
