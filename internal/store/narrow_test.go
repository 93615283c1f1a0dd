package store_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
)

// wide is a PostgreSQL database whose signatures are not yet those of now, in
// the middle of the migration: with n signatures of which the first went back;
// nil where there is no PostgreSQL.
func wide(t *testing.T, n int) (*storetest.World, petition.Petition) {
	t.Helper()
	server := os.Getenv("DAUYS_TEST_POSTGRES")
	if server == "" {
		t.Log("it needs PostgreSQL")
		return nil, petition.Petition{}
	}
	t.Parallel()
	s := engine{"postgres", func(t *testing.T) string { return storetest.Schema(t, server) }}.open(t)
	t.Cleanup(func() { s.Close() })
	store.MigrateTo(t, s, 21)
	w := &storetest.World{T: t, S: s, Now: noon}
	p := w.Publish(storetest.Civic)
	w.Sign(p.ID, 10_000, n, "KZ-10")
	if err := s.WithdrawSignature(t.Context(), p.ID, storetest.Nullifier(10_000), 0, w.Now); err != nil {
		t.Fatal(err)
	}
	store.MigrateTo(t, s, 22)
	return w, p
}

// crowd signs, withdraws and signs again until it is stopped, as somebody's
// server does, and says how many of it are counted then.
func crowd(t *testing.T, w *storetest.World, id petition.ID, from int, counted *atomic.Int64, done <-chan struct{}) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	batch := w.Batch(id, 0, 25, "KZ-20")
	add := func() error {
		out, err := w.S.AddSignatures(ctx, batch, w.Now)
		for _, o := range out {
			if err == nil && o != store.Added {
				return errors.New("somebody who signs is not counted")
			}
		}
		return err
	}
	for ; ; from += len(batch) {
		select {
		case <-done:
			return
		default:
		}
		for i := range batch {
			batch[i].Nullifier, batch[i].Generation = storetest.Nullifier(from+i), 0
		}
		err := add()
		for i := range 10 {
			err = errors.Join(err, w.S.WithdrawSignature(ctx, id, batch[i].Nullifier, 0, w.Now))
			batch[i].Generation = 1
		}
		at, read := w.S.SignerSignature(ctx, id, batch[0].Nullifier)
		if read == nil && (at.Active || at.Generation != 1) {
			read = errors.New("a withdrawal does not stand")
		}
		err = errors.Join(err, read)
		whole := batch
		batch = batch[:5]
		err = errors.Join(err, add())
		batch = whole
		if err != nil {
			t.Error(err)
			return
		}
		counted.Add(int64(len(batch) - 5))
	}
}

// The table of signatures is another one while people sign, withdraw and sign
// again, with a first try that is cut off; not one is lost or another one.
func TestSignaturesGetNarrowWhilePeopleSign(t *testing.T) {
	w, p := wide(t, 3000)
	if w == nil {
		return
	}
	ctx := t.Context()
	before := w.Load(p.ID).Count
	var counted atomic.Int64
	var people sync.WaitGroup
	done := make(chan struct{})
	for i := range 3 {
		people.Go(func() { crowd(t, w, p.ID, 1_000_000*(i+1), &counted, done) })
	}
	time.Sleep(100 * time.Millisecond)
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	_ = store.Narrow(short, w.S, 1) // wherever it was
	cancel()
	if err := store.Narrow(ctx, w.S, 1); err != nil {
		t.Error(err)
	}
	time.Sleep(100 * time.Millisecond) // the new table, by statements of the old one
	close(done)
	people.Wait()
	if err := w.S.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if n := w.Load(p.ID).Count; n != before+counted.Load() || counted.Load() == 0 {
		t.Errorf("%d are counted, of %d before and %d since", n, before, counted.Load())
	}
	if found, err := w.S.Check(ctx); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
	for n, want := range map[int]store.SignatureState{10_000: {Exists: true, Generation: 1}, 10_001: {Exists: true, Active: true},
		1_000_000: {Exists: true, Active: true, Generation: 1}, 1_000_009: {Exists: true, Generation: 1}, 1_000_024: {Exists: true, Active: true}} {
		if got, err := w.S.SignerSignature(ctx, p.ID, storetest.Nullifier(n)); err != nil || got != want {
			t.Errorf("signer %d: %+v, %v; want %+v", n, got, err, want)
		}
	}
	rowsOnPage(t, w.S, 136)
}

