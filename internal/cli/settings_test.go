package cli

import (
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// TestServersFollowSettings: what one server's administrator decides is what
// another server shows after its next look, and what the configuration of
// that one says wins there.
func TestServersFollowSettings(t *testing.T) {
	dir := t.TempDir()
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
	start := func(more ...string) *app {
		cfg, _, err := loadConfig("", append(more, "DAUYS_DATABASE=sqlite:"+filepath.Join(dir, "dauys.db"),
			"DAUYS_KEYS="+filepath.Join(dir, "keys"), "DAUYS_MAIL=file:"+filepath.Join(dir, "mail")))
		if err != nil {
			t.Fatal(err)
		}
		a, err := newApp(t.Context(), cfg, now, io.Discard, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.store.Close() })
		return a
	}
	home := func(a *app) string {
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1:8080/ru/", nil))
		return w.Body.String()
	}
	one, two, fixed := start(), start(), start("DAUYS_OPERATOR=Configured")
	for _, a := range []*app{one, two, fixed} {
		if strings.Contains(home(a), "Вымышленск") { // and the page is in the cache
			t.Fatal("the operator is known too early")
		}
	}
	law := one.settings.Law("uk-parl")
	wanted := petition.Settings{petition.SetOperator: "Вымышленск", petition.SetLanguages: "ru,kk",
		petition.SetProfile: law.ID, petition.SetAcknowledged: law.Acknowledgement(), petition.SetFirstNumber: "2000001"}
	if err := one.settings.Change(t.Context(), 7, wanted); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(home(one), "Вымышленск") {
		t.Error("the change is not in force where it was made")
	}
	for _, a := range []*app{two, fixed} {
		if err := a.store.PollGeneration(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second look finds nothing new
			if err := a.follow(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if a.face.Load().law.ID != "uk-parl" || strings.Contains(home(a), `hreflang="en"`) {
			t.Error("another server keeps its old settings")
		}
	}
	if !strings.Contains(home(two), "Вымышленск") || !strings.Contains(home(fixed), "Configured") {
		t.Error("the operator is not the one decided, or not the one configured")
	}
	if _, err := two.settings.NewLink(t.Context()); err != nil {
		t.Errorf("settings alone ended the first run: %v", err)
	}
	if _, err := two.staff.Add(t.Context(), "a@desk.example", store.Admin, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := two.settings.NewLink(t.Context()); err == nil {
		t.Error("a link to the first run although somebody can log in")
	}
}

// TestImportedPlaces: signers choose from the imported set, and the places of
// the shipped one keep their names for those who named them before.
func TestImportedPlaces(t *testing.T) {
	dir := t.TempDir()
	cfg, _, err := loadConfig("", []string{"DAUYS_DATABASE=sqlite:" + filepath.Join(dir, "dauys.db"), "DAUYS_KEYS=" + filepath.Join(dir, "keys")})
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(t.Context(), cfg, time.Now, io.Discard, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.store.Close()
	value, problems, err := a.settings.KeepPlaces(t.Context(), "code,kind,name.ru\nKT-1,region,Речной край\n")
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	if a.placeOK(a.law, "KT-1") {
		t.Fatal("a place before it was decided")
	}
	if err := a.settings.Change(t.Context(), 0, petition.Settings{petition.SetPlaces: value}); err != nil {
		t.Fatal(err)
	}
	set := a.face.Load().places
	if options := set.Options(a.law.Today(a.now())); len(options) != 1 || options[0].Code != "KT-1" {
		t.Errorf("offered: %v", options)
	}
	if old, ok := set.Lookup("KZ-75"); !ok || old.Name("ru") == "KZ-75" {
		t.Errorf("an earlier place lost its name: %+v", old)
	}
	if !a.placeOK(a.law, "KT-1") {
		t.Error("the imported place is unknown")
	}
	if _, problems, _ := a.settings.KeepPlaces(t.Context(), "code,kind\n\"x"); len(problems) == 0 {
		t.Error("a broken list was kept")
	}
}
