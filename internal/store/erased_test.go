package store_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
)

// traces are what the tables keep of persons, each of bytes that are found
// again: sealed addresses and letters, keyed hashes, the salt of the keys.
type traces map[string][]byte

func (tr traces) new(name string, n int) []byte {
	plain := strings.NewReplacer("'", "", " ", "_").Replace(name) // as JSON has it, too
	tr[name] = slices.Repeat([]byte("_"+plain), n)[:n]
	return tr[name]
}

// look reports the traces that a place holds.
func (tr traces) look(data []byte) (found []string) {
	for name, b := range tr {
		// A backup has bytes as base64.
		if bytes.Contains(data, b) || bytes.Contains(data, []byte(base64.StdEncoding.EncodeToString(b))) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// After the retention has passed and people have erased their data, nothing of
// it is in any column of any table, nor in a backup made afterwards: no sealed
// address, no keyed hash, no name, no salt. Of SQLite also not in the file, in
// its free pages, or in the log beside it.
func TestErasedIsGone(t *testing.T) {
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			addr := e.addr(t)
			s, err := store.Open(t.Context(), addr, storetest.Laws(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			w := (&storetest.World{T: t, S: s, Now: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)}).Migrate()
			erasedIsGone(t, w, func() map[string][]byte {
				m := map[string][]byte{"tables": store.Dump(t, s), "backup": rows(t, w.Backup())}
				if path, ok := strings.CutPrefix(addr, "sqlite:"); ok {
					m["file and log"] = slices.Concat(read(t, path), read(t, path+"-wal"))
				}
				return m
			})
		})
	}
}

func erasedIsGone(t *testing.T, w *storetest.World, places func() map[string][]byte) {
	ctx, s := t.Context(), w.S
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tr := traces{}
	p, refused, kept := tr.people(t, w)
	for place, data := range places() {
		if found := tr.look(data); len(found) != len(tr) {
			t.Fatalf("the test looks in the wrong way: the %s has only %v of %d before", place, found, len(tr))
		}
	}

	far := w.Now.AddDate(9, 0, 0)
	letters, err := s.ClaimLetters(ctx, "sender", 1000, far, far)
	must(err)
	for _, l := range letters {
		must(s.LetterDone(ctx, l.ID))
	}
	sub := tr["subscription"]
	must(s.Unsubscribe(ctx, sub))
	must(s.DecideComplaint(ctx, 1, func(_ *store.Tx, c petition.Complaint, _ []petition.OfficerID, _ []byte) (petition.Complaint, error) {
		c.State, c.Decided, c.Officer = "decided", w.Now, 1
		return c, nil
	}))
	must(s.EraseContact(ctx, p, w.Now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		return s.Laws().Of(p).Erase(p, w.Now)
	}))
	for w.Load(p).PurgedAt.IsZero() || w.Load(refused).PurgedAt.IsZero() { // the close, the appeal, then the retention
		w.Now = w.Now.AddDate(0, 1, 0)
		_, err := s.ChangeEach(ctx, []petition.ID{p, refused}, w.Now, func(p petition.Petition) (petition.Change, bool) {
			return s.Laws().Of(p).Tick(p, w.Now)
		})
		must(err)
	}
	gone, err := s.PurgePending(ctx, w.Now.Add(-72*time.Hour))
	must(err)
	if gone.Links != 1 || gone.Sessions != 1 || gone.Subscriptions != 299 {
		t.Errorf("purged %+v", gone)
	}
	drafts, err := s.PurgeDrafts(ctx, w.Now.Add(-72*time.Hour))
	must(err)
	if drafts != 1 {
		t.Errorf("%d drafts are purged", drafts)
	}
	// In steps, and of the petition that can have no more news only.
	for _, want := range []int64{2, 1, 0} {
		if n, err := s.PurgeFollowers(ctx, 2); err != nil || n != want {
			t.Errorf("%d followers are purged, want %d; %v", n, want, err)
		}
	}
	must(s.Scrub(ctx))
	for place, data := range places() {
		if found := tr.look(data); len(found) > 0 {
			t.Errorf("the %s still holds %v", place, found)
		}
		if !kept.found(data) {
			t.Errorf("the %s lost those who wait for news of a petition that was not answered yet", place)
		}
	}
}

// found reports whether a place holds all of the traces.
func (tr traces) found(data []byte) bool { return len(tr.look(data)) == len(tr) }

