package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dauys/dauys/petition"
)

// Check compares everything that must agree, as of one moment, while serving
// goes on. Each finding is one line; none means that the store is sound.
// Findings name petitions by local id, and no person.
//
// What is counted is counted by the database; what a record derives is
// derived again by the same functions that saved it. Memory does not grow
// with the number of signatures.
func (s *Store) Check(ctx context.Context) (findings []string, err error) {
	conn, err := s.r.Conn(ctx)
	if err != nil {
		return nil, s.d.classify(err)
	}
	defer conn.Close()
	if s.d.name == sqlite.name {
		// Sorting all signatures must not happen in memory.
		if _, err := conn.ExecContext(ctx, `PRAGMA temp_store = FILE`); err != nil {
			return nil, s.d.classify(err)
		}
		defer func() {
			if _, rerr := conn.ExecContext(context.WithoutCancel(ctx), `PRAGMA temp_store = MEMORY`); rerr != nil {
				_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // nobody gets a connection that was cut off
			}
		}()
	}
	tx, err := conn.BeginTx(ctx, s.d.snapshot)
	if err != nil {
		return nil, s.d.classify(err)
	}
	defer tx.Rollback()
	c := &checker{ctx: ctx, tx: tx, d: s.d, laws: s.laws}
	for _, step := range []func() error{c.engine, c.sums, c.counters, c.petitions, c.texts, c.small} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("store: check: %w", err)
		}
	}
	return c.findings, nil
}

// maxFindings is how many findings of one sort are listed: a broken store has
// them by the million, and the first ones tell.
const maxFindings = 100

type checker struct {
	ctx      context.Context
	tx       *sql.Tx
	d        dialect
	laws     petition.Laws
	findings []string
}

func (c *checker) find(format string, args ...any) {
	c.findings = append(c.findings, fmt.Sprintf(format, args...))
}

// engine asks SQLite about its own pages; PostgreSQL keeps checksums itself.
func (c *checker) engine() error {
	if c.d.name != sqlite.name {
		return nil
	}
	rows, err := c.tx.QueryContext(c.ctx, fmt.Sprintf(`PRAGMA integrity_check(%d)`, maxFindings))
	err = c.d.each(rows, err, func(scan func(...any) error) error {
		var line string
		if err := scan(&line); err != nil || line == "ok" {
			return err
		}
		c.find("file: %s", line)
		return nil
	})
	if err != nil {
		return err
	}
	rows, err = c.tx.QueryContext(c.ctx, `PRAGMA foreign_key_check`)
	return c.d.each(rows, err, func(scan func(...any) error) error {
		var child, parent string
		var row sql.NullInt64
		var key int64
		if err := scan(&child, &row, &parent, &key); err != nil {
			return err
		}
		c.find("table %s, row %d: refers to a row of %s that is not there", child, row.Int64, parent)
		return nil
	})
}

// rule is a query that returns nothing when all is well. Its rows fill what,
// all their columns being numbers.
type rule struct{ what, query string }

// local are the petitions that are signed here.
const local = `p.origin IN ('here', 'replay')`

// signed counts the signatures, those that are not in their table yet included, by
// columns, as n: a row or two for each value.
func (d dialect) signed(columns, where string) string {
	count := func(from string) string {
		return `SELECT ` + columns + `, count(*) AS n FROM ` + from + ` WHERE ` + where + ` GROUP BY ` + columns
	}
	if d.name != sqlite.name {
		return count(`signatures s`)
	}
	return count(`signatures s`) + ` UNION ALL ` + count(`(`+recentRows+`) s`)
}

// sumRules compare the counters with the rows they count.
func sumRules(d dialect) []rule {
	return []rule{
		{"petition %d: count is %d, %d signatures are active", `SELECT p.id, p.count, CAST(COALESCE(s.n, 0) AS BIGINT) FROM petitions p
			LEFT JOIN (SELECT petition_id, sum(n) AS n FROM (` + d.signed("petition_id", "status = 0") + `) x GROUP BY petition_id) s ON s.petition_id = p.id
			WHERE ` + local + ` AND p.count <> COALESCE(s.n, 0) ORDER BY p.id`},
		{"petition %d, place %d: count is %d, %d signatures are active", d.compareCells("place")},
		{"petition %d, day %d: count is %d, %d signatures are active", d.compareCells("day")},
		{"petition %d: signatures %d, imported petitions have none", `SELECT x.petition_id, CAST(sum(x.n) AS BIGINT) FROM (
			` + d.signed("petition_id", "status >= 0") + `) x JOIN petitions p ON p.id = x.petition_id
			WHERE NOT (` + local + `) GROUP BY x.petition_id ORDER BY x.petition_id`},
	}
}

