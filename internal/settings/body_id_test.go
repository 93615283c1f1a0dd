package settings

import (
	"testing"

	"github.com/dauys/dauys/register"
	"pgregory.net/rapid"
)

func TestABodyGetsAnIDOfItsName(t *testing.T) {
	taken := map[string]bool{"akimat-goroda-samal": true, "akimat-goroda-samal-2": true}
	for name, want := range map[string]string{
		"Қызылтас қалашығының кеңесі": "qyzyltas-qalashygynyn-kenesi",
		"Совет городка «Кызылтас»":    "sovet-gorodka-kyzyltas",
		"Акимат города Самал":         "akimat-goroda-samal-3",
		"Объединённый съезд, 2-й":     "obedinennyi-sezd-2-i",
		"  Town -- Council  ":         "town-council",
		"Жаһандық ұйым":               "zhahandyq-uiym",
		"«…»":                         "",
		"市":                           "",
		"Министерство здравоохранения и чего-нибудь ещё очень длинного": "ministerstvo-zdravookhraneniya-i-chego-nibud",
	} {
		if got := BodyID(name, func(id string) bool { return taken[id] }); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestAnIDOfANameIsValidAndFree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		taken := map[string]bool{}
		for range rapid.IntRange(1, 5).Draw(t, "bodies") {
			id := BodyID(rapid.StringOf(rapid.RuneFrom([]rune("аҚЖьъ -ёz9\u0301…"))).Draw(t, "name"), func(id string) bool { return taken[id] })
			if id != "" && (!register.ValidID(id) || taken[id]) {
				t.Fatalf("id %q", id)
			}
			taken[id] = true
		}
	})
}
