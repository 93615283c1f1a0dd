package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// TestPetitionerPagesInEveryLanguage opens each page of the petitioner's own
// data, and the organisation's question.
func TestPetitionerPagesInEveryLanguage(t *testing.T) {
	s := newSite(t, nil)
	mine, _ := s.started()
	s.letters()
	status(t, s.send(mine+"/data", nil, ""), http.StatusSeeOther)
	data := s.linkPath()
	for _, l := range []string{"kk", "ru", "en"} {
		for _, path := range []string{mine, mine + "/data/sent", data, data + "/erase"} {
			w := s.get("/" + l + path[3:])
			status(t, w, http.StatusOK)
			secret(t, w)
			dom(t, w)
		}
	}
	w := s.get(data + "/json")
	status(t, w, http.StatusOK)
	if got := w.Header().Get("Cache-Control"); got != "no-store" || !strings.Contains(w.Body.String(), "aigul@mail.example") {
		t.Errorf("download: %q %s", got, w.Body)
	}
	if strings.Contains(s.get(mine).Body.String(), "aigul@mail.example") {
		t.Error("the private page shows the address without a fresh letter")
	}
	// A link of another petition's letter opens nothing here.
	other, _ := s.startedAgain()
	token := data[strings.LastIndex(data, "/"):]
	status(t, s.get(other+"/data"+token), http.StatusNotFound)
	status(t, s.send(other+"/data"+token+"/erase", nil, ""), http.StatusNotFound)
	s.at = s.at.AddDate(0, 0, 1)
	status(t, s.get(data), http.StatusGone)
	status(t, s.send(data+"/erase", nil, ""), http.StatusGone)
}

// startedAgain starts a second petition by another address.
func (s *testSite) startedAgain() (mine, share string) {
	s.t.Helper()
	form := wholeForm()
	form.Set("email", "other@mail.example")
	status(s.t, s.send("/kk/start", form, ""), http.StatusSeeOther)
	w := s.post(s.linkPath())
	status(s.t, w, http.StatusOK)
	for _, a := range elements(dom(s.t, w), "a") {
		if path, ok := strings.CutPrefix(attrOf(a, "href"), "https://dauys.example"); ok && strings.HasPrefix(path, "/kk/mine/") {
			mine = path
		} else if ok && strings.HasPrefix(path, "/kk/p/") {
			share = path
		}
	}
	return mine, share
}

func TestOrganisationIsAsked(t *testing.T) {
	s := newSite(t, nil)
	change := s.law.Start(petition.Petition{UID: petition.UID{1}, Kind: petition.KindProposal, Lang: "kk", Texts: texts(), Body: "akimat-kokbulak",
		Creator: petition.Creator{Kind: petition.Organisation, Name: "Ойдан", Org: "Таза Жаға"}}, s.at)
	p, err := s.store.Create(t.Context(), change, []byte("salt"), store.Contact{Sealed: letter.SealAddress(s.vault, "o@mail.example"), Lang: "kk"}, s.at,
		func(petition.Petition) (store.Letter, error) {
			return letter.Letter{To: "o@mail.example", Lang: "kk", Kind: letter.Start}.Seal(s.vault, "", store.PriorityProof, s.at)
		})
	must(t, err)
	s.letters()
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) { return s.law.Confirm(p, s.at) })
	moderator, admin := s.login("m@mail.example", store.Moderator), s.login("a@mail.example", store.Admin)
	auditor, path := s.login("u@mail.example", store.Auditor), caseURL("kk", p.ID)
	for _, l := range []string{"kk", "ru", "en"} {
		w := s.get(caseURL(petition.Lang(l), p.ID), "Cookie", admin)
		status(t, w, http.StatusOK)
		dom(t, w)
	}
	form := url.Values{"org_email": {"office@zhaga.example"}, "org_source": {"https://zhaga.example/contacts"}}
	status(t, s.send(path+"/organisation", form, auditor), http.StatusForbidden)
	status(t, s.send(path+"/organisation", url.Values{"org_email": {"x"}, "org_source": {"javascript:alert(1)"}}, moderator), http.StatusUnprocessableEntity)
	status(t, s.send(path+"/organisation", form, moderator), http.StatusSeeOther)
	link := s.linkPath()
	for _, l := range []string{"kk", "ru", "en"} {
		w := s.get("/" + l + link[3:])
		status(t, w, http.StatusOK)
		secret(t, w)
		oneForm(t, dom(t, w), "/"+l+link[3:])
	}
	status(t, s.send(path+"/organisation", form, moderator), http.StatusSeeOther)
	status(t, s.send(link, url.Values{"own": {"yes"}, "confirm": {"yes"}}, ""), http.StatusConflict) // asked anew: the first link is void
	status(t, s.send(path+"/organisation/confirm", url.Values{"org_register": {"https://register.example/1"}}, moderator), http.StatusForbidden)
	status(t, s.send(path+"/organisation/confirm", url.Values{"org_register": {"https://register.example/1"}, "confirm": {"yes"}}, admin), http.StatusSeeOther)
	if got := s.load(p.ID); !got.OrgVerified() {
		t.Errorf("confirmed by hand: %+v", got.OrgCheck)
	}
}
