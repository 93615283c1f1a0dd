package mail

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"net/textproto"
	"strings"
)

// Report is what a delivery status notification says (rfc3464): which address
// the letter came back to, and why.
type Report struct {
	To     []string // addresses it may have been sent to, as its headers say
	Failed bool     // the letter was not delivered, for good
	Status string   // enhanced code (rfc3463) of the failure
	Hard   bool     // there is no such address
}

// ErrNoReport says that a message is no delivery status notification: a
// person's, or an automatic reply.
var ErrNoReport = errors.New("mail: not a delivery status notification")

// The bounds of a report. What stands in front is short; the letter that it
// brings back may be long, and is not read.
const (
	maxReport  = 1 << 20
	maxParts   = 8
	maxSection = 64 << 10
	maxGroups  = 16
)

// ReadReport reads a message that came back. Nothing in it is believed but the
// tag of the address, which the caller opens.
func ReadReport(r io.Reader) (Report, error) {
	m, err := netmail.ReadMessage(bufio.NewReader(io.LimitReader(r, maxReport)))
	if err != nil {
		return Report{}, fmt.Errorf("%w: its header cannot be read", ErrNoReport)
	}
	rep := Report{To: addresses(m.Header)}
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || media != "multipart/report" || params["boundary"] == "" {
		return rep, ErrNoReport
	}
	if kind := strings.ToLower(params["report-type"]); kind != "" && kind != "delivery-status" {
		return rep, fmt.Errorf("%w, but a %q", ErrNoReport, kind)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for range maxParts {
		p, err := parts.NextPart()
		if err != nil {
			break
		}
		media, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if media == "message/delivery-status" || media == "message/global-delivery-status" { // rfc6533#3
			return rep, rep.read(decoded(p))
		}
	}
	return rep, fmt.Errorf("%w: it has no status", ErrNoReport)
}

// addresses are those that a report may have been sent to, in the headers that
// mail servers write on delivery, and To.
func addresses(h netmail.Header) []string {
	var list []string
	for _, name := range []string{"X-Original-To", "Envelope-To", "Delivered-To", "To"} {
		for _, v := range h[textproto.CanonicalMIMEHeaderKey(name)] {
			if as, err := netmail.ParseAddressList(v); err == nil {
				for _, a := range as {
					list = append(list, a.Address)
				}
			}
		}
	}
	return list
}

// decoded is the text of a part. Quoted-printable multipart has read already.
func decoded(p *multipart.Part) io.Reader {
	r := io.LimitReader(p, maxSection)
	if strings.EqualFold(p.Header.Get("Content-Transfer-Encoding"), "base64") {
		return base64.NewDecoder(base64.StdEncoding, r)
	}
	return r
}

// read takes the groups of fields in: the first is about the message, each of
// the others about a recipient. A letter that was passed on to several says
// nothing for sure about the address it was sent to.
func (rep *Report) read(r io.Reader) error {
	fields := textproto.NewReader(bufio.NewReader(r))
	recipients := 0
	for range maxGroups {
		group, err := fields.ReadMIMEHeader()
		if action := strings.ToLower(strings.TrimSpace(group.Get("Action"))); action != "" {
			recipients++
			code := status.FindString(strings.TrimSpace(group.Get("Status")))
			if action == "failed" && !strings.HasPrefix(code, "2") && !rep.Failed {
				rep.Failed, rep.Status = true, code
			}
		}
		if err != nil {
			break // the end, or a field that is none
		}
	}
	if recipients == 0 {
		return fmt.Errorf("%w: its status names no recipient", ErrNoReport)
	}
	rep.Hard = rep.Failed && recipients == 1 && goneCode(rep.Status)
	return nil
}

// goneCode reports whether an enhanced code says that there is no such address.
func goneCode(code string) bool { return strings.HasPrefix(code, "5.1.") || code == "5.2.1" }

// TagOf is the tag of the first address that is one of ours with a tag; bounces
// is the address without. False when there is none.
func (rep Report) TagOf(bounces string) (tag string, ok bool) {
	local, domain, _ := strings.Cut(bounces, "@")
	for _, to := range rep.To {
		at := strings.LastIndexByte(to, '@')
		if at < 0 || !strings.EqualFold(to[at+1:], domain) {
			continue
		}
		name, tag, found := strings.Cut(to[:at], "+")
		if found && strings.EqualFold(name, local) && tag != "" {
			return tag, true
		}
	}
	return "", false
}
