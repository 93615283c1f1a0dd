package web

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// TestDeskAuthorisation is role x route.
func TestDeskAuthorisation(t *testing.T) {
	s := newSite(t, nil)
	p := s.petition(texts())
	open := s.open(texts())
	at := "/petitions/" + strconv.FormatInt(int64(p.ID), 10)
	openAt := "/petitions/" + strconv.FormatInt(int64(open.ID), 10)
	cookies := map[store.Role]string{"": ""}
	for _, r := range []store.Role{store.Moderator, store.Auditor, store.Admin} {
		cookies[r] = s.login(string(r)+"@desk.example", r)
	}
	const ours, others, nobodys = store.Role("ours"), store.Role("others"), store.Role("nobodys") // officers
	for r, body := range map[store.Role]string{ours: "akimat-kokbulak", others: "maslikhat-kokbulak", nobodys: ""} {
		cookies[r] = s.loginFor(string(r)+"@desk.example", store.Officer, body)
	}
	type want map[store.Role]int
	enters := want{"": 401, store.Moderator: 200, store.Auditor: 200, store.Admin: 200, ours: 200, others: 200, nobodys: 200}
	inside := want{"": 401, store.Moderator: 200, store.Auditor: 200, store.Admin: 200, ours: 403, others: 403, nobodys: 403}
	public := want{"": 401, store.Moderator: 200, store.Auditor: 200, store.Admin: 200, ours: 200, others: 403, nobodys: 403}
	decides := want{"": 401, store.Moderator: 422, store.Auditor: 403, store.Admin: 422, ours: 403, others: 403, nobodys: 403}
	answers := want{"": 401, store.Moderator: 422, store.Auditor: 403, store.Admin: 422, ours: 422, others: 403, nobodys: 403}
	for _, c := range []struct {
		method, path string
		want         want
	}{
		{"GET", "/desk", enters},
		{"GET", "/desk" + at, inside},
		{"GET", "/desk" + openAt, public},
		{"POST", "/desk" + at, decides},
		{"POST", "/desk" + openAt + "/answer", answers},
	} {
		for role, status := range c.want {
			for _, l := range []string{"kk", "ru", "en"} {
				got := s.send("/"+l+c.path, url.Values{}, cookies[role])
				if c.method == "GET" {
					got = s.get("/"+l+c.path, "Cookie", cookies[role])
				}
				if got.Code != status {
					t.Errorf("%s %s as %q: %d, want %d", c.method, c.path, role, got.Code, status)
				}
				if got.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("%s %s as %q may be kept: %q", c.method, c.path, role, got.Header().Get("Cache-Control"))
				}
				if got.Code == http.StatusOK || got.Code == http.StatusUnprocessableEntity {
					dom(t, got)
				} else if strings.Contains(got.Body.String(), texts()["kk"].Title) {
					t.Errorf("%s %s as %q shows the petition", c.method, c.path, role)
				}
			}
		}
	}
	if n := len(forms(dom(t, s.get("/en/desk"+at, "Cookie", cookies[store.Auditor])))); n != 1 {
		t.Errorf("an auditor is offered %d forms, want only the one to log out", n)
	}
}

func TestDeskLogin(t *testing.T) {
	s := newSite(t, nil)
	token, err := s.web.staff.Add(t.Context(), "dana@desk.example", store.Moderator, "")
	must(t, err)
	path := "/ru/desk/login/" + token
	for range 2 { // looking does not use the link up
		w := s.get(path)
		status(t, w, http.StatusOK)
		secret(t, w)
		oneForm(t, dom(t, w), path)
	}
	w := s.post(path)
	status(t, w, http.StatusSeeOther)
	cookie, attrs, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	for _, a := range []string{"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(attrs, a) {
			t.Errorf("cookie without %s: %s", a, attrs)
		}
	}
	status(t, s.get("/ru/desk", "Cookie", cookie), http.StatusOK)
	for _, w := range []int{s.get(path).Code, s.post(path).Code, s.get("/ru/desk/login/none").Code} {
		if w != http.StatusGone {
			t.Errorf("used link: %d", w)
		}
	}
	dom(t, s.get(path))
	out := s.send("/ru/desk/logout", url.Values{}, cookie)
	status(t, out, http.StatusOK)
	dom(t, out)
	status(t, s.get("/ru/desk", "Cookie", cookie), http.StatusUnauthorized)
}

