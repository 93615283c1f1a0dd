package petition

import "github.com/dauys/dauys/civil"

// ThresholdCase is the threshold of a stage where the law makes it depend on
// the place: the first case that fits counts.
type ThresholdCase struct {
	Places    []string `yaml:"places" json:"places,omitempty"`       // kinds of place (place.Kind); empty for any
	Above     int64    `yaml:"above" json:"above,omitempty"`         // more inhabitants than this; 0 for any
	UpTo      int64    `yaml:"up_to" json:"up_to,omitempty"`         // at most this many; 0 for any
	Threshold int64    `yaml:"threshold" json:"threshold,omitempty"` // signatures; or
	Percent   int      `yaml:"percent" json:"percent,omitempty"`     // of the inhabitants, rounded up
}

// PlaceMinimum is how many signatures count as enough in one place.
type PlaceMinimum struct {
	Place   string `yaml:"place" json:"place"`
	Minimum int64  `yaml:"minimum" json:"minimum"`
}

// TerritoryRule asks for support spread over several places.
type TerritoryRule struct {
	Places   int            `yaml:"places" json:"places"`     // in how many of them the minimum must be met
	Minimums []PlaceMinimum `yaml:"minimums" json:"minimums"` // each place that can count
}

// AuthoriserRule asks a member of the assembly to stand behind a petition
// before it is published.
type AuthoriserRule struct {
	Actor string `yaml:"actor" json:"actor"` // member
	Term  Term   `yaml:"term" json:"term"`   // each one's, to say yes or no
	Tries int    `yaml:"tries" json:"tries"` // how many may be asked, one after another
	Cite  Cite   `yaml:"cite" json:"cite"`
}

// DuplicateRule bars the same demand for a while after it was put forward.
type DuplicateRule struct {
	Window Term   `yaml:"window" json:"window"`           // from the end of the earlier petition
	Effect string `yaml:"effect" json:"effect,omitempty"` // refuse, warn
	Cite   Cite   `yaml:"cite" json:"cite"`
}

// DissolutionRule says what becomes of petitions when the assembly is dissolved.
type DissolutionRule struct {
	Effect string `yaml:"effect" json:"effect"` // stop, carry-over
	Cite   Cite   `yaml:"cite" json:"cite"`
}

// DowntimeRule gives petitioners back the time that the site could not be reached.
type DowntimeRule struct {
	Compensate bool `yaml:"compensate" json:"compensate"`
	FromHours  int  `yaml:"from_hours" json:"from_hours"` // shorter outages do not count
	Cite       Cite `yaml:"cite" json:"cite"`
}

// ShownRule says what of a signer the law lets the public see. Dauys never
// shows more than the count, whatever the law allows.
type ShownRule struct {
	Signer string `yaml:"signer" json:"signer"` // never, initials, given-name-initial, name
	Cite   Cite   `yaml:"cite" json:"cite"`
}

// AnswerRule says what the body owes once it has to consider a petition.
type AnswerRule struct {
	From     string   `yaml:"from" json:"from"`         // the event that starts its term: stage, delivery, registration, review
	Duties   []string `yaml:"duties" json:"duties"`     // invite-petitioner, public-discussion, working-group, head-decides, media-statement, hearing, table
	Outcomes []string `yaml:"outcomes" json:"outcomes"` // satisfied, partly, refused
	Cite     Cite     `yaml:"cite" json:"cite"`
}

// Subject is a matter named by the law, in words for readers.
type Subject struct {
	Code string          `yaml:"code" json:"code"`
	Text map[Lang]string `yaml:"text" json:"text"`
	Cite Cite            `yaml:"cite" json:"cite"`
}

// Headcount is a number of inhabitants on a day.
type Headcount struct {
	Place string `json:"place"`
	Kind  string `json:"kind"` // of the place
	N     int64  `json:"n"`    // 0 when nobody told
	On    Date   `json:"on,omitzero"`
}

// LocalPlace is the place that a derived law is for, with its inhabitants as
// far as they are known: N 0 when nobody told.
type LocalPlace struct {
	Code   string
	Names  map[Lang]string
	Head   Headcount
	Source string // who counted them
}

