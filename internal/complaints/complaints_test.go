package complaints

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

func newService(t *testing.T) *Service {
	t.Helper()
	laws, err := profiles.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "test.db"), laws)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
	return New(Options{Store: s, Vault: v, Law: profiles.ByID(laws, "kz-civic"), URL: "https://dauys.example", Now: now})
}

func TestRefs(t *testing.T) {
	if a, b := Ref(), Ref(); !IsRef(a) || !IsRef(b) || a == b {
		t.Errorf("%s and %s", a, b)
	}
	rapid.Check(t, func(t *rapid.T) {
		if s := rapid.String().Draw(t, "s"); IsRef(s) && len(s) != 8 {
			t.Fatalf("%q passes for a number", s)
		}
	})
}

func TestComplainNamesEveryFault(t *testing.T) {
	s := newService(t)
	_, err := s.Complain(t.Context(), Form{Number: "12", Email: "nobody"})
	var errs petition.FieldErrors
	if !errors.As(err, &errs) {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	for _, e := range errs {
		fields[e.Field] = true
	}
	for _, f := range []string{"by", "what", "why", "ground", "petition", "email"} {
		if !fields[f] {
			t.Errorf("no fault of %s in %v", f, errs)
		}
	}
	if _, total, err := s.Queue(t.Context(), 0, 10); err != nil || total != 0 {
		t.Errorf("%d complaints are kept: %v", total, err)
	}
}

func TestComplaintAboutTheSite(t *testing.T) {
	s := newService(t)
	_, err := s.Complain(t.Context(), Form{Complaint: petition.Complaint{By: petition.ByPerson, What: " A delay ", Why: "Too long", Ground: petition.GroundProcess, Lang: "en"}})
	if err != nil {
		t.Fatal(err)
	}
	list, total, err := s.Queue(t.Context(), 0, 10)
	if err != nil || total != 1 || list[0].What != "A delay" || list[0].Contact {
		t.Fatalf("%+v, %v", list, err)
	}
	v := Verdict{Outcome: petition.ComplaintUpheld, Reason: "It was late.", Demand: &petition.Demand{}}
	if err := s.Decide(t.Context(), store.Staff{ID: 4}, list[0].ID, v); err != nil {
		t.Fatal(err)
	}
	if waiting, _, err := s.o.Store.OutboxSize(t.Context()); err != nil || waiting != 0 {
		t.Errorf("%d letters to nobody: %v", waiting, err)
	}
	if d, err := s.o.Store.PublicDemands(t.Context(), petition.Date{Year: 2030, Month: 1, Day: 1}, 0, 10); err != nil || d.Total != 0 {
		t.Errorf("a person's complaint is %d demands of an authority: %v", d.Total, err)
	}
}

func TestEnterNamesAnUnknownPetition(t *testing.T) {
	s := newService(t)
	d := petition.Demand{Authority: "Invented office", On: petition.Date{Year: 2026, Month: 11, Day: 20}, Ground: "a law", Asked: "a", Done: "b", Reason: "c", Number: 99}
	var errs petition.FieldErrors
	if err := s.Enter(t.Context(), store.Staff{ID: 4}, d); !errors.As(err, &errs) || errs[0].Field != "petition" {
		t.Errorf("got %v", err)
	}
	d.Number = 0
	if err := s.Enter(t.Context(), store.Staff{ID: 4}, d); err != nil {
		t.Error(err)
	}
}
