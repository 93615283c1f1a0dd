package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// channel is where PostgreSQL tells of generations; see dialect.bump.
const channel = "dauys"

// ErrNoListen says that changes of other servers cannot be listened to here:
// SQLite has none, and a pooler in transaction mode does not pass them on.
var ErrNoListen = errors.New("store: nothing to listen to")

// Listen learns of generations at the moment another server commits them,
// over a connection of its own, until ctx ends or the connection does. addr
// leads to PostgreSQL itself, past a pooler; "" is the address of the store.
// Who listens still polls now and then: a message can be lost, a counter not.
func (s *Store) Listen(ctx context.Context, addr string) error {
	if addr == "" {
		addr = s.addr
		if s.pooled {
			return ErrNoListen
		}
	}
	if s.d.name == sqlite.name {
		return ErrNoListen
	}
	cfg, err := postgresConfig(addr)
	if err != nil {
		return err
	}
	delete(cfg.RuntimeParams, idleSetting)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("store: listen: %w", s.d.classify(err))
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var schema string
	if err := conn.QueryRow(ctx, `SELECT current_schema()`).Scan(&schema); err != nil {
		return fmt.Errorf("store: listen: %w", s.d.classify(err))
	}
	if _, err := conn.Exec(ctx, `LISTEN `+channel); err != nil {
		return fmt.Errorf("store: listen: %w", s.d.classify(err))
	}
	if err := s.PollGeneration(ctx); err != nil { // what was committed before
		return err
	}
	s.listening.Store(true)
	defer s.listening.Store(false)
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("store: listen: %w", s.d.classify(err))
		}
		s.heard(schema, n.Payload)
	}
}

// heard takes a message in. One of another site in the same database, or one
// that is none of ours, is nothing.
func (s *Store) heard(schema, payload string) {
	from, number, _ := strings.Cut(payload, " ")
	if gen, err := strconv.ParseInt(number, 10, 64); err == nil && from == schema {
		s.saw(gen)
	}
}

// Listening reports whether generations arrive by themselves at this moment.
func (s *Store) Listening() bool { return s.listening.Load() }