// Population looks up the inhabitants of a place by its code, as counted last
// on or before day. It reports false for an unknown place; a known place
// without a count has N 0.
type Population func(code string, day Date) (Headcount, bool)

// Relative reports whether a stage's threshold is known only for a petition.
func (s Stage) Relative() bool { return s.Percent > 0 || len(s.Cases) > 0 }

// Spread reports whether a stage asks for support in several places.
func (s Stage) Spread() bool { return s.Territories.Places > 0 }

// Needed is the threshold of a stage for p in signatures: what was frozen at
// its publication where the law makes it depend on a population. 0 says that
// it cannot be told, and the stage is then never reached by itself.
func (p Petition) Needed(s Stage) int64 {
	if s.Relative() {
		return p.Thresholds[s.ID]
	}
	return s.Threshold
}

// Resolve tells a stage's threshold for a place with so many inhabitants; 0
// when it needs a number that nobody told.
func (s Stage) Resolve(h Headcount) int64 {
	for _, c := range s.Cases {
		if c.fits(h) {
			return signatures(c.Threshold, c.Percent, h.N)
		}
	}
	return signatures(s.Threshold, s.Percent, h.N)
}

func (c ThresholdCase) fits(h Headcount) bool {
	kind := len(c.Places) == 0
	for _, k := range c.Places {
		kind = kind || k == h.Kind
	}
	if c.Above == 0 && c.UpTo == 0 {
		return kind
	}
	return kind && h.N > 0 && h.N > c.Above && (c.UpTo == 0 || h.N <= c.UpTo)
}

// signatures is the absolute number, or the percentage of n rounded up: a
// share is met only by at least as many.
func signatures(absolute int64, percent int, n int64) int64 {
	if percent == 0 {
		return absolute
	}
	return (n*int64(percent) + 99) / 100
}

// freeze writes down the thresholds of p as they are on the day of its
// publication, with the population they were taken from. Later counts of the
// inhabitants change nothing for it.
func (l *Profile) freeze(p *Petition, day Date) {
	if p.Thresholds != nil {
		return
	}
	for _, s := range l.Stages {
		if !s.Relative() {
			continue
		}
		if p.Thresholds == nil {
			p.Thresholds = map[string]int64{}
			h, ok := Headcount{}, false
			if l.Population != nil {
				h, ok = l.Population(l.concerned(*p), day)
			}
			if ok {
				p.Headcount = &h
			}
		}
		if p.Headcount == nil {
			continue
		}
		if n := s.Resolve(*p.Headcount); n > 0 {
			p.Thresholds[s.ID] = n
		}
	}
}

// concerned is the place whose inhabitants count: the petition's own, or the country.
func (l *Profile) concerned(p Petition) string {
	switch {
	case l.Local != nil:
		return l.Local.Code
	case p.Place == "":
		return l.Country
	}
	return p.Place
}

// met reports whether p has what a stage asks for.
func (s Stage) met(p Petition) bool {
	need := p.Needed(s)
	if need == 0 || p.Count < need {
		return false
	}
	return !s.Spread() || s.Territories.Met(p.ByPlace) >= s.Territories.Places
}

// Met counts the places in which the minimum is met.
func (r TerritoryRule) Met(byPlace map[string]int64) int {
	n := 0
	for _, m := range r.Minimums {
		if byPlace[m.Place] >= m.Minimum {
			n++
		}
	}
	return n
}

// NeedsPlaces reports whether Count must know p's signatures by place.
func (l *Profile) NeedsPlaces() bool {
	for _, s := range l.Stages {
		if s.Spread() {
			return true
		}
	}
	return false
}

// ChosenWindow is the window of so many days among those the law offers, or
// the zero term for 0; false when there is no such choice.
func (l *Profile) ChosenWindow(days int) (Term, bool) {
	if days == 0 {
		return Term{}, true
	}
	for _, t := range l.Collect.Choices {
		if t.N == days && t.Unit == civil.Days {
			return t, true
		}
	}
	return Term{}, false
}

// window is the signing window of p: the one its petitioner chose where the
// law offers several, or else the law's.
func (l *Profile) window(p Petition) Term {
	for _, t := range l.Collect.Choices {
		if t == p.Window {
			return t
		}
	}
	return l.Collect.Window
}
