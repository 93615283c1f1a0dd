package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// kind is one of the two halves of the compatible API.
type kind struct {
	typ      string // "type" of a row
	path     string // where its petitions are
	archived bool
}

var (
	current  = kind{"petition", "/petitions", false}
	archived = kind{"archived-petition", "/archived/petitions", true}
)

func kindOf(p store.Public) kind {
	if p.Archived {
		return archived
	}
	return current
}

// row is one petition of the compatible API; the order of keys is the source's.
type row struct {
	Type       string          `json:"type"`
	ID         int64           `json:"id"`
	Links      *selfLink       `json:"links,omitempty"`
	Attributes any             `json:"attributes"`
	Parliament json.RawMessage `json:"parliament,omitempty"` // archived rows only, null when unknown
}

type selfLink struct {
	Self string `json:"self"`
}

// attributes are those of a petition made here, or known from a list only.
// A nil pointer is null; what is absent at the source is left out.
type attributes struct {
	Action             string          `json:"action"`
	Background         *string         `json:"background"`
	AdditionalDetails  *string         `json:"additional_details"`
	CommitteeNote      *string         `json:"committee_note"`
	State              string          `json:"state"`
	SignatureCount     int64           `json:"signature_count"`
	ClosingDate        *string         `json:"closing_date,omitempty"`
	CreatedAt          *string         `json:"created_at"`
	UpdatedAt          *string         `json:"updated_at"`
	RejectedAt         *string         `json:"rejected_at"`
	OpenedAt           *string         `json:"opened_at"`
	ClosedAt           *string         `json:"closed_at"`
	ModerationAt       *string         `json:"moderation_threshold_reached_at"`
	ResponseAt         *string         `json:"response_threshold_reached_at"`
	AnsweredAt         *string         `json:"government_response_at"`
	DebateAt           *string         `json:"debate_threshold_reached_at"`
	DebateScheduledOn  *string         `json:"debate_scheduled_on"`
	ScheduledDebate    *string         `json:"scheduled_debate_date"`
	DebateOutcomeAt    *string         `json:"debate_outcome_at"`
	CreatorName        json.RawMessage `json:"creator_name,omitempty"` // absent when archived
	Rejection          *rejection      `json:"rejection"`
	GovernmentResponse *response       `json:"government_response"`
	Debate             *struct{}       `json:"debate"` // what a parliament did is known of imports only
	Departments        []department    `json:"departments"`
	Topics             []string        `json:"topics"`
	*breakdowns
}

type rejection struct {
	Code    string  `json:"code"`
	Details *string `json:"details"`
}

type response struct {
	RespondedOn string `json:"responded_on"`
	Summary     string `json:"summary"`
	Details     string `json:"details"`
	CreatedAt   string `json:"created_at"`
	UpdatedAt   string `json:"updated_at"`
}

type department struct {
	Acronym *string `json:"acronym"`
	Name    string  `json:"name"`
	URL     string  `json:"url"`
}

// stampLayout is how the compatible API writes moments, in UTC.
const stampLayout = "2006-01-02T15:04:05.000Z"

// stamp is t, or null when it is zero.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(stampLayout)
	return &s
}

// dayStamp is the beginning of t's civil day, but not before what it follows:
// for what signers bring about, since the second at which somebody signed is
// not public.
func dayStamp(t, follows time.Time, law *petition.Profile) *string {
	return stamp(dayOf(t, follows, law))
}

func dayOf(t, follows time.Time, law *petition.Profile) time.Time {
	if t.IsZero() {
		return t
	}
	day := law.Today(t).Midnight(time.UTC)
	if day.Before(follows) {
		return follows
	}
	return day
}

// updated is when a petition last changed, as the public may know it. What
// signers bring about, a threshold met, is told by its day; an official act by
// its second.
func (a *API) updated(p store.Public) time.Time {
	if p.Origin == store.UKJSON || p.Origin == store.UKCSV {
		return p.UpdatedAt
	}
	official := []time.Time{p.CreatedAt, p.OpenedAt, p.ClosedAt, p.RefusedAt, p.ArchivedAt}
	if p.Answer != nil {
		official = append(official, p.Answer.At)
	}
	law := a.law(p.Petition)
	return later(law.Today(p.UpdatedAt).Midnight(law.Location).UTC(), slices.MaxFunc(official, time.Time.Compare))
}

