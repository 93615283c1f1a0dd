package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

// DeskFilter is a part of what waits for officers.
type DeskFilter string

// The filters. "" is everything that waits.
const (
	DeskAll     DeskFilter = ""
	DeskSoon    DeskFilter = "soon"    // the deadline is near
	DeskOverdue DeskFilter = "overdue" // the deadline has passed
	DeskMine    DeskFilter = "mine"    // claimed by the officer who asks
	DeskSecond  DeskFilter = "second"  // one officer has spoken, and another must
	DeskAppeals DeskFilter = "appeals" // appeals against a refusal
)

// DeskFilters lists them in the order in which officers read them.
func DeskFilters() []DeskFilter {
	return []DeskFilter{DeskAll, DeskSoon, DeskOverdue, DeskMine, DeskSecond, DeskAppeals}
}

// DeskQuery asks for one page of what waits.
type DeskQuery struct {
	Filter DeskFilter
	Staff  int64     // who asks, for DeskMine
	Now    time.Time // overdue is what was due by then
	Soon   time.Time // near is what is due by then
	Words  string    // words of the text, or a number of the petition; "" for all
	Offset int
	Limit  int
}

var deskWhere = map[DeskFilter]string{
	DeskAll:     `1 = 1`,
	DeskSoon:    `d.due > $1 AND d.due <= $2`,
	DeskOverdue: `d.due <= $1`,
	DeskMine:    `d.petition_id IN (SELECT petition_id FROM claims WHERE staff_id = $3 AND until > $1)`,
	DeskSecond:  `d.second = 1`,
	DeskAppeals: `d.state = 'appealed'`,
}

// deskUsed names the arguments $1 to $3 of every condition: PostgreSQL refuses
// a parameter that nothing uses.
const deskUsed = `$1 <= $2 AND $3 >= 0 AND `

func (q DeskQuery) args() []any {
	soon := q.Soon
	if soon.Before(q.Now) {
		soon = q.Now
	}
	return []any{stamp(q.Now), stamp(soon), q.Staff}
}

// wholeNumber reads a public number as an officer types it.
func wholeNumber(s string) (int64, bool) {
	var n int64
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 15 {
		return 0, false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// DeskPage is a page of what waits.
type DeskPage struct {
	Items  []petition.Petition
	Total  int                // how many the filter and the words find
	More   bool               // Total is only as far as was looked: there are more
	Counts map[DeskFilter]int // DeskMost+1 for more than DeskMost
}

// DeskMost is how far the petitions of a filter are counted: counting 100,000
// takes PostgreSQL longer than all the rest of the page, and whoever has more
// than this before them needs no exact number.
const DeskMost = 10_000

// deskCommon is how many finds of a search are looked at one by one. A search
// that finds more is read off the queue in its order, where its first page is
// found soon because it finds so much.
const deskCommon = 5000

// DeskQueue is a page of what waits for an officer, the nearest deadline
// first, and how many each filter finds without the words.
func (s *Store) DeskQueue(ctx context.Context, q DeskQuery) (DeskPage, error) {
	var page DeskPage
	cond, ok := deskWhere[q.Filter]
	if !ok {
		return page, fmt.Errorf("store: desk: unknown filter %q", q.Filter)
	}
	var err error
	if page.Counts, err = s.deskCounts(ctx, q); err != nil {
		return page, err
	}
	where, args := deskUsed+cond, q.args()
	words := searchWords(i18n.Fold(q.Words))
	if len(words) == 0 {
		page.Total, page.More = min(page.Counts[q.Filter], DeskMost), page.Counts[q.Filter] > DeskMost
		page.Items, err = s.deskItems(ctx, where, args, q.Limit, q.Offset)
		return page, err
	}
	ids, err := s.deskFound(ctx, q.Words, words)
	if err != nil {
		return page, err
	}
	if len(ids) > deskCommon {
		return s.deskWalk(ctx, page, q, words, where, args)
	}
	page.Items, page.Total, err = s.deskAmong(ctx, ids, q, where, args)
	return page, err
}

// deskCounts are how many each filter finds, as far as they are counted; each
// is a range or a partial index.
func (s *Store) deskCounts(ctx context.Context, q DeskQuery) (map[DeskFilter]int, error) {
	count := func(from string) string {
		return fmt.Sprintf(`(SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %d) x)`, from, DeskMost+1)
	}
	var all, soon, overdue, second, appeals, mine int
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT `+strings.Join([]string{count(`desk`),
		count(`desk d WHERE ` + deskWhere[DeskSoon]), count(`desk d WHERE ` + deskWhere[DeskOverdue]),
		count(`desk d WHERE ` + deskWhere[DeskSecond]), count(`desk d WHERE ` + deskWhere[DeskAppeals]),
		count(`claims c JOIN desk d ON d.petition_id = c.petition_id WHERE c.staff_id = $3 AND c.until > $1`)}, `, `), q.args()...),
		&all, &soon, &overdue, &second, &appeals, &mine)
	return map[DeskFilter]int{DeskAll: all, DeskSoon: soon, DeskOverdue: overdue, DeskMine: mine, DeskSecond: second, DeskAppeals: appeals}, err
}

// deskItems are the petitions that where finds, the nearest deadline first.
func (s *Store) deskItems(ctx context.Context, where string, args []any, limit, offset int) ([]petition.Petition, error) {
	var items []petition.Petition
	rows, err := s.r.QueryContext(ctx, fmt.Sprintf(`SELECT %s FROM (SELECT d.petition_id, d.due FROM desk d
		WHERE %s ORDER BY d.due, d.petition_id LIMIT %d OFFSET %d) w
		JOIN petitions p ON p.id = w.petition_id ORDER BY w.due, w.petition_id`, recordColumns, where, limit, offset), args...)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		p, err := scanRecord(scan)
		items = append(items, p)
		return err
	})
	return items, err
}

// deskFound are the petitions that the words find, or the one whose number they
// are; of very many the first deskCommon+1.
func (s *Store) deskFound(ctx context.Context, typed string, words []string) ([]petition.ID, error) {
	ids, err := s.ids(ctx, s.d.deskSearch(1)+fmt.Sprintf(` LIMIT %d`, deskCommon+1), s.d.words(words))
	if err != nil {
		return nil, err
	}
	if n, ok := wholeNumber(typed); ok {
		more, err := s.ids(ctx, `SELECT d.petition_id FROM desk d JOIN petitions p ON p.id = d.petition_id WHERE p.number = $1`, n)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
		slices.Sort(ids)
		ids = slices.Compact(ids)
	}
	return ids, nil
}

// deskAmong orders those of ids that where finds, and reads one page of them.
func (s *Store) deskAmong(ctx context.Context, ids []petition.ID, q DeskQuery, where string, args []any) ([]petition.Petition, int, error) {
	if len(ids) == 0 {
		return nil, 0, nil
	}
	list := make([]string, len(ids)) // our own numbers, which need no parameters
	for i, id := range ids {
		list[i] = strconv.FormatInt(int64(id), 10)
	}
	where += ` AND d.petition_id IN (` + strings.Join(list, ",") + `)`
	var total int
	if err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT count(*) FROM desk d WHERE `+where, args...), &total); err != nil || q.Offset >= total {
		return nil, total, err
	}
	items, err := s.deskItems(ctx, where, args, q.Limit, q.Offset)
	return items, total, err
}

