package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
)

// The rhythm of the dispatcher.
const (
	pollEvery = 200 * time.Millisecond
	pauseFor  = 5 * time.Second  // after the mail server could not be reached
	holdFor   = 15 * time.Minute // a claimed letter is ours
	holdSpare = 2 * preDot       // what must be left of it when a letter is begun
	answerFor = postDot + time.Minute
	batchSize = 8
	fileBatch = 100
	recovered = 1000 // uncertain letters looked at in one step
)

// outbox is what the dispatcher needs of the store. Tests put one before the
// real store that fails on purpose.
type outbox interface {
	ClaimLetters(ctx context.Context, holder string, n int, now, until time.Time) ([]store.ClaimedLetter, error)
	HandOver(ctx context.Context, id int64, holder string, until time.Time) (bool, error)
	LetterDone(ctx context.Context, ids ...int64) error
	LetterAgain(ctx context.Context, id int64, holder string, notBefore time.Time) error
	ReleaseLetters(ctx context.Context, now time.Time) error
	UncertainLetters(ctx context.Context, now time.Time, limit int) ([]store.ClaimedLetter, error)
	OutboxSize(ctx context.Context) (waiting, uncertain int64, err error)
}

// Options are what a dispatcher is made of.
type Options struct {
	Store     *store.Store
	Vault     *vault.Vault
	Bundle    *i18n.Bundle
	Transport Transport
	Sender    Sender
	Holder    string // names this process among all senders of the database
	Now       func() time.Time
	Logger    *slog.Logger
	Registry  prometheus.Registerer // nil for no metrics
	Single    bool                  // no other process sends from this database
	Rate      float64               // letters a second at most; 0 for as fast as it goes
}

// Dispatcher empties the outbox through a transport.
type Dispatcher struct {
	outbox    outbox
	vault     *vault.Vault
	composer  atomic.Pointer[Composer]
	transport Transport
	holder    string
	now       func() time.Time
	log       *slog.Logger
	metrics   *metrics
	single    bool
	rate      float64
	again     time.Duration // between tries to note what happened
	wake      chan struct{}
	// steps is held for reading while letters are under way, for writing by
	// Flush, which so waits for all that were begun before it.
	steps sync.RWMutex
}

// NewDispatcher fails when the sender's address is none or a metric is taken.
func NewDispatcher(o Options) (*Dispatcher, error) {
	c, err := NewComposer(o.Bundle, o.Sender)
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(o.Registry, o.Store)
	if err != nil {
		return nil, err
	}
	d := &Dispatcher{outbox: o.Store, vault: o.Vault, transport: o.Transport, holder: o.Holder, now: o.Now,
		log: o.Logger, metrics: m, single: o.Single, rate: o.Rate, again: pollEvery, wake: make(chan struct{}, o.Transport.Senders())}
	d.composer.Store(c)
	return d, nil
}

// SetSender has letters from now on say another operator.
func (d *Dispatcher) SetSender(from Sender) error {
	c, err := NewComposer(d.composer.Load().bundle, from)
	if err == nil {
		d.composer.Store(c)
	}
	return err
}

// Composer is what gives the letters their words; for previews.
func (d *Dispatcher) Composer() *Composer { return d.composer.Load() }

// Wake says that a letter was put into the outbox. It never waits.
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run recovers, then sends until ctx ends, and returns when the letters on
// their way have arrived.
func (d *Dispatcher) Run(ctx context.Context) error {
	if err := d.Recover(ctx); err != nil && ctx.Err() == nil {
		d.log.Error("mail: recover", "error", err)
	}
	var pace <-chan time.Time
	if d.rate > 0 {
		t := time.NewTicker(time.Duration(float64(time.Second) / d.rate))
		defer t.Stop()
		pace = t.C
	}
	var wg sync.WaitGroup
	for range d.transport.Senders() {
		wg.Go(func() { d.work(ctx, pace) })
	}
	wg.Wait()
	return d.transport.Close()
}

// work is one sender: batch after batch, resting when there is nothing to do.
func (d *Dispatcher) work(ctx context.Context, pace <-chan time.Time) {
	for ctx.Err() == nil {
		b, err := d.step(ctx, pace)
		if err != nil && ctx.Err() == nil {
			d.log.Error("mail: outbox", "error", err)
		}
		rest, wake := pollEvery, d.wake
		switch {
		case b.unreachable:
			rest, wake = pauseFor, nil
		case err == nil && b.claimed > 0:
			continue
		}
		t := time.NewTimer(rest)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-t.C:
		}
		t.Stop()
	}
}

// Recover sorts what an earlier sender left behind. A letter that was handed
// over and not answered is looked up where the transport can tell; where it
// cannot, it stays where it is, is never sent by itself again, and is counted.
func (d *Dispatcher) Recover(ctx context.Context) error {
	now := d.now()
	before := now
	if d.single {
		if err := d.outbox.ReleaseLetters(ctx, now); err != nil {
			return fmt.Errorf("mail: release: %w", err)
		}
		before = now.Add(answerFor) // nobody is left who could still wait for the answer
	}
	ls, err := d.outbox.UncertainLetters(ctx, before, recovered)
	if err != nil {
		return fmt.Errorf("mail: uncertain letters: %w", err)
	}
	left := 0
	for _, l := range ls {
		switch taken, known := d.transport.Has(l.UID); {
		case !known:
			left++
		case taken:
			err = errors.Join(err, d.outbox.LetterDone(ctx, l.ID))
		default:
			err = errors.Join(err, d.outbox.LetterAgain(ctx, l.ID, l.Holder, now))
		}
	}
	if left > 0 {
		d.log.Warn("mail: letters of uncertain fate; they are not sent again", "letters", left)
	}
	return err
}

