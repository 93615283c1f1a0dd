package petition

import (
	"encoding/hex"
	"fmt"
	"time"
)

// ID is the local key of a petition in one database. It is never shown.
type ID int64

// UID names a petition in the ledger, for ever and across databases.
type UID [16]byte

// MarshalText writes the UID as 32 hexadecimal digits.
func (u UID) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(u[:])), nil }

// UnmarshalText reads what MarshalText wrote.
func (u *UID) UnmarshalText(b []byte) error {
	if len(b) != 2*len(u) {
		return fmt.Errorf("petition: uid of %d characters, want %d", len(b), 2*len(u))
	}
	_, err := hex.Decode(u[:], b)
	return err
}

// Lang is a BCP 47 language tag: "kk", "ru", "en".
type Lang string

// Kind tells what was put forward.
type Kind string

// The kinds: a petition collects signatures, a proposal needs none.
const (
	KindPetition Kind = "petition"
	KindProposal Kind = "proposal"
)

// State is what a person or the calendar decided. What a page shows is Phase.
type State string

// The states, in the order of a petition's life.
const (
	Draft      State = "draft"      // written; the petitioner's address is not proven yet
	Supporting State = "supporting" // reachable by link only, collects supporters
	// Authorising waits for a member of the assembly, where the law asks for one.
	Authorising State = "authorising"
	Moderation  State = "moderation" // waits for an officer
	Returned    State = "returned"   // sent back to the petitioner for a change
	Refused     State = "refused"    // refused with a reason
	Appealed    State = "appealed"   // refused, and other officers look again
	Open        State = "open"       // published, collects signatures
	Closed      State = "closed"     // published, no longer collects
	Lapsed      State = "lapsed"     // found too few supporters in time; never published
	Withdrawn   State = "withdrawn"  // the petitioner took it back
	Hidden      State = "hidden"     // was public, hidden by one officer until a second one decides
	Removed     State = "removed"    // was public, taken down with a reason
)

// Public reports whether a petition in this state has a public page with its
// text. A removed one has a page too, but it only says why it is gone.
func (s State) Public() bool {
	switch s {
	case Open, Closed, Refused, Appealed:
		return true
	}
	return false
}

// Signable reports whether signatures (or supporters) are taken in this state.
func (s State) Signable() bool {
	return s == Supporting || s == Authorising || s == Moderation || s == Open
}

// Text is a petition's text in one language.
type Text struct {
	Title   string `json:"title"`
	Ask     string `json:"ask"`
	Details string `json:"details,omitempty"`
}

// Texts is the text in each language it was written in.
type Texts map[Lang]Text

// In returns the text in language l and true, or the text in the first of the
// fallbacks that has one and false.
func (t Texts) In(l Lang, fallbacks ...Lang) (Text, Lang, bool) {
	if x, ok := t[l]; ok {
		return x, l, true
	}
	for _, f := range fallbacks {
		if x, ok := t[f]; ok {
			return x, f, false
		}
	}
	return Text{}, "", false
}

// CreatorKind tells whether a person or an organisation petitions.
type CreatorKind string

// The kinds of petitioner.
const (
	Person       CreatorKind = "person"
	Organisation CreatorKind = "organisation"
)

// Creator is what is shown of the petitioner. The address is kept elsewhere, sealed.
type Creator struct {
	Kind CreatorKind `json:"kind"`
	Name string      `json:"name"`
	Org  string      `json:"org,omitempty"` // register id, or name and identifier as written
	// Display says how a person is shown; an organisation is always named.
	Display Display `json:"display,omitempty"`
	Erased  bool    `json:"erased,omitempty"` // the name was erased on request
}

// ProfileRef pins a petition to the version of the law it was submitted under.
type ProfileRef struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

// OfficerID names an officer of the desk. Zero is the calendar: a term that ran out.
type OfficerID int64

// Verdict is what a moderator decided.
type Verdict string

// The verdicts a moderator may give.
const (
	Publish Verdict = "publish"
	Reject  Verdict = "reject"
	Return  Verdict = "return"
)

