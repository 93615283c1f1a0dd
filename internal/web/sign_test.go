package web

import (
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// mailbox opens every letter that waits and takes it out; those that are no letters are dropped.
func (s *testSite) mailbox() []letter.Letter {
	s.t.Helper()
	claimed, err := s.store.ClaimLetters(s.t.Context(), "test", 100, s.at.Add(time.Hour), s.at.Add(2*time.Hour))
	must(s.t, err)
	var all []letter.Letter
	for _, c := range claimed {
		if l, err := letter.Open(s.vault, c.Sealed); err == nil {
			all = append(all, l)
		}
		must(s.t, s.store.LetterDone(s.t.Context(), c.ID))
	}
	return all
}

// link is the path of the link in the one letter that waits.
func (s *testSite) link() string {
	s.t.Helper()
	all := s.mailbox()
	if len(all) != 1 {
		s.t.Fatalf("%d letters, want 1", len(all))
	}
	return strings.TrimPrefix(all[0].Args["link"], "https://dauys.example")
}

func signable(t *testing.T) (*testSite, petition.Petition, string) {
	s := newSite(t, nil)
	p := s.open(texts())
	s.mailbox()
	return s, p, "/petitions/" + strconv.FormatInt(p.Number, 10)
}

func TestSignFormIsOne(t *testing.T) {
	s, _, path := signable(t)
	for _, p := range inLangs(path + "/sign") {
		forms, emails := 0, 0
		for _, n := range nodes(t, s.page(p, http.StatusOK)) {
			if method, _ := attr(n, "method"); n.Data == "form" && method == "post" {
				forms++
			}
			if name, _ := attr(n, "name"); name == "email" {
				emails++
			}
		}
		if forms != 1 || emails != 1 {
			t.Errorf("%s: %d POST forms, %d fields email", p, forms, emails)
		}
	}
}

func TestSignConfirmWithdraw(t *testing.T) {
	s, p, path := signable(t)
	w := s.post("/kk"+path+"/sign", "email", "saule@mail.example", "place", "KZ-75", "eligible", "yes", "updates", "yes")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/kk"+path+"/sent" {
		t.Fatalf("sign: %d %q", w.Code, w.Header().Get("Location"))
	}
	confirm := s.link()
	if !strings.HasPrefix(confirm, "/kk/confirm/") {
		t.Fatalf("link %q", confirm)
	}
	before := s.load(p.ID).Count
	body := s.page(confirm, http.StatusOK)
	if s.load(p.ID).Count != before || !strings.Contains(body, `action="`+confirm+`"`) || !strings.Contains(body, `content="noindex"`) {
		t.Error("GET counts, or shows no button")
	}
	w = s.post(confirm)
	s.check(confirm, w.Code, http.StatusOK, w.Body.String())
	if !strings.Contains(w.Body.String(), "Рақмет, қолыңыз есепке алынды") || s.load(p.ID).Count != before+1 {
		t.Errorf("not counted: %d, was %d", s.load(p.ID).Count, before)
	}
	for _, again := range []string{s.post(confirm).Body.String(), s.page(confirm, http.StatusOK)} {
		if !strings.Contains(again, "Қолыңыз есепке алынған") {
			t.Error("a used link does not say so")
		}
	}
	if s.load(p.ID).Count != before+1 {
		t.Error("counted twice")
	}
	s.withdraw(p, path, before)
	if body := s.page(confirm, http.StatusOK); !strings.Contains(body, "Қол қайтарып алынған") {
		t.Error("the old link does not say that the signature was taken back")
	}
}

func (s *testSite) withdraw(p petition.Petition, path string, before int64) {
	s.t.Helper()
	w := s.post("/ru"+path+"/withdraw", "email", "Saule+x@mail.example")
	if w.Code != http.StatusSeeOther {
		s.t.Fatalf("withdraw: %d", w.Code)
	}
	link := s.link()
	s.page(link, http.StatusOK)
	if s.load(p.ID).Count != before+1 {
		s.t.Error("GET withdraws")
	}
	w = s.post(link)
	s.check(link, w.Code, http.StatusOK, w.Body.String())
	if s.load(p.ID).Count != before {
		s.t.Error("not withdrawn")
	}
	if w = s.post(link); w.Code != http.StatusOK {
		s.t.Errorf("withdrawn twice: %d", w.Code)
	}
}

