package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dauys/dauys/petition"
)

// Import is a petition of another site as it stands there. It is read-only here.
type Import struct {
	petition.Petition // Number, State, Texts, Lang, Topics, times; Count
	Origin            Origin
	Archived          bool
	Debate            Debate
	UpdatedAt         time.Time // zero where the export does not say
	Hash              [16]byte  // of the row or document
	Document          json.RawMessage
	Listed            json.RawMessage
	Parliament        json.RawMessage
}

// ImportOutcome is what became of one imported row.
type ImportOutcome int

// The outcomes of an import.
const (
	Imported  ImportOutcome = iota + 1 // new, or newer than what was here
	Unchanged                          // here already, or here in a richer or newer form
	Taken                              // the number belongs to a petition made here
)

// Imports brings a batch in, in one transaction. It is idempotent: the same
// row again is Unchanged, so an import that was cut off is simply run again.
//
// A document replaces a row of a list, a row never replaces a document, and a
// document never replaces one that was updated later.
func (s *Store) Imports(ctx context.Context, batch []Import, now time.Time) ([]ImportOutcome, error) {
	out := make([]ImportOutcome, len(batch))
	err := s.write(ctx, func(tx *Tx) error {
		clear(out)
		have, err := tx.importedAlready(batch)
		if err != nil {
			return err
		}
		var fresh []int
		inBatch := make(map[int64]bool, len(batch))
		for i := range batch {
			m := &batch[i]
			old, exists := have[m.Number]
			switch {
			case inBatch[m.Number]:
				out[i] = Unchanged
				continue
			case !exists:
				fresh = append(fresh, i)
				out[i] = Imported
			default:
				if out[i], err = tx.reimport(old, m, now); err != nil {
					return fmt.Errorf("petition %d: %w", m.Number, err)
				}
			}
			inBatch[m.Number] = true
			tx.bumped = tx.bumped || out[i] == Imported
		}
		return tx.insertImports(batch, fresh, now)
	})
	if s.d.name == sqlite.name {
		// What a batch leaves in the cache the next one hardly needs, and the
		// allocator takes 8 KiB for each of its pages of 4. The batch is committed
		// whatever becomes of this.
		_, _ = s.w.ExecContext(ctx, `PRAGMA shrink_memory`)
	}
	return out, err
}

type importedRow struct {
	id      petition.ID
	origin  Origin
	hash    []byte
	updated time.Time
}

