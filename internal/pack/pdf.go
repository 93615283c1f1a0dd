package pack

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-pdf/fpdf"

	"github.com/dauys/dauys/internal/draw"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// The sheet, in millimetres and points.
const (
	margin   = 20
	headSize = 14
	textSize = 10.5
	leading  = 5.2
)

// PDF is the pack on sheets of A4, each language from a new sheet on.
func PDF(b *i18n.Bundle, f Facts, langs []petition.Lang) ([]byte, error) {
	font, err := draw.NewFont()
	if err != nil {
		return nil, fmt.Errorf("pack: font: %w", err)
	}
	doc := fpdf.New("P", "mm", "A4", "")
	doc.SetCreationDate(f.Now)
	doc.SetModificationDate(f.Now)
	doc.SetMargins(margin, margin, margin)
	doc.SetAutoPageBreak(true, margin)
	doc.AddUTF8FontFromBytes("text", "", draw.FontFile())
	doc.SetFooterFunc(func() {
		doc.SetY(-12)
		doc.SetFont("text", "", 8)
		doc.CellFormat(0, 5, strconv.Itoa(doc.PageNo()), "", 0, "C", false, 0, "")
	})
	for _, l := range langs {
		doc.AddPage()
		for k, x := range f.lines(b.Printer(l)) {
			if x.head {
				if k > 0 {
					doc.Ln(leading)
				}
				doc.SetFont("text", "", headSize)
				doc.MultiCell(0, 7, drawable(font, x.text), "", "L", false)
				continue
			}
			doc.SetFont("text", "", textSize)
			doc.MultiCell(0, leading, drawable(font, x.text), "", "L", false)
			doc.Ln(1)
		}
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out.Bytes(), nil
}

// drawable is text as the font can write it, its paragraphs kept: emoji and
// other signs go, and letters or digits that it has not leave three dots. The
// pack as text has all of them.
func drawable(font *draw.Font, text string) string {
	paragraphs := strings.Split(text, "\n")
	for i, p := range paragraphs {
		var b strings.Builder
		gap := false
		for _, r := range p {
			out, whole := font.Writable(string(r))
			if !whole && !gap {
				b.WriteRune('…')
			}
			gap = !whole
			if out != "" || unicode.IsSpace(r) {
				b.WriteRune(r)
			}
		}
		paragraphs[i] = strings.Join(strings.Fields(b.String()), " ")
	}
	return strings.Join(paragraphs, "\n")
}
