package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/ingest"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/profiles"
	"github.com/dauys/dauys/register"
)

const site = "https://petitions.example"

// world is a site with its API over an embedded database.
type world struct {
	st   *store.Store
	laws petition.Laws
	api  *API
	h    http.Handler
	now  time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return worldAt(t, filepath.Join(t.TempDir(), "t.db"))
}

// list makes the database that holds the archived list, once for all tests;
// each works on a copy.
var list = sync.OnceValues(func() (db []byte, err error) {
	dir, err := os.MkdirTemp("", "dauys-api")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	st, err := store.Open(context.Background(), "sqlite:"+filepath.Join(dir, "t.db"), petition.Laws{})
	if err != nil {
		return nil, err
	}
	csv, err := os.Open("../../testdata/uk/petitions-2010-2015.csv")
	if err != nil {
		return nil, err
	}
	defer csv.Close()
	err = st.Migrate(context.Background())
	if err == nil {
		_, err = ingest.UK(context.Background(), st, csv, "f", time.Unix(1.7e9, 0), 0, func(error) {})
	}
	if err = errors.Join(err, st.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "t.db"))
})

// archive is a world that has imported the archived list.
func archive(t testing.TB) *world {
	t.Helper()
	db, err := list()
	check(t, err)
	name := filepath.Join(t.TempDir(), "t.db")
	check(t, os.WriteFile(name, db, 0o600))
	return worldAt(t, name)
}

func worldAt(t testing.TB, db string) *world { return worldWith(t, db, false) }

func worldWith(t testing.TB, db string, limits bool) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 23, 9, 30, 15, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	bundle, err := i18n.New()
	check(t, err)
	w.laws, err = profiles.Shipped()
	check(t, err)
	w.st, err = store.Open(t.Context(), "sqlite:"+db, w.laws)
	check(t, err)
	t.Cleanup(func() { _ = w.st.Close() })
	check(t, w.st.Migrate(t.Context()))
	public, err := url.Parse(site)
	check(t, err)
	server, err := httpd.New(httpd.Options{Bundle: bundle, Logger: slog.New(slog.DiscardHandler), Now: clock, Rand: rand.Reader,
		PublicURL: public, Registry: prometheus.NewRegistry(), Limits: limits,
		Mappings: []httpd.Mapping{{Err: store.ErrNotFound, Status: http.StatusNotFound, Key: "not_found"}}})
	check(t, err)
	w.api, err = New(Options{Store: w.st, Laws: w.laws, Law: profiles.ByID(w.laws, "kz-civic"), Places: places(t), URL: site + "/",
		Bundle: bundle, Cache: httpd.NewCache(64<<20, w.st.Generation, clock), Server: server, Now: clock})
	check(t, err)
	_, err = w.st.SaveBodies(t.Context(), 0, []register.Body{{ID: "akimat-vydumka", Kind: "akimat",
		Names: map[string]string{"ru": "Акимат Выдумки", "kk": "Выдумка әкімдігі"}}}, clock())
	check(t, err)
	mux := http.NewServeMux()
	check(t, w.api.Routes(mux))
	w.h = server.Wrap(mux)
	return w
}

func places(t testing.TB) func(string) *place.Set {
	sets := map[string]*place.Set{}
	for _, id := range place.IDs() {
		set, err := place.Shipped(id)
		check(t, err)
		sets[id] = set
	}
	return func(id string) *place.Set { return sets[id] }
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// imported reads the real exports in.
func (w *world) imported(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		b, err := os.ReadFile("../../testdata/uk/" + name)
		check(t, err)
		w.bring(t, b)
	}
}

func (w *world) bring(t testing.TB, content []byte) {
	t.Helper()
	res, err := ingest.UK(t.Context(), w.st, bytes.NewReader(content), "f", w.now, 0, func(err error) { t.Error(err) })
	check(t, err)
	if res.Imported == 0 {
		t.Fatalf("nothing imported: %+v", res)
	}
}

