package petition

import (
	"time"

	"github.com/dauys/dauys/civil"
)

// Cite says where a rule comes from. Every rule of a profile carries one.
type Cite struct {
	Article    string `yaml:"article" json:"article,omitempty"`       // e.g. "law/kz-appc#90-5"
	Source     string `yaml:"source" json:"source,omitempty"`         // address or title of the text that was read
	ValidFrom  Date   `yaml:"valid_from" json:"valid_from,omitzero"`  // first day in force
	ValidTo    Date   `yaml:"valid_to" json:"valid_to,omitzero"`      // last day in force; zero when open
	Confidence string `yaml:"confidence" json:"confidence,omitempty"` // verified, press, recalled, unverified
	// Note is shown to administrators where a rule is not certain.
	Note string `yaml:"note" json:"note,omitempty"`
}

// Unverified reports whether the rule was not read in the law itself or the
// operator's own decision.
func (c Cite) Unverified() bool { return c.Confidence != "verified" }

// Binding tells what a petition under a profile is worth.
type Binding string

// The bindings.
const (
	Official Binding = "official" // the site of the authority itself
	Shadow   Binding = "shadow"   // the rules of a law, without its effect
	Advisory Binding = "advisory" // the operator's own rules
)

// Language is one language of the text.
type Language struct {
	Lang     Lang `yaml:"lang" json:"lang"`
	Required bool `yaml:"required" json:"required"`
}

// Eligibility says who may petition, or sign.
type Eligibility struct {
	Persons       bool     `yaml:"persons" json:"persons"`
	Organisations bool     `yaml:"organisations" json:"organisations"`
	MinAge        int      `yaml:"min_age" json:"min_age"`         // years; 0 for any
	Citizenship   []string `yaml:"citizenship" json:"citizenship"` // ISO 3166 codes; empty for any
	Residence     []string `yaml:"residence" json:"residence"`     // ISO 3166 codes; with Citizenship, either is enough
	Assurance     string   `yaml:"assurance" json:"assurance"`     // mail, eid-substantial, eid-high
	Cite          Cite     `yaml:"cite" json:"cite"`
}

// Unconfirmed is the fault of a form on which nobody said to be eligible.
func (e Eligibility) Unconfirmed() FieldError {
	if e.MinAge == 0 {
		return FieldError{Field: "eligible", Key: "eligible_any"}
	}
	return FieldError{Field: "eligible", Key: "eligible", Args: map[string]any{"age": e.MinAge}}
}

// SupportRule is the stage before publication, reachable by link only.
type SupportRule struct {
	Threshold int64 `yaml:"threshold" json:"threshold"` // supporters needed; 0 skips the stage
	Max       int64 `yaml:"max" json:"max"`             // supporters taken before publication; 0 for no limit
	Window    Term  `yaml:"window" json:"window"`       // from the petitioner's confirmation, or from the check
	// PetitionerSigns counts the petitioner as the first signature, beside the threshold.
	PetitionerSigns bool `yaml:"petitioner_signs" json:"petitioner_signs"`
	// AfterCheck has the supporters found after moderation: what passed the check
	// is reachable by link only until it has them.
	AfterCheck bool `yaml:"after_check" json:"after_check,omitempty"`
	Cite       Cite `yaml:"cite" json:"cite"`
}

// Reason is one ground to refuse or return a petition.
type Reason struct {
	Code     string          `yaml:"code" json:"code"`
	Text     map[Lang]string `yaml:"text" json:"text"`
	HideText bool            `yaml:"hide_text" json:"hide_text"` // the text itself is unlawful and is not published
	Cite     Cite            `yaml:"cite" json:"cite"`
}

