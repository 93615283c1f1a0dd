package i18n

import (
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/petition"
)

// dateTable says how a language writes dates: patterns in which y is the year,
// d the day, D the day with two digits, M the month's number with two digits,
// L and S the month's name beside a day, long and short, A its name alone;
// text between single quotes, spaces of both kinds and points stand for themselves. Source: CLDR 48
// (Unicode-3.0), dates-gregorian; the short forms have the whole year, which
// CLDR cuts, since dates of the law run over decades.
type dateTable struct {
	long, short, monthYear string
	names, brief, alone    [12]string
}

// datesOf is the table of l.
func datesOf(l Lang) dateTable {
	switch l {
	case Kazakh:
		names := [12]string{"қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым",
			"шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан"}
		return dateTable{long: "y\u00a0'ж.' d\u00a0L", short: "D.M.y", monthYear: "y\u00a0'ж.' A", names: names, alone: names}
	case Russian:
		return dateTable{long: "d\u00a0L y\u00a0'г.'", short: "D.M.y", monthYear: "A y\u00a0'г.'",
			names: [12]string{"января", "февраля", "марта", "апреля", "мая", "июня",
				"июля", "августа", "сентября", "октября", "ноября", "декабря"},
			alone: [12]string{"январь", "февраль", "март", "апрель", "май", "июнь",
				"июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"}}
	}
	names := [12]string{"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December"}
	// Day and month in numbers read differently on the two sides of an ocean.
	return dateTable{long: "d L y", short: "d S y", monthYear: "A y", names: names, alone: names,
		brief: [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"}}
}

// Date is d in its long form: "2026 ж. 23 қараша", "23 ноября 2026 г.",
// "23 November 2026"; "" for no date. In the first two neither the day leaves its
// month nor the year its "ж." at the end of a line.
func (p *Printer) Date(d petition.Date) string { return p.dates.write(p.dates.long, d) }

// ShortDate is d for tables: "23.11.2026", in English "23 Nov 2026"; "" for no date.
func (p *Printer) ShortDate(d petition.Date) string { return p.dates.write(p.dates.short, d) }

// MonthYear is the month of d: "2026 ж. қараша", "ноябрь 2026 г.", "November 2026"; "" for no date.
func (p *Printer) MonthYear(d petition.Date) string { return p.dates.write(p.dates.monthYear, d) }

// Month is the name of m where it stands alone: "қараша", "ноябрь", "November"; "" for no month.
func (p *Printer) Month(m time.Month) string {
	if m < time.January || m > time.December {
		return ""
	}
	return p.dates.alone[m-1]
}

// Time is the hour and minute of t in loc, "09:05"; in t's own zone when loc is nil.
func (p *Printer) Time(t time.Time, loc *time.Location) string {
	if loc != nil {
		t = t.In(loc)
	}
	return t.Format("15:04")
}

func (dt dateTable) write(pattern string, d petition.Date) string {
	if d.IsZero() || d.Month < time.January || d.Month > time.December {
		return ""
	}
	var b strings.Builder
	quoted := false
	for _, r := range pattern {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
			b.WriteRune(r)
		case r == 'y':
			b.WriteString(strconv.Itoa(d.Year))
		case r == 'd':
			b.WriteString(strconv.Itoa(d.Day))
		case r == 'D':
			b.WriteString(twoDigits(d.Day))
		case r == 'M':
			b.WriteString(twoDigits(int(d.Month)))
		case r == 'L':
			b.WriteString(dt.names[d.Month-1])
		case r == 'S':
			b.WriteString(dt.brief[d.Month-1])
		case r == 'A':
			b.WriteString(dt.alone[d.Month-1])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
