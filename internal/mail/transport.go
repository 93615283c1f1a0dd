package mail

import (
	"context"
	"errors"
	"net/url"
	"strings"
)

// The three ways a letter can fail to be sent. Everything else is success.
var (
	// ErrTemporary: surely not taken; try again later.
	ErrTemporary = errors.New("mail: not taken now")
	// ErrPermanent: surely not taken, and never will be.
	ErrPermanent = errors.New("mail: refused for good")
	// ErrUncertain: the receiver may have taken it and did not say so.
	ErrUncertain = errors.New("mail: may have been taken")
)

// ErrLost is what handOver returns when another sender holds the letter now.
var ErrLost = errors.New("mail: another sender holds the letter")

// Transport carries messages away. Implementations: File, SMTP. They are safe
// for concurrent use.
type Transport interface {
	// Send carries m away; nil means taken. A transport that can be asked Has
	// may be given the same letter again and takes it once. Any other calls
	// handOver before the receiver may take the letter, and gives up, returning
	// an error that wraps handOver's, when it fails. Errors wrap ErrTemporary,
	// ErrPermanent or ErrUncertain and hold no address and no password.
	Send(ctx context.Context, m Message, handOver func() error) error
	// Has reports whether the letter named uid was taken; known is false when
	// the transport cannot tell.
	Has(uid string) (taken, known bool)
	// Senders is how many letters it carries at a time.
	Senders() int
	// Close ends its connections, after the letters on their way.
	Close() error
}

// ParseURL makes a transport of its address: file:DIR, or
// smtp://user:pass@host:port, smtps://... with ?tls=off, on (STARTTLS needed)
// or auto, which asks for it unless the host is this machine, and
// ?connections=N, how many are used at a time. The error never holds the
// password.
func ParseURL(address string) (Transport, error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch scheme {
	case "file":
		f, err := NewFile(strings.TrimPrefix(rest, "//"))
		if err != nil {
			return nil, err // and not a File that is nil
		}
		return f, nil
	case "smtp", "smtps":
		u, err := url.Parse(address)
		if err != nil {
			return nil, errors.New("mail: the address of the mail server cannot be read; want smtp://user:pass@host:port, with %40 for an @ in user or pass and %2F for a slash") // the cause quotes it
		}
		s, err := NewSMTP(u)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	return nil, errors.New("mail: want smtp://..., smtps://... or file:DIR")
}
