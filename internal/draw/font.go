package draw

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

//go:embed font/DejaVuSans.ttf
var fontFile []byte

// FontFile is the font as TrueType, for who sets paper with it. Not to be changed.
func FontFile() []byte { return fontFile }

// Font measures and writes with the program's font. It is safe for concurrent use.
type Font struct{ parsed *opentype.Font }

// NewFont reads the font that is part of the program.
func NewFont() (*Font, error) {
	parsed, err := opentype.Parse(fontFile)
	if err != nil {
		return nil, fmt.Errorf("draw: font: %w", err)
	}
	return &Font{parsed}, nil
}

// Writable is text without what the font has no letter for, such as emoji or
// Arabic, in single spaces; whole is false when a letter or digit is missing
// from it, so that the caller can say something else instead.
func (f *Font) Writable(text string) (out string, whole bool) {
	var buf sfnt.Buffer
	var b strings.Builder
	whole = true
	for _, r := range text {
		if unicode.IsSpace(r) {
			b.WriteByte(' ')
			continue
		}
		if r > 0xffff || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			whole = whole && !unicode.IsLetter(r) && !unicode.IsDigit(r)
			continue
		}
		if i, err := f.parsed.GlyphIndex(&buf, r); err != nil || i == 0 {
			whole = whole && !unicode.IsLetter(r) && !unicode.IsDigit(r)
			continue
		}
		b.WriteRune(r)
	}
	return strings.Join(strings.Fields(b.String()), " "), whole
}

// face is the font at a size in pixels. It belongs to one goroutine.
func (f *Font) face(size float64) (font.Face, error) {
	return opentype.NewFace(f.parsed, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
}

// Width is how wide text is at a size of 1000 pixels; letters without a glyph
// take none.
func (f *Font) Width(text string) int {
	var buf sfnt.Buffer
	var sum fixed.Int26_6
	for _, r := range text {
		if i, err := f.parsed.GlyphIndex(&buf, r); err == nil {
			if a, err := f.parsed.GlyphAdvance(&buf, i, fixed.I(1000), font.HintingNone); err == nil {
				sum += a
			}
		}
	}
	return sum.Round()
}

// Wrap breaks text into lines no wider than width at size, at spaces, and
// inside a word only when the word alone is too wide. More than most lines end
// in an ellipsis.
func (f *Font) Wrap(text string, size, width float64, most int) (lines []string, cut bool) {
	fits := func(s string) bool { return float64(f.Width(s))*size/1000 <= width }
	line := ""
	for word := range strings.FieldsSeq(text) {
		for !fits(word) {
			head := prefix(word, fits)
			if line != "" {
				lines, line = append(lines, line), ""
			}
			lines, word = append(lines, head), word[len(head):]
		}
		switch {
		case word == "":
		case line == "":
			line = word
		case fits(line + " " + word):
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if len(lines) <= most {
		return lines, false
	}
	lines = lines[:most]
	lines[most-1] = f.Shorten(lines[most-1]+"…", size, width)
	return lines, true
}

// Even makes lines of text that were wrapped at size and width about equally
// long, as long as they stay as many: no word stands alone on the last.
func (f *Font) Even(lines []string, text string, size, width float64) []string {
	widest := 0
	for word := range strings.FieldsSeq(text) {
		widest = max(widest, f.Width(word))
	}
	least := max(float64(widest)*size/1000, width/2)
	for narrow := width * .97; narrow > least; narrow -= width * .03 {
		even, cut := f.Wrap(text, size, narrow, len(lines))
		if cut {
			break
		}
		lines = even
	}
	return lines
}

// prefix is the longest part of a word that fits, at least one letter of it.
func prefix(word string, fits func(string) bool) string {
	end := 0
	for end < len(word) {
		_, n := utf8.DecodeRuneInString(word[end:])
		if end > 0 && !fits(word[:end+n]) {
			break
		}
		end += n
	}
	return word[:end]
}

// Shorten cuts text that is too wide at size and marks it with an ellipsis.
func (f *Font) Shorten(text string, size, width float64) string {
	fits := func(s string) bool { return float64(f.Width(s))*size/1000 <= width }
	if fits(text) {
		return text
	}
	text = strings.TrimSuffix(text, "…")
	return strings.TrimRight(prefix(text, func(s string) bool { return fits(s + "…") }), " ,;:–—-") + "…"
}
