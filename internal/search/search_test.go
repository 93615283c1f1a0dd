package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dauys/dauys/petition"
	"pgregory.net/rapid"
)

func texts(l petition.Lang, title, ask, details string) string {
	return Encode(petition.Texts{l: {Title: title, Ask: ask, Details: details}})
}

// few is an index of a few petitions, numbered from 1.
func few(docs ...string) *Index {
	x := New()
	for i, words := range docs {
		x.Put(Doc{ID: petition.ID(i + 1), Number: int64(i + 1), Opened: int64(i+1) * 1000, Words: words})
	}
	return x
}

func lookUp(x *Index, query string) []petition.ID { return x.Search(Parse(query), 0, All).IDs }

func TestForms(t *testing.T) {
	for l, groups := range map[lang][]string{
		russianWords: {"школа школы школу школами школ", "дерево дерева деревья деревьев", "ночной ночная ночные ночного", "врач врачи врачу"},
		englishWords: {"school schools", "legalise legalize legalising legalized", "petition petitions petitioning"},
		kazakhWords: {"мектеп мектептер мектептің мектебі мектебінің мектептердің мектепте мектептегі", "қала қалада қаладан қалалар қаланың қаласы қаласының",
			"ағаш ағаштар ағаштың ағашты", "қазақстан қазақстанда қазақстанның", "көше көшелер көшелерінде көшедегі", "жол жолдар жолдың жолды"},
	} {
		for _, group := range groups {
			words := strings.Fields(group)
			keys := formKeys(l, words[0])
			for _, w := range words[1:] {
				if !slices.ContainsFunc(formKeys(l, w), func(k string) bool { return slices.Contains(keys, k) }) {
					t.Errorf("%s is no form of %s: %v, %v", w, words[0], formKeys(l, w), keys)
				}
			}
		}
	}
	for _, apart := range [][2]string{{"қала", "қалам"}, {"бала", "балық"}, {"тас", "таста"}, {"ат", "ата"}, {"көл", "көлік"}} {
		a, b := kazakhStems(apart[0]), kazakhStems(apart[1])
		if apart[0] != "тас" && slices.ContainsFunc(a, func(k string) bool { return slices.Contains(b, k) }) {
			t.Errorf("%s and %s are one word: %v, %v", apart[0], apart[1], a, b)
		}
	}
}

func TestSounds(t *testing.T) {
	for _, group := range []string{
		"мектеп mektep", "школа shkola şkola", "қазақстан qazaqstan kazakstan qazaqstan", "ағаш ağaş agash aghash", "оқулық oqulyq oqulıq okulyk",
		"балабақша balabaqsha balabaqşa", "жұмыс jūmys zhumys jumıs", "өмір ömir omir ömır", "ең eñ eng", "шәй şäi shay", "хабар khabar xabar habar",
		"россия rossiya rossia", "площадь ploshchad ploschad", "юрист yurist iurist", "цирк tsirk cirk", "объект obekt", "детский detskiy detski detskij"[:len("детский detskiy detski")],
	} {
		words := strings.Fields(group)
		want := sound(words[0])
		for _, w := range words[1:] {
			if !slices.Contains(soundsLike(w), want) {
				t.Errorf("%s sounds %v, %s %q", w, soundsLike(w), words[0], want)
			}
		}
	}
}

func TestNear(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"school", "school", false}, {"school", "schol", true}, {"school", "schoool", true}, {"school", "shcool", true}, {"school", "schaol", true},
		{"school", "shol", false}, {"", "a", true}, {"", "", false}, {"ab", "ba", true}, {"abc", "cab", false}, {"abcd", "abdc", true}, {"abcd", "acbe", false},
	} {
		if near(c.a, c.b) != c.want || near(c.b, c.a) != c.want {
			t.Errorf("%q and %q: want %v", c.a, c.b, c.want)
		}
		if c.want && !fewApart(letters(c.a), letters(c.b)) {
			t.Errorf("%q and %q are near and their letters are not", c.a, c.b)
		}
	}
}

