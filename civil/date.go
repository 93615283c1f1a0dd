package civil

import (
	"fmt"
	"time"
)

// Date is a civil date. Legal terms count dates, never multiples of 24 hours.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the civil date of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("civil: date %q: want YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// DateOfDay is the civil date n days after 1 January 1970. See Date.DayNumber.
func DateOfDay(n int) Date { return DateOf(time.Unix(int64(n)*86400, 0).UTC()) }

// DayNumber counts days since 1 January 1970: the form in which the store keeps days.
func (d Date) DayNumber() int { return int(d.utc().Unix() / 86400) }

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String is YYYY-MM-DD, or "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD, or nothing for no date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	x, err := ParseDate(string(b))
	*d = x
	return err
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.utc().Before(e.utc()) }

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return e.Before(d) }

// AddDays moves by n civil days.
func (d Date) AddDays(n int) Date { return DateOf(d.utc().AddDate(0, 0, n)) }

// AddMonths moves by n months, to the last day of the month where the day does
// not exist there (31 August + 6 months is 28 or 29 February).
func (d Date) AddMonths(n int) Date {
	first := time.Date(d.Year, d.Month, 1, 0, 0, 0, 0, time.UTC).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(d.Day, last)}
}

// DaysUntil counts civil days from d to e; negative when e is earlier.
func (d Date) DaysUntil(e Date) int { return e.DayNumber() - d.DayNumber() }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Midnight is the first moment of d in loc. Where the clocks jump over midnight
// it is the moment of the jump; where midnight comes twice, the earlier one.
func (d Date) Midnight(loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
	start, end := t.ZoneBounds()
	if DateOf(t).Before(d) {
		return end
	}
	if h, m, sec := t.Clock(); h+m+sec > 0 {
		return start
	}
	if start.IsZero() {
		return t
	}
	_, offset := start.Add(-1).Zone()
	if first := d.utc().Add(-time.Duration(offset) * time.Second); first.Before(start) {
		return first.In(loc)
	}
	return t
}

// Unit is what a term counts.
type Unit string

// The units of legal terms.
const (
	Days     Unit = "day"
	Workdays Unit = "workday"
	Weeks    Unit = "week"
	Months   Unit = "month"
)

// Term is a legal term: so many units after an event. The day of the event is
// not counted; the term ends when its last day ends.
type Term struct {
	N    int  `yaml:"n" json:"n"`
	Unit Unit `yaml:"unit" json:"unit"`
}

// IsZero reports whether the law sets no term.
func (t Term) IsZero() bool { return t.N == 0 }

// LastDay is the last day of the term that an event on day from starts.
func (t Term) LastDay(from Date, cal *Calendar) Date {
	switch t.Unit {
	case Workdays:
		return cal.AddWorkdays(from, t.N)
	case Weeks:
		return from.AddDays(7 * t.N)
	case Months:
		return from.AddMonths(t.N)
	default:
		return from.AddDays(t.N)
	}
}

// End is the moment at which the term started by an event at at has run out:
// the midnight after its last day, in loc.
func (t Term) End(at time.Time, cal *Calendar, loc *time.Location) time.Time {
	return t.LastDay(DateOf(at.In(loc)), cal).AddDays(1).Midnight(loc)
}

// Holiday is one dated departure from the week.
type Holiday struct {
	Date Date   `yaml:"date" json:"date"`
	Name string `yaml:"name" json:"name"`
	// Source and Confidence (verified, press, recalled, unverified) say how far the day can be relied on.
	Source     string `yaml:"source" json:"source,omitempty"`
	Confidence string `yaml:"confidence" json:"confidence,omitempty"`
}

// Calendar is the working-day calendar of a law, as dated data. A year without
// data counts weekends only, and Covers says so.
type Calendar struct {
	ID       string    `yaml:"id" json:"id"`
	From     Date      `yaml:"from" json:"from"` // first and last day for which holidays are known
	To       Date      `yaml:"to" json:"to"`
	Weekend  []string  `yaml:"weekend" json:"weekend"`   // "saturday", "sunday"
	Holidays []Holiday `yaml:"holidays" json:"holidays"` // not worked
	Worked   []Holiday `yaml:"worked" json:"worked"`     // weekend days worked by transfer

	off  map[Date]bool // derived by index; owned by the goroutine that reads the profile
	on   map[Date]bool
	week [7]bool
}

// Index prepares the look-ups. The reader of the profile calls it once, before
// the calendar is shared.
func (c *Calendar) Index() error {
	c.off, c.on, c.week = make(map[Date]bool, len(c.Holidays)), make(map[Date]bool, len(c.Worked)), [7]bool{}
	for _, name := range c.Weekend {
		day, ok := weekdays[name]
		if !ok {
			return fmt.Errorf("civil: calendar %s: unknown weekday %q", c.ID, name)
		}
		c.week[day] = true
	}
	if c.week == [7]bool{true, true, true, true, true, true, true} {
		return fmt.Errorf("civil: calendar %s: no day of the week is worked", c.ID)
	}
	for _, h := range c.Holidays {
		c.off[h.Date] = true
	}
	for _, h := range c.Worked {
		if c.off[h.Date] {
			return fmt.Errorf("civil: calendar %s: %s is both a holiday and worked", c.ID, h.Date)
		}
		c.on[h.Date] = true
	}
	return nil
}

var weekdays = map[string]time.Weekday{
	"sunday": time.Sunday, "monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday,
	"thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday,
}

// Workday reports whether d is worked.
func (c *Calendar) Workday(d Date) bool {
	if c.off[d] {
		return false
	}
	return !c.week[d.Weekday()] || c.on[d]
}

// Covers reports whether the holidays of d are known.
func (c *Calendar) Covers(d Date) bool { return !d.Before(c.From) && !d.After(c.To) }

// AddWorkdays is the n-th working day after d.
func (c *Calendar) AddWorkdays(d Date, n int) Date {
	for n > 0 {
		d = d.AddDays(1)
		if c.Workday(d) {
			n--
		}
	}
	return d
}

// Workdays counts the working days after d up to and including e.
func (c *Calendar) Workdays(d, e Date) int {
	n := 0
	for d.Before(e) {
		d = d.AddDays(1)
		if c.Workday(d) {
			n++
		}
	}
	return n
}
