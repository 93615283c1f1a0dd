package web

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dauys/dauys/internal/i18n"
)

// What is kept of a list says of each query what its template says, whichever
// query it was kept for.
func TestListIsKeptForNoQuery(t *testing.T) {
	s := newSite(t, nil)
	for _, q := range []url.Values{nil, {"q": {"<script>&\"' +%2B"}}, {"state": {"open"}, "sort": {"signatures"}}, {"q": {"мектеп"}, "page": {"2"}},
		{"q": {pathHere}}, {"page": {"3"}}, {"state": {"rejected"}}} {
		for _, l := range i18n.Langs() {
			f := s.web.readFilters(q)
			v, err := s.web.list(t.Context(), l, f)
			must(t, err)
			d := v.data.(*listData)
			state := s.web.stateChoice(s.web.bundle.Printer(l), f)
			order := sortChoice(s.web.bundle.Printer(l), f, f.query(s.web.law.Today(s.web.now())))
			for _, part := range []struct {
				name string
				data any
				got  string
			}{{"top", d.Page, string(d.Top)}, {"select", state, string(d.State)}, {"select", order, string(d.Sort)}} {
				var want bytes.Buffer
				must(t, s.web.templates[l].root.ExecuteTemplate(&want, part.name, part.data))
				if w := strings.ReplaceAll(want.String(), "&#43;", "+"); part.got != w {
					t.Errorf("%s of %v in %s:\n%s\nwant\n%s", part.name, q, l, part.got, w)
				}
			}
		}
	}
}

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
