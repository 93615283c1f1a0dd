package store_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"slices"
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
	tr[name] = slices.Repeat([]byte(fmt.Sprintf("<%s>", name)), n)[:n]
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
// it is in the file, in its free pages, in the log beside it, or in a backup
// made afterwards: no sealed address, no keyed hash, no salt.
func TestErasedIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "erased.db")
	s, err := store.Open(t.Context(), "sqlite:"+path, storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := (&storetest.World{T: t, S: s, Now: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)}).Migrate()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tr := traces{}
	p := w.Publish(storetest.Small)
	w.Sign(p.ID, 100, 9, "KZ-10")
	id := func(name string) [16]byte { return [16]byte(tr.new(name, 16)) }
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
		_, err := s.AddPending(t.Context(), []store.NewPending{{Petition: p.ID, Nullifier: storetest.Nullifier(1000 + n), Subscription: sub, Letter: l}}, w.Now)
		must(err)
	}
	_, err = s.AddPending(t.Context(), []store.NewPending{{Petition: p.ID, Nullifier: id("request"), Letter: w.Letter("request", 0)}}, w.Now)
	must(err)
	hash := id("petitioner's hash")
	store.Exec(t, s, `UPDATE contacts SET address = $1, address_hash = $2 WHERE petition_id = $3`, tr.new("petitioner's address", 80), hash[:], int64(p.ID))
	store.Exec(t, s, `UPDATE petitions SET salt = $1 WHERE id = $2`, tr.new("salt", 32), int64(p.ID))
	c := petition.Complaint{Ref: "REF", State: "received", Lang: "en", At: w.Now, DecideBy: w.Now, Contact: true}
	must(s.AddComplaint(t.Context(), c, tr.new("complainant's address", 80)))

	places := func() map[string][]byte {
		m := map[string][]byte{"file": read(t, path), "backup": rows(t, w.Backup())}
		m["log"] = read(t, path+"-wal")
		return m
	}
	before := places()
	for place, data := range map[string][]byte{"database": slices.Concat(before["file"], before["log"]), "backup": before["backup"]} {
		if found := tr.look(data); len(found) != len(tr) {
			t.Fatalf("the test looks in the wrong way: the %s has only %v of %d before", place, found, len(tr))
		}
	}

	far := w.Now.AddDate(9, 0, 0)
	letters, err := s.ClaimLetters(t.Context(), "sender", 1000, far, far)
	must(err)
	for _, l := range letters {
		must(s.LetterDone(t.Context(), l.ID))
	}
	sub := id("subscription")
	must(s.Unsubscribe(t.Context(), sub[:]))
	must(s.DecideComplaint(t.Context(), 1, func(_ *store.Tx, c petition.Complaint, _ []petition.OfficerID, _ []byte) (petition.Complaint, error) {
		c.State, c.Decided, c.Officer = "decided", w.Now, 1
		return c, nil
	}))
	must(s.EraseContact(t.Context(), p.ID, w.Now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		return s.Laws().Of(p).Erase(p, w.Now)
	}))
	for w.Load(p.ID).PurgedAt.IsZero() { // the close, then the retention
		w.Now = w.Now.AddDate(0, 1, 0)
		_, err := s.ChangeEach(t.Context(), []petition.ID{p.ID}, w.Now, func(p petition.Petition) (petition.Change, bool) {
			return s.Laws().Of(p).Tick(p, w.Now)
		})
		must(err)
	}
	_, err = s.PurgePending(t.Context(), w.Now.Add(-72*time.Hour))
	must(err)
	must(s.Scrub(t.Context()))
	for place, data := range places() {
		if found := tr.look(data); len(found) > 0 {
			t.Errorf("the %s still holds %v", place, found)
		}
	}
}
