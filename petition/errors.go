package petition

import (
	"errors"
	"fmt"
	"strings"
)

// The ways an act can be refused by the law. The httpd table maps each to a
// status and a message; callers test with errors.Is.
var (
	ErrState       = errors.New("petition: not possible in this state")
	ErrClosed      = errors.New("petition: no longer collects signatures")
	ErrNotOpen     = errors.New("petition: does not collect signatures yet")
	ErrTextChanged = errors.New("petition: the text changed since it was read")
	ErrReason      = errors.New("petition: unknown or missing reason")
	ErrSameOfficer = errors.New("petition: a second officer must decide")
	ErrDecidedOwn  = errors.New("petition: this officer took part in the refusal")
	ErrLate        = errors.New("petition: the term has run out")
	ErrHidden      = errors.New("petition: hidden while a second officer checks")
	ErrArchived    = errors.New("petition: in the archive, where nothing changes")
	ErrNotEligible = errors.New("petition: not eligible")
	ErrPlace       = errors.New("petition: unknown place")
)

// FieldError says which field of a form is wrong and why. Key is a message key.
type FieldError struct {
	Field string
	Key   string         // e.g. "too_long"
	Args  map[string]any // e.g. {"max": 80}
}

// Error names the field and the key.
func (e FieldError) Error() string { return fmt.Sprintf("field %s: %s", e.Field, e.Key) }

// FieldErrors collects what is wrong with a form, in the order of its fields.
type FieldErrors []FieldError

// Error joins the field errors.
func (e FieldErrors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
	}
	return strings.Join(lines, "\n")
}

// OrNil returns e, or nil when it is empty.
func (e FieldErrors) OrNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}
