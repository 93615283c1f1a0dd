package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Officers see how news leave, pause them, and stop them in two steps.
func TestNewsArePausedAndStopped(t *testing.T) {
	s, p, path := signable(t)
	for i := range 3 {
		s.post("/kk"+path+"/sign", "email", fmt.Sprintf("reader-%d@mail.example", i), "eligible", "yes", "updates", "yes")
		s.post(s.link())
	}
	_, err := s.store.Follow(t.Context(), "test", 1, func(tx *store.Tx, e petition.Event) error {
		return tx.AddMailing(e.Seq, string(letter.NewsOpen), p.ID, nil)
	})
	must(t, err)
	_, err = s.store.ExpandMailing(t.Context(), 2, func(m store.Mailing, _ petition.Petition, to store.Subscriber) (store.Letter, error) {
		return store.Letter{UID: letter.NewsUID(store.NewsRef{Mailing: m.ID, Subscription: to.ID}), Priority: store.PriorityNews, Sealed: []byte{1}, QueuedAt: s.at}, nil
	})
	must(t, err)
	moderator, auditor, officer := s.login("dana@desk.example", store.Moderator), s.login("audit@desk.example", store.Auditor), s.loginFor("body@desk.example", store.Officer, "samruk")
	for i := range 17 {
		_, err := s.store.Bounced(t.Context(), store.Bounce{Tag: [16]byte{byte(i)}, Priority: store.PriorityActs}, s.at)
		must(t, err)
	}
	for _, l := range []string{"kk", "ru", "en"} {
		w := s.get("/"+l+"/desk/letters", "Cookie", moderator)
		s.check("/"+l+"/desk/letters", w.Code, http.StatusOK, w.Body.String())
		if !strings.Contains(w.Body.String(), `>17</td>`) {
			t.Errorf("%s: letters that came back are not counted", l)
		}
	}
	if body := s.get("/en/desk/letters", "Cookie", moderator).Body.String(); !strings.Contains(body, "Left: 0 of 3.") || !strings.Contains(body, "waiting: 2") ||
		strings.Contains(body, "@mail.example") || strings.Contains(body, `value="stop"`) {
		t.Errorf("progress:\n%s", body)
	}
	if body := s.get("/en/desk/letters", "Cookie", auditor).Body.String(); strings.Contains(body, `name="act"`) {
		t.Error("an auditor may pause")
	}
	status(t, s.get("/en/desk/letters", "Cookie", officer), http.StatusForbidden)
	act := func(cookie, value string, want int) {
		t.Helper()
		status(t, s.send("/en/desk/letters", url.Values{"mailing": {"1"}, "act": {value}, "confirm": {"yes"}}, cookie), want)
	}
	act(auditor, "pause", http.StatusForbidden)
	act(moderator, "pause", http.StatusSeeOther)
	act(moderator, "pause", http.StatusConflict)
	act(moderator, "burn", http.StatusNotFound)
	if body := s.get("/en/desk/letters?done=pause", "Cookie", moderator).Body.String(); !strings.Contains(body, "What waits stays where it is") ||
		!strings.Contains(body, `value="resume"`) || !strings.Contains(body, `value="stop"`) {
		t.Errorf("paused:\n%s", body)
	}
	act(moderator, "resume", http.StatusSeeOther)
	act(moderator, "pause", http.StatusSeeOther)
	act(moderator, "stop", http.StatusSeeOther)
	act(moderator, "resume", http.StatusConflict)
	waiting, err := s.store.OutboxClasses(t.Context())
	must(t, err)
	for _, c := range waiting {
		if c.Priority == store.PriorityNews {
			t.Errorf("%d letters of stopped news wait", c.Waiting)
		}
	}
}
