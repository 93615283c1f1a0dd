package web

import (
	"context"
	"slices"

	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/register"
)

// placeOptions are the places of a law's set that exist today, of these kinds
// or of those that signers name, in the order of the reader's language.
func (w *Web) placeOptions(l petition.Lang, law *petition.Profile, selected string, kinds ...place.Kind) []option {
	set := w.places[law.Places]
	if set == nil {
		return nil
	}
	places := set.Named(law.Today(w.now()))
	if len(kinds) > 0 {
		places = set.Options(law.Today(w.now()), kinds...)
	}
	var options []option
	for _, p := range places {
		options = append(options, option{Value: p.Code, Label: p.Name(string(l)), Selected: p.Code == selected})
	}
	pr := w.bundle.Printer(l)
	slices.SortStableFunc(options, func(a, b option) int { return pr.Compare(a.Label, b.Label) })
	return options
}

// knownPlace reports whether signers may name the place; none is fine, too.
func (w *Web) knownPlace(law *petition.Profile, code string) bool {
	set := w.places[law.Places]
	if code == "" || set == nil {
		return code == ""
	}
	_, ok := set.Lookup(code)
	return ok
}

// placeName is the name of a place of a law's set, or its code.
func (w *Web) placeName(l petition.Lang, law *petition.Profile, code string) string {
	if set := w.places[law.Places]; set != nil {
		if p, ok := set.Lookup(code); ok {
			return p.Name(string(l))
		}
	}
	return code
}

// listBodies are the public bodies a petition may be addressed to.
func (w *Web) listBodies(ctx context.Context) ([]register.Body, error) {
	if w.bodies == nil {
		return nil, nil
	}
	return w.bodies(ctx)
}

// bodyName is the name of a public body, or what was written in its place.
func (w *Web) bodyName(ctx context.Context, l petition.Lang, id string) string {
	bodies, err := w.listBodies(ctx)
	if err != nil {
		return id
	}
	for _, b := range bodies {
		if b.ID == id {
			return b.Name(string(l))
		}
	}
	return id
}
