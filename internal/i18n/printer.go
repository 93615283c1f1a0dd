package i18n

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	xmessage "golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/dauys/dauys/petition"
)

// Printer says things in one language. It is safe for concurrent use.
type Printer struct {
	lang     Lang
	tag      language.Tag
	messages catalog
	dates    dateTable
	group    string // between groups of three digits
	percent  string // after a percentage, with the space before it where there is one

	collators sync.Pool // of *collate.Collator: one must not be used by two goroutines
}

// newPrinter prepares l. Separators are asked of x/text once: its own
// formatting is too slow for pages with hundreds of numbers.
func newPrinter(l Lang, c catalog) (*Printer, error) {
	p := &Printer{lang: l, tag: tag(l), messages: c, dates: datesOf(l)}
	p.collators.New = func() any { return collate.New(p.tag) }
	said := xmessage.NewPrinter(p.tag)
	var found bool
	_, rest, _ := strings.Cut(said.Sprint(number.Decimal(1234567)), "1")
	if p.group, _, found = strings.Cut(rest, "234"); !found {
		return nil, errors.New("no separator of digit groups")
	}
	if _, p.percent, found = strings.Cut(said.Sprint(number.Percent(0.25)), "25"); !found {
		return nil, errors.New("no sign of a percentage")
	}
	return p, nil
}

// Lang is the language of the printer.
func (p *Printer) Lang() Lang { return p.lang }

// T is the message of key. args are names of placeholders, each followed by
// its value: a string as it is, int and int64 with grouped digits (give a year
// as a string), a petition.Date in its long form, anything else as fmt.Sprint
// says it. A key that does not exist comes back as ⟦key⟧, a placeholder
// without a value as ⟦name⟧. Nothing is escaped for HTML.
func (p *Printer) T(key string, args ...any) string {
	m, ok := p.messages[key]
	if !ok {
		return missing(key)
	}
	f := m.forms[other]
	if f.parts == nil {
		return f.text
	}
	return f.render(func(name string) (string, bool) { return p.arg(args, name) })
}

// N is T in the plural form that n asks for (CLDR, cardinal); {{.n}} is n with
// grouped digits.
func (p *Printer) N(key string, n int64, args ...any) string {
	m, ok := p.messages[key]
	if !ok {
		return missing(key)
	}
	f := m.forms[other]
	if m.plural {
		f = m.forms[p.form(n)]
	}
	return f.render(func(name string) (string, bool) {
		if name == "n" {
			return p.Number(n), true
		}
		return p.arg(args, name)
	})
}

// form is the place of the plural form for n.
func (p *Printer) form(n int64) int {
	// x/text takes large numbers modulo ten millions, which every rule can be read from.
	i := int(magnitude(n) % 10_000_000)
	if magnitude(n) >= 10_000_000 {
		i += 10_000_000 // 10,000,001 is not the number 1
	}
	return formIndex(plural.Cardinal.MatchPlural(p.tag, i, 0, 0, 0, 0))
}

// arg finds the value of a placeholder among names and values.
func (p *Printer) arg(args []any, name string) (string, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return p.value(args[i+1]), true
		}
	}
	return "", false
}

func (p *Printer) value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return p.Number(int64(v))
	case int64:
		return p.Number(v)
	case petition.Date:
		return p.Date(v)
	}
	return fmt.Sprint(v)
}

// Number is n with its digits in groups of three: "1 234 567" with no-break
// spaces in Kazakh and Russian, "1,234,567" in English.
func (p *Printer) Number(n int64) string {
	digits := strconv.FormatUint(magnitude(n), 10)
	if n >= 0 && len(digits) <= 3 {
		return digits
	}
	var b strings.Builder
	b.Grow(len(digits) + 1 + len(p.group)*(len(digits)/3))
	if n < 0 {
		b.WriteByte('-')
	}
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(p.group)
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}

// Percent is part of whole in whole percents: "26 %" with a no-break space in
// Russian, "26%" otherwise. It is rounded down, so that a threshold that is not
// met never reads as 100 %. Counts only: negative numbers count as 0, and so
// does everything of nothing.
func (p *Printer) Percent(part, whole int64) string {
	if part < 0 || whole <= 0 {
		return "0" + p.percent
	}
	hi, lo := bits.Mul64(uint64(part%whole), 100)
	rest, _ := bits.Div64(hi, lo, uint64(whole))
	return p.Number(part/whole*100+int64(rest)) + p.percent
}

// Compare orders a and b as a dictionary of the language does: negative when a
// comes first. Only equal strings compare equal, so that lists are stable.
func (p *Printer) Compare(a, b string) int {
	c := p.collators.Get().(*collate.Collator)
	defer p.collators.Put(c)
	if order := c.CompareString(a, b); order != 0 {
		return order
	}
	return strings.Compare(a, b)
}

// magnitude is n without its sign; the smallest int64 has one too.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
