package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
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
	holdFor   = 15 * time.Minute // a claimed letter is ours, while this server is among those that are up (store.Alive)
	holdSpare = 2 * preDot       // what must be left of it when a letter is begun
	answerFor = postDot + time.Minute
	maxBatch  = 64
	fileBatch = 100
	recovered = 1000             // uncertain letters looked at in one step
	heldBack  = 10 * time.Minute // until a letter of a paused mailing is looked at again
)

// worthless is the age at which a letter that proves an address is not sent any
// more: its link has run out.
const worthless = 72 * time.Hour

// outbox is what the dispatcher needs of the store. Tests put one before the
// real store that fails on purpose.
type outbox interface {
	ClaimLetters(ctx context.Context, holder string, n int, now, until time.Time) ([]store.ClaimedLetter, error)
	NewsWanted(ctx context.Context, refs []store.NewsRef) ([]store.MailingState, error)
	HandOver(ctx context.Context, holder string, until time.Time, b store.Settled, ids ...int64) ([]int64, error)
	SettleLetters(ctx context.Context, holder string, b store.Settled) error
	ReleaseLetters(ctx context.Context) error
	UncertainLetters(ctx context.Context, now time.Time, limit int) ([]store.ClaimedLetter, error)
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
	Bounces   string                // address to which letters come back; "" for the sender's
	Jitter    func() float64        // from 0 to 1, by which waits differ; nil for none
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
	bounces   string
	again     time.Duration // between tries to note what happened
	wake      chan struct{}
	patience  *patience
	hands     hands
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
	m, err := newMetrics(o.Registry, o.Store, o.Now)
	if err != nil {
		return nil, err
	}
	d := &Dispatcher{outbox: o.Store, vault: o.Vault, transport: o.Transport, holder: o.Holder, now: o.Now,
		log: o.Logger, metrics: m, single: o.Single, rate: o.Rate, bounces: o.Bounces, again: pollEvery, wake: make(chan struct{}, o.Transport.Senders()), patience: newPatience(o.Jitter)}
	d.hands.d = d
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
	pace, stop := pacer(d.rate)
	defer stop()
	var wg sync.WaitGroup
	for range d.transport.Senders() {
		wg.Go(func() { d.work(ctx, pace) })
	}
	wg.Wait()
	return d.transport.Close()
}

// work is one sender: batch after batch, resting when there is nothing to do.
// A batch is as large as is sent in about a second, so that a letter that comes
// meanwhile and goes before the others does not wait for long.
func (d *Dispatcher) work(ctx context.Context, pace <-chan time.Time) {
	size := 4
	for ctx.Err() == nil {
		began := d.now()
		b, err := d.step(ctx, pace, size)
		if err != nil && ctx.Err() == nil {
			d.log.Error("mail: outbox", "error", err)
		}
		if err == nil && b.claimed > 0 && !b.unreachable {
			size = nextSize(size, b.claimed, d.now().Sub(began))
			continue
		}
		t := time.NewTimer(pollEvery)
		select {
		case <-ctx.Done():
		case <-d.wake:
		case <-t.C:
		}
		t.Stop()
	}
}

// nextSize is the size of the next batch, when the last one had claimed
// letters and took so long.
func nextSize(size, claimed int, took time.Duration) int {
	switch {
	case took > 2*time.Second:
		return max(1, size/2)
	case took < time.Second && claimed == size:
		return min(maxBatch, 2*size)
	}
	return size
}

