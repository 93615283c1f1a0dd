package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dauys/dauys/petition"
)

// AddComplaint keeps a received complaint with the sealed address of the
// complainant, nil for none. Returned nil means durable.
func (s *Store) AddComplaint(ctx context.Context, c petition.Complaint, address []byte) error {
	return s.write(ctx, func(tx *Tx) error {
		record, err := json.Marshal(c)
		if err != nil {
			return err
		}
		var id int64
		err = tx.d.scan(tx.row(`INSERT INTO complaints (ref, petition_id, state, decide_by, record, address)
			VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
			c.Ref, nullIfZero(int64(c.Petition)), string(c.State), stamp(c.DecideBy), string(record), address), &id)
		if err != nil {
			return err
		}
		return tx.complaintEvent(id, string(petition.ComplaintReceived), c.At, string(c.By))
	})
}

func (tx *Tx) complaintEvent(id int64, kind string, at time.Time, actor string) error {
	return tx.exec(`INSERT INTO complaint_events (complaint_id, kind, at, actor) VALUES ($1, $2, $3, $4)`, id, kind, stamp(at), actor)
}

const complaintColumns = `c.id, COALESCE(c.petition_id, 0), c.record`

func scanComplaint(scan scanner) (petition.Complaint, error) {
	var c petition.Complaint
	var record string
	if err := scan(&c.ID, &c.Petition, &record); err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(record), &c); err != nil {
		return c, fmt.Errorf("store: record of complaint %d: %w", c.ID, err)
	}
	return c, nil
}

// DeskComplaints are the complaints that wait for a decision, the term that
// ends first at the top, and how many there are.
func (s *Store) DeskComplaints(ctx context.Context, offset, limit int) (list []petition.Complaint, total int, err error) {
	err = s.d.scan(s.r.QueryRowContext(ctx, `SELECT count(*) FROM complaints WHERE state = 'received'`), &total)
	if err != nil {
		return nil, 0, err
	}
	rows, err := s.r.QueryContext(ctx, `SELECT `+complaintColumns+` FROM complaints c WHERE c.state = 'received'
		ORDER BY c.decide_by, c.id LIMIT $1 OFFSET $2`, limit, offset)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		c, err := scanComplaint(scan)
		list = append(list, c)
		return err
	})
	return list, total, err
}

// DeskComplaint is one complaint with the history of the petition it is about.
func (s *Store) DeskComplaint(ctx context.Context, id int64) (petition.Complaint, []petition.Event, error) {
	row := s.r.QueryRowContext(ctx, `SELECT `+complaintColumns+` FROM complaints c WHERE c.id = $1`, id)
	c, err := scanComplaint(func(dest ...any) error { return s.d.scan(row, dest...) })
	if err != nil || c.Petition == 0 {
		return c, nil, err
	}
	events, err := s.events(ctx, c.Petition)
	return c, events, err
}

// MineComplaints are complaints about a petition as its petitioner may see them,
// those that wait first and the latest of each at the top, and how many there
// are.
func (s *Store) MineComplaints(ctx context.Context, id petition.ID, limit int) (list []petition.Complaint, total int, err error) {
	err = s.d.scan(s.r.QueryRowContext(ctx, `SELECT count(*) FROM complaints WHERE petition_id = $1`, int64(id)), &total)
	if err != nil || total == 0 {
		return nil, 0, err
	}
	rows, err := s.r.QueryContext(ctx, `SELECT `+complaintColumns+` FROM complaints c WHERE c.petition_id = $1
		ORDER BY CASE c.state WHEN 'received' THEN 0 ELSE 1 END, c.id DESC LIMIT $2`, int64(id), limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		c, err := scanComplaint(scan)
		list = append(list, c.ForPetitioner())
		return err
	})
	return list, total, err
}

// DecideComplaint loads and locks a complaint, lets decide say what it shall
// be, and saves it. deciders acted on its petition; address is sealed, nil for
// none. decide may use tx for letters and a demand of the same act.
func (s *Store) DecideComplaint(ctx context.Context, id int64,
	decide func(tx *Tx, c petition.Complaint, deciders []petition.OfficerID, address []byte) (petition.Complaint, error)) error {
	return s.write(ctx, func(tx *Tx) error {
		var address []byte
		row := tx.row(`SELECT `+complaintColumns+`, c.address FROM complaints c WHERE c.id = $1`+tx.d.forUpdate, id)
		c, err := scanComplaint(func(dest ...any) error { return tx.d.scan(row, append(dest, &address)...) })
		if err != nil {
			return err
		}
		deciders, err := tx.deciders(c.Petition)
		if err != nil {
			return err
		}
		if c, err = decide(tx, c, deciders, address); err != nil {
			return err
		}
		record, err := json.Marshal(c)
		if err != nil {
			return err
		}
		// The address has served.
		err = tx.exec(`UPDATE complaints SET state = $1, record = $2, address = NULL WHERE id = $3`, string(c.State), string(record), id)
		if err != nil {
			return err
		}
		return tx.complaintEvent(id, string(c.State), c.Decided, petition.ActorOfficer(c.Officer))
	})
}

// deciders are the officers who acted on a petition.
func (tx *Tx) deciders(id petition.ID) ([]petition.OfficerID, error) {
	if id == 0 {
		return nil, nil
	}
	var events []petition.Event
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT `+eventColumns+` FROM events WHERE petition_id = $1 ORDER BY seq`, int64(id))
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		e, err := scanEvent(scan)
		events = append(events, e)
		return err
	})
	return petition.Deciders(events), err
}

// AddDemand enters a demand of an authority into the register.
func (tx *Tx) AddDemand(d petition.Demand) error {
	record, err := json.Marshal(d)
	if err != nil {
		return err
	}
	tx.bumped = true
	return tx.exec(`INSERT INTO demands (arrived, publish_on, record) VALUES ($1, $2, $3)`, d.On.String(), d.PublishOn.String(), string(record))
}

// AddDemand is Tx.AddDemand in a transaction of its own.
func (s *Store) AddDemand(ctx context.Context, d petition.Demand) error {
	return s.write(ctx, func(tx *Tx) error { return tx.AddDemand(d) })
}

// Demands is a page of the register.
type Demands struct {
	Items  []petition.Demand // the latest first, without the officers
	Total  int               // of those that may be read
	Hidden int               // those that a law forbids to show yet
}

// PublicDemands are the demands that may be read on a day.
func (s *Store) PublicDemands(ctx context.Context, today petition.Date, offset, limit int) (Demands, error) {
	var out Demands
	err := s.d.scan(s.r.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE publish_on <= $1), count(*) FILTER (WHERE publish_on > $1) FROM demands`,
		today.String()), &out.Total, &out.Hidden)
	if err != nil {
		return out, err
	}
	rows, err := s.r.QueryContext(ctx, `SELECT id, record FROM demands WHERE publish_on <= $1
		ORDER BY arrived DESC, id DESC LIMIT $2 OFFSET $3`, today.String(), limit, offset)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var d petition.Demand
		var record string
		if err := scan(&d.ID, &record); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(record), &d); err != nil {
			return fmt.Errorf("store: record of demand %d: %w", d.ID, err)
		}
		d.Officer = 0
		out.Items = append(out.Items, d)
		return nil
	})
	return out, err
}

// Removal is a petition that was refused, hidden, taken back after it was
// published, or removed.
type Removal struct {
	Number  int64
	Kind    petition.EventKind
	At      time.Time
	Reason  string // code of the profile, or an officer's words; "" where none was given
	Note    string
	Profile petition.ProfileRef
	Title   string        // "" where the text may not be shown
	Lang    petition.Lang // of the title
}

// removalKinds is what events_removals is an index of, word for word.
const removalKinds = `e.kind IN ('refused', 'hidden', 'removed', 'withdrawn')`

// PublicRemovals are all removals, the latest first, and how many there are.
// One that was never public has no number and is not among them.
func (s *Store) PublicRemovals(ctx context.Context, offset, limit int) (list []Removal, total int, err error) {
	const from = ` FROM events e JOIN petitions p ON p.id = e.petition_id WHERE ` + removalKinds + ` AND p.number IS NOT NULL`
	if err = s.d.scan(s.r.QueryRowContext(ctx, `SELECT count(*)`+from), &total); err != nil {
		return nil, 0, err
	}
	rows, err := s.r.QueryContext(ctx, `SELECT e.kind, e.at, e.data, `+recordColumns+from+` ORDER BY e.seq DESC LIMIT $1 OFFSET $2`, limit, offset)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		r, err := scanRemoval(scan)
		list = append(list, r)
		return err
	})
	return list, total, err
}

func scanRemoval(scan scanner) (Removal, error) {
	var r Removal
	var at, data string
	p, err := scanRecord(func(dest ...any) error { return scan(append([]any{&r.Kind, &at, &data}, dest...)...) })
	if err != nil {
		return r, err
	}
	words := map[string]string{}
	if err := json.Unmarshal([]byte(data), &words); err != nil {
		return r, err
	}
	p = publicRecord(p)
	r.Number, r.Reason, r.Note, r.Profile = p.Number, words["reason"], words["note"], p.Profile
	if p.State.Public() || p.State == petition.Withdrawn {
		t, l, _ := p.Texts.In(p.Lang)
		r.Title, r.Lang = t.Title, l
	}
	r.At, err = parseStamp(at)
	return r, err
}

// tally counts the events of a change. before is the record they changed.
func (tx *Tx) tally(before petition.Petition, events []petition.Event) error {
	law := tx.s.laws.Of(before)
	if law == nil {
		return nil
	}
	for _, e := range events {
		t, ok := law.Tally(before, e)
		if !ok {
			continue
		}
		if err := tx.exec(`INSERT INTO tallies (month, act, reason, days, count) VALUES ($1, $2, $3, $4, 1)
			ON CONFLICT (month, act, reason, days) DO UPDATE SET count = tallies.count + 1`, t.Month, string(t.Act), t.Reason, t.Days); err != nil {
			return err
		}
	}
	return nil
}

// Moderation is what the statistics of moderation are made from.
type Moderation struct {
	Tallies []petition.Tally
	Waiting int // for a decision
	Overdue int // of them, those whose term ran out
	// Complaints that wait, and those of them whose term ran out.
	Complaints, ComplaintsOverdue int
}

// PublicModeration are the tallies of all months, and what waits at now.
func (s *Store) PublicModeration(ctx context.Context, now time.Time) (Moderation, error) {
	var m Moderation
	rows, err := s.r.QueryContext(ctx, `SELECT month, act, reason, days, count FROM tallies ORDER BY month, act, reason, days`)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var t petition.Tally
		err := scan(&t.Month, &t.Act, &t.Reason, &t.Days, &t.Count)
		m.Tallies = append(m.Tallies, t)
		return err
	})
	if err != nil {
		return m, err
	}
	err = s.d.scan(s.r.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE decide_by <= $1) FROM complaints WHERE state = 'received'`,
		stamp(now)), &m.Complaints, &m.ComplaintsOverdue)
	if err != nil {
		return m, err
	}
	m.Waiting, m.Overdue, err = s.PublicWaiting(ctx, now)
	return m, err
}

// PublicWaiting counts the queue, and those in it of which a term ran out before now.
func (s *Store) PublicWaiting(ctx context.Context, now time.Time) (all, overdue int, err error) {
	var others, otherLate, missed int
	err = s.d.scan(s.r.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM desk), (SELECT count(*) FROM desk WHERE state NOT IN ('moderation', 'appealed')),
		(SELECT count(*) FROM desk WHERE due <= $1), (SELECT count(*) FROM desk WHERE state NOT IN ('moderation', 'appealed') AND due <= $1),
		(SELECT count(*) FROM desk WHERE missed = 1 AND due > $1)`, stamp(now)), &all, &others, &overdue, &otherLate, &missed)
	return all - others, overdue - otherLate + missed, err
}
