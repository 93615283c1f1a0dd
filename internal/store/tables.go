package store

import (
	"slices"
	"strings"
)

// kind is what a column holds, the same in both engines.
type kind byte

const (
	integer kind = 'i'
	text    kind = 't'
	blob    kind = 'b'
)

// table is one table of the schema as a backup sees it.
type table struct {
	name    string
	order   string // the key its rows are written in the order of
	columns []string
	kinds   []kind
	counted bool // its id is given by the database
}

// tables are all tables in foreign-key order: a row never refers to a table
// below its own. Not here, and why: schema_version belongs to the migrations,
// recent is written as rows of signatures, petition_words is made again from the
// records, desk_search follows desk by itself, leases, heartbeats and servers
// belong to processes that run now. A test compares the list with both schemas.
var tables = []table{
	newTable("meta", "name", "name:t value:t"),
	newTable("counters", "name", "name:t value:i"),
	newTable("profiles", "id, version", "id:t version:t source:t"),
	newTable("bodies", "id", "id:t place:t record:t"),
	newTable("places", "id", "id:i code:t"),
	newTable("petitions", "id", "id:i uid:b number:i version:i origin:t archived:i listed:i state:t profile:t"+
		" profile_version:t lang:t body:t place:t record:t salt:b count:i shown:i shown_at:t counted_at:t next_threshold:i next_due:t"+
		" created_at:t updated_at:t opened_at:t closes_at:t queued_at:t response_at:t answered_at:t debate_at:t"+
		" debate_on:t debated_at:t debated:i answer_by:t answer_days:i answer_workdays:i archived_at:t archive_from:t"),
	newTable("texts", "petition_id, version", "petition_id:i version:i texts:t hash:b"),
	newTable("outages", "from_at", "from_at:t to_at:t given:i"),
	newTable("stages", "stage, petition_id", "petition_id:i stage:t"),
	newTable("topics", "topic, petition_id", "petition_id:i topic:t"),
	newTable("imports", "petition_id", "petition_id:i hash:b document:t listed:t parliament:t"),
	newTable("files", "hash", "hash:b type:t bytes:b"),
	newTable("attachments", "hash, petition_id", "hash:b petition_id:i"),
	newTable("reminders", "petition_id, due, kind", "petition_id:i due:t kind:t at:t"),
	newTable("events", "seq", "seq:i petition_id:i kind:t at:t actor:t data:t"),
	newTable("cursors", "name", "name:t seq:i"),
	// Without their ids, which nothing refers to, and in the order of the
	// nullifiers: a backup does not tell in which order people signed, and
	// both trees of the new table grow at their end.
	newTable("signatures", "petition_id, nullifier", "petition_id:i nullifier:b place:i day:i status:i generation:i"),
	newTable("place_counts", "petition_id, place", "petition_id:i place:i count:i shown:i"),
	newTable("day_counts", "petition_id, day", "petition_id:i day:i count:i shown:i"),
	newTable("pending", "petition_id, nullifier, withdrawal", "petition_id:i nullifier:b withdrawal:i letters:i hour:i"),
	newTable("subscriptions", "id", "id:b petition_id:i address:b lang:t active:i hour:i refused:i"),
	newTable("contacts", "petition_id", "petition_id:i address_hash:b address:b lang:t"),
	newTable("org_names", "petition_id", "petition_id:i skeleton:t name:t"),
	newTable("news_waiting", "petition_id", "petition_id:i at:t"),
	newTable("outbox", "id", "id:i uid:t kind:t priority:i sealed:b stage:i attempts:i not_before:t holder:t lane:i queued_at:t"),
	newTable("letter_counts", "day, priority, result", "day:t priority:i result:t count:i"),
	newTable("bounces", "tag", "tag:b day:t"),
	newTable("mailings", "id", "id:i event_seq:i kind:t petition_id:i args:t last:b done:i made:i audience:i"),
	newTable("staff", "id", "id:i address_hash:b address:b role:t body:t created_at:t disabled:i"),
	newTable("complaints", "id", "id:i ref:t petition_id:i state:t decide_by:t record:t address:b"),
	newTable("complaint_events", "complaint_id, kind", "complaint_id:i kind:t at:t actor:t"),
	newTable("demands", "id", "id:i arrived:t publish_on:t record:t"),
	newTable("tallies", "month, act, reason, days", "month:t act:t reason:t days:i count:i"),
	newTable("settings", "name", "name:t value:t"),
	newTable("settings_acts", "id", "id:i at:t actor:i name:t old_value:t new_value:t"),
	newTable("place_sets", "hash", "hash:t csv:t"),
	newTable("setup_links", "hash", "hash:b expires_at:t used:i"),
	newTable("setup_draft", "name", "name:t sealed:b"),
	newTable("login_links", "hash", "hash:b staff_id:i expires_at:t reset:i"),
	newTable("sessions", "hash", "hash:b staff_id:i created_at:t seen_at:t expires_at:t proven:i"),
	newTable("totp", "staff_id", "staff_id:i secret:b step:i proven:i"),
	newTable("desk", "petition_id", "petition_id:i state:t due:t second:i words:t missed:i"),
	newTable("claims", "petition_id", "petition_id:i staff_id:i until:t"),
	newTable("delay_letters", "id", "id:i form:t at:t staff_id:i record:t last:i told:i done:i"),
	newTable("delay_told", "letter_id, address_hash", "letter_id:i address_hash:b"),
	newTable("notes", "id", "id:i petition_id:i staff_id:i at:t text:t"),
}

// newTable reads columns as "name:kind name:kind".
func newTable(name, order, columns string) table {
	t := table{name: name, order: order}
	for c := range strings.FieldsSeq(columns) {
		column, k, _ := strings.Cut(c, ":")
		t.columns = append(t.columns, column)
		t.kinds = append(t.kinds, kind(k[0]))
	}
	t.counted = t.columns[0] == "id" && t.kinds[0] == integer
	return t
}

// lockOrder names all tables in the lock order of the package.
func lockOrder() []string {
	names := []string{"cursors", "petitions"}
	for _, t := range tables {
		if !slices.Contains(names, t.name) && t.name != "counters" {
			names = append(names, t.name)
		}
	}
	return append(names, "counters")
}

// Count is how many rows of one table a backup holds.
type Count struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Counts are the tables of a backup, in its order.
type Counts []Count

// Rows is the number of rows of one table.
func (c Counts) Rows(table string) int64 {
	for _, n := range c {
		if n.Table == table {
			return n.Rows
		}
	}
	return 0
}
