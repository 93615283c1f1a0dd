package draw

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	qrcode "github.com/skip2/go-qrcode"
)

// quiet is the empty room around a QR code, in modules: ISO/IEC 18004 asks for four.
const quiet = 4

// QR is a QR code: dark modules by row and column, without the room around it.
type QR [][]bool

// NewQR encodes text. Level M bears a crease in the paper.
func NewQR(text string) (QR, error) {
	q, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("draw: QR code: %w", err)
	}
	q.DisableBorder = true
	return q.Bitmap(), nil
}

// SVG is the code as a picture of its own, black on white in every theme: a
// camera needs the contrast.
func (q QR) SVG(label string) SVG {
	size := float64(len(q) + 2*quiet)
	var s svg
	s.raw(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `)
	s.num(size)
	s.raw(" ")
	s.num(size)
	s.raw(`" shape-rendering="crispEdges" role="img" aria-label="`)
	s.text(label)
	s.raw(`"><path fill="#fff" d="M0 0h`)
	s.num(size)
	s.raw("v")
	s.num(size)
	s.raw(`H0z"/><path d="`)
	q.Runs(func(x, y, n int) {
		s.raw("M")
		s.num(float64(x + quiet))
		s.raw(" ")
		s.num(float64(y + quiet))
		s.raw("h")
		s.num(float64(n))
		s.raw("v1h-")
		s.num(float64(n))
		s.raw("z")
	})
	s.raw(`"/>`)
	return s.done()
}

// Runs calls do for every run of dark modules in a row.
func (q QR) Runs(do func(x, y, n int)) {
	for y, row := range q {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				do(from, y, x-from)
			}
		}
	}
}

// PNG is the code with edge pixels to a module.
func (q QR) PNG(edge int) ([]byte, error) {
	side := (len(q) + 2*quiet) * edge
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	q.Runs(func(x, y, n int) {
		for py := (y + quiet) * edge; py < (y+quiet+1)*edge; py++ {
			from := img.PixOffset((x+quiet)*edge, py)
			for i := range n * edge {
				img.Pix[from+i] = 1
			}
		}
	})
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("draw: QR code: %w", err)
	}
	return out.Bytes(), nil
}
