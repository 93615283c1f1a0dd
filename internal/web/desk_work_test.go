package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func TestClaimKeepsColleaguesAwayForAWhile(t *testing.T) {
	s := newSite(t, nil)
	p := s.petition(texts())
	a, b := s.login("dana@desk.example", store.Moderator), s.login("erlan@desk.example", store.Moderator)
	path := caseURL("en", p.ID)
	f := oneForm(t, dom(t, s.get(path, "Cookie", b)), path) // read before the claim
	status(t, s.send(path+"/claim", url.Values{"act": {"claim"}}, a), http.StatusSeeOther)
	w := s.get(path, "Cookie", b)
	dom(t, w)
	if body := w.Body.String(); !strings.Contains(body, "With moderator no. 1 until") || strings.Contains(body, `name="verdict"`) {
		t.Error("a colleague is not told who holds the case")
	}
	f.values.Set("verdict", "publish")
	w = s.send(path, f.values, b)
	status(t, w, http.StatusConflict)
	dom(t, w)
	if !strings.Contains(w.Body.String(), "With moderator no. 1") {
		t.Error("the conflict does not say who holds the case")
	}
	status(t, s.send(path+"/claim", url.Values{}, b), http.StatusConflict)
	if w := s.get("/en/desk?filter=mine", "Cookie", a); !strings.Contains(w.Body.String(), path) {
		t.Error("the own case is not in the own queue")
	}
	if w := s.get("/en/desk?filter=mine", "Cookie", b); strings.Contains(w.Body.String(), path) {
		t.Error("a colleague's case is in the own queue")
	}
	s.at = s.at.Add(29 * time.Minute)
	s.get(path, "Cookie", a) // looking renews
	s.at = s.at.Add(20 * time.Minute)
	b = s.login("erlan@desk.example", store.Moderator)
	status(t, s.send(path+"/claim", url.Values{}, b), http.StatusConflict)
	s.at = s.at.Add(11 * time.Minute)
	status(t, s.send(path+"/claim", url.Values{}, b), http.StatusSeeOther)
	status(t, s.send(path, f.values, b), http.StatusSeeOther)
}

func TestQueueFiltersAndSearch(t *testing.T) {
	s := newSite(t, nil)
	p := s.petition(texts())
	other := texts()
	other["kk"] = petition.Text{Title: "Өзен үстіне көпір", Ask: "Көпір салыңыз"}
	q := s.petition(other)
	cookie := s.login("dana@desk.example", store.Moderator)
	has := func(query string) (found []bool) {
		w := s.get("/kk/desk"+query, "Cookie", cookie)
		status(t, w, http.StatusOK)
		dom(t, w)
		for _, id := range []string{caseURL("kk", p.ID) + `"`, caseURL("kk", q.ID) + `"`} {
			found = append(found, strings.Contains(w.Body.String(), id))
		}
		return found
	}
	for query, want := range map[string][]bool{"": {true, true}, "?q=көпір": {false, true}, "?q=" + url.QueryEscape("КӨПІР өзен"): {false, true},
		"?filter=overdue": {false, false}, "?filter=soon": {false, false}, "?filter=second": {false, false}, "?filter=odd": {true, true}} {
		if got := has(query); !slices.Equal(got, want) {
			t.Errorf("%s: %v", query, got)
		}
	}
	s.at = p.DecideBy.Add(-time.Hour)
	cookie = s.login("dana@desk.example", store.Moderator)
	if got := has("?filter=soon"); !slices.Equal(got, []bool{true, true}) {
		t.Errorf("nearly overdue: %v", got)
	}
}

func TestNotesAndTopics(t *testing.T) {
	s := newSite(t, nil)
	p := s.open(texts())
	cookie := s.login("dana@desk.example", store.Moderator)
	auditor := s.login("auditor@desk.example", store.Auditor)
	path := caseURL("kk", p.ID)
	w := s.send(path+"/notes", url.Values{"remark": {" "}}, cookie)
	status(t, w, http.StatusUnprocessableEntity)
	dom(t, w)
	status(t, s.send(path+"/notes", url.Values{"remark": {"Тізілімнен сұрадым <b>"}}, cookie), http.StatusSeeOther)
	status(t, s.send(path+"/notes", url.Values{"remark": {"x"}}, auditor), http.StatusForbidden)
	w = s.get(path, "Cookie", auditor)
	dom(t, w)
	if !strings.Contains(w.Body.String(), "Тізілімнен сұрадым &lt;b&gt;") {
		t.Error("the note is not shown")
	}
	if strings.Contains(s.get("/kk"+petitionPath(p.Number)).Body.String(), "Тізілімнен") {
		t.Error("a note is public")
	}
	status(t, s.send(path+"/topics", url.Values{"topic": {"transport", "safety"}}, cookie), http.StatusSeeOther)
	w = s.send(path+"/topics", url.Values{"topic": {"invented"}}, cookie)
	status(t, w, http.StatusUnprocessableEntity)
	if got := s.load(p.ID).Topics; !slices.Equal(got, []string{"safety", "transport"}) {
		t.Errorf("topics %v", got)
	}
	if !strings.Contains(s.get("/kk/petitions?topic=safety").Body.String(), petitionPath(p.Number)) {
		t.Error("not found by its topic")
	}
}
