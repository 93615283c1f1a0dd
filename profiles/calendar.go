package profiles

import (
	"embed"
	"reflect"

	"go.yaml.in/yaml/v3"

	"github.com/dauys/dauys/civil"
)

//go:embed calendars/*.yaml
var calendars embed.FS

// shippedCalendar fills v with the calendar that the scalar n names.
func (r *reader) shippedCalendar(n *yaml.Node, v reflect.Value, path string) {
	name := "calendars/" + n.Value + ".yaml"
	data, err := calendars.ReadFile(name)
	if !slug.MatchString(n.Value) || err != nil {
		r.failRead(n.Line, path, "no calendar %.80q is shipped", n.Value)
		return
	}
	cal, problems := parseCalendar("profiles/"+name, data)
	if len(problems) > 0 {
		r.problems = append(r.problems, problems...)
		return
	}
	v.Set(reflect.ValueOf(*cal))
}

// parseCalendar reads a calendar that has a file of its own.
func parseCalendar(name string, data []byte) (*civil.Calendar, []Problem) {
	r := newReader(name)
	var cal civil.Calendar
	if root := r.document(data); root != nil {
		if root.Kind != yaml.MappingNode {
			r.fail(root.Line, "calendar: want keys and values")
			return &cal, r.problems
		}
		r.read(root, reflect.ValueOf(&cal).Elem(), "")
		r.checkCalendar(&cal, "")
	}
	return &cal, r.problems
}

// checkCalendar weighs a calendar and prepares its look-ups.
func (r *reader) checkCalendar(cal *civil.Calendar, path string) {
	if !slug.MatchString(cal.ID) {
		r.failAt(join(path, "id"), "want small letters, digits and hyphens")
	}
	known := r.readable(join(path, "from"), join(path, "to"))
	if known && (!r.has(join(path, "from")) || !r.has(join(path, "to")) || cal.To.Before(cal.From)) {
		r.failAt(join(path, "to"), "want the first and the last day for which holidays are known")
	}
	seen := map[string]bool{}
	for _, day := range cal.Weekend {
		if seen[day] {
			r.failAt(join(path, "weekend"), "%s twice", day)
		}
		seen[day] = true
	}
	weekend := civil.Calendar{ID: cal.ID, Weekend: cal.Weekend}
	if err := weekend.Index(); err != nil {
		r.failAt(join(path, "weekend"), "%v", err)
		return
	}
	if !known {
		return // whether a day is outside cannot be said
	}
	r.checkDays(cal, join(path, "holidays"), cal.Holidays)
	r.checkDays(cal, join(path, "worked"), cal.Worked)
	for i, h := range cal.Worked {
		if r.readable(item(path, "worked", i)+".date", join(path, "weekend")) && weekend.Workday(h.Date) {
			r.failAt(item(path, "worked", i), "%s is worked anyway", h.Date)
		}
	}
	if err := cal.Index(); err != nil && r.readable(path) {
		r.failAt(join(path, "worked"), "%v", err)
	}
}

// checkDays wants every day named, sourced, inside the calendar and in order.
func (r *reader) checkDays(cal *civil.Calendar, path string, days []civil.Holiday) {
	for i, h := range days {
		at := item("", path, i)
		if !r.readable(at) || i > 0 && !r.readable(item("", path, i-1)+".date") {
			continue
		}
		switch {
		case h.Date.IsZero():
			r.failAt(at, "date is missing")
		case !cal.Covers(h.Date):
			r.failAt(at, "%s is outside the calendar, %s to %s", h.Date, cal.From, cal.To)
		case i > 0 && !days[i-1].Date.Before(h.Date):
			r.failAt(at, "%s does not come after %s", h.Date, days[i-1].Date)
		case h.Name == "":
			r.failAt(at, "name is missing")
		case h.Source == "":
			r.failAt(at, "source is missing")
		}
		r.oneOf(join(at, "confidence"), h.Confidence, confidences)
	}
}