// Flush sends everything that is due now and returns how many letters were
// taken. Letters that Run had begun have been answered when it returns.
func (d *Dispatcher) Flush(ctx context.Context) (int, error) {
	d.steps.Lock()
	defer d.steps.Unlock()
	sent := 0
	for {
		b, err := d.batch(ctx, nil)
		sent += b.sent
		if err != nil || b.claimed == 0 {
			return sent, err
		}
	}
}

func (d *Dispatcher) step(ctx context.Context, pace <-chan time.Time) (batch, error) {
	d.steps.RLock()
	defer d.steps.RUnlock()
	return d.batch(ctx, pace)
}

// batch is what became of some claimed letters.
type batch struct {
	claimed, sent int
	unreachable   bool
	done          []int64 // to be erased
}

// batch claims letters and sends one after the other.
//
// Order of effects, for each letter:
//
//	claim -> open the seal -> compose -> HandOver (durable) -> final dot -> LetterDone
//
// A crash before HandOver: the letter is claimed again later. Between HandOver
// and LetterDone: it is uncertain and never sent by itself again; a file is
// looked up instead. LetterDone comes for the whole batch at once; a letter
// whose LetterDone is lost was sent and stays uncertain, or its file is found.
func (d *Dispatcher) batch(ctx context.Context, pace <-chan time.Time) (batch, error) {
	n := batchSize
	if _, known := d.transport.Has(""); known {
		n = fileBatch
	}
	now := d.now()
	until := now.Add(holdFor)
	ls, err := d.outbox.ClaimLetters(ctx, d.holder, n, now, until)
	b := batch{claimed: len(ls)}
	if err != nil || len(ls) == 0 {
		return b, err
	}
	for i, l := range ls {
		if pace != nil {
			select {
			case <-pace:
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil || d.now().Add(holdSpare).After(until) {
			err = d.putBack(ctx, ls[i:])
			break
		}
		d.settle(ctx, &b, l, d.send(ctx, &b, l))
	}
	if len(b.done) > 0 {
		err = errors.Join(err, d.note(ctx, func(ctx context.Context) error { return d.outbox.LetterDone(ctx, b.done...) }))
	}
	return b, err
}

// putBack returns letters that were not begun.
func (d *Dispatcher) putBack(ctx context.Context, ls []store.ClaimedLetter) error {
	var errs []error
	for _, l := range ls {
		errs = append(errs, d.note(ctx, func(ctx context.Context) error { return d.outbox.LetterAgain(ctx, l.ID, d.holder, d.now()) }))
	}
	return errors.Join(errs...)
}

// send carries one letter as far as it goes.
func (d *Dispatcher) send(ctx context.Context, b *batch, l store.ClaimedLetter) error {
	if b.unreachable {
		return fmt.Errorf("%w: %w", ErrTemporary, errNoServer)
	}
	opened, err := letter.Open(d.vault, l.Sealed)
	if err != nil {
		return fmt.Errorf("%w: the seal does not open", ErrPermanent)
	}
	m, err := d.composer.Load().Compose(opened, l.UID, d.now())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return d.transport.Send(ctx, m, func() error {
		ok, err := d.outbox.HandOver(ctx, l.ID, d.holder, d.now().Add(answerFor))
		if err == nil && !ok {
			err = ErrLost
		}
		return err
	})
}

// settle notes what became of a letter.
func (d *Dispatcher) settle(ctx context.Context, b *batch, l store.ClaimedLetter, err error) {
	kind := letter.Kind(l.Kind)
	wait, more := backOff(l.Attempts)
	switch {
	case err == nil:
		b.sent++
		b.done = append(b.done, l.ID)
		d.metrics.count(kind, "sent")
	case errors.Is(err, ErrLost):
		d.metrics.count(kind, "lost")
	case errors.Is(err, ErrUncertain):
		d.metrics.count(kind, "uncertain")
		d.log.Warn("mail: letter of uncertain fate; it is not sent again", "kind", kind, "letter", l.ID, "error", err)
	case errors.Is(err, ErrPermanent) || !more:
		b.done = append(b.done, l.ID)
		d.metrics.count(kind, "given_up")
		d.log.Warn("mail: letter given up", "kind", kind, "letter", l.ID, "attempts", l.Attempts+1, "error", err)
	default:
		b.unreachable = b.unreachable || errors.Is(err, errNoServer)
		d.metrics.count(kind, "retry")
		d.log.Info("mail: letter waits for another try", "kind", kind, "letter", l.ID, "attempts", l.Attempts+1, "error", err)
		if err := d.note(ctx, func(ctx context.Context) error { return d.outbox.LetterAgain(ctx, l.ID, d.holder, d.now().Add(wait)) }); err != nil {
			d.log.Error("mail: outbox", "error", err)
		}
	}
}

// note writes down what has already happened outside: also when ctx has ended,
// and several times when the store fails.
func (d *Dispatcher) note(ctx context.Context, f func(context.Context) error) error {
	ctx = context.WithoutCancel(ctx)
	var err error
	for range 5 {
		if err = f(ctx); err == nil {
			return nil
		}
		time.Sleep(d.again)
	}
	return err
}

// backOff is how long a letter waits after its try number attempts+1 failed:
// 1, 5, 15 minutes, then an hour each; false when it has waited a day.
func backOff(attempts int) (time.Duration, bool) {
	first := [...]time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}
	if attempts < len(first) {
		return first[attempts], true
	}
	return time.Hour, attempts < len(first)+24
}
