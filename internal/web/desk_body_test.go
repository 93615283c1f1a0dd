package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

const ourBody = "akimat-kokbulak"

// titled are texts that a test can tell apart.
func titled(title string) petition.Texts {
	return petition.Texts{"kk": {Title: title, Ask: "Талап"}, "ru": {Title: title, Ask: "Просьба"}}
}

// asked is an open petition that reached the stage at which its body must answer.
func (s *testSite) asked(title string) petition.Petition {
	s.t.Helper()
	p := s.open(titled(title))
	s.sign(p.ID, 1000, 10_000, "")
	return s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		return s.law.Deliver(p, petition.Delivery{Stage: "answer", On: s.law.Today(s.at), Channel: petition.ByHand, By: 1}, s.at)
	})
}

func (s *testSite) respond(id petition.ID) {
	s.t.Helper()
	s.change(id, func(p petition.Petition) (petition.Change, error) {
		return s.law.Respond(p, petition.Answer{Outcome: "refused", By: 1, Texts: petition.Texts{"kk": {Details: "Жоқ."}}}, s.at)
	})
}

func TestDeskOfABody(t *testing.T) {
	s := newSite(t, nil)
	late := s.asked("Late")
	s.at = s.at.AddDate(0, 1, 0)
	soon := s.asked("Soon")
	answered := s.asked("Answered one")
	s.respond(answered.ID)
	s.open(titled("Young"))
	s.petition(titled("Inside"))
	s.at = s.law.Duty(late).AnswerBy.AddDays(1).Midnight(s.law.Location)
	cookie := s.loginFor("officer@desk.example", store.Officer, ourBody)
	for _, path := range inLangs("/desk") {
		w := s.get(path, "Cookie", cookie)
		status(t, w, http.StatusOK)
		var links []string
		for _, a := range elements(dom(t, w), "a") {
			if strings.Contains(attrOf(a, "href"), "/desk/petitions/") {
				links = append(links, attrOf(a, "href"))
			}
		}
		l := petition.Lang(path[1:3])
		if got, want := strings.Join(links, " "), caseURL(l, late.ID)+" "+caseURL(l, soon.ID)+" "+caseURL(l, answered.ID); got != want {
			t.Errorf("%s lists %s, want %s", path, got, want)
		}
	}
	body := s.get("/en/desk", "Cookie", cookie).Body.String()
	for _, want := range []string{"1 day overdue", "days left", "Akimat of Kokbulak", s.web.bundle.Printer("en").T("outcome.refused")} {
		if !strings.Contains(body, want) {
			t.Errorf("the desk of the body lacks %q", want)
		}
	}
	other := s.get("/en/desk", "Cookie", s.loginFor("other@desk.example", store.Officer, "maslikhat-kokbulak")).Body.String()
	if strings.Contains(other, "/desk/petitions/") {
		t.Error("another body's officer sees petitions that are not theirs")
	}
}

func TestOfficerAnswers(t *testing.T) {
	s := newSite(t, nil)
	p := s.asked("Жауап керек")
	path := caseURL("kk", p.ID)
	cookie := s.loginFor("officer@desk.example", store.Officer, ourBody)
	page := s.get(path, "Cookie", cookie)
	status(t, page, http.StatusOK)
	f := oneForm(t, dom(t, page), path+"/answer")
	f.values.Set("outcome", "satisfied")
	f.values.Set("answer.kk", "Орындалады.")
	f.values.Set("confirm", "yes")
	stranger := s.loginFor("other@desk.example", store.Officer, "maslikhat-kokbulak")
	status(t, s.send(f.action, f.values, stranger), http.StatusForbidden)
	if s.load(p.ID).Answer != nil {
		t.Fatal("another body answered")
	}
	w := s.send(f.action, f.values, cookie)
	status(t, w, http.StatusSeeOther)
	list := s.get(w.Header().Get("Location"), "Cookie", cookie)
	status(t, list, http.StatusOK)
	dom(t, list)
	if !strings.Contains(list.Body.String(), `role="status"`) {
		t.Error("nothing says that the answer was saved")
	}
	if got := s.load(p.ID).Answer; got == nil || got.Outcome != "satisfied" {
		t.Fatalf("answer %+v", got)
	}
	if again := s.get(path, "Cookie", cookie); len(forms(dom(t, again))) != 1 {
		t.Error("the answer can be given twice")
	}
	status(t, s.send(f.action, f.values, cookie), http.StatusConflict)
	public := s.page("/ru"+petitionPath(p.Number), http.StatusOK)
	if strings.Contains(public, "<h3></h3>") || !strings.Contains(public, "Орындалады.") {
		t.Error("the public answer has an empty heading or no text")
	}
}

