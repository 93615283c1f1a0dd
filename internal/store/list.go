package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/internal/search"
	"github.com/dauys/dauys/petition"
)

func dateOfDay(n int) petition.Date { return civil.DateOfDay(n) }

// Facet is a public list of petitions; the names are those of the compatible API.
type Facet string

// The facets.
const (
	FacetAll              Facet = "all"
	FacetOpen             Facet = "open"
	FacetRecent           Facet = "recent"
	FacetClosed           Facet = "closed"
	FacetRejected         Facet = "rejected"
	FacetAwaitingResponse Facet = "awaiting_response"
	FacetWithResponse     Facet = "with_response"
	FacetAwaitingDebate   Facet = "awaiting_debate"
	FacetDebated          Facet = "debated"
	FacetNotDebated       Facet = "not_debated"
	FacetPublished        Facet = "published" // archived ones that were not rejected
	FacetArchived         Facet = "archived"  // whatever became of them
)

// facets say which rows and, unless asked otherwise, in which order.
var facets = map[Facet]struct{ where, order string }{
	FacetAll:              {`p.listed = 1`, bySignatures},
	FacetOpen:             {`p.state = 'open' AND p.listed = 1`, bySignatures},
	FacetRecent:           {`p.state = 'open' AND p.listed = 1`, byNewest},
	FacetClosed:           {`p.state = 'closed' AND p.listed = 1`, bySignatures},
	FacetRejected:         {`p.state IN ('refused', 'appealed') AND p.listed = 1`, `p.created_at DESC, p.id`},
	FacetAwaitingResponse: {`p.listed = 1 AND p.response_at IS NOT NULL AND p.answered_at IS NULL AND p.archived_at IS NULL`, `p.response_at, p.id`},
	FacetWithResponse:     {`p.listed = 1 AND p.answered_at IS NOT NULL`, `p.answered_at DESC, p.id`},
	FacetAwaitingDebate:   {`p.listed = 1 AND p.debate_at IS NOT NULL AND p.debated_at IS NULL`, `p.debate_on NULLS LAST, p.debate_at, p.id`},
	FacetDebated:          {`p.listed = 1 AND p.debated = 1`, `p.debated_at DESC, p.id`},
	FacetNotDebated:       {`p.listed = 1 AND p.debated_at IS NOT NULL AND p.debated = 0`, `p.debated_at DESC, p.id`},
	FacetArchived:         {`p.archived = 1 AND p.listed = 1`, bySignatures},
	FacetPublished:        {`p.state IN ('open', 'closed') AND p.listed = 1`, bySignatures},
}

const (
	bySignatures = `p.shown DESC, p.id`
	// The engines differ in where NULL stands unless told.
	byNewest = `p.opened_at DESC NULLS LAST, p.id`
)

// Known reports whether there is such a facet.
func (f Facet) Known() bool { _, ok := facets[f]; return ok }

// Sort is an order a reader may choose.
type Sort string

// The orders; "" is the facet's own.
const (
	SortSignatures Sort = "signatures"
	SortNewest     Sort = "newest"
	SortClosing    Sort = "closing"
)

var sorts = map[Sort]string{
	SortSignatures: bySignatures,
	SortNewest:     byNewest,
	SortClosing:    `p.closes_at NULLS LAST, p.id`,
}

// Known reports whether a reader may choose this order.
func (s Sort) Known() bool { _, ok := sorts[s]; return ok || s == "" }

// ListQuery asks for one page of a public list.
type ListQuery struct {
	Facet    Facet
	Search   string // words as a reader typed them; "" for all
	Archived *bool  // nil for both
	Stage    string // id of a stage reached
	Body     string
	Place    string
	Topic    string
	Lang     petition.Lang
	// DueBefore keeps those whose answer was due before this day and has not
	// come; the longest overdue are first. Zero for all.
	DueBefore petition.Date
	// Parliaments are objects as Parliaments gives them; archived petitions of
	// any of these. Empty for all.
	Parliaments []json.RawMessage
	Imported    bool // with what the list of another site said: Listed and Parliament
	Sort        Sort
	Offset      int
	Limit       int
}

// Terms are the words of a text as a search has them.
func Terms(text string) []string { return search.Words(text) }

// ListPage is one page and how many there are in all.
type ListPage struct {
	Items []Public
	Total int
	Found search.Result // of a search: what to mark and to suggest
}

