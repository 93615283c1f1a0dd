package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

type fileV1 struct {
	URL  string `json:"url" format:"uri" doc:"Ends with the SHA-256 of the content"`
	Name string `json:"name"`
	Type string `json:"type" doc:"Media type"`
	Size int64  `json:"size" doc:"Bytes"`
}

type deliveryV1 struct {
	Stage   string        `json:"stage"`
	On      petition.Date `json:"on" doc:"The term of the answer runs from this day"`
	Channel string        `json:"channel" enum:"post,email,eotinish,hand,other"`
	Ref     string        `json:"ref,omitempty" doc:"Registration number of the body"`
	Files   []fileV1      `json:"files,omitempty"`
}

// bodyNumbersV1 repeats the fields of bodyV1: OpenAPI knows none that are
// embedded by a name of this package.
type bodyNumbersV1 struct {
	ID    string            `json:"id"`
	Names map[string]string `json:"names" doc:"By language"`
	Kind  string            `json:"kind"`
	Place string            `json:"place,omitempty" doc:"Code of the place it is competent for; absent for the whole country"`
	Email string            `json:"email,omitempty" doc:"Contact that the body publishes"`
	From  petition.Date     `json:"from,omitzero"`
	To    petition.Date     `json:"to,omitzero" doc:"Last day"`

	Petitions      int  `json:"petitions" doc:"Public petitions addressed to it"`
	Open           int  `json:"open"`
	Awaiting       int  `json:"awaiting_answer"`
	Answered       int  `json:"answered"`
	Overdue        int  `json:"overdue" doc:"Terms that have ended without an answer"`
	MedianDays     *int `json:"median_days,omitempty" doc:"Civil days from the delivery to the answer; absent without any"`
	MedianWorkdays *int `json:"median_workdays,omitempty" doc:"The same in working days of the petition's profile"`
}

type bodyAsked struct {
	ID string `path:"id" maxLength:"64" doc:"Id of the public body"`
}

func (a *API) v1Body(ctx context.Context, in *bodyAsked) (*bodyNumbersV1, error) {
	b, err := a.Store.PublicBody(ctx, in.ID, a.Law.Today(a.Now()))
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("%w: %w", httpd.ErrNotFound, err)
	} else if err != nil {
		return nil, err
	}
	of := b.Body
	out := &bodyNumbersV1{ID: of.ID, Names: of.Names, Kind: of.Kind, Place: of.Place, Email: of.Email, From: of.From, To: of.To,
		Petitions: b.Petitions, Open: b.Open, Awaiting: b.Asked, Answered: b.Answered, Overdue: b.Overdue}
	if b.Timed > 0 {
		out.MedianDays, out.MedianWorkdays = &b.MedianDays, &b.MedianWorkdays
	}
	return out, nil
}

func (a *API) filesV1(files []petition.Attachment) []fileV1 {
	var out []fileV1
	for _, f := range files {
		out = append(out, fileV1{URL: a.base + "/files/" + f.Hash, Name: f.Name, Type: f.Type, Size: f.Size})
	}
	return out
}

func (a *API) deliveriesV1(list []petition.Delivery) []deliveryV1 {
	out := []deliveryV1{}
	for _, d := range list {
		out = append(out, deliveryV1{Stage: d.Stage, On: d.On, Channel: string(d.Channel), Ref: d.Ref, Files: a.filesV1(d.Files)})
	}
	return out
}
