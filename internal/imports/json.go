package imports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text is a JSON text known to be well-formed. It is walked by offsets, since
// encoding/json keeps neither the order of keys nor the place of a value.
type text []byte

// fault is what is wrong with the value at an offset of the file.
type fault struct {
	at     int
	reason string
}

func (f *fault) Error() string { return f.reason }

func faultf(at int, format string, args ...any) error {
	return &fault{at, fmt.Sprintf(format, args...)}
}

// member is one key of an object with its value, which is t[from:to].
type member struct {
	key             string
	keyAt, from, to int
}

// members walks the object that starts at.
func (t text) members(at int) iter.Seq[member] {
	return func(yield func(member) bool) {
		for i := t.space(at + 1); t[i] != '}'; {
			end := t.skip(i)
			m := member{key: t.str(i, end), keyAt: i, from: t.space(t.space(end) + 1)}
			m.to = t.skip(m.from)
			if !yield(m) {
				return
			}
			if i = t.space(m.to); t[i] == ',' {
				i = t.space(i + 1)
			}
		}
	}
}

// elements walks the array that starts at: first and last offset of each.
func (t text) elements(at int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i := t.space(at + 1); t[i] != ']'; {
			end := t.skip(i)
			if !yield(i, end) {
				return
			}
			if i = t.space(end); t[i] == ',' {
				i = t.space(i + 1)
			}
		}
	}
}

// space is the offset of the first byte at or after i that is no white space.
func (t text) space(i int) int {
	for i < len(t) && (t[i] == ' ' || t[i] == '\n' || t[i] == '\t' || t[i] == '\r') {
		i++
	}
	return i
}

// skip is the offset behind the value that starts at i.
func (t text) skip(i int) int {
	depth := 0
	for {
		switch t[i] {
		case '"':
			for i++; t[i] != '"'; i++ {
				if t[i] == '\\' {
					i++
				}
			}
			i++
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r':
			i++
		default:
			for i < len(t) && strings.IndexByte(",]} \n\t\r", t[i]) < 0 {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
}

// str decodes the string t[from:to], which inspect has passed or which is only
// compared with known keys.
func (t text) str(from, to int) string {
	if raw := t[from+1 : to-1]; bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	var s string
	if err := json.Unmarshal(t[from:to], &s); err != nil {
		return ""
	}
	return s
}

func (t text) null(at int) bool { return t[at] == 'n' }

// kind names the JSON type of the value at an offset, with its article.
func (t text) kind(at int) string {
	switch t[at] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

func (t text) want(at int, kind, what string) error {
	if got := t.kind(at); got != kind {
		return faultf(at, "%s is %s, want %s", what, got, kind)
	}
	return nil
}

// inspect refuses what is well-formed but has no one meaning or cannot be
// stored: a key given twice, deep nesting, invalid UTF-8, half a surrogate
// pair, NUL.
func (t text) inspect(at, depth int) error {
	if depth > maxDepth {
		return faultf(at, "nested deeper than %d levels", maxDepth)
	}
	switch t[at] {
	case '"':
		return t.inspectString(at)
	case '[':
		for from := range t.elements(at) {
			if err := t.inspect(from, depth+1); err != nil {
				return err
			}
		}
	case '{':
		seen := make(map[string]bool)
		for m := range t.members(at) {
			if err := t.inspectString(m.keyAt); err != nil {
				return err
			}
			if seen[m.key] {
				return faultf(m.keyAt, "key %s given twice", quote(m.key))
			}
			seen[m.key] = true
			if err := t.inspect(m.from, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t text) inspectString(at int) error {
	s := t[at+1 : t.skip(at)-1]
	if !utf8.Valid(s) {
		return faultf(at, "invalid UTF-8")
	}
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			return nil
		}
		s = s[i:]
		if s[1] != 'u' {
			s = s[2:]
			continue
		}
		r := escape(s)
		s = s[6:]
		switch {
		case r == 0:
			return faultf(at, "NUL in the text")
		case 0xD800 <= r && r < 0xDC00 && escape(s)&^0x3FF == 0xDC00:
			s = s[6:]
		case 0xD800 <= r && r < 0xE000:
			return faultf(at, "half a surrogate pair in the text")
		}
	}
}

// escape is the code of the \uXXXX that s starts with, or 0.
func escape(s []byte) uint64 {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return n
}
