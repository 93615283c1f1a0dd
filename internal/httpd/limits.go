package httpd

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dauys/dauys/petition"
)

const (
	defaultMaxBody = 64 << 10
	maxHeaderBytes = 16 << 10
)

// Timeouts bound how long a client may hold a connection. A client that sends
// a byte a minute on purpose is cut off by them.
type Timeouts struct {
	Header time.Duration // until the request's header is read
	Read   time.Duration // until its body is read
	Write  time.Duration // until the answer is written; a long export extends it by http.ResponseController
	Idle   time.Duration // between requests
}

// DefaultTimeouts suit a slow phone and a body of 64 KiB.
func DefaultTimeouts() Timeouts {
	return Timeouts{Header: 5 * time.Second, Read: 15 * time.Second, Write: time.Minute, Idle: 45 * time.Second}
}

// cleanText reports whether s is UTF-8 without NUL, which no store keeps faithfully.
func cleanText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// ParseForm reads a form sent as application/x-www-form-urlencoded. Errors are
// ErrTooLarge, ErrBadRequest, or petition.FieldErrors that name each field
// whose value is not text. Fields nobody knows are kept: callers ignore them.
func ParseForm(r *http.Request) (url.Values, error) {
	if t := r.Header.Get("Content-Type"); t != "" {
		if media, _, err := mime.ParseMediaType(t); err != nil || media != "application/x-www-form-urlencoded" {
			return nil, fmt.Errorf("%w: not a form", ErrBadRequest)
		}
	}
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		return nil, fmt.Errorf("%w: form cannot be read", ErrBadRequest) // err quotes what was typed
	}
	return form, checkText(form)
}

// NoFields is for a route whose form says nothing but that it was sent: what
// comes with it is thrown away, and ErrTooLarge refuses what no form is, before
// anything is done.
func NoFields(r *http.Request) error {
	_, err := readBody(r)
	return err
}

func readBody(r *http.Request) (string, error) {
	if r.Body == nil {
		return "", nil
	}
	limited := io.LimitReader(r.Body, maxDocument+1) // for a request that came past Wrap
	b, err := io.ReadAll(limited)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge || len(b) > maxDocument {
		return "", fmt.Errorf("%w: request body", ErrTooLarge)
	}
	if err != nil {
		return "", fmt.Errorf("%w: body broke off: %w", ErrBadRequest, err)
	}
	return string(b), nil
}

// maxDocument is the largest body any route takes.
const maxDocument = 10 << 20

// Query reads the query of the address. Pieces that are not name=value are
// left out; a value that is not text is an error that names its field.
func Query(r *http.Request) (url.Values, error) {
	query, _ := url.ParseQuery(r.URL.RawQuery) // broken pieces are dropped, the rest is kept
	return query, checkText(query)
}

// checkText names every field whose value is not clean text, in alphabetical order.
func checkText(form url.Values) error {
	var faults petition.FieldErrors
	for name, values := range form {
		if !cleanText(name) {
			return fmt.Errorf("%w: field name is not text", ErrBadRequest)
		}
		for _, v := range values {
			if !utf8.ValidString(v) {
				faults = append(faults, petition.FieldError{Field: name, Key: "utf8"})
				break
			}
			if strings.IndexByte(v, 0) >= 0 {
				faults = append(faults, petition.FieldError{Field: name, Key: "nul"})
				break
			}
		}
	}
	slices.SortFunc(faults, func(a, b petition.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return faults.OrNil()
}
