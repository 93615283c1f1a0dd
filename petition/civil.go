package petition

import "github.com/dauys/dauys/civil"

// The civil dates, terms and calendars of the law, under the names the rules use.
type (
	// Date is a civil date.
	Date = civil.Date
	// Term is a legal term.
	Term = civil.Term
	// Calendar is a working-day calendar.
	Calendar = civil.Calendar
)
