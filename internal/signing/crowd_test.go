package signing

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

// crowd uses n links at once from 200 goroutines, and counts what they hear.
func (w *world) crowd(n int, token func(i int) string) (fresh, again int64) {
	w.t.Helper()
	var f, a, next atomic.Int64
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				l, err := w.Confirm(context.Background(), token(i))
				for errors.Is(err, ErrFull) { // a disk that is slow at this moment: they come back, as people do
					time.Sleep(10 * time.Millisecond)
					l, err = w.Confirm(context.Background(), token(i))
				}
				switch {
				case err != nil || l.Status != Counted:
					w.t.Errorf("link %d: %+v, %v", i, l, err)
				case l.New:
					f.Add(1)
				default:
					a.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return f.Load(), a.Load()
}

// link makes the link of the i-th of many persons.
func (w *world) link(uid petition.UID, i int) string {
	nb := vault.Hash{}
	binary.BigEndian.PutUint64(nb[:], uint64(i))
	return w.vault.Token(kindSign, claim{UID: uid, Blind: nb, Expires: w.clock().Add(LinkLife), Place: []string{"", "KZ-71", "KZ-75"}[i%3]}.encode())
}

func size(full, short int) int {
	if testing.Short() {
		return short
	}
	return full
}

func TestTheSamePersonTenThousandTimes(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	token, n := w.submit(uid, "a@b.example"), size(10_000, 500)
	if fresh, again := w.crowd(n, func(int) string { return token }); fresh != 1 || again != int64(n-1) {
		t.Errorf("%d heard that they are new, %d that they are counted", fresh, again)
	}
	w.counted(uid, 1)
}

func TestACrowdIsCountedExactly(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uids := []petition.UID{w.create(petition.Open), w.create(petition.Open)}
	n := size(6000, 1200)
	// Everybody signs both, and one in three clicks twice.
	links := make([]string, 0, 3*n)
	for i := range n {
		links = append(links, w.link(uids[0], i), w.link(uids[1], i))
		if i%3 == 0 {
			links = append(links, w.link(uids[0], i))
		}
	}
	fresh, again := w.crowd(len(links), func(i int) string { return links[i] })
	if fresh != int64(2*n) || again != int64(len(links)-2*n) {
		t.Errorf("%d new and %d again of %d", fresh, again, len(links))
	}
	for _, uid := range uids {
		w.counted(uid, int64(n))
		p := w.load(uid)
		if _, ok := p.Reached("open-letter"); !ok || p.Shown != int64(n) {
			t.Errorf("%d signatures: stages %v, shown %d", n, p.Stages, p.Shown)
		}
	}
	if stages := w.number(`SELECT count(*) FROM events WHERE kind = 'stage'`); stages != 2 {
		t.Errorf("%d stages reached, want one for each petition", stages)
	}
}

func TestSigningAndWithdrawingAtOnce(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	back := make([]string, size(60, 20))
	for i := range back {
		w.confirm(w.submit(uid, fmt.Sprintf("p%d@b.example", i)), Counted, true)
		back[i] = w.withdrawal(uid, fmt.Sprintf("p%d@b.example", i))
	}
	var wg sync.WaitGroup
	for i, token := range back {
		for range 2 {
			wg.Go(func() {
				if _, err := w.ConfirmWithdrawal(context.Background(), token); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			if _, err := w.Confirm(context.Background(), w.link(uid, i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	w.counted(uid, int64(len(back)))
}

func TestSubmittingAtOnce(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	p, n := w.load(uid), size(300, 100)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			r := Request{Email: fmt.Sprintf("p%d@b.example", i%(n/10)), Eligible: true, Lang: "kk"}
			err := w.Submit(context.Background(), p, r)
			for errors.Is(err, ErrFull) {
				time.Sleep(10 * time.Millisecond)
				err = w.Submit(context.Background(), p, r)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(w.letters()); got != n/2 { // a tenth of the addresses, ten times each, five letters at most
		t.Errorf("%d letters, want %d", got, n/2)
	}
}

func claims() *rapid.Generator[claim] {
	return rapid.Custom(func(t *rapid.T) claim {
		c := claim{Generation: rapid.IntRange(0, 65535).Draw(t, "generation"), Expires: time.Unix(rapid.Int64Range(0, 1<<40-1).Draw(t, "expires"), 0),
			Place: rapid.StringMatching(`[A-Z0-9-]{0,20}`).Draw(t, "place")}
		copy(c.UID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uid"))
		copy(c.Blind[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "blind"))
		if rapid.Bool().Draw(t, "news") {
			c.Subscription = rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "subscription")
		}
		return c
	})
}

func TestAClaimComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := claims().Draw(t, "claim")
		b := c.encode()
		got, err := decodeClaim(b)
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c) {
			t.Fatalf("%+v came back as %+v, %v", c, got, err)
		}
		short := 40
		if c.Subscription != nil {
			short = 56
		}
		if _, err := decodeClaim(b[:rapid.IntRange(0, short-1).Draw(t, "cut")]); !errors.Is(err, vault.ErrSealed) {
			t.Fatalf("cut: %v", err)
		}
	})
}

func FuzzDecodeClaim(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 40))
	f.Add(claim{Subscription: make([]byte, 16), Place: "KZ-75"}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decodeClaim(b)
		if err != nil {
			if !errors.Is(err, vault.ErrSealed) {
				t.Errorf("%v", err)
			}
			return
		}
		again, err := decodeClaim(c.encode())
		if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", c) {
			t.Errorf("%+v, then %+v, %v", c, again, err)
		}
	})
}