// deskWalk reads the queue in its order until a page is full.
func (s *Store) deskWalk(ctx context.Context, page DeskPage, q DeskQuery, words []string, where string, args []any) (DeskPage, error) {
	for _, word := range words {
		args = append(args, "% "+word+"%")
		where += fmt.Sprintf(" AND d.words LIKE $%d", len(args))
	}
	var err error
	if page.Items, err = s.deskItems(ctx, where, args, q.Limit+1, q.Offset); err != nil {
		return page, err
	}
	page.Total = q.Offset + len(page.Items)
	if page.More = len(page.Items) > q.Limit; page.More {
		page.Items = page.Items[:q.Limit]
	}
	return page, nil
}

// onDesk reports whether a petition waits for an officer, and until when.
func onDesk(p petition.Petition) (due time.Time, waits bool) {
	switch {
	case p.State == petition.Authorising, p.State == petition.Moderation, p.State == petition.Appealed:
		return p.DecideBy, true
	case p.State == petition.Hidden && p.Hiding != nil:
		return p.Hiding.Until, true
	}
	return time.Time{}, false
}

// stampOrNever is a moment no clock will show for the zero time: what has no
// deadline comes last, and is never overdue.
func stampOrNever(t time.Time) string {
	if t.IsZero() {
		return "9999-12-31T23:59:59.999Z"
	}
	return stamp(t)
}

// saveDesk makes the desk follow the record; what leaves the desk leaves its
// claim as well.
func (tx *Tx) saveDesk(before, p petition.Petition) error {
	due, waits := onDesk(p)
	if !waits {
		if _, waited := onDesk(before); !waited {
			return nil
		}
		if err := tx.exec(`DELETE FROM claims WHERE petition_id = $1`, int64(p.ID)); err != nil {
			return err
		}
		return tx.exec(`DELETE FROM desk WHERE petition_id = $1`, int64(p.ID))
	}
	title, body := searchText(p.Texts)
	second := bit(p.Proposed != nil || p.State == petition.Hidden)
	return tx.exec(`INSERT INTO desk (petition_id, state, due, second, words, missed) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (petition_id) DO UPDATE SET state = excluded.state, due = excluded.due, second = excluded.second,
			words = excluded.words, missed = excluded.missed`,
		int64(p.ID), string(p.State), stampOrNever(due), second, " "+title+" "+body, bit(p.Escalated && p.State == petition.Moderation))
}

