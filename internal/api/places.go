package api

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

// breakdowns stand in a single petition that collects or collected signatures.
type breakdowns struct {
	Countries      []cell     `json:"signatures_by_country"`
	Constituencies []cell     `json:"signatures_by_constituency"`
	Regions        []cell     `json:"signatures_by_region"`
	Business       []struct{} `json:"other_parliamentary_business"`
}

// cell is the number of signatures from one place.
type cell struct {
	Name  string          `json:"name"`
	Code  string          `json:"code,omitempty"`     // of countries
	ONS   string          `json:"ons_code,omitempty"` // of constituencies and regions
	MP    json.RawMessage `json:"mp,omitempty"`       // of constituencies, null
	Count int64           `json:"signature_count"`
}

// located are the public cells of a petition and what the names of places need.
type located struct {
	set   *place.Set
	law   *petition.Profile
	shown []petition.Cell
	other int64 // from places that are not named
	total int64 // shown and other
}

// locate reads the public cells. The set is that of the petition's law, as it
// was when the petition opened.
func (a *API) locate(ctx context.Context, p store.Public) (located, error) {
	var l located
	if p.Origin == store.UKCSV || p.Origin == store.UKJSON {
		return l, nil
	}
	if l.law = a.Laws.Of(p.Petition); l.law == nil {
		return l, nil
	}
	if l.set = a.Places(l.law.Places); l.set == nil {
		return l, nil
	}
	var err error
	l.shown, l.other, err = a.Store.PublicPlaces(ctx, p.Petition, a.choicesOf(p.Petition))
	l.total = l.other
	for _, c := range l.shown {
		l.total += c.Count
	}
	return l, err
}

// breakdowns tells where the signatures come from, three times over. Every
// table that is not empty adds up to the located signatures, and what one
// leaves out the others leave out too: the rows named in any of them are the
// public cells and sums of public cells, so no two tables differ by a hidden one.
func (a *API) breakdowns(ctx context.Context, p store.Public) (*breakdowns, error) {
	out := &breakdowns{Countries: []cell{}, Constituencies: []cell{}, Regions: []cell{}, Business: []struct{}{}}
	l, err := a.locate(ctx, p)
	if err != nil || l.total == 0 {
		return out, err
	}
	home := int64(0)
	for _, c := range l.shown {
		at, _ := l.set.Lookup(c.Code)
		name := at.Name("en")
		switch {
		case c.Code == l.set.Country:
			home += c.Count
		case at.Kind == place.Constituency:
			home += c.Count
			out.Constituencies = append(out.Constituencies, cell{Name: name, ONS: c.Code, MP: json.RawMessage("null"), Count: c.Count})
		case at.Kind == place.Region:
			home += c.Count
			out.Regions = append(out.Regions, cell{Name: name, ONS: c.Code, Count: c.Count})
		default:
			out.Countries = append(out.Countries, cell{Name: name, Code: c.Code, Count: c.Count})
		}
	}
	if !hasAbroad(l.set) && l.total >= l.law.Counts.Cell {
		home = l.total // whoever is hidden is hidden inside the country
	}
	if home > 0 {
		out.Countries = append(out.Countries, cell{Name: a.countryName(l.set), Code: l.set.Country, Count: home})
	}
	slices.SortFunc(out.Countries, func(x, y cell) int { return cmp.Compare(x.Name, y.Name) })
	byCode := func(x, y cell) int { return cmp.Compare(x.ONS, y.ONS) }
	slices.SortFunc(out.Constituencies, byCode)
	slices.SortFunc(out.Regions, byCode)
	out.Countries = withOther(out.Countries, l.total)
	if hasKind(l.set, place.Constituency) {
		out.Constituencies = withOther(out.Constituencies, l.total)
	}
	if hasKind(l.set, place.Region) {
		out.Regions = withOther(out.Regions, l.total)
	}
	return out, nil
}

// withOther adds the row that makes cells add up to total.
func withOther(cells []cell, total int64) []cell {
	for _, c := range cells {
		total -= c.Count
	}
	if total == 0 {
		return cells
	}
	return append(cells, cell{Name: "Other places", Code: "ZZ", ONS: "other", Count: total})
}

func hasKind(set *place.Set, k place.Kind) bool {
	return slices.ContainsFunc(set.Places, func(p place.Place) bool { return p.Kind == k })
}

// hasAbroad reports whether a signer can name a place outside the country.
func hasAbroad(set *place.Set) bool {
	return slices.ContainsFunc(set.Places, func(p place.Place) bool {
		return (p.Kind == place.Country || p.Kind == place.Other) && p.Code != set.Country
	})
}

// countryName is the English name of the set's country: from the set, or from
// the messages, or else its code.
func (a *API) countryName(set *place.Set) string {
	if p, ok := set.Lookup(set.Country); ok {
		return p.Name("en")
	}
	if name := a.Bundle.Printer("en").T("country." + set.Country); name != "⟦country."+set.Country+"⟧" {
		return name
	}
	return set.Country
}
