package web

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// endless is a body of any length that counts what was read of it.
type endless struct{ left, read int }

func (b *endless) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n := min(len(p), b.left)
	for i := range p[:n] {
		p[i] = 'a'
	}
	b.left, b.read = b.left-n, b.read+n
	return n, nil
}

// A body that no form has is 413 on every route that takes a form, from nobody
// and from an administrator, before more of it is read than a form may have,
// and nothing is done.
func TestTenMegabytesOnEveryForm(t *testing.T) {
	const body, form, file = 10 << 20, 64<<10 + 1, maxUpload + 1
	s := newSite(t, func(o *Options) {
		withDelays(o)
		o.Settings = settings.New(settings.Options{Store: o.Store, Vault: vaultIn(t), Laws: o.Store.Laws(), Langs: i18n.Langs(), Law: o.Law, Now: o.Now})
	})
	p := s.open(texts())
	must(t, s.store.AddComplaint(t.Context(), petition.Complaint{Ref: "R", State: "received", Lang: "en", At: s.at, DecideBy: s.at}, nil))
	cookie := s.login("dana@desk.example", store.Admin)
	files := []string{"/desk/settings/bodies", "/desk/settings/{group}"} // lists of bodies and places may be pasted
	posts := 0
	for _, route := range append(pageRoutes(t), "POST /u/{token}") {
		method, path, _ := strings.Cut(route, " ")
		if method != "POST" {
			continue
		}
		posts++
		limit := form
		if slices.Contains(files, path) {
			limit = file
		}
		at := strings.NewReplacer("{n}", strconv.FormatInt(p.Number, 10), "petitions/{id}", "petitions/"+strconv.FormatInt(int64(p.ID), 10), "{id}", "1",
			"{group}", "operator", "{token}", "x", "{data}", "x").Replace(path)
		if !strings.HasPrefix(path, "/u/") {
			at = "/en" + at
		}
		for _, length := range []int64{body, -1} {
			sent := &endless{left: body}
			r := httptest.NewRequest(http.MethodPost, at, sent)
			r.ContentLength = length
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Cookie", cookie)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			// The door of the first run is closed: nothing is read there.
			if closed := path == "/setup/{token}" && w.Code == http.StatusNotFound && sent.read == 0; w.Code != http.StatusRequestEntityTooLarge && !closed {
				t.Errorf("%s with %d bytes: %d", route, length, w.Code)
			}
			if sent.read > limit {
				t.Errorf("%s: %d bytes were read", route, sent.read)
			}
		}
	}
	if posts < 40 {
		t.Errorf("only %d routes take a form: has their registration changed?", posts)
	}
	status(t, s.get("/en/desk", "Cookie", cookie), http.StatusOK) // not even logged out
}

