package petition

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

const family = "\U0001F468\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466" // four people, one character

func TestCheckTextsCountsWhatAReaderCounts(t *testing.T) {
	l := civic(t)
	for _, c := range []struct {
		name, title string
		key         string
	}{
		{"letters at the limit", strings.Repeat("ә", 80), ""},
		{"one more letter", strings.Repeat("ә", 81), "too_long"},
		{"Kazakh letters", "Әл-Фараби көшесіндегі ұялы қоңырау, ғылым және үлгі", ""},
		{"families at the limit", strings.Repeat(family, 80), ""},
		{"one more family", strings.Repeat(family, 81), "too_long"},
		{"combining accents at the limit", strings.Repeat("x\u0301", 80), ""},
		{"one more accent", strings.Repeat("x\u0301", 81), "too_long"},
		{"flags", strings.Repeat("\U0001F1F0\U0001F1FF", 80), ""},
		{"a tower of accents", "x" + strings.Repeat("\u0301", 900), "too_long"},
		{"nothing", "", "required"},
		{"blanks", " \t\u00a0\u2003", "required"},
		{"only joiners", "\u200d\u200c", "required"},
		{"two lines", "a\nb", "one_line"},
		{"a line separator", "a\u2028b", "control"},
		{"a paragraph separator", "a\u2029b", "control"},
		{"NUL", "a\x00b", "control"},
		{"escape", "a\x1bb", "control"},
		{"delete", "a\x7fb", "control"},
		{"C1", "a\u0085b", "control"},
		{"right-to-left override", "a\u202etxt.exe", "control"},
		{"isolate", "a\u2066b", "control"},
		{"pop isolate", "a\u2069b", "control"},
		{"zero width space", "a\u200bb", "control"},
		{"word joiner", "a\u2060b", "control"},
		{"byte order mark", "\ufeffab", "control"},
		{"right-to-left mark", "a\u200fb", "control"},
		{"Arabic letter mark", "a\u061cb", "control"},
		{"deprecated format", "a\u206ab", "control"},
		{"invisible times", "a\u2062b", "control"},
		{"Mongolian vowel separator", "a\u180eb", "control"},
		{"grapheme joiner", "a\u034fb", "control"},
		{"annotation", "a\ufff9b\ufffac\ufffb", "control"},
		{"Hangul filler", "\u3164", "control"},
		{"a joiner in a Latin word", "pay\u200dpal", "control"},
		{"a non-joiner in a Cyrillic word", "пет\u200cиция", "control"},
		{"a joiner behind a digit", "7\u200d", "control"},
		{"a non-joiner in Persian", "می\u200cخواهیم", ""},
		{"a joiner in Sinhala", "ශ්\u200dරී", ""},
		{"a hidden message in tags", "a\U000E0069\U000E0067", "control"},
		{"the flag of Wales", "\U0001F3F4\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F", ""},
		{"blank Braille", "\u2800\u2800", "required"},
		{"only accents", "\u0301", "required"},
		{"not UTF-8", "a\xffb", "utf8"},
		{"half a character", "\xd0", "utf8"},
	} {
		errs := l.CheckTexts(Texts{"ru": {Title: c.title, Ask: "о чём просим"}}, "ru")
		var want FieldErrors
		if c.key != "" {
			want = FieldErrors{{Field: "title", Key: c.key}}
		}
		if !same(errs, want) {
			t.Errorf("%s: %v, want %v", c.name, errs, want)
		}
		if c.key == "too_long" && (len(errs) != 1 || errs[0].Args["max"] != 80) {
			t.Errorf("%s: does not say the limit: %v", c.name, errs)
		}
	}
}

// same compares fields and keys.
func same(a, b FieldErrors) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Field != b[i].Field || a[i].Key != b[i].Key {
			return false
		}
	}
	return true
}

func TestCheckTextsInThreeLanguages(t *testing.T) {
	l := civic(t)
	good := Text{Title: "Аялдама", Ask: "Көктем көшесіне аялдама"}
	for _, c := range []struct {
		name  string
		texts Texts
		lang  Lang
		want  FieldErrors
	}{
		{"one language", Texts{"kk": good}, "kk", nil},
		{"three", Texts{"kk": good, "ru": good, "en": good}, "en", nil},
		{"none", nil, "kk", FieldErrors{{Field: "title", Key: "required"}, {Field: "ask", Key: "required"}}},
		{"not the petitioner's", Texts{"ru": good}, "kk", FieldErrors{{Field: "title", Key: "required"}, {Field: "ask", Key: "required"}}},
		{"half of a translation", Texts{"kk": good, "en": {Details: "why"}}, "kk",
			FieldErrors{{Field: "title.en", Key: "required"}, {Field: "ask.en", Key: "required"}}},
		{"all three too long", Texts{"kk": long, "ru": long}, "ru", FieldErrors{
			{Field: "title.kk", Key: "too_long"}, {Field: "ask.kk", Key: "too_long"}, {Field: "details.kk", Key: "too_long"},
			{Field: "title", Key: "too_long"}, {Field: "ask", Key: "too_long"}, {Field: "details", Key: "too_long"}}},
		{"a line break where one may be", Texts{"kk": {Title: "a", Ask: "b\nc", Details: "d\n\ne"}}, "kk", nil},
		{"a language the law does not know", Texts{"kk": good, "de": {Title: "x\x00"}, "aa": good}, "kk",
			FieldErrors{{Field: "title.aa", Key: "unknown"}, {Field: "title.de", Key: "unknown"}}},
		{"written in one", Texts{"de": good}, "de", FieldErrors{{Field: "lang", Key: "unknown"}}},
		{"written in none", Texts{"kk": good}, "", FieldErrors{{Field: "lang", Key: "unknown"}}},
	} {
		if errs := l.CheckTexts(c.texts, c.lang); !same(errs, c.want) {
			t.Errorf("%s: %v, want %v", c.name, errs, c.want)
		}
	}
}

