package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// write makes the message of its parts: multipart/alternative, UTF-8,
// quoted-printable. Nothing in it depends on anything but its arguments, so
// that a letter that is written again is the same letter.
func (c *Composer) write(m Message, lang, unsubscribe string, now time.Time) ([]byte, error) {
	if !safeUID(m.UID) {
		return nil, errors.New("the letter's name is not one")
	}
	to, err := netmail.ParseAddress(m.To)
	if err != nil || to.Address != m.To {
		return nil, errors.New("not an address") // the cause would quote it
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary(boundary(m)))
	msg.FromMailAddress(&netmail.Address{Name: c.from.Name, Address: c.from.Address})
	msg.ToMailAddress(to)
	msg.Subject(m.Subject)
	msg.SetDateWithValue(now)
	msg.SetMessageIDWithValue(m.UID + "@" + domainOf(c.from.Address))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // rfc3834#5
	msg.SetGenHeader("Content-Language", lang)
	if unsubscribe != "" { // rfc8058#3.1
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+unsubscribe+">")
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write: %w", err)
	}
	return b.Bytes(), nil
}

// boundary is a hash of what it parts, so that nobody who writes a title can
// write the boundary of the letter that will hold it.
func boundary(m Message) string {
	h := sha256.Sum256([]byte(m.UID + "\n" + m.Text + m.HTML))
	return hex.EncodeToString(h[:24])
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// safeUID reports whether a letter's name can be a file name, a boundary and
// part of a Message-ID as it is.
func safeUID(uid string) bool {
	if uid == "" || len(uid) > 60 || uid[0] == '-' {
		return false
	}
	for i := range len(uid) {
		c := uid[i]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}
