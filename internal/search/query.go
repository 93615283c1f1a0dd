package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxTerms is how many words of a query count; more narrow nothing down.
const MaxTerms = 12

// Query is what somebody looks for.
type Query struct {
	terms  []string
	number int64 // of a petition, when the query is one; else 0
}

// Parse reads what a reader typed. Small words are dropped where others are
// left; signs mean nothing.
func Parse(text string) Query {
	var q Query
	words := Words(text)
	for _, w := range words {
		if !slices.Contains(q.terms, w) && !isSmall(w) {
			q.terms = append(q.terms, w)
		}
	}
	if len(q.terms) == 0 {
		for _, w := range words {
			if !slices.Contains(q.terms, w) {
				q.terms = append(q.terms, w)
			}
		}
	}
	q.terms = q.terms[:min(len(q.terms), MaxTerms)]
	if len(words) == 1 && len(words[0]) <= 15 {
		q.number = wholeNumber(words[0])
	}
	return q
}

func wholeNumber(s string) (n int64) {
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// Empty reports whether the query has no word: nothing has signs only.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// Closeness is how well a word of a petition fits one that was looked for.
type Closeness uint8

// From the loosest to the closest.
const (
	Mistyped Closeness = iota + 1 // one letter is another
	Begins                        // begins with what was looked for
	Sounds                        // the same word in other letters, or a form of it
	Form                          // another form of the word
	Same                          // the word itself
)

// matches are words by number, each with its closeness.
type matches map[int32]Closeness

func (m matches) add(n int32, c Closeness) {
	if m[n] < c {
		m[n] = c
	}
}

// The shortest words that are looked for in other letters, as beginnings in
// their own and in other letters, as a root, and with a wrong letter.
const (
	shortestSound     = 2
	shortestBeginning = 2
	shortestHeard     = 3
	shortestRoot      = 4
	shortestMistyped  = 5
)

// find are the words that fit a term without a mistake.
func (x *Index) find(term string, beginnings bool) matches {
	m := matches{}
	for _, words := range x.byWord {
		if n, ok := words[term]; ok {
			m.add(n, Same)
		}
	}
	x.findForms(m, term)
	x.findSounds(m, term, beginnings)
	if beginnings && utf8.RuneCountInString(term) >= shortestBeginning {
		x.beginning(x.abc, term, byText, func(n int32) { m.add(n, Begins) })
	}
	return m
}

func (x *Index) findForms(m matches, term string) {
	langs := []lang{englishWords}
	if isCyrillic(term) {
		langs = []lang{russianWords, kazakhWords}
		if isKazakh(term) {
			langs = langs[1:]
		}
	}
	for _, l := range langs {
		for _, key := range formKeys(l, term) {
			for _, n := range x.forms[key] {
				m.add(n, Form)
			}
		}
	}
}

// findSounds finds the term in other letters, and the forms of what it finds.
// Two words that are all ASCII must be spelt alike: their spelling is no
// transcript.
func (x *Index) findSounds(m matches, term string, beginnings bool) {
	plain := isPlain(term)
	for _, s := range soundsLike(term) {
		if len(s) < shortestSound {
			continue
		}
		for _, n := range x.sounds[s] {
			if !plain || !x.words[n].plain {
				m.add(n, Sounds)
				x.addForms(m, n, Sounds)
			}
		}
		if beginnings && len(s) >= shortestHeard {
			x.beginning(x.heard, s, bySound, func(n int32) {
				if !x.words[n].plain {
					m.add(n, Begins)
				}
			})
		}
		if plain {
			x.findRoot(m, s)
		}
	}
	if !plain {
		for _, key := range formKeys(kazakhWords, term) {
			x.addRoot(m, sound(key[1:]))
		}
	}
}

// longestEnding is how many sounds are taken off a word in Latin letters to
// find its root: shkolnye, школьн-.
const longestEnding = 3

// findRoot finds the words of the longest root that a sound begins with.
func (x *Index) findRoot(m matches, s string) {
	for cut := 0; cut <= longestEnding && len(s)-cut >= shortestRoot; cut++ {
		if x.addRoot(m, s[:len(s)-cut]) {
			return
		}
	}
}

func (x *Index) addRoot(m matches, root string) bool {
	for _, n := range x.roots[root] {
		m.add(n, Sounds)
	}
	return len(x.roots[root]) > 0
}

// addForms adds the forms of a word that was found.
func (x *Index) addForms(m matches, n int32, c Closeness) {
	for _, key := range x.words[n].keys {
		for _, form := range x.forms[key] {
			m.add(form, c)
		}
	}
}

// findMistyped are the words with one letter other than the term, and their
// forms.
func (x *Index) findMistyped(term string) matches {
	m := matches{}
	for _, n := range x.neighbours(term) {
		m.add(n, Mistyped)
		x.addForms(m, n, Mistyped)
	}
	return m
}

// neighbours are the words one letter away.
func (x *Index) neighbours(term string) (found []int32) {
	if utf8.RuneCountInString(term) < shortestMistyped {
		return nil
	}
	heard, plain := sound(term), isPlain(term)
	ofText, ofSound := letters(term), letters(heard)
	for n, set := range x.sets {
		if !fewApart(set, ofText) && !fewApart(set, ofSound) {
			continue // most words are passed by so, without a look at them
		}
		e := &x.words[n]
		if e.plain && plain && near(e.text, term) || !e.plain && len(heard) >= shortestMistyped-1 && near(e.sound, heard) {
			found = append(found, int32(n))
		}
	}
	if len(heard) >= shortestMistyped-1 { // a form that nobody wrote, of a word that somebody did
		for root, words := range x.roots {
			if fewApart(letters(root), ofSound) && near(root, heard) {
				found = append(found, words...)
			}
		}
	}
	return found
}

// joined is a query as a reader would type it, with term number i replaced,
// or left out for "".
func (q Query) joined(i int, term string) string {
	terms := slices.Clone(q.terms)
	terms[i] = term
	return strings.Join(strings.Fields(strings.Join(terms, " ")), " ")
}
