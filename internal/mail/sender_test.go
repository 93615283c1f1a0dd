package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"pgregory.net/rapid"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// faulty is the store's outbox that fails when it is told to: before the
// effect, or after it, as a connection that is cut during the commit does.
type faulty struct {
	outbox
	fail func(call string) (fail, persisted bool)
}

var errStore = errors.New("the store fails on purpose")

func (f faulty) do(call string, g func() error) error {
	fail, persisted := f.fail(call)
	if fail && !persisted {
		return errStore
	}
	if err := g(); err != nil {
		return err
	}
	if fail {
		return errStore
	}
	return nil
}

func (f faulty) ClaimLetters(ctx context.Context, holder string, n int, now, until time.Time) (ls []store.ClaimedLetter, err error) {
	err = f.do("claim", func() error { ls, err = f.outbox.ClaimLetters(ctx, holder, n, now, until); return err })
	if err != nil {
		return nil, err
	}
	return ls, nil
}

func (f faulty) HandOver(ctx context.Context, holder string, until time.Time, b store.Settled, ids ...int64) (held []int64, err error) {
	err = f.do("handover", func() error { held, err = f.outbox.HandOver(ctx, holder, until, b, ids...); return err })
	if err != nil {
		return nil, err
	}
	return held, nil
}

func (f faulty) SettleLetters(ctx context.Context, holder string, b store.Settled) error {
	return f.do("settle", func() error { return f.outbox.SettleLetters(ctx, holder, b) })
}

func (f faulty) ReleaseLetters(ctx context.Context) error {
	return f.do("release", func() error { return f.outbox.ReleaseLetters(ctx) })
}

func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(b)
	}
	return all
}