// Recover sorts what an earlier sender left behind. A letter that was handed
// over and not answered is looked up where the transport can tell; where it
// cannot, it stays where it is, is never sent by itself again, and is counted.
func (d *Dispatcher) Recover(ctx context.Context) error {
	now := d.now()
	before := now
	if d.single {
		if err := d.outbox.ReleaseLetters(ctx); err != nil {
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
		s := store.Settled{Day: day(now)}
		switch taken, known := d.transport.Has(l.UID); {
		case !known:
			left++
			continue
		case taken:
			s.Ended = []store.EndedLetter{{ID: l.ID, Priority: l.Priority, Result: store.LetterSent}}
		default:
			s.Later = []store.LaterLetter{{ID: l.ID, NotBefore: now, Tried: true}}
		}
		err = errors.Join(err, d.outbox.SettleLetters(ctx, l.Holder, s))
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
		b, err := d.batch(ctx, nil, 8)
		sent += b.sent
		if err != nil || b.claimed == 0 || b.unreachable {
			return sent, err
		}
	}
}

func (d *Dispatcher) step(ctx context.Context, pace <-chan time.Time, size int) (batch, error) {
	d.steps.RLock()
	defer d.steps.RUnlock()
	return d.batch(ctx, pace, size)
}

// batch is what became of some claimed letters.
type batch struct {
	claimed, sent int
	unreachable   bool
	settled       store.Settled
}

// end has a letter erased and counted.
func (b *batch) end(l store.ClaimedLetter, result string) {
	b.settled.Ended = append(b.settled.Ended, store.EndedLetter{ID: l.ID, Priority: l.Priority, Result: result})
}

// later has a letter tried again.
func (b *batch) later(l store.ClaimedLetter, at time.Time, tried bool) {
	b.settled.Later = append(b.settled.Later, store.LaterLetter{ID: l.ID, NotBefore: at, Tried: tried})
}

// batch claims letters and sends one after the other.
//
// Order of effects, for each letter:
//
//	claim -> still wanted -> open the seal -> compose -> HandOver (durable) -> final dot -> SettleLetters
//
// A crash before HandOver: the letter is claimed again later. Between HandOver
// and SettleLetters: it is uncertain and never sent by itself again; a file is
// looked up instead. That a letter was sent is noted with the next hand-over, or
// at the end of the batch; a letter whose note is lost was sent and stays
// uncertain, or its file is found.
func (d *Dispatcher) batch(ctx context.Context, pace <-chan time.Time, n int) (batch, error) {
	if _, known := d.transport.Has(""); known {
		n = fileBatch
	}
	now := d.now()
	if d.patience.waits(now) {
		return batch{unreachable: true}, nil
	}
	until := now.Add(holdFor)
	ls, err := d.outbox.ClaimLetters(ctx, d.holder, n, now, until)
	b := batch{claimed: len(ls), settled: store.Settled{Day: day(now)}}
	if err != nil || len(ls) == 0 {
		return b, err
	}
	ls, err = d.wanted(ctx, &b, ls)
	for i, l := range ls {
		if err != nil || b.unreachable || ctx.Err() != nil || d.now().Add(holdSpare).After(until) {
			for _, rest := range ls[i:] {
				b.later(rest, d.now(), false)
			}
			break
		}
		d.settle(&b, l, d.send(ctx, pace, &b, l))
	}
	b.settled.Ended = append(b.settled.Ended, d.hands.takeEnded()...)
	return b, errors.Join(err, d.note(ctx, func(ctx context.Context) error { return d.outbox.SettleLetters(ctx, d.holder, b.settled) }))
}

// day is the day of the counts: of UTC, so that all servers mean the same.
func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

// wanted keeps the letters that are still to be sent: of news only those whose
// reader is still subscribed and whose mailing goes on.
func (d *Dispatcher) wanted(ctx context.Context, b *batch, ls []store.ClaimedLetter) ([]store.ClaimedLetter, error) {
	var refs []store.NewsRef
	for _, l := range ls {
		if ref, ok := letter.ParseNewsUID(l.UID); ok {
			refs = append(refs, ref)
		}
	}
	if refs == nil {
		return ls, nil
	}
	states, err := d.outbox.NewsWanted(ctx, refs)
	if err != nil {
		return ls, err
	}
	var keep []store.ClaimedLetter
	for _, l := range ls {
		if _, ok := letter.ParseNewsUID(l.UID); !ok {
			keep = append(keep, l)
			continue
		}
		switch state := states[0]; state {
		case store.MailingStopped:
			b.end(l, store.LetterUnwanted)
			d.metrics.count(letter.Kind(l.Kind), store.LetterUnwanted)
		case store.MailingPaused:
			b.later(l, d.now().Add(heldBack), false)
		default:
			keep = append(keep, l)
		}
		states = states[1:]
	}
	return keep, nil
}

// errAside says that a letter was set aside before anybody was asked.
var errAside = errors.New("set aside")

// send carries one letter as far as it goes, when pace lets it.
func (d *Dispatcher) send(ctx context.Context, pace <-chan time.Time, b *batch, l store.ClaimedLetter) error {
	if l.Priority == store.PriorityProof && d.now().Sub(l.QueuedAt) > worthless {
		return fmt.Errorf("%w: its link has run out", ErrPermanent)
	}
	opened, err := letter.Open(d.vault, l.Sealed)
	if err != nil {
		return fmt.Errorf("%w: the seal does not open", ErrPermanent)
	}
	domain := domainOf(opened.To)
	if until, closed := d.patience.closed(domain, d.now()); closed {
		b.later(l, until, false)
		return errAside
	}
	m, err := d.composer.Load().Compose(opened, l.UID, d.now())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	m.Return = d.returnPath(l)
	if pace != nil {
		select {
		case <-pace:
		case <-ctx.Done():
			b.later(l, d.now(), false)
			return errAside
		}
	}
	err = d.transport.Send(ctx, m, func() error {
		ok, err := d.hands.over(ctx, l.ID)
		if err == nil && !ok {
			err = ErrLost
		}
		return err
	})
	d.patience.heard(domain, err, d.now())
	return err
}

// returnPath is the envelope's sender of a letter: the address for bounces with
// the letter's own tag; "" when there is none.
func (d *Dispatcher) returnPath(l store.ClaimedLetter) string {
	local, domain, ok := strings.Cut(d.bounces, "@")
	if !ok {
		return ""
	}
	return local + "+" + letter.BounceTag(d.vault, l.UID, l.Priority, d.now()) + "@" + domain
}

// settle notes what became of a letter.
func (d *Dispatcher) settle(b *batch, l store.ClaimedLetter, err error) {
	kind := letter.Kind(l.Kind)
	wait, more := backOff(l.Attempts)
	refused, hard := noAddress(err)
	switch {
	case err == nil:
		b.sent++
		d.hands.sent(store.EndedLetter{ID: l.ID, Priority: l.Priority, Result: store.LetterSent})
		d.metrics.count(kind, store.LetterSent)
	case errors.Is(err, errAside):
	case errors.Is(err, ErrLost):
		d.metrics.count(kind, "lost")
	case errors.Is(err, ErrUncertain):
		d.metrics.count(kind, "uncertain")
		d.log.Warn("mail: letter of uncertain fate; it is not sent again", "kind", kind, "letter", l.ID, "error", err)
	case refused:
		b.end(l, store.LetterRefused)
		d.metrics.count(kind, store.LetterRefused)
		if ref, news := letter.ParseNewsUID(l.UID); news {
			b.settled.Refuse = append(b.settled.Refuse, store.RefusedAddress{Subscription: ref.Subscription[:], Hard: hard})
		}
	case errors.Is(err, errNoServer):
		// Not this letter's fault: it counts no try, and the others rest as well.
		b.unreachable = true
		b.later(l, d.now(), false)
		d.metrics.count(kind, "retry")
		d.log.Warn("mail: no conversation with the mail server; all letters wait", "error", err)
	case errors.Is(err, ErrPermanent) || !more:
		b.end(l, store.LetterGivenUp)
		d.metrics.count(kind, store.LetterGivenUp)
		d.log.Warn("mail: letter given up", "kind", kind, "letter", l.ID, "attempts", l.Attempts+1, "error", err)
	default:
		b.later(l, d.now().Add(d.patience.vary(wait)), true)
		d.metrics.count(kind, "retry")
		d.log.Info("mail: letter waits for another try", "kind", kind, "letter", l.ID, "attempts", l.Attempts+1, "error", err)
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
