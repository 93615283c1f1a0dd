package api

import (
	"time"

	"github.com/dauys/dauys/petition"
)

// The shapes of /api/v1. A language is kk, ru or en; a moment is RFC 3339 in
// UTC, a day YYYY-MM-DD in the zone of the petition's profile. What signers
// bring about has a day and no moment.

type textV1 struct {
	Title   string `json:"title" doc:"One line"`
	Ask     string `json:"ask" doc:"What is asked for"`
	Details string `json:"details" doc:"Reasons; may be empty"`
}

type phaseV1 struct {
	Key      string        `json:"key" doc:"What happens now: collecting, awaiting-answer, answer-overdue, answered, closed, refused and others"`
	Until    petition.Date `json:"until,omitzero" doc:"Last day of the running term"`
	DaysLeft *int          `json:"days_left,omitempty" doc:"Civil days until then; negative when it has passed"`
	Stage    string        `json:"stage,omitempty" doc:"The stage the phase speaks of"`
}

type stageV1 struct {
	Stage     string        `json:"stage"`
	Threshold int64         `json:"threshold"`
	Reached   petition.Date `json:"reached,omitzero" doc:"The day; absent while it lies ahead"`
	AnswerBy  petition.Date `json:"answer_by,omitzero" doc:"Last day of the duty's term"`
}

type creatorV1 struct {
	Kind string `json:"kind" enum:"person,organisation"`
	Name string `json:"name,omitempty" doc:"As long as the petition is open"`
	Org  string `json:"org,omitempty"`
	// Display and Verified tell how much of it the name is.
	Display  string `json:"display,omitempty" enum:"name,initials,platform,erased" doc:"How a person chose to be shown; by name when absent"`
	Verified string `json:"verified,omitempty" enum:"no,yes,disowned" doc:"Whether the organisation said that it stands behind the petition"`
}

type refusalV1 struct {
	Reason string    `json:"reason" doc:"Code of the profile"`
	Note   string    `json:"note,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

type answerV1 struct {
	At      time.Time         `json:"at"`
	Outcome string            `json:"outcome" doc:"satisfied, partly or refused"`
	Texts   map[string]textV1 `json:"texts" doc:"By language"`
	Source  string            `json:"source,omitempty" doc:"Where an answer was found that came by another way and was entered by a moderator"`
	Files   []fileV1          `json:"files,omitempty"`
}

type petitionV1 struct {
	Number    int64             `json:"number" doc:"Public number, never reused"`
	URL       string            `json:"url" format:"uri" doc:"Page for people"`
	State     string            `json:"state" enum:"open,closed,refused,appealed"`
	Phase     phaseV1           `json:"phase"`
	Kind      string            `json:"kind" enum:"petition,proposal"`
	Lang      string            `json:"lang" doc:"Language it was written in"`
	Texts     map[string]textV1 `json:"texts" doc:"By language; empty where the text itself is unlawful"`
	Missing   []string          `json:"missing" doc:"Languages its profile asks for and that have no text"`
	Body      string            `json:"body,omitempty" doc:"Id of the public body addressed"`
	Place     string            `json:"place,omitempty" doc:"Code of the place concerned"`
	Topics    []string          `json:"topics"`
	Creator   creatorV1         `json:"creator"`
	Count     int64             `json:"signature_count" doc:"The public count; moves in steps while small"`
	Stages    []stageV1         `json:"stages" doc:"Thresholds of its profile, lowest first"`
	CreatedAt time.Time         `json:"created_at,omitzero"`
	OpenedAt  time.Time         `json:"opened_at,omitzero"`
	ClosesAt  time.Time         `json:"closes_at,omitzero" doc:"Stops collecting at this moment"`
	ClosedAt  time.Time         `json:"closed_at,omitzero"`
	UpdatedAt time.Time         `json:"updated_at,omitzero" doc:"Absent when the source does not say"`
	// The merge is by consent; the counts are never added.
	MergedInto int64         `json:"merged_into,omitempty" doc:"Number of the petition in whose favour it was closed"`
	Merged     []int64       `json:"merged,omitempty" doc:"Numbers of those closed in its favour"`
	Refusal    *refusalV1    `json:"refusal,omitempty"`
	Answer     *answerV1     `json:"answer,omitempty"`
	Delivered  []deliveryV1  `json:"deliveries" doc:"To the body, in the order they were recorded"`
	Profile    *profileRefV1 `json:"profile,omitempty" doc:"The rules it is held under; absent for imports"`
	Origin     string        `json:"origin" enum:"here,replay,uk-json,uk-csv" doc:"Where it was made"`
	Archived   bool          `json:"archived" doc:"In the archive: read only, and found as before"`
	ArchivedAt time.Time     `json:"archived_at,omitzero" doc:"Since when, where it was archived here"`
}

type profileRefV1 struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

type listV1 struct {
	Data  []petitionV1 `json:"data"`
	Total int          `json:"total" doc:"How many there are on all pages"`
	Next  string       `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
}

type placeV1 struct {
	Code  string            `json:"code"`
	Kind  string            `json:"kind" enum:"region,constituency,country,other"`
	Names map[string]string `json:"names" doc:"By language"`
	Count int64             `json:"signature_count"`
}

type placesV1 struct {
	Data  []placeV1 `json:"data"`
	Other int64     `json:"other" doc:"Signatures from places that have too few to be named"`
	Total int64     `json:"total" doc:"Signatures with a place: the data and other"`
}

type dayV1 struct {
	Day   petition.Date `json:"day"`
	Count int64         `json:"signature_count" doc:"Signatures of that day that stand; they may be fewer later, after a withdrawal"`
}

type daysV1 struct {
	Data []dayV1 `json:"data" doc:"Days that are over, oldest first; while the public count moves in steps, as they were at its last step"`
}

type bodyV1 struct {
	ID    string            `json:"id"`
	Names map[string]string `json:"names" doc:"By language"`
	Kind  string            `json:"kind"`
	Place string            `json:"place,omitempty" doc:"Code of the place it is competent for; absent for the whole country"`
	Email string            `json:"email,omitempty" doc:"Contact that the body publishes"`
	From  petition.Date     `json:"from,omitzero"`
	To    petition.Date     `json:"to,omitzero" doc:"Last day"`
}

type bodiesV1 struct {
	Data []bodyV1 `json:"data"`
}
