package mail

import (
	"context"
	"slices"
	"sync"
	"time"
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
	all := h.waiting
	h.waiting = nil
	h.mu.Unlock()
	ids := make([]int64, len(all))
	for i, x := range all {
		ids[i] = x.id
	}
	ctx, cancel := context.WithTimeout(ctx, handTime)
	defer cancel()
	held, err := h.d.outbox.HandOver(ctx, h.d.holder, h.d.now().Add(answerFor), ids...)
	h.mu.Lock()
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