// made puts a petition into the store as change leaves it, with a number, and
// signs it: so many from each place.
func (w *world) made(t testing.TB, law string, change func(*petition.Petition), signatures map[string]int) petition.Petition {
	t.Helper()
	l := profiles.ByID(w.laws, law)
	var uid petition.UID
	_, _ = rand.Read(uid[:])
	p := petition.Petition{UID: uid, Kind: petition.KindPetition, State: petition.Moderation, Profile: l.Ref(), Lang: "ru",
		Texts: petition.Texts{"ru": {Title: "Построить мост <через> реку Выдумку", Ask: "Построить мост.", Details: "Паром сломан."},
			"kk": {Title: "Көпір салу", Ask: "Көпір салыңыз."}},
		TextVersion: 1, Body: "akimat-vydumka", Topics: []string{"bridges"},
		Creator: petition.Creator{Kind: petition.Person, Name: "Ойдан Шығарылған"}, CreatedAt: w.now.AddDate(0, -1, 0)}
	p, err := w.st.Create(t.Context(), petition.Change{Petition: p}, make([]byte, 32), store.Contact{Sealed: []byte{1}, Lang: "ru"}, w.now,
		func(petition.Petition) (store.Letter, error) {
			return store.Letter{UID: fmt.Sprintf("%x", uid), Kind: "start", Sealed: []byte{1}}, nil
		})
	check(t, err)
	w.sign(t, p, signatures)
	p, err = w.st.Change(t.Context(), p.ID, w.now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		p.State, p.OpenedAt, p.ClosesAt = petition.Open, w.now.AddDate(0, 0, -3), l.Collect.Window.End(w.now, &l.Calendar, l.Location)
		p.Shown, p.ShownAt = p.Count, w.now
		change(&p)
		return petition.Change{Petition: p, NeedsNumber: true, Events: []petition.Event{
			{Kind: petition.EvPublished, At: w.now.AddDate(0, 0, -3), Actor: "officer:1"},
			{Kind: petition.EvStage, At: w.now.Add(-time.Hour), Actor: "signers", Data: map[string]string{"stage": "open-letter"}}}}, nil
	})
	check(t, err)
	return p
}

func (w *world) sign(t testing.TB, p petition.Petition, signatures map[string]int) {
	t.Helper()
	var batch []store.NewSignature
	n := uint64(0)
	for code, count := range signatures {
		for range count {
			s := store.NewSignature{Petition: p.ID, Place: code, Day: w.api.law(p).Today(w.now).DayNumber()}
			n++
			binary.BigEndian.PutUint64(s.Nullifier[:], n)
			batch = append(batch, s)
		}
	}
	_, err := w.st.AddSignatures(t.Context(), batch, w.now)
	check(t, err)
}

// get answers a GET with status, header and body.
func (w *world) get(t testing.TB, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	return w.ask("GET", path, header...)
}

func (w *world) ask(method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

// value is the JSON at path, which must answer 200.
func (w *world) value(t testing.TB, path string) any {
	t.Helper()
	rec := w.get(t, path)
	if rec.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
	}
	return decode(t, rec.Body)
}

func decode(t testing.TB, r io.Reader) any {
	t.Helper()
	dec := json.NewDecoder(r)
	dec.UseNumber()
	var v any
	check(t, dec.Decode(&v))
	return v
}

// at walks keys and indices into a decoded value.
func at(t testing.TB, v any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("%v: %v is no object", path, v)
			}
			if v, ok = m[step]; !ok {
				t.Fatalf("%v: no key %q", path, step)
			}
		case int:
			l, ok := v.([]any)
			if !ok || step >= len(l) {
				t.Fatalf("%v: no item %d", path, step)
			}
			v = l[step]
		}
	}
	return v
}

func TestCORSAndMethods(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/petitions.json", "/petitions/7.json", "/petitions.csv", "/petitions.atom", "/api/v1/petitions", "/api/v1/petitions/7"} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			if rec := w.ask(method, path, "Origin", "https://other.example"); rec.Header().Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s %s: %d %v", method, path, rec.Code, rec.Header())
			}
		}
		if rec := w.ask("OPTIONS", path); rec.Code != http.StatusNoContent {
			t.Errorf("OPTIONS %s: %d", path, rec.Code)
		}
		if rec := w.ask("DELETE", path, "Sec-Fetch-Site", "none"); rec.Code != http.StatusMethodNotAllowed {
			t.Errorf("DELETE %s: %d", path, rec.Code)
		}
	}
}

