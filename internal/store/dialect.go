package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	sqlitedrv "modernc.org/sqlite"
)

// dialect is everything in which the two engines differ beside the DDL.
type dialect struct {
	name  string
	goose goose.Dialect
	// forUpdate is appended to a SELECT that locks its rows. It leaves the keys
	// alone: a foreign key that is checked elsewhere must neither wait nor deadlock.
	forUpdate  string
	skipLocked string // like forUpdate, and passes rows by that others have locked
	maxArgs    int    // parameters one statement may take
	// deskSearch selects the petitions of the desk with the words in parameter n.
	deskSearch func(n int) string
	// words turns search words (see searchWords) into the parameter of deskSearch.
	words func(words []string) string
	// among is the condition that an id is one of the list in parameter n, which
	// idList writes between brackets: any number of ids is one parameter.
	among    func(n int) string
	brackets string
	snapshot *sql.TxOptions // a read transaction that sees one moment
	clock    string         // a SELECT of the database's time, as stamp writes it
	forShare string         // appended to a SELECT of rows that must stay as they are until the commit
	bump     string         // takes the next generation; the commit tells every server that listens
	// inOrder has the rest of the transaction follow an index where one has the
	// order that is asked for; "" where that is so anyway. PostgreSQL looked at a
	// table when it was nearly empty, and sorts all there is for the first few.
	inOrder string
}

var sqlite = dialect{
	name: "sqlite", goose: goose.DialectSQLite3, maxArgs: 30000,
	deskSearch: func(n int) string {
		return fmt.Sprintf("SELECT rowid FROM desk_search WHERE desk_search MATCH $%d", n)
	},
	words: func(words []string) string { return `"` + strings.Join(words, `"* AND "`) + `"*` },
	among: func(n int) string { return fmt.Sprintf("(SELECT value FROM json_each($%d))", n) }, brackets: "[]",
	snapshot: &sql.TxOptions{ReadOnly: true},
	clock:    `SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,
	bump:     `UPDATE counters SET value = value + 1 WHERE name = 'generation' RETURNING value`,
}

var postgres = dialect{
	name: "postgres", goose: goose.DialectPostgres, forUpdate: " FOR NO KEY UPDATE", skipLocked: " FOR NO KEY UPDATE SKIP LOCKED", maxArgs: 60000,
	deskSearch: func(n int) string {
		return fmt.Sprintf("SELECT petition_id FROM desk WHERE lexemes @@ CAST(CAST($%d AS TEXT) AS TSQUERY)", n)
	},
	words: func(words []string) string { return "'" + strings.Join(words, "':* & '") + "':*" },
	among: func(n int) string { return fmt.Sprintf("(SELECT unnest(CAST(CAST($%d AS TEXT) AS BIGINT[])))", n) }, brackets: "{}",
	snapshot: &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
	clock:    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
	forShare: " FOR SHARE",
	bump: `WITH g AS (UPDATE counters SET value = value + 1 WHERE name = 'generation' RETURNING value)
		SELECT value FROM g, pg_notify('` + channel + `', current_schema() || ' ' || (SELECT value FROM g))`,
	inOrder: `SELECT set_config('enable_sort', 'off', true)`,
}

// The engines' result codes that callers must tell apart.
const (
	sqliteBusy      = 5       // SQLITE_BUSY: another process held the file for long
	sqliteFull      = 13      // SQLITE_FULL
	sqliteIOErr     = 10      // SQLITE_IOERR; a full disk shows as this, too
	pgDiskFull      = "53100" // disk_full
	pgIOError       = "58030" // io_error
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
	pgTooMany       = "53300" // too_many_connections
	pgReadOnly      = "25006" // read_only_sql_transaction: a standby, or a primary that stepped down
	pgIdle          = "25P03" // idle_in_transaction_session_timeout
	pgLockTimeout   = "55P03" // lock_not_available
	pgUnsupported   = "0A000" // feature_not_supported
	pgProtocol      = "08P01" // protocol_violation: a pooler, about a parameter it does not pass on
)

// classify gives an engine's error the name callers know. nil stays nil.
func (d dialect) classify(err error) error {
	if err == nil {
		return nil
	}
	if se, ok := errors.AsType[*sqlitedrv.Error](err); ok {
		if code := se.Code() & 0xff; code == sqliteFull || code == sqliteIOErr && strings.Contains(err.Error(), "no space") {
			return fmt.Errorf("%w: %w", ErrFull, err)
		} else if code == sqliteIOErr {
			return fmt.Errorf("%w: %w", ErrDisk, err)
		} else if code == sqliteBusy {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return err
	}
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case pe.Code == pgDiskFull:
			return fmt.Errorf("%w: %w", ErrFull, err)
		case pe.Code == pgIOError:
			return fmt.Errorf("%w: %w", ErrDisk, err)
		case pe.Code == pgSerialization || pe.Code == pgDeadlock:
			return fmt.Errorf("%w: %w", ErrConflict, err)
		case strings.HasPrefix(pe.Code, "57P") || strings.HasPrefix(pe.Code, "08") || pe.Code == pgReadOnly || pe.Code == pgIdle || pe.Code == pgTooMany:
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		return err
	}
	var ce *pgconn.ConnectError
	var ne net.Error
	if errors.As(err, &ce) || errors.As(err, &ne) && !errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// lostRace reports whether the engine gave this transaction up for another
// one's sake: nothing happened, and it may simply run again. So may one whose
// statement was prepared before a migration gave it results of other types: the
// driver has forgotten it by now.
func lostRace(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == pgSerialization || pe.Code == pgDeadlock ||
		pe.Code == pgUnsupported && pe.Routine == "RevalidateCachedQuery")
}
