package httpd

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dauys/dauys/petition"
)

// The errors of the web itself. Handlers return them, alone or wrapped; the
// table gives each its status and its words.
var (
	ErrBadRequest    = errors.New("httpd: malformed request")
	ErrUnauthorized  = errors.New("httpd: not signed in")
	ErrForbidden     = errors.New("httpd: not allowed")
	ErrCrossSite     = errors.New("httpd: sent from another site")
	ErrNotFound      = errors.New("httpd: no such page")
	ErrMethod        = errors.New("httpd: method not allowed")
	ErrNotAcceptable = errors.New("httpd: no such format")
	ErrConflict      = errors.New("httpd: changed by someone else meanwhile")
	ErrGone          = errors.New("httpd: removed")
	ErrExpired       = errors.New("httpd: link has expired")
	ErrTooLarge      = errors.New("httpd: too large")
	ErrRateLimited   = errors.New("httpd: too many requests")
	ErrOverloaded    = errors.New("httpd: overloaded")
	ErrNotReady      = errors.New("httpd: not ready")
)

// statusClientGone is for metrics only: the client left before the answer.
const statusClientGone = 499

// Problem is an error as the outside may know it. The cause stays in the log.
type Problem struct {
	Status     int                   // HTTP status
	Key        string                // its words are error.<Key>.title and error.<Key>.text
	RetryAfter time.Duration         // when to come back; 0 when waiting does not help
	Fields     []petition.FieldError // which fields are wrong, in the order of the form
}

// Mapping is one row of the table. Other packages register nothing: cli hands
// their rows to New, so the table stays one value, built in one place.
type Mapping struct {
	Err        error // matched by errors.Is
	Status     int
	Key        string
	RetryAfter time.Duration
}

// Table maps errors to problems. The first row that matches wins.
type Table []Mapping

// NewTable is the table of httpd and petition, preceded by the extra rows.
func NewTable(extra ...Mapping) Table {
	return append(append(Table(nil), extra...),
		Mapping{ErrBadRequest, http.StatusBadRequest, "bad_request", 0},
		Mapping{ErrUnauthorized, http.StatusUnauthorized, "unauthorized", 0},
		Mapping{ErrForbidden, http.StatusForbidden, "forbidden", 0},
		Mapping{ErrCrossSite, http.StatusForbidden, "cross_site", 0},
		Mapping{ErrNotFound, http.StatusNotFound, "not_found", 0},
		Mapping{ErrMethod, http.StatusMethodNotAllowed, "method", 0},
		Mapping{ErrNotAcceptable, http.StatusNotAcceptable, "not_acceptable", 0},
		Mapping{ErrConflict, http.StatusConflict, "conflict", 0},
		Mapping{ErrGone, http.StatusGone, "gone", 0},
		Mapping{ErrExpired, http.StatusGone, "expired", 0},
		Mapping{ErrTooLarge, http.StatusRequestEntityTooLarge, "too_large", 0},
		Mapping{ErrRateLimited, http.StatusTooManyRequests, "rate_limited", 10 * time.Second},
		Mapping{ErrOverloaded, http.StatusServiceUnavailable, "overloaded", 5 * time.Second},
		Mapping{ErrNotReady, http.StatusServiceUnavailable, "not_ready", 10 * time.Second},

		Mapping{petition.ErrState, http.StatusConflict, "state", 0},
		Mapping{petition.ErrClosed, http.StatusConflict, "closed", 0},
		Mapping{petition.ErrNotOpen, http.StatusConflict, "not_open", 0},
		Mapping{petition.ErrArchived, http.StatusConflict, "archived", 0},
		Mapping{petition.ErrHidden, http.StatusGone, "hidden", 0},
		Mapping{petition.ErrTextChanged, http.StatusConflict, "text_changed", 0},
		Mapping{petition.ErrLate, http.StatusConflict, "late", 0},
		Mapping{petition.ErrSameOfficer, http.StatusForbidden, "same_officer", 0},
		Mapping{petition.ErrDecidedOwn, http.StatusForbidden, "decided_own", 0},
		Mapping{petition.ErrReason, http.StatusUnprocessableEntity, "reason", 0},
		Mapping{petition.ErrNotEligible, http.StatusUnprocessableEntity, "not_eligible", 0},
		Mapping{petition.ErrPlace, http.StatusUnprocessableEntity, "place", 0},

		// Last, because a row above may well wrap a deadline of its own.
		Mapping{context.DeadlineExceeded, http.StatusServiceUnavailable, "overloaded", 5 * time.Second},
	)
}

// Classify says what the outside may know of err. An error that no row knows
// is 500 and nothing more.
func (t Table) Classify(err error) Problem {
	p := Problem{Status: http.StatusInternalServerError, Key: "internal"}
	if fields := fieldErrors(err); len(fields) > 0 {
		return Problem{Status: http.StatusUnprocessableEntity, Key: "fields", Fields: fields}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = ErrTooLarge
	}
	for _, m := range t {
		if errors.Is(err, m.Err) {
			p = Problem{Status: m.Status, Key: m.Key, RetryAfter: m.RetryAfter}
			break
		}
	}
	if e, ok := errors.AsType[*retryError](err); ok && e.after > 0 {
		p.RetryAfter = e.after
	}
	return p
}

// Classify is the table without rows of other packages.
func Classify(err error) Problem { return NewTable().Classify(err) }

func fieldErrors(err error) []petition.FieldError {
	if many, ok := errors.AsType[petition.FieldErrors](err); ok {
		return many
	}
	if one, ok := errors.AsType[petition.FieldError](err); ok {
		return []petition.FieldError{one}
	}
	return nil
}

// retryError says when an error is worth another try.
type retryError struct {
	err   error
	after time.Duration
}

// Error is the text of the error within.
func (e *retryError) Error() string { return e.err.Error() }

// Unwrap is the error within.
func (e *retryError) Unwrap() error { return e.err }

// RetryAfter is err with the time after which the client may try again.
func RetryAfter(err error, after time.Duration) error { return &retryError{err, after} }

// clientGone reports whether err says no more than that nobody waits for the answer.
func clientGone(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && r.Context().Err() != nil
}
