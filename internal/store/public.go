package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/dauys/dauys/petition"
)

// Public is what everyone may see of a petition: Count is the public count,
// officers have no names, what waits for a second officer is not there.
type Public struct {
	petition.Petition
	Origin    Origin
	Archived  bool
	UpdatedAt time.Time
	Debate    Debate
	// Document, Listed and Parliament are the imported JSON as it stood there;
	// nil for petitions made here and for rows of a list.
	Document, Listed, Parliament json.RawMessage
}

// Debate is the parliamentary side of an imported petition.
type Debate struct {
	ResponseAt, AnsweredAt, ReachedAt, DebatedAt time.Time
	On                                           petition.Date
	Debated                                      bool
}

const publicColumns = recordColumns + `, p.origin, p.archived, p.updated_at, p.response_at, p.answered_at,
	p.debate_at, p.debate_on, p.debated_at, p.debated`

// scanPublic reads publicColumns and then the columns of more into an empty v.
func scanPublic(v *Public, scan scanner, more ...any) error {
	var (
		archived, debated                      int
		updated                                string
		response, answered, reached, debatedAt sql.NullString
		on                                     sql.NullString
	)
	dest := append([]any{&v.Origin, &archived, &updated, &response, &answered, &reached, &on, &debatedAt, &debated}, more...)
	if err := scanRecordInto(&v.Petition, scan, dest...); err != nil {
		return err
	}
	v.Archived, v.Debate.Debated = archived == 1, debated == 1
	var err error
	if v.UpdatedAt, err = parseStamp(updated); err != nil {
		return err
	}
	for _, t := range []struct {
		from sql.NullString
		to   *time.Time
	}{{response, &v.Debate.ResponseAt}, {answered, &v.Debate.AnsweredAt}, {reached, &v.Debate.ReachedAt}, {debatedAt, &v.Debate.DebatedAt}} {
		if *t.to, err = parseStampOrZero(t.from); err != nil {
			return err
		}
	}
	if err := v.Debate.On.UnmarshalText([]byte(on.String)); err != nil {
		return err
	}
	v.Petition = publicRecord(v.Petition)
	return nil
}

// publicRecord takes from a record what the public may not see.
func publicRecord(p petition.Petition) petition.Petition {
	p.Count = p.Shown
	p.Proposed, p.RefusedBy, p.Appeal = nil, nil, ""
	p.News, p.OrgCheck = nil, publicOrg(p.OrgCheck)
	p.MergeInto, p.MergeUntil, p.MergeOffers, p.OffersUntil = 0, time.Time{}, nil, nil
	p.Creator = p.Creator.Public()
	if p.Refusal != nil {
		r := *p.Refusal
		r.Officer = 0
		p.Refusal = &r
	}
	if p.Answer != nil {
		a := *p.Answer
		a.By = 0
		p.Answer = &a
	}
	p.Deliveries = slices.Clone(p.Deliveries)
	for i := range p.Deliveries {
		p.Deliveries[i].By = 0
	}
	if p.Hiding != nil {
		h := *p.Hiding
		h.Officer = 0
		p.Hiding = &h
	}
	p.HiddenBy = nil
	if p.HideText || p.State == petition.Removed || p.State == petition.Hidden {
		p.Deliveries = nil
		p.Texts, p.Creator.Name, p.Creator.Org = nil, "", ""
	}
	return p
}

// PublicPetition is the petition with this public number as everyone may see
// it. A removed or hidden one comes without text, in its state; one that its
// petitioner took back after the publication stays; one that was never public
// is ErrNotFound.
func (s *Store) PublicPetition(ctx context.Context, number int64) (Public, error) {
	var document, listed, parliament sql.NullString
	row := s.queryRow(ctx, `SELECT `+publicColumns+`, i.document, i.listed, i.parliament
		FROM petitions p LEFT JOIN imports i ON i.petition_id = p.id WHERE p.number = $1`, number)
	var v Public
	err := scanPublic(&v, row.Scan, &document, &listed, &parliament)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return v, ErrNotFound
	case err != nil:
		return v, s.d.classify(err)
	case !v.State.Public() && v.State != petition.Removed && v.State != petition.Hidden && v.State != petition.Withdrawn:
		return Public{}, ErrNotFound
	}
	v.Document, v.Listed, v.Parliament = raw(document), raw(listed), raw(parliament)
	return v, nil
}

func raw(s sql.NullString) json.RawMessage {
	if !s.Valid {
		return nil
	}
	return json.RawMessage(s.String)
}

// Signing is what signing needs to know of a petition: the record with its
// real count, and the salt of its keys.
type Signing struct {
	petition.Petition
	Salt []byte // nil once the keys were destroyed
}

