package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dauys/dauys/petition"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the SQLite driver
)

// The failures callers tell apart.
var (
	ErrNotFound    = errors.New("store: not found")
	ErrConflict    = errors.New("store: changed by somebody else")
	ErrDisk        = errors.New("store: the disk does not take what is written")
	ErrFull        = fmt.Errorf("%w: it is full", ErrDisk) // an ErrDisk, too
	ErrUnavailable = errors.New("store: the database does not answer")
	ErrNewer       = errors.New("store: the database was made by a newer version of dauys")
	ErrNotMigrated = errors.New("store: the database is not migrated yet; `dauys migrate` or a start of the server does it")
	ErrNotEmpty    = errors.New("store: the database already holds petitions")
	ErrOlder       = errors.New("store: a server of a release before is up")
)

//go:embed migrations
var migrations embed.FS

// Store is a database. It is safe for concurrent use.
type Store struct {
	// r reads, w writes. In SQLite w is one connection, so that writers queue
	// in the process and never meet SQLITE_BUSY; in PostgreSQL both are the
	// same pool.
	r, w *sql.DB
	d    dialect
	laws petition.Laws
	gen  atomic.Int64 // last generation seen; see Generation

	committed chan struct{} // holds one: SQLite's log has grown; see TidyLog
	refused   atomic.Bool   // the disk did not take a write; see Ready

	prepared prepared     // what r reads often
	totals   totals       // of lists
	follower follower     // of the texts, for searches
	written  sync.Map     // onWriter -> *sql.Stmt; see often
	recent   recentSet    // SQLite's signatures that are not in their table yet
	places   sync.Map     // code -> key, of places that are committed; see placeKeys
	lane     atomic.Int64 // of the outbox that was served last

	// pooled: a pooler in transaction mode stands before PostgreSQL, so that
	// nothing may rest on a session. See openPostgres.
	pooled    bool
	addr      string // of PostgreSQL
	listening atomic.Bool
	replica   replica
}

// Open opens the database that addr names: sqlite:PATH or postgres://... It
// neither migrates nor writes. laws are the profiles petitions may be pinned to.
func Open(ctx context.Context, addr string, laws petition.Laws) (*Store, error) {
	s := &Store{laws: laws, committed: make(chan struct{}, 1), recent: recentSet{most: mostRecent, slice: settleSlice}}
	var err error
	switch scheme, rest, _ := strings.Cut(addr, ":"); scheme {
	case "sqlite":
		err = s.openSQLite(ctx, rest)
	case "postgres", "postgresql":
		err = s.openPostgres(ctx, addr)
	default:
		return nil, fmt.Errorf("store: database %q: want sqlite:PATH or a postgres:// address", scheme)
	}
	if err != nil {
		return nil, err
	}
	if err := s.r.PingContext(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("store: open: %w", s.d.classify(err))
	}
	return s, nil
}

// The order matters: busy_timeout first, so that the others wait.
const sqlitePragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=temp_store(2)&_pragma=wal_autocheckpoint(20000)"

// sqliteDSN names the file at path and what every connection to it is set to.
func sqliteDSN(path string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return u.String() + "?" + sqlitePragmas
}

func (s *Store) openSQLite(ctx context.Context, path string) error {
	if path == "" {
		return errors.New("store: sqlite: no path")
	}
	s.d = sqlite
	// Only its owner may read the file, and so the log beside it, which SQLite
	// gives the same mode. Without its directory there is no file, which SQLite
	// says with less.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		f.Close()
	} else if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("store: %w", err)
	}
	if s.w, err = sql.Open("sqlite", sqliteDSN(path)+"&_pragma=cache_size(-65536)&_txlock=immediate"); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	s.w.SetMaxOpenConns(1)
	// WAL mode must exist before a reader opens the file.
	if err := s.w.PingContext(ctx); err != nil {
		s.w.Close()
		return fmt.Errorf("store: open %s: %w", path, s.d.classify(err))
	}
	if s.r, err = sql.Open("sqlite", sqliteDSN(path)+"&_pragma=cache_size(-4096)&_pragma=query_only(1)"); err != nil {
		s.w.Close()
		return fmt.Errorf("store: %w", err)
	}
	n := max(4, 2*runtime.GOMAXPROCS(0))
	s.r.SetMaxOpenConns(n)
	s.r.SetMaxIdleConns(n)
	return nil
}

// Close ends all connections. SQLite writes what its log holds into the file.
func (s *Store) Close() error {
	err := errors.Join(s.replica.close(), s.w.Close())
	if s.r != nil && s.r != s.w {
		err = errors.Join(err, s.r.Close())
	}
	return err
}

// Engine is "sqlite" or "postgres".
func (s *Store) Engine() string { return s.d.name }

// Readers is how many can read at once; more wait for one another.
func (s *Store) Readers() int { return s.r.Stats().MaxOpenConnections }

// Laws are the profiles this store was opened with.
func (s *Store) Laws() petition.Laws { return s.laws }

func (s *Store) provider() (*goose.Provider, error) {
	sub, err := fs.Sub(migrations, "migrations/"+s.d.name)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(s.d.goose, s.w, sub, goose.WithDisableGlobalRegistry(true), goose.WithTableName("schema_version"))
}

