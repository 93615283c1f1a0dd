package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

// settingsSite is a site whose settings can be decided; fixed is the configuration.
func settingsSite(t *testing.T, fixed petition.Settings) *testSite {
	t.Helper()
	return newSite(t, func(o *Options) {
		o.Settings = settings.New(settings.Options{Store: o.Store, Vault: vaultIn(t), Laws: o.Store.Laws(), Langs: i18n.Langs(),
			Fixed: fixed, Law: o.Law, Now: o.Now})
	})
}

func TestFirstRunPages(t *testing.T) {
	s := settingsSite(t, nil)
	token, err := s.web.settings.NewLink(t.Context())
	must(t, err)
	for _, step := range setupSteps() {
		for _, path := range inLangs("/setup/" + token + "?step=" + step) {
			w := s.get(path)
			status(t, w, http.StatusOK)
			secret(t, w)
			dom(t, w)
			if strings.Contains(w.Body.String(), "⟦") {
				t.Errorf("%s lacks a message", path)
			}
		}
	}
	path := "/en/setup/" + token
	for _, c := range []struct {
		form url.Values
		want int
	}{
		{url.Values{"step": {"nonsense"}}, http.StatusBadRequest},
		{url.Values{"step": {"admin"}, "email": {"nobody"}}, http.StatusUnprocessableEntity},
		{url.Values{"step": {"admin"}, "email": {"nobody"}, "go": {"back"}}, http.StatusSeeOther},
		{url.Values{"step": {"operator"}, "operator": {""}, "contact": {"javascript:alert(1)"}}, http.StatusUnprocessableEntity},
		{url.Values{"step": {"profile"}}, http.StatusUnprocessableEntity},
		{url.Values{"step": {"profile"}, "profile": {"kz-civic"}}, http.StatusUnprocessableEntity},
		{url.Values{"step": {"languages"}, "lang1": {"kk"}, "lang2": {"kk"}}, http.StatusUnprocessableEntity},
		{url.Values{"step": {"places"}, "places": {"csv"}, "csv": {"code,kind\n"}}, http.StatusUnprocessableEntity},
		{url.Values{"step": {"bodies"}, "csv": {"id,kind\nBAD,x\n"}}, http.StatusUnprocessableEntity},
		{url.Values{"step": {"check"}, "go": {"submit"}}, http.StatusUnprocessableEntity},
	} {
		w := s.send(path, c.form, "")
		if w.Code != c.want {
			t.Errorf("%v: %d, want %d", c.form, w.Code, c.want)
		}
		if w.Code == http.StatusUnprocessableEntity {
			dom(t, w)
		}
	}
	has, err := s.store.HasStaff(t.Context())
	if err != nil || has {
		t.Errorf("somebody was appointed: %v, %v", has, err)
	}
}

