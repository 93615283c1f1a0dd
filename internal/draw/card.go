package draw

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	stddraw "image/draw"
	"image/png"
	"math"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// Card is what the picture of a petition says where somebody shares its address.
type Card struct {
	Site   string
	Stage  string // where it stands, in a word or two
	Title  string
	Number string // the count in figures, "" when it is not shown
	Word   string // after it: "signatures"
	Next   string // the way to the next threshold in words, "" for none
	Done   float64
	Note   string // "this is not a state site"; "" for none
}

// CardWidth and CardHeight are the size that the sites ask for which show cards.
const (
	CardWidth  = 1200
	CardHeight = 630
	cardEdge   = 72
)

// The colours of the site's light design.
var (
	paper  = color.RGBA{0xfa, 0xf7, 0xf1, 0xff}
	ink    = color.RGBA{0x1b, 0x21, 0x25, 0xff}
	soft   = color.RGBA{0x54, 0x5d, 0x62, 0xff}
	teal   = color.RGBA{0x0b, 0x5c, 0x66, 0xff}
	wash   = color.RGBA{0xe3, 0xee, 0xee, 0xff}
	track  = color.RGBA{0xe4, 0xdd, 0xd0, 0xff}
	bright = color.RGBA{0x1b, 0x7e, 0x88, 0xff}
	clay   = color.RGBA{0xc8, 0x65, 0x3a, 0xff}
)

// canvas is a picture under way with the font at hand.
type canvas struct {
	img   *image.RGBA
	f     *Font
	faces map[float64]font.Face
	err   error // the first
}

// Draw paints the card as a PNG.
func (c Card) Draw(f *Font) ([]byte, error) {
	p := canvas{img: image.NewRGBA(image.Rect(0, 0, CardWidth, CardHeight)), f: f, faces: map[float64]font.Face{}}
	p.fill(0, 0, CardWidth, CardHeight, 0, paper)
	p.fill(0, 0, CardWidth, 14, 0, teal)
	p.mark(cardEdge-4, 58, 52)
	p.write(c.Site, cardEdge+60, 97, 34, 1, ink)
	if c.Stage != "" {
		stage := f.Shorten(c.Stage, 26, 480)
		wide := p.width(stage, 26)
		p.fill(CardWidth-cardEdge-wide-44, 60, wide+44, 50, 25, wash)
		p.write(stage, CardWidth-cardEdge-wide-22, 94, 26, .6, teal)
	}
	p.title(c.Title, 168, 404)
	p.count(c)
	if p.err != nil {
		return nil, fmt.Errorf("draw: card: %w", p.err)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, p.packed()); err != nil {
		return nil, fmt.Errorf("draw: card: %w", err)
	}
	return out.Bytes(), nil
}

// packed is the picture in the few colours it is made of and the steps between
// them at the edges of letters: a third of the bytes to compress.
func (p *canvas) packed() *image.Paletted {
	const steps = 24
	var colours color.Palette
	for _, c := range []struct{ on, of color.RGBA }{{paper, ink}, {paper, soft}, {paper, teal}, {wash, teal}, {paper, bright}, {paper, clay}, {paper, track}, {paper, wash}} {
		for i := range steps + 1 {
			mix := func(a, b uint8) uint8 { return uint8((int(a)*(steps-i) + int(b)*i) / steps) }
			colours = append(colours, color.RGBA{mix(c.on.R, c.of.R), mix(c.on.G, c.of.G), mix(c.on.B, c.of.B), 0xff})
		}
	}
	const unknown = 0xff // there are fewer colours
	var nearest [1 << 15]uint8
	for i := range nearest {
		nearest[i] = unknown
	}
	out := image.NewPaletted(p.img.Bounds(), colours)
	for i := range out.Pix {
		px := p.img.Pix[4*i : 4*i+3 : 4*i+3]
		key := int(px[0]>>3)<<10 | int(px[1]>>3)<<5 | int(px[2]>>3)
		if nearest[key] == unknown {
			nearest[key] = uint8(colours.Index(color.RGBA{px[0], px[1], px[2], 0xff}))
		}
		out.Pix[i] = nearest[key]
	}
	return out
}

// title fills the middle with the largest letters in which all of it fits; the
// longest at the smallest size is cut.
func (p *canvas) title(text string, top, foot float64) {
	size := 72.0
	var lines []string
	for ; ; size -= 4 {
		most := int((foot - top) / (size * 1.24))
		var cut bool
		if lines, cut = p.f.Wrap(text, size, CardWidth-2*cardEdge, most); !cut || size <= 36 {
			break
		}
	}
	lines = p.f.Even(lines, text, size, CardWidth-2*cardEdge)
	y := top + size*.82 + max(0, foot-top-float64(len(lines))*size*1.24)/3
	for _, line := range lines {
		p.write(line, cardEdge, y, size, size/34, ink)
		y += size * 1.24
	}
}

// count is the foot of the card: the number, the way to the next threshold.
func (p *canvas) count(c Card) {
	foot := 560.0
	if c.Note != "" {
		p.write(p.f.Shorten(c.Note, 22, CardWidth-2*cardEdge), cardEdge, 594, 22, 0, soft)
		foot = 530
	}
	if c.Number == "" {
		return
	}
	x := float64(cardEdge)
	p.write(c.Number, x, foot-30, 76, 2.4, teal)
	x += p.width(c.Number, 76) + 24
	room := CardWidth - cardEdge - x
	p.write(p.f.Shorten(c.Word, 32, room/2), x, foot-30, 32, .5, ink)
	if next := c.Next; next != "" {
		left := room - p.width(p.f.Shorten(c.Word, 32, room/2), 32) - 32
		next = p.f.Shorten(next, 24, left)
		p.write(next, CardWidth-cardEdge-p.width(next, 24), foot-30, 24, 0, soft)
		p.fill(cardEdge, foot-8, CardWidth-2*cardEdge, 16, 8, track)
		p.fill(cardEdge, foot-8, max(16, (CardWidth-2*cardEdge)*min(max(c.Done, 0), 1)), 16, 8, teal)
	}
}

