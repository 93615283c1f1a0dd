package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// A driver around the real one that breaks at the commit, in both ways in
// which a commit can break. The rest passes through.

type fault int32

const (
	sound     fault = iota
	notDone         // the commit fails, and nothing was kept
	doneUnack       // the commit is kept, and the answer is lost
)

var errCut = errors.New("test: the connection was cut")

type faultyDriver struct {
	driver.Driver
	dsn  string
	next atomic.Int32 // the fault of a commit
	in   atomic.Int32 // how many commits come before that one
	did  atomic.Int32 // commits so far
}

func (d *faultyDriver) Connect(context.Context) (driver.Conn, error) {
	c, err := d.Driver.Open(d.dsn)
	if err != nil {
		return nil, err
	}
	return &faultyConn{Conn: c, d: d}, nil
}

type faultyConn struct {
	driver.Conn
	d *faultyDriver
}

// connector names the driver apart from its Driver method.
type connector struct{ d *faultyDriver }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) { return c.d.Connect(ctx) }
func (c connector) Driver() driver.Driver                            { return c.d.Driver }

func (c *faultyConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &faultyTx{Tx: tx, d: c.d}, nil
}

func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c *faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

// CheckNamedValue lets the driver say what it takes: PostgreSQL's takes arrays.
func (c *faultyConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

type faultyTx struct {
	driver.Tx
	d *faultyDriver
}

func (tx *faultyTx) Commit() error {
	tx.d.did.Add(1)
	if tx.d.in.Add(-1) >= 0 {
		return tx.Tx.Commit()
	}
	switch fault(tx.d.next.Swap(int32(sound))) {
	case notDone:
		return errors.Join(errCut, tx.Tx.Rollback())
	case doneUnack:
		return errors.Join(errCut, tx.Tx.Commit())
	}
	return tx.Tx.Commit()
}

// Faulty puts a driver between the store and its engine, and returns the
// switch: the next commit fails, after it was kept or before.
func Faulty(t testing.TB, s *Store, addr string) (breakNext func(kept bool)) {
	t.Helper()
	breakLater, _ := FaultyLater(t, s, addr)
	return func(kept bool) { breakLater(0, kept) }
}

// FaultyLater is Faulty for the commit that comes after n others, and counts the
// commits.
func FaultyLater(t testing.TB, s *Store, addr string) (breakLater func(n int, kept bool), commits func() int) {
	t.Helper()
	d := &faultyDriver{Driver: s.w.Driver(), dsn: addr}
	if s.d.name == sqlite.name {
		d.dsn = sqliteDSN(addr) + "&_txlock=immediate"
	}
	old := s.w
	s.w = sql.OpenDB(connector{d})
	if s.d.name == sqlite.name {
		s.w.SetMaxOpenConns(1)
		old.Close()
	} else {
		t.Cleanup(func() { old.Close() })
	}
	return func(n int, kept bool) {
		d.in.Store(int32(n))
		if kept {
			d.next.Store(int32(doneUnack))
		} else {
			d.next.Store(int32(notDone))
		}
	}, func() int { return int(d.did.Load()) }
}

// ErrCut is what a broken commit returns.
var ErrCut = errCut

// A file that is a directory, a text, or cut is refused and not touched.
func TestOpenForeignFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letters.txt")
	words := []byte("this is no database, and somebody wants to keep it\n")
	for len(words) < 5000 {
		words = append(words, words...)
	}
	if err := os.WriteFile(path, words, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), "sqlite:"+path, nil); err == nil {
		s.Close()
		t.Error("a text was opened as a database")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(words) {
		t.Error("the file was changed")
	}
}
