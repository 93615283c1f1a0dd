package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/dauys/dauys/register"
)

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
