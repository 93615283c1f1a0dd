package jobs

import (
	"context"
	"time"
)

// Pace makes the steps of a long task leave room for others: after each it
// rests for as long as the step took, and no longer than most, so that a slow
// machine does not make the task late as well.
func Pace(now func() time.Time, most time.Duration) func(ctx context.Context, step func() error) error {
	return func(ctx context.Context, step func() error) error {
		began := now()
		err := step()
		Sleep(ctx, min(now().Sub(began), most))
		return err
	}
}
