package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func TestTakeDownInTwoSteps(t *testing.T) {
	s := newSite(t, nil)
	p := s.open(texts())
	first, second := s.login("dana@desk.example", store.Moderator), s.login("erlan@desk.example", store.Moderator)
	path := caseURL("en", p.ID)
	page := "/en" + petitionPath(p.Number)
	status(t, s.get(page), http.StatusOK)
	f := oneForm(t, dom(t, s.get(path, "Cookie", first)), path+"/takedown")
	f.values.Set("act", "hide")
	w := s.send(f.action, f.values, first)
	status(t, w, http.StatusUnprocessableEntity)
	dom(t, w)
	status(t, s.send(f.action, url.Values{"act": {"shred"}}, first), http.StatusBadRequest)
	f.values.Set("hide_reason", "calls-to-violence-or-hatred")
	f.values.Set("hide_note", "See paragraph two")
	f.values.Set("confirm", "yes")
	status(t, s.send(f.action, f.values, first), http.StatusSeeOther)
	s.at = s.at.Add(time.Second) // pages are kept for a quarter of one
	for _, l := range []string{"kk", "ru", "en"} {
		w := s.get("/" + l + petitionPath(p.Number))
		status(t, w, http.StatusGone)
		dom(t, w)
		if body := w.Body.String(); strings.Contains(body, texts()["kk"].Title) || !strings.Contains(body, "See paragraph two") {
			t.Errorf("%s: a hidden petition shows its text, or no reason", l)
		}
		dom(t, s.get(caseURL(petition.Lang(l), p.ID), "Cookie", second))
		dom(t, s.get(caseURL(petition.Lang(l), p.ID), "Cookie", first))
	}
	status(t, s.post(page+"/sign"), http.StatusGone)
	if w := s.get("/en/petitions"); strings.Contains(w.Body.String(), petitionPath(p.Number)) {
		t.Error("a hidden petition is in the list")
	}
	if w := s.send(f.action, url.Values{"act": {"remove"}}, first); w.Code != http.StatusForbidden {
		t.Errorf("alone: %d", w.Code)
	}
	status(t, s.send(f.action, url.Values{"act": {"remove"}, "confirm": {"yes"}}, second), http.StatusSeeOther)
	s.at = s.at.Add(time.Second)
	w = s.get(page)
	status(t, w, http.StatusGone)
	if !strings.Contains(w.Body.String(), "See paragraph two") || s.load(p.ID).State != petition.Removed {
		t.Error("removed without its reason")
	}
	w = s.send(f.action, url.Values{"act": {"lift"}}, second)
	status(t, w, http.StatusConflict)
	dom(t, w)
}

func TestHidingIsLifted(t *testing.T) {
	s := newSite(t, nil)
	p := s.open(texts())
	cookie := s.login("dana@desk.example", store.Moderator)
	at := caseURL("ru", p.ID) + "/takedown"
	status(t, s.send(at, url.Values{"act": {"hide"}, "hide_reason": {"unclear"}, "confirm": {"yes"}}, cookie), http.StatusSeeOther)
	status(t, s.get("/ru"+petitionPath(p.Number)), http.StatusGone)
	s.at = s.at.Add(time.Second)
	status(t, s.send(at, url.Values{"act": {"lift"}, "confirm": {"yes"}}, cookie), http.StatusSeeOther)
	status(t, s.get("/ru"+petitionPath(p.Number)), http.StatusOK)
	if w := s.send(at, url.Values{"act": {"hide"}, "hide_reason": {"unclear"}}, cookie); w.Code != http.StatusForbidden {
		t.Errorf("the same officer hides it again: %d", w.Code)
	}
	dom(t, s.get(caseURL("ru", p.ID), "Cookie", cookie))
}
