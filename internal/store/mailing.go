package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/dauys/dauys/petition"
)

// MailingState is how a mailing stands.
type MailingState int

// The states, as they are kept.
const (
	MailingRuns    MailingState = 0
	MailingMade    MailingState = 1 // every letter was made; some may wait
	MailingPaused  MailingState = 2
	MailingStopped MailingState = 3
)

// Mailing is a letter to all subscribers of a petition.
type Mailing struct {
	ID       int64
	Kind     string
	Petition petition.ID
	Seq      int64 // the event it tells of
	Args     map[string]string
	last     []byte
	made     int64
}

// newsAhead is how many letters of news wait in the outbox before no more are
// made. What was not made yet costs nothing, and can be paused, stopped or
// unsubscribed from for nothing; and the outbox stays small.
const newsAhead = 5000

// AddMailing asks for a letter to all subscribers; once for each event and kind.
func (tx *Tx) AddMailing(seq int64, kind string, id petition.ID, args map[string]string) error {
	a, err := json.Marshal(args)
	if err != nil {
		return err
	}
	return tx.exec(`INSERT INTO mailings (event_seq, kind, petition_id, args, last, done) VALUES ($1, $2, $3, $4, $5, 0)
		ON CONFLICT (event_seq, kind) DO NOTHING`, seq, kind, int64(id), string(a), []byte{})
}

// Subscriber is one address that asked for news.
type Subscriber struct {
	ID      [16]byte
	Address []byte // sealed
	Lang    petition.Lang
}

// MakeNews makes the letter of one subscriber.
type MakeNews func(m Mailing, p petition.Petition, to Subscriber) (Letter, error)

// ExpandMailing turns the next step of a mailing into letters: up to limit
// subscribers, each letter made by f. The mailing that has made the fewest
// letters comes first, so that a short one does not wait for a long one. It
// returns false when no mailing waits, or enough letters wait to be sent. A
// crash repeats no letter: the step, its letters and the cursor are one
// transaction.
func (s *Store) ExpandMailing(ctx context.Context, limit int, f MakeNews) (bool, error) {
	if room, err := s.roomForNews(ctx); err != nil || !room {
		return false, err
	}
	var id, audience int64
	var about petition.ID
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT id, petition_id, audience FROM mailings WHERE done = 0 ORDER BY made, id LIMIT 1`), &id, &about, &audience)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if audience == 0 { // asked outside of the transaction: it may be a million
		if err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT count(*) FROM subscriptions WHERE petition_id = $1 AND active = 1`, int64(about)), &audience); err != nil {
			return false, err
		}
	}
	err = s.write(ctx, func(tx *Tx) error {
		m, err := tx.mailing(id)
		if err != nil || m == nil {
			return err
		}
		return tx.expand(*m, audience, limit, f)
	})
	return err == nil, err
}

// roomForNews reports whether more letters may be made: neither too many are
// ready, nor too many of any kind wait for another try.
func (s *Store) roomForNews(ctx context.Context) (bool, error) {
	var ready, later int
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM (SELECT 1 FROM outbox WHERE stage = 0 AND priority = $1 LIMIT $2) a),
		(SELECT count(*) FROM (SELECT 1 FROM outbox WHERE stage = 1 AND not_before < $4 LIMIT $3) b)`, PriorityNews, newsAhead, 4*newsAhead, never), &ready, &later)
	return ready < newsAhead && later < 4*newsAhead, err
}

// mailing locks a mailing that goes on; nil when it does not any more.
func (tx *Tx) mailing(id int64) (*Mailing, error) {
	m := Mailing{ID: id}
	var args string
	err := tx.d.scan(tx.row(`SELECT event_seq, kind, petition_id, args, last, made FROM mailings WHERE id = $1 AND done = 0`+tx.d.forUpdate, id),
		&m.Seq, &m.Kind, &m.Petition, &args, &m.last, &m.made)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if m.last == nil { // SQLite reads an empty blob as nil, which would be written and compared as NULL
		m.last = []byte{}
	}
	return &m, json.Unmarshal([]byte(args), &m.Args)
}

func (tx *Tx) expand(m Mailing, audience int64, limit int, f MakeNews) error {
	p, err := tx.Petition(m.Petition)
	if err != nil {
		return err
	}
	var subs []Subscriber
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT id, address, lang FROM subscriptions
		WHERE petition_id = $1 AND active = 1 AND id > $2 ORDER BY id LIMIT $3`, int64(m.Petition), m.last, limit)
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		var sub Subscriber
		var id []byte
		if err := scan(&id, &sub.Address, &sub.Lang); err != nil {
			return err
		}
		copy(sub.ID[:], id)
		subs = append(subs, sub)
		return nil
	})
	if err != nil {
		return err
	}
	letters := make([]Letter, len(subs))
	for i, sub := range subs {
		if letters[i], err = f(m, p, sub); err != nil {
			return err
		}
		letters[i].Lane, m.last = m.Petition, sub.ID[:]
	}
	if err := tx.enqueueAll(letters); err != nil {
		return err
	}
	state := MailingRuns
	if len(subs) < limit {
		state, m.last = MailingMade, behindAll()
	}
	return tx.exec(`UPDATE mailings SET last = $1, done = $2, made = made + $3, audience = $4 WHERE id = $5`, m.last, int(state), len(subs), audience, m.ID)
}

// behindAll is where a mailing stands that is made, or stopped: the place of no
// subscriber, so that it keeps no name of one who may have left since.
func behindAll() []byte { return bytes.Repeat([]byte{0xff}, 16) }

