package cli

import (
	"strings"
	"testing"
	"time"
)

func TestClockDoubt(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		away time.Duration // since the site was last up
		want string
	}{
		{time.Minute, ""}, {-time.Minute, ""}, {11 * time.Hour, ""},
		{-24 * time.Hour, "24h0m0s behind"}, {24 * time.Hour, "last up 24h0m0s ago"},
	} {
		if got := clockDoubt(now.Add(-c.away), now); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v: %q, want %q", c.away, got, c.want)
		}
	}
	if got := clockDoubt(time.Time{}, now); got != "" {
		t.Errorf("a new site: %q", got)
	}
}
