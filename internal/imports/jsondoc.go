package imports

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readJSON reads {links, data}, where data is one petition or a list of them.
func readJSON(br io.Reader, in *counter, s *sink) {
	b, err := io.ReadAll(br)
	if err == nil && in.n > MaxFile {
		err = ErrTooBig
	}
	if err != nil {
		s.fatal(0, err)
		return
	}
	if !json.Valid(b) {
		err := json.Unmarshal(b, new(json.RawMessage))
		s.fatal(syntaxLine(b, err), err)
		return
	}
	t := text(b)
	at, err := t.data()
	lines := &lineCount{b: b, line: 1}
	if err != nil {
		if f, ok := errors.AsType[*fault](err); ok {
			s.fatal(lines.at(f.at), err)
		}
		return
	}
	if t[at] == '{' {
		t.yield(at, lines, s)
		return
	}
	for from := range t.elements(at) {
		if !t.yield(from, lines, s) {
			return
		}
	}
}

func syntaxLine(b []byte, err error) int {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return 0
	}
	return 1 + bytes.Count(b[:max(0, min(int(syntax.Offset)-1, len(b)))], []byte{'\n'})
}

// lineCount turns offsets, asked for in rising order, into lines.
type lineCount struct {
	b    []byte
	off  int
	line int
}

func (l *lineCount) at(off int) int {
	l.line += bytes.Count(l.b[l.off:off], []byte{'\n'})
	l.off = off
	return l.line
}

// data finds the value of the outer key data.
func (t text) data() (at int, err error) {
	at = -1
	start := t.space(0)
	for m := range t.members(start) {
		if m.key != "data" {
			continue
		}
		if at >= 0 {
			return 0, faultf(m.keyAt, `key "data" given twice`)
		}
		at = m.from
	}
	if at < 0 {
		return 0, &fault{start, `no key "data": ` + ErrUnknown.Error()}
	}
	if t[at] != '{' && t[at] != '[' {
		return 0, faultf(at, "data is %s, want an object or a list", t.kind(at))
	}
	return at, nil
}

// yield reads the petition that starts at, and reports whether to go on.
func (t text) yield(at int, lines *lineCount, s *sink) bool {
	line := lines.at(at)
	rec, err := t.petition(at)
	var f *fault
	switch {
	case errors.As(err, &f):
		// A counter of its own keeps the other one rising.
		inner := *lines
		return s.bad(inner.at(f.at), f.reason)
	case err != nil:
		return s.bad(line, err.Error())
	}
	rec.Line = line
	return s.record(&rec)
}

// petition reads {type, id, attributes, parliament}.
func (t text) petition(at int) (Record, error) {
	rec := Record{Source: SourceJSON}
	if err := t.want(at, "an object", "a petition"); err != nil {
		return rec, err
	}
	if err := t.inspect(at, 0); err != nil {
		return rec, err
	}
	attributes := -1
	kind := ""
	for m := range t.members(at) {
		var err error
		switch m.key {
		case "type":
			if err = t.want(m.from, "a string", "type"); err == nil {
				kind = t.str(m.from, m.to)
			}
		case "id":
			rec.Number, err = t.count(m, "id")
			if err == nil && rec.Number == 0 {
				err = faultf(m.from, "id is 0")
			}
		case "attributes":
			attributes = m.from
			err = t.want(m.from, "an object", "attributes")
		case "parliament":
			if !t.null(m.from) {
				err = t.want(m.from, "an object", "parliament")
				rec.Parliament = compact(t[m.from:m.to])
			}
		}
		if err != nil {
			return rec, err
		}
	}
	switch {
	case kind != "petition" && kind != "archived-petition":
		return rec, faultf(at, `type %s, want "petition" or "archived-petition"`, quote(kind))
	case rec.Number == 0:
		return rec, faultf(at, "no id")
	case attributes < 0:
		return rec, faultf(at, "no attributes")
	}
	if rec.Archived = kind == "archived-petition"; !rec.Archived {
		rec.Parliament = nil
	}
	if err := t.attributes(&rec, attributes); err != nil {
		return rec, err
	}
	var err error
	rec.Hash, err = documentHash(&rec)
	return rec, err
}

// detailed reports whether an attribute stands in a document and not in a list.
func detailed(key string) bool {
	return strings.HasPrefix(key, "signatures_by_") || key == "other_parliamentary_business"
}

func (t text) attributes(rec *Record, at int) error {
	list := []byte{'{'}
	required := map[string]bool{"action": true, "state": true, "signature_count": true}
	for m := range t.members(at) {
		if err := t.attribute(rec, m); err != nil {
			return err
		}
		delete(required, m.key)
		if detailed(m.key) {
			continue
		}
		if len(list) > 1 {
			list = append(list, ',')
		}
		list = append(append(list, t[m.keyAt:t.skip(m.keyAt)]...), ':')
		list = append(list, compact(t[m.from:m.to])...)
	}
	for _, key := range []string{"action", "state", "signature_count"} {
		if required[key] {
			return faultf(at, "no %s", key)
		}
	}
	rec.Raw = compact(t[at:t.skip(at)])
	list = append(list, '}')
	rec.ListRaw = list
	return nil
}

// compact takes white space out and leaves all else as it is. b is well-formed.
func compact(b []byte) json.RawMessage {
	var out bytes.Buffer
	out.Grow(len(b))
	if err := json.Compact(&out, b); err != nil {
		return nil
	}
	return out.Bytes()
}

// documentHash is over the values: keys sorted, nulls left out, numbers as
// they are written.
func documentHash(rec *Record) ([16]byte, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d\x00%t\x00", SourceJSON, rec.Number, rec.Archived)
	for _, raw := range []json.RawMessage{rec.Raw, rec.Parliament} {
		if raw == nil {
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); err != nil {
			return [16]byte{}, fmt.Errorf("imports: hash: %w", err)
		}
		dropNulls(v)
		b, err := json.Marshal(v)
		if err != nil {
			return [16]byte{}, fmt.Errorf("imports: hash: %w", err)
		}
		h.Write(b)
		h.Write([]byte{0})
	}
	return [16]byte(h.Sum(nil)[:16]), nil
}

func dropNulls(v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if x == nil {
				delete(v, k)
				continue
			}
			dropNulls(x)
		}
	case []any:
		for _, x := range v {
			dropNulls(x)
		}
	}
}
