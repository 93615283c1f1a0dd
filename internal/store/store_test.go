package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

var noon = time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)

func TestStore(t *testing.T) {
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) { storetest.Run(t, e.open) })
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, addr := range []string{"", "mysql://x", "sqlite:", "sqlite:" + filepath.Join(t.TempDir(), "no", "such", "dir.db"),
		"postgres://127.0.0.1:1/none?connect_timeout=1"} {
		if s, err := store.Open(t.Context(), addr, nil); err == nil {
			s.Close()
			t.Errorf("%q was opened", addr)
		}
	}
	_, err := store.Open(t.Context(), "postgres://127.0.0.1:1/none?connect_timeout=1", nil)
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("no server: %v", err)
	}
}

// A site that is older than the archive learns at its next start when what has
// ended there goes to the archive; a second start does nothing.
func TestArchiveIsDerivedAtTheStart(t *testing.T) {
	onEach(t, func(t *testing.T, w *storetest.World) {
		w.Populate()
		open := w.Publish(storetest.Small)
		w.Change(open.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
			c, _ := l.Tick(p, l.NextDue(p))
			return c, nil
		})
		store.Exec(t, w.S, `UPDATE petitions SET archive_from = NULL, next_due = NULL WHERE state IN ('closed', 'refused')`)
		store.Exec(t, w.S, `DELETE FROM meta WHERE name = 'archive_rules'`)
		before, err := w.S.Check(t.Context())
		if err != nil || !strings.Contains(strings.Join(before, "\n"), "column archive_from") {
			t.Fatalf("nothing that ended is missing its term: %v, %v", before, err)
		}
		for range 2 {
			if err := w.S.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if after, err := w.S.Check(t.Context()); err != nil || len(after) > 0 {
				t.Errorf("after the start: %v, %v", after, err)
			}
		}
	})
}

// A database goes from each engine to the other and back, and stays the same.
func TestMoveBetweenEngines(t *testing.T) {
	list := engines(t)
	for _, from := range list {
		for _, to := range list {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				t.Parallel()
				a, b, c := newWorld(t, from), newWorld(t, to), newWorld(t, from)
				a.Populate()
				for _, step := range [][2]*storetest.World{{a, b}, {b, c}} {
					counts, err := store.Move(t.Context(), step[0].S, step[1].S)
					if err != nil {
						t.Fatal(err)
					}
					if counts.Rows("signatures") != 48 {
						t.Errorf("signatures moved: %d", counts.Rows("signatures"))
					}
					findings, err := step[1].S.Check(t.Context())
					if err != nil || len(findings) > 0 {
						t.Errorf("check: %v, %v", findings, err)
					}
				}
				if !bytes.Equal(rows(t, a.Backup()), rows(t, c.Backup())) {
					t.Error("what came back is not what went")
				}
				if _, err := store.Move(t.Context(), a.S, b.S); !errors.Is(err, store.ErrNotEmpty) {
					t.Errorf("into a full store: %v", err)
				}
				b.Populate2()
			})
		}
	}
}

// Nothing of a person lies in the file, the log, the index or a backup.
func TestNothingPersonalOnDisk(t *testing.T) {
	dir := t.TempDir()
	keys, err := vault.Open(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "site.db")
	s, err := store.Open(t.Context(), "sqlite:"+path, storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	w := (&storetest.World{T: t, S: s, Now: noon}).Migrate()
	const address, ip, token = "aigerim.testova@people.example", "203.0.113.77", "secret-token-in-a-link"
	p := w.Publish(storetest.Small)
	letter := w.Letter("sealed-letter", store.PriorityProof)
	letter.Sealed = keys.Seal("test", []byte("To: "+address+"\n\nhttps://site.example/en/confirm/"+token+" asked from "+ip))
	sub := &store.NewSubscription{ID: storetest.Nullifier(-1), Address: keys.Seal("test", []byte(address)), Lang: "en"}
	if _, err := s.AddPending(t.Context(), []store.NewPending{{Petition: p.ID, Asker: storetest.Nullifier(50), Subscription: sub, Letter: letter}}, w.Now); err != nil {
		t.Fatal(err)
	}
	w.Sign(p.ID, 50, 1, "KZ-10")
	if _, err := s.AddStaff(t.Context(), [16]byte{1}, keys.Seal("test", []byte(address)), store.Moderator, "", w.Now); err != nil {
		t.Fatal(err)
	}
	salt, err := s.SigningPetitionByID(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	look := func(when string) {
		t.Helper()
		for name, data := range map[string][]byte{"file": read(t, path), "log": read(t, path+"-wal"), "backup": rows(t, w.Backup())} {
			for _, secret := range []string{address, "aigerim.testova", "people.example", ip, token} {
				if bytes.Contains(data, []byte(secret)) {
					t.Errorf("%s: the %s holds %q", when, name, secret)
				}
			}
		}
	}
	look("while serving")
	w.Now = p.ClosesAt.Add(40 * 24 * time.Hour)
	w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		c, _ := l.Tick(p, w.Now)
		return c, nil
	})
	if err := s.Purge(t.Context(), p.ID, w.Now); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(read(t, path), salt.Salt) {
		t.Error("the purged salt is still in the file")
	}
	if data := read(t, path); bytes.Contains(data, []byte(address)) || bytes.Contains(data, []byte("Aigerim")) == false {
		t.Error("after the close: the address is there, or the search finds nothing at all")
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log outlives the store: %v", err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rows are the rows of a backup: without header and trailer, and without the
// generation and the numbers of search words, which every restore moves on.
func rows(t *testing.T, file []byte) []byte {
	t.Helper()
	lines := bytes.Split(bytes.TrimSpace(store.Unpack(t, file)), []byte("\n"))
	lines = slices.DeleteFunc(lines[1:len(lines)-1], func(line []byte) bool {
		return bytes.HasPrefix(line, []byte(`["generation",`)) || bytes.HasPrefix(line, []byte(`["search`))
	})
	return bytes.Join(lines, []byte("\n"))
}

// Every column of both schemas is in a backup; what is not has a reason.
func TestBackupCoversTheSchema(t *testing.T) {
	onEach(t, func(t *testing.T, w *storetest.World) {
		want := store.Columns(t, w.S)
		want = slices.DeleteFunc(want, func(column string) bool {
			table, _, _ := strings.Cut(column, ".")
			return column == "signatures.id" || table == "recent" || table == "schema_version" || table == "leases" || table == "heartbeats" || table == "servers" || table == "sqlite_sequence" || table == "petition_words" ||
				strings.HasPrefix(table, "desk_search") || column == "desk.lexemes" // follow desk.words by themselves
		})
		got := store.BackedUp()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("backed up %v\nthe schema has %v", got, want)
		}
	})
}
