package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
)

// engine opens fresh stores of one engine, not migrated.
type engine struct {
	name string
	addr func(t *testing.T) string
}

func (e engine) open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), e.addr(t), storetest.Laws(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// engines are SQLite, and PostgreSQL where DAUYS_TEST_POSTGRES names a server.
func engines(t *testing.T) []engine {
	t.Helper()
	list := []engine{{"sqlite", func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "a b.db") }}}
	if server := os.Getenv("DAUYS_TEST_POSTGRES"); server != "" {
		return append(list, engine{"postgres", func(t *testing.T) string { return storetest.Schema(t, server) }})
	}
	t.Log("DAUYS_TEST_POSTGRES is not set: PostgreSQL is not tested (scripts/with-postgres.sh sets it)")
	return list
}

// onEach runs a test on a fresh, migrated store of each engine.
func onEach(t *testing.T, f func(t *testing.T, w *storetest.World)) {
	t.Helper()
	for _, e := range engines(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			f(t, newWorld(t, e))
		})
	}
}

func newWorld(t *testing.T, e engine) *storetest.World {
	t.Helper()
	s := e.open(t)
	t.Cleanup(func() { s.Close() })
	return (&storetest.World{T: t, S: s, Now: noon}).Migrate()
}
