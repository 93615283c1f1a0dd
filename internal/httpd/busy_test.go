package httpd

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/i18n"
)

// The page of a crowded server fits a phone, speaks every language and has the
// one style that its policy names.
func TestBusyPage(t *testing.T) {
	b, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	body, policy := busyPage(b)
	page := string(body)
	_, rest, _ := strings.Cut(page, "<style>")
	style, _, ok := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !ok || !strings.Contains(policy, want) {
		t.Errorf("the style is not the one of %s", policy)
	}
	if strings.Contains(policy, "unsafe") || !strings.Contains(page, "width=device-width") {
		t.Errorf("policy %s, page %s", policy, page)
	}
	for _, l := range i18n.Langs() {
		if strings.Count(page, `<section lang="`+string(l)+`"><h1>`) != 1 {
			t.Errorf("not in %s", l)
		}
	}
	s, _ := testServer(t, nil)
	w := httptest.NewRecorder()
	s.refuse(w)
	if got := w.Header().Get("Content-Security-Policy"); got != policy {
		t.Error(got)
	}
}
