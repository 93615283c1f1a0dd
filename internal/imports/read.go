package imports

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Why a whole file is refused; the Err of a FileError.
var (
	ErrEmpty   = errors.New("the file is empty")
	ErrUnknown = errors.New("neither a petition document (JSON) nor a list of petitions with the header " + strings.Join(header(), ","))
	ErrTooBig  = fmt.Errorf("more than %d MiB", MaxFile>>20)
)

const byteOrderMark = "\uFEFF"

// Read yields the petitions of one export in the order of the file; name
// stands in errors and decides nothing. Beside an error the Record is zero.
// A bad row is a *RowError and reading goes on; a *FileError is the last.
//
// A number that comes twice is yielded twice when its content is the same and
// refused when it is not. The CSV list is read as a stream; of a JSON file,
// at most MaxFile bytes are held in memory.
func Read(r io.Reader, name string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		s := &sink{name: name, seen: make(map[int64]first), yield: yield}
		// One byte more than allowed, so that too much is noticed.
		in := &counter{r: io.LimitReader(r, MaxFile+1)}
		br := bufio.NewReader(in)
		c, err := firstByte(br)
		switch {
		case errors.Is(err, io.EOF):
			s.fatal(0, ErrEmpty)
		case err != nil:
			s.fatal(0, err)
		case c == '{':
			readJSON(br, in, s)
		default:
			readCSV(br, in, s)
		}
	}
}

// firstByte looks past a byte order mark, which it takes off, and white space,
// which it leaves where lines are counted.
func firstByte(br *bufio.Reader) (byte, error) {
	if b, err := br.Peek(len(byteOrderMark)); err == nil && string(b) == byteOrderMark {
		if _, err := br.Discard(len(b)); err != nil {
			return 0, err
		}
	}
	for n := 1; ; n++ {
		b, err := br.Peek(n)
		if len(b) < n {
			if errors.Is(err, bufio.ErrBufferFull) {
				return 0, ErrUnknown
			}
			return 0, err
		}
		if c := b[n-1]; !strings.ContainsRune(" \t\r\n", rune(c)) {
			return c, nil
		}
	}
}

// counter knows how many bytes went through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// first is where and with what content a number was read first.
type first struct {
	line int
	hash [16]byte
}

// sink hands records and errors on, and holds back conflicting duplicates.
type sink struct {
	name  string
	seen  map[int64]first
	yield func(Record, error) bool
}

// record reports whether to go on.
func (s *sink) record(rec *Record) bool {
	old, ok := s.seen[rec.Number]
	switch {
	case !ok:
		s.seen[rec.Number] = first{rec.Line, rec.Hash}
	case old.hash != rec.Hash:
		return s.bad(rec.Line, fmt.Sprintf("petition %d stands on line %d with other content", rec.Number, old.line))
	}
	return s.yield(*rec, nil)
}

// bad reports whether to go on.
func (s *sink) bad(line int, reason string) bool {
	return s.yield(Record{}, &RowError{File: s.name, Line: line, Reason: reason})
}

func (s *sink) fatal(line int, err error) {
	s.yield(Record{}, &FileError{File: s.name, Line: line, Err: err})
}

// The checks that both shapes share. Each gives "" or a reason.

func checkTitle(t string) string {
	if strings.TrimSpace(t) == "" {
		return "empty title"
	}
	if n := utf8.RuneCountInString(t); n > MaxTitle {
		return fmt.Sprintf("title of %d characters, at most %d", n, MaxTitle)
	}
	return ""
}

func checkState(s string) string {
	if !slices.Contains(States(), s) {
		return fmt.Sprintf("unknown state %s, want one of %s", quote(s), strings.Join(States(), ", "))
	}
	return ""
}

// parseCount reads plain decimal digits: no sign, fraction or exponent.
func parseCount(b []byte) (int64, string) {
	if len(b) == 0 {
		return 0, "no number"
	}
	rest := b
	if b[0] == '-' {
		rest = b[1:]
	}
	if len(rest) == 0 || bytes.ContainsFunc(rest, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, "not a whole number: " + quote(string(b))
	}
	if len(rest) < len(b) {
		return 0, "negative number: " + quote(string(b))
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || n > MaxNumber {
		return 0, "number over 2^53: " + quote(string(b))
	}
	return n, ""
}

// quote shows the beginning of a value, safe for a terminal.
func quote(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}