// A decision on a text that was changed meanwhile is 409 and says who did what
// and when, which version stands now and how it differs; the reason and the
// note are still there, the verdict must be given anew. So is its preview.
func TestDecisionOnAChangedText(t *testing.T) {
	for _, preview := range []bool{false, true} {
		s := newSite(t, func(o *Options) {
			o.DraftLetter = func(context.Context, petition.Change) (DraftLetter, bool, error) { return DraftLetter{}, false, nil }
		})
		p := s.petition(texts())
		cookie := s.login("dana@desk.example", store.Moderator)
		path := caseURL("en", p.ID)
		f := oneForm(t, dom(t, s.get(path, "Cookie", cookie)), path)
		s.at = s.at.Add(5 * time.Minute)
		s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
			return s.law.Decide(p, petition.Decision{Verdict: petition.Return, Reason: "unclear", Note: "Which bank?", TextVersion: 1, Officer: 9}, s.at)
		})
		s.at = s.at.Add(5 * time.Minute)
		s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
			changed := maps.Clone(p.Texts)
			changed["ru"] = petition.Text{Title: "Постройте дорожку вдоль правого берега", Ask: "Правый берег."}
			return s.law.Resubmit(p, changed, s.at)
		})
		f.values.Set("verdict", "reject")
		f.values.Set("reason", "duplicate")
		f.values.Set("note", "As no. 17, I read <b>all</b> of it.")
		if preview {
			f.values.Set("preview", "yes")
		}
		w := s.send(path, f.values, cookie)
		status(t, w, http.StatusConflict)
		body := w.Body.String()
		for _, want := range []string{"You read version 1; version 2 stands now.", "no. 9", "Which bank?", s.words("en", "event.returned"), s.words("en", "event.resubmitted"),
			"23 November 2026, 14:05", "23 November 2026, 14:10", "правого берега", "<del", "<ins"} {
			if !strings.Contains(body, want) {
				t.Errorf("preview %v: the conflict does not say %q", preview, want)
			}
		}
		g := oneForm(t, dom(t, w), path)
		if g.values.Get("version") != "2" || g.values.Get("verdict") != "" || g.values.Get("reason") != "duplicate" || g.values.Get("note") != f.values.Get("note") {
			t.Errorf("preview %v: the form has %v", preview, g.values)
		}
		if p := s.load(p.ID); p.State != petition.Moderation || p.Proposed != nil {
			t.Error("a decision on another text was taken")
		}
	}
}

// Who let a claim run out finds the case with a colleague: the decision is
// refused with who holds it and until when, and what was written stays.
func TestDecisionAfterAnExpiredClaim(t *testing.T) {
	s := newSite(t, nil)
	p := s.petition(texts())
	path := caseURL("en", p.ID)
	a := s.login("dana@desk.example", store.Moderator)
	status(t, s.send(path+"/claim", url.Values{"act": {"claim"}}, a), http.StatusSeeOther)
	f := oneForm(t, dom(t, s.get(path, "Cookie", a)), path)
	s.at = s.at.Add(moderation.ClaimLife)
	b := s.login("erlan@desk.example", store.Moderator)
	status(t, s.send(path+"/claim", url.Values{"act": {"claim"}}, b), http.StatusSeeOther)
	a = s.login("dana@desk.example", store.Moderator)
	f.values.Set("verdict", "publish")
	f.values.Set("note", "Read it twice.")
	w := s.send(path, f.values, a)
	status(t, w, http.StatusConflict)
	dom(t, w)
	if body := w.Body.String(); !strings.Contains(body, "With moderator no. 2 until 15:00") {
		t.Errorf("the conflict does not say with whom the case is, and until when: %s", body)
	}
	if s.load(p.ID).State != petition.Moderation {
		t.Error("decided over a colleague's head")
	}
	s.at = s.at.Add(moderation.ClaimLife) // now nobody holds it, and the first one may
	a = s.login("dana@desk.example", store.Moderator)
	status(t, s.send(path, f.values, a), http.StatusSeeOther)
}

// A decision that comes after its term, and before the calendar, is 409 with a
// sentence; a clock that goes back lets it through.
func TestDecisionAfterItsTerm(t *testing.T) {
	s := newSite(t, nil)
	p := s.petition(texts())
	path, read := caseURL("en", p.ID), s.at
	s.at = p.DecideBy
	a := s.login("dana@desk.example", store.Moderator)
	f := oneForm(t, dom(t, s.get(path, "Cookie", a)), path)
	f.values.Set("verdict", "reject")
	f.values.Set("reason", "unclear")
	f.values.Set("note", "Not clear.")
	w := s.send(path, f.values, a)
	status(t, w, http.StatusConflict)
	g := oneForm(t, dom(t, w), path)
	if !strings.Contains(w.Body.String(), "The term for this has run out") || g.values.Get("note") != "Not clear." {
		t.Errorf("after the term: %v", g.values)
	}
	if s.load(p.ID).Proposed != nil {
		t.Error("decided after the term")
	}
	s.at = read
	a = s.login("dana@desk.example", store.Moderator)
	status(t, s.send(path, f.values, a), http.StatusSeeOther)
}
