package search

import (
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/russian"
)

// formKeys are the keys under which a word meets its other forms: two words of
// one language are forms of each other when they share a key. Kazakh words
// have several, one for each ending that may be one.
func formKeys(l lang, word string) []string {
	switch l {
	case russianWords:
		env := snowballstem.NewEnv(word)
		russian.Stem(env)
		return []string{"r" + env.Current()}
	case englishWords:
		env := snowballstem.NewEnv(americanised(word))
		english.Stem(env)
		return []string{"e" + env.Current()}
	case kazakhWords:
		keys := kazakhStems(word)
		for i := range keys {
			keys[i] = "k" + keys[i]
		}
		return keys
	}
	return nil
}

// americanised spells the endings of legalise as in legalize: the stemmer knows
// only those. What it does to promise it does to the query as well.
func americanised(word string) string {
	for _, ending := range []string{"ise", "ised", "ises", "ising", "isation", "isations", "iser", "isers"} {
		if rest, ok := strings.CutSuffix(word, ending); ok && len(rest) > 3 {
			return rest + "iz" + ending[2:]
		}
	}
	return word
}
