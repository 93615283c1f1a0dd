package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dauys/dauys/petition"
)

// Who named a wrong place must see it before the button counts it; others must
// not see it on a page that is kept, and nobody sees it behind the button.
func TestTheLinkShowsThePlaceBeforeItCounts(t *testing.T) {
	s, p, path := signable(t)
	before := s.load(p.ID).Count
	link := func(lang, email, place string) string {
		status(t, s.post("/"+lang+path+"/sign", "email", email, "place", place, "eligible", "yes"), http.StatusSeeOther)
		return s.link()
	}
	names := map[petition.Lang][3]string{ // of KZ-75, of KZ-10, of none
		"kk": {"Алматы қаласы", "Абай облысы", "Көрсетілмеген"},
		"ru": {"город Алматы", "область Абай", "Не указано"},
		"en": {">Almaty<", ">Abai<", "Not stated"},
	}
	links := [3]string{link("kk", "a@b.example", "KZ-75"), link("kk", "b@b.example", "KZ-10"), link("kk", "c@b.example", "")}
	for lang, want := range names {
		for i, at := range links {
			at = "/" + string(lang) + strings.TrimPrefix(at, "/kk")
			body := s.page(at, http.StatusOK)
			for k, name := range want {
				if strings.Contains(body, name) != (i == k) {
					t.Errorf("%s: the link of form %d and %q: shown %v", lang, i, name, i != k)
				}
			}
			if strings.Contains(body, placeHere) || !strings.Contains(body, `href="/`+string(lang)+path+`/sign"`) {
				t.Errorf("%s: the link of form %d leads to no new form", lang, i)
			}
		}
	}
	if n := s.load(p.ID).Count; n != before {
		t.Errorf("looking counts: %d, was %d", n, before)
	}
	for _, body := range []string{s.post(links[0]).Body.String(), s.page(links[0], http.StatusOK)} {
		if strings.Contains(body, "Алматы қаласы") {
			t.Error("the place stands on a page behind the button")
		}
	}
	status(t, s.post("/kk"+path+"/withdraw", "email", "a@b.example"), http.StatusSeeOther)
	if body := s.page(s.link(), http.StatusOK); strings.Contains(body, "Тұратын жеріңіз") {
		t.Error("the page that takes a signature back tells of places")
	}
}
