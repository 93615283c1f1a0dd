package mail

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/store"
)

// handTime is how long the store may take to note that letters are handed over.
const handTime = 30 * time.Second

// hands makes one transaction of the hand-overs that the senders ask for while
// the one before is committed: each costs a sync of the disk, however many
// letters it is about.
type hands struct {
	d *Dispatcher

	mu      sync.Mutex
	busy    bool // somebody commits
	waiting []handed
	ended   []store.EndedLetter // sent, and not noted yet
}

// sent has it noted with the next transaction that a letter was sent.
func (h *hands) sent(l store.EndedLetter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = append(h.ended, l)
}

// takeEnded leaves it to the caller to note what was sent.
func (h *hands) takeEnded() []store.EndedLetter {
	h.mu.Lock()
	defer h.mu.Unlock()
	ended := h.ended
	h.ended = nil
	return ended
}

type handed struct {
	id     int64
	answer chan handAnswer
}

type handAnswer struct {
	held bool
	err  error
}

// over notes durably that the receiver is about to be asked to take a letter;
// false when another sender holds it now. It does not wait for more company
// than there is.
func (h *hands) over(ctx context.Context, id int64) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	answer := make(chan handAnswer, 1)
	h.mu.Lock()
	h.waiting = append(h.waiting, handed{id, answer})
	lead := !h.busy
	h.busy = true
	h.mu.Unlock()
	if lead {
		h.commit(context.WithoutCancel(ctx))
	}
	a := <-answer
	return a.held, a.err
}

// commit notes all that wait, the caller's own among them, and leaves those
// who came meanwhile to the first of them.
func (h *hands) commit(ctx context.Context) {
	h.mu.Lock()
	all, ended := h.waiting, h.ended
	h.waiting, h.ended = nil, nil
	h.mu.Unlock()
	ids := make([]int64, len(all))
	for i, x := range all {
		ids[i] = x.id
	}
	ctx, cancel := context.WithTimeout(ctx, handTime)
	defer cancel()
	now := h.d.now()
	held, err := h.d.outbox.HandOver(ctx, h.d.holder, now.Add(answerFor), store.Settled{Day: day(now), Ended: ended}, ids...)
	h.mu.Lock()
	if err != nil {
		h.ended = append(h.ended, ended...)
	}
	if h.busy = len(h.waiting) > 0; h.busy {
		go h.commit(context.WithoutCancel(ctx))
	}
	h.mu.Unlock()
	for _, x := range all {
		x.answer <- handAnswer{err == nil && slices.Contains(held, x.id), err}
	}
}

// pacer gives a token for each letter that may leave; nil for no limit. Tokens
// that nobody took are lost but for a tenth of a second's worth.
func pacer(rate float64) (<-chan time.Time, func()) {
	if rate <= 0 {
		return nil, func() {}
	}
	const beat = 100 * time.Millisecond
	if rate <= 10 {
		t := time.NewTicker(time.Duration(float64(time.Second) / rate))
		return t.C, t.Stop
	}
	tokens, done := make(chan time.Time, max(1, int(rate/10))), make(chan struct{})
	go func() {
		t := time.NewTicker(beat)
		defer t.Stop()
		for owed := 0.0; ; {
			select {
			case at := <-t.C:
				for owed += rate / 10; owed >= 1; owed-- {
					select {
					case tokens <- at:
					default:
					}
				}
			case <-done:
				return
			}
		}
	}()
	return tokens, sync.OnceFunc(func() { close(done) })
}
