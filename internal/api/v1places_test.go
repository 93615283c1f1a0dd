package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

// From the list of places one gets to the petitions of each, with the numbers
// that the petition's own places have, and with nothing under the least cell.
func TestV1PlacesLeadToTheirPetitions(t *testing.T) {
	w := newWorld(t)
	many := w.made(t, "kz-civic", func(*petition.Petition) {}, map[string]int{"KZ-75": 600, "KZ-10": 12, "KZ-11": 9})
	w.made(t, "kz-civic", func(p *petition.Petition) { p.State = petition.Withdrawn }, map[string]int{"KZ-75": 700})
	check(t, w.st.ShowPlaces(t.Context(), time.Time{}))

	all := w.value(t, "/api/v1/places")
	if at(t, all, "least") != json.Number("10") {
		t.Errorf("least: %v", at(t, all, "least"))
	}
	found := map[string]any{}
	for _, p := range at(t, all, "data").([]any) {
		code, leads := at(t, p, "code").(string), at(t, p, "petitions_url").(string)
		path, ours := strings.CutPrefix(leads, site)
		if !ours {
			t.Fatalf("%s leads to %s", code, leads)
		}
		one := w.value(t, path)
		if at(t, one, "place", "code") != code || at(t, one, "place", "names", "kk") != at(t, p, "names", "kk") {
			t.Errorf("%s: %v", code, one)
		}
		for _, p := range at(t, one, "data").([]any) {
			found[code+" "+at(t, p, "petition", "number").(json.Number).String()] = at(t, p, "place_signature_count")
		}
	}
	want := map[string]any{}
	for _, c := range at(t, w.value(t, fmt.Sprintf("/api/v1/petitions/%d/places", many.Number)), "data").([]any) {
		want[fmt.Sprintf("%v %d", at(t, c, "code"), many.Number)] = at(t, c, "signature_count")
	}
	if fmt.Sprint(found) != fmt.Sprint(want) || len(found) == 0 {
		t.Errorf("found %v, the petition itself tells %v", found, want)
	}
	if len(found) == 3 || found[fmt.Sprintf("KZ-11 %d", many.Number)] != nil {
		t.Errorf("nine signatures are told: %v", found)
	}
}

func TestV1PlacesAnswerAsTheOthersDo(t *testing.T) {
	w := newWorld(t)
	w.made(t, "kz-civic", func(*petition.Petition) {}, map[string]int{"KZ-75": 600})
	w.made(t, "kz-civic", func(*petition.Petition) {}, map[string]int{"KZ-75": 800})
	check(t, w.st.ShowPlaces(t.Context(), time.Time{}))
	one := w.value(t, "/api/v1/places/KZ-75?limit=1")
	if data := at(t, one, "data").([]any); len(data) != 1 || at(t, data[0], "place_signature_count") != json.Number("800") || at(t, data[0], "petition", "state") != "open" {
		t.Errorf("limit=1: %v", data)
	}
	for path, want := range map[string]int{
		"/api/v1/places/nowhere": 404, "/api/v1/places/" + strings.Repeat("A", 70): 404, "/api/v1/places/KZ-75?limit=0": 422, "/api/v1/places/KZ-75?limit=101": 422,
	} {
		rec := w.get(t, path)
		if rec.Code != want || !strings.HasPrefix(rec.Header().Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Header().Get("Content-Type"))
		}
	}
	for _, path := range []string{"/api/v1/places", "/api/v1/places/KZ-75"} {
		rec := w.get(t, path)
		tag := rec.Header().Get("ETag")
		if rec.Code != 200 || tag == "" || rec.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d %v", path, rec.Code, rec.Header())
		}
		if rec := w.get(t, path, "If-None-Match", tag); rec.Code != 304 {
			t.Errorf("%s with its ETag: %d", path, rec.Code)
		}
	}
}