// Decision is one moderator's act on one version of the text.
type Decision struct {
	Verdict     Verdict   `json:"verdict"`
	Reason      string    `json:"reason,omitempty"` // code of the profile; required to reject or return
	Note        string    `json:"note,omitempty"`   // the reasoning, shown to the petitioner and, once refused, to all
	TextVersion int       `json:"text_version"`     // the version the officer read
	Officer     OfficerID `json:"officer"`
	At          time.Time `json:"at"`
}

// StageReached is a stage frozen on the day its threshold was met. A later
// withdrawal does not undo it.
type StageReached struct {
	Stage     string    `json:"stage"`
	Threshold int64     `json:"threshold"`
	At        time.Time `json:"at"`
	AnswerBy  Date      `json:"answer_by,omitzero"` // last day of the duty's term; zero when the law sets none, or before the delivery it runs from
}

// Answer is the reply of the body.
type Answer struct {
	At      time.Time     `json:"at"`
	Outcome string        `json:"outcome"` // satisfied, partly, refused
	Texts   map[Lang]Text `json:"texts"`
	By      OfficerID     `json:"by"`
	// An answer that came by another way is entered by a moderator with where it
	// was found (an address or a reference) and the day it came.
	Source   string       `json:"source,omitempty"`
	Received Date         `json:"received,omitzero"`
	Files    []Attachment `json:"files,omitempty"`
}

