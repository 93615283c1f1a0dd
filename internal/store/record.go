package store

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dauys/dauys/petition"
)

// decodeRecord reads the record that columns wrote into p. A page of a list has
// 25 of them, and encoding/json took longer for them than the database and the
// search together: so the members that every record has, texts among them, are
// read here, and only what else there is by encoding/json. It reads the whole
// of a record that looks in any way unlike what columns writes, and says what
// is wrong with one that is no record.
func decodeRecord(record string, p *petition.Petition) error {
	r := reader{s: record}
	rest, ok := r.record(p)
	if ok && r.at == len(record) && utf8.ValidString(record) {
		if len(rest) == 0 {
			return nil
		}
		return json.Unmarshal(rest, p)
	}
	p.UID, p.Number, p.Kind, p.State, p.Profile, p.Lang = petition.UID{}, 0, "", "", petition.ProfileRef{}, ""
	p.Texts, p.TextVersion, p.Body, p.Place, p.Creator = nil, 0, "", "", petition.Creator{}
	return json.Unmarshal([]byte(record), p)
}

// reader reads JSON as encoding/json writes it: without blanks. Its methods are
// false where it is not so.
type reader struct {
	s  string
	at int
}

// record reads the members it knows into p, and returns the others as an
// object, or nil when there are none.
func (r *reader) record(p *petition.Petition) (rest []byte, ok bool) {
	ok = r.members(func(name string, from int) bool {
		var n int64
		var ok bool
		switch name {
		case "uid":
			var uid string
			uid, ok = r.text()
			ok = ok && p.UID.UnmarshalText([]byte(uid)) == nil
		case "number":
			n, ok = r.number()
			p.Number = n
		case "text_version":
			n, ok = r.number()
			p.TextVersion = int(n)
		case "kind":
			ok = into(r, &p.Kind)
		case "state":
			ok = into(r, &p.State)
		case "lang":
			ok = into(r, &p.Lang)
		case "body":
			ok = into(r, &p.Body)
		case "place":
			ok = into(r, &p.Place)
		case "profile":
			ok = r.profile(&p.Profile)
		case "creator":
			ok = r.creator(&p.Creator)
		case "texts":
			p.Texts, ok = r.texts()
		default:
			if ok = r.skip(); ok {
				rest = append(append(rest, ','), r.s[from:r.at]...)
			}
		}
		return ok
	})
	if ok && rest != nil {
		rest[0] = '{'
		rest = append(rest, '}')
	}
	return rest, ok
}

func (r *reader) profile(p *petition.ProfileRef) bool {
	return r.members(func(name string, _ int) bool {
		switch name {
		case "id":
			return into(r, &p.ID)
		case "version":
			return into(r, &p.Version)
		}
		return false
	})
}

func (r *reader) creator(c *petition.Creator) bool {
	return r.members(func(name string, _ int) bool {
		switch name {
		case "kind":
			return into(r, &c.Kind)
		case "name":
			return into(r, &c.Name)
		case "org":
			return into(r, &c.Org)
		case "display":
			return into(r, &c.Display)
		}
		return false
	})
}

func (r *reader) texts() (texts petition.Texts, ok bool) {
	texts = petition.Texts{}
	ok = r.members(func(lang string, _ int) bool {
		var t petition.Text
		ok := r.members(func(name string, _ int) bool {
			switch name {
			case "title":
				return into(r, &t.Title)
			case "ask":
				return into(r, &t.Ask)
			case "details":
				return into(r, &t.Details)
			}
			return false
		})
		texts[petition.Lang(lang)] = t
		return ok
	})
	return texts, ok
}

// members reads an object. f reads the value of each member, which began at from.
func (r *reader) members(f func(name string, from int) bool) bool {
	if !r.next('{') {
		return false
	}
	for first := true; !r.next('}'); first = false {
		if !first && !r.next(',') {
			return false
		}
		from := r.at
		name, ok := r.text()
		if !ok || !r.next(':') || !f(name, from) {
			return false
		}
	}
	return true
}

func (r *reader) next(c byte) bool {
	if r.at < len(r.s) && r.s[r.at] == c {
		r.at++
		return true
	}
	return false
}

// into reads a text.
func into[T ~string](r *reader, to *T) bool {
	s, ok := r.text()
	*to = T(s)
	return ok
}

// text is a string; it is part of the record unless it was escaped.
func (r *reader) text() (string, bool) {
	from := r.at
	escaped, ok := r.quoted()
	if !ok {
		return "", false
	}
	if !escaped {
		return r.s[from+1 : r.at-1], true
	}
	var s string
	err := json.Unmarshal([]byte(r.s[from:r.at]), &s)
	return s, err == nil
}

// quoted passes by a string.
func (r *reader) quoted() (escaped, ok bool) {
	if !r.next('"') {
		return false, false
	}
	for r.at < len(r.s) {
		switch c := r.s[r.at]; {
		case c == '"':
			r.at++
			return escaped, true
		case c == '\\':
			escaped = true
			r.at++
		case c < ' ':
			return false, false
		}
		r.at++
	}
	return false, false
}

// number is a whole number that is not negative.
func (r *reader) number() (int64, bool) {
	from := r.at
	for r.at < len(r.s) && r.s[r.at] >= '0' && r.s[r.at] <= '9' {
		r.at++
	}
	digits := r.s[from:r.at]
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil && (digits == "0" || digits[0] != '0')
}

// skip passes by a value. Whoever reads it will say what is wrong within.
func (r *reader) skip() bool {
	from, depth := r.at, 0
	for r.at < len(r.s) {
		switch c := r.s[r.at]; {
		case c == '"':
			if _, ok := r.quoted(); !ok {
				return false
			}
			continue
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']' || c == ',':
			if depth == 0 {
				return r.at > from
			}
			if c != ',' {
				depth--
			}
		case strings.IndexByte(" \t\r\n", c) >= 0:
			return false
		}
		r.at++
	}
	return false
}
