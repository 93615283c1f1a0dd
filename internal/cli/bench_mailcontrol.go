package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// benchOfficer is nobody's account: acts of the benchmark are by it.
const benchOfficer = 1

const (
	controlPauses  = 3    // how often news are paused and go on
	controlLetters = 1000 // that leave between two acts, where there are so many
	// silence is how long nothing comes, after which it is said to have ended;
	// and as long it is watched for letters that must not come.
	silence = 3 * time.Second
)

// control is how an officer's acts reach news that are on their way: real
// senders, a real conversation with the mail server of the benchmark.
type control struct {
	Act    []float64 `json:"act_ms"`     // to pause, go on or stop: the transaction
	Last   []float64 `json:"last_ms"`    // from the act to the last letter that came
	First  []float64 `json:"first_ms"`   // from going on to the first letter
	Sent   int       `json:"sent"`       // letters that came, each once
	Unmade int64     `json:"never_made"` // letters that stopping saved
}

func (c *control) rows() [][]string {
	worst := func(list []float64) string {
		return fmt.Sprintf("%.0f / %.0f ms", median(list), maxOf(list))
	}
	return [][]string{
		{"the act itself, median / worst", worst(c.Act)},
		{"last letter after pausing or stopping", worst(c.Last)},
		{"first letter after going on", worst(c.First)},
		{"letters that came, each once", strconv.Itoa(c.Sent)},
		{"letters that were never made", strconv.FormatInt(c.Unmade, 10)},
	}
}

func maxOf(list []float64) (most float64) {
	for _, v := range list {
		most = max(most, v)
	}
	return most
}

// newsControl is a site of which everything runs but the listener, and a mailing.
type newsControl struct {
	a    *app
	sink *mailSink
	id   int64
	f    *control
}

// control sends news, pauses them, lets them go on, several times, and stops
// them for good. It fails when a letter leaves that must not, or comes twice,
// or when something is left of a mailing that was stopped.
func (b *mailBench) control(ctx context.Context, database string, p petition.Petition, f *mailFigures) (err error) {
	sink, err := newMailSink(ctx, "n-")
	if err != nil {
		return err
	}
	defer sink.close()
	cfg, _, err := loadConfig("", append(clean(b.env.environ), "DAUYS_DATABASE="+database, "DAUYS_KEYS="+b.keys, "DAUYS_LOG=error",
		fmt.Sprintf("DAUYS_MAIL=smtp://%s?connections=%d", sink.addr, b.o.connections)))
	if err != nil {
		return err
	}
	a, err := newApp(ctx, cfg, b.env.now, io.Discard, nil)
	if err != nil {
		return err
	}
	runs, stop := context.WithCancel(ctx)
	var back sync.WaitGroup
	defer func() {
		stop()
		back.Wait()
		err = errors.Join(err, a.store.Close())
	}()
	c := &newsControl{a: a, sink: sink, f: &f.Control}
	if c.id, err = addNews(ctx, a.store, p, "bench-control", letter.NewsAnswer); err != nil {
		return err
	}
	back.Go(func() { a.background(runs) })
	return c.acts(ctx, int64(b.o.subscribers))
}

// acts are what the officer does.
func (c *newsControl) acts(ctx context.Context, subscribers int64) error {
	for range controlPauses {
		if err := c.send(ctx, subscribers); err != nil {
			return err
		}
		if err := c.end(ctx, store.MailingPaused); err != nil {
			return err
		}
		from, began := c.sink.taken(), time.Now()
		if err := c.set(ctx, store.MailingRuns); err != nil {
			return err
		}
		if err := c.sink.wait(ctx, func(n int) bool { return n > from || int64(n) >= subscribers }, 0); err != nil {
			return err
		}
		c.f.First = append(c.f.First, millis(time.Since(began)))
	}
	if err := c.send(ctx, subscribers); err != nil {
		return err
	}
	if err := c.end(ctx, store.MailingStopped); err != nil {
		return err
	}
	c.f.Sent = c.sink.taken()
	list, err := c.a.store.DeskMailings(ctx, 1)
	if err != nil {
		return err
	}
	if m := list[0]; m.ID != c.id || m.State != store.MailingStopped || m.Waiting != 0 || m.Audience != subscribers || m.Made < int64(c.f.Sent) {
		return fmt.Errorf("the mailing that was stopped: %v, %d made of %d, %d wait, %d came", m.State, m.Made, m.Audience, m.Waiting, c.f.Sent)
	}
	c.f.Unmade = subscribers - list[0].Made
	return c.sink.twice()
}

// send waits until some more letters have come.
func (c *newsControl) send(ctx context.Context, subscribers int64) error {
	want := min(int64(c.sink.taken()+controlLetters), subscribers)
	return c.sink.wait(ctx, func(n int) bool { return int64(n) >= want }, 0)
}

// set is the act, timed.
func (c *newsControl) set(ctx context.Context, to store.MailingState) error {
	began := time.Now()
	err := c.a.moderation.SetMailing(ctx, store.Staff{ID: benchOfficer}, c.id, to)
	c.f.Act = append(c.f.Act, millis(time.Since(began)))
	return err
}

// end pauses or stops, waits for the silence, and listens whether it lasts.
func (c *newsControl) end(ctx context.Context, to store.MailingState) error {
	began := time.Now()
	if err := c.set(ctx, to); err != nil {
		return err
	}
	time.Sleep(silence) // what is under way arrives
	if err := c.sink.wait(ctx, func(int) bool { return false }, silence); err != nil {
		return err
	}
	n := c.sink.taken()
	c.f.Last = append(c.f.Last, millis(max(0, c.sink.lastAt().Sub(began))))
	time.Sleep(silence)
	if more := c.sink.taken() - n; more > 0 {
		return fmt.Errorf("%d letters came while the mailing was %v", more, to)
	}
	return nil
}

func millis(d time.Duration) float64 { return tidy(float64(d.Microseconds()) / 1000) }
