// Package identity proves who somebody is, and forgets it.
//
// What lives here: the canonical form of an e-mail address, and the broker,
// which turns a proven person into a keyed hash for one petition.
//
// What never: the store (the broker never sees a signature), petitions' rules,
// a list of persons.
package identity

import (
	"errors"
	"net/mail"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// ErrAddress says that something is not an address letters can be sent to.
var ErrAddress = errors.New("identity: not an e-mail address")

// Address is one e-mail address in two forms.
type Address struct {
	Send  string // as written, the domain in ASCII: where letters go
	Canon string // one form for all spellings that reach the same person
}

// Lengths of RFC 5321 section 4.5.3.1.
const (
	maxAddress = 254
	maxLocal   = 64
)

// rule says how a provider treats spellings of one mailbox.
type rule struct {
	as   string // the domain it is an alias of
	dots bool   // dots in the local part do not count
}

// providers whose mailboxes have more spellings than case and "+tag".
var providers = map[string]rule{
	"gmail.com":      {dots: true},
	"googlemail.com": {as: "gmail.com", dots: true},
	"ya.ru":          {as: "yandex.ru"},
	"yandex.com":     {as: "yandex.ru"},
	"yandex.kz":      {as: "yandex.ru"},
	"yandex.by":      {as: "yandex.ru"},
}

// ParseAddress reads an address a person typed. Canonical form: lower case,
// domain in ASCII (IDNA), the local part without a "+tag", and without dots
// where the provider ignores them. No name is ever looked up in DNS.
func ParseAddress(s string) (Address, error) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxAddress || !utf8.ValidString(s) || strings.ContainsAny(s, " \t\r\n\x00<>()[]\\\",;:") {
		return Address{}, ErrAddress
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		return Address{}, ErrAddress
	}
	at := strings.LastIndexByte(s, '@')
	local, domain := s[:at], s[at+1:]
	if len(local) > maxLocal || !ascii(local) {
		return Address{}, ErrAddress
	}
	domain, err := idna.Lookup.ToASCII(domain)
	if err != nil || !hostName(domain) || len(local)+1+len(domain) > maxAddress {
		return Address{}, ErrAddress
	}
	canon, _, _ := strings.Cut(strings.ToLower(local), "+")
	canon = strings.TrimRight(canon, ".") // "name.+tag"
	key := domain
	if r, ok := providers[domain]; ok {
		if r.dots {
			canon = strings.ReplaceAll(canon, ".", "")
		}
		if r.as != "" {
			key = r.as
		}
	}
	if canon == "" {
		return Address{}, ErrAddress
	}
	return Address{Send: local + "@" + domain, Canon: canon + "@" + key}, nil
}

// hostName reports whether an ASCII domain has two labels or more, each of a
// length DNS can hold, and is not an IPv4 address in disguise.
func hostName(domain string) bool {
	labels := strings.Split(domain, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 {
			return false
		}
	}
	return len(labels) > 1 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
