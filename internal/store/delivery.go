package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// answerColumns derives what lists of bodies count: the day by which an answer
// is owed, and how long a given one took. A nil law has neither.
func answerColumns(p petition.Petition, law *petition.Profile) []column {
	var by, days, working any
	if law != nil {
		if due := law.Duty(p); due != nil && !due.AnswerBy.IsZero() {
			by = due.AnswerBy.String()
		}
		if d, w, ok := law.AnswerDays(p); ok {
			days, working = int64(d), int64(w)
		}
	}
	return []column{{"answer_by", by}, {"answer_days", days}, {"answer_workdays", working}}
}

// BodyNumbers is what everyone may know of how a body answers. The medians are
// over the answers to petitions that were delivered to it.
type BodyNumbers struct {
	Petitions      int // public, of every state
	Open           int // collect signatures
	Asked          int // waits for an answer of the body
	Answered       int
	Overdue        int // the term ended before today
	Timed          int // answers with a delivery before them
	MedianDays     int // civil days from the delivery to the answer
	MedianWorkdays int // working days of the petition's law
}

// PublicBody is a body with its numbers.
type PublicBody struct {
	register.Body
	BodyNumbers
}

// bodyNumbers is the lower median of each body that has answered in time that
// can be told, beside its counts. $1 is today, $2 a body or "" for all.
const bodyNumbers = `WITH mine AS (
		SELECT body, state, answered_at, answer_by, answer_days, answer_workdays, response_at, archived_at FROM petitions
		WHERE listed = 1 AND body <> '' AND (body = $2 OR $2 = '')),
	days AS (SELECT body, answer_days AS n, row_number() OVER (PARTITION BY body ORDER BY answer_days) AS at,
		count(*) OVER (PARTITION BY body) AS all_of FROM mine WHERE answer_days IS NOT NULL),
	working AS (SELECT body, answer_workdays AS n, row_number() OVER (PARTITION BY body ORDER BY answer_workdays) AS at,
		count(*) OVER (PARTITION BY body) AS all_of FROM mine WHERE answer_workdays IS NOT NULL)
	SELECT m.body, count(*), count(*) FILTER (WHERE m.state = 'open'),
		count(*) FILTER (WHERE m.state IN ('open', 'closed') AND m.answered_at IS NULL AND m.archived_at IS NULL AND (m.response_at IS NOT NULL OR m.answer_by IS NOT NULL)),
		count(*) FILTER (WHERE m.answered_at IS NOT NULL),
		count(*) FILTER (WHERE m.state IN ('open', 'closed') AND m.answered_at IS NULL AND m.answer_by < $1),
		count(m.answer_days),
		COALESCE((SELECT d.n FROM days d WHERE d.body = m.body AND d.at = (d.all_of + 1) / 2), 0),
		COALESCE((SELECT w.n FROM working w WHERE w.body = m.body AND w.at = (w.all_of + 1) / 2), 0)
	FROM mine m GROUP BY m.body ORDER BY m.body`

// PublicBodies are the bodies that public petitions are addressed to, by id,
// with their numbers on the day today.
func (s *Store) PublicBodies(ctx context.Context, today petition.Date) ([]PublicBody, error) {
	numbers, err := s.numbersOfBodies(ctx, today, "")
	if err != nil {
		return nil, err
	}
	all, err := s.Bodies(ctx)
	var out []PublicBody
	for _, b := range all {
		if n, ok := numbers[b.ID]; ok {
			out = append(out, PublicBody{b, n})
		}
	}
	return out, err
}

// PublicBody is a body with its numbers on the day today; all zero when no
// public petition is addressed to it. ErrNotFound for an unknown id.
func (s *Store) PublicBody(ctx context.Context, id string, today petition.Date) (PublicBody, error) {
	b, err := s.Body(ctx, id)
	if err != nil {
		return PublicBody{}, err
	}
	numbers, err := s.numbersOfBodies(ctx, today, id)
	return PublicBody{b, numbers[id]}, err
}

func (s *Store) numbersOfBodies(ctx context.Context, today petition.Date, id string) (map[string]BodyNumbers, error) {
	out := make(map[string]BodyNumbers)
	rows, err := s.r.QueryContext(ctx, bodyNumbers, today.String(), id)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var body string
		var n BodyNumbers
		if err := scan(&body, &n.Petitions, &n.Open, &n.Asked, &n.Answered, &n.Overdue, &n.Timed, &n.MedianDays, &n.MedianWorkdays); err != nil {
			return err
		}
		out[body] = n
		return nil
	})
	return out, err
}