func TestFileLettersLeaveOnce(t *testing.T) {
	w, dir := newWorld(t), filepath.Join(t.TempDir(), "mail")
	tr, err := ParseURL("file:" + dir)
	if err != nil {
		t.Fatal(err)
	}
	d := w.dispatcher(tr)
	w.enqueue("aa", "a@mail.example")
	w.enqueue("bb", "b@mail.example")
	w.flush(d, 3) // and the letter of the start
	w.size(0, 0)
	w.flush(d, 0)
	got := files(t, dir)
	if len(got) != 3 || !strings.Contains(got["aa.eml"], "To: <a@mail.example>") || !strings.Contains(got["bb.eml"], "b@mail.example") {
		t.Errorf("files %v", got)
	}
	if info, err := os.Stat(filepath.Join(dir, "aa.eml")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if strings.Contains(w.log.String(), "@") {
		t.Errorf("the log holds an address:\n%s", w.log)
	}
}

func TestFileCrashes(t *testing.T) {
	for name, crash := range map[string]func(w *world, f *File){
		"file written, row still there": func(w *world, f *File) {
			m, err := composer(w.t, sender()).Compose(w.letter(letter.Sign, "a@mail.example"), "aa", w.clock.now())
			if err == nil {
				err = f.Send(w.t.Context(), m, nil)
			}
			if err != nil {
				w.t.Fatal(err)
			}
		},
		"claimed, no file": func(*world, *File) {},
		"half a temporary file": func(w *world, f *File) {
			if err := os.WriteFile(filepath.Join(f.dir, ".aa.tmp"), []byte("half"), 0o600); err != nil {
				w.t.Fatal(err)
			}
		},
		"handed over to a mail server that was configured then": func(w *world, _ *File) {
			ls, err := w.store.UncertainLetters(w.t.Context(), w.clock.now(), 1)
			if err != nil || len(ls) != 0 {
				w.t.Fatal(ls, err)
			}
			if ok, err := w.store.HandOver(w.t.Context(), "dead", w.clock.now().Add(answerFor), store.Settled{}, 2); len(ok) != 1 || err != nil {
				w.t.Fatal(ok, err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, dir := newWorld(t), t.TempDir()
			w.flush(w.dispatcher(&File{dir: t.TempDir()}), 1) // the letter of the start
			w.enqueue("aa", "a@mail.example")
			if ls, err := w.store.ClaimLetters(t.Context(), "dead", 9, w.clock.now(), w.clock.now().Add(holdFor)); err != nil || len(ls) != 1 {
				t.Fatal(ls, err)
			}
			f := &File{dir: dir}
			crash(w, f)
			d := w.dispatcher(f)
			w.flush(d, 0) // still the dead sender's
			if err := d.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.size(0, 0)
			got := files(t, dir)
			if len(got) != 1 || parse(t, []byte(got["aa.eml"])).text == "" {
				t.Errorf("files %v", got)
			}
		})
	}
}

// Whatever call of the store fails, before or after its effect, and wherever
// the process dies: every letter comes to its file, and none to two.
func TestFilePropertyNeitherLostNorDoubled(t *testing.T) {
	w := newWorld(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		d := w.dispatcher(&File{dir: dir})
		real, dead := d.outbox, false
		d.again = 0
		d.outbox = faulty{real, func(string) (bool, bool) {
			switch rapid.IntRange(0, 5).Draw(rt, "fault") {
			case 0:
				dead = true // from here on nothing comes through
			case 1:
				return true, rapid.Bool().Draw(rt, "persisted")
			}
			return dead, false
		}}
		want := map[string]bool{}
		for range rapid.IntRange(1, 6).Draw(rt, "letters") {
			n++
			uid := fmt.Sprintf("u%d", n)
			want[uid+".eml"] = true
			w.enqueue(uid, "a@mail.example")
		}
		for range rapid.IntRange(1, 4).Draw(rt, "runs") {
			dead = false
			_ = d.Recover(t.Context()) // fails on purpose
			_, _ = d.Flush(t.Context())
		}
		for name := range files(t, dir) {
			if !want[name] && name != "start-1.eml" {
				rt.Fatalf("unexpected file %s", name)
			}
		}
		d.outbox = real
		if err := d.Recover(t.Context()); err != nil {
			rt.Fatal(err)
		}
		w.clock.add(25 * time.Hour)
		if _, err := d.Flush(t.Context()); err != nil {
			rt.Fatal(err)
		}
		w.size(0, 0)
		got := files(t, dir)
		delete(got, "start-1.eml")
		if len(got) != len(want) {
			rt.Fatalf("%d letters, %d files", len(want), len(got))
		}
	})
}

// answers is a transport that answers as it is told, after asking to hand over.
type answers struct {
	sent []string
	err  func(m Message) error
}

func (a *answers) Send(_ context.Context, m Message, handOver func() error) error {
	if err := handOver(); err != nil {
		return fmt.Errorf("%w: %w", ErrTemporary, err)
	}
	a.sent = append(a.sent, m.UID)
	return a.err(m)
}
func (a *answers) Has(string) (taken, known bool) { return false, false }
func (a *answers) Senders() int                   { return 1 }
func (a *answers) Close() error                   { return nil }

func TestBackOffThenGivenUp(t *testing.T) {
	w := newWorld(t)
	a := &answers{err: func(Message) error { return ErrTemporary }}
	d := w.dispatcher(a)
	began := w.clock.now()
	var at []time.Duration
	for range 60 * 48 {
		before := len(a.sent)
		w.flush(d, 0)
		if len(a.sent) > before {
			at = append(at, w.clock.now().Sub(began))
		}
		w.clock.add(time.Minute)
	}
	want := []time.Duration{0, time.Minute, 6 * time.Minute, 21 * time.Minute, 81 * time.Minute}
	for i, v := range want {
		if at[i] != v {
			t.Errorf("try %d after %v, want %v", i+1, at[i], v)
		}
	}
	if last := at[len(at)-1]; last < 23*time.Hour || last > 25*time.Hour {
		t.Errorf("last try after %v", last)
	}
	w.size(0, 0)
	if !strings.Contains(w.log.String(), "given up") || strings.Contains(w.log.String(), "@") {
		t.Errorf("log:\n%s", w.log)
	}
}

func TestUncertainIsNeverSentAgain(t *testing.T) {
	w := newWorld(t)
	a := &answers{err: func(Message) error { return ErrUncertain }}
	d := w.dispatcher(a)
	w.flush(d, 0)
	w.size(0, 1)
	w.clock.add(100 * time.Hour)
	if err := d.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.flush(d, 0)
	if len(a.sent) != 1 {
		t.Errorf("sent %d times", len(a.sent))
	}
	w.size(0, 1)
}

func TestLettersThatDoNotOpenAreGivenUp(t *testing.T) {
	w := newWorld(t)
	a := &answers{err: func(Message) error { return nil }}
	d := w.dispatcher(a)
	row := store.Letter{UID: "garbage", Kind: "sign", Sealed: []byte("not sealed by us at all, and long enough to have a nonce"), QueuedAt: w.clock.now()}
	if _, err := w.store.AddPending(t.Context(), []store.NewPending{{Petition: w.p.ID, Letter: row}}, w.clock.now()); err != nil {
		t.Fatal(err)
	}
	w.enqueue("nobody", "")
	w.flush(d, 1)
	w.size(0, 0)
	if len(a.sent) != 1 {
		t.Errorf("sent %v", a.sent)
	}
}

// A hand-over that fails, or was lost to another sender, stops the letter.
func TestHandOverComesFirst(t *testing.T) {
	for name, c := range map[string]struct {
		fault              func(call string) (bool, bool)
		waiting, uncertain int64
	}{
		"not persisted": {func(call string) (bool, bool) { return call == "handover", false }, 1, 0},
		"persisted":     {func(call string) (bool, bool) { return call == "handover", true }, 1, 0},
		"and dead":      {func(call string) (bool, bool) { return call != "claim", call == "handover" }, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := &answers{err: func(Message) error { return nil }}
			d := w.dispatcher(a)
			d.outbox = faulty{d.outbox, c.fault}
			if n, err := d.Flush(t.Context()); n != 0 || (err != nil) != (name == "and dead") {
				t.Fatal(n, err)
			}
			if len(a.sent) != 0 {
				t.Error("sent")
			}
			w.size(c.waiting, c.uncertain)
		})
	}
	t.Run("lost", func(t *testing.T) {
		w := newWorld(t)
		a := &answers{err: func(Message) error { return nil }}
		d := w.dispatcher(a)
		d.outbox = faulty{d.outbox, func(call string) (bool, bool) {
			if call == "handover" { // meanwhile the claim ran out and another sender came
				if ls, err := w.store.ClaimLetters(t.Context(), "other", 1, w.clock.now().Add(holdFor), w.clock.now().Add(2*holdFor)); err != nil || len(ls) != 1 {
					t.Error(ls, err)
				}
			}
			return false, false
		}}
		w.flush(d, 0)
		if len(a.sent) != 0 {
			t.Error("sent")
		}
		w.size(1, 0)
	})
}

