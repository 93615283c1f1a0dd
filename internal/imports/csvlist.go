package imports

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// header is the first row of the list, by which it is recognised.
func header() []string { return []string{"Petition", "URL", "State", "Signatures Count"} }

func readCSV(br *bufio.Reader, in *counter, s *sink) {
	cut := newRows(br)
	var r row
	line, err := cut.nextRow(&r)
	if err == nil && !isHeader(&r) {
		err = ErrUnknown
	}
	if err != nil {
		if isRowFault(err) {
			err = ErrUnknown
		}
		s.fatal(line, err)
		return
	}
	for {
		line, err = cut.nextRow(&r)
		if in.n > MaxFile {
			err = ErrTooBig
		}
		var more bool
		switch {
		case err == nil:
			more = listRow(&r, line, s)
		case errors.Is(err, io.EOF):
			return
		case isRowFault(err):
			more = s.bad(line, err.Error())
		default:
			s.fatal(line, err)
			return
		}
		if !more {
			return
		}
	}
}

// isRowFault reports whether err concerns one row only.
func isRowFault(err error) bool {
	for _, fault := range []error{errBareQuote, errAfterQuote, errOpenQuote, errSwallowed, errLongRow} {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
}

func isHeader(r *row) bool {
	want := header()
	if r.n != len(want) {
		return false
	}
	for i, f := range r.fields {
		if string(f) != want[i] {
			return false
		}
	}
	return true
}

func listRow(r *row, line int, s *sink) bool {
	rec, reason := listRecord(r)
	if reason != "" {
		return s.bad(line, reason)
	}
	rec.Line = line
	return s.record(&rec)
}

func listRecord(r *row) (rec Record, reason string) {
	if r.n != len(r.fields) {
		return rec, fmt.Sprintf("%d fields, want %d", r.n, len(r.fields))
	}
	for _, f := range r.fields {
		switch {
		case bytes.IndexByte(f, 0) >= 0:
			return rec, "NUL in the text"
		case !utf8.Valid(f):
			return rec, "invalid UTF-8"
		}
	}
	rec = Record{Title: listTitle(r.fields[0]), State: listState(r.fields[2]), Source: SourceCSV}
	if reason = checkTitle(rec.Title); reason != "" {
		return rec, reason
	}
	if rec.Number, rec.Archived, reason = parseURL(r.fields[1]); reason != "" {
		return rec, reason
	}
	if reason = checkState(rec.State); reason != "" {
		return rec, reason
	}
	if rec.SignatureCount, reason = parseCount(r.fields[3]); reason != "" {
		return rec, "signatures count: " + reason
	}
	rec.Hash = listHash(&rec)
	return rec, ""
}

// listTitle undoes the escape that keeps spreadsheets from taking a title for
// a formula: one of - = + @ at its beginning stands as %2D, %3D, %2B or %40.
func listTitle(b []byte) string {
	if len(b) >= 3 && b[0] == '%' {
		n, err := strconv.ParseUint(string(b[1:3]), 16, 8)
		if err == nil && bytes.IndexByte([]byte("-=+@"), byte(n)) >= 0 {
			return string(rune(n)) + string(b[3:])
		}
	}
	return string(b)
}

// listState spares an allocation for each row.
func listState(b []byte) string {
	switch string(b) {
	case "open":
		return "open"
	case "closed":
		return "closed"
	case "rejected":
		return "rejected"
	}
	return string(b)
}

// listHash needs no lengths: NUL, which parts the fields, is in none of them.
func listHash(rec *Record) [16]byte {
	b := make([]byte, 0, 512)
	b = append(b, SourceCSV...)
	b = append(b, 0)
	b = strconv.AppendInt(b, rec.Number, 10)
	b = strconv.AppendBool(append(b, 0), rec.Archived)
	b = append(append(b, 0), rec.State...)
	b = strconv.AppendInt(append(b, 0), rec.SignatureCount, 10)
	b = append(append(b, 0), rec.Title...)
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}

// parseURL reads scheme://host/petitions/N or scheme://host/archived/petitions/N,
// with or without .json behind. Scheme and host may be any.
func parseURL(b []byte) (number int64, archived bool, reason string) {
	bad := func() (int64, bool, string) { return 0, false, "not the URL of a petition: " + quote(string(b)) }
	scheme, rest, ok := bytes.Cut(b, []byte("://"))
	if !ok || !plainWord(scheme) {
		return bad()
	}
	host, path, ok := bytes.Cut(rest, []byte("/"))
	if !ok || !plainWord(host) {
		return bad()
	}
	path, archived = bytes.CutPrefix(path, []byte("archived/"))
	path, ok = bytes.CutPrefix(path, []byte("petitions/"))
	if !ok {
		return bad()
	}
	digits := bytes.TrimSuffix(path, []byte(".json"))
	n, fault := parseCount(digits)
	if fault != "" {
		return bad()
	}
	if digits[0] == '0' {
		return 0, false, "petition number starts with 0: " + quote(string(b))
	}
	return n, archived, ""
}

// plainWord is a loose check of a scheme or host: visible ASCII that does not
// part a URL.
func plainWord(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 0x7f || bytes.IndexByte([]byte(`/?#"<>\`), c) >= 0 {
			return false
		}
	}
	return len(b) > 0
}
