package store

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// The rows of a backup: JSON arrays. An integer is a number and exact, a text
// a string, bytes are {"b":"base64"}, NULL is null.

const hexDigits = "0123456789abcdef"

func appendRow(b []byte, values []any) ([]byte, error) {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		switch v := v.(type) {
		case nil:
			b = append(b, "null"...)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case string:
			if !utf8.ValidString(v) {
				return nil, fmt.Errorf("column %d is no UTF-8", i+1)
			}
			b = appendText(b, v)
		case []byte:
			b = append(b, `{"b":"`...)
			b = base64.StdEncoding.AppendEncode(b, v)
			b = append(b, `"}`...)
		default:
			return nil, fmt.Errorf("column %d is a %T", i+1, v)
		}
	}
	return append(b, ']', '\n'), nil
}

func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		if c < 0x20 {
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		} else {
			b = append(b, '\\', c)
		}
	}
	return append(append(b, s[from:]...), '"')
}

// parseRow reads what appendRow wrote, appends the values to args and returns
// them. kinds are what the columns may hold beside NULL.
func parseRow(line []byte, kinds []kind, args []any) ([]any, error) {
	if !json.Valid(line) || !utf8.Valid(line) {
		return nil, fmt.Errorf("%w: a row is no JSON", ErrDamaged)
	}
	rest := bytes.TrimSpace(line)
	for i, k := range kinds {
		if len(rest) == 0 || i == 0 && rest[0] != '[' || i > 0 && rest[0] != ',' {
			return nil, fmt.Errorf("%w: a row has %d columns, want %d", ErrDamaged, i, len(kinds))
		}
		var v any
		var ok bool
		if v, rest, ok = parseValue(rest[1:], k); !ok {
			return nil, fmt.Errorf("%w: column %d of a row", ErrDamaged, i+1)
		}
		args = append(args, v)
	}
	if string(rest) != "]" {
		return nil, fmt.Errorf("%w: a row has too many columns", ErrDamaged)
	}
	return args, nil
}

// parseValue reads one value of kind k, or NULL, from valid JSON.
func parseValue(b []byte, k kind) (v any, rest []byte, ok bool) {
	if r, null := bytes.CutPrefix(b, []byte("null")); null {
		return nil, r, true
	}
	switch k {
	case integer:
		end := bytes.IndexAny(b, ",]")
		if end < 0 {
			return nil, nil, false
		}
		n, err := strconv.ParseInt(string(b[:end]), 10, 64)
		return n, b[end:], err == nil
	case text:
		return parseText(b)
	case blob:
		b, isBlob := bytes.CutPrefix(b, []byte(`{"b":"`))
		end := bytes.IndexByte(b, '"')
		if !isBlob || end < 0 {
			return nil, nil, false
		}
		data, err := base64.StdEncoding.Strict().AppendDecode(make([]byte, 0, end), b[:end])
		rest, closed := bytes.CutPrefix(b[end+1:], []byte("}"))
		return data, rest, err == nil && closed
	}
	return nil, nil, false
}

func parseText(b []byte) (v any, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, false
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			if bytes.IndexByte(b[1:i], '\\') < 0 {
				return string(b[1:i]), b[i+1:], true
			}
			var s string
			err := json.Unmarshal(b[:i+1], &s)
			return s, b[i+1:], err == nil
		}
	}
	return nil, nil, false
}
