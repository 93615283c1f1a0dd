package store

import (
	"context"
	"time"
)

// Alive says that the server called name is up, for the time ttl by the
// database's clock, and returns how many are, itself among them. Servers whose
// time has run out are struck off, and the letters that they had claimed and
// not handed over are free for everybody. A server that was only frozen then
// finds, at the hand-over, that they are not its own any more.
//
// In one transaction: own row -> rows that ran out -> their letters -> count.
// It may be repeated: what was freed is claimed by somebody else or still free.
func (s *Store) Alive(ctx context.Context, name string, ttl time.Duration) (servers int, err error) {
	knows, err := s.knownSchema()
	if err != nil {
		return 0, err
	}
	err = s.write(ctx, func(tx *Tx) error {
		now, err := tx.clock()
		if err != nil {
			return err
		}
		if err := tx.exec(`INSERT INTO servers (name, until, knows) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET until = excluded.until`,
			name, stamp(now.Add(ttl)), knows); err != nil {
			return err
		}
		// Rows that others are at this moment moving on, or striking off, are passed by.
		if err := tx.strikeOff(`name IN (SELECT name FROM servers WHERE until < $1 AND name <> $2`+tx.d.skipLocked+`)`, stamp(now), name); err != nil {
			return err
		}
		return tx.d.scan(tx.row(`SELECT count(*) FROM servers`), &servers)
	})
	return servers, err
}

// Leave strikes a server off that stops, as Alive does with one that died.
func (s *Store) Leave(ctx context.Context, name string) error {
	return s.write(ctx, func(tx *Tx) error { return tx.strikeOff(`name = $1`, name) })
}

// strikeOff removes servers and frees the letters they had claimed. Letters of
// a holder that is in no list, such as the version before, stay its own until
// their time runs out.
func (tx *Tx) strikeOff(which string, args ...any) error {
	var gone []string
	rows, err := tx.tx.QueryContext(tx.ctx, `DELETE FROM servers WHERE `+which+` RETURNING name`, args...)
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		gone = append(gone, name)
		return err
	})
	for _, name := range gone {
		if err == nil {
			err = tx.exec(`UPDATE outbox SET stage = 0, holder = '' WHERE stage = 1 AND holder = $1`, name)
		}
	}
	return err
}
