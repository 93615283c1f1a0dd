package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// rateLoad is an open loop: requests are due at fixed times, whatever became of
// those before, and a latency counts from when its request was due. A server
// that stops for a second is seen by all who were due in that second.
type rateLoad struct {
	addr      string
	conns     int // as many can be under way; more than that are late, and seen to be
	perSecond int
}

// rateReport is one open loop.
type rateReport struct {
	Asked   int     `json:"asked_per_second"`
	Got     float64 `json:"answered_per_second"` // with the status that was wanted, until the last of them: below Asked even when all are
	Refused int64   `json:"refused"`             // 503: ask again later
	P50     float64 `json:"p50_ms"`
	P99     float64 `json:"p99_ms"`
	Worst   float64 `json:"worst_ms"`
	Stall   float64 `json:"longest_stall_ms"` // in which nothing was answered
	CPU     float64 `json:"cpu_us"`           // of the server, for each answer
	Done    int64   `json:"done"`
	Due     int64   `json:"due"`
	start   time.Time
	stalls  []stall
}

// run sends what next gives, for d. next is called by many at once.
func (l rateLoad) run(ctx context.Context, d time.Duration, next func() []byte) (r rateReport, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	total := int64(d.Seconds() * float64(l.perSecond))
	all, errs := make([][]time.Duration, l.conns), make([]error, l.conns)
	var due, refused atomic.Int64
	start := time.Now().Add(50 * time.Millisecond)
	still := stalls{last: start}
	var wg sync.WaitGroup
	for i := range l.conns {
		wg.Go(func() {
			errs[i] = l.connection(ctx, func() (time.Time, []byte) {
				n := due.Add(1) - 1
				if n >= total {
					return time.Time{}, nil
				}
				return start.Add(time.Duration(n) * time.Second / time.Duration(l.perSecond)), next()
			}, func(at time.Time, status int) error {
				now := time.Now()
				still.finished(now)
				switch status {
				case 200, 303:
					all[i] = append(all[i], now.Sub(at))
				case 503:
					refused.Add(1)
				default:
					return fmt.Errorf("answered %d", status)
				}
				return nil
			})
			if errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	lat := slices.Concat(all...)
	slices.Sort(lat)
	r = rateReport{Asked: l.perSecond, Got: tidy(float64(len(lat)) / took.Seconds()), Refused: refused.Load(), P50: ms(percentile(lat, 50)),
		P99: ms(percentile(lat, 99)), Worst: ms(percentile(lat, 100)), Stall: ms(still.longest), Done: int64(len(lat)), Due: total,
		start: start, stalls: still.noted}
	for _, e := range errs {
		if e != nil && !errors.Is(e, context.Canceled) {
			return r, e
		}
	}
	return r, context.Cause(ctx)
}

// connection sends each request when it is due. One that the server closed
// behind a refusal is opened again.
func (l rateLoad) connection(ctx context.Context, next func() (time.Time, []byte), done func(time.Time, int) error) error {
	var c net.Conn
	var r *bufio.Reader
	defer func() {
		if c != nil {
			c.Close()
		}
	}()
	for at, request := next(); request != nil; at, request = next() {
		if wait := time.Until(at); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return context.Canceled
			}
		}
		if c == nil {
			var err error
			if c, err = new(net.Dialer).DialContext(ctx, "tcp", l.addr); err != nil {
				return err
			}
			r = bufio.NewReaderSize(c, 16<<10)
		}
		if _, err := c.Write(request); err != nil {
			return fmt.Errorf("%s: %w", l.addr, err)
		}
		a, err := readAnswer(r, false)
		if err != nil {
			head, _, _ := bytes.Cut(request, []byte(" HTTP/"))
			return fmt.Errorf("%s: %w", head[:min(len(head), 60)], err)
		}
		if err := done(at, a.status); err != nil {
			return err
		}
		if a.status == 503 {
			c.Close()
			c = nil
		}
	}
	return nil
}

// rateHeads names the columns of rateLine.
func rateHeads() []string {
	return []string{"", "asked/s", "answered/s", "of those due", "p50 ms", "p99 ms", "worst ms", "longest stall ms", "refused", "CPU µs"}
}

func rateLine(name string, r rateReport) []string {
	answered := "all"
	if r.Done != r.Due {
		answered = fmt.Sprintf("%d of %d", r.Done, r.Due)
	}
	return []string{name, strconv.Itoa(r.Asked), fmt.Sprintf("%.0f", r.Got), answered, fmt.Sprintf("%.1f", r.P50), fmt.Sprintf("%.1f", r.P99),
		fmt.Sprintf("%.0f", r.Worst), fmt.Sprintf("%.0f", r.Stall), strconv.FormatInt(r.Refused, 10), fmt.Sprintf("%.0f", r.CPU)}
}

// middle is the median of each figure over some runs.
func middle(runs []rateReport) rateReport {
	of := func(f func(rateReport) float64) float64 {
		var v []float64
		for _, r := range runs {
			v = append(v, f(r))
		}
		return median(v)
	}
	m := rateReport{Asked: runs[0].Asked, Got: of(func(r rateReport) float64 { return r.Got }),
		P50: of(func(r rateReport) float64 { return r.P50 }), P99: of(func(r rateReport) float64 { return r.P99 }),
		Worst: of(func(r rateReport) float64 { return r.Worst }), Stall: of(func(r rateReport) float64 { return r.Stall }),
		CPU: of(func(r rateReport) float64 { return r.CPU })}
	for _, r := range runs {
		m.Refused, m.Done, m.Due = m.Refused+r.Refused, m.Done+r.Done, m.Due+r.Due
	}
	return m
}
