package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/jobs"
)

// shortStall is the shortest that is noted.
const shortStall = 100 * time.Millisecond

// stall is a time in which nothing was finished.
type stall struct{ from, to time.Time }

func (s stall) length() time.Duration { return s.to.Sub(s.from) }

// within is how much of s some others cover, which do not overlap.
func (s stall) within(others []stall) (d time.Duration) {
	for _, o := range others {
		from, to := s.from, s.to
		if o.from.After(from) {
			from = o.from
		}
		if o.to.Before(to) {
			to = o.to
		}
		d += max(0, to.Sub(from))
	}
	return d
}

// stalls notes the times between two that something was finished at. It is safe
// for concurrent use.
type stalls struct {
	mu      sync.Mutex
	last    time.Time
	longest time.Duration
	noted   []stall // of shortStall and more
}

func (s *stalls) finished(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gap := stall{s.last, now}
	if gap.length() <= 0 { // others were told the time first
		return
	}
	s.last, s.longest = now, max(s.longest, gap.length())
	if gap.length() >= shortStall {
		s.noted = append(s.noted, gap)
	}
}

// watchDisk syncs a page of a file in dir again and again, as a commit does,
// until ctx ends, and notes when the disk stood still: then nothing can be
// durable, whoever wrote it. It removes the file.
func watchDisk(ctx context.Context, dir string) (s *stalls, err error) {
	f, err := os.OpenFile(filepath.Join(dir, "watch.tmp"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	page := make([]byte, pageBytes)
	s = new(stalls)
	for ctx.Err() == nil {
		s.last = time.Now()
		if _, err := f.WriteAt(page, 0); err != nil {
			return s, err
		}
		if err := f.Sync(); err != nil {
			return s, err
		}
		s.finished(time.Now())
		jobs.Sleep(ctx, shortStall/2)
	}
	return s, nil
}

// stallReport is one stall of a load.
type stallReport struct {
	At   float64 `json:"at_second"`
	Long float64 `json:"ms"`
	Disk float64 `json:"disk_stood_still_ms"` // of it: not even one page of another file was synced
}

// sustainedReport is a load of some minutes.
type sustainedReport struct {
	rateReport
	Own    float64       `json:"longest_stall_of_its_own_ms"` // less what the disk stood still; shorter ones than 100 ms are not looked into
	Disk   float64       `json:"disk_longest_sync_ms"`        // of one page, meanwhile
	Stalls []stallReport `json:"stalls"`                      // of 100 ms and more
}

// explain says which stalls were the disk's.
func (r *sustainedReport) explain(disk *stalls) {
	r.Disk, r.Stalls = ms(disk.longest), []stallReport{}
	r.Own = min(r.Stall, ms(shortStall))
	for _, s := range r.stalls {
		stood := s.within(disk.noted)
		r.Own = max(r.Own, ms(s.length()-stood))
		r.Stalls = append(r.Stalls, stallReport{At: math.Round(10*s.from.Sub(r.start).Seconds()) / 10, Long: ms(s.length()), Disk: ms(stood)})
	}
}

// lines are the longest stalls, the longest first.
func (r *sustainedReport) lines() [][]string {
	rows := [][]string{{"", "at second", "ms", "of them the disk stood still"}}
	longest := slices.SortedFunc(slices.Values(r.Stalls), func(a, b stallReport) int { return int(b.Long - a.Long) })
	for _, s := range longest[:min(5, len(longest))] {
		rows = append(rows, []string{"stall", fmt.Sprintf("%.0f", s.At), fmt.Sprintf("%.0f", s.Long), fmt.Sprintf("%.0f", s.Disk)})
	}
	return rows
}