// fillDesk gives those a row that began to wait under an older version, or came
// with a bulk load.
func (s *Store) fillDesk(ctx context.Context) error {
	for {
		ids, err := s.ids(ctx, `SELECT p.id FROM petitions p WHERE p.state IN ('authorising', 'moderation', 'appealed', 'hidden')
			AND NOT EXISTS (SELECT 1 FROM desk d WHERE d.petition_id = p.id) ORDER BY p.id LIMIT 500`)
		if err != nil || len(ids) == 0 {
			return err
		}
		err = s.write(ctx, func(tx *Tx) error {
			for _, id := range ids {
				p, err := tx.load(id)
				if err == nil {
					err = tx.saveDesk(petition.Petition{}, p)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// Claim says which officer has a case before them, and until when.
type Claim struct {
	Staff int64
	Until time.Time
}

// Holds reports whether somebody other than staff holds the case at now.
func (c Claim) Holds(staff int64, now time.Time) bool {
	return c.Staff != 0 && c.Staff != staff && now.Before(c.Until)
}

// Claim gives a case to an officer until the moment until, unless another one
// holds it at now. It returns who holds it afterwards.
func (s *Store) Claim(ctx context.Context, id petition.ID, staff int64, now, until time.Time) (Claim, error) {
	var c Claim
	err := s.write(ctx, func(tx *Tx) error {
		p, err := tx.load(id)
		if err != nil {
			return err
		}
		if _, waits := onDesk(p); !waits {
			return petition.ErrState
		}
		if c, err = tx.Claim(id); err != nil || c.Holds(staff, now) {
			return err
		}
		c = Claim{Staff: staff, Until: until}
		return tx.exec(`INSERT INTO claims (petition_id, staff_id, until) VALUES ($1, $2, $3)
			ON CONFLICT (petition_id) DO UPDATE SET staff_id = excluded.staff_id, until = excluded.until`, int64(id), staff, stamp(until))
	})
	return c, err
}

// Claim is who holds a case; the zero Claim when nobody ever did.
func (tx *Tx) Claim(id petition.ID) (Claim, error) {
	var c Claim
	var until string
	err := tx.d.scan(tx.row(`SELECT staff_id, until FROM claims WHERE petition_id = $1`, int64(id)), &c.Staff, &until)
	if errors.Is(err, ErrNotFound) {
		return Claim{}, nil
	} else if err != nil {
		return c, err
	}
	c.Until, err = parseStamp(until)
	return c, err
}

// Unclaim lets a case go: it was decided, or its officer has other work.
func (tx *Tx) Unclaim(id petition.ID) error {
	return tx.exec(`DELETE FROM claims WHERE petition_id = $1`, int64(id))
}

// Release lets a case go that staff holds.
func (s *Store) Release(ctx context.Context, id petition.ID, staff int64) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`DELETE FROM claims WHERE petition_id = $1 AND staff_id = $2`, int64(id), staff)
	})
}

// Claims are who holds which of these cases at now.
func (s *Store) Claims(ctx context.Context, now time.Time, ids ...petition.ID) (map[petition.ID]Claim, error) {
	claims := map[petition.ID]Claim{}
	if len(ids) == 0 {
		return claims, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = int64(id)
	}
	rows, err := s.r.QueryContext(ctx, `SELECT petition_id, staff_id, until FROM claims WHERE petition_id IN `+s.d.tuples(1, len(ids)), args...)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var id petition.ID
		var c Claim
		var until string
		if err := scan(&id, &c.Staff, &until); err != nil {
			return err
		}
		var err error
		if c.Until, err = parseStamp(until); err == nil && now.Before(c.Until) {
			claims[id] = c
		}
		return err
	})
	return claims, err
}

// Note is what an officer wrote for colleagues about a case.
type Note struct {
	Staff int64
	At    time.Time
	Text  string
}

// AddNote keeps a note for ever.
func (s *Store) AddNote(ctx context.Context, id petition.ID, staff int64, text string, now time.Time) error {
	return s.write(ctx, func(tx *Tx) error {
		return tx.exec(`INSERT INTO notes (petition_id, staff_id, at, text) VALUES ($1, $2, $3, $4)`, int64(id), staff, stamp(now), text)
	})
}

// Notes are the notes on a case, the oldest first.
func (s *Store) Notes(ctx context.Context, id petition.ID) ([]Note, error) {
	var notes []Note
	rows, err := s.r.QueryContext(ctx, `SELECT staff_id, at, text FROM notes WHERE petition_id = $1 ORDER BY id`, int64(id))
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var n Note
		var at string
		if err := scan(&n.Staff, &at, &n.Text); err != nil {
			return err
		}
		var err error
		n.At, err = parseStamp(at)
		notes = append(notes, n)
		return err
	})
	return notes, err
}
