package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestManifest(t *testing.T) {
	s := newSite(t, func(*Options) {})
	for lang, start := range map[string]string{"kk": "/kk/", "ru": "/ru/", "en": "/en/"} {
		rec := s.get("/manifest.json", "Accept-Language", lang)
		var m webManifest
		if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		if m.StartURL != start || m.Lang != lang || m.Display != "browser" || !strings.HasPrefix(m.Name, "Dauys") || len(m.Icons) != 1 {
			t.Errorf("%s: %+v", lang, m)
		}
		if icon := s.get(m.Icons[0].Src); icon.Code != http.StatusOK || icon.Header().Get("Content-Type") != "image/svg+xml" {
			t.Errorf("the icon %s: %d", m.Icons[0].Src, icon.Code)
		}
		if page := s.get(start); !strings.Contains(page.Body.String(), `<link rel="manifest" href="/manifest.json">`) {
			t.Errorf("the first page in %s does not name it", lang)
		}
	}
}

func TestRobotsNameTheSiteMap(t *testing.T) {
	s := newSite(t, func(*Options) {})
	rec := s.get("/robots.txt")
	if _, after, ok := strings.Cut(rec.Body.String(), "\nSitemap: "); !ok || !strings.HasSuffix(after, "/sitemap.xml\n") || !strings.HasPrefix(after, "http") {
		t.Errorf("%s", rec.Body)
	}
}
