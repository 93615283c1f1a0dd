package web

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/internal/complaints"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/profiles"
	"github.com/dauys/dauys/register"
)

// testSite is a whole site on an empty database, with a clock that stands still.
type testSite struct {
	t          testing.TB
	web        *Web
	store      *store.Store
	vault      *vault.Vault
	broker     *identity.Broker
	signing    *signing.Service
	moderation *moderation.Service
	law        *petition.Profile
	handler    http.Handler
	at         time.Time
	free       bool // no rates
}

// newSite makes the site; change adjusts the options of the pages.
func newSite(t testing.TB, change func(*Options)) *testSite {
	t.Helper()
	return newSiteOn(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), change)
}

// newSiteOn makes it on an empty database.
func newSiteOn(t testing.TB, addr string, change func(*Options)) *testSite {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	s := &testSite{t: t, at: time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)}
	laws, err := profiles.Shipped()
	must(t, err)
	s.law = profiles.ByID(laws, "kz-civic")
	s.store, err = store.Open(ctx, addr, laws)
	must(t, err)
	must(t, s.store.Migrate(ctx))
	s.vault, err = vault.Open(filepath.Join(dir, "keys"))
	must(t, err)
	s.broker = identity.NewBroker(s.vault)
	places, err := place.Shipped("kz")
	must(t, err)
	placeOK := func(_ *petition.Profile, code string) bool { _, ok := places.Lookup(code); return ok }
	now := func() time.Time { return s.at }
	s.signing = signing.New(signing.Options{Store: s.store, Vault: s.vault, Broker: s.broker, URL: "https://dauys.example", PlaceOK: placeOK, Now: now})
	s.moderation = moderation.New(moderation.Options{Store: s.store, Vault: s.vault, Broker: s.broker, Law: s.law, URL: "https://dauys.example",
		BodyOK: func(context.Context, string) (bool, error) { return true, nil }, PlaceOK: placeOK, Now: now})
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() { s.signing.Run(running); close(done) }()
	t.Cleanup(func() { stop(); <-done; _ = s.store.Close() })
	s.serve(change, now)
	return s
}

func (s *testSite) serve(change func(*Options), now func() time.Time) {
	bundle, err := i18n.New()
	must(s.t, err)
	o := Options{Bundle: bundle, Store: s.store, Signing: s.signing, Moderation: s.moderation, Staff: staff.New(s.store, s.vault, now),
		Complaints: complaints.New(complaints.Options{Store: s.store, Vault: s.vault, Law: s.law, URL: "https://dauys.example", Now: now}),
		Cache:      httpd.NewCache(64<<20, s.store.Generation, now), Law: s.law, Now: now, URL: "https://dauys.example",
		Operator: Operator{Name: "Ashyq Qala", Contact: "help@dauys.example"},
		Bodies: func(context.Context) ([]register.Body, error) {
			return []register.Body{{ID: "akimat-kokbulak", Kind: "akimat", Names: map[string]string{"kk": "Көкбұлақ қаласының әкімдігі", "ru": "Акимат города Кокбулака", "en": "Akimat of Kokbulak"}}}, nil
		}}
	if change != nil {
		change(&o)
	}
	s.web, err = New(o)
	must(s.t, err)
	public, err := url.Parse(o.URL)
	must(s.t, err)
	server, err := httpd.New(httpd.Options{Bundle: bundle, Logger: slog.New(slog.DiscardHandler), Now: now, Rand: rand.Reader, Limits: !s.free,
		PublicURL: public, Registry: prometheus.NewRegistry(), ErrorPage: s.web.ErrorPage, Mappings: testMappings()})
	must(s.t, err)
	mux := http.NewServeMux()
	s.web.Routes(mux, server)
	s.handler = server.Wrap(mux)
}