// SigningPetition loads a petition for the signing machinery by public number.
func (s *Store) SigningPetition(ctx context.Context, number int64) (Signing, error) {
	return s.signingBy(ctx, `p.number = $1`, number)
}

// SigningPetitionByUID loads a petition for the signing machinery by uid: the
// link-only stage has no number.
func (s *Store) SigningPetitionByUID(ctx context.Context, uid petition.UID) (Signing, error) {
	return s.signingBy(ctx, `p.uid = $1`, uid[:])
}

// SigningPetitionByID loads a petition for the signing machinery by local id.
func (s *Store) SigningPetitionByID(ctx context.Context, id petition.ID) (Signing, error) {
	return s.signingBy(ctx, `p.id = $1`, int64(id))
}

func (s *Store) signingBy(ctx context.Context, where string, arg any) (Signing, error) {
	var v Signing
	row := s.queryRow(ctx, `SELECT `+recordColumns+`, p.salt FROM petitions p WHERE `+where+
		` AND p.origin IN ('here', 'replay')`, arg)
	p, err := scanRecord(row.Scan, &v.Salt)
	v.Petition = p
	if errors.Is(err, sql.ErrNoRows) {
		return v, ErrNotFound
	}
	return v, s.d.classify(err)
}

// SupporterPetition is the petition behind a link of the link-only stage, as a
// supporter may see it.
func (s *Store) SupporterPetition(ctx context.Context, uid petition.UID) (petition.Petition, error) {
	v, err := s.SigningPetitionByUID(ctx, uid)
	count := v.Seen()
	p := publicRecord(v.Petition)
	p.Count = count // supporters are few and know each other; the petitioner sends the link
	return p, err
}

// MinePetition is the petition as its petitioner may see it: everything but
// the officers, and the history.
func (s *Store) MinePetition(ctx context.Context, uid petition.UID) (petition.Petition, []petition.Event, error) {
	v, err := s.SigningPetitionByUID(ctx, uid)
	if err != nil {
		return petition.Petition{}, nil, err
	}
	p := v.Petition
	count, texts, creator, appeal := p.Seen(), p.Texts, p.Creator, p.Appeal
	news, into, offers, until := p.News, p.MergeInto, p.MergeOffers, p.MergeUntil
	p = publicRecord(p)
	p.News, p.MergeInto, p.MergeOffers, p.MergeUntil = news, into, offers, until
	p.Count, p.Texts, p.Creator, p.Appeal = count, texts, creator, appeal // the petitioner's own
	events, err := s.events(ctx, p.ID)
	if err != nil {
		return p, nil, err
	}
	mine := events[:0]
	for _, e := range events {
		if e.Kind != petition.EvProposed { // not decided yet
			mine = append(mine, withoutOfficer(e))
		}
	}
	return p, mine, nil
}

// PublicEvents is the history of a petition from its publication on, without
// the officers.
func (s *Store) PublicEvents(ctx context.Context, id petition.ID) ([]petition.Event, error) {
	events, err := s.events(ctx, id)
	if err != nil {
		return nil, err
	}
	public := events[:0]
	for _, e := range events {
		switch e.Kind {
		case petition.EvProposed, petition.EvStarted, petition.EvConfirmed, petition.EvEscalated,
			petition.EvReturned, petition.EvResubmitted, petition.EvNewsWritten, petition.EvNewsRefused, petition.EvDisplay,
			petition.EvOrgAsked, petition.EvMergeAsked, petition.EvMergeOffered, petition.EvMergeDeclined, petition.EvMergeLapsed:
			continue
		}
		public = append(public, withoutOfficer(e))
	}
	return public, nil
}

// withoutOfficer leaves of an officer only that it was one.
func withoutOfficer(e petition.Event) petition.Event {
	switch e.Actor {
	case petition.ActorPetitioner, petition.ActorCalendar, petition.ActorSigners, petition.ActorImport, petition.ActorOrganisation:
	default:
		e.Actor = "officer"
	}
	return e
}

func (s *Store) events(ctx context.Context, id petition.ID) ([]petition.Event, error) {
	var events []petition.Event
	rows, err := s.query(ctx, `SELECT `+eventColumns+` FROM events WHERE petition_id = $1 ORDER BY seq`, int64(id))
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		e, err := scanEvent(scan)
		events = append(events, e)
		return err
	})
	return events, err
}

// PublicPlaces are the cells of a petition as the public may see them: at the
// moment of the public count while that moves in steps, live above.
func (s *Store) PublicPlaces(ctx context.Context, p petition.Petition, places int) (shown []petition.Cell, other int64, err error) {
	law := s.laws.Of(p)
	if law == nil {
		return nil, 0, nil
	}
	cells, err := s.publicCells(ctx, []petition.ID{p.ID})
	shown, other = law.Counts.Cells(cells[p.ID], places)
	return shown, other, err
}

