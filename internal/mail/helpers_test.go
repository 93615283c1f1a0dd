package mail

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

const site = "https://petitions.example"

func sender() Sender {
	return Sender{Name: "Samruk petitions", Address: "letters@petitions.example", Operator: "Society of Samruk", Contact: "https://petitions.example/about"}
}

func bundle(t testing.TB) *i18n.Bundle {
	t.Helper()
	b, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func composer(t testing.TB, from Sender) *Composer {
	t.Helper()
	c, err := NewComposer(bundle(t), from)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// parsed is a message as a mail program reads it.
type parsed struct {
	header     netmail.Header
	subject    string
	text, html string
}

func parse(t testing.TB, raw []byte) parsed {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("read message: %v", err)
	}
	p := parsed{header: m.Header}
	if p.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for i := 0; ; i++ {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) && i == 2 {
			return p
		}
		if err != nil {
			t.Fatalf("part %d: %v", i, err)
		}
		if enc := part.Header.Get("Content-Transfer-Encoding"); enc != "quoted-printable" {
			t.Errorf("part %d is %s", i, enc)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		body := strings.ReplaceAll(string(b), "\r\n", "\n")
		switch kind := part.Header.Get("Content-Type"); {
		case i == 0 && kind == "text/plain; charset=UTF-8":
			p.text = body
		case i == 1 && kind == "text/html; charset=UTF-8":
			p.html = body
		default:
			t.Fatalf("part %d is %q", i, kind)
		}
	}
}

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// world is a real store with one open petition.
type world struct {
	t     testing.TB
	store *store.Store
	vault *vault.Vault
	clock *clock
	law   *petition.Profile
	p     petition.Petition
	count uint64
	log   *bytes.Buffer
}

func newWorld(t testing.TB) *world {
	t.Helper()
	laws, err := profiles.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	s, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), laws)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: s, vault: v, law: profiles.ByID(laws, "kz-civic"), log: new(bytes.Buffer),
		clock: &clock{t: time.Date(2027, 1, 4, 6, 0, 0, 0, time.UTC)}}
	w.p = w.start("Put lamps in the streets", petition.KindPetition)
	return w
}

// start writes a draft in English and Russian whose petitioner reads Russian.
func (w *world) start(title string, kind petition.Kind) petition.Petition {
	w.t.Helper()
	w.count++
	p := petition.Petition{Kind: kind, Lang: "en", Body: "samruk", Creator: petition.Creator{Kind: petition.Person, Name: "A. Reader"},
		Texts: petition.Texts{"en": {Title: title, Ask: "Lamps."}, "kk": {Title: "Шам орнатайық", Ask: "Шам."}}}
	binary.BigEndian.PutUint64(p.UID[:], w.count)
	c := store.Contact{Sealed: letter.SealAddress(w.vault, "author@mail.example"), Lang: "ru"}
	c.Hash[0] = byte(w.count)
	p, err := w.store.Create(w.t.Context(), w.law.Start(p, w.clock.now()), []byte("salt-of-sixteen-"), c, w.clock.now(), func(petition.Petition) (store.Letter, error) {
		return w.letter(letter.Start, "author@mail.example").Seal(w.vault, fmt.Sprintf("start-%d", w.count), store.PriorityProof, w.clock.now())
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) letter(kind letter.Kind, to string) letter.Letter {
	return letter.Letter{To: to, Lang: "kk", Kind: kind, Args: previewArgs("kk")}
}

// enqueue puts a letter to sign into the outbox, as signing does.
func (w *world) enqueue(uid, to string) {
	w.t.Helper()
	w.count++
	row, err := w.letter(letter.Sign, to).Seal(w.vault, uid, store.PriorityProof, w.clock.now())
	if err != nil {
		w.t.Fatal(err)
	}
	n := store.NewPending{Petition: w.p.ID, Letter: row}
	binary.BigEndian.PutUint64(n.Asker[:], w.count)
	if _, err := w.store.AddPending(w.t.Context(), []store.NewPending{n}, w.clock.now()); err != nil {
		w.t.Fatal(err)
	}
}

// change applies a pure decision.
func (w *world) change(decide func(petition.Petition) (petition.Change, error)) {
	w.t.Helper()
	p, err := w.store.Change(w.t.Context(), w.p.ID, w.clock.now(), func(_ *store.Tx, p petition.Petition) (petition.Change, error) { return decide(p) })
	if err != nil {
		w.t.Fatal(err)
	}
	w.p = p
}

func (w *world) dispatcher(tr Transport) *Dispatcher {
	w.t.Helper()
	d, err := NewDispatcher(Options{Store: w.store, Vault: w.vault, Bundle: bundle(w.t), Transport: tr, Sender: sender(), Holder: "test",
		Now: w.clock.now, Logger: slog.New(slog.NewTextHandler(w.log, nil)), Single: true})
	if err != nil {
		w.t.Fatal(err)
	}
	d.again = time.Millisecond
	return d
}

func (w *world) flush(d *Dispatcher, want int) {
	w.t.Helper()
	if n, err := d.Flush(w.t.Context()); err != nil || n != want {
		w.t.Fatalf("Flush = %d, %v; want %d\n%s", n, err, want, w.log)
	}
}

func (w *world) size(wantWaiting, wantUncertain int64) {
	w.t.Helper()
	waiting, uncertain, err := w.store.OutboxSize(context.WithoutCancel(w.t.Context()))
	if err != nil || waiting != wantWaiting || uncertain != wantUncertain {
		w.t.Fatalf("outbox has %d waiting, %d uncertain, %v; want %d, %d\n%s", waiting, uncertain, err, wantWaiting, wantUncertain, w.log)
	}
}
