package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// opened brings an open petition of this title in.
func (s *testSite) opened(number int64, l petition.Lang, title string) {
	s.t.Helper()
	var m store.Import
	m.Number, m.UID, m.Lang, m.TextVersion = number, petition.UID{byte(number)}, l, 1
	m.Origin, m.Kind, m.State = store.UKJSON, petition.KindPetition, petition.Open
	m.Texts = petition.Texts{l: {Title: title}}
	m.CreatedAt, m.OpenedAt, m.UpdatedAt = s.at, s.at, s.at
	m.Hash[0] = byte(number)
	_, err := s.store.Imports(s.t.Context(), []store.Import{m}, s.at)
	must(s.t, err)
}

func TestWordsAreCompleted(t *testing.T) {
	s := newSite(t, nil)
	ask := func(q string) []string {
		t.Helper()
		w := s.get("/en/petitions/words?q="+url.QueryEscape(q), "Cookie", "x=y")
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Cache-Control"), "public, max-age=1,") || w.Header().Get("Set-Cookie") != "" {
			t.Fatalf("%q: %d %q", q, w.Code, w.Header())
		}
		var list []string
		must(t, json.Unmarshal(w.Body.Bytes(), &list))
		if list == nil {
			t.Errorf("%q: null", q)
		}
		return list
	}
	s.opened(1, "en", "Mend the bridge over the river")
	s.opened(2, "en", "Mend every bridge and bridleway")
	if got := ask("Mend BRI"); !slices.Equal(got, []string{"mend bridge", "mend bridleway"}) {
		t.Errorf("mend bri: %q", got)
	}
	for _, q := range []string{"", " ", "b", "xq", `"*`, strings.Repeat("ң", 300)} {
		if got := ask(q); len(got) > 0 {
			t.Errorf("%q: %q", q, got)
		}
	}
	s.opened(3, "en", "More briars")
	s.at = s.at.Add(time.Second)
	if got := ask("bri"); !slices.Contains(got, "briars") {
		t.Errorf("a word that came later: %q", got)
	}
	if w := s.get("/en/petitions/words?q=%ff"); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest {
		t.Errorf("no text: %d", w.Code)
	}
}

func TestSimilarPetitionsWhileTyping(t *testing.T) {
	s := newSite(t, nil)
	s.opened(1, "ru", "Отремонтируйте <мост> через реку")
	s.opened(2, "kk", "Өзен үстіндегі көпірді жөндеңіз")
	ask := func(title, lang string) (int, string) {
		w := s.post("/ru/start/similar", "title", title, "lang", lang)
		if cc := w.Header().Get("Cache-Control"); cc != "no-store" {
			t.Errorf("Cache-Control %q", cc)
		}
		return w.Code, w.Body.String()
	}
	code, body := ask("Ремонт моста через реку", "ru")
	if code != http.StatusOK || !strings.Contains(body, `href="/ru/petitions/1"`) || !strings.Contains(body, "&lt;мост&gt;") || strings.Contains(body, "/petitions/2") {
		t.Errorf("%d %s", code, body)
	}
	if strings.Contains(body, "<html") || !strings.Contains(body, `target="_blank" rel="noopener"`) {
		t.Errorf("no piece of a page, or its links leave the form: %s", body)
	}
	for _, x := range [][2]string{{"Ремонт моста через реку", "kk"}, {"мост", "ru"}, {"", ""}, {"Совсем другое дело", "ru"}} {
		if code, body := ask(x[0], x[1]); code != http.StatusNoContent || body != "" {
			t.Errorf("%q: %d %s", x, code, body)
		}
	}
}

// Whoever asks too often is told to wait, and nothing else of the site is.
func TestSuggestionsAreBounded(t *testing.T) {
	s := newSite(t, nil)
	refused := 0
	for range 700 {
		if s.get("/en/petitions/words?q=bri").Code == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused == 0 || s.get("/en/petitions?q=bridge").Code != http.StatusOK {
		t.Errorf("%d refused", refused)
	}
}