// TestOfficerSeesNothingOfModeration: neither the list nor "done" nor a case
// tells an officer of a body what only moderators may know.
func TestOfficerSeesNothingOfModeration(t *testing.T) {
	s := newSite(t, nil)
	hidden := s.petition(titled("Құпия"))
	cookie := s.loginFor("officer@desk.example", store.Officer, ourBody)
	if w := s.get("/kk/desk?done="+numberWords(int64(hidden.ID)), "Cookie", cookie); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Құпия") {
		t.Errorf("done: %d, or the title is told", w.Code)
	}
	p := s.petition(titled("Returned once"))
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		return s.law.Decide(p, petition.Decision{Verdict: petition.Return, Reason: "unclear", Note: "Between us", TextVersion: 1, Officer: 9}, s.at)
	})
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) { return s.law.Resubmit(p, titled("Second"), s.at) })
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		return s.law.Decide(p, petition.Decision{Verdict: petition.Publish, TextVersion: 2, Officer: 9}, s.at)
	})
	moderator := s.get(caseURL("en", p.ID), "Cookie", s.login("dana@desk.example", store.Moderator)).Body.String()
	officer := s.get(caseURL("en", p.ID), "Cookie", cookie)
	status(t, officer, http.StatusOK)
	dom(t, officer)
	if !strings.Contains(moderator, "Between us") || strings.Contains(officer.Body.String(), "Between us") {
		t.Error("a moderator's note to the petitioner: shown to the body, or to nobody")
	}
	status(t, s.send(caseURL("en", hidden.ID)+"/answer", url.Values{"outcome": {"refused"}, "answer.kk": {"Жоқ."}}, cookie), http.StatusForbidden)
}

// TestDecisionOnWhatIsDecided: a form kept open from before is answered with
// what happened, not with faults of fields that the page does not have.
func TestDecisionOnWhatIsDecided(t *testing.T) {
	s := newSite(t, nil)
	p := s.open(titled("Decided"))
	w := s.send(caseURL("en", p.ID), url.Values{"verdict": {""}}, s.login("dana@desk.example", store.Moderator))
	status(t, w, http.StatusConflict)
	dom(t, w)
}

func TestQueueHasTheNearestDeadlineFirst(t *testing.T) {
	s := newSite(t, nil)
	first, began := s.petition(titled("First")), s.at
	s.at = s.law.Today(first.DecideBy).AddDays(1).Midnight(s.law.Location)
	s.change(first.ID, func(p petition.Petition) (petition.Change, error) { c, _ := s.law.Tick(p, s.at); return c, nil })
	later := s.load(first.ID).DecideBy
	s.at = began.AddDate(0, 0, 1)
	second := s.petition(titled("Second"))
	if !second.DecideBy.Before(later) {
		t.Fatalf("the second term ends %s, not before %s", second.DecideBy, later)
	}
	body := s.get("/en/desk", "Cookie", s.login("dana@desk.example", store.Moderator)).Body.String()
	if a, b := strings.Index(body, "Second"), strings.Index(body, "First"); a < 0 || b < 0 || a > b {
		t.Errorf("Second at %d, First at %d", a, b)
	}
}
