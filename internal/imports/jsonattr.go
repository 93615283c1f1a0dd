package imports

import (
	"time"

	"github.com/dauys/dauys/petition"
)

// attribute takes one attribute of a petition; keys it does not know stay in
// Raw alone. Null is as good as absent except where the value is required.
func (t text) attribute(rec *Record, m member) (err error) {
	required := m.key == "action" || m.key == "state" || m.key == "signature_count"
	if t.null(m.from) && !required {
		return nil
	}
	if to := rec.timeField(m.key); to != nil {
		*to, err = t.time(m)
		return err
	}
	if to := rec.dateField(m.key); to != nil {
		*to, err = t.date(m, m.key)
		return err
	}
	if to := rec.textField(m.key); to != nil {
		if *to, err = t.text(m, m.key); err == nil {
			err = checked(rec, m)
		}
		return err
	}
	if to := rec.cellsField(m.key); to != nil {
		*to, err = t.cells(m)
		return err
	}
	switch m.key {
	case "signature_count":
		rec.SignatureCount, err = t.count(m, m.key)
	case "rejection":
		rec.Rejection, err = t.rejection(m)
	case "debate":
		rec.Debated, err = t.debated(m)
	case "government_response":
		err = t.want(m.from, "an object", m.key)
	case "topics":
		rec.Topics, err = t.topics(m)
	case "departments":
		rec.Departments, err = t.departments(m)
	}
	return err
}

func checked(rec *Record, m member) error {
	reason := ""
	switch m.key {
	case "action":
		reason = checkTitle(rec.Title)
	case "state":
		reason = checkState(rec.State)
	}
	if reason != "" {
		return &fault{m.from, reason}
	}
	return nil
}

func (r *Record) timeField(key string) *time.Time {
	switch key {
	case "created_at":
		return &r.CreatedAt
	case "updated_at":
		return &r.UpdatedAt
	case "opened_at":
		return &r.OpenedAt
	case "closed_at":
		return &r.ClosedAt
	case "rejected_at":
		return &r.RejectedAt
	case "moderation_threshold_reached_at":
		return &r.ModerationThresholdAt
	case "response_threshold_reached_at":
		return &r.ResponseThresholdAt
	case "government_response_at":
		return &r.GovernmentResponseAt
	case "debate_threshold_reached_at":
		return &r.DebateThresholdAt
	case "debate_outcome_at":
		return &r.DebateOutcomeAt
	}
	return nil
}

func (r *Record) dateField(key string) *petition.Date {
	switch key {
	case "closing_date":
		return &r.ClosingDate
	case "debate_scheduled_on":
		return &r.DebateScheduledOn
	case "scheduled_debate_date":
		return &r.ScheduledDebateDate
	}
	return nil
}

func (r *Record) textField(key string) *string {
	switch key {
	case "action":
		return &r.Title
	case "background":
		return &r.Ask
	case "additional_details":
		return &r.Details
	case "state":
		return &r.State
	case "creator_name":
		return &r.CreatorName
	}
	return nil
}

func (r *Record) cellsField(key string) *[]Cell {
	switch key {
	case "signatures_by_country":
		return &r.Countries
	case "signatures_by_constituency":
		return &r.Constituencies
	case "signatures_by_region":
		return &r.Regions
	}
	return nil
}

func (t text) text(m member, what string) (string, error) {
	if err := t.want(m.from, "a string", what); err != nil {
		return "", err
	}
	return t.str(m.from, m.to), nil
}

// optional is text with null as "".
func (t text) optional(m member, what string) (string, error) {
	if t.null(m.from) {
		return "", nil
	}
	return t.text(m, what)
}

func (t text) count(m member, what string) (int64, error) {
	if err := t.want(m.from, "a number", what); err != nil {
		return 0, err
	}
	n, reason := parseCount(t[m.from:m.to])
	if reason != "" {
		return 0, faultf(m.from, "%s: %s", what, reason)
	}
	return n, nil
}

