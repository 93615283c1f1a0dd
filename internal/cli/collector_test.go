package cli

import "testing"

// In a crowd garbage of crowdGarbage may lie about; a large heap doubles as
// before, and so does any when the crowd has gone.
func TestCollectorIsEasedInACrowdOnly(t *testing.T) {
	const mb = 1 << 20
	c := collector{percent: 100}
	for _, step := range []struct {
		name        string
		looks       int
		collections uint64
		live        uint64
		want        int // in force afterwards
	}{
		{"nobody is here", 60, 0, 16 * mb, 100},
		{"the calendar collects once", 1, 1, 16 * mb, 100},
		{"a crowd", 1, 5, 16 * mb, 400},
		{"still, collected seldom", 20, 1, 16 * mb, 400},
		{"a little more in use", 1, 1, 18 * mb, 400},
		{"twice as much in use", 1, 1, 32 * mb, 200},
		{"more than may lie about", 1, 3, 200 * mb, 100},
		{"and again", 5, 3, 200 * mb, 100},
		{"little in use again", 1, 3, 16 * mb, 400},
		{"a pause", collectorQuiet - 1, 0, 16 * mb, 400},
		{"somebody comes", 1, 1, 16 * mb, 400},
		{"everybody has gone", collectorQuiet, 0, 16 * mb, 100},
		{"a heap of nothing", 1, 9, 0, 800},
	} {
		for range step.looks {
			if set := c.look(step.collections, step.live); set != 0 && set != c.percent {
				t.Errorf("%s: sets %d, remembers %d", step.name, set, c.percent)
			}
		}
		if c.percent != step.want {
			t.Errorf("%s: %d %%, want %d", step.name, c.percent, step.want)
		}
	}
}