// testMappings are rows that cli adds to the table of errors.
func testMappings() []httpd.Mapping {
	return []httpd.Mapping{
		{Err: store.ErrNotFound, Status: http.StatusNotFound, Key: "not_found"},
		{Err: vault.ErrSealed, Status: http.StatusNotFound, Key: "link"},
		{Err: signing.ErrExpired, Status: http.StatusGone, Key: "expired"},
		{Err: moderation.ErrExpired, Status: http.StatusGone, Key: "expired"},
		{Err: moderation.ErrNotYours, Status: http.StatusForbidden, Key: "forbidden"},
		{Err: moderation.ErrClaimed, Status: http.StatusConflict, Key: "conflict"},
		{Err: store.ErrConflict, Status: http.StatusConflict, Key: "conflict"},
		{Err: signing.ErrFull, Status: http.StatusServiceUnavailable, Key: "overloaded"},
		{Err: staff.ErrNoSession, Status: http.StatusUnauthorized, Key: "unauthorized"},
		{Err: staff.ErrLink, Status: http.StatusGone, Key: "expired"},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *testSite) now() time.Time { return s.at }

// get asks for a page.
func (s *testSite) get(path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// post sends a form of names and values.
func (s *testSite) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// texts is a fictional petition in Kazakh and Russian.
func texts() petition.Texts {
	return petition.Texts{
		"kk": {Title: "Көкбұлақ жағалауына жаяу жол салыңыз", Ask: "Өзен жағалауына жарығы бар жаяу жол салып, орындықтар қойыңыз.", Details: "Жағалауда қауіпсіз жол жоқ.\nБалалар мектепке көлік жолымен барады."},
		"ru": {Title: "Постройте пешеходную дорожку вдоль Кокбулака", Ask: "Постройте освещённую дорожку вдоль реки и поставьте скамейки.", Details: "Безопасного прохода вдоль реки нет.\nДети ходят в школу по проезжей части."},
	}
}

// petition creates a petition in moderation.
func (s *testSite) petition(t petition.Texts) petition.Petition {
	s.t.Helper()
	change := s.law.Start(petition.Petition{UID: petition.UID(vault.Random(16)), Kind: petition.KindPetition, Lang: "kk", Texts: t,
		Body: "akimat-kokbulak", Place: "KZ-75", Creator: petition.Creator{Kind: petition.Person, Name: "Айгүл Үлгіқызы"}}, s.at)
	p, err := s.store.Create(s.t.Context(), change, vault.Random(32), store.Contact{Sealed: []byte{1}, Lang: "kk"}, s.at,
		func(petition.Petition) (store.Letter, error) {
			return store.Letter{UID: hex.EncodeToString(change.Petition.UID[:4]), Kind: "start", Sealed: []byte{1}, QueuedAt: s.at}, nil
		})
	must(s.t, err)
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) { return s.law.Confirm(p, s.at) })
	s.sign(p.ID, 1, 20, "")
	return s.load(p.ID)
}

// open publishes a petition.
func (s *testSite) open(t petition.Texts) petition.Petition {
	s.t.Helper()
	p := s.petition(t)
	return s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		return s.law.Decide(p, petition.Decision{Verdict: petition.Publish, TextVersion: p.TextVersion, Officer: 1}, s.at)
	})
}

func (s *testSite) change(id petition.ID, f func(petition.Petition) (petition.Change, error)) petition.Petition {
	s.t.Helper()
	p, err := s.store.Change(s.t.Context(), id, s.at, func(_ *store.Tx, p petition.Petition) (petition.Change, error) { return f(p) })
	must(s.t, err)
	return p
}

func (s *testSite) load(id petition.ID) petition.Petition {
	s.t.Helper()
	v, err := s.store.SigningPetitionByID(s.t.Context(), id)
	must(s.t, err)
	return v.Petition
}

// sign adds n signatures from a place, numbered from first.
func (s *testSite) sign(id petition.ID, first, n int, place string) {
	s.t.Helper()
	batch := make([]store.NewSignature, n)
	for i := range batch {
		batch[i] = store.NewSignature{Petition: id, Place: place, Day: s.law.Today(s.at).DayNumber()}
		binary.BigEndian.PutUint64(batch[i].Nullifier[:], uint64(first+i))
	}
	for part := range slices.Chunk(batch, 1000) {
		_, err := s.store.AddSignatures(s.t.Context(), part, s.at)
		must(s.t, err)
	}
}

// imported brings a petition of another site in, with a document when full.
func (s *testSite) imported(n int64, full bool) {
	s.t.Helper()
	m := store.Import{Petition: petition.Petition{Number: n, State: petition.Closed, Kind: petition.KindPetition, Lang: "en",
		UID:   petition.UID(vault.Random(16)),
		Texts: petition.Texts{"en": {Title: "Count the hedgehogs of every county", Ask: "Please count them each spring."}}, Count: 12345,
		CreatedAt: s.at.AddDate(-3, 0, 0), OpenedAt: s.at.AddDate(-3, 0, 3), ClosedAt: s.at.AddDate(-2, -6, 0)}, Origin: store.UKCSV, Archived: true}
	m.Hash[0] = byte(n)
	if full {
		m.Origin, m.Archived = store.UKJSON, false
		m.Document = json.RawMessage(`{"action":"Count","government_response":{"summary":"We will count.","details":"In May.","responded_on":"2025-03-01"},
			"signatures_by_country":[{"name":"Utopia","code":"UT","signature_count":12000}],
			"signatures_by_constituency":[{"name":"Erewhon North","ons_code":"E1","mp":null,"signature_count":300}]}`)
		m.Debate = store.Debate{ResponseAt: s.at.AddDate(-3, 1, 0), AnsweredAt: s.at.AddDate(-3, 2, 0), Debated: true,
			DebatedAt: s.at.AddDate(-3, 4, 0), On: civil.Date{Year: 2024, Month: time.March, Day: 4}}
	}
	_, err := s.store.Imports(s.t.Context(), []store.Import{m}, s.at)
	must(s.t, err)
}

func inLangs(path string) []string {
	var paths []string
	for _, l := range i18n.Langs() {
		paths = append(paths, "/"+string(l)+path)
	}
	return paths
}
