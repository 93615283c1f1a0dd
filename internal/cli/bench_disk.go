package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// diskReport is what the disk itself does at the time of a measurement: a
// shared one differs by twenty times from one minute to the next, and a
// signature is durable no sooner than the disk says so.
type diskReport struct {
	Syncs float64 `json:"syncs_per_second"` // of one page each, one after the other: what commits wait for
	P50   float64 `json:"p50_ms"`
	P99   float64 `json:"p99_ms"`
	Pages float64 `json:"pages_per_second"` // written to places all over a file, then synced: what a checkpoint does
}

func diskHeads() []string { return []string{"", "syncs/s", "p50 ms", "p99 ms", "pages/s"} }

func (d diskReport) line(name string) []string {
	return []string{name, fmt.Sprintf("%.0f", d.Syncs), fmt.Sprintf("%.1f", d.P50), fmt.Sprintf("%.1f", d.P99), fmt.Sprintf("%.0f", d.Pages)}
}

const (
	pageBytes  = 4096
	diskPages  = 65_536 // of the file: 256 MiB
	diskAtOnce = 2000   // pages before a sync
)

// measureDisk takes twice a time and a file in dir, which it removes.
func measureDisk(ctx context.Context, dir string, d time.Duration) (r diskReport, err error) {
	f, err := os.OpenFile(filepath.Join(dir, "disk.tmp"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	page := make([]byte, pageBytes)
	write := func(n int) error {
		_, err := f.WriteAt(page, int64(n)*pageBytes)
		return err
	}
	for n := range diskAtOnce { // a log is written over again and again, too
		if err := write(n); err != nil {
			return r, err
		}
	}
	if err := f.Sync(); err != nil {
		return r, err
	}
	var lat []time.Duration
	begin := time.Now()
	for last := begin; last.Sub(begin) < d && ctx.Err() == nil; {
		if err := errors.Join(write(len(lat)%diskAtOnce), f.Sync()); err != nil {
			return r, err
		}
		now := time.Now()
		lat, last = append(lat, now.Sub(last)), now
	}
	r.Syncs = tidy(float64(len(lat)) / time.Since(begin).Seconds())
	slices.Sort(lat)
	r.P50, r.P99 = ms(percentile(lat, 50)), ms(percentile(lat, 99))
	written := 0
	begin = time.Now()
	for time.Since(begin) < d && ctx.Err() == nil {
		for range diskAtOnce {
			if err := write(rand.IntN(diskPages)); err != nil { //nolint:gosec // any page will do
				return r, err
			}
		}
		if err := f.Sync(); err != nil {
			return r, err
		}
		written += diskAtOnce
	}
	r.Pages = tidy(float64(written) / time.Since(begin).Seconds())
	return r, ctx.Err()
}