// compareCells is the query for counters by place or by day, against the rows.
func (d dialect) compareCells(by string) string {
	return `SELECT petition_id, ` + by + `, CAST(sum(counted) AS BIGINT), CAST(sum(rows_there) AS BIGINT) FROM (
		SELECT petition_id, ` + by + `, n AS rows_there, 0 AS counted FROM (` + d.signed("petition_id, "+by, "status = 0") + `) s
		UNION ALL SELECT petition_id, ` + by + `, 0, count FROM ` + by + `_counts) x
		GROUP BY petition_id, ` + by + ` HAVING sum(counted) <> sum(rows_there) ORDER BY petition_id, ` + by
}

// smallRules are about tables that are not large.
var smallRules = []rule{
	{"petition %d: found by search and not public", `SELECT petition_id FROM petition_words WHERE words <> ''
		AND petition_id NOT IN (SELECT id FROM petitions WHERE listed = 1) ORDER BY petition_id`},
	{"petition %d: its search words have a number that was not given yet", `SELECT petition_id FROM petition_words
		WHERE seq > (SELECT value FROM counters WHERE name = 'search') ORDER BY petition_id`},
	{"petition %d: waits for an officer and is not on the desk, or the other way round", `SELECT id FROM petitions
		WHERE (state IN ('authorising', 'moderation', 'appealed', 'hidden')) <> (id IN (SELECT petition_id FROM desk)) ORDER BY id`},
	{"number %d: %d petitions have it", `SELECT number, count(*) FROM petitions WHERE number IS NOT NULL GROUP BY number HAVING count(*) > 1 ORDER BY number`},
	{"petition %d: number %d was not given yet", `SELECT p.id, p.number FROM petitions p WHERE ` + local + `
		AND p.number > (SELECT value FROM counters WHERE name = 'number') ORDER BY p.id`},
	{"petition %d: public and without a number", `SELECT id FROM petitions WHERE listed = 1 AND number IS NULL ORDER BY id`},
	{"petition %d: no text of version 1", `SELECT p.id FROM petitions p WHERE ` + local + `
		AND NOT EXISTS (SELECT 1 FROM texts t WHERE t.petition_id = p.id AND t.version = 1) ORDER BY p.id`},
	{"petition %d: signatures are kept under a salt that is gone too early", `SELECT p.id FROM petitions p
		WHERE p.origin = 'here' AND p.salt IS NULL AND p.state IN ('draft', 'supporting', 'authorising', 'moderation', 'returned', 'open', 'appealed') ORDER BY p.id`},
	{"letter %d: stage %d does not fit its holder", `SELECT id, stage FROM outbox
		WHERE stage NOT IN (0, 1, 2) OR attempts < 0 OR stage = 0 AND holder <> '' OR stage = 2 AND holder = '' ORDER BY id`},
	{"mailing %d: of event %d, which is not there", `SELECT id, event_seq FROM mailings WHERE event_seq NOT IN (SELECT seq FROM events) ORDER BY id`},
}

func (c *checker) sums() error { return c.rules(sumRules(c.d)) }

func (c *checker) small() error { return c.rules(smallRules) }

func (c *checker) rules(rules []rule) error {
	for _, r := range rules {
		n := 0
		rows, err := c.tx.QueryContext(c.ctx, r.query)
		if err != nil {
			return c.d.classify(err)
		}
		cols, err := rows.Columns()
		if err != nil {
			rows.Close()
			return err
		}
		numbers, dest := make([]int64, len(cols)), make([]any, len(cols))
		for i := range numbers {
			dest[i] = &numbers[i]
		}
		err = c.d.each(rows, nil, func(scan func(...any) error) error {
			if err := scan(dest...); err != nil {
				return err
			}
			if n++; n > maxFindings {
				return nil
			}
			args := make([]any, len(numbers))
			for i, v := range numbers {
				args[i] = v
			}
			c.find(r.what, args...)
			return nil
		})
		if err != nil {
			return err
		}
		if n > maxFindings {
			c.find("and %d more of these", n-maxFindings)
		}
	}
	return nil
}

