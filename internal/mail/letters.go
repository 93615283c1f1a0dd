package mail

import (
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
)

// ErrLetter says that a letter cannot be composed: an unknown kind, a missing
// or malformed argument, no address. Trying again does not help.
var ErrLetter = errors.New("mail: the letter cannot be composed")

//go:embed templates
var templates embed.FS

// Sender is who writes: it is shown in every letter.
type Sender struct {
	Name     string // of the site, before the address in From
	Address  string // From and the envelope's sender
	Operator string // who runs the site; may be empty
	Contact  string // how to reach the operator; may be empty
	Notice   bool   // say that signing has no legal effect here
}

// Message is a letter with its words.
type Message struct {
	UID     string // of the letter; also names it for ever
	Kind    letter.Kind
	From    string // of the header, and of the envelope when Return is empty
	Return  string // of the envelope, with the letter's own tag
	To      string
	Subject string
	Text    string
	HTML    string
	Link    string // the main link, "" when there is none
	Raw     []byte // the whole message, RFC 5322, lines end with CRLF
}

// Composer gives letters their words. It is safe for concurrent use.
type Composer struct {
	bundle *i18n.Bundle
	from   Sender
	text   *texttemplate.Template
	html   *htmltemplate.Template
}

// NewComposer prepares the templates; the error says what is wrong with the
// sender's address.
func NewComposer(b *i18n.Bundle, from Sender) (*Composer, error) {
	if a, err := netmail.ParseAddress(from.Address); err != nil || a.Address != from.Address {
		return nil, errors.New("mail: the sender's address is not one")
	}
	from.Name, from.Operator, from.Contact = oneLine(from.Name), oneLine(from.Operator), oneLine(bare(from.Contact))
	text, err := texttemplate.ParseFS(templates, "templates/letter.txt.tmpl")
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	html, err := htmltemplate.New("letter.html.tmpl").Funcs(htmltemplate.FuncMap{"bare": bare}).ParseFS(templates, "templates/letter.html.tmpl")
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return &Composer{bundle: b, from: from, text: text, html: html}, nil
}

// labelled is a further link with the words above it.
type labelled struct{ Label, Address string }

// sheet is what the templates lay out, each part in words.
type sheet struct {
	Lang        i18n.Lang
	Subject     string
	Salutation  string
	About       string
	What        string
	Count       string
	Stage       string
	Reason      string
	NoteLabel   string
	Note        []string
	Do          string
	Link        string
	Until       string
	Second      []labelled
	Ignore      string
	Why         string
	Unsubscribe *labelled
	Notice      string
	Operator    string
	Contact     string
}

// Compose writes the letter: subject, plain text, HTML, and the message made
// of them. uid is the letter's own, from which the Message-ID is made; now
// becomes the Date. The error is ErrLetter and never holds an address.
func (c *Composer) Compose(l letter.Letter, uid string, now time.Time) (Message, error) {
	s, err := c.sheet(l)
	if err != nil {
		return Message{}, fmt.Errorf("%w: %s: %w", ErrLetter, l.Kind, err)
	}
	var text, html strings.Builder
	if err := c.text.Execute(&text, s); err != nil {
		return Message{}, fmt.Errorf("%w: %s: text: %w", ErrLetter, l.Kind, err)
	}
	if err := c.html.Execute(&html, s); err != nil {
		return Message{}, fmt.Errorf("%w: %s: html: %w", ErrLetter, l.Kind, err)
	}
	m := Message{UID: uid, Kind: l.Kind, From: c.from.Address, To: l.To, Subject: s.Subject,
		Text: strings.TrimRight(text.String(), "\n") + "\n", HTML: html.String(), Link: s.Link}
	unsubscribe := ""
	if s.Unsubscribe != nil {
		unsubscribe = s.Unsubscribe.Address
	}
	if m.Raw, err = c.write(m, string(s.Lang), unsubscribe, now); err != nil {
		return Message{}, fmt.Errorf("%w: %s: %w", ErrLetter, l.Kind, err)
	}
	return m, nil
}

// reader reads the arguments of a letter and keeps the first fault.
type reader struct {
	args map[string]string
	err  error
}

func (r *reader) fail(name, fault string) {
	if r.err == nil {
		r.err = fmt.Errorf("argument %s %s", name, fault)
	}
}

