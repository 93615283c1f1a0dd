package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/store"
)

// Words that a page always says are put into its template; the page is the
// same as before, a plus aside, which html/template escapes for no need.
func TestConstantsSayTheSame(t *testing.T) {
	s, open := full(t)
	for _, l := range i18n.Langs() {
		plain, err := template.New("").Funcs(s.web.funcs(l)).ParseFS(templates, "templates/*.html")
		must(t, err)
		said := 0
		for _, page := range []string{"home", "list", "petition", "sign", "about", "moderation"} {
			var v view
			switch page {
			case "home":
				v, err = s.web.home(t.Context(), l)
			case "list":
				v, err = s.web.list(t.Context(), l, s.web.readFilters(nil))
			case "petition":
				v, err = s.web.petition(t.Context(), l, open.Number, "", "")
			case "about":
				v, err = s.web.about(t.Context(), l)
			default:
				var p store.Signing
				p, err = s.web.signing.ByNumber(t.Context(), open.Number)
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				v.name, v.data = s.web.signPage(r, l, p, s.law, url.Values{"email": {"<+&"}}, nil)
			}
			must(t, err)
			var want, got bytes.Buffer
			must(t, plain.ExecuteTemplate(&want, v.name+".html", v.data))
			must(t, s.web.render(&got, l, v.name, v.data))
			if a, b := strings.ReplaceAll(want.String(), "&#43;", "+"), strings.ReplaceAll(got.String(), "&#43;", "+"); a != b {
				t.Errorf("%s in %s: differs from its template:\n%s\n%s", page, l, a, b)
			}
			said += strings.Count(got.String(), "<")
		}
		if said < 500 {
			t.Errorf("%s: only %d tags were compared", l, said)
		}
	}
}

