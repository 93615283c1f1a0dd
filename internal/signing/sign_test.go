package signing

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

func TestFromFormToCount(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	p := w.load(uid)
	if err := w.Submit(t.Context(), p, Request{Email: " AiGul@Example.example", Place: "KZ-75", Eligible: true, Lang: "kk"}); err != nil {
		t.Fatal(err)
	}
	w.counted(uid, 0)
	ls := w.letters()
	if len(ls) != 1 {
		t.Fatalf("%d letters", len(ls))
	}
	l := ls[0]
	token, ok := strings.CutPrefix(l.Args["link"], site+"/kk/confirm/")
	if l.To != "AiGul@example.example" || l.Lang != "kk" || l.Kind != letter.Sign || l.Args["title"] != "Аялдама" || l.Args["until"] != "2026-11-26" || !ok {
		t.Fatalf("letter %+v", l)
	}
	for range 5 { // a mail scanner looks at the link
		if got, err := w.Peek(t.Context(), token); err != nil || got.Status != Live || got.New || got.Petition.UID != uid {
			t.Fatalf("peek: %+v, %v", got, err)
		}
	}
	w.counted(uid, 0)
	w.confirm(token, Counted, true)
	w.counted(uid, 1)
	w.confirm(token, Counted, false)
	w.counted(uid, 1)
	if got, err := w.Peek(t.Context(), token); err != nil || got.Status != Counted || got.New {
		t.Errorf("peek after use: %+v, %v", got, err)
	}
	if n := w.number(`SELECT count FROM place_counts JOIN places ON places.id = place WHERE code = 'KZ-75'`); n != 1 {
		t.Errorf("%d from the place", n)
	}
	if day := w.number(`SELECT day FROM signatures`); day != int64(w.law.Today(w.clock()).DayNumber()) {
		t.Errorf("day %d", day)
	}
	if w.LinkKind(token) != "sign" || w.LinkKind("x") != "" || w.LinkKind(w.vault.Token("start", nil)) != "start" || w.LinkKind(w.vault.Token(kindWithdraw, nil)) != "" {
		t.Error("kinds of links are mixed up")
	}
}

func TestOnePersonCountsOnceInAnySpelling(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid, other := w.create(petition.Open), w.create(petition.Open)
	var tokens []string
	for _, email := range []string{"ai.gul@gmail.com", "AIGUL+x@googlemail.com", "a.i.g.u.l@gmail.com"} {
		tokens = append(tokens, w.submit(uid, email))
	}
	for i, token := range tokens {
		w.confirm(token, Counted, i == 0)
	}
	w.counted(uid, 1)
	w.confirm(w.submit(other, "aigul@gmail.com"), Counted, true)
	w.counted(other, 1)
	if n := w.number(`SELECT count(DISTINCT nullifier) FROM signatures`); n != 2 {
		t.Errorf("%d nullifiers: one person must not be linkable across petitions", n)
	}
}

func TestTheAnswerTellsNothing(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	w.confirm(w.submit(uid, "signed@example.example"), Counted, true)
	p := w.load(uid)
	for _, email := range []string{"new@example.example", "signed@example.example", "n.ew@example.example"} {
		for range 9 { // more than there are letters
			if err := w.Submit(t.Context(), p, Request{Email: email, Eligible: true, Lang: "en"}); err != nil {
				t.Fatalf("%s: %v", email, err)
			}
			if err := w.RequestWithdrawal(t.Context(), p, email, "en", false); err != nil {
				t.Fatalf("%s: %v", email, err)
			}
		}
	}
	got := map[string]int{}
	for _, l := range w.letters() {
		got[l.To]++
	}
	// Five for the signature and five for its withdrawal in 72 hours.
	want := map[string]int{"new@example.example": 10, "signed@example.example": 9, "n.ew@example.example": 10}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("letters %v, want %v", got, want)
	}
}

func TestFormFaults(t *testing.T) {
	w := newWorld(t, "kz-civic")
	p := w.load(w.create(petition.Open))
	for _, c := range []struct {
		r    Request
		want petition.FieldErrors
	}{
		{Request{Email: "nobody", Place: "KZ-99"}, petition.FieldErrors{{Field: "email", Key: "email"}, {Field: "place", Key: "unknown"}, {Field: "eligible", Key: "eligible"}}},
		{Request{Email: "a@b.example\r\nBcc: c@d.example", Eligible: true}, petition.FieldErrors{{Field: "email", Key: "email"}}},
		{Request{Email: "a@b.example", Eligible: true, Place: "kz-75"}, petition.FieldErrors{{Field: "place", Key: "unknown"}}},
		{Request{Email: "a@b.example"}, petition.FieldErrors{{Field: "eligible", Key: "eligible"}}},
	} {
		var errs petition.FieldErrors
		if err := w.Submit(t.Context(), p, c.r); !errors.As(err, &errs) {
			t.Fatalf("%+v: %v", c.r, err)
		}
		if !slices.EqualFunc(errs, c.want, func(a, b petition.FieldError) bool { return a.Field == b.Field && a.Key == b.Key }) {
			t.Errorf("%+v: %v, want %v", c.r, errs, c.want)
		}
	}
	var errs petition.FieldErrors
	if err := w.RequestWithdrawal(t.Context(), p, "nobody", "kk", false); !errors.As(err, &errs) || errs[0].Field != "email" {
		t.Errorf("withdrawal: %v", err)
	}
	if ls := w.letters(); len(ls) != 0 {
		t.Errorf("%d letters for faulty forms", len(ls))
	}
}