// rowsOnPage demands that so many signatures fit into one page of the table.
func rowsOnPage(t *testing.T, s *store.Store, want int) {
	t.Helper()
	var most int
	if err := store.Transaction(t, s).QueryRowContext(t.Context(), `SELECT max(n) FROM (SELECT count(*) AS n FROM signatures
		GROUP BY split_part(CAST(ctid AS TEXT), ',', 1)) pages`).Scan(&most); err != nil || most != want {
		t.Errorf("%d signatures on a page, want %d: %v", most, want, err)
	}
}

// A copy that is not the same, which cannot be unless somebody wrote into the
// tables by hand, is not used and made again.
func TestSignaturesStayWhereTheCopyDiffers(t *testing.T) {
	w, p := wide(t, 100)
	if w == nil {
		return
	}
	ctx := t.Context()
	tx := store.Transaction(t, w.S)
	if _, err := tx.ExecContext(ctx, `INSERT INTO signatures_lean SELECT petition_id, place, day, status, generation, decode(md5('nobody'), 'hex')
		FROM signatures LIMIT 1`); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := store.Narrow(ctx, w.S, 1); err == nil || !strings.Contains(err.Error(), "migrate again") {
		t.Fatalf("a copy with one more: %v", err)
	}
	w.Sign(p.ID, 20_000, 10, "")
	if err := w.S.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if found, err := w.S.Check(ctx); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
}

// Somebody who reads the old table for long, as a backup does, makes the change
// wait, and not those who sign.
func TestSignaturesGetNarrowBehindALongReader(t *testing.T) {
	w, p := wide(t, 300)
	if w == nil {
		return
	}
	ctx := t.Context()
	tx := store.Transaction(t, w.S)
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM signatures`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	changed := make(chan error, 1)
	go func() { changed <- store.Narrow(ctx, w.S, 1000) }()
	for i := range 8 {
		began := time.Now()
		w.Sign(p.ID, 20_000+i, 1, "")
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("a signature took %v", took)
		}
		time.Sleep(100 * time.Millisecond)
	}
	select {
	case err := <-changed:
		t.Fatalf("the table changed under its reader: %v", err)
	default:
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-changed; err != nil {
		t.Fatal(err)
	}
	rowsOnPage(t, w.S, 136)
}

// While a server of the release before is up, which prepared its statements for
// the old table, that stays, and every signature is written to both.
func TestSignaturesStayWhileAnOlderServerIsUp(t *testing.T) {
	w, p := wide(t, 300)
	if w == nil {
		return
	}
	ctx := t.Context()
	servers := func(query string) {
		t.Helper()
		tx := store.Transaction(t, w.S)
		if _, err := tx.ExecContext(ctx, query); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	servers(`INSERT INTO servers (name, until) VALUES ('before', '9999-01-01T00:00:00.000Z')`)
	if _, err := w.S.Alive(ctx, "now", time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := w.S.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	w.Sign(p.ID, 20_000, 10, "")
	if done, err := w.S.Narrow(ctx); !errors.Is(err, store.ErrOlder) || !done {
		t.Fatalf("beside a server of before: %v, %v", done, err)
	}
	servers(`UPDATE servers SET until = '2000-01-01T00:00:00.000Z' WHERE name = 'before'`)
	if done, err := w.S.Narrow(ctx); err != nil || !done {
		t.Fatalf("once it is gone: %v, %v", done, err)
	}
	rowsOnPage(t, w.S, 136)
	if found, err := w.S.Check(ctx); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
}
