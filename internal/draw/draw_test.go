package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dauys/dauys/place"
	"pgregory.net/rapid"
)

// wellFormed reads a picture as XML and returns the text in it.
func wellFormed(t interface {
	Helper()
	Fatalf(string, ...any)
}, pic SVG) string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(pic)))
	var text strings.Builder
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		if err != nil {
			t.Fatalf("%v in %.300s", err, pic)
		}
		switch tok := tok.(type) {
		case xml.CharData:
			text.Write(tok)
		case xml.StartElement:
			switch tok.Name.Local {
			case "svg", "path", "rect", "circle", "text", "title", "g", "tspan":
			default:
				t.Fatalf("an element %s", tok.Name.Local)
			}
		}
	}
}

func shapes(t testing.TB) (*Atlas, *Font) {
	t.Helper()
	a, err := NewAtlas()
	if err != nil {
		t.Fatal(err)
	}
	f, err := NewFont()
	if err != nil {
		t.Fatal(err)
	}
	return a, f
}

func set(t testing.TB, id string) *place.Set {
	t.Helper()
	s, err := place.Shipped(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryRegionHasAShapeAndATile(t *testing.T) {
	a, _ := shapes(t)
	var codes []string
	var places []Place
	for _, p := range set(t, "kz").Places {
		codes = append(codes, p.Code)
		places = append(places, Place{Code: p.Code, Name: p.Code, Short: p.Code, Class: 1, Shade: 2})
	}
	if len(codes) != 20 || !a.HasMap(codes) {
		t.Fatalf("no map of %v", codes)
	}
	if a.HasMap(append(codes, "KZ-99")) || a.HasMap(nil) {
		t.Error("a map of what has no shape")
	}
	m, tiles := wellFormed(t, a.Map(places, "map")), wellFormed(t, a.Tiles(places, "tiles"))
	for _, c := range codes {
		if !strings.Contains(m, c) || strings.Count(tiles, c) != 2 {
			t.Errorf("%s is not in the pictures", c)
		}
	}
}

// The official numbers of constituencies from 2010 to 2024.
func TestEveryConstituencyStandsInItsGroup(t *testing.T) {
	a, _ := shapes(t)
	var places []Place
	for _, p := range set(t, "uk").Places {
		places = append(places, Place{Code: p.Code})
	}
	want := "SCT 59, NIR 18, NE 29, NW 75, YH 54, EM 46, WM 59, WLS 40, EE 58, LDN 73, SE 84, SW 55"
	var got []string
	for _, g := range a.Groups(places) {
		got = append(got, fmt.Sprint(g.Code, " ", len(g.Places)))
	}
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("%s, want %s", s, want)
	}
}

func TestScaleHasRoundBordersInOrder(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{nil, "[]"},
		{[]float64{0, -3, math.NaN(), math.Inf(1)}, "[]"},
		{[]float64{12}, "[{1 3 12 12 true}]"},
		{[]float64{10, 13}, "[{1 3 10 13 true}]"},
		{[]float64{10, 25}, "[{1 1 10 20 false} {2 5 20 25 true}]"},
		{[]float64{10, 999}, "[{1 1 10 20 false} {2 2 20 50 false} {3 3 50 100 false} {4 4 100 200 false} {5 5 200 999 true}]"},
		{[]float64{0.02, 0.4}, "[{1 1 0.02 0.05 false} {2 2 0.05 0.1 false} {3 4 0.1 0.2 false} {4 5 0.2 0.4 true}]"},
	} {
		if got := fmt.Sprint(NewScale(c.values).Classes()); got != c.want {
			t.Errorf("%v: %s, want %s", c.values, got, c.want)
		}
	}
}

