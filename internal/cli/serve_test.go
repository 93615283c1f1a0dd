package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

func TestMetricsForEverybodyAreWarnedOf(t *testing.T) {
	for addr, warned := range map[string]bool{
		"": false, "127.0.0.1:9090": false, "[::1]:9090": false, "10.0.0.1:9090": false, "localhost:9090": false, "metrics.example:9090": false,
		":9090": true, "0.0.0.0:9090": true, "[::]:9090": true,
	} {
		var said strings.Builder
		(&env{err: &said}).warn(&app{cfg: Config{URL: "https://petitions.example", AdminAddr: addr}, law: &petition.Profile{}})
		if got := strings.Contains(said.String(), "DAUYS_ADMIN_ADDR"); got != warned {
			t.Errorf("%q: warned %v, want %v: %s", addr, got, warned, said.String())
		}
	}
}

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
