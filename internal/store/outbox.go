package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/dauys/dauys/petition"
)

// Letter priorities, which are the classes of letters: what proves an address
// goes before what happened to a petition, and that before news.
const (
	PriorityProof = 0
	PriorityActs  = 5
	PriorityNews  = 9
)

// LetterClassName is a class in metrics and messages.
func LetterClassName(priority int) string {
	switch priority {
	case PriorityProof:
		return "proof"
	case PriorityNews:
		return "news"
	}
	return "acts"
}

// Letter is a letter on its way into the outbox. Sealed holds everything that
// is personal: address, words and link.
type Letter struct {
	UID      string // unique for ever; a second letter with the same is dropped
	Kind     string // which template; for metrics
	Priority int
	Lane     petition.ID // letters of one class take turns by lane; 0 for what is of no petition
	Sealed   []byte
	QueuedAt time.Time
}

// ClaimedLetter is a letter a sender holds.
type ClaimedLetter struct {
	ID       int64
	UID      string
	Kind     string
	Priority int
	Sealed   []byte
	Attempts int
	QueuedAt time.Time
	Holder   string // whose it is
}

// The stages of a letter in the outbox.
const (
	letterReady  = 0 // may be claimed
	letterLater  = 1 // not before its moment: it waits (holder is ""), or a sender holds it until then
	letterHanded = 2
)

// wakeStep is how many letters whose moment has come a claim makes ready.
const wakeStep = 1000

// Enqueue puts a letter into the outbox within the transaction that is the
// reason for it.
func (tx *Tx) Enqueue(l Letter) error { return tx.enqueueAll([]Letter{l}) }

// enqueueAll puts letters into the outbox with one statement: on SQLite up to some
// hundred, each of which is ten parameters.
func (tx *Tx) enqueueAll(letters []Letter) error {
	if len(letters) == 0 {
		return nil
	}
	if tx.d.name != sqlite.name {
		return tx.enqueuePostgres(letters)
	}
	args := make([]any, 0, 10*len(letters))
	for _, l := range letters {
		at := stamp(l.QueuedAt)
		args = append(args, l.UID, l.Kind, l.Priority, int64(l.Lane), l.Sealed, letterReady, 0, at, at, "")
	}
	return tx.execOften(`INSERT INTO outbox (uid, kind, priority, lane, sealed, stage, attempts, not_before, queued_at, holder)
		VALUES `+tx.d.tuples(len(letters), 10)+` ON CONFLICT (uid) DO NOTHING`, args...)
}

// enqueuePostgres has one text for any number of letters, which is parsed once.
func (tx *Tx) enqueuePostgres(letters []Letter) error {
	n := len(letters)
	uids, kinds, at := make([]string, n), make([]string, n), make([]string, n)
	priorities, lanes, sealed := make([]int32, n), make([]int64, n), make([][]byte, n)
	for i, l := range letters {
		uids[i], kinds[i], at[i] = l.UID, l.Kind, stamp(l.QueuedAt)
		priorities[i], lanes[i], sealed[i] = int32(l.Priority), int64(l.Lane), l.Sealed
	}
	return tx.exec(`INSERT INTO outbox (uid, kind, priority, lane, sealed, stage, attempts, not_before, queued_at, holder)
		SELECT u, k, p, l, s, CAST($7 AS INTEGER), 0, a, a, '' FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS TEXT[]), CAST($3 AS INTEGER[]),
		CAST($4 AS BIGINT[]), CAST($5 AS BYTEA[]), CAST($6 AS TEXT[])) AS x (u, k, p, l, s, a) ON CONFLICT (uid) DO NOTHING`,
		uids, kinds, priorities, lanes, sealed, at, letterReady)
}

