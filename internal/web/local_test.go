package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

// A place has a page with what is signed there most; numbers under ten, places
// that there are not and petitions that were taken back are not on it.
func TestPageOfAPlace(t *testing.T) {
	s := newSite(t, nil)
	p := s.open(petition.Texts{"kk": {Title: "Көшеге шам орнатылсын", Ask: "Шам орнатуды сұраймыз."}})
	s.sign(p.ID, 1000, 600, "KZ-75")
	s.sign(p.ID, 2000, 9, "KZ-10")
	must(t, s.store.ShowPlaces(t.Context(), time.Time{}))
	for _, path := range inLangs("/places/KZ-75") {
		w := s.get(path)
		status(t, w, http.StatusOK)
		dom(t, w)
		if !strings.Contains(w.Body.String(), `<link rel="alternate" type="application/json" href="/api/v1/places/KZ-75">`) {
			t.Errorf("%s does not lead programs to its JSON", path)
		}
		if body := w.Body.String(); strings.Count(body, `class="card"`) != 1 || !strings.Contains(body, "600") || strings.Contains(body, "⟦") {
			t.Errorf("%s lacks the petition, its number or a message", path)
		}
	}
	for path, want := range map[string]int{"/kk/places": 200, "/kk/places?place=KZ-75": 303, "/kk/places?place=nowhere": 200, "/kk/places/nowhere": 404, "/kk/places/KZ-10": 200} {
		w := s.get(path)
		status(t, w, want)
		if strings.Contains(w.Body.String(), `class="card"`) {
			t.Errorf("%s lists a petition", path)
		}
	}
	if page := s.get("/kk" + petitionPath(p.Number)).Body.String(); !strings.Contains(page, `<a href="/kk/places/KZ-75">`) {
		t.Error("the table of places does not lead to the place")
	}
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) { return s.law.Withdraw(p, s.at) })
	s.at = s.at.Add(5 * time.Second) // pages are kept for a moment
	if w := s.get("/kk/places/KZ-75"); strings.Contains(w.Body.String(), `class="card"`) {
		t.Error("what was taken back is still listed")
	}
}