// ModerationRule says who checks a petition, until when, and what follows.
type ModerationRule struct {
	Term            Term     `yaml:"term" json:"term"`                         // the first officer's
	SecondTerm      Term     `yaml:"second_term" json:"second_term"`           // another officer's, when the first was missed
	OnMissed        string   `yaml:"on_missed" json:"on_missed"`               // publish, wait
	RefusalOfficers int      `yaml:"refusal_officers" json:"refusal_officers"` // 1 or 2
	Reasons         []Reason `yaml:"reasons" json:"reasons"`
	Cite            Cite     `yaml:"cite" json:"cite"`
}

// AppealRule says whether and until when a refusal may be appealed.
type AppealRule struct {
	Allowed bool `yaml:"allowed" json:"allowed"`
	Window  Term `yaml:"window" json:"window"` // from the refusal
	Term    Term `yaml:"term" json:"term"`     // to decide it
	Cite    Cite `yaml:"cite" json:"cite"`
}

// Stage is a threshold after publication and the duty it brings.
type Stage struct {
	ID        string          `yaml:"id" json:"id"`
	Name      map[Lang]string `yaml:"name" json:"name"`
	Threshold int64           `yaml:"threshold" json:"threshold"` // signatures; 0 when Percent or Cases say it
	// Percent of the inhabitants of the place concerned, counted on the day of
	// publication; Cases where the law tells places apart; Territories where
	// the support must be spread as well.
	Percent     int             `yaml:"percent" json:"percent,omitempty"`
	Cases       []ThresholdCase `yaml:"cases" json:"cases,omitempty"`
	Territories TerritoryRule   `yaml:"territories" json:"territories,omitzero"`
	Duty        string          `yaml:"duty" json:"duty"`         // letter, answer, hearing, debate
	Actor       string          `yaml:"actor" json:"actor"`       // body, operator, parliament
	Term        Term            `yaml:"term" json:"term"`         // to do the duty; zero when the law sets none
	Advisory    bool            `yaml:"advisory" json:"advisory"` // expected, not owed
	Describe    map[Lang]string `yaml:"describe" json:"describe"` // one sentence for readers
	Cite        Cite            `yaml:"cite" json:"cite"`
}

// CollectRule is the signing window after publication.
type CollectRule struct {
	Window      Term   `yaml:"window" json:"window"`                   // from publication; zero for none
	Choices     []Term `yaml:"choices" json:"choices,omitempty"`       // the petitioner picks one; Window when none was picked
	OpenEnded   bool   `yaml:"open_ended" json:"open_ended,omitempty"` // the law knows no end: only an act closes
	GraceHours  int    `yaml:"grace_hours" json:"grace_hours"`         // letters sent before the close may be confirmed this long after it
	Withdrawals bool   `yaml:"withdrawals" json:"withdrawals"`         // a signature may be withdrawn until the close
	Retention   Term   `yaml:"retention" json:"retention"`             // after the close, until signer material is destroyed
	Cite        Cite   `yaml:"cite" json:"cite"`
}

// CountRule keeps a small public count from telling when a person signed.
type CountRule struct {
	StepBelow   int64 `yaml:"step_below" json:"step_below"`     // below this many the count moves in steps
	StepMinutes int   `yaml:"step_minutes" json:"step_minutes"` // at most this often
	StepBy      int64 `yaml:"step_by" json:"step_by"`           // and by this many or more, or once a day
	Cell        int64 `yaml:"cell" json:"cell"`                 // a place is named with this many signatures or more
	Cite        Cite  `yaml:"cite" json:"cite"`
}

// TextRule limits the text, in grapheme clusters.
type TextRule struct {
	Title   int  `yaml:"title" json:"title"`
	Ask     int  `yaml:"ask" json:"ask"`
	Details int  `yaml:"details" json:"details"`
	Words   int  `yaml:"words" json:"words,omitempty"`       // of ask and details together; 0 for no limit
	NoLinks bool `yaml:"no_links" json:"no_links,omitempty"` // addresses of pages are not taken
	Cite    Cite `yaml:"cite" json:"cite"`
}