// decide sends a decision form with the version that the page showed.
func (s *testSite) decide(id petition.ID, cookie string, pairs ...string) (code int, location string) {
	s.t.Helper()
	path := caseURL("en", id)
	f := oneForm(s.t, dom(s.t, s.get(path, "Cookie", cookie)), path)
	for i := 0; i+1 < len(pairs); i += 2 {
		f.values.Set(pairs[i], pairs[i+1])
	}
	w := s.send(path, f.values, cookie)
	if w.Code != http.StatusSeeOther {
		dom(s.t, w)
	}
	return w.Code, w.Header().Get("Location")
}

func TestModeratorPublishes(t *testing.T) {
	s := newSite(t, nil)
	p := s.petition(texts())
	cookie := s.login("dana@desk.example", store.Moderator)
	code, to := s.decide(p.ID, cookie, "verdict", "publish", "reason", "unclear")
	if code != http.StatusSeeOther {
		t.Fatalf("publish: %d", code)
	}
	w := s.get(to, "Cookie", cookie)
	status(t, w, http.StatusOK)
	dom(t, w)
	if !strings.Contains(w.Body.String(), `role="status"`) {
		t.Error("nothing says that the decision was saved")
	}
	if p = s.load(p.ID); p.State != petition.Open {
		t.Fatalf("state %s", p.State)
	}
	status(t, s.get("/kk"+petitionPath(p.Number)), http.StatusOK)
	if w := s.get("/en/desk?number="+numberWords(p.Number), "Cookie", cookie); w.Header().Get("Location") != caseURL("en", p.ID) {
		t.Errorf("by number: %d %q", w.Code, w.Header().Get("Location"))
	}
	status(t, s.get("/en/desk?number=5", "Cookie", cookie), http.StatusNotFound)
}

func TestRefusalTakesTwoOfficers(t *testing.T) {
	s := newSite(t, nil)
	p := s.petition(texts())
	first, second := s.login("dana@desk.example", store.Moderator), s.login("erlan@desk.example", store.Moderator)
	for _, missing := range [][]string{{"verdict", ""}, {"verdict", "reject"}, {"verdict", "reject", "reason", "because"}, {"verdict", "return"}} {
		if code, _ := s.decide(p.ID, first, missing...); code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", missing, code)
		}
	}
	if code, _ := s.decide(p.ID, first, "verdict", "reject", "reason", "duplicate", "note", "See 1000001"); code != http.StatusSeeOther {
		t.Fatalf("first refusal: %d", code)
	}
	if s.load(p.ID).State != petition.Moderation {
		t.Fatal("one officer refused alone")
	}
	own := s.get(caseURL("en", p.ID), "Cookie", first)
	if strings.Contains(own.Body.String(), `value="reject"`) {
		t.Error("the first officer is offered to confirm their own refusal")
	}
	if w := s.send(caseURL("en", p.ID), url.Values{"verdict": {"reject"}, "reason": {"duplicate"}, "version": {"1"}}, first); w.Code != http.StatusForbidden {
		t.Errorf("the first officer confirms: %d", w.Code)
	}
	other := s.get(caseURL("en", p.ID), "Cookie", second).Body.String()
	if !strings.Contains(other, "A colleague proposes to refuse") || !strings.Contains(other, "A petition with the same demand is already open.") {
		t.Error("the second officer is not told what is proposed and why")
	}
	if code, _ := s.decide(p.ID, second, "verdict", "reject"); code != http.StatusSeeOther {
		t.Fatalf("second refusal: %d", code)
	}
	if s.load(p.ID).State != petition.Refused {
		t.Error("not refused")
	}
}

