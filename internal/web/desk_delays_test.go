package web

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// withDelays lets a site write letters about delay.
func withDelays(o *Options) {
	o.DraftDelay = func(t petition.DelayText, l petition.Lang) (DraftLetter, error) {
		return DraftLetter{Subject: t.Subject, Text: "Dear reader.\n" + t.Text, Lang: l}, nil
	}
}

func delayForm() url.Values {
	f := url.Values{}
	for _, l := range []string{"kk", "ru", "en"} {
		f.Set("subject."+l, "Late <b> "+l)
		f.Set("text."+l, "Sorry in "+l)
	}
	return f
}

func TestALetterAboutDelay(t *testing.T) {
	s := newSite(t, withDelays)
	p := s.petition(texts())
	const path = "/en/desk/delays"
	cookie := s.login("dana@desk.example", store.Moderator)
	if n := len(forms(dom(t, s.get(path, "Cookie", cookie)))); n != 1 {
		t.Errorf("%d forms though nothing is late", n)
	}
	if body := s.get("/en/moderation").Body.String(); strings.Contains(body, "Moderation is late") {
		t.Error("moderation is called late in time")
	}
	w := s.send(path, delayForm(), cookie)
	status(t, w, http.StatusUnprocessableEntity)
	s.at = p.DecideBy.Add(time.Hour)
	cookie = s.login("dana@desk.example", store.Moderator)
	for path, want := range map[string]string{path: "Petitions that are late", "/en/moderation": "1 petition has waited longer"} {
		if w := s.get(path, "Cookie", cookie); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d without %q", path, w.Code, want)
		}
	}
	for field, bad := range map[string]string{"subject.kk": "", "subject.ru": strings.Repeat("ы", 101), "text.en": strings.Repeat("x", 2001),
		"subject.en": "two\nlines", "text.kk": "turned \u202e round", "days": "many"} {
		form := delayForm()
		form.Set(field, bad)
		form.Set("confirm", "yes")
		w := s.send(path, form, cookie)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `href="#`+fieldID(field)+`"`) {
			t.Errorf("%s=%.12q: %d", field, bad, w.Code)
		}
		dom(t, w)
	}
	all := url.Values{"days": {"many"}, "subject.kk": {"One"}}
	if body := s.send(path, all, cookie).Body.String(); !strings.Contains(body, `href="#`+fieldID("days")+`"`) ||
		!strings.Contains(body, `href="#`+fieldID("text.kk")+`"`) || strings.Contains(body, `href="#`+fieldID("subject.kk")+`"`) {
		t.Error("a wrong number of days hides which texts are missing")
	}
	older := delayForm()
	older.Set("days", "400")
	status(t, s.send(path, older, cookie), http.StatusUnprocessableEntity)

	w = s.send(path, delayForm(), cookie)
	status(t, w, http.StatusOK)
	if body := w.Body.String(); !strings.Contains(body, "1 petitioner gets this letter") || !strings.Contains(body, "Late &lt;b&gt; ru") || !strings.Contains(body, "Dear reader.") {
		t.Error("the preview does not show the letter and how many get it")
	}
	kept := oneForm(t, dom(t, w), path).values
	back := maps.Clone(kept)
	back.Set("confirm", "edit")
	if again := oneForm(t, dom(t, s.send(path, back, cookie)), path).values; again.Get("text.ru") != "Sorry in ru" {
		t.Errorf("the form came back with %q", again.Get("text.ru"))
	}
	if acts, err := s.store.DeskDelays(t.Context(), 9); err != nil || len(acts) != 0 {
		t.Errorf("looking sent %d, %v", len(acts), err)
	}
	kept.Set("confirm", "yes")
	for range 2 { // two presses of the button
		status(t, s.send(path, kept, cookie), http.StatusSeeOther)
	}
	acts, err := s.store.DeskDelays(t.Context(), 9)
	if err != nil || len(acts) != 1 || acts[0].Texts["ru"].Text != "Sorry in ru" || acts[0].Staff == 0 || !acts[0].At.Equal(s.at) {
		t.Errorf("acts %+v, %v", acts, err)
	}
	if body := s.get(path, "Cookie", cookie).Body.String(); !strings.Contains(body, "Sorry in kk") || !strings.Contains(body, "Still being sent") {
		t.Error("the page does not show what was sent")
	}
	if body := s.get("/en/p/" + s.moderation.ShareToken(p.UID)).Body.String(); !strings.Contains(body, "Moderation is late") {
		t.Error("supporters are not told")
	}
}