// PutFile keeps a document within the transaction of the act it belongs to,
// and returns its hash. The same bytes are kept once.
func (tx *Tx) PutFile(media string, b []byte) (string, error) {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:]), tx.exec(`INSERT INTO files (hash, type, bytes) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING`, h[:], media, b)
}

// attach notes which documents the acts of p refer to and before's did not.
func (tx *Tx) attach(before, p petition.Petition) error {
	var files []petition.Attachment
	for _, d := range p.Deliveries[len(before.Deliveries):] {
		files = append(files, d.Files...)
	}
	if p.Answer != nil && before.Answer == nil {
		files = append(files, p.Answer.Files...)
	}
	for _, f := range files {
		hash, err := hex.DecodeString(f.Hash)
		if err != nil {
			return fmt.Errorf("store: attachment: %w", err)
		}
		if err := tx.exec(`INSERT INTO attachments (hash, petition_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, hash, int64(p.ID)); err != nil {
			return err
		}
	}
	return nil
}

// PublicFile is a document that belongs to an act of a public petition, with
// its media type. ErrNotFound for every other.
func (s *Store) PublicFile(ctx context.Context, hash string) (media string, b []byte, err error) {
	raw, err := hex.DecodeString(hash)
	if err != nil || !petition.ValidHash(hash) {
		return "", nil, ErrNotFound
	}
	err = s.r.QueryRowContext(ctx, `SELECT f.type, f.bytes FROM files f WHERE f.hash = $1 AND EXISTS (
		SELECT 1 FROM attachments a JOIN petitions p ON p.id = a.petition_id WHERE a.hash = f.hash AND p.listed = 1)`, raw).Scan(&media, &b)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, ErrNotFound
	}
	return media, b, s.d.classify(err)
}

// RunningDuties are the petitions with an answer owed by a day before the day
// before, the earliest first, whose body was not written to about it under
// this kind.
func (s *Store) RunningDuties(ctx context.Context, kind string, before petition.Date, limit int) ([]petition.ID, error) {
	return s.ids(ctx, `SELECT p.id FROM petitions p WHERE p.answer_by IS NOT NULL AND p.answer_by < $1 AND p.listed = 1
			AND p.state IN ('open', 'closed') AND p.answered_at IS NULL
			AND NOT EXISTS (SELECT 1 FROM reminders r WHERE r.petition_id = p.id AND r.due = p.answer_by AND r.kind = $2)
		ORDER BY p.answer_by, p.id LIMIT $3`, before.String(), kind, limit)
}

// Remind notes in one transaction that a body is reminded of a petition, and
// queues the letter; once for each term and kind. letter gives the last day of
// the term, the zero date when none runs any more, and nil where the body has
// published no address. False when no letter was queued.
func (s *Store) Remind(ctx context.Context, id petition.ID, kind string, now time.Time, letter func(petition.Petition) (due petition.Date, l *Letter, err error)) (bool, error) {
	var told bool
	err := s.write(ctx, func(tx *Tx) error {
		told = false
		p, err := tx.load(id)
		if err != nil {
			return err
		}
		due, l, err := letter(p)
		if err != nil || due.IsZero() {
			return err
		}
		n, err := tx.affected(`INSERT INTO reminders (petition_id, due, kind, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			int64(id), due.String(), kind, stamp(now))
		if err != nil || n == 0 || l == nil {
			return err
		}
		told = true
		return tx.Enqueue(*l)
	})
	return told, err
}

// Reminder is a letter that a body got about a duty, or would have got had it
// published an address.
type Reminder struct {
	Kind string
	At   time.Time
}

// DeskReminders are the reminders of a petition, the oldest first.
func (s *Store) DeskReminders(ctx context.Context, id petition.ID) ([]Reminder, error) {
	var out []Reminder
	rows, err := s.r.QueryContext(ctx, `SELECT kind, at FROM reminders WHERE petition_id = $1 ORDER BY at, kind`, int64(id))
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var r Reminder
		var at string
		if err := scan(&r.Kind, &at); err != nil {
			return err
		}
		var err error
		r.At, err = parseStamp(at)
		out = append(out, r)
		return err
	})
	return out, err
}
