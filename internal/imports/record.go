package imports

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/dauys/dauys/petition"
)

// Where a Record comes from: the values of Record.Source.
const (
	SourceJSON = "uk-json"
	SourceCSV  = "uk-csv"
)

// Limits on what is read.
const (
	MaxFile   = 64 << 20 // bytes in one file
	MaxTitle  = 255      // code points in a title
	MaxNumber = 1 << 53  // the largest petition number and count: beyond it JSON clients lose digits

	maxRow   = 64 << 10 // bytes in one CSV row
	maxDepth = 64       // nesting inside one JSON petition
)

// States are the states a petition may have in an export. The source shows
// these three and no other; an unpublished text is not ours to publish, so any
// other state is refused.
func States() []string { return []string{"open", "closed", "rejected"} }

// Record is one petition as it stands at the source. The CSV list gives Line,
// Number, Archived, State, Title, SignatureCount, Source and Hash; the rest is
// zero there. Times are in UTC and zero when null or absent.
type Record struct {
	Line     int   // 1-based line on which the CSV row or the JSON object starts
	Number   int64 // 1 to MaxNumber
	Archived bool  // of an earlier parliament
	State    string

	Title   string // never blank, at most MaxTitle code points, surrounding spaces kept
	Ask     string // what the source calls background
	Details string

	CreatorName    string
	SignatureCount int64 // 0 to MaxNumber

	CreatedAt             time.Time
	UpdatedAt             time.Time
	OpenedAt              time.Time
	ClosedAt              time.Time
	RejectedAt            time.Time
	ModerationThresholdAt time.Time
	ResponseThresholdAt   time.Time
	GovernmentResponseAt  time.Time
	DebateThresholdAt     time.Time
	DebateOutcomeAt       time.Time
	DebateScheduledOn     petition.Date
	ScheduledDebateDate   petition.Date
	ClosingDate           petition.Date

	Rejection   *Rejection // nil unless the document gives one
	Debated     bool       // the document names the day of a debate
	Topics      []string   // codes
	Departments []Department

	// The breakdowns in the order of the document. They need not add up to
	// SignatureCount.
	Countries, Constituencies, Regions []Cell

	// Raw is the document's attributes without insignificant white space:
	// order of keys, escapes and number literals as they were. Nil for CSV.
	Raw json.RawMessage
	// ListRaw is Raw without the breakdowns and other parliamentary business:
	// the attributes as a list of petitions shows them. Nil for CSV.
	ListRaw json.RawMessage
	// Parliament is the object beside the attributes of an archived document,
	// else nil.
	Parliament json.RawMessage

	Source string // SourceJSON or SourceCSV
	// Hash changes when the content does. Line, white space, order of keys,
	// escapes, links and null against absent do not count. The CSV and the
	// JSON form of a petition have different hashes, since the former says less.
	Hash [16]byte
}

// Rejection is why the source refused a petition.
type Rejection struct {
	Code    string // as there, "duplicate" for one
	Details string
}

// Department is a ministry a petition is addressed to. Any field may be empty.
type Department struct{ Acronym, Name, URL string }

// Cell is the number of signatures from one place.
type Cell struct {
	Name, Code string // Code is ISO 3166 for countries, ONS for the rest; either may be empty
	MP         string // of a constituency; empty when vacant
	Count      int64  // 0 to MaxNumber
}

// RowError says why one petition was not read. Reading goes on after it.
type RowError struct {
	File   string
	Line   int // 1-based: where the CSV row starts, or of the JSON value at fault
	Reason string
}

// Error is file:line: reason.
func (e *RowError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

// FileError says why a file could not be read, or not to its end. It is the
// last thing that Read yields.
type FileError struct {
	File string
	Line int // 0 when the fault has no line
	Err  error
}

// Error is file:line: reason, or file: reason.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

// Unwrap gives the cause, one of the sentinels or the reader's own error.
func (e *FileError) Unwrap() error { return e.Err }