func TestScalePutsEveryValueIntoItsClass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0.001, 1e9), 1, 40).Draw(t, "values")
		s := NewScale(values)
		classes := s.Classes()
		if len(classes) > Shades {
			t.Fatalf("%d classes", len(classes))
		}
		for _, v := range values {
			in := 0
			for _, c := range classes {
				if v >= c.From && (v < c.To || c.Last && v <= c.To) {
					in++
					if n := s.Class(v); n != c.Number || s.Shade(n) != c.Shade || c.Shade < 1 || c.Shade > Shades {
						t.Fatalf("%v is of class %d, not %+v", v, n, c)
					}
				}
			}
			if in != 1 {
				t.Fatalf("%v is in %d classes of %v", v, in, classes)
			}
		}
	})
}

func TestNoTextBreaksAPicture(t *testing.T) {
	a, f := shapes(t)
	bad := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`"><script>`, "]]>&amp;", "\x00\x1b\xff", "مرحبا", "e\u0301\u202e", strings.Repeat("👩‍👩‍👧‍👦", 80)}))
	rapid.Check(t, func(t *rapid.T) {
		text, n := bad.Draw(t, "text"), rapid.Int64().Draw(t, "n")
		p := []Place{{Code: "KZ-10", Name: text, Short: text, Value: text, Class: int(n % 5), Shade: int(n % 9)}, {Code: text, Name: text}}
		got := wellFormed(t, a.Map(p, text))
		wellFormed(t, a.Tiles(p, text))
		wellFormed(t, Block(p, text))
		wellFormed(t, Badge{text, text, text, text}.Draw(f))
		wellFormed(t, Chart(Days{Counts: []int64{n, 0, 3}, Marks: []Mark{{n, text, text}, {2, text, ""}}, Label: text, Titles: []string{text}, Most: text, Total: text, First: text, Last: text}))
		if text == `"><script>` && !strings.Contains(got, text) {
			t.Fatalf("the text is lost: %q", got)
		}
	})
}

func TestChartKeepsToItsBox(t *testing.T) {
	days := Days{Counts: []int64{1, 0, 5, 90}, Total: "96", Marks: []Mark{{50, "50", ""}, {200, "200", ""}, {100000, "far", ""}}, First: "a", Last: "b"}
	pic := string(Chart(days))
	for _, want := range []string{`class="mark reached"`, `class="mark"`, ">50<", ">200<", ">96<"} {
		if !strings.Contains(pic, want) {
			t.Errorf("no %s in %s", want, pic)
		}
	}
	if strings.Contains(pic, "far") || strings.Count(pic, "<rect") != 3 || strings.Contains(pic, "NaN") || strings.Contains(pic, `"-`) {
		t.Error(pic)
	}
	if narrow := string(NarrowChart(days)); strings.Contains(narrow, `"-`) || strings.Count(narrow, "<rect") != 3 {
		t.Error(narrow)
	}
	if empty := Chart(Days{}); strings.Contains(string(empty), "<rect") {
		t.Error(empty)
	}
}

// The words at the thresholds stand where the curve does not run: for any
// course of days, no point of the curve is inside the box of a word.
func TestChartWordsKeepClearOfTheCurve(t *testing.T) {
	for _, draw := range []func(Days) SVG{Chart, NarrowChart} {
		rapid.Check(t, func(t *rapid.T) {
			counts := rapid.SliceOfN(rapid.Int64Range(0, 900), 2, 92).Draw(t, "counts")
			d := Days{Counts: counts, Marks: []Mark{{100, "100 · Open letter", "100"}, {1000, "1 000 · A hearing is asked for", "1 000"}, {20000, "20 000", ""}}}
			pic := string(draw(d))
			letter := 16.
			if strings.Contains(pic, "days-narrow") {
				letter = 14
			}
			var curve [][2]float64
			path := regexp.MustCompile(`class="line" d="M([^"]*)"`).FindStringSubmatch(pic)[1]
			for at := range strings.SplitSeq(path, "L") {
				var x, y float64
				if _, err := fmt.Sscan(at, &x, &y); err != nil {
					t.Fatal(at, err)
				}
				curve = append(curve, [2]float64{x, y})
			}
			for _, m := range regexp.MustCompile(`<text class="(start|end under)" x="([\d.]+)" y="([\d.]+)">(1\d\d|1 000|20 000)[^<]*<`).FindAllStringSubmatch(pic, -1) {
				var x, y float64
				if _, err := fmt.Sscan(m[2]+" "+m[3], &x, &y); err != nil {
					t.Fatal(err)
				}
				wide := letter * .5 * float64(len([]rune(m[0][strings.Index(m[0], ">")+1:]))-1)
				left := x
				if m[1] != "start" {
					left = x - wide
				}
				for _, p := range curve[1:] {
					if p[0] > left && p[0] < left+wide && p[1] > y-letter*.6 && p[1] < y-1 {
						t.Fatalf("the curve at %v runs through %s", p, m[0])
					}
				}
			}
		})
	}
}

