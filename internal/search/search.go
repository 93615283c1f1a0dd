package search

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/dauys/dauys/petition"
)

// Result is what a query found.
type Result struct {
	IDs   []petition.ID // the part that was asked for, in order
	Total int
	Marks Marks
	// Instead are words that nobody wrote, with the one that was looked for in
	// their place.
	Instead []Instead
	// Try are queries that find more, as a reader would type them: with a rare
	// word in its common spelling, or, when nothing was found, without one word.
	Try []string
}

// Instead is a word as it was typed, and as it was understood.
type Instead struct{ Typed, Found string }

// All asks for everything that was found.
const All = -1

// Search finds the petitions that have every term of q, and gives limit of
// them from offset on.
//
// Order: for each term, how well it fits (the word itself, its form, ..., see
// Closeness) times where it stands (a title counts 12, an ask 4, details 1)
// times how rare it is (from 1 for a word of every petition to 16 for one in
// 32,768); these are added up. Equals: the one that opened last, then the higher number.
// A query that is the number of a petition finds that one first.
func (x *Index) Search(q Query, offset, limit int) Result {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var r Result
	if q.Empty() {
		return r
	}
	c := x.collect(q, true)
	defer x.release(c)
	hits := c.hits(uint16(1)<<len(q.terms) - 1)
	if id, ok := x.numbers[q.number]; ok && q.number > 0 {
		hits = c.first(hits, x.slots[id])
	}
	r.Total = len(hits)
	r.IDs = x.ids(hits, offset, limit)
	if r.Marks = x.marks(c); r.Total > 0 {
		r.Instead = x.instead(q, c)
	}
	r.Try = x.try(q, c, r.Total)
	return r
}

// found are the petitions that have some of the terms.
type found struct {
	*scratch
	slots   []int32 // those with any, in the order in which they were found
	matches []matches
	count   []int  // living petitions by term
	mended  []bool // by term: nobody wrote it
}

// scratch has room for every petition. A search borrows one, and gives it back
// all zero.
type scratch struct {
	score []uint32 // by slot
	terms []uint16 // by slot: which of the terms, as bits
	best  []uint8  // by slot, of one term; see best
}

// borrow is a scratch of all zeros for the petitions there are.
func (x *Index) borrow() *scratch {
	n := len(x.docs)
	if s, ok := x.scratch.Get().(*scratch); ok && len(s.score) >= n {
		return s
	}
	n += n / 8 // a few may come
	return &scratch{score: make([]uint32, n), terms: make([]uint16, n), best: make([]uint8, n)}
}

// release gives back what f borrowed; f must not be used any more.
func (x *Index) release(f *found) {
	for _, s := range f.slots {
		f.score[s], f.terms[s] = 0, 0
	}
	x.scratch.Put(f.scratch)
}

// hit is a petition that was found.
type hit struct {
	score uint32
	slot  int32
}

// collect scores the petitions for each term.
func (x *Index) collect(q Query, loosely bool) *found {
	f := &found{scratch: x.borrow(), count: make([]int, len(q.terms)), mended: make([]bool, len(q.terms))}
	best := f.best
	for i, term := range q.terms {
		m := x.find(term, loosely)
		slots := x.best(m, best)
		if len(slots) == 0 && loosely {
			m = x.findMistyped(term)
			slots = x.best(m, best)
			f.mended[i] = len(slots) > 0
		}
		f.matches = append(f.matches, m)
		f.count[i] = len(slots)
		rare := rarity(len(x.slots), len(slots))
		for _, s := range slots {
			if f.terms[s] == 0 {
				f.slots = append(f.slots, s)
			}
			f.terms[s] |= 1 << i
			f.score[s] += rare * uint32(best[s])
			best[s] = 0
		}
	}
	return f
}

// best fills in, for each petition that has any of the words, how well the
// best of them fits, and returns those petitions.
func (x *Index) best(m matches, best []uint8) (slots []int32) {
	weights := [fields]uint8{12, 4, 1}
	for n, c := range m {
		x.each(n, func(slot int32, at Field) {
			w := uint8(c) * weights[at]
			if best[slot] == 0 {
				slots = append(slots, slot)
			}
			best[slot] = max(best[slot], w)
		})
	}
	return slots
}

// rarity is what a word that n of all petitions have counts for.
func rarity(all, n int) uint32 {
	if n == 0 {
		return 0
	}
	return uint32(min(bits.Len(uint(all/n)), 16))
}

// hits are those that have all the terms of mask.
func (f *found) hits(mask uint16) []hit {
	var hits []hit
	for _, s := range f.slots {
		if f.terms[s]&mask == mask {
			hits = append(hits, hit{f.score[s], s})
		}
	}
	return hits
}

// first puts one petition before all others.
func (f *found) first(hits []hit, slot int32) []hit {
	const most = 1<<32 - 1
	if i := slices.IndexFunc(hits, func(h hit) bool { return h.slot == slot }); i >= 0 {
		hits[i].score = most
		return hits
	}
	return append(hits, hit{most, slot})
}

// compare puts the better hit first.
func (x *Index) compare(a, b hit) int {
	if a.score != b.score {
		return cmp.Compare(b.score, a.score)
	}
	d, e := &x.docs[a.slot], &x.docs[b.slot]
	return cmp.Or(cmp.Compare(e.opened, d.opened), cmp.Compare(e.number, d.number))
}

