package jobs

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A step is followed by a rest of its own length, up to the most, which an end
// of the work cuts short; its error passes.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := errors.New("failed")
		paced := Pace(time.Now, 6*time.Millisecond)
		ended, end := context.WithCancel(t.Context())
		end()
		for _, c := range []struct {
			ctx        context.Context
			took, want time.Duration
			err        error
		}{
			{t.Context(), 2 * time.Millisecond, 4 * time.Millisecond, nil},
			{t.Context(), 40 * time.Millisecond, 46 * time.Millisecond, nil},
			{t.Context(), 0, 0, failed},
			{ended, 40 * time.Millisecond, 40 * time.Millisecond, nil},
		} {
			began := time.Now()
			err := paced(c.ctx, func() error { time.Sleep(c.took); return c.err })
			if got := time.Since(began); got != c.want || !errors.Is(err, c.err) {
				t.Errorf("a step of %v took %v with its rest, want %v; %v", c.took, got, c.want, err)
			}
		}
	})
}