// Petition is the whole record of what was decided about one petition.
// Count and Shown are kept beside it by the pool and copied in on load.
type Petition struct {
	ID          ID         `json:"-"`
	UID         UID        `json:"uid"`
	Number      int64      `json:"number,omitempty"` // public number; 0 until published or publicly refused
	Version     int64      `json:"-"`                // grows with every Change
	Kind        Kind       `json:"kind"`
	State       State      `json:"state"`
	Profile     ProfileRef `json:"profile"`
	Lang        Lang       `json:"lang"` // the language the petitioner wrote and is written to in
	Texts       Texts      `json:"texts"`
	TextVersion int        `json:"text_version"`
	Body        string     `json:"body"`            // id of the public body addressed
	Place       string     `json:"place,omitempty"` // code of the place concerned, "" for the whole country
	Topics      []string   `json:"topics,omitempty"`
	Creator     Creator    `json:"creator"`

	Count   int64     `json:"-"` // active signatures, supporters included
	Shown   int64     `json:"-"` // the count the public sees; follows Count in steps while small
	ShownAt time.Time `json:"-"` // when Shown last moved
	// CountedAt is the step of the clock (CountRule.Step) in which Count last
	// changed while it was small; never the moment.
	CountedAt time.Time `json:"-"`

	CreatedAt    time.Time `json:"created_at,omitzero"`
	ConfirmedAt  time.Time `json:"confirmed_at,omitzero"`  // the petitioner's address was proven
	SupportUntil time.Time `json:"support_until,omitzero"` // supporters must be found before this moment
	QueuedAt     time.Time `json:"queued_at,omitzero"`     // entered moderation
	DecideBy     time.Time `json:"decide_by,omitzero"`     // the moderation term ends
	Escalated    bool      `json:"escalated,omitempty"`    // the first term was missed; another officer's runs
	OpenedAt     time.Time `json:"opened_at,omitzero"`     // published
	ClosesAt     time.Time `json:"closes_at,omitzero"`     // stops collecting at this moment
	ClosedAt     time.Time `json:"closed_at,omitzero"`     // stopped
	RefusedAt    time.Time `json:"refused_at,omitzero"`    // refused
	AppealUntil  time.Time `json:"appeal_until,omitzero"`  // an appeal may be lodged before this moment
	AppealedAt   time.Time `json:"appealed_at,omitzero"`   // lodged
	RemovedAt    time.Time `json:"removed_at,omitzero"`    // taken down
	EndedAt      time.Time `json:"ended_at,omitzero"`      // lapsed or withdrawn
	PurgedAt     time.Time `json:"purged_at,omitzero"`     // keys and signer material destroyed
	ArchivedAt   time.Time `json:"archived_at,omitzero"`   // read only from then on; the state stays
	SupportedAt  time.Time `json:"supported_at,omitzero"`  // had its supporters, or needed none
	CheckedAt    time.Time `json:"checked_at,omitzero"`    // passed the check, where supporters are looked for after it
	DissolvedOn  Date      `json:"dissolved_on,omitzero"`  // the assembly was dissolved, and that ended the petition

	// Authorisers are the members who were asked to stand behind the petition, in
	// order; Member and MemberSource whom the petitioner would like to be asked.
	Authorisers  []Authorisation `json:"authorisers,omitempty"`
	Member       string          `json:"member,omitempty"`
	MemberSource string          `json:"member_source,omitempty"`
	Extensions   []Extension     `json:"extensions,omitempty"` // by measured downtime

	// Window is the signing window the petitioner chose, where the law offers several.
	Window Term `json:"window,omitzero"`
	// Thresholds of the stages that depend on a population, and the population
	// they were taken from: frozen at publication.
	Thresholds map[string]int64 `json:"thresholds,omitempty"`
	Headcount  *Headcount       `json:"headcount,omitempty"`
	// ByPlace is the active signatures by place, copied in on load for laws that ask (NeedsPlaces).
	ByPlace map[string]int64 `json:"-"`

	AutoPublished bool           `json:"auto_published,omitempty"` // both moderation terms ran out
	Proposed      *Decision      `json:"proposed,omitempty"`       // a refusal that waits for a second officer
	Refusal       *Decision      `json:"refusal,omitempty"`        // the refusal in force
	RefusedBy     []OfficerID    `json:"refused_by,omitempty"`     // everyone who took part in a refusal; barred from the appeal
	HideText      bool           `json:"hide_text,omitempty"`      // the reason says the text itself is unlawful
	Appeal        string         `json:"appeal,omitempty"`         // the petitioner's words
	Stages        []StageReached `json:"stages,omitempty"`
	Deliveries    []Delivery     `json:"deliveries,omitempty"` // to the body, in the order they were recorded
	Answer        *Answer        `json:"answer,omitempty"`

	News        *News       `json:"news,omitempty"`         // waits for a moderator
	NewsAt      time.Time   `json:"news_at,omitzero"`       // the last news that was published
	OrgCheck    *OrgCheck   `json:"org_check,omitempty"`    // whether the organisation stands behind it
	MergeInto   int64       `json:"merge_into,omitempty"`   // number of the petition asked to take this one's followers
	MergeUntil  time.Time   `json:"merge_until,omitzero"`   // until when that one may answer
	MergeOffers []int64     `json:"merge_offers,omitempty"` // numbers of the petitions that ask the same of this one
	OffersUntil []time.Time `json:"offers_until,omitempty"` // until when each of them may be answered
	MergedInto  int64       `json:"merged_into,omitempty"`  // closed in favour of this number
	Merged      []int64     `json:"merged,omitempty"`       // numbers of those that closed in favour of this one
	Hiding      *Hiding     `json:"hiding,omitempty"`       // while hidden, and the ground of a removal
	HiddenBy    []OfficerID `json:"hidden_by,omitempty"`    // everyone who ever hid it; nobody does so twice
}

// Seen is the count for whoever sees more of a petition than everybody does: its
// petitioner, an officer. It is exact while supporters are sought. Once people
// sign in public it is the public count: who asked somebody to sign would see
// the moment otherwise, and see it taken back.
func (p Petition) Seen() int64 {
	if p.OpenedAt.IsZero() {
		return p.Count
	}
	return p.Shown
}

// Reached reports whether the stage named id was reached, and returns it.
func (p Petition) Reached(id string) (StageReached, bool) {
	for _, s := range p.Stages {
		if s.Stage == id {
			return s, true
		}
	}
	return StageReached{}, false
}

// EventKind names a public or internal act on a petition.
type EventKind string

