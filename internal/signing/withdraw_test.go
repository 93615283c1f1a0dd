package signing

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

func TestWithdrawalIsSilent(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	sign := w.submit(uid, "a@b.example")
	w.confirm(sign, Counted, true)
	events := w.number(`SELECT count(*) FROM events`)
	back := w.withdrawal(uid, "A+x@b.example")
	for range 3 {
		if l, err := w.PeekWithdrawal(t.Context(), back); err != nil || l.Status != Live || l.New {
			t.Fatalf("peek: %+v, %v", l, err)
		}
	}
	w.counted(uid, 1)
	if l, err := w.ConfirmWithdrawal(t.Context(), back); err != nil || l.Status != Withdrawn || !l.New {
		t.Fatalf("withdraw: %+v, %v", l, err)
	}
	w.counted(uid, 0)
	if l, err := w.ConfirmWithdrawal(t.Context(), back); err != nil || l.Status != Withdrawn || l.New {
		t.Errorf("again: %+v, %v", l, err)
	}
	w.counted(uid, 0)
	if n := w.number(`SELECT count(*) FROM events`); n != events {
		t.Errorf("%d events of a withdrawal", n-events)
	}
	if n := w.number(`SELECT count(*) FROM outbox`); n != 0 {
		t.Errorf("%d letters of a withdrawal", n)
	}
}

func TestSigningAgainNeedsAFreshLink(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	old := w.submit(uid, "a@b.example")
	w.confirm(old, Counted, true)
	firstBack := w.withdrawal(uid, "a@b.example")
	if _, err := w.ConfirmWithdrawal(t.Context(), firstBack); err != nil {
		t.Fatal(err)
	}
	if l, err := w.Peek(t.Context(), old); err != nil || l.Status != Stale {
		t.Errorf("look at the old link: %+v, %v", l, err)
	}
	w.confirm(old, Stale, false)
	w.counted(uid, 0)
	fresh := w.submit(uid, "a@b.example")
	if l, err := w.Peek(t.Context(), fresh); err != nil || l.Status != Live {
		t.Errorf("look at a fresh link: %+v, %v", l, err)
	}
	w.confirm(fresh, Counted, true)
	w.confirm(fresh, Counted, false)
	w.confirm(old, Counted, false) // the person is counted, by whatever link
	w.counted(uid, 1)
	if l, err := w.ConfirmWithdrawal(t.Context(), firstBack); err != nil || l.Status != Stale || l.New {
		t.Errorf("an old withdrawal link takes a new signature back: %+v, %v", l, err)
	}
	w.counted(uid, 1)
	if _, err := w.ConfirmWithdrawal(t.Context(), w.withdrawal(uid, "a@b.example")); err != nil {
		t.Fatal(err)
	}
	w.confirm(fresh, Stale, false)
	w.counted(uid, 0)
}

func TestThereIsNothingToWithdraw(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	if err := w.RequestWithdrawal(t.Context(), w.load(uid), "stranger@b.example", "ru", false); err != nil {
		t.Fatal(err)
	}
	ls := w.letters()
	if len(ls) != 1 || ls[0].Kind != letter.WithdrawNone || ls[0].Lang != "ru" || ls[0].Args["title"] != "Остановка" {
		t.Fatalf("letters %+v", ls)
	}
	if link, ok := ls[0].Args["link"]; ok {
		t.Errorf("a link to nothing: %s", link)
	}
}

