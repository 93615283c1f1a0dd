package profiles

import (
	"strings"
	"testing"

	"github.com/dauys/dauys/petition"
)

func TestLawsOfSinglePlaces(t *testing.T) {
	derived := Derived(laws(t))
	for id, want := range map[string]struct {
		code   string
		needed int64 // 0 where nobody told the inhabitants
	}{
		"kz-local-110000000": {"KZ-11", 0}, "kz-local-620000000": {"KZ-62", 2300}, "kz-local-maslikhat-620000000": {"KZ-62", 4600},
		"kz-local-750000000": {"KZ-75", 22_000}, "kz-local-maslikhat-750000000": {"KZ-75", 44_000},
	} {
		l := ByID(derived, id)
		if l == nil || l.Local == nil || l.Local.Code != want.code {
			t.Errorf("%s: %+v", id, l)
			continue
		}
		if got := l.Stages[0].Resolve(l.Local.Head); got != want.needed {
			t.Errorf("%s: threshold %d, want %d", id, got, want.needed)
		}
		if want.needed > 0 && (l.Local.Source == "" || l.Local.Head.On.IsZero()) {
			t.Errorf("%s: inhabitants without a day or a source", id)
		}
		// Whatever place the form said, the law is for its own.
		at := petition.Date{Year: 2026, Month: 6, Day: 1}.Midnight(l.Location)
		if p := l.Start(petition.Petition{Place: "KZ-10"}, at).Petition; p.Place != want.code {
			t.Errorf("%s: a petition about %s", id, p.Place)
		}
	}
	if n := len(derived); n != 40 {
		t.Errorf("%d laws for 20 places and two bodies", n)
	}
	for ref := range derived {
		if !strings.HasPrefix(ref.ID, "kz-local-") {
			t.Errorf("%s is derived", ref.ID)
		}
	}
}
