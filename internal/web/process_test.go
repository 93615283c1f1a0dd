package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/petition"
)

func TestPetitionerConfirms(t *testing.T) {
	s := newSite(t, nil)
	status(t, s.send("/kk/start", wholeForm(), ""), http.StatusSeeOther)
	path := s.linkPath()
	for range 2 { // looking changes nothing
		w := s.get(path)
		status(t, w, http.StatusOK)
		f := oneForm(t, dom(t, w), path)
		if len(f.names) != 0 {
			t.Errorf("the button wants %v", f.names)
		}
		if strings.Contains(w.Body.String(), "/kk/mine/") {
			t.Error("the private link is shown before the address is proven")
		}
	}
	first := s.post(path)
	status(t, first, http.StatusOK)
	again := s.post(path)
	status(t, again, http.StatusOK)
	if links(t, first.Body.String()) != links(t, again.Body.String()) {
		t.Error("a link used again shows other links")
	}
	for _, l := range []string{"kk", "ru", "en"} {
		w := s.get("/" + l + path[3:])
		status(t, w, http.StatusOK)
		dom(t, w)
	}
	last := "A"
	if strings.HasSuffix(path, "A") {
		last = "B"
	}
	for _, w := range []int{s.get(path[:len(path)-1] + last).Code, s.post(path[:len(path)-1] + last).Code} {
		if w != http.StatusNotFound {
			t.Errorf("altered link: %d", w)
		}
	}
}

func links(t *testing.T, body string) string {
	var all []string
	for _, n := range nodes(t, body) {
		if to, ok := attr(n, "href"); ok && (strings.Contains(to, "/mine/") || strings.Contains(to, "/p/")) {
			all = append(all, to)
		}
	}
	return strings.Join(all, " ")
}

func TestLateConfirmationIsGone(t *testing.T) {
	s := newSite(t, nil)
	status(t, s.send("/kk/start", wholeForm(), ""), http.StatusSeeOther)
	path := s.linkPath()
	s.at = s.at.Add(73 * time.Hour)
	status(t, s.get(path), http.StatusGone)
	status(t, s.post(path), http.StatusGone)
}

func TestSupportersSign(t *testing.T) {
	s := newSite(t, nil)
	mine, share := s.started()
	for _, l := range []string{"kk", "ru", "en"} {
		at := "/" + l + share[3:]
		for _, path := range []string{at, at + "/sign"} {
			w := s.get(path)
			status(t, w, http.StatusOK)
			secret(t, w)
			oneForm(t, dom(t, w), at+"/sign")
		}
		w := s.get(at + "/sent")
		status(t, w, http.StatusOK)
		secret(t, w)
		dom(t, w)
	}
	for _, bad := range []url.Values{{"email": {"nobody"}, "eligible": {"yes"}}, {"email": {"a@mail.example"}}, {}} {
		w := s.send(share+"/sign", bad, "")
		status(t, w, http.StatusUnprocessableEntity)
		dom(t, w)
	}
	for range 2 { // new and known addresses are answered alike
		w := s.send(share+"/sign", url.Values{"email": {"ertai@mail.example"}, "eligible": {"yes"}}, "")
		status(t, w, http.StatusSeeOther)
		if w.Header().Get("Location") != share+"/sent" {
			t.Errorf("sent to %q", w.Header().Get("Location"))
		}
	}
	letters := s.letters()
	if len(letters) != 2 {
		t.Fatalf("%d letters", len(letters))
	}
	path := strings.TrimPrefix(letters[0].Args["link"], "https://dauys.example")
	status(t, s.post(path), http.StatusOK)
	p, err := s.signing.ByShare(t.Context(), strings.TrimPrefix(share, "/kk/p/"))
	must(t, err)
	if p.Count != 1 {
		t.Errorf("count %d after a confirmed signature", p.Count)
	}
	if w := s.get(mine); !strings.Contains(w.Body.String(), share) {
		t.Error("the private page does not show the link for supporters")
	}
	for _, list := range []string{"/kk/petitions", "/kk/", "/kk/petitions?q=жағалау"} {
		if strings.Contains(s.get(list).Body.String(), texts()["kk"].Title) {
			t.Errorf("%s shows a petition of the link-only stage", list)
		}
	}
	status(t, s.get(share[:len(share)-1]), http.StatusNotFound)
}

