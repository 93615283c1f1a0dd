package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

func placesFor(t *testing.T, s *testSite, l petition.Lang, counts []placeCount, other int64) *placesView {
	t.Helper()
	set, err := place.Shipped("kz")
	must(t, err)
	return s.web.drawPlaces(placesAsked{lang: l, set: set, day: s.law.Today(s.at), home: counts, other: other, cell: 10, path: "/kk/petitions/1?text=kk"})
}

func TestPlacesAreShadedByInhabitantsOnlyWhenAllAreKnown(t *testing.T) {
	s := newSite(t, nil)
	counts := []placeCount{{Code: "KZ-71", Name: "Астана", Count: 150, Population: 1_000_000}, {Code: "KZ-62", Name: "Ұлытау", Count: 120, Population: 200_000}}
	v := placesFor(t, s, "ru", counts, 0)
	if !v.PerHead || v.Tables[0].Top[0].Per != "0,15" || v.Tables[0].Top[1].Per != "0,60" {
		t.Errorf("%+v", v.Tables)
	}
	if en := placesFor(t, s, "en", counts, 0); en.Tables[0].Top[0].Per != "0.15" || en.Legend[0].Text != "0.15–0.20" {
		t.Errorf("%+v %+v", en.Tables, en.Legend)
	}
	for _, unknown := range []int64{0, -5} {
		counts[1].Population = unknown
		v = placesFor(t, s, "ru", counts, 0)
		if v.PerHead || v.Tables[0].HasPer || v.Tables[0].Top[1].Per != "" || v.Map == "" {
			t.Errorf("with %d inhabitants: %+v", unknown, v.Tables)
		}
	}
}

func TestPlacesAddUpAndSort(t *testing.T) {
	s := newSite(t, nil)
	counts := []placeCount{{Code: "KZ-71", Name: "Астана", Count: 10}, {Code: "KZ-15", Name: "Ақтөбе", Count: 30}, {Code: "KZ-39", Name: "Қостанай", Count: 20}}
	v := placesFor(t, s, "kk", counts, 7)
	names := func(v *placesView) string {
		var out []string
		for _, r := range v.Tables[0].Top {
			out = append(out, fmt.Sprint(r.Name, " ", r.Count))
		}
		return strings.Join(out, ", ")
	}
	if got := names(v); got != "Ақтөбе 30, Қостанай 20, Астана 10, Басқа жерлер 7" {
		t.Error(got)
	}
	if v.Tables[0].Named != "/kk/petitions/1?text=kk&order=name#places" || v.Tables[0].Counted != "/kk/petitions/1?text=kk#places" {
		t.Errorf("%+v", v.Tables[0])
	}
	set, err := place.Shipped("kz")
	must(t, err)
	v = s.web.drawPlaces(placesAsked{lang: "kk", set: set, day: s.law.Today(s.at), home: counts, other: 7, cell: 10, order: byName})
	if got := names(v); got != "Астана 10, Ақтөбе 30, Қостанай 20, Басқа жерлер 7" && got != "Ақтөбе 30, Астана 10, Қостанай 20, Басқа жерлер 7" {
		t.Error(got)
	}
	if hidden := placesFor(t, s, "kk", nil, 8); hidden.Map != "" || hidden.Tables[0].Top[0].Count != 8 {
		t.Errorf("nothing but other places: %+v", hidden)
	}
}

// A region with fewer than a cell has no number in any picture.
func TestPicturesNameNoSmallPlace(t *testing.T) {
	s, open := full(t)
	body := s.page("/kk/petitions/"+strconv.FormatInt(open.Number, 10), http.StatusOK)
	_, section, ok := strings.Cut(body, `aria-labelledby="places"`)
	section, _, _ = strings.Cut(section, "</section>")
	if !ok || strings.Count(section, "<svg") != 2 {
		t.Fatal("no map, or no tiles")
	}
	if !strings.Contains(section, `class="k0"`) || strings.Contains(section, "Абай облысы: 5") || !strings.Contains(section, "Абай облысы: саны көрсетілмейді") {
		t.Error("the region with five signatures is told")
	}
	if !strings.Contains(section, "CC BY 4.0") {
		t.Error("the borders are shown without their source")
	}
}

// The largest real document: 650 constituencies and 232 countries on a page.
func TestImportedPlacesAreDrawnByRegion(t *testing.T) {
	s := newSite(t, nil)
	raw, err := os.ReadFile("../../testdata/uk/241584.json")
	must(t, err)
	var in struct {
		Data struct {
			Attributes json.RawMessage `json:"attributes"`
		} `json:"data"`
	}
	must(t, json.Unmarshal(raw, &in))
	var doc document
	must(t, json.Unmarshal(in.Data.Attributes, &doc))
	v := store.Public{Petition: petition.Petition{Number: 241584, Lang: "en", Shown: 5_156_603}, Origin: store.UKJSON}
	v.OpenedAt = s.at.AddDate(-7, -9, 0)
	p := s.web.importedPlaces("en", v, doc, "", "/en/petitions/241584")
	if len(p.Blocks) != 12 || len(p.Tables) != 2 || p.Tables[0].Rest == nil {
		t.Fatalf("%d blocks, %d tables", len(p.Blocks), len(p.Tables))
	}
	tiles := 0
	for _, b := range p.Blocks {
		tiles += strings.Count(string(b.Picture), "<path")
	}
	if rows := len(p.Tables[0].Top) + len(p.Tables[0].Rest); tiles != 650 || rows != 650 {
		t.Errorf("%d tiles, %d rows", tiles, rows)
	}
	var page bytes.Buffer
	must(t, s.web.templates["en"].root.ExecuteTemplate(&page, "places", p))
	t.Logf("the section is %d bytes", page.Len())
	v.Document = in.Data.Attributes
	once, err := s.web.imported("en", v, "", "/en/petitions/241584")
	must(t, err)
	if string(once.Places) != page.String() {
		t.Error("the kept section is another one")
	}
	v.Document = bytes.Replace(v.Document, []byte(`"signature_count": `), []byte(`"signature_count": 1`), 2)
	again, err := s.web.imported("en", v, "", "/en/petitions/241584")
	must(t, err)
	if again.Places == once.Places {
		t.Error("another document shows the section of the one before")
	}
}

func BenchmarkImportedPlaces(b *testing.B) {
	s := newSite(b, nil)
	raw, err := os.ReadFile("../../testdata/uk/241584.json")
	must(b, err)
	var in struct {
		Data struct {
			Attributes document `json:"attributes"`
		} `json:"data"`
	}
	must(b, json.Unmarshal(raw, &in))
	v := store.Public{Petition: petition.Petition{Number: 241584, Lang: "en", Shown: 5_156_603}, Origin: store.UKJSON}
	v.OpenedAt = s.at.AddDate(-7, -9, 0)
	n, spent := 0, cpuTime(b)
	defer func() { b.ReportMetric((cpuTime(b)-spent).Seconds()*1000/float64(n), "cpu-ms/op") }()
	for b.Loop() {
		n++
		p := s.web.importedPlaces("en", v, in.Data.Attributes, "", "/en/petitions/241584")
		var page bytes.Buffer
		must(b, s.web.templates["en"].root.ExecuteTemplate(&page, "places", p))
	}
}
