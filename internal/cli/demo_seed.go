package cli

import (
	"context"
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/dauys/dauys/internal/complaints"
	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/register"
)

//go:embed demoworld.toml
var demoWorldFile string

// demoPetition is one petition of the fictional world, and where it stands.
type demoPetition struct {
	Key         string
	Lang        petition.Lang
	Kind        petition.Kind
	CreatorKind petition.CreatorKind `toml:"creator_kind"`
	Creator     string
	Org         string
	Body        string
	Place       string
	Topics      []string
	Plan        string
	Days        int // ago it was started
	Signatures  int // in the end, supporters included
	Reason      string
	Note        string
	Appeal      string
	Outcome     string
	Also        []string // what happened to it besides, see seeder.also
	Into        string   // key of the petition it was merged into
	Text        petition.Texts
	Answer      petition.Texts
}

// demoFile is the whole fictional world.
type demoFile struct {
	Body []struct {
		ID, Kind, Place string
		Name            map[string]string
	}
	Petition []demoPetition
}

// seeder makes the fictional world through the same services that make a real
// one, with a clock that it sets.
type seeder struct {
	at         time.Time
	store      *store.Store
	vault      *vault.Vault
	moderation *moderation.Service
	complaints *complaints.Service
	law        *petition.Profile
	officers   [3]store.Staff
	made       map[string]seeded // by key
	places     []string
	sigs       uint64
}

// seedWorld fills the database at file with the world as it stands at now.
func seedWorld(ctx context.Context, cfg Config, file string, now time.Time) error {
	var world demoFile
	if _, err := toml.Decode(demoWorldFile, &world); err != nil {
		return err
	}
	s, err := newSeeder(ctx, cfg, file)
	if err != nil {
		return err
	}
	defer s.store.Close()
	bodies := make([]register.Body, len(world.Body))
	for i, b := range world.Body {
		bodies[i] = register.Body{ID: b.ID, Kind: b.Kind, Place: b.Place, Names: b.Name}
	}
	if _, err := s.store.SaveBodies(ctx, settings.Command, bodies, now); err != nil {
		return err
	}
	// The oldest first, so that numbers follow time.
	slices.SortStableFunc(world.Petition, func(a, b demoPetition) int { return b.Days - a.Days })
	for _, p := range world.Petition {
		if err := s.petition(ctx, p, now); err != nil {
			return fmt.Errorf("%s: %w", p.Key, err)
		}
	}
	if err := s.aftermath(ctx, world.Petition, now); err != nil {
		return err
	}
	s.at = now
	if _, err := s.moderation.Tick(ctx); err != nil {
		return err
	}
	if err := s.moderation.ShowCounts(ctx); err != nil {
		return err
	}
	return s.forgetLetters(ctx, now)
}

