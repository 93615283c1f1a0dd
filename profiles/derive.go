package profiles

import (
	"maps"
	"slices"

	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

// Derived are the laws that follow for single places from those whose
// thresholds depend on the place: one for each place with an official code,
// under the id of the law, a hyphen and the code. Whether its inhabitants are
// known is said by petition.LocalPlace; where they are not, the law has no
// number, and says so.
func Derived(laws petition.Laws) petition.Laws {
	derived := petition.Laws{}
	for _, law := range laws {
		set, err := place.Shipped(law.Places)
		if err != nil || law.Local != nil || !slices.ContainsFunc(law.Stages, petition.Stage.Relative) {
			continue
		}
		for _, p := range set.Places {
			if p.Official != "" {
				l := forPlace(law, p)
				derived[l.Ref()] = l
			}
		}
	}
	return derived
}

func forPlace(law *petition.Profile, p place.Place) *petition.Profile {
	l := *law
	l.ID += "-" + p.Official
	l.Local = &petition.LocalPlace{Code: p.Code, Names: map[petition.Lang]string{}, Source: p.PopulationSource,
		Head: petition.Headcount{Place: p.Code, Kind: string(p.Kind), N: p.Population, On: p.PopulationOn}}
	l.Name = maps.Clone(law.Name)
	for lang, name := range law.Name {
		l.Local.Names[lang] = p.Name(string(lang))
		l.Name[lang] = name + ": " + p.Name(string(lang))
	}
	return &l
}