func TestWhatCannotBeSigned(t *testing.T) {
	w := newWorld(t, "kz-civic")
	r := Request{Email: "a@b.example", Eligible: true, Lang: "kk"}
	w.want("a draft", w.Submit(t.Context(), w.load(w.create(petition.Draft)), r), petition.ErrNotOpen)
	p := w.load(w.create(petition.Open))
	p.Profile.ID = "gone"
	w.want("a law that is unknown here", w.Submit(t.Context(), p, r), petition.ErrClosed)
	w.want("the same, withdrawal", w.RequestWithdrawal(t.Context(), p, r.Email, "kk", false), petition.ErrClosed)
	p = w.load(w.create(petition.Open))
	p.Salt = nil
	w.want("keys destroyed", w.Submit(t.Context(), p, r), petition.ErrClosed)
	w.want("keys destroyed, withdrawal", w.RequestWithdrawal(t.Context(), p, r.Email, "kk", false), petition.ErrClosed)
	p = w.load(w.create(petition.Open))
	w.set(p.ClosesAt)
	w.want("at the close", w.Submit(t.Context(), p, r), petition.ErrClosed)
	w.want("at the close, withdrawal", w.RequestWithdrawal(t.Context(), p, r.Email, "kk", false), petition.ErrClosed)
}

func TestALinkLivesSeventyTwoHours(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	token, used := w.submit(uid, "a@b.example"), w.submit(uid, "used@b.example")
	w.confirm(used, Counted, true)
	w.advance(72*time.Hour - time.Second)
	if l, err := w.Peek(t.Context(), token); err != nil || l.Status != Live {
		t.Errorf("in its last second: %+v, %v", l, err)
	}
	w.advance(time.Second)
	_, err := w.Peek(t.Context(), token)
	w.want("look after three days", err, ErrExpired)
	_, err = w.Confirm(t.Context(), token)
	w.want("use after three days", err, ErrExpired)
	w.confirm(used, Counted, false)
	w.counted(uid, 1)
}

func TestADayOfGraceAfterTheClose(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	closes := w.load(uid).ClosesAt
	w.set(closes.Add(-time.Second))
	first, second := w.submit(uid, "a@b.example"), w.submit(uid, "b@b.example")
	w.set(closes)
	w.change(uid, func(p petition.Petition) (petition.Change, error) {
		c, ok := w.law.Tick(p, closes)
		if !ok {
			t.Fatal("not closed")
		}
		return c, nil
	})
	w.set(closes.Add(24*time.Hour - time.Second))
	w.confirm(first, Counted, true)
	w.counted(uid, 1)
	w.set(closes.Add(24 * time.Hour))
	_, err := w.Peek(t.Context(), second)
	w.want("look after the grace", err, ErrExpired)
	_, err = w.Confirm(t.Context(), second)
	w.want("use after the grace", err, ErrExpired)
	w.confirm(first, Counted, false)
	w.counted(uid, 1)
}

func TestALinkOfARemovedPetition(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	token := w.submit(uid, "a@b.example")
	w.change(uid, func(p petition.Petition) (petition.Change, error) { return w.law.Withdraw(p, w.clock()) })
	w.advance(2 * time.Second)
	_, err := w.Peek(t.Context(), token)
	w.want("look", err, petition.ErrClosed)
	_, err = w.Confirm(t.Context(), token)
	w.want("use", err, petition.ErrClosed)
	w.counted(uid, 0)
}

func TestAnAlteredLinkIsNoLink(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	token := w.submit(uid, "a@b.example")
	uses := map[string]func(string) error{
		"peek":                func(s string) error { _, err := w.Peek(t.Context(), s); return err },
		"confirm":             func(s string) error { _, err := w.Confirm(t.Context(), s); return err },
		"peek withdrawal":     func(s string) error { _, err := w.PeekWithdrawal(t.Context(), s); return err },
		"withdraw":            func(s string) error { _, err := w.ConfirmWithdrawal(t.Context(), s); return err },
		"unsubscribe, partly": func(s string) error { return w.Unsubscribe(t.Context(), s) },
	}
	for name, use := range uses {
		for i := range len(token) {
			for _, c := range []byte("Aa0-_ \n") {
				if bad := token[:i] + string(c) + token[i+1:]; bad != token && !errors.Is(use(bad), vault.ErrSealed) {
					t.Fatalf("%s: byte %d as %q: %v", name, i, c, use(bad))
				}
			}
		}
		for _, bad := range []string{"", "x", token + "A", token[:40], w.vault.Token("start", make([]byte, 60)), w.vault.Token(kindSign, nil),
			w.vault.Token(kindSign, make([]byte, 60)), w.vault.Token(kindWithdraw, make([]byte, 60))} {
			if !errors.Is(use(bad), vault.ErrSealed) {
				t.Errorf("%s of %q: %v", name, bad, use(bad))
			}
		}
	}
	if !errors.Is(uses["withdraw"](token), vault.ErrSealed) {
		t.Error("a sign link withdraws")
	}
	w.counted(uid, 0)
}

