package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/dauys/dauys/register"
)

// ImportBodies brings the public bodies of a list in, in one transaction: new
// ones and those that differ are written, the others stay. Bodies that are not
// on the list stay, too: petitions may be addressed to them.
func (s *Store) ImportBodies(ctx context.Context, bodies []register.Body) (added, unchanged int, err error) {
	err = s.write(ctx, func(tx *Tx) error {
		added, unchanged = 0, 0
		for _, b := range bodies {
			record, err := json.Marshal(b)
			if err != nil {
				return fmt.Errorf("store: body %s: %w", b.ID, err)
			}
			n, err := tx.affected(`INSERT INTO bodies (id, place, record) VALUES ($1, $2, $3)
				ON CONFLICT (id) DO UPDATE SET place = excluded.place, record = excluded.record
				WHERE bodies.record <> excluded.record`, b.ID, b.Place, string(record))
			if err != nil {
				return err
			}
			if n == 0 {
				unchanged++
			} else {
				added++
			}
		}
		tx.bumped = added > 0
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	return added, unchanged, nil
}

// Bodies are all public bodies, by id. All of a body is public.
func (s *Store) Bodies(ctx context.Context) ([]register.Body, error) {
	var bodies []register.Body
	rows, err := s.query(ctx, `SELECT record FROM bodies ORDER BY id`)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		b, err := scanBody(scan)
		bodies = append(bodies, b)
		return err
	})
	return bodies, err
}

// Body is the public body with this id, or ErrNotFound.
func (s *Store) Body(ctx context.Context, id string) (register.Body, error) {
	return scanBody(func(dest ...any) error {
		return s.d.scan(s.queryRow(ctx, `SELECT record FROM bodies WHERE id = $1`, id), dest...)
	})
}

func scanBody(scan scanner) (register.Body, error) {
	var b register.Body
	var record string
	if err := scan(&record); err != nil {
		return b, err
	}
	if err := json.Unmarshal([]byte(record), &b); err != nil {
		return b, fmt.Errorf("store: record of a body: %w", err)
	}
	return b, nil
}
