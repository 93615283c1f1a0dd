package i18n

import (
	"slices"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	tests := map[string]Lang{
		"":                               English,
		"kk":                             Kazakh,
		"kk-KZ":                          Kazakh,
		"kk-Latn-KZ":                     Kazakh,
		"KK-kz":                          Kazakh,
		"ru-RU,ru;q=0.9,en;q=0.8":        Russian,
		"ru-KZ":                          Russian,
		"en-GB,en;q=0.9,kk;q=0.8":        English,
		"de":                             English,
		"de,ru;q=0.5":                    Russian,
		"uk":                             English,
		"uk-UA,uk;q=0.9,ru;q=0.3":        Russian,
		"be,ky-KG;q=0.9":                 English,
		"ky-KG,kk;q=0.2,ru;q=0.1":        Kazakh,
		"en;q=0.3,ru;q=0.5,kk;q=0.9":     Kazakh,
		"ru;q=0.5, kk;q=0.5":             Russian,
		"ru;q=0":                         English,
		"ru;q=0,kk;q=0.001":              Kazakh,
		"*":                              English,
		"*,kk;q=0.5":                     English,
		"kk,*;q=0.1":                     Kazakh,
		" kk ; q = 0.9 ,ru;Q=0.8":        Kazakh,
		"kk;q=0.1234,ru;q=0.1":           Russian, // too many decimals: not a weight
		"kk;q=2,ru;q=0.1":                Russian,
		"kk;q=1.001,ru;q=0.1":            Russian,
		"kk;q=1.000,ru":                  Kazakh,
		"kk;q=-1,en":                     English,
		"kk;q=0.x,ru;q=0.1":              Russian,
		"kk;level=1,ru;q=0.1":            Russian,
		"kkk,rus,english":                English,
		",,;;=,kk":                       Kazakh,
		strings.Repeat("de,", 31) + "kk": Kazakh,
		strings.Repeat("de,", 32) + "kk": English,
	}
	for header, want := range tests {
		if got := Match(header); got != want {
			t.Errorf("Match(%q) = %s, want %s", header, got, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, seed := range []string{"", "kk-KZ,ru;q=0.9", "*;q=0", "ru;q=1.0000", ";q=", "kk;q=0.5;q=1", "\xff,ru"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := Match(header)
		if !slices.Contains(Langs(), got) {
			t.Fatalf("Match(%q) = %q", header, got)
		}
		// Nobody gets a language that the header does not name.
		if got != English && !strings.Contains(strings.ToLower(header), string(got)) {
			t.Fatalf("Match(%q) = %s, not asked for", header, got)
		}
	})
}

func TestWritten(t *testing.T) {
	for text, want := range map[string]Lang{
		"": "",
		"Ночной автобус нужен всем, кто работает в смену.":   Russian,
		"Түнгі автобус ауысыммен жұмыс істейтіндерге керек.": Kazakh,
		"A night bus for those who work in shifts.":          English,
		"Автобус № 12": "", // too short to tell
		"Письмо в агентство Example пришло в понедельник.":     Russian,
		"Жолданым Example агенттігіне дүйсенбіде келді.":       Kazakh,
		"Für alle, die nachts arbeiten müssen":                 "", // no language of the site
		"Автобус для всех, кто живёт в «Demo». Bus for all us": "", // half and half
		"لكل من يعمل ليلا في المدينة الكبيرة":                  "",
	} {
		if got := Written(text); got != want {
			t.Errorf("Written(%q) = %q, want %q", text, got, want)
		}
	}
}
