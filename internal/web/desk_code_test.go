package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
)

func TestCodeIsTheSecondFactor(t *testing.T) {
	s := newSite(t, nil)
	s.web.staff.RequireCodes()
	cookie := s.login("dana@desk.example", store.Moderator)
	if w := s.get("/kk/desk", "Cookie", cookie); w.Header().Get("Location") != "/kk/desk/code" {
		t.Fatalf("without a code: %d", w.Code)
	}
	status(t, s.get("/kk/desk/code"), http.StatusUnauthorized)
	secret := ""
	for _, l := range []string{"kk", "ru", "en"} {
		for _, n := range elements(dom(t, s.get("/"+l+"/desk/code", "Cookie", cookie)), "code") {
			if text := textOf(n); len(text) == 32 {
				secret = text
			}
		}
	}
	w := s.send("/kk/desk/code", url.Values{"code": {"12345"}}, cookie)
	status(t, w, http.StatusUnprocessableEntity)
	dom(t, w)
	used := staff.Code(secret, s.at)
	status(t, s.send("/kk/desk/code", url.Values{"code": {used[:3] + " " + used[3:]}}, cookie), http.StatusSeeOther)
	status(t, s.get("/kk/desk", "Cookie", cookie), http.StatusOK)

	again := s.login("dana@desk.example", store.Moderator)
	status(t, s.send("/kk/desk/code", url.Values{"code": {used}}, again), http.StatusUnprocessableEntity)
	if w := s.get("/kk/desk/code", "Cookie", again); strings.Contains(w.Body.String(), secret) {
		t.Error("the secret is shown again")
	}
	s.at = s.at.Add(time.Minute)
	status(t, s.send("/kk/desk/code", url.Values{"code": {staff.Code(secret, s.at)}}, again), http.StatusSeeOther)

	status(t, s.send("/en/desk/sessions", url.Values{"session": {"no hex"}}, again), http.StatusBadRequest)
	list := forms(dom(t, s.get("/en/desk/sessions", "Cookie", again)))
	for _, x := range slices.Backward(list) { // the session that asks is the first: seen last
		if x.action == "/en/desk/sessions" {
			x.values.Set("confirm", "yes")
			status(t, s.send(x.action, x.values, again), http.StatusSeeOther)
		}
	}
	for _, c := range []string{cookie, again} {
		status(t, s.get("/en/desk", "Cookie", c), http.StatusUnauthorized)
	}
}
