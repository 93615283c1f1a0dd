package web

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/dauys/dauys/internal/search"
)

// Whatever stands in a petition stays text in its card and in a list of choices.
func TestMarkupEscapes(t *testing.T) {
	const evil = `</a><script>"'&x`
	pieces := []search.Piece{{Text: evil}, {Text: evil, Mark: true}}
	c := card{URL: evil, Title: evil, TitleLang: evil, Ask: evil, Counts: true, Figure: evil, Word: evil, Tags: []tag{{evil, evil}},
		Bar: &progress{1, 2, evil}, Next: evil, Facts: []string{evil, evil}}
	m := c
	m.Marked = &marked{Title: pieces, Ask: pieces, Found: pieces, FoundLang: evil, FoundIn: evil}
	for name, x := range map[string]struct {
		markup string
		times  int // that the text is there, in attributes and between them
	}{
		"card":   {string(c.HTML()), 14},
		"marked": {string(m.HTML()), 20},
		"choice": {string(choice{Options: []option{{Value: evil, Label: evil}, {Value: evil, Label: evil, Selected: true}}}.Lines()), 4},
	} {
		found := 0
		for z := html.NewTokenizer(strings.NewReader(x.markup)); ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			tok := z.Token()
			if tok.Data == "script" {
				t.Errorf("%s: %s", name, x.markup)
			}
			if kind == html.TextToken {
				found += strings.Count(tok.Data, evil)
			}
			for _, a := range tok.Attr {
				found += strings.Count(a.Val, evil)
			}
		}
		if found != x.times {
			t.Errorf("%s: the text is there %d times, want %d: %s", name, found, x.times, x.markup)
		}
	}
}
