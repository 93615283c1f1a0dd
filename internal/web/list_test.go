package web

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever is in the address, the filters are in one canonical spelling that
// reads back as itself, and the store is asked for something it can answer.
func FuzzFilters(f *testing.F) {
	for _, seed := range []string{"", "q=a&page=2", "q=%D2%9B%D0%BE%D0%BB&state=open&sort=newest", "count=999&page=-1", "page=99999999999999999999",
		"q=%22%20OR%20x*", "stage=answer&topic=a&body=b&place=KZ-75&lang=kk", "q=" + strings.Repeat("ң", 150)} {
		f.Add(seed)
	}
	s := newSite(f, nil)
	f.Fuzz(func(t *testing.T, raw string) {
		values, _ := url.ParseQuery(raw)
		for _, list := range values {
			if !utf8.ValidString(strings.Join(list, "")) || strings.Contains(strings.Join(list, ""), "\x00") {
				return // refused by httpd.Query before
			}
		}
		once := s.web.readFilters(values)
		if twice := s.web.readFilters(once.Values); twice.Encode() != once.Encode() {
			t.Fatalf("%q: %q reads back as %q", raw, once.Encode(), twice.Encode())
		}
		q := once.query(s.web.law.Today(s.web.now()))
		if q.Limit < 1 || q.Limit > maxOnPage || q.Offset < 0 || q.Search != "" && q.Search != once.Get("q") || !q.Facet.Known() || !q.Sort.Known() {
			t.Fatalf("%q asks the store for %+v", raw, q)
		}
		if _, err := s.web.list(t.Context(), "kk", once); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
	})
}
