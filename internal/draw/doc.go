// Package draw makes pictures out of plain values: maps, tiles and charts as
// SVG, the card of a petition as PNG, the badge, QR codes. It also keeps the
// one font of the program, for paper and for the card.
//
// What lives here: shapes, colours of the pictures that leave the site, the
// layout of text in them, and the escaping of every text in an SVG. The colours
// of pictures inside a page are the stylesheet's: here they only have classes.
// The font is DejaVu Sans, cut down to Latin and Cyrillic letters; its licence
// lies beside it, and the sources of the shapes are named in data.
//
// What never: SQL, HTTP, the clock; words of its own in any language; a number
// it was not given. What may be shown was decided by who calls.
package draw
