package draw

import (
	"bufio"
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed data/*.txt
var data embed.FS

// Place is a place in a picture.
type Place struct {
	Code  string
	Name  string // and what there is to say of it, for the pointer
	Short string // to stand in its tile
	Value string // below it; "" for a place that is not named
	Class int    // its number in the legend; 0 for none
	Shade int    // of its class
}

// outline is a region of the map.
type outline struct {
	code  string
	x, y  float64 // of its label
	path  string
	small bool // a city: drawn as a disc, too
}

// Atlas is the shapes that are part of the program. Read-only.
type Atlas struct {
	regions []outline         // of Kazakhstan
	english map[string]string // last digits of a constituency -> region of England
}

// The map of Kazakhstan in its own units; the tiles of all pictures.
const (
	mapWidth, mapHeight = 1280, 704
	cityDisc            = 26
)

// NewAtlas reads the shapes.
func NewAtlas() (*Atlas, error) {
	a := &Atlas{english: map[string]string{}}
	err := eachLine("data/kz.txt", func(line string) error {
		part := strings.SplitN(line, " ", 4)
		if len(part) != 4 {
			return fmt.Errorf("%q is no region", line)
		}
		x, errX := strconv.Atoi(part[1])
		y, errY := strconv.Atoi(part[2])
		if errX != nil || errY != nil || strings.Trim(part[3], "Mlz -0123456789") != "" {
			return fmt.Errorf("%s: no shape", part[0])
		}
		a.regions = append(a.regions, outline{part[0], float64(x), float64(y), part[3], part[0] == "KZ-71" || part[0] == "KZ-75" || part[0] == "KZ-79"})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	err = eachLine("data/uk.txt", func(line string) error {
		part := strings.Fields(line)
		for _, code := range part[1:] {
			a.english[code] = part[0]
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return a, nil
}

func eachLine(name string, do func(string) error) error {
	f, err := data.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if line := lines.Text(); line != "" && line[0] != '#' {
			if err := do(line); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return lines.Err()
}

// HasMap reports whether there is a map of every one of these places.
func (a *Atlas) HasMap(codes []string) bool {
	known := make(map[string]bool, len(a.regions))
	for _, r := range a.regions {
		known[r.code] = true
	}
	for _, c := range codes {
		if !known[c] {
			return false
		}
	}
	return len(codes) > 0
}

// Map shades the regions of Kazakhstan. The number of its class stands in each
// region, so that the picture does not speak by colour alone.
func (a *Atlas) Map(places []Place, label string) SVG {
	of := make(map[string]Place, len(places))
	for _, p := range places {
		of[p.Code] = p
	}
	var s svg
	s.b.Grow(14 << 10)
	s.open("map", mapWidth, mapHeight, label)
	for _, r := range a.regions {
		p := of[r.code]
		s.shape(p, `<path`)
		s.raw(` d="`, r.path, `">`)
		s.title(p)
		s.raw("</path>")
	}
	for _, r := range a.regions {
		p := of[r.code]
		if r.small {
			s.shape(p, `<circle`)
			s.attr("cx", r.x)
			s.attr("cy", r.y)
			s.attr("r", cityDisc)
			s.raw(">")
			s.title(p)
			s.raw("</circle>")
		}
		if p.Class > 0 {
			s.mark(p.Shade, r.x, r.y, strconv.Itoa(p.Class))
		}
	}
	return s.done()
}

// shape begins an element in the shade of a place.
func (s *svg) shape(p Place, element string) {
	s.raw(element, ` class="k`, strconv.Itoa(shadeOf(p)), `"`)
}

// shadeOf keeps a shade inside the classes the stylesheet has.
func shadeOf(p Place) int { return max(0, min(p.Shade, Shades)) }

func (s *svg) title(p Place) {
	if p.Name != "" {
		s.raw("<title>")
		s.text(p.Name)
		s.raw("</title>")
	}
}

// mark writes text in the middle of a shape of a shade.
func (s *svg) mark(shade int, x, y float64, text string) {
	s.raw(`<text class="t`, strconv.Itoa(max(0, min(shade, Shades))), `"`)
	s.attr("x", x)
	s.attr("y", y)
	s.raw(">")
	s.text(text)
	s.raw("</text>")
}
