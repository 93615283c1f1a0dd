package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestFirstRunOffersTheKindsOfTheLaw: whom a law petitions comes first, and no
// kind that only another country has.
func TestFirstRunOffersTheKindsOfTheLaw(t *testing.T) {
	for law, want := range map[string][]string{
		"uk-parl":            {"parliament", "government", "council", "ministry", "agency", "other"},
		"kz-local-maslikhat": {"maslikhat", "council", "ministry", "agency", "government", "parliament", "other"},
		"ua-president":       {"president", "council", "ministry", "agency", "government", "parliament", "other"},
	} {
		s := settingsSite(t, nil)
		token, err := s.web.settings.NewLink(t.Context())
		must(t, err)
		s.send("/kk/setup/"+token, url.Values{"step": {"profile"}, "profile": {law}}, "") // kept, though not acknowledged
		w := s.get("/kk/setup/" + token + "?step=bodies")
		status(t, w, http.StatusOK)
		var got []string
		for _, o := range elements(dom(t, w), "option") {
			got = append(got, attrOf(o, "value"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", law, got, want)
		}
		if law == "uk-parl" {
			if body := s.get("/kk/setup/" + token + "?step=places").Body.String(); !strings.Contains(body, "Ауғанстан") || strings.Contains(body, "Afghanistan") {
				t.Error("the places of the law are not in the language of the page")
			}
		}
	}
}
