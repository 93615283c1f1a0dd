package petition

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/civil"
)

// Complainant is who complains.
type Complainant string

// The complainants.
const (
	ByPerson       Complainant = "person"
	ByOrganisation Complainant = "organisation"
	ByAuthority    Complainant = "authority" // a state's: its demands are published
)

// Complainants lists them in the order of the form.
func Complainants() []Complainant { return []Complainant{ByPerson, ByOrganisation, ByAuthority} }

// Ground is the legal ground a complaint rests on.
type Ground string

// The grounds. The complainant's own words about the law stand beside them.
const (
	GroundUnlawful   Ground = "unlawful"   // the text breaks a law
	GroundReputation Ground = "reputation" // honour, dignity, business reputation
	GroundPrivacy    Ground = "privacy"    // personal data
	GroundRights     Ground = "rights"     // authorship, trade marks
	GroundProcess    Ground = "process"    // a decision of this site, or its delay
	GroundOther      Ground = "other"
)

// Grounds lists them in the order of the form.
func Grounds() []Ground {
	return []Ground{GroundUnlawful, GroundReputation, GroundPrivacy, GroundRights, GroundProcess, GroundOther}
}

// ComplaintState is where a complaint stands.
type ComplaintState string

// The states of a complaint.
const (
	ComplaintReceived ComplaintState = "received"
	ComplaintDecided  ComplaintState = "decided"
)

// ComplaintOutcome is what was decided. It removes nothing: taking a text down
// is an act of its own.
type ComplaintOutcome string

// The outcomes.
const (
	ComplaintUpheld   ComplaintOutcome = "upheld"
	ComplaintPartly   ComplaintOutcome = "partly"
	ComplaintRejected ComplaintOutcome = "rejected"
)

// ComplaintOutcomes lists them in the order of the form.
func ComplaintOutcomes() []ComplaintOutcome {
	return []ComplaintOutcome{ComplaintUpheld, ComplaintPartly, ComplaintRejected}
}

// ComplaintTerm is how long the officers have, in the calendar of the law the
// site works under: the operator's own promise, and no law's.
func ComplaintTerm() Term { return Term{N: 10, Unit: civil.Workdays} }

// The longest texts of a complaint and its decision, in grapheme clusters.
const (
	MaxComplaintWhat = 300
	MaxComplaintWhy  = 4000
	MaxComplaintLaw  = 500
)

// Complaint is a complaint about a petition or about the site. The address of
// the complainant is kept elsewhere, sealed.
type Complaint struct {
	ID       int64            `json:"-"`
	Ref      string           `json:"ref"`    // its public number, which says nothing about how many there are
	Petition ID               `json:"-"`      // 0 for none
	Number   int64            `json:"number"` // public number of the petition, 0 for none
	State    ComplaintState   `json:"state"`
	By       Complainant      `json:"by"`
	Name     string           `json:"name,omitempty"` // as the complainant gave it
	What     string           `json:"what"`
	Why      string           `json:"why"`
	Ground   Ground           `json:"ground"`
	Article  string           `json:"article,omitempty"` // the law in the complainant's words
	Lang     Lang             `json:"lang"`
	Contact  bool             `json:"contact"` // an address was given
	At       time.Time        `json:"at"`
	DecideBy time.Time        `json:"decide_by"` // the term ends
	Outcome  ComplaintOutcome `json:"outcome,omitempty"`
	Reason   string           `json:"reason,omitempty"`
	Officer  OfficerID        `json:"officer,omitempty"`
	Decided  time.Time        `json:"decided,omitzero"`
}

// Check judges a filled-in complaint; the field names are those of the form.
// An authority and an organisation say who they are.
func (c Complaint) Check() FieldErrors {
	var errs FieldErrors
	if !slices.Contains(Complainants(), c.By) {
		errs = append(errs, FieldError{Field: "by", Key: "unknown"})
	}
	errs = append(errs, checkLine("name", c.Name, 200, c.By == ByAuthority || c.By == ByOrganisation)...)
	errs = append(errs, CheckText("what", c.What, MaxComplaintWhat, true)...)
	errs = append(errs, CheckText("why", c.Why, MaxComplaintWhy, true)...)
	if !slices.Contains(Grounds(), c.Ground) {
		errs = append(errs, FieldError{Field: "ground", Key: "unknown"})
	}
	return append(errs, CheckText("article", c.Article, MaxComplaintLaw, c.By == ByAuthority)...)
}