// Years outside these are slips; besides, the zero time means absent.
const firstYear, lastYear = 1900, 9999

func (t text) time(m member) (at time.Time, err error) {
	s, err := t.text(m, m.key)
	if err != nil {
		return at, err
	}
	if err := at.UnmarshalText([]byte(s)); err != nil {
		return time.Time{}, faultf(m.from, "%s is not a time (RFC 3339): %s", m.key, quote(s))
	}
	at = at.UTC()
	if at.Year() < firstYear || at.Year() > lastYear {
		return time.Time{}, faultf(m.from, "%s is out of range: %s", m.key, quote(s))
	}
	return at, nil
}

func (t text) date(m member, what string) (petition.Date, error) {
	s, err := t.text(m, what)
	if err != nil {
		return petition.Date{}, err
	}
	var d petition.Date
	if err := d.UnmarshalText([]byte(s)); err != nil || d.Year < firstYear {
		return petition.Date{}, faultf(m.from, "%s is not a date (YYYY-MM-DD): %s", what, quote(s))
	}
	return d, nil
}

func (t text) rejection(m member) (*Rejection, error) {
	if err := t.want(m.from, "an object", m.key); err != nil {
		return nil, err
	}
	var r Rejection
	for in := range t.members(m.from) {
		var err error
		switch in.key {
		case "code":
			r.Code, err = t.optional(in, "rejection code")
		case "details":
			r.Details, err = t.optional(in, "rejection details")
		}
		if err != nil {
			return nil, err
		}
	}
	return &r, nil
}

// debated: the source gives debate also for a debate that was refused, then
// without its day.
func (t text) debated(m member) (bool, error) {
	if err := t.want(m.from, "an object", m.key); err != nil {
		return false, err
	}
	for in := range t.members(m.from) {
		if in.key == "debated_on" && !t.null(in.from) {
			_, err := t.date(in, in.key)
			return err == nil, err
		}
	}
	return false, nil
}

func (t text) topics(m member) ([]string, error) {
	if err := t.want(m.from, "a list", m.key); err != nil {
		return nil, err
	}
	var out []string
	for from, to := range t.elements(m.from) {
		code, err := t.text(member{from: from, to: to}, "topic")
		if err != nil {
			return nil, err
		}
		out = append(out, code)
	}
	return out, nil
}

func (t text) departments(m member) ([]Department, error) {
	if err := t.want(m.from, "a list", m.key); err != nil {
		return nil, err
	}
	var out []Department
	for from := range t.elements(m.from) {
		if err := t.want(from, "an object", "department"); err != nil {
			return nil, err
		}
		var d Department
		for in := range t.members(from) {
			var err error
			switch in.key {
			case "acronym":
				d.Acronym, err = t.optional(in, "department acronym")
			case "name":
				d.Name, err = t.optional(in, "department name")
			case "url":
				d.URL, err = t.optional(in, "department URL")
			}
			if err != nil {
				return nil, err
			}
		}
		out = append(out, d)
	}
	return out, nil
}

func (t text) cells(m member) ([]Cell, error) {
	if err := t.want(m.from, "a list", m.key); err != nil {
		return nil, err
	}
	var out []Cell
	for from := range t.elements(m.from) {
		c, err := t.cell(from, m.key)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (t text) cell(at int, what string) (c Cell, err error) {
	if err := t.want(at, "an object", what); err != nil {
		return c, err
	}
	counted := false
	for in := range t.members(at) {
		switch in.key {
		case "name":
			c.Name, err = t.optional(in, what+" name")
		case "code", "ons_code":
			c.Code, err = t.optional(in, what+" code")
		case "mp":
			c.MP, err = t.optional(in, what+" mp")
		case "signature_count":
			counted = true
			c.Count, err = t.count(in, what+" signature_count")
		}
		if err != nil {
			return c, err
		}
	}
	if !counted {
		return c, faultf(at, "%s without signature_count", what)
	}
	return c, nil
}