// leaveNobody does that for mailings of before; it is repeated at no cost.
func (s *Store) leaveNobody(ctx context.Context) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE mailings SET last = $1 WHERE done IN ($2, $3) AND last <> $1`, behindAll(), int(MailingMade), int(MailingStopped))
	})
}

// NewsRef names one subscriber's letter of a mailing.
type NewsRef struct {
	Mailing      int64
	Subscription [16]byte
}

// NewsWanted says of each letter of news, just before it leaves, how its
// mailing stands; MailingStopped, too, for a subscription that has ended since.
func (s *Store) NewsWanted(ctx context.Context, refs []NewsRef) ([]MailingState, error) {
	states, active := map[int64]MailingState{}, map[[16]byte]bool{}
	var mailings, subs []any
	for _, r := range refs {
		if _, ok := states[r.Mailing]; !ok {
			states[r.Mailing] = MailingStopped
			mailings = append(mailings, r.Mailing)
		}
		subs = append(subs, r.Subscription[:])
	}
	rows, err := s.r.QueryContext(ctx, `SELECT id, done FROM mailings WHERE id IN `+tuples(1, 1, len(mailings)), mailings...)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var id int64
		var state MailingState
		err := scan(&id, &state)
		states[id] = state
		return err
	})
	if err != nil {
		return nil, err
	}
	rows, err = s.r.QueryContext(ctx, `SELECT id FROM subscriptions WHERE active = 1 AND id IN `+tuples(1, 1, len(subs)), subs...)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var id []byte
		err := scan(&id)
		active[[16]byte(id)] = true
		return err
	})
	out := make([]MailingState, len(refs))
	for i, r := range refs {
		if out[i] = states[r.Mailing]; !active[r.Subscription] {
			out[i] = MailingStopped
		}
	}
	return out, err
}

// DeskMailing is a mailing as officers see it: numbers, nobody's name.
type DeskMailing struct {
	ID       int64
	Kind     string
	Petition petition.Petition
	At       time.Time // of the event it tells of
	State    MailingState
	Audience int64 // subscribers when it began; 0 before
	Made     int64
	Waiting  int64 // made and not sent yet
}

// DeskMailings are the latest mailings, the newest first.
func (s *Store) DeskMailings(ctx context.Context, limit int) ([]DeskMailing, error) {
	var out []DeskMailing
	rows, err := s.r.QueryContext(ctx, `SELECT m.id, m.kind, m.done, m.made, m.audience, e.at,
		(SELECT count(*) FROM outbox o WHERE o.uid >= 'n-' || m.id || '-' AND o.uid < 'n-' || m.id || '.' AND o.stage < 2), `+recordColumns+`
		FROM mailings m JOIN events e ON e.seq = m.event_seq JOIN petitions p ON p.id = m.petition_id ORDER BY m.id DESC LIMIT $1`, limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var m DeskMailing
		var at string
		var err error
		m.Petition, err = scanRecord(func(dest ...any) error {
			return scan(append([]any{&m.ID, &m.Kind, &m.State, &m.Made, &m.Audience, &at, &m.Waiting}, dest...)...)
		})
		if err != nil {
			return err
		}
		m.At, err = parseStamp(at)
		out = append(out, m)
		return err
	})
	return out, err
}

// never is a moment no clock comes to: a letter whose mailing is paused waits
// for it.
const never = "9999-12-31T00:00:00.000Z"

// SetMailing pauses a mailing, lets it go on, or stops it for good, and keeps
// that as an act of the officer. It holds for letters that wait in the outbox,
// too; what a sender has in hand at this moment is asked for once more before
// it leaves. ErrConflict says that the mailing is not in a state for it.
func (s *Store) SetMailing(ctx context.Context, id int64, to MailingState, actor int64, now time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		var from MailingState
		if err := tx.d.scan(tx.row(`SELECT done FROM mailings WHERE id = $1`+tx.d.forUpdate, id), &from); err != nil {
			return err
		}
		if from == to || from == MailingStopped || to == MailingMade || to == MailingRuns && from != MailingPaused {
			return ErrConflict
		}
		first, end := "n-"+strconv.FormatInt(id, 10)+"-", "n-"+strconv.FormatInt(id, 10)+"."
		var err error
		switch to {
		case MailingPaused:
			err = tx.exec(`UPDATE outbox SET stage = 1, not_before = $3 WHERE uid >= $1 AND uid < $2 AND stage < 2 AND holder = ''`, first, end, never)
		case MailingRuns:
			// Those, too, that a sender had in hand, and set aside untried.
			err = tx.exec(`UPDATE outbox SET stage = 0 WHERE uid >= $1 AND uid < $2 AND stage = 1 AND holder = '' AND (not_before = $3 OR attempts = 0)`, first, end, never)
		case MailingStopped:
			err = tx.exec(`DELETE FROM outbox WHERE uid >= $1 AND uid < $2 AND stage < 2 AND holder = ''`, first, end)
			if err == nil {
				err = tx.exec(`UPDATE mailings SET last = $1 WHERE id = $2`, behindAll(), id)
			}
		}
		if err != nil {
			return err
		}
		if err := tx.exec(`UPDATE mailings SET done = $1 WHERE id = $2`, int(to), id); err != nil {
			return err
		}
		return tx.act(petition.SettingAct{Name: "mailing:" + strconv.FormatInt(id, 10), Old: from.String(), New: to.String()}, actor, now)
	})
}

// String is the state's name in acts and messages.
func (m MailingState) String() string {
	return [...]string{"runs", "made", "paused", "stopped"}[m]
}