func date(d petition.Date) *string {
	if d.IsZero() {
		return nil
	}
	s := d.String()
	return &s
}

// orNull is s, or null when there is none.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// listedState is the source's word for a public state.
func listedState(s petition.State) string {
	switch s {
	case petition.Open, petition.Closed:
		return string(s)
	}
	return "rejected"
}

// rowOf is a petition as lists show it.
func (a *API) rowOf(p store.Public, all bodies) row {
	k := kindOf(p)
	out := row{Type: k.typ, ID: p.Number, Links: &selfLink{fmt.Sprintf("%s%s/%d.json", a.base, k.path, p.Number)}}
	if k.archived {
		out.Parliament = p.Parliament
		if out.Parliament == nil {
			out.Parliament = json.RawMessage("null")
		}
	}
	if p.Listed != nil {
		out.Attributes = p.Listed
		return out
	}
	out.Attributes = a.attributes(p, all)
	return out
}

// attributes are made for petitions made here, and for those of which a list
// told no more than title, state and count.
func (a *API) attributes(p store.Public, all bodies) attributes {
	out := attributes{State: listedState(p.State), SignatureCount: p.Count, Departments: []department{}, Topics: []string{}}
	text, lang, _ := p.Texts.In(p.Lang, "kk", "ru", "en")
	out.Action = text.Title
	if !p.Archived {
		out.CreatorName = json.RawMessage("null")
	}
	if p.Origin == store.UKCSV {
		return out
	}
	law := a.law(p.Petition)
	out.Background, out.AdditionalDetails = &text.Ask, &text.Details
	out.CreatedAt, out.UpdatedAt = stamp(p.CreatedAt), stamp(a.updated(p))
	out.RejectedAt, out.OpenedAt, out.ClosedAt = stamp(p.RefusedAt), stamp(p.OpenedAt), stamp(p.ClosedAt)
	out.ModerationAt = dayStamp(p.QueuedAt, p.CreatedAt, law)
	out.ResponseAt, out.DebateAt = dayStamp(p.Debate.ResponseAt, p.OpenedAt, law), dayStamp(p.Debate.ReachedAt, p.OpenedAt, law)
	out.AnsweredAt, out.ScheduledDebate, out.DebateOutcomeAt = stamp(p.Debate.AnsweredAt), date(p.Debate.On), stamp(p.Debate.DebatedAt)
	if p.State == petition.Open {
		if !p.ClosesAt.IsZero() {
			out.ClosingDate = date(law.Today(p.ClosesAt.Add(-time.Nanosecond)))
		}
		if name, err := encode(p.Creator.Name); err == nil && !p.Archived && p.Creator.Name != "" {
			out.CreatorName = name
		}
	}
	if p.Refusal != nil && out.State == "rejected" {
		out.Rejection = &rejection{p.Refusal.Reason, orNull(p.Refusal.Note)}
	}
	out.GovernmentResponse = answer(p, law)
	if p.Body != "" {
		out.Departments = append(out.Departments, a.department(p.Body, lang, all))
	}
	out.Topics = append(out.Topics, p.Topics...)
	return out
}

// answer is the body's answer in the petition's own language, or the first it has.
func answer(p store.Public, law *petition.Profile) *response {
	if p.Answer == nil {
		return nil
	}
	t, _, _ := petition.Texts(p.Answer.Texts).In(p.Lang, "kk", "ru", "en")
	details := strings.TrimSpace(t.Ask + "\n\n" + t.Details)
	at := p.Answer.At.UTC().Format(stampLayout)
	return &response{RespondedOn: law.Today(p.Answer.At).String(), Summary: t.Title, Details: details, CreatedAt: at, UpdatedAt: at}
}

// bodies are the public bodies by id.
type bodies map[string]register.Body

func (a *API) allBodies(ctx context.Context) (bodies, error) {
	list, err := a.Store.Bodies(ctx)
	if err != nil {
		return nil, err
	}
	all := make(bodies, len(list))
	for _, b := range list {
		all[b.ID] = b
	}
	return all, nil
}

// department is a body as the compatible API names ministries.
func (a *API) department(id string, lang petition.Lang, all bodies) department {
	d := department{Name: id, URL: fmt.Sprintf("%s/%s/bodies/%s", a.base, lang, id)}
	if b, ok := all[id]; ok {
		d.Name = b.Name(string(lang))
	}
	return d
}
