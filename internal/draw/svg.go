package draw

import (
	"math"
	"strconv"
	"strings"
)

// SVG is a picture as markup. Only this package makes one: every text in it is
// escaped, so that it may stand in a page as it is.
type SVG string

// svg builds an SVG.
type svg struct{ b strings.Builder }

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// escape makes text safe between tags and in quotes. What XML has no room for
// at all becomes U+FFFD.
func escape(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return '�'
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
	return escapes.Replace(text)
}

// raw adds markup: literals of this package only.
func (s *svg) raw(parts ...string) {
	for _, p := range parts {
		s.b.WriteString(p)
	}
}

// text adds text, escaped.
func (s *svg) text(text string) { s.raw(escape(text)) }

// num adds a number, with a decimal at most.
func (s *svg) num(n float64) {
	if whole := int(n); float64(whole) == n {
		s.raw(strconv.Itoa(whole))
		return
	}
	s.raw(strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64))
}

// attr adds NAME="N".
func (s *svg) attr(name string, n float64) {
	s.raw(" ", name, `="`)
	s.num(n)
	s.raw(`"`)
}

// open begins a picture of the page: one image with a name for those who do
// not see it. Everything inside is for the eye and the pointer.
func (s *svg) open(class string, width, height float64, label string) {
	s.raw(`<svg class="`, class, `" viewBox="0 0 `)
	s.num(width)
	s.raw(" ")
	s.num(height)
	s.raw(`" role="img" aria-label="`)
	s.text(label)
	s.raw(`">`)
}

func (s *svg) done() SVG {
	s.raw("</svg>")
	return SVG(s.b.String())
}
