package cli

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAStallIsTheDisksAsFarAsTheDiskStoodStill(t *testing.T) {
	start := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	load := stalls{last: start}
	for _, ms := range []int{90, 80, 1_040, 1_100, 1_300, 1_350} { // one was told the time late
		load.finished(at(ms))
	}
	disk := &stalls{}
	for _, s := range [][2]int{{0, 10}, {150, 500}, {520, 1_000}, {1_020, 1_160}} {
		disk.last = at(s[0])
		disk.finished(at(s[1]))
	}
	r := sustainedReport{rateReport: rateReport{Stall: ms(load.longest), start: start, stalls: load.noted}}
	r.explain(disk)
	want := []stallReport{{At: 0.1, Long: 950, Disk: 350 + 480 + 20}, {At: 1.1, Long: 200, Disk: 60}}
	if len(r.Stalls) != 2 || r.Stalls[0] != want[0] || r.Stalls[1] != want[1] {
		t.Errorf("%+v, want %+v", r.Stalls, want)
	}
	if r.Stall != 950 || r.Own != 140 || r.Disk != 480 {
		t.Errorf("longest %v, of its own %v, sync %v", r.Stall, r.Own, r.Disk)
	}
	if rows := r.lines(); len(rows) != 3 || rows[1][2] != "950" {
		t.Errorf("%v", rows)
	}
	quiet := sustainedReport{rateReport: rateReport{Stall: 12}}
	if quiet.explain(&stalls{}); quiet.Own != 12 || len(quiet.lines()) != 1 {
		t.Errorf("%+v", quiet)
	}
}

func TestTheDiskIsWatchedUntilTheEnd(t *testing.T) {
	dir := t.TempDir()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	s, err := watchDisk(ctx, dir)
	if err != nil || s.longest <= 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if _, err := watchDisk(ctx, filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a directory that is not there was watched")
	}
}