// TestSupportersPageInEveryState goes where each state must lead.
func TestSupportersPageInEveryState(t *testing.T) {
	s := newSite(t, nil)
	_, share := s.started()
	id := s.supported(share)
	check := func(want int, hasForm bool) {
		t.Helper()
		for _, l := range []string{"kk", "ru", "en"} {
			w := s.get("/" + l + share[3:])
			status(t, w, want)
			secret(t, w)
			if got := len(forms(dom(t, w))) > 0; got != hasForm {
				t.Errorf("form: %v", got)
			}
		}
	}
	check(http.StatusOK, true) // in moderation, still signable
	decide := func(officer petition.OfficerID, v petition.Verdict) {
		t.Helper()
		s.change(id, func(p petition.Petition) (petition.Change, error) {
			return s.law.Decide(p, petition.Decision{Verdict: v, Reason: "unclear", TextVersion: p.TextVersion, Officer: officer}, s.at)
		})
	}
	decide(1, petition.Return)
	check(http.StatusOK, false)
	s.change(id, func(p petition.Petition) (petition.Change, error) { return s.law.Resubmit(p, p.Texts, s.at) })
	decide(1, petition.Reject)
	decide(2, petition.Reject)
	check(http.StatusOK, false)
	s.change(id, func(p petition.Petition) (petition.Change, error) { return s.law.Lodge(p, "Қате шешім", s.at) })
	check(http.StatusOK, false)
	decide(3, petition.Publish)
	w := s.get(share)
	status(t, w, http.StatusSeeOther)
	if want := "/kk" + petitionPath(s.load(id).Number); w.Header().Get("Location") != want {
		t.Errorf("a published petition leads to %q, want %q", w.Header().Get("Location"), want)
	}
	s.change(id, func(p petition.Petition) (petition.Change, error) { return s.law.Withdraw(p, s.at) })
	check(http.StatusGone, false)
}

func TestMineInEveryState(t *testing.T) {
	s := newSite(t, nil)
	mine, share := s.started()
	look := func(want string) {
		t.Helper()
		for _, l := range []string{"kk", "ru", "en"} {
			w := s.get("/" + l + mine[3:])
			status(t, w, http.StatusOK)
			secret(t, w)
			root := dom(t, w)
			if l == "kk" && want != "" {
				oneForm(t, root, mine+want)
			}
		}
	}
	look("")
	id := s.supported(share)
	look("")
	officer := petition.OfficerID(1)
	decide := func(v petition.Verdict) {
		t.Helper()
		s.change(id, func(p petition.Petition) (petition.Change, error) {
			officer++
			return s.law.Decide(p, petition.Decision{Verdict: v, Reason: "unclear", Note: "Түсіндіріңіз", TextVersion: p.TextVersion, Officer: officer}, s.at)
		})
	}
	decide(petition.Return)
	look("/change")
	bad := url.Values{"title": {""}, "ask": {"Жаңа талап"}, "title.ru": {"Заголовок"}, "ask.ru": {"Просьба"}}
	w := s.send(mine+"/change", bad, "")
	status(t, w, http.StatusUnprocessableEntity)
	if !strings.Contains(w.Body.String(), "Жаңа талап") {
		t.Error("what was typed is gone")
	}
	dom(t, w)
	bad.Set("title", "Жаңа тақырып")
	status(t, s.send(mine+"/change", bad, ""), http.StatusSeeOther)
	if p := s.load(id); p.TextVersion != 2 || p.State != petition.Moderation || p.Texts["kk"].Title != "Жаңа тақырып" {
		t.Errorf("after the change: version %d, %s, %q", p.TextVersion, p.State, p.Texts["kk"].Title)
	}
	decide(petition.Reject)
	if strings.Contains(s.get("/en"+mine[3:]).Body.String(), "proposed") {
		t.Error("the petitioner sees one officer's proposal")
	}
	decide(petition.Reject)
	look("/appeal")
	status(t, s.send(mine+"/appeal", url.Values{"appeal": {" "}}, ""), http.StatusUnprocessableEntity)
	w = s.send(mine+"/appeal", url.Values{"appeal": {"Мәтін анық <b>жазылған</b>"}}, "")
	status(t, w, http.StatusSeeOther)
	look("")
	if p := s.load(id); p.State != petition.Appealed {
		t.Errorf("state %s after an appeal", p.State)
	}
	status(t, s.send(mine+"/appeal", url.Values{"appeal": {"Тағы"}}, ""), http.StatusConflict)
	decide(petition.Publish)
	look("")
	w = s.get(mine + "/withdraw")
	status(t, w, http.StatusOK)
	secret(t, w)
	f := oneForm(t, dom(t, w), mine+"/withdraw")
	if s.load(id).State != petition.Open {
		t.Fatal("looking withdrew the petition")
	}
	f.values.Set("confirm", "yes")
	status(t, s.send(f.action, f.values, ""), http.StatusSeeOther)
	look("")
	if s.load(id).State != petition.Withdrawn {
		t.Error("not withdrawn")
	}
	status(t, s.get(mine+"/withdraw"), http.StatusSeeOther)
}

