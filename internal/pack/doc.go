// Package pack lays out what leaves the site on paper: the delivery pack that is
// handed to a public body, as text and as a PDF, and the poster of a petition.
//
// What lives here: the order and the words of both, and their typesetting. The
// font and the QR code are those of package draw.
//
// What never: SQL, HTTP, decisions; numbers that are not public.
package pack
