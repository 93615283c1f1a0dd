package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/dauys/dauys/petition"
)

// maxLine is how long a line of a backup may be: an imported document with room to spare.
const maxLine = 64 << 20

// Restore replaces everything in the store with a backup, in one transaction:
// readers see the old world until the commit and the new one from then on.
// The store must be migrated. Unless replace is set it must hold nothing
// (ErrNotEmpty). A file that is not whole, or was altered anywhere, is
// ErrDamaged and changes nothing; one of a newer version is ErrNewer.
//
// Order of effects:
//  1. writers of other processes are held up;
//  2. everything is erased, children before parents;
//  3. rows are inserted as they are read, parents before children;
//  4. the file's end is compared: counts and hashes;
//  5. search words are made from the records, sequences set, and the
//     generation moved beyond both worlds, so that every cache lets go;
//  6. commit.
func (s *Store) Restore(ctx context.Context, r io.Reader, replace bool) (Counts, error) {
	in, err := newBackupReader(r)
	if err != nil {
		return nil, fmt.Errorf("store: restore: %w", err)
	}
	defer in.close()
	known, err := s.knownSchema()
	if err != nil {
		return nil, err
	}
	if have, err := s.schema(ctx, s.r); err != nil {
		return nil, err
	} else if have != known {
		return nil, fmt.Errorf("%w: schema %d, this program knows %d", ErrNotMigrated, have, known)
	}
	if err := in.header(known); err != nil {
		return nil, fmt.Errorf("store: restore: %w", err)
	}
	var counts Counts
	// Once: the file cannot be read twice.
	err = s.writeOnce(ctx, func(tx *Tx) error {
		counts, err = tx.restore(in, replace)
		return err
	})
	if errors.Is(err, ErrNotEmpty) {
		return nil, err // says all there is to say, to who moves a site, too
	} else if err != nil {
		return nil, fmt.Errorf("store: restore: %w", err)
	}
	return counts, nil
}

func (tx *Tx) restore(in *backupReader, replace bool) (Counts, error) {
	if tx.d.name == postgres.name {
		if err := tx.exec(`LOCK TABLE ` + strings.Join(lockOrder(), ", ") + ` IN EXCLUSIVE MODE`); err != nil {
			return nil, err
		}
	}
	if err := tx.checkEmpty(replace); err != nil {
		return nil, err
	}
	var old, oldSearch int64
	if err := tx.d.scan(tx.row(`SELECT COALESCE(max(CASE name WHEN 'generation' THEN value END), 0),
		COALESCE(max(CASE name WHEN 'search' THEN value END), 0) FROM counters`), &old, &oldSearch); err != nil {
		return nil, err
	}
	if err := tx.erase(); err != nil {
		return nil, err
	}
	counts, err := in.tables(tx)
	if err != nil {
		return nil, err
	}
	if err := tx.countAgain(counts); err != nil {
		return nil, err
	}
	if err := tx.indexAll(oldSearch); err != nil {
		return nil, err
	}
	if err := tx.setSequences(); err != nil {
		return nil, err
	}
	tx.bumped = true
	return counts, tx.exec(`UPDATE counters SET value = $1 WHERE name = 'generation' AND value < $1`, old)
}

// checkEmpty refuses a store in which somebody's work would be lost.
func (tx *Tx) checkEmpty(replace bool) error {
	if replace {
		return nil
	}
	for _, name := range []string{"petitions", "bodies", "staff", "outbox"} {
		var n int
		if err := tx.d.scan(tx.row(`SELECT count(*) FROM (SELECT 1 FROM `+name+` LIMIT 1) x`), &n); err != nil {
			return err
		}
		if n > 0 {
			return ErrNotEmpty
		}
	}
	return nil
}