func newSeeder(ctx context.Context, cfg Config, file string) (*seeder, error) {
	s := &seeder{made: map[string]seeded{}}
	var err error
	if s.vault, err = vault.Open(cfg.Keys); err != nil {
		return nil, err
	}
	if s.store, err = openStore(ctx, "sqlite:"+file, true); err != nil {
		return nil, err
	}
	if s.law, err = lawOf(s.store.Laws(), cfg.Profile); err != nil {
		return nil, err
	}
	set, err := place.Shipped(s.law.Places)
	if err != nil {
		return nil, err
	}
	for _, p := range set.Places {
		s.places = append(s.places, p.Code)
	}
	now := func() time.Time { return s.at }
	s.moderation = moderation.New(moderation.Options{Store: s.store, Vault: s.vault, Broker: identity.NewBroker(s.vault), Law: s.law,
		URL: cfg.URL, PlaceOK: placeOK, Now: now,
		BodyOK: func(ctx context.Context, id string) (bool, error) {
			_, err := s.store.Body(ctx, id)
			return err == nil, err
		}})
	s.complaints = complaints.New(complaints.Options{Store: s.store, Vault: s.vault, Law: s.law, URL: cfg.URL, Now: now})
	desk := staff.New(s.store, s.vault, now)
	for i := range s.officers {
		link, err := desk.Add(ctx, demoOfficer(store.Moderator, i+1), store.Moderator, "")
		if err != nil {
			return nil, err
		}
		session, err := desk.Login(ctx, link)
		if err != nil {
			return nil, err
		}
		if s.officers[i], err = desk.Session(ctx, session); err != nil {
			return nil, err
		}
		if err := desk.Logout(ctx, session); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// findsSupporters is how many days a petition of the demo needs to find its supporters.
const findsSupporters = 3

// petition leads one petition to where its plan says it stands.
func (s *seeder) petition(ctx context.Context, d demoPetition, now time.Time) error {
	switch d.Plan {
	case "escalated":
		d.Days = s.missedFor(now)
	case "nearly":
		d.Days = s.missedFor(now) - 1 + findsSupporters
	}
	s.at = now.AddDate(0, 0, -d.Days)
	p, mine, err := s.start(ctx, d)
	if err != nil || d.Plan == "draft" {
		return err
	}
	s.made[d.Key] = seeded{p.ID, mine}
	if d.Kind == petition.KindPetition {
		supporters := d.Signatures
		if d.Plan != "supporting" && d.Plan != "lapsed" {
			supporters = min(d.Signatures, int(s.law.Support.Threshold)+3)
		}
		if err := s.sign(ctx, p.ID, supporters, s.at.AddDate(0, 0, min(findsSupporters, d.Days))); err != nil {
			return err
		}
	}
	switch d.Plan {
	case "supporting", "moderation", "nearly", "escalated":
		return nil
	case "lapsed":
		s.at = s.at.AddDate(0, 0, 40)
		_, err := s.moderation.Tick(ctx)
		return err
	case "withdrawn":
		return s.moderation.WithdrawPetition(ctx, mine)
	}
	s.at = s.at.AddDate(0, 0, min(findsSupporters, d.Days-4))
	if done, err := s.decide(ctx, d, p.ID, mine); done || err != nil {
		return err
	}
	return s.collect(ctx, d, p.ID, now)
}

// missedFor is how many days ago a petition entered moderation whose first term
// has just ended, over whatever holidays there are.
func (s *seeder) missedFor(now time.Time) int {
	days := s.law.Moderation.Term.N
	for s.law.Moderation.Term.End(now.AddDate(0, 0, -days), &s.law.Calendar, s.law.Location).After(now) {
		days++
	}
	return days
}

// start writes the petition and proves its petitioner's address by the letter.
func (s *seeder) start(ctx context.Context, d demoPetition) (petition.Petition, string, error) {
	err := s.moderation.Start(ctx, moderation.Form{Texts: d.Text, Lang: d.Lang, UILang: d.Lang, Kind: d.Kind, CreatorKind: d.CreatorKind,
		Body: d.Body, Place: d.Place, Org: d.Org, Creator: d.Creator, Email: d.Key + "@petitioner.example", Eligible: true, Topics: d.Topics})
	if err != nil {
		return petition.Petition{}, "", err
	}
	letters, err := s.store.ClaimLetters(ctx, "seed", 1, s.at.Add(time.Second), s.at.Add(time.Minute))
	if err != nil {
		return petition.Petition{}, "", err
	}
	if len(letters) != 1 {
		return petition.Petition{}, "", fmt.Errorf("%d letters, want 1", len(letters))
	}
	l, err := letter.Open(s.vault, letters[0].Sealed)
	if err != nil {
		return petition.Petition{}, "", err
	}
	if err := s.store.LetterDone(ctx, letters[0].ID); err != nil || d.Plan == "draft" {
		return petition.Petition{}, "", err
	}
	started, err := s.moderation.ConfirmStart(ctx, path.Base(l.Args["link"]))
	return started.Petition, started.Mine, err
}

// decide lets the officers act as the plan says. It reports true when the
// petition stands where it shall stand.
func (s *seeder) decide(ctx context.Context, d demoPetition, id petition.ID, mine string) (bool, error) {
	verdict := func(officer int, v petition.Verdict) error {
		w := moderation.Verdict{Verdict: v, Version: 1}
		if v != petition.Publish {
			w.Reason, w.Note = d.Reason, strings.TrimSpace(d.Note)
		}
		_, err := s.moderation.Decide(ctx, s.officers[officer], id, w)
		return err
	}
	switch d.Plan {
	case "returned":
		return true, verdict(0, petition.Return)
	case "proposed":
		return true, verdict(0, petition.Reject)
	case "refused", "appealed", "reopened":
		if err := verdict(0, petition.Reject); err != nil {
			return true, err
		}
		s.at = s.at.Add(26 * time.Hour)
		if err := verdict(1, petition.Reject); err != nil || d.Plan == "refused" {
			return true, err
		}
		s.at = s.at.Add(30 * time.Hour)
		if err := s.moderation.Appeal(ctx, mine, d.Appeal); err != nil || d.Plan == "appealed" {
			return true, err
		}
		s.at = s.at.Add(50 * time.Hour)
		return false, verdict(2, petition.Publish)
	}
	return false, verdict(0, petition.Publish)
}

// seedDays is over how many days signatures are spread: enough for a chart,
// few enough for a quick start.
const seedDays = 24

// collect brings the signatures in, more in the first days, and then the end
// the plan asks for.
func (s *seeder) collect(ctx context.Context, d demoPetition, id petition.ID, now time.Time) error {
	opened := s.at
	last := now
	if end := s.law.Collect.Window.End(opened, &s.law.Calendar, s.law.Location); end.Before(now) {
		last = end
	}
	span := last.Sub(opened) - 2*time.Hour
	left := d.Signatures - int(s.law.Support.Threshold) - 3
	for i := range seedDays {
		n := left / 4
		if i == seedDays-1 || n == 0 {
			n = min(left, max(1, left/(seedDays-i)))
		}
		if i == seedDays-1 {
			n = left
		}
		if err := s.sign(ctx, id, n, opened.Add(time.Hour+span*time.Duration(i)/seedDays)); err != nil {
			return err
		}
		left -= n
	}
	s.at = opened.Add(time.Hour + span)
	if err := s.deliver(ctx, d, id); err != nil {
		return err
	}
	switch d.Plan {
	case "closed", "answered":
		s.at = last.Add(time.Hour)
		if s.at.After(now) {
			s.at = now
		}
		if _, err := s.moderation.Tick(ctx); err != nil || d.Plan == "closed" {
			return err
		}
		s.at = s.at.Add(min(12*24*time.Hour, now.Sub(s.at)/2))
		return s.moderation.Record(ctx, s.officers[2], id, moderation.Reply{Outcome: d.Outcome, Texts: d.Answer,
			Documents: []moderation.Document{{Name: d.Key + ".pdf", Data: demoPDF("An invented answer of an invented body: " + d.Key)}}})
	}
	return nil
}

// deliver hands the petition to its body at each stage that asks for it. One
// petition of the world waits, so that its page says so.
func (s *seeder) deliver(ctx context.Context, d demoPetition, id petition.ID) error {
	p, _, law, err := s.moderation.Case(ctx, id)
	if err != nil || d.Key == "night-bus" {
		return err
	}
	for _, stage := range law.Undelivered(p) {
		err := s.moderation.Deliver(ctx, s.officers[2], id, moderation.Handing{Stage: stage.ID, On: law.Today(s.at), Channel: petition.ByEOtinish,
			Ref: fmt.Sprintf("DEMO-%d", p.Number)})
		if err != nil {
			return err
		}
	}
	return nil
}

// sign adds n signatures of nobody on one day, from places in uneven shares.
func (s *seeder) sign(ctx context.Context, id petition.ID, n int, at time.Time) error {
	day := s.law.Today(at).DayNumber()
	for n > 0 {
		batch := make([]store.NewSignature, min(n, 5000))
		for i := range batch {
			s.sigs++
			batch[i] = store.NewSignature{Petition: id, Nullifier: [16]byte(vault.Random(16)), Day: day}
			// One in seven names no place; the others come more from some places than from others.
			if k := s.sigs * 2654435761 % 1009; k%7 != 0 {
				batch[i].Place = s.places[int(k*k)*len(s.places)/(1009*1009)]
			}
		}
		if _, err := s.store.AddSignatures(ctx, batch, at); err != nil {
			return err
		}
		n -= len(batch)
	}
	return nil
}

// forgetLetters lets history send no letters.
func (s *seeder) forgetLetters(ctx context.Context, now time.Time) error {
	if err := s.store.SkipEvents(ctx, "mail"); err != nil {
		return err
	}
	for {
		letters, err := s.store.ClaimLetters(ctx, "seed", 100, now.Add(time.Hour), now.Add(2*time.Hour))
		if err != nil || len(letters) == 0 {
			return err
		}
		for _, l := range letters {
			if err := s.store.LetterDone(ctx, l.ID); err != nil {
				return err
			}
		}
	}
}
