package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dauys/dauys/internal/imports"
	"github.com/dauys/dauys/internal/store"
)

// defaultBatch is how many petitions one transaction brings in.
const defaultBatch = 1000

// Result counts what became of the petitions of one export.
type Result struct {
	Imported, Unchanged, Rejected int
}

// TakenError says that a petition made here has the number of an imported one.
type TakenError struct {
	File   string
	Line   int // where the record starts
	Number int64
}

// Error is file:line: reason.
func (e *TakenError) Error() string {
	return fmt.Sprintf("%s:%d: petition %d was made here", e.File, e.Line, e.Number)
}

// UK reads one export of petition.parliament.uk into the store. name stands in
// faults. Each fault (*imports.RowError, *TakenError, *imports.FileError) is
// handed to fault as it is met, in the order of the file within a batch; a bad
// row is counted as rejected and the good ones are kept.
//
// batch is how many petitions one transaction takes, 0 for a good number. What
// was committed stays when UK fails half way; run again, it goes on from there.
// The error is the store's, or nil: a file that could not be read to its end is
// a fault and counts as one rejected.
func UK(ctx context.Context, st *store.Store, r io.Reader, name string, now time.Time, batch int, fault func(error)) (Result, error) {
	if batch <= 0 {
		batch = defaultBatch
	}
	in := &intake{st: st, name: name, now: now, fault: fault}
	for rec, err := range imports.Read(r, name) {
		if err != nil {
			in.reject(err)
			continue
		}
		in.rows = append(in.rows, FromRecord(rec, UKUID(rec.Number)))
		in.lines = append(in.lines, rec.Line)
		if len(in.rows) >= batch {
			if err := in.flush(ctx); err != nil {
				return in.Result, err
			}
		}
	}
	return in.Result, in.flush(ctx)
}

// intake is one export on its way in.
type intake struct {
	Result
	st    *store.Store
	name  string
	now   time.Time
	fault func(error)
	rows  []store.Import
	lines []int
}

func (in *intake) reject(err error) {
	in.Rejected++
	in.fault(err)
}

// flush commits the batch. A conflict with another writer is tried once more:
// the batch is idempotent.
func (in *intake) flush(ctx context.Context) error {
	if len(in.rows) == 0 {
		return nil
	}
	out, err := in.st.Imports(ctx, in.rows, in.now)
	if errors.Is(err, store.ErrConflict) {
		out, err = in.st.Imports(ctx, in.rows, in.now)
	}
	if err != nil {
		return fmt.Errorf("%s:%d: %w", in.name, in.lines[0], err)
	}
	for i, o := range out {
		switch o {
		case store.Imported:
			in.Imported++
		case store.Unchanged:
			in.Unchanged++
		case store.Taken:
			in.reject(&TakenError{File: in.name, Line: in.lines[i], Number: in.rows[i].Number})
		}
	}
	in.rows, in.lines = in.rows[:0], in.lines[:0]
	return nil
}
