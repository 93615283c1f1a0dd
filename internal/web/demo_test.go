package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// demoSite is a site with the demonstration's pages; moved is how far its
// clock went.
func demoSite(t testing.TB) (s *testSite, moved *time.Duration) {
	moved = new(time.Duration)
	letters := []DemoLetter{{ID: "0002", To: "aigul@mail.example", Subject: "Растаңыз", At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		Text: "Сәлеметсіз бе!\n\nhttps://dauys.example/kk/confirm/abc\n\n<b>Қош</b>", HTML: "<!doctype html><p style='color:red'>Сәлем"},
		{ID: "0001", To: "dana@mail.example", Subject: "Первое письмо", Text: "x"}}
	s = newSite(t, func(o *Options) {
		desk := o.Staff
		o.Demo = &Demo{
			Letters: func(context.Context) ([]DemoLetter, error) { return letters, nil },
			Letter: func(_ context.Context, id string) (DemoLetter, error) {
				for _, l := range letters {
					if l.ID == id {
						return l, nil
					}
				}
				return DemoLetter{}, store.ErrNotFound
			},
			Previews: func(petition.Lang) ([]DemoLetter, error) {
				return []DemoLetter{{Kind: "start", Subject: "Растаңыз", Text: "x", HTML: "<p>"}}, nil
			},
			Login: func(ctx context.Context, role store.Role, n int) (string, time.Duration, error) {
				link, err := desk.Add(ctx, string(role)+strings.Repeat("x", n)+"@desk.example", role, "")
				if err != nil {
					return "", 0, err
				}
				token, err := desk.Login(ctx, link)
				return token, staff.SessionLife, err
			},
			Advance: func(_ context.Context, d time.Duration) error {
				if *moved+d > 100*time.Hour+maxAdvance {
					return ErrClockEnd
				}
				*moved += d
				return nil
			},
		}
	})
	return s, moved
}

func TestDemoPages(t *testing.T) {
	s, _ := demoSite(t)
	for _, path := range []string{"/demo", "/demo/mail", "/demo/mail/0002", "/demo/staff", "/demo/clock", "/demo/letters", "/demo/letters?in=ru"} {
		for _, l := range []string{"kk", "ru", "en"} {
			w := s.get(path, "Accept-Language", l)
			status(t, w, http.StatusOK)
			secret(t, w)
			dom(t, w)
			if got := w.Header().Get("Content-Language"); got != l {
				t.Errorf("%s speaks %s, asked for %s", path, got, l)
			}
		}
	}
	w := s.get("/demo/mail/0002")
	if !strings.Contains(w.Body.String(), `<a href="https://dauys.example/kk/confirm/abc">`) || strings.Contains(w.Body.String(), "<b>Қош") {
		t.Error("the link cannot be followed, or the text is not escaped")
	}
	status(t, s.get("/demo/mail/0009"), http.StatusNotFound)
	status(t, s.get("/demo/mail/0001/html"), http.StatusNotFound)
	w = s.get("/demo/mail/0002/html")
	if csp := w.Header().Get("Content-Security-Policy"); w.Code != http.StatusOK || strings.Contains(csp, "script") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("a letter as it looks: %d, %q", w.Code, csp)
	}
	status(t, s.get("/demo/letters/kk/start/html"), http.StatusOK)
	list := s.get("/demo/mail").Body.String()
	if strings.Index(list, "/demo/mail/0002") > strings.Index(list, "/demo/mail/0001") {
		t.Error("the newest letter is not first")
	}
}

func TestDemoPagesAreNotOnARealSite(t *testing.T) {
	s := newSite(t, nil)
	for _, path := range []string{"/demo/mail", "/demo/staff", "/demo/clock"} {
		if w := s.get("/en" + path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
		if w := s.post(path, "advance", "1h", "role", "admin"); w.Code < 400 {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
}

func TestDemoRoles(t *testing.T) {
	s, _ := demoSite(t)
	fs := forms(dom(t, s.get("/demo/staff")))
	if len(fs) != 5 {
		t.Fatalf("%d buttons", len(fs))
	}
	sessions := map[string]bool{}
	for _, f := range fs {
		w := s.send(f.action, f.values, "")
		status(t, w, http.StatusSeeOther)
		cookie, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
		sessions[cookie] = true
		page := s.get(w.Header().Get("Location"), "Cookie", cookie)
		status(t, page, http.StatusOK)
		dom(t, page)
	}
	if len(sessions) != 5 {
		t.Errorf("%d different sessions", len(sessions))
	}
	status(t, s.post("/demo/staff", "role", "king"), http.StatusUnprocessableEntity)
}

func TestDemoClock(t *testing.T) {
	for value, want := range map[string]int{"720h": 200, "8760h": 200, "1m": 200, "": 422, "0s": 422, "-1h": 422, "8761h": 422, "tomorrow": 422, "1e99h": 422} {
		s, moved := demoSite(t)
		w := s.send("/demo/clock", url.Values{"advance": {value}}, "")
		if w.Code != want {
			t.Errorf("%q: %d, want %d", value, w.Code, want)
		}
		dom(t, w)
		if d, _ := time.ParseDuration(value); want == 200 && *moved != d || want != 200 && *moved != 0 {
			t.Errorf("%q moved the clock by %s", value, *moved)
		}
	}
	s, moved := demoSite(t)
	*moved = 100*time.Hour + maxAdvance
	w := s.send("/demo/clock", url.Values{"advance": {"1h"}}, "")
	status(t, w, http.StatusUnprocessableEntity)
	dom(t, w)
}