// counters checks that events are numbered without a gap.
func (c *checker) counters() error {
	var last, purged, generation, number sql.NullInt64
	err := c.tx.QueryRowContext(c.ctx, `SELECT max(CASE name WHEN 'event' THEN value END), max(CASE name WHEN 'purged' THEN value END),
		max(CASE name WHEN 'generation' THEN value END), max(CASE name WHEN 'number' THEN value END) FROM counters`).
		Scan(&last, &purged, &generation, &number)
	if err != nil {
		return c.d.classify(err)
	}
	if !last.Valid || !purged.Valid || !generation.Valid || !number.Valid {
		c.find("a counter is missing")
	}
	var n, low, high int64
	if err := c.tx.QueryRowContext(c.ctx, `SELECT count(*), COALESCE(min(seq), 1), COALESCE(max(seq), 0) FROM events`).Scan(&n, &low, &high); err != nil {
		return c.d.classify(err)
	}
	if n+purged.Int64 != last.Int64 || low < 1 || high > last.Int64 {
		c.find("events: %d are there from %d to %d and %d were erased with drafts, the counter says %d", n, low, high, purged.Int64, last.Int64)
	}
	var ahead int64
	if err := c.tx.QueryRowContext(c.ctx, `SELECT count(*) FROM cursors WHERE seq > $1`, last.Int64).Scan(&ahead); err != nil {
		return c.d.classify(err)
	}
	if ahead > 0 {
		c.find("%d followers are ahead of the last event", ahead)
	}
	return nil
}

// stored are the derived columns of a petition as they are.
type stored struct {
	petition.Petition
	origin  Origin
	values  map[string]any
	updated string
}

// derived are the columns that follow from the record alone; the imports' own
// dates come with the import.
var (
	derived   = []string{"number", "listed", "state", "profile", "profile_version", "lang", "body", "place", "next_threshold", "next_due", "opened_at", "closes_at", "queued_at"}
	derivedBy = []string{"response_at", "answered_at", "debate_at", "answer_by", "answer_days", "answer_workdays", "archived_at", "archive_from"} // by the law, of petitions made here
)

// petitions derives every petition's columns again, in one pass.
func (c *checker) petitions() error {
	stages, err := c.stageTable()
	if err != nil {
		return err
	}
	events, err := c.pairs(`SELECT petition_id, count(*) FROM events WHERE kind IN ('stage', 'addressed') GROUP BY petition_id`)
	if err != nil {
		return err
	}
	cells, err := c.pairs(`SELECT petition_id, CAST(sum(shown) AS BIGINT) FROM place_counts GROUP BY petition_id`)
	if err != nil {
		return err
	}
	days, err := c.pairs(`SELECT petition_id, CAST(sum(shown) AS BIGINT) FROM day_counts GROUP BY petition_id`)
	if err != nil {
		return err
	}
	signed, err := c.pairs(`SELECT petition_id, CAST(sum(n) AS BIGINT) FROM (` +
		c.d.signed("petition_id", "EXISTS (SELECT 1 FROM stages t WHERE t.petition_id = s.petition_id)") + `) x GROUP BY petition_id`)
	if err != nil {
		return err
	}
	names := slices.Concat(derived, derivedBy)
	var query strings.Builder
	query.WriteString(`SELECT ` + recordColumns + `, p.origin, p.updated_at, COALESCE(d.words, '')`)
	for _, n := range names {
		query.WriteString(", p." + n)
	}
	rows, err := c.tx.QueryContext(c.ctx, query.String()+` FROM petitions p LEFT JOIN petition_words d ON d.petition_id = p.id ORDER BY p.id`)
	return c.d.each(rows, err, func(scan func(...any) error) error {
		st := stored{values: make(map[string]any, len(names))}
		values := make([]any, len(names))
		var words string
		dest := []any{&st.origin, &st.updated, &words}
		for i := range values {
			dest = append(dest, &values[i])
		}
		p, err := scanRecord(scan, dest...)
		if err != nil {
			if _, syntax := errors.AsType[*json.SyntaxError](err); syntax {
				c.find("petition %d: the record does not read", p.ID)
				return nil
			}
			return err
		}
		for i, n := range names {
			st.values[n] = values[i]
		}
		st.Petition = p
		if words != searchable(p) {
			c.find("petition %d: its search words are not those of its text", p.ID)
		}
		c.columns(st)
		c.shown(st, cells[p.ID], days[p.ID])
		c.stages(st, stages[p.ID], events[p.ID], signed[p.ID])
		return nil
	})
}

func (c *checker) columns(st stored) {
	law, here := c.laws.Of(st.Petition), st.origin == Here || st.origin == Replay
	if !here {
		law = nil
	} else if law == nil {
		c.find("petition %d: its profile %s %s is not known", st.ID, st.Profile.ID, st.Profile.Version)
		return
	}
	at, err := parseStamp(st.updated)
	if err != nil {
		c.find("petition %d: updated_at is no time", st.ID)
		return
	}
	cols, err := columns(st.Petition, law, at)
	if err != nil {
		c.find("petition %d: %v", st.ID, err)
		return
	}
	for _, col := range cols {
		if !slices.Contains(derived, col.name) && (!here || !slices.Contains(derivedBy, col.name)) {
			continue
		}
		if have := st.values[col.name]; fmt.Sprint(have) != fmt.Sprint(col.value) {
			c.find("petition %d: column %s does not follow from the record", st.ID, col.name)
		}
	}
}