// PublicList is a page of petitions as everyone may see them. Two steps: the
// ids from an index, then only the rows of this page. With words to search for
// its order is their relevance, unless q has another one.
func (s *Store) PublicList(ctx context.Context, q ListQuery) (ListPage, error) {
	if q.Search != "" {
		return s.searchList(ctx, q)
	}
	where, args, err := s.listWhere(q)
	if err != nil {
		return ListPage{}, err
	}
	var page ListPage
	if page.Total, err = s.total(ctx, s.from(q), where, args); err != nil {
		return page, err
	}
	if q.Offset >= page.Total {
		return page, nil
	}
	ids, err := s.ids(ctx, fmt.Sprintf(`SELECT p.id FROM %s WHERE %s ORDER BY %s LIMIT $%d OFFSET $%d`,
		s.from(q), where, q.order(), len(args)+1, len(args)+2), append(args, q.Limit, q.Offset)...)
	if err != nil {
		return page, err
	}
	page.Items, err = s.publicByIDs(ctx, ids, q.Imported)
	return page, err
}

// fromFound is where the rows of a search come from. SQLite is told to begin with what was found: it would walk through all petitions.
func (d dialect) fromFound() string {
	if d.name == sqlite.name {
		return `petitions p NOT INDEXED` // the look-up by id is not meant by that
	}
	return `petitions p`
}

// from is where the rows of a list come from: the few that are overdue are
// found by their day.
func (s *Store) from(q ListQuery) string {
	if q.DueBefore.IsZero() {
		return `petitions p`
	}
	return s.d.fromFound()
}

// totals remembers how many petitions each list has, for one generation of
// what the public sees: counting is most of the cost of a page.
type totals struct {
	mu         sync.Mutex // guards what follows
	generation int64
	of         map[string]int
	whole      *Totals // nil until asked for
}

// at forgets what is of another generation. t.mu is held.
func (t *totals) at(generation int64) {
	if t.of == nil || t.generation != generation || len(t.of) > maxTotals {
		t.generation, t.of, t.whole = generation, make(map[string]int), nil
	}
}

// maxTotals bounds the memory that ever new filters can take.
const maxTotals = 4096

// total counts the petitions that match a condition made by listWhere.
func (s *Store) total(ctx context.Context, from, where string, args []any) (int, error) {
	key, gen := fmt.Sprintf("%s%q", where, args), s.Generation()
	s.totals.mu.Lock()
	s.totals.at(gen)
	n, ok := s.totals.of[key]
	s.totals.mu.Unlock()
	if ok {
		return n, nil
	}
	if err := s.queryRow(ctx, `SELECT count(*) FROM `+from+` WHERE `+where, args...).Scan(&n); err != nil {
		return 0, s.d.classify(err)
	}
	s.totals.mu.Lock()
	defer s.totals.mu.Unlock()
	if s.totals.generation == gen {
		s.totals.of[key] = n
	}
	return n, nil
}

func (s *Store) listWhere(q ListQuery) (string, []any, error) {
	f, ok := facets[q.Facet]
	if !ok || !q.Sort.Known() {
		return "", nil, fmt.Errorf("store: list: unknown facet %q or sort %q", q.Facet, q.Sort)
	}
	where, args := []string{f.where}, []any{}
	add := func(cond string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(cond, len(args)))
	}
	if q.Archived != nil {
		add(`p.archived = $%d`, bit(*q.Archived))
	}
	if q.Body != "" {
		add(`p.body = $%d`, q.Body)
	}
	if q.Place != "" {
		add(`p.place = $%d`, q.Place)
	}
	if q.Lang != "" {
		add(`p.lang = $%d`, string(q.Lang))
	}
	if !q.DueBefore.IsZero() {
		add(`p.answered_at IS NULL AND p.state IN ('open', 'closed') AND p.id IN (SELECT id FROM petitions WHERE answer_by < $%d)`, q.DueBefore.String())
	}
	if q.Topic != "" {
		add(`p.id IN (SELECT petition_id FROM topics WHERE topic = $%d)`, q.Topic)
	}
	if q.Stage != "" {
		add(`p.id IN (SELECT petition_id FROM stages WHERE stage = $%d)`, q.Stage)
	}
	if len(q.Parliaments) > 0 {
		conds := make([]string, len(q.Parliaments))
		for i, p := range q.Parliaments {
			args = append(args, string(p))
			conds[i] = fmt.Sprintf("$%d", len(args))
		}
		where = append(where, `p.id IN (SELECT petition_id FROM imports WHERE parliament IN (`+strings.Join(conds, ", ")+`))`)
	}
	return strings.Join(where, " AND "), args, nil
}

