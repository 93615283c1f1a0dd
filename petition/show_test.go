package petition

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestShowOnBothSidesOfItsRule(t *testing.T) {
	l := civic(t)
	moved := noon(t, l) // begins a step of the clock
	midnight := at(t, l, "2026-11-24 00:00:00")
	next := moved.Add(10 * time.Minute)
	for _, c := range []struct {
		count   int64
		counted time.Time
		now     time.Time
		shown   int64
	}{
		{100, moved, midnight.Add(time.Hour), 100},
		{105, moved, next.Add(-instant), 100}, // moved in this step already
		{105, moved, next, 105},
		{105, next, next, 100}, // somebody signed in this step
		{105, next, next.Add(10*time.Minute - instant), 100},
		{105, next, next.Add(10 * time.Minute), 105},
		{104, moved, next, 100},
		{95, moved, next, 95},
		{96, moved, next, 100},
		{101, moved, midnight.Add(-instant), 100},
		{101, moved, midnight, 101},
		{101, midnight, midnight.Add(time.Hour), 100}, // signed today: tomorrow
		{99, moved, midnight, 99},
		{499, moved, moved, 100},
		{500, moved, moved, 500},
		{105, moved.Add(-2 * time.Hour), moved.Add(-time.Hour), 100}, // a clock that was set back
	} {
		p := Petition{Shown: 100, ShownAt: moved, CountedAt: l.Counts.Step(c.counted)}
		shown, ok := l.Show(p, c.count, c.now)
		if shown != c.shown || ok != (c.shown != p.Shown) {
			t.Errorf("%d of %s at %s: shows %d (moved %v), want %d", c.count, c.counted.Format(time.TimeOnly), c.now.Format(time.TimeOnly), shown, ok, c.shown)
		}
	}
	if l.Live(499) || !l.Live(500) {
		t.Error("live on the wrong side of 500")
	}
}

// A watcher who asks as often as they like must not see a small number move
// twice within ten minutes, or by less than five, except when the date changes.
func TestShowNeverTellsWhenSomebodySigned(t *testing.T) {
	l := civic(t)
	evening := at(t, l, "2026-11-23 21:00:00")
	rapid.Check(t, func(t *rapid.T) {
		now := evening
		p := Petition{Count: rapid.Int64Range(0, 520).Draw(t, "count")}
		p.Shown, p.ShownAt = p.Count, now
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "seconds")) * time.Second)
			if change := rapid.Int64Range(-3, 6).Draw(t, "signatures"); change != 0 {
				p.Count, p.CountedAt = max(0, p.Count+change), l.Counts.Step(now)
			}
			shown, moved := l.Show(p, p.Count, now)
			if moved != (shown != p.Shown) {
				t.Fatalf("moved %v from %d to %d", moved, p.Shown, shown)
			}
			if p.Count >= 500 && shown != p.Count {
				t.Fatalf("%d signatures show %d", p.Count, shown)
			}
			if !moved {
				continue
			}
			if shown != p.Count {
				t.Fatalf("moved to %d at %d signatures", shown, p.Count)
			}
			newDay := l.Today(p.ShownAt) != l.Today(now)
			if shown < 500 && l.Counts.Step(now).Equal(l.Counts.Step(p.ShownAt)) {
				t.Fatalf("moved twice within a step: %s", now.Sub(p.ShownAt))
			}
			if shown < 500 && !p.CountedAt.Before(l.Counts.Step(now)) {
				t.Fatal("moved in the step in which somebody signed")
			}
			if shown < 500 && !newDay && max(shown-p.Shown, p.Shown-shown) < 5 {
				t.Fatalf("moved from %d to %d", p.Shown, shown)
			}
			p.Shown, p.ShownAt = shown, now
		}
	})
}