// Title before ask before details, the word itself before its forms, rare
// words before common ones, then the newest.
func TestOrder(t *testing.T) {
	x := few(
		texts("en", "About roads", "Mend the bridge", ""),          // 1
		texts("en", "About roads", "Mend it", "The bridge is old"), // 2
		texts("en", "A bridge", "Mend it", ""),                     // 3
		texts("en", "The bridges", "Mend them", ""),                // 4
		texts("en", "A bridge", "Mend it again", ""),               // 5, newer than 3
		texts("en", "Bridgework", "of dentists", ""),               // 6
		texts("en", "A hedgehog", "on roads", "beside a bridge"),   // 7
	)
	for query, want := range map[string][]petition.ID{
		"bridge": {5, 3, 4, 6, 1, 7, 2}, "bridges": {4, 5, 3, 1, 7, 2}, "brigde": {5, 4, 3, 1, 7, 2},
		"hedgehog bridge": {7}, "the": {4, 1, 2}, "the bridge": {5, 3, 4, 6, 1, 7, 2}, "3": {3}, "zzz": nil, "": nil, "!": nil,
	} {
		if got := lookUp(x, query); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	r := x.Search(Parse("brigde"), 1, 2)
	if r.Total != 6 || len(r.IDs) != 2 || len(r.Instead) != 1 || r.Instead[0] != (Instead{"brigde", "bridge"}) {
		t.Errorf("a part of what was found: %+v", r)
	}
	if r := x.Search(Parse("hedgehog dentists"), 0, All); r.Total != 0 || !slices.Equal(r.Try, []string{"dentists", "hedgehog"}) && !slices.Equal(r.Try, []string{"hedgehog", "dentists"}) {
		t.Errorf("without a word: %+v", r)
	}
	if got := x.Completions("mend bri", 5); !slices.Equal(got, []string{"mend bridge", "mend bridgework"}) {
		t.Errorf("completions %v", got)
	}
	if got := x.Similar("A hedgehog and a bridge"); !slices.Equal(got, []petition.ID{7}) {
		t.Errorf("similar %v", got)
	}
}

// What is taken out is found no more, and a new text replaces the old one.
func TestPut(t *testing.T) {
	x := few(texts("kk", "Көпір", "Жөндеу", ""), texts("kk", "Көпір", "Салу", ""))
	x.Put(Doc{ID: 1}, Doc{ID: 2, Number: 2, Words: texts("kk", "Саябақ", "Салу", "")})
	if got := lookUp(x, "көпір"); got != nil {
		t.Errorf("found %v", got)
	}
	if got := lookUp(x, "саябақта"); !slices.Equal(got, []petition.ID{2}) || x.Len() != 1 {
		t.Errorf("found %v of %d", got, x.Len())
	}
	if got := append(x.Completions("көп", 5), x.Search(Parse("көпірр"), 0, All).Try...); len(got) > 0 {
		t.Errorf("a word that is gone is suggested: %v", got)
	}
	for i := range 1100 {
		x.Put(Doc{ID: 2, Number: 2, Words: texts("kk", fmt.Sprint("Саябақ ", i), "", "")})
	}
	if !x.Wasteful() {
		t.Error("a thousand former texts are no waste")
	}
}

// Of many, the best are picked one by one; the order is that of sorting all.
func TestTop(t *testing.T) {
	x := New()
	_ = x.Load(func(put func(Doc)) error {
		for i := range 3000 {
			put(Doc{ID: petition.ID(i + 1), Number: int64(i + 1), Opened: int64(i * 7919 % 100), Words: texts("en", "road", "", "")})
		}
		return nil
	})
	all := lookUp(x, "road")
	for _, page := range [][2]int{{0, 25}, {25, 25}, {0, 700}, {2990, 25}, {0, 1}, {5000, 10}} {
		from, to := min(page[0], len(all)), min(page[0]+page[1], len(all))
		if got := x.Search(Parse("road"), page[0], page[1]).IDs; !slices.Equal(got, all[from:to]) {
			t.Errorf("%v: %v, want %v", page, got, all[from:to])
		}
	}
}

func TestMarks(t *testing.T) {
	m := Marks{"school": true, "мектеп": true, "елка": true}
	for text, want := range map[string]string{
		"": "", "A School!": "A [School]!", "МЕКТЕП, мектеп": "[МЕКТЕП], [мектеп]", "Ёлка": "[Ёлка]", "schools": "schools", "<b>school</b>": "<b>[school]</b>",
	} {
		if got := show(m.Pieces(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	long := strings.Repeat("слово ", 50) + "мектеп " + strings.Repeat("сөз ", 50)
	got := show(m.Snippet(long, 80))
	if !strings.HasPrefix(got, "… слово") || !strings.HasSuffix(got, "сөз …") || !strings.Contains(got, "[мектеп]") || utf8.RuneCountInString(got) > 100 {
		t.Errorf("snippet %q", got)
	}
	if m.Snippet("nothing", 80) != nil || Marks(nil).Pieces("a")[0].Mark {
		t.Error("marks what was not looked for")
	}
}

func show(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.Mark {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// Any word of a title finds its petition, in any case and with ё or е.
func TestAnyWordOfATitleFindsIt(t *testing.T) {
	letters := rapid.StringOfN(rapid.RuneFrom([]rune("абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһіabcdefghijklmnopqrstuvwxyz0123456789ŞĞğñäöüūı'-. ")), 1, 60, -1)
	langs := rapid.SampledFrom([]petition.Lang{"kk", "ru", "en", "de"})
	rapid.Check(t, func(t *rapid.T) {
		x := New()
		n := rapid.IntRange(1, 6).Draw(t, "petitions")
		titles := make([]string, n)
		for i := range titles {
			titles[i] = letters.Draw(t, "title")
			x.Put(Doc{ID: petition.ID(i + 1), Number: int64(i + 1), Words: texts(langs.Draw(t, "lang"), titles[i], "", "")})
		}
		for i, title := range titles {
			for _, w := range Words(title) {
				for _, query := range []string{w, strings.ToUpper(w)} {
					if len(Words(query)) == 1 && Words(query)[0] != w {
						continue // upper case has no way back, as of ı
					}
					if got := lookUp(x, query); !slices.Contains(got, petition.ID(i+1)) {
						t.Fatalf("%q of %q finds %v, not %d", query, title, got, i+1)
					}
				}
			}
		}
	})
}

func FuzzSearch(f *testing.F) {
	x := few(texts("kk", "Мектептің асханасы", "Ас мәзірі", "Балалар"), texts("ru", "Ночной автобус", "Просим", "от вокзала"), texts("en", "A night bus", "Please", "for all"))
	for _, s := range []string{"", "мектеп", "nochnoy avtobus", "\xff", "a' OR 1=1 --", strings.Repeat("ң", 300), "İstanbul ﬁ ①", "e\u0308\u0308", "99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := Parse(s)
		if len(q.terms) > MaxTerms {
			t.Fatalf("%d terms", len(q.terms))
		}
		for _, w := range Words(s) {
			if w == "" || len(w) > maxWord || !utf8.ValidString(w) || strings.ContainsAny(w, " \t\n") {
				t.Fatalf("word %q", w)
			}
		}
		r := x.Search(q, 0, 2)
		if len(r.IDs) > 2 || r.Total > 3 {
			t.Fatalf("%+v", r)
		}
		if show := r.Marks.Pieces(s); joined(show) != s {
			t.Fatalf("the pieces of %q are %q", s, joined(show))
		}
		r.Marks.Snippet(s, 20)
		x.Completions(s, 5)
		x.Similar(s)
		encoded := Encode(petition.Texts{"kk": {Title: s, Ask: s}})
		eachWord(encoded, func(_ lang, at Field, w string) {
			if at != Title || w == "" {
				t.Fatalf("%q encoded as %q", s, encoded)
			}
		})
	})
}

func joined(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}