func TestALinkOfAPurgedPetition(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	token, back := w.submit(uid, "a@b.example"), ""
	w.confirm(token, Counted, true)
	back = w.withdrawal(uid, "a@b.example")
	for range 2 { // the close, then the purge
		due := w.law.NextDue(w.load(uid).Petition)
		w.set(due)
		if err := w.store.Purge(t.Context(), w.load(uid).ID, due); err == nil {
			continue
		}
		w.change(uid, func(p petition.Petition) (petition.Change, error) { c, _ := w.law.Tick(p, due); return c, nil })
	}
	if w.load(uid).Salt != nil {
		t.Fatal("not purged")
	}
	w.advance(2 * time.Second)
	for name, use := range map[string]func(string) (Link, error){
		"peek": func(string) (Link, error) { return w.Peek(t.Context(), token) }, "confirm": func(string) (Link, error) { return w.Confirm(t.Context(), token) },
		"peek withdrawal": func(string) (Link, error) { return w.PeekWithdrawal(t.Context(), back) },
		"withdraw":        func(string) (Link, error) { return w.ConfirmWithdrawal(t.Context(), back) },
	} {
		_, err := use(token)
		w.want(name, err, ErrExpired)
	}
	if p := w.load(uid); p.Count != 1 {
		t.Errorf("the count is %d after the purge", p.Count)
	}
}

func TestOldLinksWorkAfterARestart(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Open)
	a, b := w.submit(uid, "a@b.example"), w.submit(uid, "b@b.example")
	w.confirm(a, Counted, true)
	w.start()
	w.confirm(a, Counted, false)
	w.confirm(b, Counted, true)
	back := w.withdrawal(uid, "b@b.example")
	w.start()
	if l, err := w.ConfirmWithdrawal(t.Context(), back); err != nil || !l.New {
		t.Errorf("%+v, %v", l, err)
	}
	w.counted(uid, 1)
}

func TestSupportersAndNumbers(t *testing.T) {
	w := newWorld(t, "kz-civic")
	uid := w.create(petition.Supporting)
	share := w.vault.Fixed("share", uid[:])
	p, err := w.ByShare(t.Context(), share)
	if err != nil || p.UID != uid {
		t.Fatalf("by the secret link: %v", err)
	}
	if p.Number != 0 {
		t.Errorf("number %d before publication", p.Number)
	}
	draft := w.create(petition.Draft)
	for name, token := range map[string]string{"altered": share[1:], "empty": "", "mine": w.vault.Fixed("mine", uid[:]), "a draft": w.vault.Fixed("share", draft[:]),
		"nobody's": w.vault.Fixed("share", vault.Random(16)), "short": w.vault.Fixed("share", vault.Random(15))} {
		_, err := w.ByShare(t.Context(), token)
		w.want(name, err, store.ErrNotFound)
	}
	for i := range w.law.Support.Threshold {
		w.confirm(w.submit(uid, fmt.Sprintf("s%d@b.example", i)), Counted, true)
	}
	if p := w.load(uid); p.State != petition.Moderation || p.Count != w.law.Support.Threshold {
		t.Errorf("%s with %d supporters", p.State, p.Count)
	}
	_, err = w.ByNumber(t.Context(), 0)
	w.want("number 0", err, store.ErrNotFound)
	open := w.load(w.create(petition.Open))
	if q, err := w.ByNumber(t.Context(), open.Number); err != nil || q.UID != open.UID {
		t.Errorf("by number %d: %v", open.Number, err)
	}
	w.change(open.UID, func(p petition.Petition) (petition.Change, error) { return w.law.Withdraw(p, w.clock()) })
	w.advance(time.Second) // until then it may be as it was
	_, err = w.ByNumber(t.Context(), open.Number)
	w.want("withdrawn", err, store.ErrNotFound)
}

func TestThePetitionerSigns(t *testing.T) {
	w := newWorld(t, "uk-parl")
	uid := w.create(petition.Supporting)
	nb := vault.Hash{1}
	for range 3 {
		w.want("sign", w.SignAs(t.Context(), uid, nb), nil)
	}
	w.counted(uid, 1)
	w.want("nobody's petition", w.SignAs(t.Context(), petition.UID{9}, nb), store.ErrNotFound)
	gone := w.create(petition.Open)
	w.set(w.load(gone).ClosesAt.Add(48 * time.Hour))
	w.want("long after the close", w.SignAs(t.Context(), gone, nb), nil)
	w.counted(gone, 0)
}
