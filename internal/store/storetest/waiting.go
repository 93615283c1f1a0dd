package storetest

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"github.com/dauys/dauys/petition"
)

// Schema makes a schema of its own on a PostgreSQL server, erases it after the
// test, and returns its address.
func Schema(t testing.TB, server string) string {
	t.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	id := sha256.Sum256([]byte(t.TempDir())) // of which no two runs have the same
	name := "test_" + hex.EncodeToString(id[:8])
	if _, err := db.Exec(`CREATE SCHEMA ` + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec(`DROP SCHEMA ` + name + ` CASCADE`); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// Waiting copies a petition that waits for officers n times, with other
// deadlines and a word of its own each, past all rules: addr is the store's. A
// copy has the record and the text, and no history.
func Waiting(t testing.TB, addr string, id petition.ID, n int) {
	t.Helper()
	driver, uid, learn := "pgx", `decode(md5(n.i::text), 'hex')`, `VACUUM ANALYZE` // what its own housekeeping does within a minute
	if path, ok := strings.CutPrefix(addr, "sqlite:"); ok {
		driver, addr, uid, learn = "sqlite", path, `randomblob(16)`, `ANALYZE`
	}
	db, err := sql.Open(driver, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const kept = `version, origin, archived, listed, state, profile, profile_version, lang, body, place, record, salt, count, shown, next_threshold, created_at, updated_at, queued_at`
	for _, q := range []struct {
		text string
		args []any
	}{
		{`INSERT INTO petitions (uid, ` + kept + `)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
			SELECT ` + uid + `, ` + kept + ` FROM petitions CROSS JOIN n WHERE id = $2`, []any{n, int64(id)}},
		{`INSERT INTO desk (petition_id, state, due, second, words, missed)
			SELECT p.id, d.state, '2026-' || CASE p.id % 3 WHEN 0 THEN '10' WHEN 1 THEN '11' ELSE '12' END || substr(d.due, 8), 0, d.words || ' copy' || p.id, 0
			FROM petitions p CROSS JOIN desk d WHERE d.petition_id = $1 AND p.state = d.state AND p.id <> d.petition_id`, []any{int64(id)}},
		{learn, nil},
	} {
		if _, err := db.ExecContext(t.Context(), q.text, q.args...); err != nil {
			t.Fatal(err)
		}
	}
}