// A page that is kept stands at the path of its reader, whatever that is, and
// two that say different things are two.
func TestSamePages(t *testing.T) {
	s := samePages{pages: map[string]parts{}}
	rendered := 0
	page := func(path string, key ...string) string {
		b, err := s.page(path, strings.Join(key, " "), func(path string, buf *bytes.Buffer) error {
			rendered++
			_, err := fmt.Fprintf(buf, `<a href="/kk%s">%s</a><a href="/ru%s">`, path, key, path)
			return err
		})
		must(t, err)
		return string(b)
	}
	if a, want := page("/confirm/a", "x", "y"), `<a href="/kk/confirm/a">[x y]</a><a href="/ru/confirm/a">`; a != want {
		t.Errorf("rendered %q, want %q", a, want)
	}
	if a, want := page(`/confirm/"><b>`, "x", "y"), `<a href="/kk/confirm/&#34;&gt;&lt;b&gt;">[x y]</a><a href="/ru/confirm/&#34;&gt;&lt;b&gt;">`; a != want || rendered != 1 {
		t.Errorf("kept %q, want %q; rendered %d times", a, want, rendered)
	}
	if page("/c", "x", "z"); rendered != 2 {
		t.Errorf("another page was rendered %d times", rendered)
	}
	for i := range 3 * manySame {
		page("/c", "x", strconv.Itoa(i))
	}
	if n := len(s.pages); n > manySame {
		t.Errorf("%d pages are kept, at most %d may be", n, manySame)
	}
	broken := errors.New("broken")
	if _, err := s.page("/c", "w", func(string, *bytes.Buffer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("a page that cannot be rendered: %v", err)
	}
}

// The page of a moment is made once in it, stands at the path of each reader,
// and is never that of another moment.
func TestPagesOfAMoment(t *testing.T) {
	s := samePages{lately: map[moment]parts{}}
	made := 0
	page := func(m moment) string {
		p, err := s.of(m, func() (parts, error) {
			made++
			return parts{[]byte(fmt.Sprintf("%v <a href=", m)), []byte(">")}, nil
		})
		must(t, err)
		return string(p.at("/confirm/a&b"))
	}
	first := moment{"kk", "counted", 1}
	for _, m := range []moment{first, {"ru", "counted", 1}, {"kk", "already", 1}, {"kk", "counted", 2}} {
		for range 2 {
			if got, want := page(m), fmt.Sprintf("%v <a href=/confirm/a&amp;b>", m); got != want {
				t.Errorf("%v: %q, want %q", m, got, want)
			}
		}
	}
	if made != 4 {
		t.Errorf("four pages were made %d times", made)
	}
	page(moment{"kk", "expired", 0})
	if page(moment{"kk", "expired", 0}); made != 6 {
		t.Errorf("a page that knows of no petition was kept: made %d", made)
	}
	for i := range int64(3 * manySame) {
		page(moment{"kk", "counted", i + 10})
	}
	if n := len(s.lately); n > manySame {
		t.Errorf("%d pages are kept, at most %d may be", n, manySame)
	}
	broken := errors.New("broken")
	for range 2 {
		if _, err := s.of(moment{"en", "counted", 1}, func() (parts, error) { made++; return nil, broken }); !errors.Is(err, broken) {
			t.Errorf("a page that cannot be rendered: %v", err)
		}
	}
}

// The page of a link says what became of it, in its reader's language switch
// the link itself, and never somebody else's.
func TestLinkPagesAreNotMixedUp(t *testing.T) {
	s, open := full(t)
	links := map[string]string{}
	for _, who := range []string{"one", "two"} {
		at := "/kk/petitions/" + strconv.FormatInt(open.Number, 10) + "/sign"
		if w := s.post(at, "email", who+"@people.example", "eligible", "yes"); w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d", who, w.Code)
		}
		links[who] = s.link()
	}
	for _, step := range []string{"button", "counted", "already"} {
		for who, link := range links {
			w := s.get(link)
			if step == "counted" {
				w = s.post(link)
			}
			token := link[strings.LastIndex(link, "/")+1:]
			body := w.Body.String()
			if w.Code != http.StatusOK || strings.Count(body, "/ru/confirm/"+token) != 1 || strings.Contains(body, pathHere) {
				t.Errorf("%s, %s: %d, without the link of its reader:\n%s", step, who, w.Code, body)
			}
			for other, l := range links {
				if other != who && strings.Contains(body, l[strings.LastIndex(l, "/")+1:]) {
					t.Errorf("%s: the page of %s has the link of %s", step, who, other)
				}
			}
		}
	}
}

// BenchmarkCrowdPages renders what a crowd asks for and no cache can keep.
func BenchmarkCrowdPages(b *testing.B) {
	s, open := full(b)
	form := httptest.NewRequest(http.MethodGet, "/kk/petitions/"+strconv.FormatInt(open.Number, 10)+"/sign", nil)
	form.SetPathValue("n", strconv.FormatInt(open.Number, 10))
	b.Run("form", func(b *testing.B) {
		for b.Loop() {
			p, law, err := s.web.signingPetition(form)
			must(b, err)
			var buf bytes.Buffer
			name, d := s.web.signPage(form, "kk", p, law, url.Values{}, nil)
			must(b, s.web.render(&buf, "kk", name, d))
		}
	})
	forged := httptest.NewRequest(http.MethodPost, "/kk/confirm/x", nil)
	b.Run("error", func(b *testing.B) {
		for b.Loop() {
			var buf bytes.Buffer
			must(b, s.web.ErrorPage(&buf, forged, httpd.Problem{Status: 404}))
		}
	})
	b.Run("link", func(b *testing.B) {
		p, _, err := s.web.signingPetition(form)
		must(b, err)
		for b.Loop() {
			rec := httptest.NewRecorder()
			d := s.web.linkPage(rec, "kk", "/confirm/x", "confirm.counted", signing.Link{Petition: p})
			must(b, s.web.answerLink(rec, "kk", 200, d))
		}
	})
}