// Letters that the mail server cannot take because it is down are not judged
// by that: an hour later all of them leave, once, the proofs first.
func TestMailServerDownForAnHour(t *testing.T) {
	w, r := newWorld(t), &receiver{}
	s := smtpTo(t, "smtp://"+r.serve(t))
	up, dials, dial := false, 0, s.dial
	s.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dials++; !up {
			return nil, errStore
		}
		return dial(ctx, network, addr)
	}
	d := w.dispatcher(s)
	const people = 40
	for i := range people {
		w.enqueue(fmt.Sprint("u", i), "a@mail.example")
	}
	for range 3600 {
		w.flush(d, 0)
		w.clock.add(time.Second)
	}
	w.size(people+1, 0)
	if dials < 10 || dials > 25 {
		t.Errorf("the server was tried %d times in an hour", dials)
	}
	up = true
	w.clock.add(serverMaxPause + time.Minute)
	w.flush(d, people+1)
	w.size(0, 0)
	if r.taken() != people+1 {
		t.Errorf("%d letters of %d", r.taken(), people+1)
	}
	w.clock.add(100 * time.Hour)
	w.enqueue("late", "a@mail.example")
	s.Close() // the connection that is still open
	up = false
	w.flush(d, 0)
	w.clock.add(worthless + time.Hour)
	up = true
	w.flush(d, 0) // its link has run out
	w.size(0, 0)
}

// A domain that puts letters off is left alone; letters to others leave.
func TestDomainThatPutsLettersOff(t *testing.T) {
	w := newWorld(t)
	w.flush(w.dispatcher(&answers{err: func(Message) error { return nil }}), 1)
	slow := true
	a := &answers{err: func(m Message) error {
		if slow && strings.HasSuffix(m.To, "@slow.example") {
			return replied{stepRcpt, ErrTemporary, &textproto.Error{Code: 451}, ""}
		}
		return nil
	}}
	d := w.dispatcher(a)
	for i := range 30 {
		w.enqueue(fmt.Sprint("s", i), fmt.Sprintf("r%d@slow.example", i))
	}
	w.enqueue("quick", "r@quick.example")
	w.flush(d, 1)
	if len(a.sent) != domainStrikes+1 {
		t.Errorf("asked %d times: %v", len(a.sent), a.sent)
	}
	w.size(30, 0)
	slow = false
	w.clock.add(10 * time.Minute)
	w.flush(d, 30)
	w.size(0, 0)
}

// An address that the receiver refuses for good is counted, and gets no news
// any more.
func TestRefusedAddressGetsNoMoreNews(t *testing.T) {
	w := newWorld(t)
	w.flush(w.dispatcher(&answers{err: func(Message) error { return nil }}), 1)
	w.subscribe("gone@mail.example", "kk")
	w.subscribe("here@mail.example", "kk")
	w.flush(w.dispatcher(&answers{err: func(Message) error { return nil }}), 2)
	a := &answers{err: func(m Message) error {
		if m.To == "gone@mail.example" {
			return replied{stepRcpt, ErrPermanent, &textproto.Error{Code: 550}, "5.1.1"}
		}
		return nil
	}}
	d := w.dispatcher(a)
	for range 2 {
		w.mailing()
		w.flush(d, 1)
	}
	if len(a.sent) != 3 {
		t.Errorf("asked %d times", len(a.sent))
	}
	counts, err := w.store.LetterCounts(t.Context(), day(w.clock.now()))
	if err != nil || fmt.Sprint(counts) != "[{0 sent 3} {9 refused 1} {9 sent 2}]" {
		t.Errorf("counts %v, %v", counts, err)
	}
}