func (tx *Tx) importedAlready(batch []Import) (map[int64]importedRow, error) {
	have := make(map[int64]importedRow)
	if len(batch) == 0 {
		return have, nil
	}
	args := make([]any, len(batch))
	for i := range batch {
		args[i] = batch[i].Number
	}
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT p.number, p.id, p.origin, p.updated_at, i.hash FROM petitions p
		LEFT JOIN imports i ON i.petition_id = p.id WHERE p.number IN `+tx.d.tuples(1, len(args)), args...)
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		var n int64
		var r importedRow
		var updated string
		if err := scan(&n, &r.id, &r.origin, &updated, &r.hash); err != nil {
			return err
		}
		var err error
		r.updated, err = parseStamp(updated)
		have[n] = r
		return err
	})
	return have, err
}

func (tx *Tx) reimport(old importedRow, m *Import, now time.Time) (ImportOutcome, error) {
	switch {
	case old.origin == Here || old.origin == Replay:
		return Taken, nil
	case bytes.Equal(old.hash, m.Hash[:]):
		return Unchanged, nil
	case old.origin == UKJSON && (m.Origin == UKCSV || m.UpdatedAt.Before(old.updated)):
		return Unchanged, nil
	}
	m.ID = old.id
	cols, err := importColumns(m, now)
	if err != nil {
		return 0, err
	}
	for _, c := range cols {
		if err := tx.exec(`UPDATE petitions SET `+c.name+` = $1 WHERE id = $2`, c.value, int64(old.id)); err != nil {
			return 0, err
		}
	}
	if err := tx.exec(`UPDATE imports SET hash = $1, document = $2, listed = $3, parliament = $4 WHERE petition_id = $5`,
		m.Hash[:], nullText(m.Document), nullText(m.Listed), nullText(m.Parliament), int64(old.id)); err != nil {
		return 0, err
	}
	if err := tx.exec(`DELETE FROM topics WHERE petition_id = $1`, int64(old.id)); err != nil {
		return 0, err
	}
	if err := tx.setTopics(old.id, m.Topics); err != nil {
		return 0, err
	}
	tx.index(m.Petition)
	return Imported, nil
}

// importColumns are all columns of an imported petition, in a fixed order.
func importColumns(m *Import, now time.Time) ([]column, error) {
	updated := m.UpdatedAt
	if updated.IsZero() {
		updated = now
	}
	cols, err := columns(m.Petition, nil, updated)
	if err != nil {
		return nil, err
	}
	for i := range cols {
		switch cols[i].name {
		case "response_at":
			cols[i].value = stampOrNull(m.Debate.ResponseAt)
		case "answered_at":
			cols[i].value = stampOrNull(m.Debate.AnsweredAt)
		case "debate_at":
			cols[i].value = stampOrNull(m.Debate.ReachedAt)
		}
	}
	on := any(nil)
	if !m.Debate.On.IsZero() {
		on = m.Debate.On.String()
	}
	return append(cols, column{"debate_on", on}, column{"debated_at", stampOrNull(m.Debate.DebatedAt)},
		column{"debated", bit(m.Debate.Debated)}, column{"origin", string(m.Origin)}, column{"archived", bit(m.Archived)},
		column{"count", m.Count}, column{"shown", m.Count}, column{"created_at", stamp(m.CreatedAt)}), nil
}

func nullText(b json.RawMessage) any {
	if b == nil {
		return nil
	}
	return string(b)
}

// insertImports writes new petitions with few statements: petitions, then
// their documents; search words follow at the end.
func (tx *Tx) insertImports(batch []Import, fresh []int, now time.Time) error {
	const perStatement = 200
	for len(fresh) > 0 {
		chunk := fresh[:min(perStatement, len(fresh))]
		fresh = fresh[len(chunk):]
		if err := tx.insertPetitions(batch, chunk, now); err != nil {
			return err
		}
		args := make([]any, 0, 5*len(chunk))
		for _, i := range chunk {
			m := &batch[i]
			args = append(args, int64(m.ID), m.Hash[:], nullText(m.Document), nullText(m.Listed), nullText(m.Parliament))
		}
		if err := tx.exec(`INSERT INTO imports (petition_id, hash, document, listed, parliament) VALUES `+
			tx.d.tuples(len(chunk), 5), args...); err != nil {
			return err
		}
		for _, i := range chunk {
			m := &batch[i]
			if err := tx.setTopics(m.ID, m.Topics); err != nil {
				return err
			}
			if m.State.Public() {
				tx.index(m.Petition)
			}
		}
	}
	return nil
}

// insertPetitions inserts the petitions of chunk and notes their ids.
func (tx *Tx) insertPetitions(batch []Import, chunk []int, now time.Time) error {
	var names strings.Builder
	var args []any
	width := 0
	for _, i := range chunk {
		m := &batch[i]
		cols, err := importColumns(m, now)
		if err != nil {
			return err
		}
		if width == 0 {
			for _, c := range cols {
				names.WriteString(c.name + ", ")
			}
			width = len(cols) + 2
		}
		for _, c := range cols {
			args = append(args, c.value)
		}
		args = append(args, m.UID[:], int64(1))
	}
	rows, err := tx.tx.QueryContext(tx.ctx, `INSERT INTO petitions (`+names.String()+`uid, version) VALUES `+
		tx.d.tuples(len(chunk), width)+` RETURNING id, number`, args...)
	ids := make(map[int64]petition.ID, len(chunk))
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		var id petition.ID
		var n int64
		if err := scan(&id, &n); err != nil {
			return err
		}
		ids[n] = id
		return nil
	})
	for _, i := range chunk {
		batch[i].ID = ids[batch[i].Number]
	}
	return err
}
