package petition

import (
	"strings"

	"github.com/rivo/uniseg"
)

// check judges what the law says of ask and details together.
func (r TextRule) check(suffix string, t Text) FieldErrors {
	var errs FieldErrors
	if n := Words(t.Ask) + Words(t.Details); r.Words > 0 && n > r.Words {
		errs = append(errs, FieldError{Field: "details" + suffix, Key: "too_many_words", Args: map[string]any{"max": r.Words, "n": n}})
	}
	if !r.NoLinks {
		return errs
	}
	for _, f := range []struct{ name, text string }{{"title", t.Title}, {"ask", t.Ask}, {"details", t.Details}} {
		if hasLink(f.text) {
			errs = append(errs, FieldError{Field: f.name + suffix, Key: "no_links"})
		}
	}
	return errs
}

// Words counts the words of a text by Unicode's word boundaries: what has a
// letter or a digit in it.
func Words(s string) int {
	n, state := 0, -1
	for s != "" {
		var word string
		word, s, state = uniseg.FirstWordInString(s, state)
		if strings.ContainsFunc(word, wordRune) {
			n++
		}
	}
	return n
}

// hasLink finds the address of a page: a scheme, or a host that begins with www.
func hasLink(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "://") || strings.Contains(s, "www.")
}
