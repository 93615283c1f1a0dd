package api

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

func parseFeed(t *testing.T, body []byte) feed {
	t.Helper()
	var f feed
	check(t, xml.Unmarshal(body, &f))
	ids := map[string]bool{f.ID: true}
	if f.ID == "" || f.Title == "" || f.Author.Name == "" || len(f.Links) != 2 {
		t.Errorf("feed lacks what rfc4287 wants: %+v", f)
	}
	times := []string{f.Updated}
	for _, e := range f.Entries {
		if ids[e.ID] || e.Title == "" || len(e.Links) == 0 || strings.Contains(e.Title, "⟦") {
			t.Errorf("entry %+v", e)
		}
		ids[e.ID] = true
		times = append(times, e.Updated)
		if e.Published != "" {
			times = append(times, e.Published)
		}
	}
	for _, s := range times {
		if _, err := time.Parse(time.RFC3339, s); err != nil {
			t.Error(err)
		}
	}
	return f
}

func TestFeeds(t *testing.T) {
	w := newWorld(t)
	if f := parseFeed(t, w.get(t, "/petitions.atom").Body.Bytes()); len(f.Entries) != 0 {
		t.Errorf("%d entries on an empty site", len(f.Entries))
	}
	p := w.made(t, "kz-civic", func(p *petition.Petition) { p.UID[0] = 1 }, nil)
	w.now = w.now.Add(time.Minute)
	rec := w.get(t, "/petitions.atom?lang=ru")
	if rec.Header().Get("Content-Type") != atomType || !strings.Contains(rec.Body.String(), "мост &lt;через&gt; реку") {
		t.Errorf("%v %s", rec.Header(), rec.Body)
	}
	f := parseFeed(t, rec.Body.Bytes())
	if len(f.Entries) != 1 || f.Entries[0].Published != "2026-11-20T09:30:15Z" || f.Entries[0].ID != fmt.Sprintf("tag:petitions.example,2026:petitions/%d", p.Number) {
		t.Errorf("%+v", f)
	}
	if f := parseFeed(t, w.get(t, "/petitions.atom", "Accept-Language", "kk").Body.Bytes()); f.Entries[0].Title != "Көпір салу" {
		t.Errorf("in Kazakh: %+v", f)
	}
	f = parseFeed(t, w.get(t, fmt.Sprintf("/petitions/%d.atom", p.Number)).Body.Bytes())
	if len(f.Entries) != 2 || f.Entries[1].Updated != "2026-11-23T00:00:00Z" || !strings.Contains(f.Entries[1].Title, "Открытое письмо") {
		t.Errorf("events %+v", f.Entries)
	}
}

func TestSitemap(t *testing.T) {
	type set struct {
		URLs []struct {
			Loc   string `xml:"loc"`
			Links []struct {
				Lang string `xml:"hreflang,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"url"`
		Maps []struct {
			Loc      string `xml:"loc"`
			Modified string `xml:"lastmod"`
		} `xml:"sitemap"`
	}
	w := newWorld(t)
	p := w.made(t, "kz-civic", func(*petition.Petition) {}, nil)
	var s set
	check(t, xml.Unmarshal(w.get(t, "/sitemap.xml").Body.Bytes(), &s))
	want := fmt.Sprintf("%s/kk/petitions/%d", site, p.Number)
	found := false
	for _, u := range s.URLs {
		found = found || u.Loc == want
		if len(u.Links) != 3 {
			t.Errorf("%s: alternates %v", u.Loc, u.Links)
		}
	}
	if !found {
		t.Errorf("%s is not in the map", want)
	}
	w = archive(t)
	w.made(t, "kz-civic", func(*petition.Petition) {}, nil)
	s = set{}
	check(t, xml.Unmarshal(w.get(t, "/sitemap.xml").Body.Bytes(), &s))
	if len(s.Maps) != 79 { // the list has numbers in 77 thousands; ours has one, and the site's own pages
		t.Fatalf("%d parts", len(s.Maps))
	}
	seen := map[string]bool{}
	for i, m := range s.Maps {
		if _, err := time.Parse(time.DateOnly, m.Modified); err != nil && i > 0 {
			t.Errorf("%s was last changed %q", m.Loc, m.Modified)
		}
		u, err := url.Parse(m.Loc)
		check(t, err)
		var part set
		check(t, xml.Unmarshal(w.get(t, u.Path).Body.Bytes(), &part))
		if len(part.URLs) > 50_000 {
			t.Errorf("%s has %d addresses", m.Loc, len(part.URLs))
		}
		for _, u := range part.URLs {
			seen[u.Loc] = true
		}
	}
	if n := 3 * (32_873 + 1 + 9); len(seen) != n {
		t.Errorf("%d addresses in all, want %d", len(seen), n)
	}
}

// The second at which a signer met a threshold is not told by the time of the
// petition's last change either.
func TestLastChangeBySignersIsADay(t *testing.T) {
	w := newWorld(t)
	p := w.made(t, "kz-civic", func(*petition.Petition) {}, map[string]int{"KZ-75": 600})
	day := "2026-11-22T19:00:00Z" // midnight in the law's zone
	for path, get := range map[string]func() any{
		"json": func() any {
			return at(t, w.value(t, fmt.Sprintf("/petitions/%d.json", p.Number)), "data", "attributes", "updated_at")
		},
		"v1":   func() any { return at(t, w.value(t, fmt.Sprintf("/api/v1/petitions/%d", p.Number)), "updated_at") },
		"atom": func() any { return parseFeed(t, w.get(t, "/petitions.atom").Body.Bytes()).Entries[0].Updated },
	} {
		got, err := time.Parse(time.RFC3339, fmt.Sprint(get()))
		if err != nil || got.Format(time.RFC3339) != day {
			t.Errorf("%s: %v, want %s (%v)", path, got, day, err)
		}
	}
}
