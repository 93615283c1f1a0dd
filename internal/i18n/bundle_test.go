package i18n

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
)

// common is a bundle of common.toml alone, so that a fault in another owner's
// file fails TestEmbedded and nothing else.
func common(t testing.TB) *Bundle {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, l := range Langs() {
		name := "locales/" + string(l) + "/common.toml"
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: text}
	}
	b, err := newBundle(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEmbedded(t *testing.T) {
	b, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Keys()) == 0 || !slices.IsSorted(b.Keys()) {
		t.Errorf("Keys() = %d keys, sorted %v", len(b.Keys()), slices.IsSorted(b.Keys()))
	}
	for _, l := range Langs() {
		for _, key := range b.Keys() {
			if got := b.Printer(l).T(key); got == missing(key) || strings.TrimSpace(got) == "" {
				t.Errorf("%s: %s says %q", l, key, got)
			}
		}
	}
}

// Letters of two alphabets in one word are a slip of the keyboard that no eye
// sees: Latin h for һ, i for і, a for а. They break search and screen readers.
func TestNoWordMixesAlphabets(t *testing.T) {
	for _, l := range Langs() {
		names, err := filepath.Glob("locales/" + string(l) + "/*.toml")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range append(names, "../../docs/glossary.md") {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range mixedWords(string(text)) {
				t.Errorf("%s: %q has Latin and Cyrillic letters", name, word)
			}
		}
	}
	if got := mixedWords("таза hат hат, PDF-файл"); !slices.Equal(got, []string{"hат", "hат"}) {
		t.Errorf("mixedWords = %q", got)
	}
}

func mixedWords(text string) []string {
	var mixed []string
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		latin := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
		cyrillic := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
		if latin && cyrillic {
			mixed = append(mixed, word)
		}
	}
	return mixed
}

// TestUnsure prints what waits for a native reader: go test -run TestUnsure -v.
func TestUnsure(t *testing.T) {
	b := common(t)
	keys := b.Unsure(Kazakh)
	if !slices.Contains(keys, "unit.signatures") || slices.Contains(keys, "button.send") || !slices.IsSorted(keys) {
		t.Errorf("Unsure(kk) = %q", keys)
	}
	if got := b.Unsure(English); len(got) != 0 {
		t.Errorf("Unsure(en) = %q", got)
	}
	all, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range Langs() {
		for _, key := range all.Unsure(l) {
			t.Logf("%s %s: %s", l, key, all.Printer(l).T(key))
		}
	}
}

func TestPrinterOfUnknownLanguageIsEnglish(t *testing.T) {
	b := common(t)
	for l, want := range map[Lang]Lang{"kk": "kk", "ru": "ru", "en": "en", "": "en", "fr": "en", "KK": "en"} {
		if got := b.Printer(l).Lang(); got != want {
			t.Errorf("Printer(%q) speaks %s, want %s", l, got, want)
		}
	}
}

// world makes locale files of one text for each language.
func world(kk, ru, en string) fs.FS {
	return fstest.MapFS{
		"locales/kk/a.toml": {Data: []byte(kk)},
		"locales/ru/a.toml": {Data: []byte(ru)},
		"locales/en/a.toml": {Data: []byte(en)},
	}
}

func TestLoaderFaults(t *testing.T) {
	const hi = "[\"hi\"]\nother = \"x\"\n"
	ruForms := "[\"n\"]\none = \"{{.n}}\"\nfew = \"{{.n}}\"\nmany = \"{{.n}}\"\nother = \"{{.n}}\"\n"
	twoForms := "[\"n\"]\none = \"one\"\nother = \"{{.n}}\"\n"
	tests := map[string]struct {
		files fs.FS
		want  []string
	}{
		"key missing in one":       {world(hi, hi, hi+"[\"b\"]\nother = \"x\"\n"), []string{"b: missing in kk", "b: missing in ru"}},
		"key missing in first":     {world("", hi, hi), []string{"hi: missing in kk"}},
		"no files":                 {fstest.MapFS{}, []string{"no files of kk", "no files of ru", "no files of en"}},
		"ru lacks many":            {world(twoForms, strings.Replace(ruForms, "many", "#", 1), twoForms), []string{`a.toml: n: form "many" is missing`}},
		"ru lacks few and one":     {world(twoForms, "[\"n\"]\nmany = \"{{.n}}\"\nother = \"{{.n}}\"\n", twoForms), []string{`form "one" is missing`, `form "few" is missing`}},
		"kk has few":               {world(twoForms+"few = \"{{.n}}\"\n", ruForms, twoForms), []string{`kk/a.toml: n: form "few" does not exist`}},
		"en lacks one":             {world(twoForms, ruForms, "[\"n\"]\nother = \"{{.n}}\"\n"), []string{"n: has plural forms in only one of kk and en"}},
		"ru one hides the number":  {world(twoForms, strings.Replace(ruForms, `one = "{{.n}}"`, `one = "one"`, 1), twoForms), []string{`ru/a.toml: n: form "one" lacks {{.n}}`}},
		"form lacks placeholder":   {world(twoForms, ruForms, "[\"n\"]\none = \"{{.a}}\"\nother = \"{{.n}}\"\n"), []string{`en/a.toml: n: form "other" lacks {{.a}}`}},
		"placeholder differs":      {world(hi, hi, "[\"hi\"]\nother = \"{{.who}}\"\n"), []string{"hi: placeholders [] in kk, [who] in en"}},
		"placeholder undotted":     {world(hi, hi, "[\"hi\"]\nother = \"{{who}}\"\n"), []string{`hi: other: placeholder "{{who" is not`}},
		"placeholder not closed":   {world(hi, hi, "[\"hi\"]\nother = \"{{.who\"\n"), []string{`placeholder "{{.who" is not`}},
		"placeholder with a space": {world(hi, hi, "[\"hi\"]\nother = \"{{ .who }}\"\n"), []string{`is not of the form`}},
		"empty text":               {world(hi, hi, "[\"hi\"]\nother = \"\"\n"), []string{`en/a.toml: hi: form "other" is missing`}},
		"unknown field":            {world(hi, hi, hi+"two = \"y\"\n"), []string{`en/a.toml: hi.two: unknown field`}},
		"key without quotes":       {world(hi, hi, hi+"[a.b]\nother = \"y\"\n"), []string{`en/a.toml: a.b`, `a: missing in kk`}},
		"not TOML":                 {world(hi, hi, "[\"hi\"\n"), []string{"en/a.toml", "hi: missing in en"}},
		"twice in a file":          {world(hi, hi, hi+hi), []string{"en/a.toml"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := newBundle(tt.files)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error lacks %q:\n%v", want, err)
				}
			}
		})
	}
	if _, err := newBundle(world(hi+twoForms, hi+ruForms, hi+twoForms)); err != nil {
		t.Errorf("sound files: %v", err)
	}
}

func TestSameKeyInTwoFiles(t *testing.T) {
	hi := []byte("[\"hi\"]\nother = \"x\"\n")
	files := fstest.MapFS{}
	for _, l := range Langs() {
		files["locales/"+string(l)+"/a.toml"] = &fstest.MapFile{Data: hi}
	}
	files["locales/ru/b.toml"] = &fstest.MapFile{Data: hi}
	_, err := newBundle(files)
	if err == nil || !strings.Contains(err.Error(), "ru/b.toml: hi: already in locales/ru/a.toml") {
		t.Errorf("error = %v", err)
	}
}