// Profile is a law, or an operator's own rules, as data.
type Profile struct {
	ID         string          `yaml:"id" json:"id"`
	Version    string          `yaml:"version" json:"version"`
	Binding    Binding         `yaml:"binding" json:"binding"`
	Country    string          `yaml:"country" json:"country"` // ISO 3166 code
	Name       map[Lang]string `yaml:"name" json:"name"`
	Summary    map[Lang]string `yaml:"summary" json:"summary"`
	Zone       string          `yaml:"zone" json:"zone"`               // IANA time zone of the civil dates
	Places     string          `yaml:"places" json:"places"`           // id of the shipped place set
	Bodies     []string        `yaml:"bodies" json:"bodies,omitempty"` // kinds of the bodies that are petitioned under it, the usual one first; none for any
	Languages  []Language      `yaml:"languages" json:"languages"`
	Petitioner Eligibility     `yaml:"petitioner" json:"petitioner"`
	Display    DisplayRule     `yaml:"display" json:"display,omitzero"`
	Signer     Eligibility     `yaml:"signer" json:"signer"`
	Support    SupportRule     `yaml:"support" json:"support"`
	Moderation ModerationRule  `yaml:"moderation" json:"moderation"`
	Appeal     AppealRule      `yaml:"appeal" json:"appeal"`
	Stages     []Stage         `yaml:"stages" json:"stages"` // thresholds rise
	Collect    CollectRule     `yaml:"collect" json:"collect"`
	Counts     CountRule       `yaml:"counts" json:"counts"`
	Text       TextRule        `yaml:"text" json:"text"`
	Calendar   Calendar        `yaml:"calendar" json:"calendar"`

	// Rules that not every law has. A zero rule is none.

	Authoriser  AuthoriserRule  `yaml:"authoriser" json:"authoriser,omitzero"`
	Duplicate   DuplicateRule   `yaml:"duplicate" json:"duplicate,omitzero"`
	Dissolution DissolutionRule `yaml:"dissolution" json:"dissolution,omitzero"`
	Downtime    DowntimeRule    `yaml:"downtime" json:"downtime,omitzero"`
	Archive     ArchiveRule     `yaml:"archive" json:"archive,omitzero"`
	Shown       ShownRule       `yaml:"shown" json:"shown,omitzero"`
	Answer      AnswerRule      `yaml:"answer" json:"answer,omitzero"`
	Excluded    []Subject       `yaml:"excluded" json:"excluded,omitempty"` // subjects on which no petition is taken
	Rights      []Subject       `yaml:"rights" json:"rights,omitempty"`     // rights that no demand may deny

	// Local is the one place of a law that was derived for it; nil for a law of all places.
	Local *LocalPlace `yaml:"-" json:"-"`
	// Location is Zone, resolved by whoever read the profile.
	Location *time.Location `yaml:"-" json:"-"`
	// Population counts the inhabitants of the places, set by whoever read the
	// profile; nil where nobody told.
	Population Population `yaml:"-" json:"-"`
}

// Ref is what a petition is pinned to.
func (l *Profile) Ref() ProfileRef { return ProfileRef{ID: l.ID, Version: l.Version} }

// Today is the civil date at now in the profile's zone.
func (l *Profile) Today(now time.Time) Date { return civil.DateOf(now.In(l.location())) }

func (l *Profile) location() *time.Location {
	if l.Location == nil {
		return time.UTC
	}
	return l.Location
}

// Reason finds a reason by its code.
func (l *Profile) Reason(code string) (Reason, bool) {
	for _, r := range l.Moderation.Reasons {
		if r.Code == code {
			return r, true
		}
	}
	return Reason{}, false
}

// Stage finds a stage by its id.
func (l *Profile) Stage(id string) (Stage, bool) {
	for _, s := range l.Stages {
		if s.ID == id {
			return s, true
		}
	}
	return Stage{}, false
}

// Laws are the profiles a deployment knows, by id and version.
type Laws map[ProfileRef]*Profile

// Of returns the law a petition is pinned to, or nil when it is not known here.
func (ls Laws) Of(p Petition) *Profile { return ls[p.Profile] }