// publicCells are the cells of petitions at the moment of their public counts,
// small ones too: law.Counts.Cells says which of them may be named.
func (s *Store) publicCells(ctx context.Context, ids []petition.ID) (map[petition.ID][]petition.Cell, error) {
	cells := make(map[petition.ID][]petition.Cell, len(ids))
	// Count and cells in one statement, so that they are of one moment.
	rows, err := s.query(ctx, `SELECT n.petition_id, COALESCE(c.code, ''), n.count, n.shown, p.count, p.shown, p.profile, p.profile_version
		FROM place_counts n JOIN petitions p ON p.id = n.petition_id
		LEFT JOIN places c ON c.id = n.place WHERE n.petition_id IN `+s.d.among(1)+` ORDER BY n.petition_id, n.place`, idList(s.d, ids))
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var id petition.ID
		var cell petition.Cell
		var c sum
		if err := scan(&id, &cell.Code, &c.count, &c.shown, &c.total, &c.public, &c.law.ID, &c.law.Version); err != nil {
			return err
		}
		if cell.Count = s.publicSum(c); cell.Count > 0 {
			cells[id] = append(cells[id], cell)
		}
		return nil
	})
	return cells, err
}

// sum is a part of a petition's signatures beside the whole, all of one moment:
// what is counted, and what of it the public saw at its last step.
type sum struct {
	count, shown, total, public int64
	law                         petition.ProfileRef
}

// publicSum is what the public may see of a part: as it was at the last step
// while the public count moves in steps.
func (s *Store) publicSum(c sum) int64 {
	if law := s.laws[c.law]; law == nil || !law.Live(c.total) || !law.Live(c.public) {
		return c.shown
	}
	return c.count
}

// DayCount is the number of signatures of one civil day.
type DayCount struct {
	Day   petition.Date
	Count int64
}

// PublicDays are the signatures of a petition by day as the public may see
// them: for days before today, since a day that still runs would tell the hour;
// and at the moment of the public count while that moves in steps, so that a
// watcher of the days learns nothing that the count does not tell. A withdrawal
// takes one from the day of its signature, and shows with the same step.
func (s *Store) PublicDays(ctx context.Context, p petition.Petition, today petition.Date) ([]DayCount, error) {
	law := s.laws.Of(p)
	if law == nil {
		return nil, nil
	}
	days, err := s.publicDays(ctx, []petition.ID{p.ID})
	return over(days[p.ID], today), err
}

// over leaves out the day that still runs.
func over(days []DayCount, today petition.Date) []DayCount {
	return slices.DeleteFunc(days, func(d DayCount) bool { return !d.Day.Before(today) })
}

func (s *Store) publicDays(ctx context.Context, ids []petition.ID) (map[petition.ID][]DayCount, error) {
	return s.days(ctx, ids, s.publicSum)
}

// ReplayDays are the signatures of a petition by day as they are, for the
// replay, whose signers are made up, to go on where it stopped.
func (s *Store) ReplayDays(ctx context.Context, id petition.ID) ([]DayCount, error) {
	days, err := s.days(ctx, []petition.ID{id}, func(c sum) int64 { return c.count })
	return days[id], err
}

// days lists the days with more than nothing in what pick chooses, in order.
func (s *Store) days(ctx context.Context, ids []petition.ID, pick func(sum) int64) (map[petition.ID][]DayCount, error) {
	days := make(map[petition.ID][]DayCount, len(ids))
	rows, err := s.query(ctx, `SELECT d.petition_id, d.day, d.count, d.shown, p.count, p.shown, p.profile, p.profile_version
		FROM day_counts d JOIN petitions p ON p.id = d.petition_id WHERE d.petition_id IN `+s.d.among(1)+` ORDER BY d.petition_id, d.day`, idList(s.d, ids))
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var id petition.ID
		var n int
		var c sum
		if err := scan(&id, &n, &c.count, &c.shown, &c.total, &c.public, &c.law.ID, &c.law.Version); err != nil {
			return err
		}
		if count := pick(c); count > 0 {
			days[id] = append(days[id], DayCount{Day: dateOfDay(n), Count: count})
		}
		return nil
	})
	return days, err
}

// placeCounts are the active signatures of a petition by place, for the laws
// whose stages ask for support in several places. It leaves no public trace.
func (tx *Tx) placeCounts(id petition.ID) (map[string]int64, error) {
	counts := map[string]int64{}
	rows, err := tx.tx.QueryContext(tx.ctx, `SELECT c.code, n.count FROM place_counts n JOIN places c ON c.id = n.place WHERE n.petition_id = $1`, int64(id))
	err = tx.d.each(rows, err, func(scan func(...any) error) error {
		var code string
		var n int64
		if err := scan(&code, &n); err != nil {
			return err
		}
		counts[code] = n
		return nil
	})
	return counts, err
}