// The page that follows must not tell a new address from one that has signed.
func TestSignTellsNothing(t *testing.T) {
	s, _, path := signable(t)
	answer := func(email string) string {
		w := s.post("/en"+path+"/sign", "email", email, "eligible", "yes")
		return strconv.Itoa(w.Code) + w.Header().Get("Location") + w.Body.String() + s.get(w.Header().Get("Location")).Body.String()
	}
	first := answer("new@mail.example")
	s.post(s.link())
	for range 8 { // signed, and then beyond the letters one address gets
		if got := answer("new@mail.example"); got != first {
			t.Fatalf("answers differ:\n%s\n%s", first, got)
		}
	}
	if n := len(s.mailbox()); n == 0 || n > 5 {
		t.Errorf("%d letters", n)
	}
	trap := s.post("/en"+path+"/sign", "email", "robot@mail.example", "eligible", "yes", "website", "x")
	if trap.Code != http.StatusSeeOther || len(s.mailbox()) != 0 {
		t.Error("the trap is answered differently, or sends a letter")
	}
}

func TestSignFormFaults(t *testing.T) {
	s, _, path := signable(t)
	tests := map[string]struct {
		form []string
		want []string
	}{
		"empty":       {nil, []string{`href="#f-email"`, `href="#f-eligible"`}},
		"address":     {[]string{"email", "nobody", "eligible", "yes"}, []string{`href="#f-email"`, `value="nobody"`, " checked"}},
		"place":       {[]string{"email", "a@b.example", "eligible", "yes", "place", "XX"}, []string{`href="#f-place"`}},
		"not text":    {[]string{"email", "a\xff@b.example", "eligible", "yes"}, []string{`href="#f-email"`}},
		"nul":         {[]string{"email", "a\x00@b.example", "eligible", "yes"}, []string{`href="#f-email"`}},
		"script":      {[]string{"email", `"><script>`, "eligible", "yes"}, []string{"&#34;&gt;&lt;script&gt;"}},
		"ineligible":  {[]string{"email", "a@b.example"}, []string{`href="#f-eligible"`, `value="a@b.example"`}},
		"not the yes": {[]string{"email", "a@b.example", "eligible", "on"}, []string{`href="#f-eligible"`}},
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		for _, p := range inLangs(path + "/sign") {
			w := s.post(p, tests[name].form...)
			body := s.check(p, w.Code, http.StatusUnprocessableEntity, w.Body.String())
			for _, want := range tests[name].want {
				if !strings.Contains(body, want) {
					t.Errorf("%s %s lacks %s", name, p, want)
				}
			}
		}
	}
	if n := len(s.mailbox()); n != 0 {
		t.Errorf("%d letters", n)
	}
}

func TestLinksThatDoNotWork(t *testing.T) {
	s, _, path := signable(t)
	s.post("/ru"+path+"/sign", "email", "late@mail.example", "eligible", "yes")
	link := s.link()
	for _, p := range []string{link[:len(link)-2], link + "A", "/en/confirm/x", "/kk/withdraw/" + strings.TrimPrefix(link, "/ru/confirm/"), "/ru/withdraw/x"} {
		s.page(p, http.StatusNotFound)
		if w := s.post(p); w.Code != http.StatusNotFound {
			t.Errorf("POST %s: %d", p, w.Code)
		}
	}
	s.at = s.at.Add(73 * time.Hour)
	if body := s.page(link, http.StatusGone); !strings.Contains(body, path+"/sign") {
		t.Error("an expired link leads nowhere")
	}
	if w := s.post(link); w.Code != http.StatusGone {
		t.Errorf("POST expired: %d", w.Code)
	}
}

