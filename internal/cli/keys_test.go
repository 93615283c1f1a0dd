package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/vault"
)

// A database knows its keys: what is missing is not made anew, another site's
// is refused, and only a command that says so goes on without them.
func TestADatabaseKnowsItsKeys(t *testing.T) {
	dir := t.TempDir()
	own, away := filepath.Join(dir, "keys"), filepath.Join(dir, "away")
	cfg := Config{Database: "sqlite:" + filepath.Join(dir, "dauys.db"), Keys: own}
	st, err := openStore(t.Context(), cfg.Database, true)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	open := func() error { _, err := openKeys(t.Context(), cfg, st); return err }
	refused := func(want ...string) {
		t.Helper()
		err := open()
		for _, w := range want {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%v, want %q", err, w)
			}
		}
	}
	if err := open(); err != nil {
		t.Fatal("a new site:", err)
	}
	if err := open(); err != nil {
		t.Fatal("the second start:", err)
	}
	if err := os.Rename(own, away); err != nil {
		t.Fatal(err)
	}
	refused("mail.key is not there", own, "keys adopt")
	if _, err := os.Stat(own); !os.IsNotExist(err) {
		t.Error("keys were made in the place of those that are missing")
	}
	if _, err := vault.Open(own); err != nil {
		t.Fatal(err)
	}
	refused("not those of this database: mail.key, lookup.key, link.key, broker.key, server.key")
	copyOne(t, away, own, "mail.key")
	refused("not those of this database: lookup.key")

	run := func(args ...string) int {
		t.Setenv("DAUYS_DATABASE", cfg.Database)
		t.Setenv("DAUYS_KEYS", own)
		var out, errs bytes.Buffer
		return Main(t.Context(), append([]string{"dauys", "keys"}, args...), &out, &errs)
	}
	if code := run("check"); code != exitWrong {
		t.Errorf("keys check of another site's: %d", code)
	}
	if code := run("adopt"); code != exitDone {
		t.Errorf("keys adopt: %d", code)
	}
	if code := run("check"); code != exitDone {
		t.Errorf("keys check after adopt: %d", code)
	}
	if err := open(); err != nil {
		t.Error("adopted keys:", err)
	}
}

func copyOne(t *testing.T, from, to, name string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(from, name))
	if err == nil {
		err = os.WriteFile(filepath.Join(to, name), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Two servers on one file would both send the letters.
func TestOneServerOnAFile(t *testing.T) {
	a := &app{cfg: Config{Database: "sqlite:" + filepath.Join(t.TempDir(), "dauys.db")}}
	release, err := a.only()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.only(); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("a second server: %v", err)
	}
	release()
	release, err = a.only()
	if err != nil {
		t.Fatal("the next server:", err)
	}
	release()
}