// mailing makes the letters of one more mailing.
func (w *world) mailing() {
	w.t.Helper()
	w.count++
	if _, err := w.store.Follow(w.t.Context(), fmt.Sprint("f", w.count), 1, func(tx *store.Tx, e petition.Event) error {
		return tx.AddMailing(int64(w.count)*1000+e.Seq, "news-answer", w.p.ID, nil)
	}); err != nil {
		w.t.Fatal(err)
	}
	for more := true; more; {
		var err error
		if more, err = w.follower().ExpandMailings(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// News that were made and are not wanted any more do not leave.
func TestUnwantedNewsStay(t *testing.T) {
	w := newWorld(t)
	a := &answers{err: func(Message) error { return nil }}
	d := w.dispatcher(a)
	id := w.subscribe("first@mail.example", "kk")
	w.subscribe("second@mail.example", "kk")
	w.flush(d, 3)
	a.sent = nil
	w.mailing()
	if err := w.store.Unsubscribe(t.Context(), id[:]); err != nil {
		t.Fatal(err)
	}
	w.flush(d, 1)
	w.size(0, 0)
	if len(a.sent) != 1 {
		t.Errorf("sent %v", a.sent)
	}
}

func TestWaits(t *testing.T) {
	p := newPatience(nil)
	for n, want := range map[int]time.Duration{0: 5 * time.Second, 3: 40 * time.Second, 6: 5 * time.Minute, 1000: 5 * time.Minute} {
		if got := grown(serverPause, n, serverMaxPause); got != want {
			t.Errorf("pause after %d failures: %v, want %v", n+1, got, want)
		}
	}
	low, high := newPatience(func() float64 { return 0 }), newPatience(func() float64 { return 1 })
	if a, b := low.vary(time.Minute), high.vary(time.Minute); a != 48*time.Second || b != 72*time.Second || p.vary(time.Minute) != time.Minute {
		t.Errorf("a minute is from %v to %v", a, b)
	}
	now := time.Unix(0, 0)
	for i := range 3 * maxDomains {
		for range domainStrikes {
			p.heard(fmt.Sprint(i, ".example"), replied{stepRcpt, ErrTemporary, &textproto.Error{Code: 450}, ""}, now)
		}
	}
	if len(p.domains) != maxDomains {
		t.Errorf("%d domains are remembered", len(p.domains))
	}
	if nextSize(64, 64, 0) != maxBatch || nextSize(8, 8, 0) != 16 || nextSize(8, 3, 0) != 8 || nextSize(8, 8, 3*time.Second) != 4 || nextSize(1, 1, time.Hour) != 1 {
		t.Error("sizes of batches")
	}
}

func TestNoAddress(t *testing.T) {
	for text, want := range map[string][2]bool{
		"550 5.1.1 no such user":      {true, true},
		"550 no such user":            {true, true},
		"550 5.7.1 we do not like it": {true, false},
		"554 go away":                 {true, false},
		"450 4.1.1 later":             {false, false},
	} {
		n, _ := strconv.Atoi(text[:3])
		refusal, hard := noAddress(fmt.Errorf("x: %w", refused(stepRcpt, &textproto.Error{Code: n, Msg: text[4:]})))
		if refusal != want[0] || hard != want[1] {
			t.Errorf("%s: refused %t, hard %t", text, refusal, hard)
		}
	}
	if refusal, _ := noAddress(refused("the letter", &textproto.Error{Code: 550})); refusal {
		t.Error("a letter that is not liked says nothing about the address")
	}
	if err := refused(stepMail, &textproto.Error{Code: 450}); !errors.Is(err, errNoServer) {
		t.Error("a server that takes nothing now is taken for a fault of the letter")
	}
}

func TestRunSendsAndStops(t *testing.T) {
	w, dir := newWorld(t), t.TempDir()
	reg := prometheus.NewRegistry()
	d, err := NewDispatcher(Options{Store: w.store, Vault: w.vault, Bundle: bundle(t), Transport: &File{dir: dir}, Sender: sender(), Holder: "test",
		Now: w.clock.now, Logger: w.dispatcher(&File{}).log, Registry: reg, Single: true, Rate: 1000})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- d.Run(ctx) }()
	w.enqueue("aa", "a@mail.example")
	d.Wake()
	for range 500 {
		if len(files(t, dir)) == 2 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.flush(d, 0) // waits for the batch under way
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	w.size(0, 0)
	if n := testutil.ToFloat64(d.metrics.letters.WithLabelValues("sign", "sent")); n != 1 {
		t.Errorf("counted %v letters to sign", n)
	}
	if n, err := testutil.GatherAndCount(reg, "dauys_letters_waiting", "dauys_letters_uncertain"); n != 2 || err != nil {
		t.Errorf("%d gauges, %v", n, err)
	}
}