func TestSigningIsOver(t *testing.T) {
	s, _, path := signable(t)
	s.imported(77, false)
	for _, p := range inLangs("/petitions/77/sign") {
		s.page(p, http.StatusConflict)
	}
	s.at = s.at.AddDate(0, 7, 0)
	for _, p := range append(inLangs(path+"/sign"), inLangs(path+"/withdraw")...) {
		s.page(p, http.StatusConflict)
		if w := s.post(p, "email", "a@b.example", "eligible", "yes"); w.Code != http.StatusConflict {
			t.Errorf("POST %s: %d", p, w.Code)
		}
	}
}

// errStop ends a step of the store without its effect.
var errStop = errors.New("stop")

func TestUnsubscribe(t *testing.T) {
	s, p, path := signable(t)
	s.post("/kk"+path+"/sign", "email", "saule@mail.example", "eligible", "yes", "updates", "yes")
	s.post(s.link())
	var token string
	for token == "" {
		more, err := s.store.Follow(t.Context(), "test", 100, func(tx *store.Tx, e petition.Event) error {
			return tx.AddMailing(e.Seq, "news", p.ID, nil)
		})
		must(t, err)
		_, err = s.store.ExpandMailing(t.Context(), 10, func(_ store.Mailing, _ petition.Petition, to store.Subscriber) (store.Letter, error) {
			token = base64.RawURLEncoding.EncodeToString(to.ID[:])
			return store.Letter{}, errStop
		})
		if !errors.Is(err, errStop) && more == 0 {
			t.Fatalf("nobody subscribed: %v", err)
		}
	}
	w := s.get("/u/"+token, "Accept-Language", "ru")
	s.check("/ru/u", w.Code, http.StatusOK, w.Body.String())
	if w := s.post("/u/"+token, "List-Unsubscribe", "One-Click"); w.Code != http.StatusOK {
		t.Errorf("one click: %d", w.Code)
	}
	if w := s.post("/u/" + token); w.Code != http.StatusOK {
		t.Errorf("again: %d", w.Code)
	}
	if w := s.post("/u/altered"); w.Code != http.StatusNotFound {
		t.Errorf("altered: %d", w.Code)
	}
	_, err := s.store.ExpandMailing(t.Context(), 10, func(store.Mailing, petition.Petition, store.Subscriber) (store.Letter, error) {
		t.Error("still subscribed")
		return store.Letter{}, errStop
	})
	must(t, err)
}

// A text that was refused as unlawful is shown to nobody, who signed it least.
func TestSignersOfARefusedTextSeeItsNumber(t *testing.T) {
	s, p, path := signable(t)
	status(t, s.post("/en"+path+"/sign", "email", "ann@mail.example", "eligible", "yes"), http.StatusSeeOther)
	used := s.link()
	status(t, s.post(used), http.StatusOK)
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		p.State, p.HideText, p.Refusal, p.RefusedAt = petition.Appealed, true, &petition.Decision{Verdict: petition.Reject, Reason: "personal-data", Officer: 1, At: s.at}, s.at
		return petition.Change{Petition: p}, nil
	})
	s.at = s.at.Add(2 * time.Second)
	status(t, s.post("/en"+path+"/withdraw", "email", "ann@mail.example"), http.StatusSeeOther)
	sent := s.mailbox()
	if len(sent) != 1 || sent[0].Args["title"] != "№ "+strconv.FormatInt(p.Number, 10) {
		t.Fatalf("letters %+v", sent)
	}
	back := strings.TrimPrefix(sent[0].Args["link"], "https://dauys.example")
	for _, at := range []string{"/en" + path + "/withdraw", "/ru" + path + "/withdraw", used, back} {
		w := s.get(at)
		status(t, w, http.StatusOK)
		for _, text := range texts() {
			if strings.Contains(w.Body.String(), text.Title) {
				t.Errorf("%s shows %q", at, text.Title)
			}
		}
		if !strings.Contains(w.Body.String(), strconv.FormatInt(p.Number, 10)) {
			t.Errorf("%s has no number", at)
		}
	}
}
