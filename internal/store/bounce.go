package store

import (
	"context"
	"time"
)

// Bounce is a letter that came back.
type Bounce struct {
	Tag          [16]byte // keyed hash of the tag on its envelope
	Priority     int      // its class
	Sent         time.Time
	Subscription []byte // of news; nil for other letters
	Hard         bool   // there is no such address
}

// bouncesKept is for how many days the tags of letters that came back are
// remembered: longer than a tag is good for.
const bouncesKept = 30

// Bounced counts a letter that came back, once however often that is reported:
// false when it was known. A subscriber's address loses its subscription as
// with a refusal: at once when there is no such address, at the third one
// otherwise. It may be repeated.
func (s *Store) Bounced(ctx context.Context, b Bounce, now time.Time) (fresh bool, err error) {
	day := now.UTC().Format("2006-01-02")
	err = s.write(ctx, func(tx *Tx) error {
		if err := tx.exec(`DELETE FROM bounces WHERE day < $1`, now.UTC().AddDate(0, 0, -bouncesKept).Format("2006-01-02")); err != nil {
			return err
		}
		n, err := tx.affected(`INSERT INTO bounces (tag, day) VALUES ($1, $2) ON CONFLICT (tag) DO NOTHING`, b.Tag[:], day)
		if fresh = n > 0; err != nil || !fresh {
			return err
		}
		if b.Subscription != nil {
			if err := tx.refuse(RefusedAddress{Subscription: b.Subscription, Hard: b.Hard}); err != nil {
				return err
			}
		}
		return tx.exec(`INSERT INTO letter_counts (day, priority, result, count) VALUES ($1, $2, $3, 1)
			ON CONFLICT (day, priority, result) DO UPDATE SET count = letter_counts.count + 1`, day, b.Priority, LetterBounced)
	})
	return fresh && err == nil, err
}