func (tx *Tx) erase() error {
	if err := tx.exec(`DELETE FROM petition_words`); err != nil {
		return err
	}
	if tx.d.name == sqlite.name { // a backup has those who are recent as rows of signatures
		if err := tx.exec(`DELETE FROM recent`); err != nil {
			return err
		}
	}
	for _, t := range slices.Backward(tables) {
		if err := tx.exec(`DELETE FROM ` + t.name); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) countAgain(counts Counts) error {
	for _, c := range counts {
		var n int64
		if err := tx.d.scan(tx.row(`SELECT count(*) FROM `+c.Table), &n); err != nil {
			return err
		}
		if n != c.Rows {
			return fmt.Errorf("table %s: %d rows written, %d are there", c.Table, c.Rows, n)
		}
	}
	return nil
}

// indexAll makes the search words of all petitions, in steps, beyond those of
// both worlds.
func (tx *Tx) indexAll(old int64) error {
	if err := tx.exec(`UPDATE counters SET value = $1 WHERE name = 'search' AND value < $1`, old); err != nil {
		return err
	}
	for last := petition.ID(0); ; {
		next, err := tx.indexSome(last)
		if err != nil {
			return err
		}
		if next == last {
			return tx.indexedAnew()
		}
		last = next
	}
}

// setSequences lets the database give ids from the highest on.
func (tx *Tx) setSequences() error {
	if tx.d.name != postgres.name {
		return nil // SQLite looks at the rows
	}
	for _, t := range tables {
		if !t.counted {
			continue
		}
		if err := tx.exec(`SELECT setval(pg_get_serial_sequence('` + t.name + `', 'id'),
			COALESCE((SELECT max(id) FROM ` + t.name + `), 0) + 1, false)`); err != nil {
			return err
		}
	}
	return nil
}

// backupReader reads the lines of a backup.
type backupReader struct {
	zr    *zstd.Decoder
	lines *bufio.Scanner
	sum   hash.Hash // of the lines before the current one
	head  backupHeader
}

func newBackupReader(r io.Reader) (*backupReader, error) {
	zr, err := zstd.NewReader(newSealReader(r), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return nil, err
	}
	in := &backupReader{zr: zr, lines: bufio.NewScanner(zr), sum: sha256.New()}
	in.lines.Buffer(make([]byte, 1<<16), maxLine)
	return in, nil
}

func (in *backupReader) close() { in.zr.Close() }

// next is the next line without its end, nil at the end of the file. Any way
// in which the bytes do not read is damage.
func (in *backupReader) next() ([]byte, error) {
	if in.lines.Scan() {
		return in.lines.Bytes(), nil
	}
	if err := in.lines.Err(); err != nil && !errors.Is(err, ErrDamaged) {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	} else if err != nil {
		return nil, err
	}
	return nil, nil
}

// done notes that a line was read and was not the trailer.
func (in *backupReader) done(line []byte) {
	in.sum.Write(line)
	in.sum.Write([]byte{'\n'})
}

func (in *backupReader) header(known int64) error {
	line, err := in.next()
	if err != nil {
		return err
	}
	if json.Unmarshal(line, &in.head) != nil || in.head.Dauys != backupName {
		return ErrDamaged
	}
	if in.head.Format > backupFormat || in.head.Schema > known {
		return fmt.Errorf("%w: format %d, schema %d", ErrNewer, in.head.Format, in.head.Schema)
	}
	in.done(line)
	return nil
}

// tables inserts all tables of the file and compares its end.
func (in *backupReader) tables(tx *Tx) (Counts, error) {
	var counts Counts
	var ins *inserter
	left := tables // those that may still come
	for {
		line, err := in.next()
		switch {
		case err != nil:
			return nil, err
		case len(line) == 0:
			return nil, fmt.Errorf("%w: no end", ErrDamaged)
		case line[0] == '[' && ins != nil:
			if err := ins.add(line); err != nil {
				return nil, fmt.Errorf("table %s: %w", ins.t.name, err)
			}
			in.done(line)
			continue
		}
		if ins != nil {
			if err := ins.flush(); err != nil {
				return nil, fmt.Errorf("table %s: %w", ins.t.name, err)
			}
			counts = append(counts, Count{ins.t.name, ins.n})
		}
		if bytes.HasPrefix(line, []byte(`{"counts":`)) {
			return counts, in.end(line, counts)
		}
		if ins, left, err = tx.inserter(line, left); err != nil {
			return nil, err
		}
		in.done(line)
	}
}

// end compares the trailer with what was read, and that nothing follows.
func (in *backupReader) end(line []byte, counts Counts) error {
	var trailer backupTrailer
	if err := json.Unmarshal(line, &trailer); err != nil {
		return fmt.Errorf("%w: the end does not read", ErrDamaged)
	}
	sum := hex.EncodeToString(in.sum.Sum(nil))
	if subtle.ConstantTimeCompare([]byte(sum), []byte(trailer.SHA256)) != 1 || !slices.Equal(counts, trailer.Counts) {
		return fmt.Errorf("%w: counts or hash differ", ErrDamaged)
	}
	if len(counts) != len(tables) {
		return fmt.Errorf("%w: %d tables, want %d", ErrDamaged, len(counts), len(tables))
	}
	if more, err := in.next(); err != nil || more != nil {
		return errors.Join(fmt.Errorf("%w: something follows the end", ErrDamaged), err)
	}
	return nil
}

// inserter writes the rows of one table, many with each statement.
type inserter struct {
	tx    *Tx
	t     table
	query string
	full  *sql.Stmt // for chunk rows
	chunk int
	args  []any
	have  int // rows in args
	n     int64
}

// inserter starts the table of a head line, which must be one of left, whole.
func (tx *Tx) inserter(line []byte, left []table) (*inserter, []table, error) {
	var head backupTable
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, nil, fmt.Errorf("%w: the head of a table does not read", ErrDamaged)
	}
	if len(left) == 0 || left[0].name != head.Table || !slices.Equal(left[0].columns, head.Columns) {
		return nil, nil, fmt.Errorf("%w: unexpected table or columns", ErrDamaged)
	}
	t := left[0]
	ins := &inserter{tx: tx, t: t, chunk: max(1, 3000/len(t.columns)),
		query: `INSERT INTO ` + t.name + ` (` + strings.Join(t.columns, ", ") + `) VALUES `}
	return ins, left[1:], nil
}

func (ins *inserter) add(line []byte) (err error) {
	if ins.args, err = parseRow(line, ins.t.kinds, ins.args); err != nil {
		return err
	}
	ins.n++
	if ins.have++; ins.have < ins.chunk {
		return nil
	}
	if ins.full == nil {
		ins.full, err = ins.tx.tx.PrepareContext(ins.tx.ctx, ins.query+ins.tx.d.tuples(ins.chunk, len(ins.t.columns)))
		if err != nil {
			return ins.tx.d.classify(err)
		}
	}
	_, err = ins.full.ExecContext(ins.tx.ctx, ins.args...)
	ins.args, ins.have = ins.args[:0], 0
	return ins.tx.d.classify(err)
}

func (ins *inserter) flush() error {
	if ins.full != nil {
		defer ins.full.Close()
	}
	if ins.have == 0 {
		return nil
	}
	return ins.tx.exec(ins.query+ins.tx.d.tuples(ins.have, len(ins.t.columns)), ins.args...)
}