// order is that of the reader, or else of the list.
func (q ListQuery) order() string {
	switch {
	case q.Sort != "":
		return sorts[q.Sort]
	case !q.DueBefore.IsZero():
		return `p.answer_by, p.id`
	}
	return facets[q.Facet].order
}

// publicByIDs loads the petitions of a page, in the order of ids; imported adds
// Listed and Parliament, which are many times what a card shows.
func (s *Store) publicByIDs(ctx context.Context, ids []petition.ID, imported bool) ([]Public, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	items := make([]Public, len(ids))
	var now *followed
	if !imported {
		now = s.shelved(ctx)
	}
	slots, missing := now.take(ids, items)
	if len(missing) == 0 {
		return items, nil
	}
	at, wanted := make(map[petition.ID]int, len(missing)), make([]petition.ID, 0, len(missing))
	for _, i := range missing {
		at[ids[i]], wanted = i, append(wanted, ids[i])
	}
	keep := now != nil && ctx.Value(standbyKey{}) == nil // a replica's row may be older than the slot
	err := s.eachPublic(ctx, wanted, imported, func(v *Public) {
		i := at[v.ID]
		if items[i] = *v; keep && s.keeps(v) {
			now.shelf.put(slots[i], v)
		}
	})
	// A replica may not have one yet that the search has found.
	return slices.DeleteFunc(items, func(v Public) bool { return v.ID == 0 }), err
}

// eachPublic calls f for each of some petitions, in any order; what f is given
// is f's until it returns.
func (s *Store) eachPublic(ctx context.Context, ids []petition.ID, imported bool, f func(*Public)) error {
	more, from := ``, ``
	var listed, parliament sql.NullString
	var dest []any
	if imported {
		more, from = `, i.listed, i.parliament`, ` LEFT JOIN imports i ON i.petition_id = p.id`
		dest = []any{&listed, &parliament}
	}
	var v Public // one for all rows
	rows, err := s.query(ctx, `SELECT `+publicColumns+more+` FROM petitions p`+from+` WHERE p.id IN `+s.d.among(1), idList(s.d, ids))
	return s.d.each(rows, err, func(scan func(...any) error) error {
		v = Public{}
		if err := scanPublic(&v, scan, dest...); err != nil {
			return err
		}
		v.Listed, v.Parliament = raw(listed), raw(parliament)
		f(&v)
		return nil
	})
}

