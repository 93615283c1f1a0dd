package signing

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
	t    testing.TB
	dir  string
	laws petition.Laws
	law  *petition.Profile
	db   *sql.DB // to look at what was written

	mu  sync.Mutex
	now time.Time
}

func newWorld(t testing.TB, profile string) *world {
	t.Helper()
	laws, err := profiles.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: t.TempDir(), laws: laws, law: profiles.ByID(laws, profile), now: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)}
	w.db, err = sql.Open("sqlite", filepath.Join(w.dir, "dauys.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	w.start()
	return w
}

// start makes the service on the data in dir, as a new process would.
func (w *world) start() {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), "sqlite:"+filepath.Join(w.dir, "dauys.db"), w.laws)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Migrate(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(w.dir, "keys"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.Service = New(Options{Store: s, Vault: v, Broker: identity.NewBroker(v), URL: site, Now: w.clock,
		PlaceOK: func(_ *petition.Profile, code string) bool { return code == "KZ-71" || code == "KZ-75" }})
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	service := w.Service
	wg.Go(func() { service.Run(ctx) })
	w.t.Cleanup(func() { stop(); wg.Wait(); s.Close() })
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

func (w *world) advance(by time.Duration) { w.set(w.clock().Add(by)) }

// create keeps a new petition and leads it into a state.
func (w *world) create(state petition.State) petition.UID {
	w.t.Helper()
	now, uid := w.clock(), petition.UID(vault.Random(16))
	c := w.law.Start(petition.Petition{UID: uid, Kind: petition.KindPetition, Lang: "ru", Body: "city",
		Texts: petition.Texts{"ru": {Title: "Остановка", Ask: "Построить остановку"}, "kk": {Title: "Аялдама", Ask: "Аялдама салу"}}}, now)
	p, err := w.store.Create(w.t.Context(), c, vault.Random(32), store.Contact{Sealed: []byte("x"), Lang: "ru"}, now,
		func(petition.Petition) (store.Letter, error) {
			return letter.Letter{Kind: letter.Start}.Seal(w.vault, "", 0, now)
		})
	if err != nil {
		w.t.Fatal(err)
	}
	if state != petition.Draft {
		w.change(uid, func(p petition.Petition) (petition.Change, error) { return w.lead(p, state) })
	}
	if len(w.letters()) == 0 || p.ID == 0 {
		w.t.Fatal("no petition")
	}
	return uid
}

// lead is a whole life in one change.
func (w *world) lead(p petition.Petition, state petition.State) (petition.Change, error) {
	now := w.clock()
	c, err := w.law.Confirm(p, now)
	if err != nil || state == petition.Supporting {
		return c, err
	}
	q, _ := w.law.Count(c.Petition, w.law.NextThreshold(c.Petition), now)
	q.Events = append(c.Events, q.Events...)
	if state == petition.Moderation {
		return q, nil
	}
	o, err := w.law.Decide(q.Petition, petition.Decision{Verdict: petition.Publish, TextVersion: 1, Officer: 1}, now)
	o.Events = append(q.Events, o.Events...)
	o.Petition.Shown = 0
	return o, err
}

func (w *world) change(uid petition.UID, f func(petition.Petition) (petition.Change, error)) {
	w.t.Helper()
	_, err := w.store.Change(w.t.Context(), w.load(uid).ID, w.clock(), func(_ *store.Tx, p petition.Petition) (petition.Change, error) { return f(p) })
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) load(uid petition.UID) store.Signing {
	w.t.Helper()
	p, err := w.store.SigningPetitionByUID(w.t.Context(), uid)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// letters empties the outbox.
func (w *world) letters() []letter.Letter {
	w.t.Helper()
	far := w.clock().AddDate(100, 0, 0)
	rows, err := w.store.ClaimLetters(w.t.Context(), "test", 10_000, far, far)
	if err != nil {
		w.t.Fatal(err)
	}
	var ls []letter.Letter
	for _, r := range rows {
		l, err := letter.Open(w.vault, r.Sealed)
		if err != nil {
			w.t.Fatal(err)
		}
		ls = append(ls, l)
		if err := w.store.LetterDone(w.t.Context(), r.ID); err != nil {
			w.t.Fatal(err)
		}
	}
	return ls
}

// submit fills the form in and returns the token of the letter.
func (w *world) submit(uid petition.UID, email string) string {
	w.t.Helper()
	if err := w.Submit(w.t.Context(), w.load(uid), Request{Email: email, Eligible: true, Lang: "kk"}); err != nil {
		w.t.Fatalf("submit: %v", err)
	}
	return w.token("confirm")
}

// token is that of the one letter in the outbox.
func (w *world) token(path string) string {
	w.t.Helper()
	ls := w.letters()
	if len(ls) != 1 {
		w.t.Fatalf("%d letters, want 1", len(ls))
	}
	token, ok := strings.CutPrefix(ls[0].Args["link"], site+"/kk/"+path+"/")
	if !ok || token == "" {
		w.t.Fatalf("link %q", ls[0].Args["link"])
	}
	return token
}

func (w *world) withdrawal(uid petition.UID, email string) string {
	w.t.Helper()
	if err := w.RequestWithdrawal(w.t.Context(), w.load(uid), email, "kk", false); err != nil {
		w.t.Fatal(err)
	}
	return w.token("withdraw")
}

// confirm uses a link and checks what comes of it.
func (w *world) confirm(token string, want Status, fresh bool) {
	w.t.Helper()
	l, err := w.Confirm(w.t.Context(), token)
	if err != nil || l.Status != want || l.New != fresh {
		w.t.Fatalf("status %d, new %v, %v; want %d, %v", l.Status, l.New, err, want, fresh)
	}
}

// counted checks the count in all its places.
func (w *world) counted(uid petition.UID, want int64) {
	w.t.Helper()
	p := w.load(uid)
	if _, err := w.store.Settle(w.t.Context(), func(int, int) {}); err != nil {
		w.t.Fatal(err)
	}
	rows := w.number(`SELECT count(*) FROM signatures WHERE petition_id = ? AND status = 0`, p.ID)
	places := w.number(`SELECT coalesce(sum(count), 0) FROM place_counts WHERE petition_id = ?`, p.ID)
	days := w.number(`SELECT coalesce(sum(count), 0) FROM day_counts WHERE petition_id = ?`, p.ID)
	if p.Count != want || rows != want || places != want || days != want {
		w.t.Errorf("count %d, rows %d, by place %d, by day %d; want %d", p.Count, rows, places, days, want)
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