func TestWritableDropsWhatTheFontLacks(t *testing.T) {
	_, f := shapes(t)
	for _, c := range []struct {
		in, out string
		whole   bool
	}{
		{"Көпір салыңыз — қазір №1", "Көпір салыңыз — қазір №1", true},
		{"Bridge 🌉 now\n\t!", "Bridge now !", true},
		{"جسر", "", false},
		{"a\u202eb\u200dc", "abc", true},
		{"𝔸bc", "bc", false},
	} {
		if out, whole := f.Writable(c.in); out != c.out || whole != c.whole {
			t.Errorf("%q: %q %v", c.in, out, whole)
		}
	}
}

func TestWrapLosesNothingAndStaysInside(t *testing.T) {
	_, f := shapes(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zA-Zа-яқңғҮ ]{0,200}`).Draw(t, "text")
		lines, cut := f.Wrap(text, 40, 400, 500)
		if cut || strings.Join(strings.Fields(strings.Join(lines, "")), "") != strings.Join(strings.Fields(text), "") {
			t.Fatalf("%q became %q", text, lines)
		}
		for _, l := range lines {
			if f.Width(l)*40/1000 > 400 {
				t.Fatalf("%q is %d wide", l, f.Width(l)*40/1000)
			}
		}
		few, cut := f.Wrap(text, 40, 400, 2)
		if len(few) > 2 || cut != (len(lines) > 2) || cut && !strings.HasSuffix(few[1], "…") {
			t.Fatalf("%q, %v", few, cut)
		}
	})
}

func cards() map[string]Card {
	return map[string]Card{
		"kk": {Site: "Дауыс", Stage: "Қол қою ашық", Title: "Ғимараттардың қысқы жылу жүйесін өңірлерде уақытында дайындап, қауіпсіздігін тексеріңіз", Number: "12 845",
			Word: "қол қойылды", Next: "Келесі саты: 50 000", Done: .25, Note: "Бұл мемлекеттік сайт емес"},
		"ru":    {Site: "Дауыс", Stage: "Идёт сбор подписей", Title: "Постройте мост", Number: "6", Word: "подписей", Note: "Это не государственный сайт"},
		"en":    {Site: "Dauys", Stage: "Answered", Title: strings.Repeat("W", 80), Number: "5,156,603", Word: "signatures", Next: "Next: debate in Parliament at 100,000", Done: 1},
		"empty": {},
	}
}

func TestCardIsAPictureOfItsSize(t *testing.T) {
	_, f := shapes(t)
	for name, c := range cards() {
		start := time.Now()
		b, err := c.Draw(f)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes in %v", name, len(b), time.Since(start))
		img, err := png.Decode(bytes.NewReader(b))
		if err != nil || img.Bounds().Dx() != CardWidth || img.Bounds().Dy() != CardHeight || len(b) > 150<<10 {
			t.Errorf("%s: %v, %d bytes, %v", name, img.Bounds(), len(b), err)
		}
		if dir := os.Getenv("DAUYS_LOOK"); dir != "" {
			if err := os.WriteFile(dir+"/card-"+name+".png", b, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestQRIsSquareWithItsThreeEyes(t *testing.T) {
	q, err := NewQR("https://petitions.example/petitions/1000001")
	if err != nil {
		t.Fatal(err)
	}
	n := len(q)
	for _, eye := range [][2]int{{0, 0}, {0, n - 7}, {n - 7, 0}} {
		for i := range 7 {
			if !q[eye[0]][eye[1]+i] || !q[eye[0]+6][eye[1]+i] || !q[eye[0]+i][eye[1]] || !q[eye[0]+i][eye[1]+6] {
				t.Fatalf("no eye at %v", eye)
			}
		}
	}
	dark, drawn := 0, 0
	for _, row := range q {
		for _, d := range row {
			if d {
				dark++
			}
		}
	}
	q.Runs(func(_, _, n int) { drawn += n })
	if dark != drawn {
		t.Errorf("%d of %d modules are drawn", drawn, dark)
	}
	wellFormed(t, q.SVG(`"label"`))
	b, err := q.PNG(8)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil || img.Bounds().Dx() != (n+8)*8 {
		t.Fatal(err)
	}
	for y := range n {
		for x := range n {
			if r, _, _, _ := img.At((x+4)*8+3, (y+4)*8+3).RGBA(); (r == 0) != q[y][x] {
				t.Fatalf("module %d,%d", x, y)
			}
		}
	}
}

func BenchmarkMap(b *testing.B) {
	a, _ := shapes(b)
	var places []Place
	for _, p := range set(b, "kz").Places {
		places = append(places, Place{Code: p.Code, Name: p.Name("kk") + ": 1 234", Short: "Қарағанды", Value: "1 234", Shade: 3})
	}
	for b.Loop() {
		a.Map(places, "label")
		a.Tiles(places, "label")
	}
}

func BenchmarkBlocks(b *testing.B) {
	a, _ := shapes(b)
	var places []Place
	for _, p := range set(b, "uk").Places {
		places = append(places, Place{Code: p.Code, Name: p.Name("en") + ": 1,234", Shade: 3})
	}
	for b.Loop() {
		for _, g := range a.Groups(places) {
			Block(g.Places, "label")
		}
	}
}

func BenchmarkChart(b *testing.B) {
	d := Days{Counts: make([]int64, 92), Titles: make([]string, 92), Marks: []Mark{{100, "100", ""}, {1000, "1 000", ""}}}
	for i := range d.Counts {
		d.Counts[i], d.Titles[i] = int64(i), "3 ақпан: 17"
	}
	for b.Loop() {
		Chart(d)
	}
}

func BenchmarkCard(b *testing.B) {
	_, f := shapes(b)
	c := cards()["kk"]
	for b.Loop() {
		if _, err := c.Draw(f); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzWrap: no text at all is lost, runs on or stops the drawing, be it no text.
func FuzzWrap(f *testing.F) {
	_, font := shapes(f)
	for _, s := range []string{"", "Көпір салыңыз", strings.Repeat("ң", 90), "a\u0301\u0301 \u200b\u00a0b", "\xff", strings.Repeat("W", 40) + "\xe2\x82", "👩‍👩‍👧 x…"} {
		f.Add(s, uint16(300), uint8(3))
	}
	f.Add("W\xff", uint16(1), uint8(1))
	f.Fuzz(func(t *testing.T, text string, width uint16, most uint8) {
		if len(text) > 1000 {
			return // longer than any title
		}
		w, n := float64(width), int(most)+1
		lines, cut := font.Wrap(text, 40, w, n)
		if len(lines) > n || !cut && strings.Join(lines, "") != strings.Join(strings.Fields(text), "") && strings.Join(strings.Fields(strings.Join(lines, " ")), "") != strings.Join(strings.Fields(text), "") {
			t.Errorf("%q in %v is %q", text, w, lines)
		}
		for _, l := range lines {
			if float64(font.Width(l))*40/1000 > w && utf8.RuneCountInString(l) > 2 { // a letter and an ellipsis
				t.Errorf("%q is wider than %v", l, w)
			}
		}
		font.Shorten(text, 40, w)
		font.Even(lines, text, 40, w)
		if once, _ := font.Writable(text); true {
			if twice, _ := font.Writable(once); twice != once || !utf8.ValidString(once) {
				t.Errorf("%q is written as %q, and again %q", text, once, twice)
			}
		}
	})
}
