package moderation

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

const site = "https://dauys.example"

// world is the service on a real database, with a clock that is turned by hand.
type world struct {
	*Service
	t     testing.TB
	store *store.Store
	vault *vault.Vault
	law   *petition.Profile
	db    *sql.DB // to look at what was written, and to spoil it

	mu  sync.Mutex
	now time.Time
}

func newWorld(t testing.TB, profile string) *world {
	t.Helper()
	laws, err := profiles.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dauys.db")
	w := &world{t: t, law: profiles.ByID(laws, profile), now: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)}
	if w.store, err = store.Open(t.Context(), "sqlite:"+path, laws); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	if err := w.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.db, err = sql.Open("sqlite", path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	if w.vault, err = vault.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	w.Service = New(Options{Store: w.store, Vault: w.vault, Broker: identity.NewBroker(w.vault), Law: w.law, URL: site, Now: w.clock,
		BodyOK: func(_ context.Context, id string) (bool, error) {
			if id == "broken" {
				return false, store.ErrUnavailable
			}
			return id == "city", nil
		},
		PlaceOK: func(_ *petition.Profile, code string) bool { return code == "KZ-75" }})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) set(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = t
}

func form() Form {
	return Form{Texts: petition.Texts{"kk": {Title: " Аялдама ", Ask: "Көктем көшесіне\r\nаялдама"}, "ru": {Title: "Остановка", Ask: "Построить остановку"}, "en": {}},
		Lang: "kk", UILang: "ru", Kind: petition.KindPetition, CreatorKind: petition.Person, Body: " city ", Place: "KZ-75",
		Org: "left over", Creator: "Айгүл Үлгіқызы", Email: "Aigul@example.example", Eligible: true}
}

// begin fills the form in and returns the token of the petitioner's letter.
func (w *world) begin(f Form) string {
	w.t.Helper()
	if err := w.Start(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
	far := w.clock().AddDate(100, 0, 0)
	rows, err := w.store.ClaimLetters(w.t.Context(), "test", 10, far, far)
	if err != nil || len(rows) != 1 {
		w.t.Fatalf("%d letters, %v", len(rows), err)
	}
	if err := w.store.LetterDone(w.t.Context(), rows[0].ID); err != nil {
		w.t.Fatal(err)
	}
	l, err := letter.Open(w.vault, rows[0].Sealed)
	if err != nil {
		w.t.Fatal(err)
	}
	token, ok := strings.CutPrefix(l.Args["link"], site+"/ru/confirm/")
	if !ok || l.Kind != letter.Start || l.To != "Aigul@example.example" || l.Lang != "ru" || l.Args["title"] != "Остановка" || l.Args["until"] == "" {
		w.t.Fatalf("letter %+v", l)
	}
	return token
}

func (w *world) confirmed() Started {
	w.t.Helper()
	s, err := w.ConfirmStart(w.t.Context(), w.begin(form()))
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// support lets n persons sign, by rows of the store.
func (w *world) support(id petition.ID, n int64) {
	w.t.Helper()
	batch := make([]store.NewSignature, n)
	for i := range batch {
		batch[i] = store.NewSignature{Petition: id, Nullifier: [16]byte(vault.Random(16)), Day: w.law.Today(w.clock()).DayNumber()}
	}
	if _, err := w.store.AddSignatures(w.t.Context(), batch, w.clock()); err != nil {
		w.t.Fatal(err)
	}
}

// queued is a petition that waits for an officer.
func (w *world) queued() Started {
	w.t.Helper()
	s := w.confirmed()
	w.support(s.Petition.ID, 20)
	return s
}

func (w *world) get(id petition.ID) petition.Petition {
	w.t.Helper()
	p, _, err := w.store.DeskPetition(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) state(id petition.ID, want petition.State) petition.Petition {
	w.t.Helper()
	p := w.get(id)
	if p.State != want {
		w.t.Fatalf("in %s, want %s", p.State, want)
	}
	return p
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) number(query string, args ...any) int64 {
	w.t.Helper()
	var n int64
	if err := w.db.QueryRowContext(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) want(what string, got, want error) {
	w.t.Helper()
	if want == nil && got != nil || !errors.Is(got, want) {
		w.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func officer(id int64) store.Staff { return store.Staff{ID: id, Role: store.Moderator} }
