package imports

import (
	"bytes"
	"errors"
	"io"
)

// A row is cut out by a reader of our own, not by encoding/csv: after a broken
// quote that one goes on wherever it stopped, and the rows between are gone.
// Here reading goes on with the next line of the file (see nextRow).

// Faults of a row's quotes, and the wish for more input.
var (
	errMore       = errors.New("more input needed")
	errBareQuote  = errors.New("quote inside an unquoted field")
	errAfterQuote = errors.New("text after a closing quote")
	errOpenQuote  = errors.New("quote not closed")
	errSwallowed  = errors.New("quote not closed before the next row")
	errLongRow    = errors.New("row longer than 64 KiB")
)

// row is one row cut into fields, good until the next one is cut.
type row struct {
	fields [4][]byte // the first four; RFC 4180 quotes undone, CRLF inside them as LF
	n      int       // how many there are
}

func (r *row) add(field []byte) {
	if r.n < len(r.fields) {
		r.fields[r.n] = field
	}
	r.n++
}

// splitRow cuts the first row off b, which starts where a row starts, and says
// how long it is with its line end. errMore means that b ends too early; at
// the end of the file that is never answered.
func splitRow(b []byte, atEOF bool, r *row) (size int, err error) {
	r.n = 0
	for i := 0; ; {
		var field []byte
		var j int
		if i < len(b) && b[i] == '"' {
			field, j, err = quotedField(b, i+1, atEOF)
		} else {
			field, j, err = plainField(b, i, atEOF)
		}
		if err != nil {
			return 0, err
		}
		r.add(field)
		if j == len(b) {
			return j, nil
		}
		i = j + 1
		if b[j] == '\n' {
			return i, nil
		}
	}
}

// plainField gives the field that starts at i and the index of the comma or LF
// behind it, or len(b) at the end of the file.
func plainField(b []byte, i int, atEOF bool) ([]byte, int, error) {
	for j := i; j < len(b); j++ {
		switch b[j] {
		case ',':
			return b[i:j], j, nil
		case '\n':
			return bytes.TrimSuffix(b[i:j], []byte{'\r'}), j, nil
		case '"':
			return nil, 0, errBareQuote
		}
	}
	if !atEOF {
		return nil, 0, errMore
	}
	return bytes.TrimSuffix(b[i:], []byte{'\r'}), len(b), nil
}

// quotedField is plainField for a field whose opening quote stands before i.
func quotedField(b []byte, i int, atEOF bool) ([]byte, int, error) {
	escaped := false
	j := i
	for {
		k := bytes.IndexByte(b[j:], '"')
		switch {
		case k < 0 && atEOF:
			return nil, 0, errOpenQuote
		case k < 0:
			return nil, 0, errMore
		}
		j += k + 1
		if j == len(b) || b[j] != '"' {
			break
		}
		escaped = true
		j++
	}
	field := b[i : j-1]
	if escaped {
		field = bytes.ReplaceAll(field, []byte(`""`), []byte{'"'})
	}
	if bytes.IndexByte(field, '\r') >= 0 {
		field = bytes.ReplaceAll(field, []byte("\r\n"), []byte{'\n'})
	}
	end, err := afterQuote(b, j, atEOF)
	return field, end, err
}

// afterQuote checks that a field ends at j, right behind its closing quote.
func afterQuote(b []byte, j int, atEOF bool) (int, error) {
	if j < len(b) && b[j] == '\r' {
		j++
		if j < len(b) && b[j] == ',' {
			return 0, errAfterQuote
		}
	}
	switch {
	case j < len(b) && (b[j] == ',' || b[j] == '\n'), j == len(b) && atEOF:
		return j, nil
	case j == len(b):
		return 0, errMore
	}
	return 0, errAfterQuote
}

// rows cuts a stream into rows.
type rows struct {
	r        io.Reader
	buf      []byte
	pos, end int   // what is read and not yet cut
	err      error // why no more can be read; io.EOF at the end of the file
	line     int   // of pos, from 1
}

func newRows(r io.Reader) *rows { return &rows{r: r, buf: make([]byte, 2*maxRow), line: 1} }

// nextRow cuts the next row that is no blank line; line is where it starts. A
// fault of quotes or length is answered with that row's line, and the next
// call goes on with the line after it: a quote left open costs its own row and
// no other, at the price of an error for each further line when the row
// really had several. Any other error, io.EOF among them, is the end.
func (s *rows) nextRow(r *row) (line int, err error) {
	for {
		line = s.line
		if s.pos == s.end && s.err != nil {
			return line, s.err
		}
		size, err := splitRow(s.buf[s.pos:s.end], errors.Is(s.err, io.EOF), r)
		switch {
		case errors.Is(err, errMore) && s.err != nil:
			return line, s.err
		case errors.Is(err, errMore) && s.end-s.pos < maxRow:
			s.fill()
			continue
		case errors.Is(err, errMore) || err == nil && size > maxRow:
			err = errLongRow
		case err == nil && swallows(s.buf[s.pos:s.pos+size]):
			err = errSwallowed
		}
		if err != nil {
			s.skipLine()
			return line, err
		}
		blank := r.n == 1 && len(r.fields[0]) == 0 && s.buf[s.pos] != '"'
		s.line += bytes.Count(s.buf[s.pos:s.pos+size], []byte{'\n'})
		s.pos += size
		if !blank {
			return line, nil
		}
	}
}

// fill reads until the buffer is full, so that a slow reader costs nothing.
func (s *rows) fill() {
	s.end = copy(s.buf, s.buf[s.pos:s.end])
	s.pos = 0
	n, err := io.ReadFull(s.r, s.buf[s.end:])
	s.end += n
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	s.err = err
}

// skipLine goes to the next line of the file, whatever quotes say.
func (s *rows) skipLine() {
	for {
		if i := bytes.IndexByte(s.buf[s.pos:s.end], '\n'); i >= 0 {
			s.pos += i + 1
			s.line++
			return
		}
		s.pos = s.end
		if s.err != nil {
			return
		}
		s.fill()
	}
}

// swallows reports whether a row of several lines has a line before its last
// that ends as a row does (URL, state, count): then a quote was left open and
// happened to meet another one that could close it.
func swallows(b []byte) bool {
	b = bytes.TrimSuffix(b, []byte{'\n'})
	for {
		line, rest, more := bytes.Cut(b, []byte{'\n'})
		if !more {
			return false
		}
		if endsRow(line) {
			return true
		}
		b = rest
	}
}

func endsRow(line []byte) bool {
	var cells [3][]byte
	line = bytes.TrimSuffix(line, []byte{'\r'})
	for i := len(cells) - 1; i >= 0; i-- {
		comma := bytes.LastIndexByte(line, ',')
		if comma < 0 {
			return false
		}
		cells[i] = bytes.Trim(line[comma+1:], `"`)
		line = line[:comma]
	}
	_, _, badURL := parseURL(cells[0])
	_, badCount := parseCount(cells[2])
	return badURL == "" && badCount == "" && checkState(string(cells[1])) == ""
}