// EachPublic calls f for every petition of a list, whatever its length, in
// steps, so that an export of the whole needs little memory.
func (s *Store) EachPublic(ctx context.Context, q ListQuery, f func(Public) error) error {
	ids, err := s.listIDs(ctx, q)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(ids, 500) {
		items, err := s.publicByIDs(ctx, chunk, q.Imported)
		if err != nil {
			return err
		}
		for _, v := range items {
			if err := f(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// listIDs are all petitions of a list, in its order.
func (s *Store) listIDs(ctx context.Context, q ListQuery) ([]petition.ID, error) {
	if q.Search != "" {
		index, err := s.searchIndex(ctx)
		if err != nil {
			return nil, err
		}
		q.Offset, q.Limit = 0, search.All
		r, err := s.narrowed(ctx, index.Search(search.Parse(q.Search), 0, search.All), q)
		return r.IDs, err
	}
	where, args, err := s.listWhere(q)
	if err != nil {
		return nil, err
	}
	return s.ids(ctx, `SELECT p.id FROM `+s.from(q)+` WHERE `+where+` ORDER BY `+q.order(), args...)
}

// Trend is a petition with its signatures of the last days.
type Trend struct {
	Public
	Lately int64
}

// Trending are the open petitions with the most signatures since the civil day
// since, as the public may see them; days are the finest the store knows. A
// petition whose count is behind has the signatures of its last step: one that
// fell below the live count stays where it was until its page tells so, too.
func (s *Store) Trending(ctx context.Context, since petition.Date, limit int) ([]Trend, error) {
	lately := map[petition.ID]int64{}
	var ids []petition.ID
	rows, err := s.query(ctx, `SELECT x.id, x.lately FROM (
		SELECT d.petition_id AS id, sum(CASE WHEN p.shown = p.count THEN d.count ELSE d.shown END) AS lately
			FROM day_counts d JOIN petitions p ON p.id = d.petition_id
			WHERE d.day >= $1 AND p.state = 'open' AND p.listed = 1 GROUP BY d.petition_id) x
		WHERE x.lately > 0 ORDER BY x.lately DESC, x.id LIMIT $2`, since.DayNumber(), limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var id petition.ID
		var n int64
		if err := scan(&id, &n); err != nil {
			return err
		}
		ids, lately[id] = append(ids, id), n
		return nil
	})
	if err != nil {
		return nil, err
	}
	items, err := s.publicByIDs(ctx, ids, false)
	trends := make([]Trend, len(items))
	for i, p := range items {
		trends[i] = Trend{Public: p, Lately: lately[p.ID]}
	}
	return trends, err
}

// Topics are the codes in use by public petitions, with how many each has.
func (s *Store) Topics(ctx context.Context) (map[string]int, error) {
	topics := make(map[string]int)
	rows, err := s.query(ctx, `SELECT t.topic, count(*) FROM topics t JOIN petitions p ON p.id = t.petition_id
		WHERE p.listed = 1 GROUP BY t.topic`)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var code string
		var n int
		if err := scan(&code, &n); err != nil {
			return err
		}
		topics[code] = n
		return nil
	})
	return topics, err
}

// Totals are the numbers of the home page.
type Totals struct {
	Petitions, Open, Answered, Awaiting int
	Signatures                          int64
}

// Totals counts what is public, once for each generation. Each part has an
// index that holds all it needs.
func (s *Store) Totals(ctx context.Context) (Totals, error) {
	gen := s.Generation()
	s.totals.mu.Lock()
	s.totals.at(gen)
	known := s.totals.whole
	s.totals.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	var t Totals
	err := s.queryRow(ctx, `SELECT count(*), COALESCE(sum(shown), 0), count(*) FILTER (WHERE state = 'open'),
		(SELECT count(*) FROM petitions WHERE listed = 1 AND answered_at IS NOT NULL),
		(SELECT count(*) FROM petitions WHERE listed = 1 AND response_at IS NOT NULL AND answered_at IS NULL AND archived_at IS NULL)
		FROM petitions WHERE listed = 1`).Scan(&t.Petitions, &t.Signatures, &t.Open, &t.Answered, &t.Awaiting)
	if err != nil {
		return t, s.d.classify(err)
	}
	s.totals.mu.Lock()
	defer s.totals.mu.Unlock()
	if s.totals.generation == gen {
		s.totals.whole = &t
	}
	return t, nil
}

// Parliaments are the distinct parliament objects of imported archives.
func (s *Store) Parliaments(ctx context.Context) ([]json.RawMessage, error) {
	var list []json.RawMessage
	rows, err := s.query(ctx, `SELECT DISTINCT parliament FROM imports WHERE parliament IS NOT NULL ORDER BY parliament`)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		var p string
		if err := scan(&p); err != nil {
			return err
		}
		list = append(list, json.RawMessage(p))
		return nil
	})
	return list, err
}

// DeskAnswers are the petitions to a body at which it was asked for something
// or has answered: those without an answer first, the longest asked before the
// others, then the answered ones, the latest first.
func (s *Store) DeskAnswers(ctx context.Context, body string, limit int) ([]petition.Petition, error) {
	var items []petition.Petition
	rows, err := s.r.QueryContext(ctx, `SELECT `+recordColumns+` FROM petitions p
		WHERE p.body = $1 AND p.listed = 1 AND p.state IN ('open', 'closed') AND p.origin IN ($2, $3)
			AND (p.response_at IS NOT NULL OR p.debate_at IS NOT NULL OR p.answered_at IS NOT NULL)
		ORDER BY CASE WHEN p.answered_at IS NULL THEN 0 ELSE 1 END, p.answered_at DESC,
			COALESCE(p.response_at, p.debate_at), p.id LIMIT $4`, body, string(Here), string(Replay), limit)
	err = s.d.each(rows, err, func(scan func(...any) error) error {
		p, err := scanRecord(scan)
		items = append(items, p)
		return err
	})
	return items, err
}

// DeskPetition is a petition as an officer sees it, with its whole history.
// The petitioner's address is not part of it.
func (s *Store) DeskPetition(ctx context.Context, id petition.ID) (petition.Petition, []petition.Event, error) {
	p, err := scanRecord(s.r.QueryRowContext(ctx, `SELECT `+recordColumns+` FROM petitions p WHERE p.id = $1`, int64(id)).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil, ErrNotFound
	} else if err != nil {
		return p, nil, s.d.classify(err)
	}
	events, err := s.events(ctx, id)
	return p, events, err
}

// LatestChange is when a public list last changed, for feeds.
func (s *Store) LatestChange(ctx context.Context) (time.Time, error) {
	var at sql.NullString
	if err := s.queryRow(ctx, `SELECT max(updated_at) FROM petitions WHERE listed = 1`).Scan(&at); err != nil {
		return time.Time{}, s.d.classify(err)
	}
	return parseStampOrZero(at)
}