func TestAppealAfterItsTerm(t *testing.T) {
	s := newSite(t, nil)
	mine, share := s.started()
	id := s.supported(share)
	for officer := range petition.OfficerID(2) {
		s.change(id, func(p petition.Petition) (petition.Change, error) {
			return s.law.Decide(p, petition.Decision{Verdict: petition.Reject, Reason: "unclear", TextVersion: 1, Officer: officer + 1}, s.at)
		})
	}
	s.at = s.at.AddDate(0, 1, 0)
	w := s.get(mine)
	for _, f := range forms(dom(t, w)) {
		if strings.HasSuffix(f.action, "/appeal") {
			t.Error("a form for an appeal after the term")
		}
	}
	status(t, s.send(mine+"/appeal", url.Values{"appeal": {"Кеш"}}, ""), http.StatusConflict)
}

func TestProposalGoesStraightToModeration(t *testing.T) {
	s := newSite(t, nil)
	form := wholeForm()
	form.Set("kind", "proposal")
	status(t, s.send("/kk/start", form, ""), http.StatusSeeOther)
	w := s.post(s.linkPath())
	status(t, w, http.StatusOK)
	dom(t, w)
	if strings.Contains(w.Body.String(), "/kk/p/") {
		t.Error("a proposal asks for supporters")
	}
}

// TestEveryActAndPhaseHasWords asks for the messages whose keys are made of the
// law's own words.
func TestEveryActAndPhaseHasWords(t *testing.T) {
	s := newSite(t, nil)
	acts := []petition.EventKind{petition.EvStarted, petition.EvConfirmed, petition.EvQueued, petition.EvLapsed, petition.EvEscalated,
		petition.EvProposed, petition.EvReturned, petition.EvResubmitted, petition.EvRefused, petition.EvAppealed, petition.EvUpheld,
		petition.EvPublished, petition.EvStage, petition.EvDelivered, petition.EvAnswered, petition.EvClosed, petition.EvWithdrawn, petition.EvRemoved,
		petition.EvHidden, petition.EvRestored, petition.EvTopics, petition.EvAuthorising, petition.EvMemberNamed, petition.EvMemberAsked,
		petition.EvMemberDeclined, petition.EvAuthorised, petition.EvChecked, petition.EvDissolved, petition.EvExtended,
		petition.EvPurged, petition.EvImported}
	actors := []string{petition.ActorPetitioner, petition.ActorCalendar, petition.ActorSigners, petition.ActorImport, petition.ActorMember, petition.ActorOfficer(3)}
	later := s.at.Add(time.Hour)
	states := []petition.Petition{
		{State: petition.Supporting, SupportUntil: later}, {State: petition.Moderation, DecideBy: later},
		{State: petition.Moderation, DecideBy: later, Escalated: true}, {State: petition.Moderation, DecideBy: s.at.AddDate(0, -1, 0)},
		{State: petition.Appealed, DecideBy: later}, {State: petition.Returned}, {State: petition.Refused}, {State: petition.Open},
		{State: petition.Open, ClosesAt: later}, {State: petition.Closed}, {State: petition.Lapsed}, {State: petition.Withdrawn},
		{State: petition.Removed}, {State: petition.Hidden}, {State: petition.Authorising, DecideBy: later},
		{State: petition.Closed, DissolvedOn: petition.Date{Year: 2020, Month: 1, Day: 1}}, {State: petition.Closed, Answer: &petition.Answer{}},
		{State: petition.Closed, Stages: []petition.StageReached{{Stage: "answer"}}},
		{State: petition.Closed, Stages: []petition.StageReached{{Stage: "answer", AnswerBy: petition.Date{Year: 2020, Month: 1, Day: 1}}}},
	}
	for _, l := range []petition.Lang{"kk", "ru", "en"} {
		pr := s.web.bundle.Printer(l)
		for _, kind := range acts {
			for _, actor := range actors {
				rows := s.web.history(pr, s.law, []petition.Event{{Kind: kind, Actor: actor, At: s.at, Data: map[string]string{"reason": "unclear", "stage": "answer"}}}, true)
				if all := rows[0].What + rows[0].Who + rows[0].Reason; strings.Contains(all, "⟦") {
					t.Errorf("%s: %s by %s: %s", l, kind, actor, all)
				}
			}
		}
		for _, p := range states {
			all := strings.Join(s.web.mineNext(pr, s.law, p), " ") + pr.T("state."+stateKey(p.State))
			if strings.Contains(all, "⟦") {
				t.Errorf("%s: %s: %s", l, p.State, all)
			}
		}
	}
}
