package store

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dauys/dauys/petition"
)

// Origin tells where a petition was made.
type Origin string

// The origins. Only petitions made here, and replays, can be signed.
const (
	Here   Origin = "here"
	UKJSON Origin = "uk-json"
	UKCSV  Origin = "uk-csv"
	Replay Origin = "replay"
)

// recordColumns are what loads a petition.Petition, in the order of scanRecord.
const recordColumns = `p.id, p.uid, COALESCE(p.number, 0), p.version, p.record, p.count, p.shown, p.shown_at, p.counted_at`

type scanner func(dest ...any) error

// scanRecord reads recordColumns and then the columns of more.
func scanRecord(scan scanner, more ...any) (petition.Petition, error) {
	var p petition.Petition
	err := scanRecordInto(&p, scan, more...)
	return p, err
}

// scanRecordInto is scanRecord into an empty p: a petition is large, and lists
// have many.
func scanRecordInto(p *petition.Petition, scan scanner, more ...any) error {
	var (
		uid     []byte
		number  int64
		record  string
		shownAt sql.NullString
		counted sql.NullString
	)
	dest := append([]any{&p.ID, &uid, &number, &p.Version, &record, &p.Count, &p.Shown, &shownAt, &counted}, more...)
	if err := scan(dest...); err != nil {
		return err
	}
	if err := decodeRecord(record, p); err != nil {
		return fmt.Errorf("store: record of petition %d: %w", p.ID, err)
	}
	p.UID, p.Number = petition.UID(uid), number
	var err error
	if p.ShownAt, err = parseStampOrZero(shownAt); err != nil {
		return err
	}
	p.CountedAt, err = parseStampOrZero(counted)
	return err
}

// load reads a petition and locks its row until the transaction ends.
func (tx *Tx) load(id petition.ID) (petition.Petition, error) {
	row := tx.row(`SELECT `+recordColumns+` FROM petitions p WHERE p.id = $1`+tx.d.forUpdate, int64(id))
	p, err := scanRecord(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrNotFound
	}
	return p, tx.d.classify(err)
}

// column is one derived column of the petitions table.
type column struct {
	name  string
	value any
}

// columns derives every column but id, uid, version, origin, salt and the
// counts from the record and its law. A nil law (an import) has no clock.
func columns(p petition.Petition, law *petition.Profile, now time.Time) ([]column, error) {
	record, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	cols := []column{
		{"number", nullIfZero(p.Number)},
		{"listed", bit(p.State.Public() && !p.HideText)},
		{"state", string(p.State)},
		{"profile", p.Profile.ID}, {"profile_version", p.Profile.Version},
		{"lang", string(p.Lang)}, {"body", p.Body}, {"place", p.Place},
		{"record", string(record)},
		{"updated_at", stamp(now)},
		{"opened_at", stampOrNull(p.OpenedAt)}, {"closes_at", stampOrNull(p.ClosesAt)},
		{"queued_at", stampOrNull(p.QueuedAt)},
	}
	var next int64
	var due time.Time
	var response, debate time.Time
	if law != nil {
		next, due = law.NextThreshold(p), law.NextDue(p)
		response, debate = dutyReached(p, law, "answer"), dutyReached(p, law, "hearing", "debate")
	}
	answered := time.Time{}
	if p.Answer != nil {
		answered = p.Answer.At
	}
	cols = append(append(cols, answerColumns(p, law)...), archiveColumns(p, law)...)
	return append(cols,
		column{"next_threshold", next}, column{"next_due", stampOrNull(due)},
		column{"response_at", stampOrNull(response)}, column{"answered_at", stampOrNull(answered)},
		column{"debate_at", stampOrNull(debate)}), nil
}

// dutyReached is when the first stage with one of these duties was reached.
func dutyReached(p petition.Petition, law *petition.Profile, duties ...string) time.Time {
	for _, r := range p.Stages {
		s, ok := law.Stage(r.Stage)
		for _, d := range duties {
			if ok && s.Duty == d {
				return r.At
			}
		}
	}
	return time.Time{}
}

func nullIfZero(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// insert writes a new petition with its columns and returns its id.
func (tx *Tx) insert(p petition.Petition, origin Origin, salt []byte, cols []column) (petition.ID, error) {
	all := append([]column{
		{"uid", p.UID[:]}, {"version", int64(1)}, {"origin", string(origin)}, {"archived", 0}, {"salt", salt},
		{"count", p.Count}, {"shown", p.Shown}, {"shown_at", stampOrNull(p.ShownAt)}, {"created_at", stamp(p.CreatedAt)},
	}, cols...)
	names, args := make([]string, len(all)), make([]any, len(all))
	for i, c := range all {
		names[i], args[i] = c.name, c.value
	}
	var id petition.ID
	err := tx.d.scan(tx.row(`INSERT INTO petitions (`+strings.Join(names, ", ")+`) VALUES `+
		tx.d.tuples(1, len(all))+` RETURNING id`, args...), &id)
	return id, err
}

// save writes the record and what follows from it, and its new text version.
// Counts stay the pool's; publication and the close move shown.
func (tx *Tx) save(before, p petition.Petition, now time.Time) error {
	cols, err := columns(p, tx.s.laws.Of(p), now)
	if err != nil {
		return err
	}
	if p.Shown != before.Shown || !p.ShownAt.Equal(before.ShownAt) {
		cols = append(cols, column{"shown", p.Shown}, column{"shown_at", stampOrNull(p.ShownAt)})
	}
	if p.Archived() {
		cols = append(cols, column{"archived", 1})
	}
	cols = append(cols, column{"version", p.Version + 1})
	sets, args := make([]string, len(cols)), make([]any, len(cols), len(cols)+2)
	for i, c := range cols {
		sets[i], args[i] = fmt.Sprintf("%s = $%d", c.name, i+1), c.value
	}
	n, err := tx.affected(fmt.Sprintf(`UPDATE petitions SET %s WHERE id = $%d AND version = $%d`,
		strings.Join(sets, ", "), len(cols)+1, len(cols)+2), append(args, int64(p.ID), p.Version)...)
	if err != nil {
		return err
	}
	if n != 1 {
		return ErrConflict
	}
	if err := tx.saveDesk(before, p); err != nil {
		return err
	}
	if p.TextVersion != before.TextVersion {
		if err := tx.saveText(p); err != nil {
			return err
		}
	}
	// What no law rules may lie on a shelf, which follows the index.
	if p.State.Public() != before.State.Public() || p.TextVersion != before.TextVersion || p.HideText != before.HideText || tx.s.laws.Of(p) == nil {
		tx.index(p)
	}
	return nil
}

// saveText keeps a version of the text with its hash, for ever.
func (tx *Tx) saveText(p petition.Petition) error {
	texts, err := json.Marshal(p.Texts)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(texts)
	return tx.exec(`INSERT INTO texts (petition_id, version, texts, hash) VALUES ($1, $2, $3, $4)`,
		int64(p.ID), p.TextVersion, string(texts), hash[:])
}
