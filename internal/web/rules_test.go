package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// ruledSite is a site whose law has the rules of a test, and an assembly that
// is dissolved on a day; zero for none.
func ruledSite(t *testing.T, on petition.Date, rules func(*petition.Profile)) *testSite {
	t.Helper()
	keys := vaultIn(t)
	s := newSite(t, func(o *Options) {
		rules(o.Law) // the site's own copy, known to the store too
		o.Moderation = moderation.New(moderation.Options{Store: o.Store, Vault: keys, Broker: identity.NewBroker(keys), Law: o.Law, Dissolved: on, URL: o.URL,
			BodyOK:  func(context.Context, string) (bool, error) { return true, nil },
			PlaceOK: func(*petition.Profile, string) bool { return true }, Now: o.Now})
		o.Dissolved = on
	})
	s.moderation = s.web.moderation
	return s
}

func shows(t *testing.T, s *testSite, path, cookie string, wants ...string) {
	t.Helper()
	w := s.get(path, "Cookie", cookie)
	status(t, w, http.StatusOK)
	dom(t, w)
	for _, want := range wants {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s lacks %q", path, want)
		}
	}
}

// words is the piece of a message before its first value.
func (s *testSite) words(l petition.Lang, key string) string {
	before, _, _ := strings.Cut(s.web.bundle.Printer(l).T(key, "date", "\x00", "number", "\x00", "from", "\x00", "to", "\x00"), "\x00")
	return before
}

func TestDuplicateBar(t *testing.T) {
	for _, effect := range []string{petition.BarRefuse, petition.BarWarn} {
		s := ruledSite(t, petition.Date{}, func(l *petition.Profile) {
			l.Duplicate = petition.DuplicateRule{Window: petition.Term{N: 12, Unit: civil.Months}, Effect: effect}
		})
		earlier := s.open(texts())
		s.at = earlier.ClosesAt.Add(time.Minute)
		s.change(earlier.ID, func(p petition.Petition) (petition.Change, error) {
			c, _ := s.law.Tick(p, s.at)
			return c, nil
		})
		link := petitionPath(earlier.Number)
		moderator := s.login("moderator@desk.example", store.Moderator)
		waiting := s.petition(texts()) // reached the desk before the other had closed
		for _, l := range []petition.Lang{"kk", "ru"} {
			form := url.Values{"lang": {"kk"}, "kind": {"petition"}, "creator_kind": {"person"}, "creator": {"Айгүл Үлгіқызы"}, "email": {"a@b.example"},
				"body": {"akimat-kokbulak"}, "eligible": {"yes"}}
			for in, x := range texts() {
				suffix := ""
				if in != "kk" {
					suffix = "." + string(in)
				}
				form.Set("title"+suffix, x.Title)
				form.Set("ask"+suffix, x.Ask)
			}
			w := s.send("/"+string(l)+"/start", form, "")
			if effect == petition.BarWarn {
				status(t, w, http.StatusSeeOther)
			} else {
				status(t, w, http.StatusUnprocessableEntity)
				for _, want := range []string{"/" + string(l) + link, s.words(l, "barred.title"), s.words(l, "barred.same")} {
					if !strings.Contains(w.Body.String(), want) {
						t.Errorf("the refusal in %s lacks %q", l, want)
					}
				}
			}
			shows(t, s, caseURL(l, waiting.ID), moderator, "/"+string(l)+link, s.words(l, "barred.title"), s.words(l, "barred.same"))
		}
	}
}

func TestDissolutionStops(t *testing.T) {
	on := petition.Date{Year: 2026, Month: time.December, Day: 1}
	s := ruledSite(t, on, func(l *petition.Profile) {
		l.Dissolution = petition.DissolutionRule{Effect: petition.DissolveStop, Cite: l.Downtime.Cite}
	})
	p := s.open(texts())
	if n, err := s.moderation.Dissolve(t.Context()); n != 0 || err != nil {
		t.Fatalf("before the day: %d, %v", n, err)
	}
	s.at = s.law.DissolvedAt(on)
	if n, err := s.moderation.Dissolve(t.Context()); n != 1 || err != nil {
		t.Fatalf("on the day: %d, %v", n, err)
	}
	for _, l := range []petition.Lang{"kk", "ru"} {
		pr := s.web.bundle.Printer(l)
		shows(t, s, "/"+string(l)+petitionPath(p.Number), "", pr.T("stopped.title"), pr.T("stopped.text", "date", on))
		for _, path := range []string{"/", "/about", "/start"} {
			shows(t, s, "/"+string(l)+path, "", pr.T("dissolved.notice.stop", "date", on))
		}
		if body := s.get("/" + string(l) + "/").Body.String(); strings.Contains(body, `class="button" href="/`+string(l)+`/start"`) {
			t.Errorf("%s: the first page invites to start what cannot be started", l)
		}
		w := s.post("/"+string(l)+petitionPath(p.Number)+"/sign", "email", "a@b.example", "eligible", "yes")
		status(t, w, http.StatusConflict)
	}
}

func TestOutageIsShownAndGivenBack(t *testing.T) {
	s := ruledSite(t, petition.Date{}, func(l *petition.Profile) { l.Downtime = petition.DowntimeRule{Compensate: true, FromHours: 6} })
	p := s.open(texts())
	must(t, s.store.Beat(t.Context(), s.at))
	from := s.at
	s.at = s.at.Add(30 * time.Hour)
	must(t, s.store.Beat(t.Context(), s.at))
	if n, err := s.moderation.Compensate(t.Context()); n != 1 || err != nil {
		t.Fatalf("compensated %d, %v", n, err)
	}
	if got := s.load(p.ID).ClosesAt; !got.Equal(p.ClosesAt.AddDate(0, 0, 2)) {
		t.Errorf("closes at %s, was %s", got, p.ClosesAt)
	}
	for _, l := range []petition.Lang{"kk", "ru"} {
		pr := s.web.bundle.Printer(l)
		shows(t, s, "/"+string(l)+petitionPath(p.Number), "", pr.N("extended.days", 2, "from", s.law.Today(from), "to", s.law.Today(s.at)))
		shows(t, s, "/"+string(l)+"/about", "", pr.T("outage.title"), pr.N("unit.hours", 30))
	}
}
