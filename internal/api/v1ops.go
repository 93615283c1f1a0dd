package api

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// listAsked are the parameters of a list.
type listAsked struct {
	State    string `query:"state" enum:"all,open,recent,closed,rejected,awaiting_response,with_response,awaiting_debate,debated,not_debated,published" default:"all" doc:"Which petitions, as in /petitions.json"`
	Sort     string `query:"sort" enum:"signatures,newest,closing" doc:"Order; by default that of the state"`
	Q        string `query:"q" maxLength:"200" doc:"Words that the text must have"`
	Lang     string `query:"lang" enum:"kk,ru,en" doc:"Language the petition was written in"`
	BodyID   string `query:"body" maxLength:"64" doc:"Id of the public body addressed"`
	Topic    string `query:"topic" maxLength:"100" doc:"Code of a topic"`
	Archived string `query:"archived" enum:"true,false" doc:"Only archived ones, or none of them"`
	Cursor   string `query:"cursor" maxLength:"64" doc:"As the page before gave it; valid with the same parameters"`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"25" doc:"Petitions on a page"`
}

// cursorMark begins every cursor, so that another kind can be told from it.
const cursorMark = "o1:"

// cursor is how far a list was read. Clients cannot look into it, so it may
// become a key of the last row without notice.
func cursor(offset int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorMark + strconv.Itoa(offset)))
}

func parseCursor(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	fault := petition.FieldError{Field: "cursor", Key: "invalid"}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0, fault
	}
	digits, ok := strings.CutPrefix(string(b), cursorMark)
	n, valid := number(digits)
	if !ok || !valid || n > 1<<31 {
		return 0, fault
	}
	return int(n), nil
}

func (a *API) v1List(ctx context.Context, in *listAsked) (*listV1, error) {
	offset, err := parseCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &listV1{Data: []petitionV1{}}
	q := store.ListQuery{Facet: store.Facet(in.State), Sort: store.Sort(in.Sort), Search: strings.TrimSpace(in.Q), Lang: petition.Lang(in.Lang),
		Body: in.BodyID, Topic: in.Topic, Offset: offset, Limit: in.Limit}
	if in.Archived != "" {
		archived := in.Archived == "true"
		q.Archived = &archived
	}
	found, err := a.Store.PublicList(ctx, q)
	if err != nil {
		return nil, err
	}
	out.Total = found.Total
	for _, p := range found.Items {
		out.Data = append(out.Data, a.petitionV1(p))
	}
	if end := offset + len(found.Items); len(found.Items) > 0 && end < found.Total {
		out.Next = cursor(end)
	}
	return out, nil
}

// oneAsked names a petition.
type oneAsked struct {
	Number int64 `path:"number" minimum:"1" maximum:"9007199254740992" doc:"Public number"`
}

func (a *API) v1Petition(ctx context.Context, in *oneAsked) (*petitionV1, error) {
	p, err := a.known(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	out := a.petitionV1(p)
	return &out, nil
}

func (a *API) v1Places(ctx context.Context, in *oneAsked) (*placesV1, error) {
	p, err := a.known(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	l, err := a.locate(ctx, p)
	if err != nil {
		return nil, err
	}
	out := &placesV1{Data: []placeV1{}, Other: l.other, Total: l.total}
	for _, c := range l.shown {
		at, _ := l.set.Lookup(c.Code)
		out.Data = append(out.Data, placeV1{Code: c.Code, Kind: string(at.Kind), Names: at.Names, Count: c.Count})
	}
	return out, nil
}

// v1Days are the days as the page draws them: the store lets them follow the
// public count.
func (a *API) v1Days(ctx context.Context, in *oneAsked) (*daysV1, error) {
	p, err := a.known(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	out := &daysV1{Data: []dayV1{}}
	law := a.Laws.Of(p.Petition)
	if law == nil {
		return out, nil
	}
	days, err := a.Store.PublicDays(ctx, p.Petition, law.Today(a.Now()))
	for _, d := range days {
		out.Data = append(out.Data, dayV1{d.Day, d.Count})
	}
	return out, err
}

func (a *API) v1Bodies(ctx context.Context, _ *struct{}) (*bodiesV1, error) {
	all, err := a.Store.Bodies(ctx)
	if err != nil {
		return nil, err
	}
	out := &bodiesV1{Data: []bodyV1{}}
	for _, b := range all {
		out.Data = append(out.Data, bodyV1(b))
	}
	return out, nil
}

func (a *API) v1Profile(_ context.Context, _ *struct{}) (*petition.Profile, error) {
	return a.Law, nil
}

// petitionV1 is a petition as everyone may see it.
func (a *API) petitionV1(p store.Public) petitionV1 {
	out := petitionV1{
		Number: p.Number, URL: fmt.Sprintf("%s/%s/petitions/%d", a.base, p.Lang, p.Number), State: string(p.State),
		Kind: string(p.Kind), Lang: string(p.Lang), Texts: textsV1(p.Texts), Missing: []string{}, Body: p.Body, Place: p.Place,
		Topics: append([]string{}, p.Topics...), Creator: creatorV1{Kind: string(p.Creator.Kind)}, Count: p.Count, Stages: []stageV1{},
		CreatedAt: p.CreatedAt, OpenedAt: p.OpenedAt, ClosesAt: p.ClosesAt, ClosedAt: p.ClosedAt, UpdatedAt: a.updated(p),
		Origin: string(p.Origin), Archived: p.Archived, ArchivedAt: p.ArchivedAt, Phase: phaseV1{Key: string(p.State)}, Delivered: a.deliveriesV1(p.Deliveries),
	}
	if p.State == petition.Open {
		out.Creator.Name, out.Creator.Org = p.Creator.Name, p.Creator.Org
		out.Creator.Display = displayed(p.Creator)
	}
	out.Creator.Verified, out.MergedInto, out.Merged = verified(p.Petition), p.MergedInto, p.Merged
	if p.Origin == store.UKCSV {
		out.UpdatedAt = time.Time{} // when it was brought in, which is not when it changed
	}
	if r := p.Refusal; r != nil && (p.State == petition.Refused || p.State == petition.Appealed) {
		out.Refusal = &refusalV1{Reason: r.Reason, Note: r.Note, At: r.At}
	}
	if p.Answer != nil {
		out.Answer = &answerV1{At: p.Answer.At, Outcome: p.Answer.Outcome, Texts: textsV1(p.Answer.Texts), Source: p.Answer.Source, Files: a.filesV1(p.Answer.Files)}
	}
	if law := a.Laws.Of(p.Petition); law != nil {
		out.Profile = &profileRefV1{law.ID, law.Version}
		a.underLaw(&out, p, law)
	}
	return out
}

// underLaw adds what follows from the petition's own law.
func (a *API) underLaw(out *petitionV1, p store.Public, law *petition.Profile) {
	phase := law.PhaseOf(p.Petition, a.Now())
	out.Phase = phaseV1{Key: phase.Key, Until: phase.Until, Stage: phase.Stage}
	if !phase.Until.IsZero() {
		out.Phase.DaysLeft = &phase.DaysLeft
	}
	if !p.HideText {
		for _, l := range law.Missing(p.Texts) {
			out.Missing = append(out.Missing, string(l))
		}
	}
	for _, s := range law.Stages {
		if _, asked := p.Reached(s.ID); p.Kind == petition.KindProposal && !asked {
			continue // no threshold applies
		}
		st := stageV1{Stage: s.ID, Threshold: p.Needed(s)}
		if r, ok := p.Reached(s.ID); ok {
			st.Threshold, st.Reached, st.AnswerBy = r.Threshold, law.Today(r.At), r.AnswerBy
		}
		out.Stages = append(out.Stages, st)
	}
}

func textsV1(texts map[petition.Lang]petition.Text) map[string]textV1 {
	out := make(map[string]textV1, len(texts))
	for l, t := range texts {
		out[string(l)] = textV1{Title: t.Title, Ask: t.Ask, Details: t.Details}
	}
	return out
}

// displayed is how a person chose to be shown; "" for an organisation.
func displayed(c petition.Creator) string {
	switch {
	case c.Erased:
		return "erased"
	case c.Kind == petition.Person:
		return string(c.Display)
	}
	return ""
}

// verified tells of the organisation's own word; "" for a person.
func verified(p petition.Petition) string {
	switch {
	case p.Creator.Kind != petition.Organisation:
		return ""
	case p.OrgVerified():
		return "yes"
	case p.OrgCheck != nil && p.OrgCheck.State == petition.OrgDisowned:
		return "disowned"
	}
	return "no"
}