// migrateTries is how often a step is begun: a deadlock costs PostgreSQL a second.
const migrateTries = 20

// Migrate brings the schema to this version, forward only, each step in one
// transaction. It refuses a database of a newer version with ErrNewer. What takes
// minutes on a large database is left to Narrow.
func (s *Store) Migrate(ctx context.Context) error {
	p, err := s.provider()
	if err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	unlock, err := s.lock(ctx, "dauys ")
	if err != nil {
		return fmt.Errorf("store: migrate: %w", s.d.classify(err))
	}
	defer unlock()
	if err := s.checkVersion(ctx, p); err != nil && !errors.Is(err, ErrNotMigrated) {
		return err
	}
	// Two processes may meet on a new SQLite file. On PostgreSQL a step that locks
	// tables may meet a server of the release before that locks them in another
	// order, and be the one who is given up. Each step is one transaction, so the
	// loser finds the winner's work and goes on from there.
	for try := 1; ; try++ {
		_, err := p.Up(ctx)
		if err == nil {
			return errors.Join(s.fillDesk(ctx), s.fillWords(ctx), s.fillNames(ctx), s.fillArchive(ctx), s.leaveNobody(ctx),
				s.narrowSmall(ctx))
		}
		if try == migrateTries || s.d.name != sqlite.name && !lostRace(err) || ctx.Err() != nil {
			return fmt.Errorf("store: migrate: %w", s.d.classify(err))
		}
	}
}

// lock lets one process at a time migrate a PostgreSQL database; SQLite
// has one writer anyway. The lock belongs to a transaction, since a pooler in
// transaction mode would give a session's lock to strangers.
func (s *Store) lock(ctx context.Context, what string) (unlock func(), err error) {
	if s.d.name == sqlite.name {
		return func() {}, nil
	}
	tx, err := s.w.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	unlock = func() { _ = tx.Rollback() } // a connection that is gone has let go of the lock
	for _, query := range []string{
		`SET LOCAL idle_in_transaction_session_timeout = 0`, // it waits for as long as the steps take
		`SELECT pg_advisory_xact_lock(hashtext('` + what + `' || current_schema()))`,
	} {
		if _, err := tx.ExecContext(ctx, query); err != nil {
			unlock()
			return nil, err
		}
	}
	return unlock, nil
}

func (s *Store) checkVersion(ctx context.Context, p *goose.Provider) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("store: schema version: %w", s.d.classify(err))
	}
	sources := p.ListSources()
	switch want := sources[len(sources)-1].Version; {
	case have > want:
		return newer(have, want)
	case have < want:
		return ErrNotMigrated
	}
	return nil
}

func newer(have, want int64) error {
	return fmt.Errorf("%w: schema %d, this program knows %d; run that version, or restore the backup from before the upgrade", ErrNewer, have, want)
}

// schema is the version of the schema that the database has. A database that
// was never migrated is ErrNotMigrated.
func (s *Store) schema(ctx context.Context, q querier) (int64, error) {
	var n int64
	err := q.QueryRowContext(ctx, `SELECT max(version_id) FROM schema_version`).Scan(&n)
	if err == nil {
		return n, nil
	}
	if err = s.d.classify(err); errors.Is(err, ErrUnavailable) || ctx.Err() != nil {
		return 0, err
	}
	return 0, ErrNotMigrated
}

// querier is what reads: a pool, a connection, or a transaction of either.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// knownSchema is the version of the schema that this program was built with.
func (s *Store) knownSchema() (int64, error) {
	files, err := fs.Glob(migrations, "migrations/"+s.d.name+"/*.sql")
	if err != nil || len(files) == 0 {
		return 0, errors.Join(errors.New("store: no migrations"), err)
	}
	return goose.NumericComponent(files[len(files)-1])
}

// Migrated says whether the schema is that of this version: nil, ErrNewer or
// ErrNotMigrated. It writes nothing.
func (s *Store) Migrated(ctx context.Context) error {
	want, err := s.knownSchema()
	if err != nil {
		return err
	}
	switch have, err := s.schema(ctx, s.r); {
	case err != nil:
		return err
	case have > want:
		return newer(have, want)
	case have < want:
		return ErrNotMigrated
	}
	return nil
}

// Meta returns a setting of the deployment, "" when it was never set.
func (s *Store) Meta(ctx context.Context, name string) (string, error) {
	var v string
	err := s.r.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = $1`, name).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, s.d.classify(err)
}

// SetMeta keeps a setting of the deployment.
func (s *Store) SetMeta(ctx context.Context, name, value string) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`INSERT INTO meta (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	})
}

// FirstMeta keeps a setting that was never set, and returns the one that is
// kept: of two that come at once, the first.
func (s *Store) FirstMeta(ctx context.Context, name, value string) (kept string, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		if err := tx.exec(`INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, value); err != nil {
			return err
		}
		return tx.d.scan(tx.row(`SELECT value FROM meta WHERE name = $1`, name), &kept)
	})
	return kept, err
}