func (p *canvas) width(text string, size float64) float64 {
	return float64(p.f.Width(text)) * size / 1000
}

// write puts text with its left end at x and its foot on y. bold thickens the
// letters: the font has one weight.
func (p *canvas) write(text string, x, y, size, bold float64, c color.Color) {
	face, ok := p.faces[size]
	if !ok {
		var err error
		if face, err = p.f.face(size); err != nil {
			p.err = err
			return
		}
		p.faces[size] = face
	}
	d := font.Drawer{Dst: p.img, Src: image.NewUniform(c), Face: face}
	for shift := 0.0; shift <= bold; shift += .8 {
		d.Dot = fixed.Point26_6{X: fixed.Int26_6((x + shift) * 64), Y: fixed.Int26_6(y * 64)}
		d.DrawString(text)
	}
}

// fill paints a box with round corners.
func (p *canvas) fill(x, y, wide, high, round float64, c color.Color) {
	at := image.Rect(int(x), int(y), int(math.Ceil(x+wide)), int(math.Ceil(y+high)))
	if round == 0 {
		stddraw.Draw(p.img, at, image.NewUniform(c), image.Point{}, stddraw.Src)
		return
	}
	v := vector.NewRasterizer(at.Dx(), at.Dy())
	box(v, float32(x-math.Floor(x)), float32(y-math.Floor(y)), float32(wide), float32(high), float32(min(round, wide/2, high/2)))
	v.Draw(p.img, at, image.NewUniform(c), image.Point{})
}

// box adds a box to a path. A quarter of a circle is a cubic with this pull.
func box(v *vector.Rasterizer, x, y, w, h, r float32) {
	k := r * (1 - 0.5523)
	v.MoveTo(x+r, y)
	v.LineTo(x+w-r, y)
	v.CubeTo(x+w-k, y, x+w, y+k, x+w, y+r)
	v.LineTo(x+w, y+h-r)
	v.CubeTo(x+w, y+h-k, x+w-k, y+h, x+w-r, y+h)
	v.LineTo(x+r, y+h)
	v.CubeTo(x+k, y+h, x, y+h-k, x, y+h-r)
	v.LineTo(x, y+r)
	v.CubeTo(x, y+k, x+k, y, x+r, y)
	v.ClosePath()
}

// mark paints the mark of the site, the four strokes of static/mark.svg.
func (p *canvas) mark(x, y, edge float64) {
	unit := edge / 32
	for _, stroke := range []struct {
		x, y, high float64
		c          color.Color
	}{{5, 13, 6, bright}, {12.3, 6, 20, bright}, {19.6, 10.5, 11, bright}, {27, 3.5, 25, clay}} {
		p.fill(x+(stroke.x-2)*unit, y+(stroke.y-2)*unit, 4*unit, (stroke.high+4)*unit, 2*unit, stroke.c)
	}
}

// Badge is a small sign of a petition for other sites: no script, no frame.
type Badge struct {
	Title  string
	Number string // "" when it is not shown
	Word   string
	Site   string
}

// The badge, in pixels.
const (
	badgeWidth  = 340
	badgeHeight = 84
)

// Draw is the badge as an SVG of its own: with its colours, since it stands on
// pages of others. Widths are measured in our font, which is wider than most.
func (b Badge) Draw(f *Font) SVG {
	lines, _ := f.Wrap(b.Title, 14, badgeWidth-32, 2)
	if len(lines) == 0 {
		lines = []string{b.Site}
	}
	var s svg
	s.raw(`<svg xmlns="http://www.w3.org/2000/svg" width="340" height="84" viewBox="0 0 340 84" role="img" aria-label="`)
	s.text(strings.TrimSpace(b.Title + ": " + b.Number + " " + b.Word))
	s.raw(`"><rect x=".5" y=".5" width="339" height="83" rx="10" fill="#fffefb" stroke="#7b8287"/>`,
		`<path d="M0 10a10 10 0 0 1 10-10h-2v84h2a10 10 0 0 1-10-10z" fill="#0b5c66"/>`,
		`<g font-family="system-ui,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif">`)
	for i, line := range lines {
		s.raw(`<text x="20" font-size="14" fill="#1c2226"`)
		s.attr("y", float64(24+i*18))
		s.raw(">")
		s.text(line)
		s.raw("</text>")
	}
	s.raw(`<text x="20" y="70" font-size="18" font-weight="700" fill="#0b5c66">`)
	s.text(b.Number)
	s.raw(`<tspan dx="5" font-size="13" font-weight="400" fill="#566067">`)
	word := f.Shorten(b.Word, 13, badgeWidth-150-float64(f.Width(b.Number))*18/1000)
	s.text(word)
	s.raw(`</tspan></text><text x="326" y="70" font-size="12" text-anchor="end" fill="#566067">`)
	s.text(f.Shorten(b.Site, 12, 90))
	s.raw("</text></g>")
	return s.done()
}