// people leaves the traces of everybody who has to do with petitions: one that
// closes, one that is refused, one that nobody confirms, and of staff. What
// kept has is to stay.
func (tr traces) people(t *testing.T, w *storetest.World) (open, refused petition.ID, kept traces) {
	t.Helper()
	ctx, s := t.Context(), w.S
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id := func(name string) [16]byte { return [16]byte(tr.new(name, 16)) }
	draft := w.Draft(storetest.Small)
	p := w.Publish(storetest.Small)
	w.Sign(p.ID, 100, 9, "KZ-10")
	q := w.Supporting(storetest.Small)
	w.Sign(q.ID, 1, 3, "")
	for officer := petition.OfficerID(1); officer <= 2; officer++ {
		w.Change(q.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Decide(p, petition.Decision{Verdict: petition.Reject, Reason: "unclear", TextVersion: 1, Officer: officer}, w.Now)
		})
	}
	// Many rows around those that go, so that pages split and are freed.
	for n := range 300 {
		sub := &store.NewSubscription{ID: storetest.Nullifier(-10 - n), Address: bytes.Repeat([]byte{byte(n)}, 90), Lang: "en"}
		if n == 150 {
			sub.ID, sub.Address = id("subscription"), tr.new("subscriber's address", 90)
		}
		l := w.Letter(fmt.Sprintf("letter-%d", n), store.PriorityProof)
		if n == 150 {
			l.Sealed = tr.new("letter", 700)
		}
		_, err := s.AddPending(ctx, []store.NewPending{{Petition: p.ID, Asker: storetest.Nullifier(1000 + n), Subscription: sub, Letter: l}}, w.Now)
		must(err)
	}
	_, err := s.AddPending(ctx, []store.NewPending{{Petition: p.ID, Asker: id("request"), Letter: w.Letter("request", 0)}}, w.Now)
	must(err)
	kept = traces{}
	follower := func(id petition.ID, n int, in traces, name string) {
		store.Exec(t, s, `INSERT INTO subscriptions (id, petition_id, address, lang, active, hour, refused) VALUES ($1, $2, $3, 'en', 1, 0, 0)`,
			in.new(fmt.Sprintf("%s %d", name, n), 16), int64(id), in.new(fmt.Sprintf("address of %s %d", name, n), 90))
	}
	for n := range 3 {
		follower(q.ID, n, tr, "late follower")
	}
	follower(p.ID, 0, kept, "follower")
	_, err = s.Follow(ctx, "news", 1, func(tx *store.Tx, e petition.Event) error { return tx.AddMailing(e.Seq, "news-note", q.ID, nil) })
	must(err)
	made := 0
	for more := true; more; {
		more, err = s.ExpandMailing(ctx, 10, func(store.Mailing, petition.Petition, store.Subscriber) (store.Letter, error) {
			made++
			return w.Letter(fmt.Sprintf("news-%d", made), store.PriorityNews), nil
		})
		must(err)
	}
	if made != 3 {
		t.Fatalf("%d letters of news", made)
	}

	contact := func(id petition.ID, whose string) {
		store.Exec(t, s, `UPDATE contacts SET address = $1, address_hash = $2 WHERE petition_id = $3`, tr.new(whose+"'s address", 80), tr.new(whose+"'s hash", 16), int64(id))
	}
	contact(p.ID, "petitioner")
	contact(draft.ID, "nobody")
	w.Change(p.ID, func(_ *petition.Profile, p petition.Petition) (petition.Change, error) {
		p.Creator.Name = string(tr.new("petitioner's name", 40))
		return petition.Change{Petition: p}, nil
	})
	w.Change(draft.ID, func(_ *petition.Profile, p petition.Petition) (petition.Change, error) {
		p.Creator.Name = string(tr.new("nobody's name", 40))
		p.Texts["en"] = petition.Text{Title: "T", Ask: string(tr.new("nobody's text", 80))}
		return petition.Change{Petition: p}, nil
	})
	for name, id := range map[string]petition.ID{"salt": p.ID, "salt of the refused": q.ID} {
		store.Exec(t, s, `UPDATE petitions SET salt = $1 WHERE id = $2`, tr.new(name, 32), int64(id))
	}
	c := petition.Complaint{Ref: "REF", State: "received", Lang: "en", At: w.Now, DecideBy: w.Now, Contact: true}
	must(s.AddComplaint(ctx, c, tr.new("complainant's address", 80)))
	who, err := s.AddStaff(ctx, [16]byte{9}, []byte("sealed"), store.Moderator, "", w.Now)
	must(err)
	at := w.Now.UTC().Format("2006-01-02T15:04:05.000Z")
	store.Exec(t, s, `INSERT INTO login_links (hash, staff_id, expires_at, reset) VALUES ($1, $2, $3, 0)`, tr.new("login link", 32), who.ID, at)
	store.Exec(t, s, `INSERT INTO sessions (hash, staff_id, created_at, seen_at, expires_at, proven) VALUES ($1, $2, $3, $3, $3, 1)`, tr.new("session", 32), who.ID, at)
	return p.ID, q.ID, kept
}