var long = Text{Title: strings.Repeat("ы", 81), Ask: strings.Repeat("ы", 301), Details: strings.Repeat("ы", 801)}

// A long text in two directions may need the marks that a title does not.
func TestMarksOfDirectionInLongTexts(t *testing.T) {
	l := civic(t)
	if errs := l.CheckTexts(Texts{"ru": {Title: "Мост", Ask: "Назвать мост\u200f جسر"}}, "ru"); errs != nil {
		t.Error(errs)
	}
	if errs := l.CheckTexts(Texts{"ru": {Title: "Мост", Ask: "Назвать \u202e мост"}}, "ru"); !same(errs, FieldErrors{{Field: "ask", Key: "control"}}) {
		t.Errorf("an override in a long text: %v", errs)
	}
}

func TestMissingLanguages(t *testing.T) {
	l := civic(t)
	if m := l.Missing(Texts{"ru": {Title: "x"}}); len(m) != 1 || m[0] != "kk" {
		t.Errorf("missing %v, want kk: en is not required", m)
	}
	if m := l.Missing(Texts{"ru": {}, "kk": {}}); m != nil {
		t.Errorf("missing %v", m)
	}
}

func TestTextsFallBack(t *testing.T) {
	texts := Texts{"kk": {Title: "K"}, "ru": {Title: "R"}}
	if x, lang, own := texts.In("ru", "kk"); x.Title != "R" || lang != "ru" || !own {
		t.Errorf("%v %s %v", x, lang, own)
	}
	if x, lang, own := texts.In("en", "fr", "kk"); x.Title != "K" || lang != "kk" || own {
		t.Errorf("%v %s %v", x, lang, own)
	}
	if x, lang, own := texts.In("en", "fr"); x != (Text{}) || lang != "" || own {
		t.Errorf("%v %s %v", x, lang, own)
	}
}

func TestCheckName(t *testing.T) {
	for name, key := range map[string]string{
		"Айгүл Үлгіқызы": "", "Ұйым «Үлгі»": "", strings.Repeat("ж", 120): "", strings.Repeat("ж", 121): "too_long",
		"": "required", " ": "required", "\u200d": "required", "a\nb": "one_line", "a\u202eb": "control", "\xff": "utf8",
	} {
		errs := CheckName("creator", name)
		if (key == "") != (len(errs) == 0) || key != "" && (errs[0].Key != key || errs[0].Field != "creator") {
			t.Errorf("%q: %v, want %q", name, errs, key)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"  a\r\nb\rc\n ": "a\nb\nc", "и\u0306": "й", "a\r\r\nb": "a\n\nb", "\u00a0x\u2003": "x", "": "", "пе\u00adти\u00adция": "петиция",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("  Әл-Фараби\r\n и\u0306 ")
	f.Add("\xff\r\r\n\u0301")
	f.Fuzz(func(t *testing.T, s string) {
		once := Clean(s)
		if twice := Clean(once); twice != once {
			t.Errorf("Clean(%q) = %q, and again %q", s, once, twice)
		}
		if utf8.ValidString(s) && !utf8.ValidString(once) {
			t.Errorf("Clean(%q) = %q is not UTF-8 any more", s, once)
		}
		if strings.Contains(once, "\r") {
			t.Errorf("Clean(%q) = %q keeps a CR", s, once)
		}
	})
}

func TestCleanTwiceIsCleanOnce(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"a", "и", "\u0306", "\u0301", "\u0323", "\r", "\n", " ", "\u00a0", "한", "\u1112", "\u1161", family, "Å", "\xff"})
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Join(rapid.SliceOfN(pieces, 0, 80).Draw(t, "pieces"), "")
		if once := Clean(s); Clean(once) != once {
			t.Fatalf("Clean(%q) = %q, and again %q", s, once, Clean(once))
		}
	})
}

func TestFieldErrorsSpeak(t *testing.T) {
	if err := (FieldErrors{}).OrNil(); err != nil {
		t.Errorf("no fault is %v", err)
	}
	if got := (FieldErrors{}).Error(); got != "" {
		t.Errorf("no fault says %q", got)
	}
	errs := FieldErrors{{Field: "title", Key: "required"}, {Field: "ask", Key: "too_long"}}
	if got := errs.OrNil().Error(); got != "field title: required\nfield ask: too_long" {
		t.Errorf("says %q", got)
	}
}