func TestFirstRunTakesAFile(t *testing.T) {
	s := settingsSite(t, nil)
	token, err := s.web.settings.NewLink(t.Context())
	must(t, err)
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	must(t, m.WriteField("step", setupBodies))
	must(t, m.WriteField("csv", ""))
	file, err := m.CreateFormFile("file", "../../etc/bodies.csv")
	must(t, err)
	_, err = file.Write([]byte("id,kind,name.en\ncouncil,council,Invented council\n"))
	must(t, err)
	must(t, m.Close())
	r := httptest.NewRequest(http.MethodPost, "/en/setup/"+token, &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	status(t, w, http.StatusSeeOther)
	if page := s.get("/en/setup/" + token + "?step=check").Body.String(); !strings.Contains(page, "Invented council") {
		t.Error("the body of the file is not among the answers")
	}
}

func TestOnlyAdministratorsRunTheSite(t *testing.T) {
	s := settingsSite(t, petition.Settings{petition.SetContact: "fixed@dauys.example"})
	paths := []string{"", "/operator", "/profile", "/languages", "/places", "/numbers", "/history", "/bodies", "/body", "/staff"}
	admin := s.login("admin@desk.example", store.Admin)
	for role, want := range map[store.Role]int{"": 401, store.Moderator: 403, store.Auditor: 403, store.Admin: 200} {
		cookie := ""
		if role == store.Admin {
			cookie = admin
		} else if role != "" {
			cookie = s.login(string(role)+"@desk.example", role)
		}
		for _, p := range paths {
			for _, path := range inLangs("/desk/settings" + p) {
				w := s.get(path, "Cookie", cookie)
				if w.Code != want {
					t.Errorf("%s as %q: %d, want %d", path, role, w.Code, want)
				}
				if w.Code == http.StatusOK {
					dom(t, w)
				}
			}
		}
		for _, p := range []string{"/operator", "/bodies", "/body", "/staff", "/staff/1"} {
			if w := s.send("/en/desk/settings"+p, url.Values{"confirm": {"yes"}}, cookie); want != 200 && w.Code != want {
				t.Errorf("POST %s as %q: %d, want %d", p, role, w.Code, want)
			}
		}
	}
	status(t, s.get("/en/desk/settings/nonsense", "Cookie", admin), http.StatusNotFound)
}

// The day of a dissolution is asked for where the law knows one, in words.
func TestSettingsOfAnAssembly(t *testing.T) {
	for id, want := range map[string]int{"kz-civic": http.StatusNotFound, "uk-parl": http.StatusOK} {
		s := newSite(t, func(o *Options) {
			law := profiles.ByID(o.Store.Laws(), id)
			o.Settings = settings.New(settings.Options{Store: o.Store, Vault: vaultIn(t), Laws: o.Store.Laws(), Langs: i18n.Langs(), Law: law, Now: o.Now})
		})
		cookie := s.login("admin@desk.example", store.Admin)
		for _, path := range inLangs("/desk/settings/assembly") {
			w := s.get(path, "Cookie", cookie)
			status(t, w, want)
			if strings.Contains(w.Body.String(), "⟦") {
				t.Errorf("%s lacks a message", path)
			}
			dom(t, w)
		}
		if list := s.get("/en/desk/settings", "Cookie", cookie).Body.String(); strings.Contains(list, "/en/desk/settings/assembly") != (want == http.StatusOK) {
			t.Errorf("%s: the list of settings has the assembly, or lacks it", id)
		}
		if want == http.StatusOK {
			w := s.send("/en/desk/settings/assembly", url.Values{"dissolved": {"0026-05-30"}}, cookie)
			status(t, w, http.StatusUnprocessableEntity)
			if !strings.Contains(w.Body.String(), s.words("en", "fault.dissolved.invalid")) {
				t.Error("a wrong day is not told how to be written")
			}
			w = s.send("/en/desk/settings/assembly", url.Values{"dissolved": {"2026-05-30"}}, cookie)
			status(t, w, http.StatusOK)
			if !strings.Contains(w.Body.String(), "30 May 2026") {
				t.Error("the day is not asked about in words")
			}
		}
	}
}

func TestSettingsAreConfirmedAndKept(t *testing.T) {
	s := settingsSite(t, petition.Settings{petition.SetContact: "fixed@dauys.example"})
	cookie := s.login("admin@desk.example", store.Admin)
	acts := func() int {
		list, err := s.web.settings.Acts(t.Context(), 100)
		must(t, err)
		return len(list)
	}
	form := url.Values{"operator": {"Ойдан шығарылған қала"}, "contact": {"other@dauys.example"}}
	w := s.send("/kk/desk/settings/operator", form, cookie)
	status(t, w, http.StatusOK)
	if acts() != 0 {
		t.Fatal("an act before it was confirmed")
	}
	f := oneForm(t, dom(t, w), "/kk/desk/settings/operator")
	f.values.Set("confirm", "yes")
	status(t, s.send(f.action, f.values, cookie), http.StatusSeeOther)
	now, err := s.web.settings.Current(t.Context())
	must(t, err)
	if now.Values[petition.SetOperator] != "Ойдан шығарылған қала" || now.Values[petition.SetContact] != "fixed@dauys.example" || acts() != 1 {
		t.Errorf("%v after %d acts", now.Values, acts())
	}

	body := url.Values{"body.id": {"kala-kenesi"}, "body.kind": {"council"}, "body.name.kk": {"Қала кеңесі"}}
	w = s.send("/kk/desk/settings/body", body, cookie)
	status(t, w, http.StatusOK)
	f = oneForm(t, dom(t, w), "/kk/desk/settings/body")
	f.values.Set("confirm", "yes")
	status(t, s.send(f.action, f.values, cookie), http.StatusSeeOther)
	body.Set("body.to", "2026-12-31") // closed, not deleted
	body.Set("confirm", "yes")
	status(t, s.send("/kk/desk/settings/body", body, cookie), http.StatusSeeOther)
	b, err := s.store.Body(t.Context(), "kala-kenesi")
	if err != nil || b.To.String() != "2026-12-31" || acts() != 3 {
		t.Errorf("%+v, %v, %d acts", b, err, acts())
	}
	body.Set("body.to", "soon")
	status(t, s.send("/kk/desk/settings/body", body, cookie), http.StatusUnprocessableEntity)

	w = s.send("/kk/desk/settings/staff", url.Values{"email": {"clerk@desk.example"}, "role": {"officer"}, "body": {"kala-kenesi"}}, cookie)
	status(t, w, http.StatusOK)
	dom(t, w)
	if !strings.Contains(w.Body.String(), "https://dauys.example/kk/desk/login/") || acts() != 4 {
		t.Error("no login link, or no act")
	}
	w = s.send("/kk/desk/settings/staff/1", url.Values{"role.1": {"auditor"}}, cookie)
	status(t, w, http.StatusUnprocessableEntity)
	dom(t, w)
	history := s.get("/kk/desk/settings/history", "Cookie", cookie)
	status(t, history, http.StatusOK)
	dom(t, history)
	if text := history.Body.String(); !strings.Contains(text, "Қала кеңесі") || strings.Contains(text, "clerk@") {
		t.Error("the history lacks a body, or tells an address")
	} else if officer := s.words("kk", "desk.role.officer") + ": "; !strings.Contains(text, officer) || strings.Contains(text, "officer kala-kenesi") {
		t.Error("the history tells a role in the words of the program")
	}
}

// vaultIn are keys of their own, for what only the settings seal.
func vaultIn(t testing.TB) *vault.Vault {
	t.Helper()
	v, err := vault.Open(t.TempDir() + "/keys")
	must(t, err)
	return v
}
