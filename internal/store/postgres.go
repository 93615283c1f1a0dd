package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// How long a server that does not answer is believed in.
const (
	// dialWithin is for each host of the list: a host that is down answers
	// nothing at all, and the next one is the primary.
	dialWithin = 3 * time.Second
	// silence is how long a host may leave data or a probe unanswered.
	silence = 10 * time.Second
	// idleLimit is how long PostgreSQL lets a transaction wait for its next
	// statement: a server that is frozen in the middle of one must let go of
	// its locks, or all others would wait for it.
	idleLimit   = "5s"
	idleSetting = "idle_in_transaction_session_timeout"
	pooledLimit = `SET LOCAL ` + idleSetting + ` = '` + idleLimit + `'`
	// commitWithin bounds the transactions for which people wait.
	commitWithin = 10 * time.Second
	// connectionLife lets connections move to where the address leads by now.
	connectionLife = 30 * time.Minute
)

// openPostgres opens a pool of connections. A pooler such as pgbouncer refuses
// a parameter that it cannot keep for a session; that is how it is told from
// PostgreSQL itself. Behind one, statements are described and not prepared,
// and the limit is set in each transaction that writes.
func (s *Store) openPostgres(ctx context.Context, addr string) error {
	db, pooled, err := openPool(ctx, addr)
	if err != nil {
		return err
	}
	s.d, s.r, s.w, s.addr, s.pooled = postgres, db, db, addr, pooled
	return nil
}

func openPool(ctx context.Context, addr string) (db *sql.DB, pooled bool, err error) {
	cfg, err := postgresConfig(addr)
	if err != nil {
		return nil, false, err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	var pe *pgconn.PgError
	switch {
	case err == nil:
		conn.Close(ctx)
	case errors.As(err, &pe) && pe.Code == pgProtocol && strings.Contains(pe.Message, idleSetting):
		pooled = true
		delete(cfg.RuntimeParams, idleSetting)
		if !strings.Contains(addr, "default_query_exec_mode") {
			cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		}
	default:
		return nil, false, fmt.Errorf("store: open: %w", postgres.classify(err))
	}
	db = stdlib.OpenDB(*cfg)
	n := max(8, 4*runtime.GOMAXPROCS(0))
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	db.SetConnMaxLifetime(connectionLife)
	return db, pooled, nil
}

// postgresConfig reads an address. What it leaves open is set so that a host
// that went silent is noticed, and a frozen server holds no lock for long.
func postgresConfig(addr string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(addr)
	if err != nil {
		return nil, errors.New("store: the address of the database is not well-formed") // err may hold the password
	}
	if !strings.Contains(addr, "connect_timeout") {
		cfg.ConnectTimeout = dialWithin
	}
	if cfg.RuntimeParams[idleSetting] == "" {
		cfg.RuntimeParams[idleSetting] = idleLimit
	}
	dialer := net.Dialer{Control: giveUp, KeepAliveConfig: net.KeepAliveConfig{Enable: true,
		Idle: silence / 2, Interval: silence / 5, Count: 3}}
	cfg.DialFunc = dialer.DialContext
	return cfg, nil
}

// writeSoon is write for what people wait for: after commitWithin the answer
// is ErrUnavailable, although the commit may still land. SQLite, on a disk of
// its own, is waited for.
func (s *Store) writeSoon(ctx context.Context, f func(*Tx) error) error {
	if s.d.name == sqlite.name {
		return s.write(ctx, f)
	}
	soon, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	err := s.write(soon, f)
	if err != nil && soon.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