// The events, each written in the transaction that made it true.
const (
	EvStarted     EventKind = "started"     // draft written
	EvConfirmed   EventKind = "confirmed"   // petitioner's address proven
	EvQueued      EventKind = "queued"      // enough supporters: in moderation
	EvLapsed      EventKind = "lapsed"      // too few supporters in time
	EvEscalated   EventKind = "escalated"   // moderation term missed, another officer's runs
	EvProposed    EventKind = "proposed"    // one officer asks to refuse
	EvReturned    EventKind = "returned"    // back to the petitioner
	EvResubmitted EventKind = "resubmitted" // changed and handed in again
	EvRefused     EventKind = "refused"     // refused
	EvAppealed    EventKind = "appealed"    // the petitioner appealed
	EvUpheld      EventKind = "upheld"      // appeal turned down
	EvPublished   EventKind = "published"   // open for signatures
	EvStage       EventKind = "stage"       // a threshold was met and frozen
	EvDelivered   EventKind = "delivered"   // handed to the body at a stage
	EvAnswered    EventKind = "answered"    // the body answered
	EvClosed      EventKind = "closed"      // stopped collecting
	EvWithdrawn   EventKind = "withdrawn"   // taken back by the petitioner
	EvHidden      EventKind = "hidden"      // taken from the public until a second officer decides
	EvRestored    EventKind = "restored"    // the hiding was lifted
	EvRemoved     EventKind = "removed"     // taken down
	EvTopics      EventKind = "topics"      // an officer set the topics
	EvPurged      EventKind = "purged"      // signer material destroyed
	EvArchived    EventKind = "archived"    // to the archive: read only; on, when an assembly ended
	EvImported    EventKind = "imported"    // brought in from another site

	EvAuthorising    EventKind = "authorising"     // looks for a member of the assembly
	EvMemberNamed    EventKind = "member-named"    // the petitioner named one; member
	EvMemberAsked    EventKind = "member-asked"    // one was written to; member, source, try
	EvMemberDeclined EventKind = "member-declined" // said no, or nothing in time; member, said, left
	EvAuthorised     EventKind = "authorised"      // one stands behind it; member
	EvChecked        EventKind = "checked"         // passed the check, looks for supporters
	EvDissolved      EventKind = "dissolved"       // ended by the dissolution of the assembly; on
	EvExtended       EventKind = "extended"        // windows extended by an outage; days, from, to

	EvAddressed     EventKind = "addressed"      // a proposal was put to its body
	EvNewsWritten   EventKind = "news-written"   // news wait for a moderator
	EvNews          EventKind = "news"           // news published: title, text, lang
	EvNewsRefused   EventKind = "news-refused"   // news not published, with the reason
	EvDisplay       EventKind = "display"        // the petitioner chose how to be shown
	EvErased        EventKind = "erased"         // the petitioner's contact and, where the law allows, name were destroyed
	EvOrgAsked      EventKind = "org-asked"      // the organisation was written to
	EvOrgConfirmed  EventKind = "org-confirmed"  // it stands behind the petition
	EvOrgDisowned   EventKind = "org-disowned"   // it does not
	EvMergeAsked    EventKind = "merge-asked"    // asks another to take its followers; other
	EvMergeOffered  EventKind = "merge-offered"  // another asks; other
	EvMergeDeclined EventKind = "merge-declined" // the other declined; other
	EvMergeLapsed   EventKind = "merge-lapsed"   // nobody answered in time, or this one ended before; other
	EvMerged        EventKind = "merged"         // closed in favour of the other; other
	EvMergedIn      EventKind = "merged-in"      // the other closed in favour of this one; other
)

// Event is one act, in the order it was committed (Seq). Data never names a signer.
type Event struct {
	Seq      int64             `json:"seq"`
	Petition ID                `json:"-"`
	Kind     EventKind         `json:"kind"`
	At       time.Time         `json:"at"`
	Actor    string            `json:"actor"` // petitioner, officer:ID, calendar, signers, import
	Data     map[string]string `json:"data,omitempty"`
}

// Change is what a pure decision returns: the record as it shall be and the
// events that say why. The store saves both in one transaction, or neither.
type Change struct {
	Petition Petition
	Events   []Event
	// NeedsNumber asks the store to give the petition its public number if it has none.
	NeedsNumber bool
}

// changed starts a Change with one event.
func changed(p Petition, kind EventKind, at time.Time, actor string, data map[string]string) Change {
	return Change{Petition: p, Events: []Event{{Petition: p.ID, Kind: kind, At: at, Actor: actor, Data: data}}}
}
