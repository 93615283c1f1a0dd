package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/dauys/dauys/petition"
)

type snapshotKey struct{}

// snapshotOf is the transaction of Snapshot that ctx stands for; nil for none.
func snapshotOf(ctx context.Context) *sql.Tx {
	tx, _ := ctx.Value(snapshotKey{}).(*sql.Tx)
	return tx
}

// Snapshot calls f with a context under which everything that the public reads
// is of one moment, while the site goes on. f reads one thing after another.
func (s *Store) Snapshot(ctx context.Context, f func(ctx context.Context) error) error {
	tx, err := s.r.BeginTx(ctx, s.d.snapshot)
	if err != nil {
		return s.d.classify(err)
	}
	defer tx.Rollback()
	return f(context.WithValue(ctx, snapshotKey{}, tx))
}

// Counted is a public petition with its signatures by place and day as the
// public may see them.
type Counted struct {
	Public
	Shown []petition.Cell // places that may be named
	Other int64           // signatures with a place that may not
	Days  []DayCount
}

// countedStep is how many petitions EachCounted reads at once.
const countedStep = 200

// EachCounted calls f for every listed petition, in the order of their public
// numbers, whatever how many there are: no more than countedStep are held. What
// it tells of each is what PublicPetition, PublicPlaces and PublicDays tell.
// places says how many places a signer of the petition could name.
func (s *Store) EachCounted(ctx context.Context, now time.Time, places func(petition.Petition) int, f func(Counted) error) error {
	for after := int64(0); ; {
		ids, err := s.ids(ctx, countedIDs, after, countedStep)
		if err != nil || len(ids) == 0 {
			return err
		}
		items, err := s.publicByIDs(ctx, ids, false)
		if err != nil || len(items) == 0 {
			return err
		}
		cells, err := s.publicCells(ctx, ids)
		if err != nil {
			return err
		}
		days, err := s.publicDays(ctx, ids)
		if err != nil {
			return err
		}
		for _, p := range items {
			c := Counted{Public: p}
			if law := s.laws.Of(p.Petition); law != nil {
				c.Shown, c.Other = law.Counts.Cells(cells[p.ID], places(p.Petition))
				c.Days = over(days[p.ID], law.Today(now))
			}
			if err := f(c); err != nil {
				return err
			}
			after = p.Number
		}
	}
}

// The plus keeps SQLite from an index of lists, which it would have to sort.
const countedIDs = `SELECT p.id FROM petitions p WHERE p.number > $1 AND +p.listed = 1 ORDER BY p.number LIMIT $2`

// Decided is an act of moderation that the public may see.
type Decided struct {
	Number  int64
	Kind    petition.EventKind // published, refused, upheld, hidden, restored, removed
	At      time.Time
	Actor   string // "officer" or "calendar"
	Reason  string // code of the profile, or an officer's words; "" where none was given
	Note    string
	Profile petition.ProfileRef
}

const decisionsAfter = `SELECT e.seq, e.kind, e.at, e.actor, e.data, p.number, p.profile, p.profile_version
	FROM events e JOIN petitions p ON p.id = e.petition_id
	WHERE e.seq > $1 AND e.kind IN ('published', 'refused', 'upheld', 'hidden', 'restored', 'removed')
	AND p.number IS NOT NULL AND p.state <> 'withdrawn' ORDER BY e.seq LIMIT $2`

// EachDecision calls f for every public act of moderation, the oldest first. A
// petition that its petitioner took back, and one that never had a number, has none.
func (s *Store) EachDecision(ctx context.Context, f func(Decided) error) error {
	for after := int64(0); ; {
		var step []Decided
		rows, err := s.query(ctx, decisionsAfter, after, countedStep)
		err = s.d.each(rows, err, func(scan func(...any) error) error {
			var d Decided
			var at, data string
			if err := scan(&after, &d.Kind, &at, &d.Actor, &data, &d.Number, &d.Profile.ID, &d.Profile.Version); err != nil {
				return err
			}
			words := map[string]string{}
			if err := json.Unmarshal([]byte(data), &words); err != nil {
				return err
			}
			d.Reason, d.Note = words["reason"], words["note"]
			d.Actor = withoutOfficer(petition.Event{Actor: d.Actor}).Actor
			var err error
			d.At, err = parseStamp(at)
			step = append(step, d)
			return err
		})
		if err != nil || len(step) == 0 {
			return err
		}
		for _, d := range step {
			if err := f(d); err != nil {
				return err
			}
		}
	}
}