// ClaimLetters gives holder up to n letters that are due. They are its own
// until the moment until; then another sender may take those that were not
// handed over.
//
// A class goes before the next, and within a class the lanes take turns from
// where this process left off: a hundred thousand letters of one petition do
// not stand before the one letter of another. What a claim costs does not
// depend on how many letters wait.
func (s *Store) ClaimLetters(ctx context.Context, holder string, n int, now, until time.Time) ([]ClaimedLetter, error) {
	var due bool
	// A cheap read first: an idle sender must not write.
	err := s.r.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM outbox WHERE stage = 0) OR EXISTS (SELECT 1 FROM outbox WHERE stage = 1 AND not_before <= $1)`,
		stamp(now)).Scan(&due)
	if err != nil || !due {
		return nil, s.d.classify(err)
	}
	c := claim{holder: holder, n: n, until: stamp(until)}
	err = s.write(ctx, func(tx *Tx) error {
		c.tx, c.out, c.lane = tx, nil, s.lane.Load()
		if s.d.inOrder != "" {
			if err := tx.exec(s.d.inOrder); err != nil {
				return err
			}
		}
		if err := tx.wakeLetters(now); err != nil {
			return err
		}
		return c.classes()
	})
	if err != nil {
		return nil, err
	}
	s.lane.Store(c.lane)
	return c.out, nil
}

// wakeLetters makes letters ready whose moment has come.
func (tx *Tx) wakeLetters(now time.Time) error {
	return tx.exec(`UPDATE outbox SET stage = 0, holder = '' WHERE id IN (SELECT id FROM outbox
		WHERE stage = 1 AND not_before <= $1 ORDER BY not_before LIMIT $2`+tx.d.skipLocked+`)`, stamp(now), wakeStep)
}

// claim is a claim under way.
type claim struct {
	tx     *Tx
	holder string
	n      int
	until  string
	lane   int64 // that was served last
	out    []ClaimedLetter
}

// classes takes from one class after the other until there is enough.
func (c *claim) classes() error {
	for after := -1; ; {
		var class int
		err := c.tx.d.scan(c.tx.row(`SELECT priority FROM outbox WHERE stage = 0 AND priority > $1 ORDER BY priority LIMIT 1`, after), &class)
		if errors.Is(err, ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		if err := c.turns(class); err != nil || len(c.out) >= c.n {
			return err
		}
		after = class
	}
}

// turns goes round the lanes of a class, a fair share from each, until there
// is enough or nothing left.
func (c *claim) turns(class int) error {
	for len(c.out) < c.n {
		lanes, err := c.lanes(class)
		if err != nil || len(lanes) == 0 {
			return err
		}
		before := len(c.out)
		share := (c.n - before + len(lanes) - 1) / len(lanes)
		for _, lane := range lanes {
			if err := c.take(class, lane, min(share, c.n-len(c.out))); err != nil {
				return err
			}
			if c.lane = lane; len(c.out) >= c.n {
				return nil
			}
		}
		if len(c.out) == before {
			return nil // other senders are at the rest
		}
	}
	return nil
}

// lanes are the next lanes of a class that have letters, at most as many as
// letters are wanted: one step down the index for each.
func (c *claim) lanes(class int) ([]int64, error) {
	const next = `SELECT lane FROM outbox WHERE stage = 0 AND priority = $1 AND lane > `
	var lanes []int64
	read := func(after int64, limit int) error {
		rows, err := c.tx.tx.QueryContext(c.tx.ctx, `WITH RECURSIVE lanes (lane) AS (
			SELECT (`+next+`$2 ORDER BY lane LIMIT 1)
			UNION ALL SELECT (`+next+`lanes.lane ORDER BY lane LIMIT 1) FROM lanes WHERE lanes.lane IS NOT NULL)
			SELECT lane FROM lanes WHERE lane IS NOT NULL LIMIT $3`, class, after, limit)
		return c.tx.d.each(rows, err, func(scan func(...any) error) error {
			var lane int64
			err := scan(&lane)
			lanes = append(lanes, lane)
			return err
		})
	}
	want := c.n - len(c.out)
	if err := read(c.lane, want); err != nil || len(lanes) == want {
		return lanes, err
	}
	after := lanes // from the beginning, up to where the turn began
	lanes = nil
	if err := read(-1, want-len(after)); err != nil {
		return nil, err
	}
	for i, lane := range lanes {
		if lane > c.lane {
			lanes = lanes[:i]
			break
		}
	}
	return append(after, lanes...), nil
}

// take claims up to n letters of a lane, the oldest first.
func (c *claim) take(class int, lane int64, n int) error {
	// Materialized: PostgreSQL might run a plain subquery again, and claim more.
	// Rows are compared whole, so that only the index of what is ready has the
	// order: with a plain "id" PostgreSQL walked the primary key through all lanes.
	rows, err := c.tx.tx.QueryContext(c.tx.ctx, `WITH due AS MATERIALIZED (SELECT id FROM outbox
		WHERE stage = 0 AND (priority, lane, id) > ($3, $4, 0) AND (priority, lane) <= ($3, $4) ORDER BY priority, lane, id LIMIT $5`+c.tx.d.skipLocked+`)
		UPDATE outbox SET stage = 1, holder = $1, not_before = $2 WHERE id IN (SELECT id FROM due)
		RETURNING id, uid, kind, priority, sealed, attempts, queued_at`, c.holder, c.until, class, lane, n)
	from := len(c.out)
	err = c.tx.d.each(rows, err, func(scan func(...any) error) error {
		l := ClaimedLetter{Holder: c.holder}
		var queued string
		if err := scan(&l.ID, &l.UID, &l.Kind, &l.Priority, &l.Sealed, &l.Attempts, &queued); err != nil {
			return err
		}
		var err error
		l.QueuedAt, err = parseStamp(queued)
		c.out = append(c.out, l)
		return err
	})
	// RETURNING has no order.
	slices.SortFunc(c.out[from:], func(a, b ClaimedLetter) int { return cmp.Compare(a.ID, b.ID) })
	return err
}

// HandOver notes, durably and before the receiver is asked to take the
// letters, that it is about to be asked. A letter that a crash leaves in this
// stage is never sent by itself again: it may have arrived. It returns those
// that holder still had; the others were lost to another sender and must not
// be sent. What became of earlier letters goes along in the same transaction.
func (s *Store) HandOver(ctx context.Context, holder string, until time.Time, b Settled, ids ...int64) ([]int64, error) {
	var held []int64
	err := s.write(ctx, func(tx *Tx) error {
		held = nil
		rows, err := tx.tx.QueryContext(tx.ctx, `UPDATE outbox SET stage = 2, not_before = $2 WHERE stage = 1 AND holder = $3
			AND id IN `+tx.d.among(1)+` RETURNING id`, idList(tx.d, ids), stamp(until), holder)
		err = tx.d.each(rows, err, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			held = append(held, id)
			return err
		})
		if err != nil {
			return err
		}
		return tx.settleLetters(holder, b)
	})
	if err != nil {
		return nil, err
	}
	return held, nil
}

// Settled is what became of the letters of a batch.
type Settled struct {
	Day    string // of the counts
	Ended  []EndedLetter
	Later  []LaterLetter
	Refuse []RefusedAddress
}

// EndedLetter is a letter that is erased: sent, or given up for good.
type EndedLetter struct {
	ID       int64
	Priority int
	Result   string // "sent", "refused", ...: counted by day and class
}

// LaterLetter is a letter that was surely not taken, to be tried again.
type LaterLetter struct {
	ID        int64
	NotBefore time.Time
	Tried     bool // one more attempt is counted
}

// RefusedAddress is a subscriber's address that the receiver refused for good.
type RefusedAddress struct {
	Subscription []byte
	Hard         bool // it does not exist: no second try is needed
}

// maxRefused is how often an address may be refused for reasons that may be
// the letter's before news no longer go there.
const maxRefused = 3

// SettleLetters writes down what became of the letters that holder had, in one
// transaction. What another sender holds by now stays as it is, unless it
// ended. A subscriber whose address is refused for good loses the subscription,
// with the address.
func (s *Store) SettleLetters(ctx context.Context, holder string, b Settled) error {
	return s.write(ctx, func(tx *Tx) error {
		for _, r := range b.Refuse {
			if err := tx.refuse(r); err != nil {
				return err
			}
		}
		return tx.settleLetters(holder, b)
	})
}

func (tx *Tx) settleLetters(holder string, b Settled) error {
	counts, err := tx.endLetters(b.Ended)
	if err != nil {
		return err
	}
	if err := tx.laterLetters(holder, b.Later); err != nil {
		return err
	}
	for _, class := range []int{PriorityProof, PriorityActs, PriorityNews} { // in one order, as locks go
		for _, result := range LetterResults() {
			n := counts[letterEnd{class, result}]
			if n == 0 {
				continue
			}
			if err := tx.exec(`INSERT INTO letter_counts (day, priority, result, count) VALUES ($1, $2, $3, $4)
				ON CONFLICT (day, priority, result) DO UPDATE SET count = letter_counts.count + excluded.count`, b.Day, class, result, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// letterEnd is a class of letters and how they ended.
type letterEnd struct {
	class  int
	result string
}

// endLetters erases letters and counts those that were there: none when it runs
// again. All are one statement, since each is a way to PostgreSQL and back.
func (tx *Tx) endLetters(ended []EndedLetter) (map[letterEnd]int64, error) {
	if len(ended) == 0 {
		return nil, nil
	}
	ids, ends := make([]int64, len(ended)), make(map[int64]letterEnd, len(ended))
	for i, l := range ended {
		ids[i], ends[l.ID] = l.ID, letterEnd{l.Priority, l.Result}
	}
	counts := map[letterEnd]int64{}
	rows, err := tx.tx.QueryContext(tx.ctx, `DELETE FROM outbox WHERE id IN `+tx.d.among(1)+` RETURNING id`, idList(tx.d, ids))
	return counts, tx.d.each(rows, err, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		counts[ends[id]]++
		return err
	})
}

// laterLetters has letters wait that holder still has: one statement for those
// that wait for the same moment.
func (tx *Tx) laterLetters(holder string, later []LaterLetter) error {
	type wait struct {
		until string
		tried int
	}
	var waits []wait
	ids := map[wait][]int64{}
	for _, l := range later {
		w := wait{stamp(l.NotBefore), bit(l.Tried)}
		if ids[w] == nil {
			waits = append(waits, w)
		}
		ids[w] = append(ids[w], l.ID)
	}
	for _, w := range waits {
		if err := tx.exec(`UPDATE outbox SET stage = 1, holder = '', attempts = attempts + $2, not_before = $3 WHERE holder = $4 AND id IN `+tx.d.among(1),
			idList(tx.d, ids[w]), w.tried, w.until, holder); err != nil {
			return err
		}
	}
	return nil
}

// The ends of a letter, as they are counted.
const (
	LetterSent     = "sent"
	LetterRefused  = "refused"  // the receiver will never take a letter to this address
	LetterGivenUp  = "given_up" // for another reason, or after all tries
	LetterUnwanted = "unwanted" // news that were unsubscribed or stopped before they left
	LetterBounced  = "bounced"  // sent, and came back
)

// LetterResults lists them.
func LetterResults() []string {
	return []string{LetterBounced, LetterGivenUp, LetterRefused, LetterSent, LetterUnwanted}
}

// refuse counts a refusal, and ends the subscription at the last one.
func (tx *Tx) refuse(r RefusedAddress) error {
	if !r.Hard {
		if err := tx.exec(`UPDATE subscriptions SET refused = refused + 1 WHERE id = $1`, r.Subscription); err != nil {
			return err
		}
	}
	return tx.exec(`DELETE FROM subscriptions WHERE id = $1 AND (refused >= $2 OR $3 = 1)`, r.Subscription, maxRefused, bit(r.Hard))
}

// LetterDone erases letters: sent, or given up for good.
func (s *Store) LetterDone(ctx context.Context, ids ...int64) error {
	var b Settled
	for _, id := range ids {
		b.Ended = append(b.Ended, EndedLetter{ID: id})
	}
	return s.SettleLetters(ctx, "", b)
}

// ReleaseLetters is called when this process is known to be the only sender
// (an embedded database, at start): what others held waits again, at once.
func (s *Store) ReleaseLetters(ctx context.Context) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`UPDATE outbox SET stage = 0, holder = '' WHERE stage = 1 AND holder <> ''`)
	})
}

// UncertainLetters returns letters that were handed over by a sender that did
// not live to note the answer: those whose time ran out before now.
func (s *Store) UncertainLetters(ctx context.Context, now time.Time, limit int) ([]ClaimedLetter, error) {
	var out []ClaimedLetter
	rows, err := s.r.QueryContext(ctx, `SELECT id, uid, kind, priority, sealed, attempts, holder FROM outbox
		WHERE stage = 2 AND not_before <= $1 ORDER BY id LIMIT $2`, stamp(now), limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var l ClaimedLetter
		if err := scan(&l.ID, &l.UID, &l.Kind, &l.Priority, &l.Sealed, &l.Attempts, &l.Holder); err != nil {
			return err
		}
		out = append(out, l)
		return nil
	})
	return out, err
}

// LetterClass is what waits of one class.
type LetterClass struct {
	Priority int
	Waiting  int64     // ready, held by a sender, or waiting for another try
	Oldest   time.Time // of those that are ready; the zero time for none
}

// OutboxClasses says what waits, class by class.
func (s *Store) OutboxClasses(ctx context.Context) ([]LetterClass, error) {
	var out []LetterClass
	rows, err := s.r.QueryContext(ctx, `SELECT c.priority, c.letters,
		(SELECT queued_at FROM outbox WHERE id = (SELECT min(id) FROM outbox WHERE stage = 0 AND priority = c.priority))
		FROM (SELECT priority, count(*) AS letters FROM outbox WHERE stage < 2 GROUP BY priority) c ORDER BY c.priority`)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var c LetterClass
		var oldest sql.NullString
		if err := scan(&c.Priority, &c.Waiting, &oldest); err != nil {
			return err
		}
		var err error
		c.Oldest, err = parseStampOrZero(oldest)
		out = append(out, c)
		return err
	})
	return out, err
}

// LetterCount is how many letters of a class ended in one way since a day.
type LetterCount struct {
	Priority int
	Result   string
	Letters  int64
}

// LetterCounts adds up what became of letters from a day on.
func (s *Store) LetterCounts(ctx context.Context, since string) ([]LetterCount, error) {
	var out []LetterCount
	rows, err := s.r.QueryContext(ctx, `SELECT priority, result, CAST(sum(count) AS BIGINT) FROM letter_counts WHERE day >= $1
		GROUP BY priority, result ORDER BY priority, result`, since)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var c LetterCount
		err := scan(&c.Priority, &c.Result, &c.Letters)
		out = append(out, c)
		return err
	})
	return out, err
}

// OutboxSize counts letters that wait, and those whose fate is uncertain.
func (s *Store) OutboxSize(ctx context.Context) (waiting, uncertain int64, err error) {
	err = s.r.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE stage < 2), count(*) FILTER (WHERE stage = 2) FROM outbox`).Scan(&waiting, &uncertain)
	return waiting, uncertain, s.d.classify(err)
}