// link is an http address that stands on one line and holds no other.
func (r *reader) link(name string) string {
	v := r.args[name]
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.ContainsFunc(v, notLink) {
		r.fail(name, "is not a link")
		return ""
	}
	return v
}

func notLink(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`<>"'\`, c) }

func (r *reader) number(name string) int64 {
	n, err := strconv.ParseInt(r.args[name], 10, 64)
	if err != nil || n < 0 {
		r.fail(name, "is not a number")
	}
	return n
}

func (r *reader) date(name string) civil.Date {
	d, err := civil.ParseDate(r.args[name])
	if err != nil {
		r.fail(name, "is not a date")
	}
	return d
}

func (r *reader) line(name string) string {
	v := oneLine(r.args[name])
	if v == "" {
		r.fail(name, "is missing")
	}
	return v
}

// sheet puts the letter into words.
func (c *Composer) sheet(l letter.Letter) (sheet, error) {
	sh, ok := shapes[l.Kind]
	if !ok {
		return sheet{}, errors.New("unknown kind")
	}
	if l.To == "" {
		return sheet{}, errors.New("no address")
	}
	p, key, r := c.bundle.Printer(l.Lang), "mail."+string(l.Kind), &reader{args: l.Args}
	s := sheet{Lang: p.Lang(), Salutation: p.T("mail.salutation"), What: p.T(key + ".what"), Do: p.T(key + ".do")}
	switch {
	case sh.officer:
		s.Subject, s.About = r.line("subject"), p.T("mail.about", "title", r.line("title"))
		s.NoteLabel, s.Note = p.T(key+".words"), noteLines(l.Args["words"])
	case sh.untitled:
		s.Subject = p.T(key + ".subject")
	default:
		title := r.line("title")
		s.Subject = p.T(key+".subject", "title", cut(title))
		s.About = p.T("mail.about", "title", title)
	}
	if sh.number != "" {
		s.Count = p.N(key+".count", r.number(sh.number))
	}
	if sh.stage {
		s.Stage = p.T("mail.stage", "stage", r.line("stage"))
	}
	if sh.member {
		s.Stage = p.T("mail.member", "name", r.line("member"))
	}
	if sh.outcome {
		s.Reason = p.T("mail.complaint.outcome", "ref", r.line("ref"), "outcome", p.T("complaint.outcome."+r.line("outcome")))
	}
	if sh.reason {
		s.Reason = p.T("mail.reason", "reason", r.line("reason"))
	}
	if sh.reason || sh.outcome {
		if s.Note = noteLines(l.Args["note"]); s.Note != nil {
			s.NoteLabel = p.T("mail.note")
		}
	}
	if sh.words {
		s.NoteLabel, s.Note = r.line("headline"), noteLines(l.Args["words"])
	}
	if sh.link != "" {
		s.Link = r.link(sh.link)
	}
	switch {
	case sh.until == "":
	case l.Args["until"] != "" || !sh.mayLack:
		s.Until = p.T(sh.until, "date", r.date("until"))
	case sh.otherwise != "":
		s.Do = p.T(sh.otherwise)
	}
	for _, name := range sh.second {
		s.Second = append(s.Second, labelled{p.T("mail.second." + name), r.link(name)})
	}
	c.foot(&s, p, sh.why, r)
	return s, r.err
}

// foot fills in why the reader gets the letter, and who sends it.
func (c *Composer) foot(s *sheet, p *i18n.Printer, reason why, r *reader) {
	switch reason {
	case toProve:
		s.Ignore = p.T("mail.ignore")
	case toAuthor:
		s.Why = p.T("mail.why.petitioner")
	case toComplainant:
		s.Why = p.T("mail.why.complainant")
	case toBody:
		s.Why = p.T("mail.why.body")
	case toReader:
		s.Why = p.T("mail.why.news")
		s.Unsubscribe = &labelled{p.T("mail.unsubscribe"), r.link("unsubscribe")}
	}
	if c.from.Notice || r.args["notice"] == "yes" {
		s.Notice = p.T("mail.notice")
	}
	if c.from.Operator != "" {
		s.Operator = p.T("mail.operator", "operator", c.from.Operator)
	}
	if c.from.Contact != "" {
		s.Contact = p.T("mail.contact", "contact", c.from.Contact)
	}
}
