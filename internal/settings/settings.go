// Package settings is what an operator decides about a site: who answers for
// it, under which law, in which languages, with which places and bodies; on
// the first run and later.
//
// What lives here: the settings in force, changes as acts, the draft of the
// first run and its one-use link.
//
// What never: HTTP, words for people, who may change what (package staff).
package settings

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/profiles"
	"github.com/dauys/dauys/register"
)

// Options are what the service needs.
type Options struct {
	Store *store.Store
	Vault *vault.Vault
	Laws  petition.Laws
	Langs []petition.Lang // that the program speaks
	// Fixed is what the configuration of the server decides; nobody else can.
	Fixed petition.Settings
	// Law is the profile of the configuration: in force while no other is
	// chosen, or for good when Fixed names it.
	Law *petition.Profile
	// Apply makes this process use the settings as they are now. Nil for a
	// process that does not serve.
	Apply func(context.Context) error
	Now   func() time.Time
}

// Service reads and changes settings. It is safe for concurrent use.
type Service struct{ o Options }

// New makes the service.
func New(o Options) *Service { return &Service{o: o} }

// Current is what is in force.
type Current struct {
	Values  petition.Settings // with what is fixed
	Version int64             // grows with each change
	Law     *petition.Profile
	Places  *place.Set // of Law; nil when there is none
	// Stale says that the open rules of the law are not those that were acknowledged.
	Stale bool
}

// Current reads what is in force.
func (s *Service) Current(ctx context.Context) (Current, error) {
	values, version, err := s.o.Store.Settings(ctx)
	if err != nil {
		return Current{}, err
	}
	maps.Copy(values, s.o.Fixed)
	c := Current{Values: values, Version: version, Law: s.Law(values[petition.SetProfile])}
	if c.Law == nil {
		c.Law = s.o.Law
	}
	if c.Values[petition.SetProfile] == "" {
		c.Values[petition.SetProfile] = c.Law.ID
	}
	c.Stale = len(c.Law.OpenRules()) > 0 && values[petition.SetAcknowledged] != c.Law.Acknowledgement()
	c.Places, err = s.PlacesOf(ctx, c.Law, values[petition.SetPlaces])
	return c, err
}

// Official reports whether the operator is the authority of the law.
func (c Current) Official() bool {
	return c.Law.Binding == petition.Official && c.Values[petition.SetOfficial] == "yes"
}

// Fixed reports whether the configuration of the server decides a setting.
func (s *Service) Fixed(name string) bool { _, fixed := s.o.Fixed[name]; return fixed }

// Law is the newest version of a profile; nil when there is none with this id.
func (s *Service) Law(id string) *petition.Profile {
	if s.o.Law != nil && id == s.o.Law.ID {
		return s.o.Law
	}
	return profiles.ByID(s.o.Laws, id)
}

// Profiles are the newest versions of all profiles, by id, but for those derived for single places.
func (s *Service) Profiles() []*petition.Profile {
	ids := map[string]bool{}
	for ref, law := range s.o.Laws {
		if law.Local == nil || law == s.o.Law { // those of single places are asked for by id
			ids[ref.ID] = true
		}
	}
	var list []*petition.Profile
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		list = append(list, s.Law(id))
	}
	return list
}

func (s *Service) rules() petition.SettingsRules {
	return petition.SettingsRules{Law: s.Law, Langs: s.o.Langs, Fixed: s.o.Fixed}
}

// Preview judges a change without making it: the acts it would be.
func (s *Service) Preview(ctx context.Context, wanted petition.Settings) ([]petition.SettingAct, error) {
	have, _, err := s.o.Store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	acts, errs := have.Change(wanted, s.rules())
	if len(errs) > 0 {
		return nil, errs
	}
	return acts, nil
}

// Change makes a change, and this process use it. Faults are
// petition.FieldErrors. Other servers follow when they see the new version.
func (s *Service) Change(ctx context.Context, actor int64, wanted petition.Settings) error {
	if err := s.o.Store.ChangeSettings(ctx, actor, s.o.Now(), func(have petition.Settings) ([]petition.SettingAct, error) {
		acts, errs := have.Change(wanted, s.rules())
		if len(errs) > 0 {
			return nil, errs
		}
		return acts, nil
	}); err != nil {
		return err
	}
	return s.apply(ctx)
}

func (s *Service) apply(ctx context.Context) error {
	if s.o.Apply == nil {
		return nil
	}
	return s.o.Apply(ctx)
}

// Acts are the latest acts about settings, bodies and accounts, the newest first.
func (s *Service) Acts(ctx context.Context, limit int) ([]petition.SettingAct, error) {
	return s.o.Store.SettingsActs(ctx, limit)
}

// Bodies are all public bodies, those that have ended too.
func (s *Service) Bodies(ctx context.Context) ([]register.Body, error) { return s.o.Store.Bodies(ctx) }

// SaveBodies adds and changes bodies, each as an act, and says how many did change.
func (s *Service) SaveBodies(ctx context.Context, actor int64, bodies []register.Body) (int, error) {
	return s.o.Store.SaveBodies(ctx, actor, bodies, s.o.Now())
}

// KeepPlaces keeps an imported set of places and returns the value of
// petition.SetPlaces that names it. Faults are named by line.
func (s *Service) KeepPlaces(ctx context.Context, csv string) (string, []register.Problem, error) {
	set, problems := place.Parse(strings.NewReader(csv), "", "own", "")
	if len(problems) == 0 && len(set.Places) == 0 {
		problems = []register.Problem{{Line: 1, Reason: place.NoPlaces.On()}}
	}
	if len(problems) > 0 {
		return "", problems, nil
	}
	hash := hashOf(csv)
	return petition.PlacesPrefix + hash, nil, s.o.Store.KeepPlaces(ctx, hash, csv)
}

// PlacesOf is the set of a law under a value of petition.SetPlaces; nil when there is none. The shipped places that an imported set does not
// have keep their names, since earlier petitions use them, but ended long ago.
func (s *Service) PlacesOf(ctx context.Context, law *petition.Profile, value string) (*place.Set, error) {
	shipped, err := place.Shipped(law.Places)
	if err != nil {
		shipped = nil // a law without places
	}
	hash, imported := strings.CutPrefix(value, petition.PlacesPrefix)
	if !imported {
		return shipped, nil
	}
	csv, err := s.o.Store.PlacesCSV(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("settings: places: %w", err)
	}
	own, problems := place.Parse(strings.NewReader(csv), "places", law.Places, "")
	if len(problems) > 0 {
		return nil, fmt.Errorf("settings: %w", problems[0])
	}
	if shipped == nil {
		return own, nil
	}
	merged := &place.Set{ID: shipped.ID, Country: shipped.Country, Places: own.Places}
	for _, p := range shipped.Places {
		if _, ok := own.Lookup(p.Code); !ok {
			p.To = petition.Date{Year: 1, Month: time.January, Day: 1}
			merged.Places = append(merged.Places, p)
		}
	}
	return merged, nil
}
