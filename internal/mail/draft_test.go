package mail

import (
	"strings"
	"testing"

	"github.com/dauys/dauys/petition"
)

// A draft says what the letter will say, and nothing that is the petitioner's alone.
func TestDraftIsTheLetterWithoutSecrets(t *testing.T) {
	w := newWorld(t)
	f, c := w.follower(), composer(t, sender())
	w.toModeration()
	w.follow(f)
	draft := func(v petition.Verdict, officer petition.OfficerID, reason string) (m Message, ok bool) {
		w.change(func(p petition.Petition) (petition.Change, error) {
			change, err := w.law.Decide(p, petition.Decision{Verdict: v, Reason: reason, Note: "Because.", TextVersion: p.TextVersion, Officer: officer}, w.clock.now())
			if err != nil {
				return change, err
			}
			m, _, ok, err = f.Draft(t.Context(), c, change)
			return change, err
		})
		return m, ok
	}
	if m, ok := draft(petition.Reject, 1, "duplicate"); ok {
		t.Errorf("a proposal sends %q", m.Subject)
	}
	m, ok := draft(petition.Reject, 2, "duplicate")
	if !ok {
		t.Fatal("a refusal sends no letter")
	}
	for uid, l := range w.follow(f) {
		sent, err := c.Compose(l, uid, w.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		if sent.Subject != m.Subject || !strings.Contains(m.Text, "Because.") {
			t.Errorf("%q was shown, %q is sent", m.Subject, sent.Subject)
		}
		for _, own := range []string{l.To, l.Args["mine"]} {
			if own == "" || strings.Contains(m.Text, own) || strings.Contains(string(m.Raw), own) {
				t.Error("the draft holds what is the petitioner's alone")
			}
		}
	}
}
