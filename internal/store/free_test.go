package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// The step that takes the reference and the check out of SQLite's table of
// signatures changes nothing else, and then nothing in the statement that takes
// signatures makes SQLite copy the pages that it changes.
func TestSignaturesAreTakenWithoutCopies(t *testing.T) {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "free.db"), storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	definition := func() (table string) {
		t.Helper()
		tx := store.Transaction(t, s)
		defer tx.Rollback()
		var sound string
		if err := tx.QueryRowContext(t.Context(), `SELECT sql, (SELECT integrity_check FROM pragma_integrity_check)
			FROM sqlite_schema WHERE type = 'table' AND name = 'signatures'`).Scan(&table, &sound); err != nil || sound != "ok" {
			t.Fatalf("%s: %v", sound, err)
		}
		return table
	}
	store.MigrateTo(t, s, 21)
	before := definition()
	if !copies(t, s) {
		t.Error("before the step nothing is copied, so that it is not needed")
	}
	w := (&storetest.World{T: t, S: s, Now: noon}).Migrate()
	want := strings.ReplaceAll(strings.ReplaceAll(before, " REFERENCES petitions (id)", ""), " CHECK (length(nullifier) = 16)", "")
	if after := definition(); after != want || len(before)-len(after) != len(" REFERENCES petitions (id) CHECK (length(nullifier) = 16)") {
		t.Errorf("was %s\nis %s", before, after)
	}
	if copies(t, s) {
		t.Error("signatures are taken by a statement that copies each page")
	}
	w.Sign(w.Publish(storetest.Civic).ID, 100, 30, "KZ-10")
}

// copies reports whether the statement that takes signatures has a part for
// which SQLite keeps copies of pages: it may fail for one of many rows.
func copies(t *testing.T, s *store.Store) (found bool) {
	t.Helper()
	tx := store.Transaction(t, s)
	defer tx.Rollback()
	rows, err := tx.QueryContext(t.Context(), `EXPLAIN `+store.InsertSQLite, 1, 2, 3, 4, []byte{0xc})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var op string
		var p2 int64
		var rest sql.RawBytes
		if err := rows.Scan(&rest, &op, &rest, &p2, &rest, &rest, &rest, &rest); err != nil {
			t.Fatal(err)
		}
		// 2 is ABORT, what a column that must not be NULL does without OR FAIL.
		found = found || strings.Contains(op, "Func") || strings.HasPrefix(op, "Fk") || op == "HaltIfNull" && p2 == 2
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}