func TestStaleDecisionIsRefusedWithWhatChanged(t *testing.T) {
	s := newSite(t, nil)
	p := s.petition(texts())
	cookie := s.login("dana@desk.example", store.Moderator)
	path := caseURL("en", p.ID)
	f := oneForm(t, dom(t, s.get(path, "Cookie", cookie)), path)
	f.values.Set("verdict", "publish")
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		return s.law.Decide(p, petition.Decision{Verdict: petition.Return, Reason: "unclear", TextVersion: 1, Officer: 9}, s.at)
	})
	w := s.send(path, f.values, cookie)
	status(t, w, http.StatusConflict)
	dom(t, w)
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		changed := maps.Clone(p.Texts)
		changed["kk"] = petition.Text{Title: "Басқа тақырып", Ask: "Басқа талап"}
		return s.law.Resubmit(p, changed, s.at)
	})
	w = s.send(path, f.values, cookie)
	status(t, w, http.StatusConflict)
	g := oneForm(t, dom(t, w), path)
	if g.values.Get("version") != "2" || g.values.Get("verdict") != "" || !strings.Contains(w.Body.String(), "Басқа тақырып") {
		t.Errorf("version %q, verdict %q", g.values.Get("version"), g.values.Get("verdict"))
	}
	if s.load(p.ID).State != petition.Moderation {
		t.Error("a stale decision was taken")
	}
}

func TestAppealIsNotForThoseWhoRefused(t *testing.T) {
	s := newSite(t, nil)
	p := s.petition(texts())
	a, b, c := s.login("a@desk.example", store.Moderator), s.login("b@desk.example", store.Moderator), s.login("c@desk.example", store.Admin)
	for _, cookie := range []string{a, b} {
		if code, _ := s.decide(p.ID, cookie, "verdict", "reject", "reason", "unclear"); code != http.StatusSeeOther {
			t.Fatal(code)
		}
	}
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		return s.law.Lodge(p, "Менің сөзім", s.at)
	})
	for _, cookie := range []string{a, b} {
		body := s.get(caseURL("en", p.ID), "Cookie", cookie).Body.String()
		if strings.Contains(body, `name="verdict"`) || !strings.Contains(body, "Менің сөзім") {
			t.Error("an officer of the refusal is offered the appeal, or does not see it")
		}
	}
	if code, _ := s.decide(p.ID, c, "verdict", "publish"); code != http.StatusSeeOther {
		t.Errorf("publish on appeal: %d", code)
	}
}

func TestAnswerOfTheBody(t *testing.T) {
	s := newSite(t, nil)
	p := s.open(texts())
	cookie := s.login("dana@desk.example", store.Moderator)
	path := caseURL("kk", p.ID)
	f := oneForm(t, dom(t, s.get(path, "Cookie", cookie)), path+"/answer")
	if w := s.send(f.action, url.Values{"outcome": {"partly"}}, cookie); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no text: %d", w.Code)
	}
	f.values.Set("outcome", "partly")
	f.values.Set("answer.kk", "Жолдың бірінші бөлігі биыл салынады.")
	f.values.Set("source", "Хат № 7")
	f.values.Set("confirm", "yes")
	status(t, s.send(f.action, f.values, cookie), http.StatusSeeOther)
	if got := s.load(p.ID).Answer; got == nil || got.Outcome != "partly" {
		t.Fatalf("answer %+v", got)
	}
	for _, l := range []string{"kk", "ru", "en"} {
		dom(t, s.get(caseURL(petition.Lang(l), p.ID), "Cookie", cookie))
	}
	w := s.send(f.action, f.values, cookie) // the first answer stands
	status(t, w, http.StatusConflict)
}

func TestQueueShowsDeadlines(t *testing.T) {
	s := newSite(t, nil)
	s.petition(texts())
	moderate := func() string { return s.login("dana@desk.example", store.Moderator) }
	if body := s.get("/en/desk", "Cookie", moderate()).Body.String(); !strings.Contains(body, "10 working days left") {
		t.Error("the queue does not say how long is left")
	}
	s.at = s.at.AddDate(0, 0, 21)
	if body := s.get("/en/desk", "Cookie", moderate()).Body.String(); !strings.Contains(body, "overdue") {
		t.Error("the queue does not say what is overdue")
	}
}