func TestAddressesForPeople(t *testing.T) {
	w := newWorld(t)
	for path, want := range map[string]string{
		"/petitions/12": "/ru/petitions/12", "/archived/petitions/12": "/ru/petitions/12", "/petitions/local": "/ru/petitions/local",
		"/archived/petitions": "/ru/petitions?state=archived", "/archived/petitions?state=published&parliament=1&q=%D1%8F": "/ru/petitions?q=%D1%8F&state=archived",
	} {
		rec := w.get(t, path, "Accept-Language", "ru")
		if rec.Code != http.StatusFound || rec.Header().Get("Location") != want || rec.Header().Get("Vary") == "" {
			t.Errorf("%s: %d %v", path, rec.Code, rec.Header())
		}
	}
}

func TestBadInputIsNeverA500(t *testing.T) {
	w := newWorld(t)
	w.made(t, "kz-civic", func(*petition.Petition) {}, nil)
	long := bytes.Repeat([]byte("x"), 5000)
	for _, path := range []string{
		"/petitions.json?q=%ff", "/petitions.json?q=%00", "/petitions.csv?topic=%00", "/petitions.json?q=" + string(long),
		"/petitions.json?topic=" + string(long), "/archived/petitions.json?parliament=" + string(long),
		"/api/v1/petitions?q=%ff", "/api/v1/petitions?q=%00", "/api/v1/petitions?q=" + string(long), "/api/v1/petitions?limit=0",
		"/api/v1/petitions?limit=x", "/api/v1/petitions?cursor=%21", "/api/v1/petitions?state=nonsense", "/api/v1/petitions?sort=likes",
		"/petitions.atom?lang=%ff", "/api/v1/petitions?body=" + string(long),
	} {
		rec := w.get(t, path)
		if rec.Code != http.StatusBadRequest && rec.Code != http.StatusUnprocessableEntity || rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.60s: %d %s %.200s", path, rec.Code, rec.Header().Get("Content-Type"), rec.Body)
		}
	}
	if next := at(t, w.value(t, "/petitions.json?page="+strings.Repeat("9", 30)), "links", "next"); next != nil {
		t.Errorf("a page beyond every number is the first: next is %v", next)
	}
	for path, want := range map[string]int{
		"/petitions/0.json": 404, "/petitions/01.json": 404, "/petitions/-1.json": 404, "/petitions/99999999999999999999.json": 404,
		"/petitions/x.json": 404, "/petitions/x": 302, "/petitions/1000001.xml": 404, "/petitions/1/count.json": 404, "/petitions/1000001.json.json": 404,
		"/api/v1/petitions/x": 404, "/api/v1/petitions/0": 404, "/api/v1/petitions/5": 404, "/sitemaps/9.xml": 404, "/parliaments/x.json": 404,
		"/petitions/1000001": 302, "/petitions.json?page=0&count=0": 200, "/petitions.json?page=x&count=-3&state=what": 200,
		"/petitions.json?q=%22%27%2A%29%20OR%20%28": 200, "/api/v1/petitions?q=%22AND%20NOT": 200, "/petitions.json?q=a%20b%20c%20d%20e%20f%20g%20h%20i%20j%20k%20l%20m%20n": 200,
	} {
		if rec := w.get(t, path); rec.Code != want {
			t.Errorf("%s: %d, want %d: %s", path, rec.Code, want, rec.Body)
		}
	}
}

// Searches and whole exports cost work each time, so one network gets so many;
// lists out of the cache are free.
func TestSearchesAreLimited(t *testing.T) {
	w := worldWith(t, filepath.Join(t.TempDir(), "l.db"), true)
	refusedAfter := func(path string, least, most int) {
		t.Helper()
		for n := range most {
			rec := w.get(t, path)
			if rec.Code == http.StatusTooManyRequests {
				if n < least || rec.Header().Get("Retry-After") == "" {
					t.Errorf("%s: refused after %d, %v", path, n, rec.Header())
				}
				return
			}
		}
		if least < most {
			t.Errorf("%s: %d are not refused", path, most)
		}
	}
	refusedAfter("/petitions.json?state=open", 600, 600)
	refusedAfter("/petitions.csv", 20, 200)
	refusedAfter("/petitions.json?q=bridge", 100, 600)
	refusedAfter("/api/v1/petitions?q=bridge", 0, 1)
}