// shown checks the public count: it is the count where that is live, and below
// the public places add up to it.
func (c *checker) shown(st stored, cells, days int64) {
	if st.origin != Here && st.origin != Replay {
		if st.Shown != st.Count {
			c.find("petition %d: imported, and its public count is not its count", st.ID)
		}
		return
	}
	law := c.laws.Of(st.Petition)
	if law == nil || st.State != petition.Open && st.State != petition.Closed {
		return
	}
	switch live := law.Live(st.Count); {
	case live && st.Shown != st.Count:
		c.find("petition %d: live, and its public count %d is not its count %d", st.ID, st.Shown, st.Count)
	case !live && cells != st.Shown:
		c.find("petition %d: the public places add up to %d, the public count is %d", st.ID, cells, st.Shown)
	case !live && days != 0 && days != st.Shown: // 0 from a schema without them, until the next step
		c.find("petition %d: the public days add up to %d, the public count is %d", st.ID, days, st.Shown)
	}
}

// stages compares the stages of a record with the table, the events and the
// signatures that were ever there.
func (c *checker) stages(st stored, table []string, events, signed int64) {
	if st.origin != Here && st.origin != Replay {
		return
	}
	law, names := c.laws.Of(st.Petition), make([]string, len(st.Stages))
	for i, r := range st.Stages {
		names[i] = r.Stage
		if law == nil {
			continue
		}
		if s, ok := law.Stage(r.Stage); !ok || st.Needed(s) != r.Threshold && st.Kind != petition.KindProposal {
			c.find("petition %d: stage %s is not that of its profile", st.ID, r.Stage)
		}
		if r.Threshold > signed {
			c.find("petition %d: stage %s was reached at %d, only %d ever signed", st.ID, r.Stage, r.Threshold, signed)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, table) {
		c.find("petition %d: the table of stages is not that of the record", st.ID)
	}
	if int64(len(names)) != events {
		c.find("petition %d: %d stages, %d events of stages", st.ID, len(names), events)
	}
}

// stageTable is the table of stages, sorted for each petition. Few petitions
// have any.
func (c *checker) stageTable() (map[petition.ID][]string, error) {
	table := make(map[petition.ID][]string)
	rows, err := c.tx.QueryContext(c.ctx, `SELECT petition_id, stage FROM stages ORDER BY petition_id, stage`)
	err = c.d.each(rows, err, func(scan func(...any) error) error {
		var id petition.ID
		var stage string
		err := scan(&id, &stage)
		table[id] = append(table[id], stage)
		return err
	})
	return table, err
}

func (c *checker) pairs(query string) (map[petition.ID]int64, error) {
	m := make(map[petition.ID]int64)
	rows, err := c.tx.QueryContext(c.ctx, query)
	err = c.d.each(rows, err, func(scan func(...any) error) error {
		var id petition.ID
		var n int64
		err := scan(&id, &n)
		m[id] = n
		return err
	})
	return m, err
}

// texts checks the hash of every text version, and that the last one is the record's.
func (c *checker) texts() error {
	rows, err := c.tx.QueryContext(c.ctx, `SELECT t.petition_id, t.version, t.texts, t.hash,
		CASE WHEN t.version = (SELECT max(version) FROM texts x WHERE x.petition_id = t.petition_id) THEN p.record END
		FROM texts t JOIN petitions p ON p.id = t.petition_id ORDER BY t.petition_id, t.version`)
	return c.d.each(rows, err, func(scan func(...any) error) error {
		var id, version int64
		var texts string
		var hash []byte
		var record sql.NullString
		if err := scan(&id, &version, &texts, &hash, &record); err != nil {
			return err
		}
		if sum := sha256.Sum256([]byte(texts)); string(sum[:]) != string(hash) {
			c.find("petition %d: text version %d is not what was hashed", id, version)
		}
		var p petition.Petition
		if !record.Valid || json.Unmarshal([]byte(record.String), &p) != nil {
			return nil //nolint:nilerr // an unreadable record is found elsewhere
		}
		if now, err := json.Marshal(p.Texts); err != nil || int64(p.TextVersion) != version || string(now) != texts {
			c.find("petition %d: the record's text is not text version %d", id, version)
		}
		return nil
	})
}
