package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

var update = flag.Bool("update", false, "write testdata/openapi.json anew")

// The OpenAPI document changes together with its version, never silently.
func TestOpenAPIGolden(t *testing.T) {
	w := newWorld(t)
	got := w.get(t, "/api/v1/openapi.json").Body.Bytes()
	golden, err := os.ReadFile("testdata/openapi.json")
	if os.IsNotExist(err) && *update {
		golden = got
	} else {
		check(t, err)
	}
	same := bytes.Equal(got, golden)
	version := func(spec []byte) any { return at(t, decode(t, bytes.NewReader(spec)), "info", "version") }
	switch {
	case !same && version(got) == version(golden):
		t.Fatalf("the document changed and its version did not: raise specVersion (%v), then go test -update", version(golden))
	case !same && !*update:
		t.Fatal("the document is new: go test -update")
	case *update:
		check(t, os.WriteFile("testdata/openapi.json", got, 0o644))
	}
	for _, bad := range []string{"$schema\"", "ErrorModel", "additionalProperties\": false"} {
		if bytes.Contains(got, []byte(bad)) {
			t.Errorf("the document has %s", bad)
		}
	}
}

func TestV1Petition(t *testing.T) {
	w := newWorld(t)
	w.imported(t, "241584.json")
	p := w.made(t, "kz-civic", func(p *petition.Petition) { delete(p.Texts, "kk") }, map[string]int{"KZ-75": 600})
	path := fmt.Sprintf("/api/v1/petitions/%d", p.Number)
	v := w.value(t, path)
	for key, want := range map[string]any{
		"state": "open", "signature_count": json.Number("600"), "lang": "ru", "opened_at": "2026-11-20T09:30:15Z",
		"url": fmt.Sprintf("%s/ru/petitions/%d", site, p.Number), "body": "akimat-vydumka", "origin": "here",
	} {
		if got := at(t, v, key); got != want {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
	if at(t, v, "missing", 0) != "kk" || at(t, v, "phase", "key") != "collecting" || at(t, v, "phase", "until") != "2027-05-23" ||
		at(t, v, "texts", "ru", "ask") != "Построить мост." || at(t, v, "stages", 0, "threshold") != json.Number("1000") {
		t.Errorf("%v", v)
	}
	if strings.Contains(w.get(t, path).Body.String(), "$schema") {
		t.Error("$schema in a body")
	}
	if days := at(t, w.value(t, path+"/days"), "data").([]any); len(days) != 0 {
		t.Errorf("a day that still runs is told: %v", days)
	}
	w.now = w.now.AddDate(0, 0, 1)
	if day := at(t, w.value(t, path+"/days"), "data", 0); at(t, day, "day") != "2026-11-23" || at(t, day, "signature_count") != json.Number("600") {
		t.Errorf("days %v", day)
	}
	imported := w.value(t, "/api/v1/petitions/241584")
	if at(t, imported, "origin") != "uk-json" || at(t, imported, "phase", "key") != "open" {
		t.Errorf("imported %v", imported)
	}
	if at(t, w.value(t, "/api/v1/bodies"), "data", 0, "id") != "akimat-vydumka" {
		t.Error("bodies")
	}
	if law := w.value(t, "/api/v1/profile"); at(t, law, "id") != "kz-civic" || at(t, law, "support", "threshold") != json.Number("20") {
		t.Errorf("profile %v", law)
	}
	rec := w.get(t, "/api/v1/petitions?limit=1000", "Accept-Language", "kk")
	if rec.Code != 422 || at(t, decode(t, rec.Body), "errors", 0, "field") != "limit" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// Days of a small count follow it: they never add up to more.
func TestDaysOfSmallCounts(t *testing.T) {
	w := newWorld(t)
	p := w.made(t, "kz-civic", func(*petition.Petition) {}, map[string]int{"KZ-75": 30})
	days := func() string {
		out, err := json.Marshal(at(t, w.value(t, fmt.Sprintf("/api/v1/petitions/%d/days", p.Number)), "data"))
		check(t, err)
		return string(out)
	}
	w.now = w.now.AddDate(0, 0, 1)
	w.sign(t, p, map[string]int{"KZ-10": 37}) // seven besides the same thirty
	w.now = w.now.AddDate(0, 0, 1)
	const first, second = `{"day":"2026-11-23","signature_count":30}`, `{"day":"2026-11-24","signature_count":7}`
	if got := days(); got != "["+first+"]" {
		t.Errorf("before the count moves: %s", got)
	}
	check(t, w.st.Show(t.Context(), p.ID, w.now))
	w.now = w.now.Add(time.Second) // past what is served again without asking
	if got := days(); got != "["+first+","+second+"]" {
		t.Errorf("after it moved: %s", got)
	}
	if trends := at(t, w.value(t, "/trending.json"), "data").([]any); len(trends) != 0 {
		t.Errorf("trending tells of a small count: %v", trends)
	}
}

// Every petition is on exactly one page.
func TestV1Cursor(t *testing.T) {
	w := archive(t)
	seen := map[any]bool{}
	next, pages := "", 0
	for {
		v := w.value(t, "/api/v1/petitions?q=speed+cameras&limit=7&cursor="+url.QueryEscape(next))
		for _, p := range at(t, v, "data").([]any) {
			seen[at(t, p, "number")] = true
		}
		pages++
		cursor, more := v.(map[string]any)["next"]
		if !more {
			if total, _ := at(t, v, "total").(json.Number).Int64(); int(total) != len(seen) || pages < 2 {
				t.Errorf("%d of %d on %d pages", len(seen), total, pages)
			}
			return
		}
		next = cursor.(string)
	}
}

func FuzzParameters(f *testing.F) {
	f.Add("q=a&state=open&page=2&count=7", "")
	f.Add("q=1000001", "bzE6Nw")
	f.Add("state=%ff&topic=%00", "!")
	w := newWorld(f)
	w.made(f, "kz-civic", func(*petition.Petition) {}, nil)
	f.Fuzz(func(t *testing.T, query, mark string) {
		if at, err := parseCursor(mark); err == nil && mark != "" && cursor(at) != mark {
			t.Errorf("cursor %q reads as %q", mark, cursor(at))
		}
		query += "&cursor=" + url.QueryEscape(mark)
		for _, path := range []string{"/petitions.json", "/archived/petitions.csv", "/api/v1/petitions"} {
			r := &url.URL{Path: path, RawQuery: strings.Map(printable, query)}
			rec := w.get(t, r.String())
			if rec.Code >= 500 {
				t.Errorf("%s: %d %s", r, rec.Code, rec.Body)
			}
			if strings.HasSuffix(path, ".csv") && rec.Code == http.StatusOK {
				if rows, err := csv.NewReader(rec.Body).ReadAll(); err != nil || len(rows) < 1 || len(rows[0]) != 4 {
					t.Errorf("%s: %q, %v", r, rows, err)
				}
			} else if !json.Valid(rec.Body.Bytes()) {
				t.Errorf("%s: %d %s", r, rec.Code, rec.Body)
			}
		}
	})
}

// printable keeps what a request line can hold.
func printable(r rune) rune {
	if r <= ' ' || r > '~' || r == '#' {
		return -1
	}
	return r
}

func BenchmarkList(b *testing.B) {
	w := archive(b)
	for name, query := range map[string]string{"all": "count=25&page=%d", "state": "state=rejected&count=25&page=%d", "search": "q=school&count=%d"} {
		b.Run(name, func(b *testing.B) {
			n := 0
			for b.Loop() {
				n++ // made anew each time: nothing is cached
				l, err := url.ParseQuery(fmt.Sprintf(query, 1+n%600))
				check(b, err)
				q, err := parseList(archived, l)
				check(b, err)
				v, err := w.api.envelope(b.Context(), q)
				check(b, err)
				_, err = encode(v)
				check(b, err)
			}
		})
	}
}

func BenchmarkCSV(b *testing.B) {
	w := archive(b)
	for b.Loop() {
		w.get(b, "/archived/petitions.csv")
	}
}

func BenchmarkSingle(b *testing.B) {
	w := newWorld(b)
	w.imported(b, "241584.json")
	b.Run("cached", func(b *testing.B) {
		for b.Loop() {
			w.get(b, "/petitions/241584.json", "Accept-Encoding", "br")
		}
	})
	b.Run("rendered", func(b *testing.B) {
		for b.Loop() {
			doc, err := w.api.single(b.Context(), current, 241584)
			check(b, err)
			_, err = encode(doc)
			check(b, err)
		}
	})
}
