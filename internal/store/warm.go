package store

import (
	"bytes"
	"context"
	"fmt"

	"github.com/dauys/dauys/petition"
)

// manySignatures is from how many signatures on a petition's index is worth
// reading ahead: a smaller one is in memory after the first few who sign.
const manySignatures = 100_000

// Warm reads the index of the signatures of every large petition that people
// can sign now, the largest first, and tells how many signatures that were. It
// brings SQLite's file into the memory of the system, and PostgreSQL's pages
// into its buffers: after a start of the machine each signature would else wait
// for a page from the disk. Small portions, so that no reader keeps SQLite's log
// from being carried over, or a plan that walks the whole table is worth while
// to PostgreSQL; while people sign already, each portion is one that need not
// wait any more. A PostgreSQL that is started again while this server runs has
// means of its own (pg_prewarm, see docs/operations/country.md).
func (s *Store) Warm(ctx context.Context) (signatures int64, err error) {
	return s.warm(ctx, manySignatures)
}

func (s *Store) warm(ctx context.Context, many int64) (signatures int64, err error) {
	ids, err := s.ids(ctx, `SELECT id FROM petitions WHERE state = $1 AND count >= $2 ORDER BY count DESC, id`, string(petition.Open), many)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		for first := range 256 {
			var n int64
			// Nullifiers are spread evenly: each first byte has a 256th of them. Counting
			// them takes the unique index alone.
			from, to := firstByte(first)
			if err := s.r.QueryRowContext(ctx, `SELECT count(*) FROM signatures WHERE petition_id = $1 AND nullifier BETWEEN $2 AND $3`,
				int64(id), from, to).Scan(&n); err != nil {
				return signatures, fmt.Errorf("store: warm: %w", s.d.classify(err))
			}
			signatures += n
		}
	}
	return signatures, nil
}

// firstByte are bounds of all nullifiers that begin with b: no shorter blob does.
func firstByte(b int) (from, to []byte) {
	return []byte{byte(b)}, append([]byte{byte(b)}, bytes.Repeat([]byte{0xff}, 16)...)
}
