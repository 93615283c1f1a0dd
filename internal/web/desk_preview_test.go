package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func TestPreviewSavesNothing(t *testing.T) {
	s := newSite(t, func(o *Options) {
		o.DraftLetter = func(_ context.Context, c petition.Change) (DraftLetter, bool, error) {
			return DraftLetter{Subject: "Subject <b>", Text: "Words of the letter", Lang: "kk"}, c.Petition.Proposed == nil, nil
		}
	})
	p := s.petition(texts())
	cookie := s.login("dana@desk.example", store.Moderator)
	path := caseURL("en", p.ID)
	f := oneForm(t, dom(t, s.get(path, "Cookie", cookie)), path)
	form := url.Values{"version": {f.values.Get("version")}, "verdict": {"reject"}, "reason": {"unclear"}, "note": {"Why so"}, "preview": {"yes"}}
	w := s.send(path, form, cookie)
	status(t, w, http.StatusOK)
	if body := w.Body.String(); strings.Contains(body, "Words of the letter") || !strings.Contains(body, "second moderator must agree") || !strings.Contains(body, "Yes, propose the refusal") {
		t.Error("a proposal is shown as a refusal")
	}
	form.Set("verdict", "return")
	w = s.send(path, form, cookie)
	status(t, w, http.StatusOK)
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("a preview may be kept: %q", got)
	}
	kept := oneForm(t, dom(t, w), path).values
	if body := w.Body.String(); !strings.Contains(body, "Subject &lt;b&gt;") || !strings.Contains(body, "Words of the letter") || !strings.Contains(body, "Yes, return it to the petitioner") {
		t.Error("the letter is not shown, or the button does not say what it does")
	}
	for _, name := range []string{"verdict", "reason", "note", "version"} {
		if kept.Get(name) != form.Get(name) {
			t.Errorf("%s is lost: %q", name, kept.Get(name))
		}
	}
	kept.Set("preview", "edit")
	w = s.send(path, kept, cookie)
	status(t, w, http.StatusOK)
	if back := oneForm(t, dom(t, w), path).values; back.Get("note") != "Why so" || back.Get("verdict") != "return" || back.Get("reason") != "unclear" {
		t.Errorf("back at the form: %v", back)
	}
	if got := s.load(p.ID); got.State != petition.Moderation || got.Proposed != nil {
		t.Fatalf("a preview was saved: %s", got.State)
	}
	form.Set("version", "99")
	status(t, s.send(path, form, cookie), http.StatusConflict)
	kept.Del("preview")
	kept.Set("confirm", "yes")
	status(t, s.send(path, kept, cookie), http.StatusSeeOther)
	if got := s.load(p.ID); got.State != petition.Returned {
		t.Errorf("saved as %s", got.State)
	}
}

// A site without letters says what follows all the same.
func TestPreviewWithoutLetters(t *testing.T) {
	s := newSite(t, nil)
	p := s.petition(texts())
	cookie := s.login("dana@desk.example", store.Moderator)
	path := caseURL("en", p.ID)
	f := oneForm(t, dom(t, s.get(path, "Cookie", cookie)), path)
	w := s.send(path, url.Values{"version": {f.values.Get("version")}, "verdict": {"publish"}, "preview": {"yes"}}, cookie)
	status(t, w, http.StatusOK)
	if said := consequencesOf(dom(t, w)); len(said) != 5 || strings.Contains(w.Body.String(), "sends no letter") {
		t.Errorf("said %q", said)
	}
}
