package web

import (
	"context"
	"errors"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Demo is what the demonstration lends to its own pages. A real site has none
// of it, and so none of these pages.
type Demo struct {
	// Letters lists every letter that has left, newest first, without texts.
	Letters func(context.Context) ([]DemoLetter, error)
	// Letter is one of them with its text; store.ErrNotFound when there is none.
	Letter func(ctx context.Context, id string) (DemoLetter, error)
	// Previews are letters of every kind in one language, about an invented petition.
	Previews func(petition.Lang) ([]DemoLetter, error)
	// Login opens a session for the n-th officer with this role, counted from
	// 1, and returns its token and how long it lasts.
	Login func(ctx context.Context, role store.Role, n int) (token string, life time.Duration, err error)
	// Advance moves the clock forward and returns when the jobs due by then have
	// run; ErrClockEnd when it cannot go so far.
	Advance func(context.Context, time.Duration) error
}

// ErrClockEnd says that the demonstration's clock goes no further.
var ErrClockEnd = errors.New("web: the clock of the demo goes no further")

// DemoLetter is a letter as the demonstration's mailbox shows it.
type DemoLetter struct {
	ID      string // in addresses: letters, digits, - and _ only
	Kind    string // letter.Kind, for previews
	To      string
	Subject string
	At      time.Time
	Text    string
	HTML    string   // the letter's HTML part, a whole document
	Links   []string // addresses in Text that shall be links, in its order; nil for all
}
