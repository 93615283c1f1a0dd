package search

import "slices"

// small are articles, prepositions, conjunctions and pronouns of three
// languages, sorted. None of them is what anybody looks for.
var small = sorted(
	"a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its", "of", "on", "or", "our",
	"s", "so", "that", "the", "their", "them", "they", "this", "to", "we", "with",
	"без", "бы", "в", "во", "для", "до", "его", "ее", "же", "за", "и", "из", "или", "их", "к", "как", "ко", "на", "над", "не",
	"но", "о", "об", "обо", "от", "по", "под", "при", "про", "с", "со", "то", "у", "что", "чтобы", "это",
	"бен", "бұл", "да", "де", "және", "мен", "ол", "осы", "пен", "сол", "үшін", "әрі",
)

func sorted(words ...string) []string {
	slices.Sort(words)
	return words
}

// isSmall reports whether a word is so common in its language that a search
// does not insist on it beside others.
func isSmall(word string) bool {
	_, found := slices.BinarySearch(small, word)
	return found
}
