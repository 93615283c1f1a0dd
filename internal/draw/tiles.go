package draw

import (
	"slices"
	"strings"
)

// grid is where each region of Kazakhstan stands among tiles of equal size:
// about where it lies, five to a row, so that a name fits on a phone.
const grid = "" +
	"27 39 59 11 55 " +
	"23 15 71 35 10 " +
	"47 43 62 33 63 " +
	".. 61 31 75 19 " +
	".. 79 .. .. .. "

const gridColumns = 5

// The tile of the cartogram, with the room around it.
const (
	tileWidth, tileHeight = 100, 72
	tileGap               = 4
)

// Tiles is the cartogram of the regions of Kazakhstan: a tile for each, with
// its name and number.
func (a *Atlas) Tiles(places []Place, label string) SVG {
	of := make(map[string]Place, len(places))
	for _, p := range places {
		of[p.Code] = p
	}
	cells := strings.Fields(grid)
	var s svg
	s.b.Grow(6 << 10)
	s.open("tiles", gridColumns*tileWidth, float64(len(cells)/gridColumns*tileHeight), label)
	for i, cell := range cells {
		p, ok := of["KZ-"+cell]
		if !ok {
			continue
		}
		x, y := float64(i%gridColumns*tileWidth), float64(i/gridColumns*tileHeight)
		s.shape(p, "<rect")
		s.attr("x", x+tileGap/2)
		s.attr("y", y+tileGap/2)
		s.attr("width", tileWidth-tileGap)
		s.attr("height", tileHeight-tileGap)
		s.raw(` rx="6">`)
		s.title(p)
		s.raw("</rect>")
		s.mark(p.Shade, x+tileWidth/2, y+26, p.Short)
		if p.Value != "" {
			s.mark(p.Shade, x+tileWidth/2, y+50, p.Value)
		}
	}
	return s.done()
}

// Group is places that stand together.
type Group struct {
	Code   string // see Groups
	Places []Place
}

// groups are the nations of the United Kingdom and the regions of England, from
// north to south.
const groups = "SCT NIR NE NW YH EM WM WLS EE LDN SE SW"

// Groups sorts constituencies of the United Kingdom into its nations and the
// regions of England, in the order they came. What it does not know is left out.
func (a *Atlas) Groups(places []Place) []Group {
	in := map[string][]Place{}
	for _, p := range places {
		if g := a.groupOf(p.Code); g != "" {
			in[g] = append(in[g], p)
		}
	}
	var out []Group
	for g := range strings.FieldsSeq(groups) {
		if len(in[g]) > 0 {
			out = append(out, Group{g, in[g]})
		}
	}
	return out
}

// HasGroups reports whether every one of these places stands in a group.
func (a *Atlas) HasGroups(codes []string) bool {
	return len(codes) > 0 && !slices.ContainsFunc(codes, func(c string) bool { return a.groupOf(c) == "" })
}

func (a *Atlas) groupOf(code string) string {
	switch {
	case len(code) != 9:
	case code[0] == 'S':
		return "SCT"
	case code[0] == 'W':
		return "WLS"
	case code[0] == 'N':
		return "NIR"
	case strings.HasPrefix(code, "E1400"):
		return a.english[code[5:]]
	}
	return ""
}

// The small tiles of a group.
const (
	blockColumns = 14
	blockTile    = 16
)

// Block draws the places of a group as small tiles, one row after the other.
func Block(places []Place, label string) SVG {
	var s svg
	s.b.Grow(80*len(places) + 256)
	s.open("block", blockColumns*blockTile, float64((len(places)+blockColumns-1)/blockColumns*blockTile), label)
	for i, p := range places {
		s.shape(p, "<path")
		s.raw(` d="M`)
		s.num(float64(i % blockColumns * blockTile))
		s.raw(" ")
		s.num(float64(i / blockColumns * blockTile))
		s.raw(`h14v14h-14z">`)
		s.title(p)
		s.raw("</path>")
	}
	return s.done()
}
