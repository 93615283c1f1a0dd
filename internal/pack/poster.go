package pack

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/go-pdf/fpdf"

	"github.com/dauys/dauys/internal/draw"
	"github.com/dauys/dauys/internal/i18n"
)

// Poster is what a sheet for a notice board says. Everything in it is public.
type Poster struct {
	Site       string
	Kind       string // "Petition", in the reader's language
	Title, Ask string
	Count      string // a line with the number; "" for none
	Link       string // short; the QR code leads there
	Operator   string
	Foreign    bool // not the authority's own site
	Now        time.Time
}

// The sheet, in millimetres; letters in points.
const (
	sheetWidth, sheetHeight = 210, 297
	inner                   = sheetWidth - 2*margin
	codeEdge                = 66
	codeTop                 = 196
	point                   = 25.4 / 72 // millimetres
)

// sheet is a poster under way.
type sheet struct {
	doc *fpdf.Fpdf
	f   *draw.Font
}

// PDF is the poster on a sheet of A4. Signs that the font lacks are left out.
func (x Poster) PDF(p *i18n.Printer) ([]byte, error) {
	f, err := draw.NewFont()
	if err != nil {
		return nil, fmt.Errorf("pack: poster: %w", err)
	}
	code, err := draw.NewQR(x.Link)
	if err != nil {
		return nil, fmt.Errorf("pack: poster: %w", err)
	}
	s := sheet{doc: fpdf.New("P", "mm", "A4", ""), f: f}
	s.doc.SetCreationDate(x.Now)
	s.doc.SetModificationDate(x.Now)
	s.doc.SetAutoPageBreak(false, 0)
	s.doc.SetTitle(s.clean(x.Title), true)
	s.doc.SetLang(string(p.Lang()))
	s.doc.AddUTF8FontFromBytes("text", "", draw.FontFile())
	s.doc.AddPage()
	s.doc.SetFillColor(0x0b, 0x5c, 0x66)
	s.doc.Rect(0, 0, sheetWidth, 7, "F")
	s.line(margin, 27, 15, .2, x.Site)
	s.line(margin, 44, 15, 0, x.Kind)
	foot := s.block(49, 70, 40, 20, .5, x.Title)
	s.block(foot+6, codeTop-foot-14, 19, 12, 0, x.Ask)
	s.code(code)
	s.invite(x, p)
	s.foot(x, p)
	var out bytes.Buffer
	if err := s.doc.Output(&out); err != nil {
		return nil, fmt.Errorf("pack: poster: %w", err)
	}
	return out.Bytes(), nil
}

// clean is text the font can write.
func (s sheet) clean(text string) string {
	out, _ := s.f.Writable(text)
	return out
}

// line writes one line with its foot at y, cut where the sheet ends. bold is
// the pen, in millimetres, that thickens the letters: the font has one weight.
func (s sheet) line(x, y, size, bold float64, text string) {
	text = s.f.Shorten(s.clean(text), size*point, sheetWidth-margin-x)
	s.doc.SetFont("text", "", size)
	s.doc.SetTextColor(0x1c, 0x22, 0x26)
	if bold > 0 {
		s.doc.SetDrawColor(0x1c, 0x22, 0x26)
		s.doc.SetLineWidth(bold)
		s.doc.SetTextRenderingMode(2)
		defer s.doc.SetTextRenderingMode(0)
	}
	s.doc.Text(x, y, text)
}

// block fills room from top down with the largest letters between most and
// least in which all of it fits, and returns where it ends.
func (s sheet) block(top, room, most, least, bold float64, text string) float64 {
	text = s.clean(text)
	var lines []string
	size := most
	for ; ; size-- {
		var cut bool
		if lines, cut = s.f.Wrap(text, size*point, inner, max(1, int(room/(size*point*1.25)))); !cut || size <= least {
			break
		}
	}
	if bold > 0 {
		lines = s.f.Even(lines, text, size*point, inner)
	}
	step := size * point * 1.25
	for i, line := range lines {
		s.line(margin, top+step*(float64(i)+.8), size, bold, line)
	}
	return top + step*float64(len(lines))
}

// code draws the QR code at the foot.
func (s sheet) code(q draw.QR) {
	edge := float64(codeEdge) / float64(len(q))
	s.doc.SetFillColor(0, 0, 0)
	q.Runs(func(x, y, n int) {
		// a hair wider, so that no light falls between the rows
		s.doc.Rect(margin+float64(x)*edge, codeTop+float64(y)*edge, float64(n)*edge+.02, edge+.02, "F")
	})
}

// invite says beside the code what to do with it.
func (s sheet) invite(x Poster, p *i18n.Printer) {
	left := margin + codeEdge + 10.0
	y := codeTop + 7.0
	column := func(size, bold float64, text string) {
		lines, _ := s.f.Wrap(s.clean(text), size*point, sheetWidth-margin-left, 5)
		for _, line := range lines {
			s.line(left, y, size, bold, line)
			y += size * point * 1.35
		}
	}
	column(17, .25, p.T("poster.sign"))
	y += 2
	column(12, 0, p.T("poster.how"))
	y += 2
	column(12, .15, strings.TrimPrefix(strings.TrimPrefix(x.Link, "https://"), "http://"))
	if x.Count != "" {
		y += 2
		column(12, 0, x.Count)
	}
}

// foot says whose sheet this is, and whose it is not.
func (s sheet) foot(x Poster, p *i18n.Printer) {
	y := 273.0
	small := func(text string) {
		lines, _ := s.f.Wrap(s.clean(text), 9.5*point, inner, 2)
		for _, line := range lines {
			s.line(margin, y, 9.5, 0, line)
			y += 4.6
		}
	}
	if x.Foreign {
		small(p.T("web.footer.notice"))
	}
	if x.Operator != "" {
		small(p.T("web.footer.operator", "name", x.Operator))
	}
}