// Complain receives a complaint: its term begins.
func (l *Profile) Complain(c Complaint, now time.Time) (Complaint, error) {
	if err := c.Check().OrNil(); err != nil {
		return c, err
	}
	c.State, c.At = ComplaintReceived, now
	c.DecideBy = l.end(ComplaintTerm(), now)
	return c, nil
}

// ForPetitioner is the complaint as the petitioner it is about may see it: that
// it is there, its ground, its term, and what was decided. Who complains, and in
// which words, only officers know.
func (c Complaint) ForPetitioner() Complaint {
	return Complaint{Ref: c.Ref, State: c.State, Ground: c.Ground, At: c.At, DecideBy: c.DecideBy, Outcome: c.Outcome, Reason: c.Reason, Decided: c.Decided}
}

// ComplaintDecision is an officer's decision on a complaint.
type ComplaintDecision struct {
	Outcome ComplaintOutcome
	Reason  string // told to both sides
	Officer OfficerID
}

// Decide applies a decision. It is given once (ErrState), has a reason, and is
// not made by an officer who decided on the petition itself (ErrDecidedOwn):
// deciders are those, see Deciders.
func (c Complaint) Decide(d ComplaintDecision, deciders []OfficerID, now time.Time) (Complaint, error) {
	if c.State != ComplaintReceived {
		return c, ErrState
	}
	if slices.Contains(deciders, d.Officer) {
		return c, ErrDecidedOwn
	}
	var errs FieldErrors
	if !slices.Contains(ComplaintOutcomes(), d.Outcome) {
		errs = append(errs, FieldError{Field: "outcome", Key: "unknown"})
	}
	if err := append(errs, CheckText("reason", d.Reason, MaxComplaintWhy, true)...).OrNil(); err != nil {
		return c, err
	}
	c.State, c.Outcome, c.Reason, c.Officer, c.Decided = ComplaintDecided, d.Outcome, d.Reason, d.Officer, now
	return c, nil
}

// Deciders are the officers who decided something about a petition: who is
// complained about does not judge the complaint.
func Deciders(events []Event) []OfficerID {
	var ids []OfficerID
	for _, e := range events {
		if digits, ok := strings.CutPrefix(e.Actor, ActorOfficer(0)[:len(ActorOfficer(0))-1]); ok {
			if id, err := strconv.ParseInt(digits, 10, 64); err == nil {
				ids = appendOfficer(ids, OfficerID(id))
			}
		}
	}
	return ids
}

// Demand is what an authority asked the site to do, and what was done.
type Demand struct {
	ID        int64  `json:"-"`
	Complaint string `json:"complaint,omitempty"` // number of the complaint it came as, "" for another way
	Number    int64  `json:"number,omitempty"`    // public number of the petition, 0 for none
	Authority string `json:"authority"`
	On        Date   `json:"on"` // the day it arrived
	Ground    string `json:"ground"`
	Asked     string `json:"asked"`
	Done      string `json:"done"`
	Reason    string `json:"reason"`
	// PublishOn is the first day on which the demand may be read, where a law
	// forbids it before; zero for at once. DelayGround is that law.
	PublishOn   Date      `json:"publish_on,omitzero"`
	DelayGround string    `json:"delay_ground,omitempty"`
	Officer     OfficerID `json:"officer"`
	At          time.Time `json:"at"` // when it was entered
}

// Check judges a filled-in demand; today is the day it is entered. A delay
// names the law that forces it.
func (d Demand) Check(today Date) FieldErrors {
	errs := checkLine("authority", d.Authority, 200, true)
	if d.On.IsZero() || d.On.After(today) {
		errs = append(errs, FieldError{Field: "on", Key: "unknown"})
	}
	errs = append(errs, CheckText("ground", d.Ground, MaxComplaintLaw, true)...)
	errs = append(errs, CheckText("asked", d.Asked, MaxComplaintWhy, true)...)
	errs = append(errs, CheckText("done", d.Done, MaxComplaintWhy, true)...)
	errs = append(errs, CheckText("reason", d.Reason, MaxComplaintWhy, true)...)
	return append(errs, CheckText("delay_ground", d.DelayGround, MaxComplaintLaw, !d.PublishOn.IsZero())...)
}

// Published reports whether the demand may be read on a day.
func (d Demand) Published(today Date) bool { return !d.PublishOn.After(today) }