// ids are the hits from offset on, limit at most, in order.
func (x *Index) ids(hits []hit, offset, limit int) []petition.ID {
	if limit == All || limit > len(hits) {
		limit = len(hits)
	}
	if offset = max(offset, 0); offset >= len(hits) {
		return nil
	}
	hits = x.top(hits, min(offset+limit, len(hits)))
	ids := make([]petition.ID, 0, limit)
	for _, h := range hits[offset:] {
		ids = append(ids, x.docs[h.slot].id)
	}
	return ids
}

// top is the best n hits in order. Of many, they are picked by a cut that keeps
// the best so far: most hits are compared once.
func (x *Index) top(hits []hit, n int) []hit {
	if n > len(hits)/4 {
		slices.SortFunc(hits, x.compare)
		return hits[:n]
	}
	kept := make([]hit, 0, 2*n)
	for _, h := range hits {
		if len(kept) >= n && x.compare(kept[n-1], h) < 0 {
			continue
		}
		if kept = append(kept, h); len(kept) == 2*n || len(kept) == n {
			slices.SortFunc(kept, x.compare)
			kept = kept[:n]
		}
	}
	slices.SortFunc(kept, x.compare)
	return kept[:n]
}

// instead are the terms that nobody wrote.
func (x *Index) instead(q Query, f *found) (list []Instead) {
	for i, mended := range f.mended {
		if mended {
			if w, _ := x.commonest(x.neighbours(q.terms[i])); w != "" {
				list = append(list, Instead{q.terms[i], w})
			}
		}
	}
	return list
}

// commonest is the word that most petitions have, and how many do.
func (x *Index) commonest(words []int32) (word string, most int) {
	for _, n := range words {
		if has := x.has(n); has > most || has == most && has > 0 && x.words[n].text < word {
			word, most = x.words[n].text, has
		}
	}
	return word, most
}

// A word that so few have may be a mistake, when one beside it is so many
// times as frequent.
const (
	rare     = 10
	frequent = 10
	maxTry   = 3
)

// try are queries that may do better.
func (x *Index) try(q Query, f *found, total int) (list []string) {
	for i, term := range q.terms {
		if n := f.count[i]; n > 0 && n <= rare && !f.mended[i] {
			others := slices.DeleteFunc(x.neighbours(term), func(w int32) bool { _, same := f.matches[i][w]; return same })
			if word, has := x.commonest(others); has >= frequent*n {
				list = append(list, q.joined(i, word))
			}
		}
	}
	if total == 0 {
		list = append(list, x.without(q, f)...)
	}
	return list[:min(len(list), maxTry)]
}

// without are the queries that find something once a term is left out, the
// one that finds most first. Their words are those of the reader, not guesses.
func (x *Index) without(q Query, f *found) (list []string) {
	left := make([]int, len(q.terms))
	all := uint16(1)<<len(q.terms) - 1
	for _, s := range f.slots {
		if missing := all &^ f.terms[s]; bits.OnesCount16(missing) == 1 {
			left[bits.TrailingZeros16(missing)]++
		}
	}
	var order []int
	for i, n := range left {
		guessed := slices.Clone(f.mended)
		guessed[i] = false
		if n > 0 && !slices.Contains(guessed, true) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(left[b], left[a]) })
	for _, i := range order {
		list = append(list, q.joined(i, ""))
	}
	return list
}

// Similar are petitions that share words with a text, the most and the rarest
// first: two of them, or the only one.
func (x *Index) Similar(text string) []petition.ID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	q := Parse(text)
	if q.Empty() {
		return nil
	}
	f := x.collect(q, false)
	defer x.release(f)
	need := min(2, len(q.terms))
	var hits []hit
	for _, s := range f.slots {
		if bits.OnesCount16(f.terms[s]) >= need {
			hits = append(hits, hit{f.score[s], s})
		}
	}
	return x.ids(hits, 0, All)
}

// Completions are up to limit queries that end in a word which begins with the
// last one of text, the most frequent first; of several forms of a word the
// most frequent one.
func (x *Index) Completions(text string, limit int) (list []string) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	words := Words(text)
	if len(words) == 0 || len([]rune(words[len(words)-1])) < shortestBeginning {
		return nil
	}
	last := words[len(words)-1]
	type candidate struct {
		n   int32
		has int
	}
	var all []candidate
	x.beginning(x.abc, last, byText, func(n int32) {
		if has := x.has(n); has > 0 && x.words[n].text != last {
			all = append(all, candidate{n, has})
		}
	})
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.has, a.has), cmp.Compare(x.words[a.n].text, x.words[b.n].text), cmp.Compare(a.n, b.n))
	})
	seen := map[string]bool{}
	q := Query{terms: words}
	for _, c := range all {
		e := &x.words[c.n]
		known := seen[e.text] || slices.ContainsFunc(e.keys, func(k string) bool { return seen[k] })
		seen[e.text] = true
		for _, k := range e.keys {
			seen[k] = true
		}
		if !known && len(list) < limit {
			list = append(list, q.joined(len(words)-1, e.text))
		}
	}
	return list
}
