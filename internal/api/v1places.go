package api

import (
	"context"
	"fmt"
	"net/url"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

// signPlaceV1 is a place that signers name.
type signPlaceV1 struct {
	Code      string            `json:"code"`
	Kind      string            `json:"kind" enum:"region,constituency,country,other"`
	Names     map[string]string `json:"names" doc:"By language"`
	Parent    string            `json:"parent,omitempty" doc:"Code of the place it lies in"`
	From      petition.Date     `json:"from,omitzero"`
	To        petition.Date     `json:"to,omitzero" doc:"Last day"`
	Petitions string            `json:"petitions_url" format:"uri" doc:"What is signed most there: /api/v1/places/{code}"`
}

type signPlacesV1 struct {
	Data  []signPlaceV1 `json:"data" doc:"Places that signers can name today"`
	Least int64         `json:"least" doc:"Fewer signatures from a place are not told"`
}

// localV1 is an open petition with its signatures from one place.
type localV1 struct {
	Petition petitionV1 `json:"petition"`
	Here     int64      `json:"place_signature_count" doc:"Signatures from the place, as /petitions/{number}/places tells them"`
}

type placePetitionsV1 struct {
	Place signPlaceV1 `json:"place"`
	Data  []localV1   `json:"data" doc:"Open petitions that were signed most there, the most first"`
	Least int64       `json:"least" doc:"A petition with fewer signatures from the place is not here"`
}

type placeAsked struct {
	Code  string `path:"code" maxLength:"64" doc:"Code of the place"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"Petitions at most"`
}

// v1SignPlaces are the places of the choice on the page of places.
func (a *API) v1SignPlaces(_ context.Context, _ *struct{}) (*signPlacesV1, error) {
	out := &signPlacesV1{Data: []signPlaceV1{}, Least: a.least()}
	set := a.Places(a.Law.Places)
	if set == nil {
		return out, nil
	}
	for _, p := range set.Named(a.Law.Today(a.Now())) {
		out.Data = append(out.Data, a.signPlaceV1(p))
	}
	return out, nil
}

// v1PlacePetitions is the page of a place: the same petitions and numbers.
func (a *API) v1PlacePetitions(ctx context.Context, in *placeAsked) (*placePetitionsV1, error) {
	set := a.Places(a.Law.Places)
	if set == nil {
		return nil, fmt.Errorf("%w: place", httpd.ErrNotFound)
	}
	at, known := set.Lookup(in.Code)
	if !known {
		return nil, fmt.Errorf("%w: place", httpd.ErrNotFound)
	}
	list, err := a.Store.PublicLocal(ctx, in.Code, in.Limit, a.choicesOf)
	if err != nil {
		return nil, err
	}
	out := &placePetitionsV1{Place: a.signPlaceV1(at), Data: []localV1{}, Least: a.least()}
	for _, p := range list {
		out.Data = append(out.Data, localV1{a.petitionV1(p.Public), p.Here})
	}
	return out, nil
}

func (a *API) signPlaceV1(p place.Place) signPlaceV1 {
	return signPlaceV1{Code: p.Code, Kind: string(p.Kind), Names: p.Names, Parent: p.Parent, From: p.From, To: p.To,
		Petitions: a.base + "/api/v1/places/" + url.PathEscape(p.Code)}
}

// least is how many signatures from a place are told at all, by the site's law.
func (a *API) least() int64 { return max(a.Law.Counts.Cell, store.LocalLeast) }

// choicesOf is how many places a signer of a petition could name when it opened.
// Every answer asks this, so that a place is told in all of them or in none.
func (a *API) choicesOf(p petition.Petition) int {
	law := a.Laws.Of(p)
	if law == nil {
		return 0
	}
	set := a.Places(law.Places)
	if set == nil {
		return 0
	}
	opened := p.OpenedAt
	if opened.IsZero() {
		opened = a.Now()
	}
	return len(set.Named(law.Today(opened)))
}
