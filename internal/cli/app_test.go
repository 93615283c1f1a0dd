package cli

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
)

// What the disk does to a request is told apart from a fault of ours.
func TestErrorsOfTheDisk(t *testing.T) {
	table := httpd.NewTable(errorTable()...)
	for _, c := range []struct {
		err error
		key string
	}{{store.ErrFull, "full"}, {store.ErrDisk, "disk"}, {store.ErrUnavailable, "overloaded"}} {
		p := table.Classify(fmt.Errorf("signing: %w", c.err))
		if p.Status != http.StatusServiceUnavailable || p.Key != c.key || p.RetryAfter == 0 {
			t.Errorf("%v: %+v", c.err, p)
		}
	}
}
