package store

import (
	"context"
	"database/sql"
)

// longLog is how many pages SQLite's log may have before the writer is held up
// for the rest of them: 64 MiB. It is held up for as long as a commit or two take,
// however many they are. SQLite itself would carry them in a commit at 20,000.
const longLog = 16384

// Committed gives a sign when commits have made SQLite's log longer. It is for
// one reader, who carries the log over; PostgreSQL needs none.
func (s *Store) Committed() <-chan struct{} { return s.committed }

// Tidied is what TidyLog found.
type Tidied struct {
	Carried int // pages of this log that are in the file now; fewer than before in a log begun anew
	File    int // pages that the file has
}

// TidyLog carries what SQLite's log holds into the file, beside the writer. A
// signature changes a page of its own in a large index, and while the disk
// writes pages to places all over the file no commit goes through: called often,
// it finds few, and nobody waits for long. Where the file is small the log has the
// same pages again and again, and called seldom it writes each of them once.
//
// Order: a reader's connection syncs the log, writes the pages, syncs the file.
// In a crowd there is always a commit more than that, and the log would grow
// for ever: once it is long, the writer's connection carries the rest while
// nobody commits, and the next commit begins the log anew. Cut off anywhere, the
// log still holds everything, and SQLite reads it at the next start.
func (s *Store) TidyLog(ctx context.Context) (t Tidied, err error) {
	if s.d.name != sqlite.name {
		return t, nil
	}
	pages, err := s.checkpoint(ctx, s.r, &t.Carried)
	if err == nil && pages > longLog {
		_, err = s.checkpoint(ctx, s.w, &t.Carried)
	}
	if err != nil {
		return t, err
	}
	return t, s.d.scan(s.queryRow(ctx, `PRAGMA page_count`), &t.File)
}

// checkpoint returns how many pages the log has, carried over or not.
func (s *Store) checkpoint(ctx context.Context, db *sql.DB, carried *int) (pages int, err error) {
	var busy int
	err = db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &pages, carried)
	return pages, s.d.classify(err)
}
