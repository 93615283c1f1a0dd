package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// ErrDamaged is returned for a file that is no backup, or not a whole one.
var ErrDamaged = errors.New("store: not a whole backup")

const (
	backupName   = "backup"
	backupFormat = 1
)

// A backup is JSON lines under zstd, the same for both engines:
//
//	header, then for each table its head and its rows, then the trailer
//
// and behind the last frame the seal.
type (
	backupHeader struct {
		Dauys  string `json:"dauys"` // "backup"
		Format int    `json:"format"`
		Schema int64  `json:"schema"`
		At     string `json:"at"` // by the clock of the database
	}
	backupTable struct {
		Table   string   `json:"table"`
		Columns []string `json:"columns"`
	}
	backupTrailer struct {
		Counts Counts `json:"counts"`
		SHA256 string `json:"sha256"` // of all lines before
	}
)

// Backup writes everything but the keys to w, as of one moment, while serving
// goes on. Addresses stay sealed. It returns how many rows of each table it wrote.
func (s *Store) Backup(ctx context.Context, w io.Writer) (Counts, error) {
	tx, err := s.r.BeginTx(ctx, s.d.snapshot)
	if err != nil {
		return nil, s.d.classify(err)
	}
	defer tx.Rollback()
	sealed := newSealWriter(w)
	zw, err := zstd.NewWriter(sealed)
	if err != nil {
		return nil, fmt.Errorf("store: backup: %w", err)
	}
	counts, err := s.backupLines(ctx, tx, zw)
	if cerr := zw.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = sealed.seal()
	}
	if err != nil {
		return nil, fmt.Errorf("store: backup: %w", err)
	}
	return counts, nil
}

func (s *Store) backupLines(ctx context.Context, tx *sql.Tx, w io.Writer) (Counts, error) {
	schema, err := s.schema(ctx, tx)
	if err != nil {
		return nil, err
	}
	head := backupHeader{Dauys: backupName, Format: backupFormat, Schema: schema}
	if err := tx.QueryRowContext(ctx, s.d.clock).Scan(&head.At); err != nil {
		return nil, s.d.classify(err)
	}
	sum := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<18)
	if err := writeLine(out, head); err != nil {
		return nil, err
	}
	var trailer backupTrailer
	for _, t := range tables {
		n, err := s.backupTable(ctx, tx, t, out)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", t.name, err)
		}
		trailer.Counts = append(trailer.Counts, Count{t.name, n})
	}
	if err := out.Flush(); err != nil {
		return nil, err
	}
	trailer.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if err := writeLine(out, trailer); err != nil {
		return nil, err
	}
	return trailer.Counts, out.Flush()
}

func writeLine(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	return err
}

// backupTable writes one table row by row; no more than a row is in memory.
func (s *Store) backupTable(ctx context.Context, tx *sql.Tx, t table, w io.Writer) (n int64, err error) {
	if err := writeLine(w, backupTable{t.name, t.columns}); err != nil {
		return 0, err
	}
	values, dest := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		dest[i] = &values[i]
	}
	var line []byte
	columns := strings.Join(t.columns, ", ")
	query := `SELECT ` + columns + ` FROM ` + t.name
	if t.name == "signatures" && s.d.name == sqlite.name {
		query += ` UNION ALL SELECT ` + columns + ` FROM (` + recentRows + `)`
	}
	rows, err := tx.QueryContext(ctx, query+` ORDER BY `+t.order)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		if err := scan(dest...); err != nil {
			return err
		}
		if line, err = appendRow(line[:0], values); err != nil {
			return err
		}
		n++
		_, err := w.Write(line)
		return err
	})
	return n, err
}

// Move carries everything from one store to another, which must be empty, and
// compares: what was read, what was written, and what then is there.
func Move(ctx context.Context, from, to *Store) (Counts, error) {
	pr, pw := io.Pipe()
	type result struct {
		counts Counts
		err    error
	}
	read := make(chan result, 1)
	go func() {
		counts, err := from.Backup(ctx, pw)
		pw.CloseWithError(err)
		read <- result{counts, err}
	}()
	written, err := to.Restore(ctx, pr, false)
	pr.CloseWithError(errors.Join(errors.New("store: move: the other side gave up"), err))
	got := <-read
	switch {
	case err != nil:
		return nil, err
	case got.err != nil:
		return nil, got.err
	}
	for _, c := range got.counts {
		if n := written.Rows(c.Table); n != c.Rows {
			return nil, fmt.Errorf("store: move: table %s: %d rows read, %d written", c.Table, c.Rows, n)
		}
	}
	return written, nil
}