// Who reads the queue, the metrics or the log, and asks for a letter to an
// address, must not learn from it whether the address has signed.
func TestTheQueueDoesNotTellWhoHasSigned(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	w.confirm(w.submit(uid, "signed@b.example"), Counted, true)
	type outside struct {
		kind     string
		priority int
		size     int
	}
	var seen []outside
	for _, email := range []string{"signed@b.example", "nobody@b.example"} {
		if err := w.RequestWithdrawal(t.Context(), w.load(uid), email, "kk", false); err != nil {
			t.Fatal(err)
		}
		far := w.clock().AddDate(100, 0, 0)
		rows, err := w.store.ClaimLetters(t.Context(), "test", 10, far, far)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d letters, %v", len(rows), err)
		}
		seen = append(seen, outside{rows[0].Kind, rows[0].Priority, len(rows[0].Sealed)})
		if err := w.store.LetterDone(t.Context(), rows[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if seen[0] != seen[1] {
		t.Errorf("from outside the letters are %+v and %+v", seen[0], seen[1])
	}
}

// A row that counts letters must not lead from an address that somebody types
// in to the row of its signature: one such form, and a copy of the database
// before and after it, would tell who has signed.
func TestWhatCountsLettersLeadsToNoSignature(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	w.confirm(w.submit(uid, "signed@b.example"), Counted, true)
	if err := w.RequestWithdrawal(t.Context(), w.load(uid), "signed@b.example", "kk", false); err != nil {
		t.Fatal(err)
	}
	var requests, joined int
	if err := w.db.QueryRowContext(t.Context(), `SELECT count(*), count(s.nullifier) FROM pending p
		LEFT JOIN signatures s ON s.petition_id = p.petition_id AND s.nullifier = p.nullifier`).Scan(&requests, &joined); err != nil {
		t.Fatal(err)
	}
	if requests != 2 || joined != 0 {
		t.Errorf("of %d rows of requests %d lead to a signature", requests, joined)
	}
}

func TestWithdrawalEndsAtTheClose(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	w.confirm(w.submit(uid, "a@b.example"), Counted, true)
	back := w.withdrawal(uid, "a@b.example")
	w.advance(72 * time.Hour)
	_, err := w.ConfirmWithdrawal(t.Context(), back)
	w.want("after three days", err, ErrExpired)
	w.set(w.load(uid).ClosesAt.Add(-time.Hour))
	back = w.withdrawal(uid, "a@b.example")
	w.advance(time.Hour)
	_, err = w.PeekWithdrawal(t.Context(), back)
	w.want("look at the close", err, petition.ErrClosed)
	_, err = w.ConfirmWithdrawal(t.Context(), back)
	w.want("use at the close", err, petition.ErrClosed)
	w.counted(uid, 1)
}

func TestNewsOnlyForThoseWhoConfirmed(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	ask := func(email string) string {
		t.Helper()
		if err := w.Submit(t.Context(), w.load(uid), Request{Email: email, Eligible: true, Updates: true, Lang: "kk"}); err != nil {
			t.Fatal(err)
		}
		return w.token("confirm")
	}
	active := func() int64 { return w.number(`SELECT count(*) FROM subscriptions WHERE active = 1`) }
	token := ask("a@b.example")
	ask("never@b.example")
	if active() != 0 {
		t.Error("subscribed by filling in a form")
	}
	w.confirm(token, Counted, true)
	if n := active(); n != 1 {
		t.Errorf("%d subscriptions, want 1", n)
	}
	// Somebody who signed without news asks for them later.
	w.confirm(w.submit(uid, "b@b.example"), Counted, true)
	w.confirm(ask("b@b.example"), Counted, false)
	if n := active(); n != 2 {
		t.Errorf("%d subscriptions, want 2", n)
	}
	var id []byte
	if err := w.db.QueryRowContext(t.Context(), `SELECT id FROM subscriptions WHERE active = 1 LIMIT 1`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`SELECT count(*) FROM signatures WHERE nullifier = ?`, id); n != 0 {
		t.Error("a subscription names its signature")
	}
	for range 2 {
		w.want("unsubscribe", w.Unsubscribe(t.Context(), base64.RawURLEncoding.EncodeToString(id)), nil)
	}
	if n := active(); n != 1 {
		t.Errorf("%d subscriptions after one left", n)
	}
	w.want("unsubscribe nobody", w.Unsubscribe(t.Context(), base64.RawURLEncoding.EncodeToString(vault.Random(16))), nil)
	w.want("unsubscribe nonsense", w.Unsubscribe(t.Context(), "x"), vault.ErrSealed)
	w.counted(uid, 2)
}
