package web

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/i18n"
)

func TestCountModule(t *testing.T) {
	src, err := static.ReadFile("static/js/10-count.js")
	must(t, err)
	if len(src) > 1500 {
		t.Errorf("10-count.js has %d bytes", len(src))
	}
	s, open := full(t)
	n := open.Number
	for l, want := range map[string]string{
		"/kk": `data-group="` + "\u00a0" + `" data-words="қол|қол|қол|қол"`,
		"/ru": `" data-words="подпись|подписи|подписей|подписей"`,
		"/en": `data-group="," data-words="signature|signatures|signatures|signatures"`,
	} {
		body := s.page(l+petitionPath(n), http.StatusOK)
		for _, part := range []string{want, `<script type="module" src="` + s.web.assets.Path("app.js") + `">`, `data-count="/petitions/` + strconv.FormatInt(n, 10) + `/count.json"`} {
			if !strings.Contains(body, part) {
				t.Errorf("%s lacks %s", l, part)
			}
		}
	}
	for _, path := range []string{"/en" + petitionPath(n) + "/sign", "/en" + petitionPath(n) + "/withdraw", "/en" + petitionPath(n) + "/sent"} {
		if strings.Contains(s.page(path, http.StatusOK), "<script") {
			t.Errorf("%s has a script", path)
		}
	}
}

func TestFavicon(t *testing.T) {
	s := newSite(t, nil)
	w := s.get("/favicon.ico")
	at := w.Header().Get("Location")
	if w.Code != http.StatusMovedPermanently || at != s.web.assets.Path("mark.svg") {
		t.Fatalf("%d to %q", w.Code, at)
	}
	if w = s.get(at); w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Content-Type"))
	}
}

func TestTopicsHaveNames(t *testing.T) {
	s := newSite(t, nil)
	for _, l := range i18n.Langs() {
		pr := s.web.bundle.Printer(l)
		for _, code := range topicCodes() {
			if name := topicName(pr, code); strings.Contains(name, "⟦") || name == code {
				t.Errorf("%s in %s is %q", code, l, name)
			}
		}
	}
}
