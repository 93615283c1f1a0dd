// Package pack lays out what is handed to a public body: as text, and as a PDF
// for print.
//
// What lives here: the order and the words of the delivery pack, and its
// typesetting. The font is DejaVu Sans, cut down to Latin and Cyrillic letters;
// its licence lies beside it.
//
// What never: SQL, HTTP, decisions; numbers that are not public.
package pack
