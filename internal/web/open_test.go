package web

import (
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// wholeComplaint is a complaint without a fault.
func wholeComplaint(number string) url.Values {
	return url.Values{"by": {"person"}, "petition": {number}, "what": {"Вторая строка"}, "why": {"Это неправда."}, "ground": {"reputation"},
		"email": {"complainant@mail.example"}}
}

func TestComplaintPages(t *testing.T) {
	s := newSite(t, nil)
	p := s.open(texts())
	number := numberWords(p.Number)
	number = strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	page := s.get("/ru/petitions/" + number)
	if want := "/ru/complain?petition=" + number; !strings.Contains(page.Body.String(), want) {
		t.Errorf("the petition's page lacks %s", want)
	}
	root := dom(t, s.get("/ru/complain?petition="+number))
	f := oneForm(t, root, "/ru/complain")
	if got := f.values.Get("petition"); got != number {
		t.Errorf("the form names petition %q", got)
	}
	for _, name := range []string{"by", "name", "what", "why", "ground", "article", "email", "website"} {
		if !strings.Contains(strings.Join(f.names, " "), name) {
			t.Errorf("no field %s", name)
		}
	}

	bad := wholeComplaint("77")
	bad.Del("what")
	w := s.send("/ru/complain", bad, "")
	status(t, w, http.StatusUnprocessableEntity)
	if body := w.Body.String(); !strings.Contains(body, `href="#f-what"`) || !strings.Contains(body, `href="#f-petition"`) || strings.Contains(body, `href="#f-why"`) {
		t.Error("the summary does not name the wrong fields")
	}
	trap := wholeComplaint(number)
	trap.Set("website", "x")
	for _, form := range []url.Values{wholeComplaint(number), trap} {
		w = s.send("/ru/complain", form, "")
		status(t, w, http.StatusSeeOther)
		at := w.Header().Get("Location")
		_, ref, _ := strings.Cut(at, "number=")
		if w = s.get(at); len(ref) != 8 || !strings.Contains(w.Body.String(), ref) {
			t.Errorf("%s does not show the number", at)
		}
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control %q", got)
		}
	}
	status(t, s.get("/ru/complain/received?number=HELLO"), http.StatusNotFound)

	officer := s.login("officer@mail.example", store.Moderator) // 1: published the petition
	root = dom(t, s.get("/en/desk/complaints", "Cookie", officer))
	var links []string
	for _, a := range elements(root, "a") {
		if href := attrOf(a, "href"); strings.HasPrefix(href, "/en/desk/complaints/") {
			links = append(links, href)
		}
	}
	if len(links) != 1 {
		t.Fatalf("the queue has %v: the trapped complaint is to be dropped", links)
	}
	if body := s.get(links[0], "Cookie", officer).Body.String(); strings.Contains(body, `name="outcome"`) || strings.Contains(body, "complainant@") {
		t.Error("who published may decide, or the address is shown")
	}
	decision := url.Values{"outcome": {"rejected"}, "reason": {"The source says so."}, "confirm": {"yes"}}
	status(t, s.send(links[0], decision, officer), http.StatusForbidden)
	other := s.login("other@mail.example", store.Moderator)
	status(t, s.send(links[0], url.Values{"outcome": {"rejected"}}, other), http.StatusUnprocessableEntity)
	status(t, s.send(links[0], decision, other), http.StatusSeeOther)
	status(t, s.send(links[0], decision, other), http.StatusConflict)
	kinds := map[letter.Kind]letter.Letter{}
	claimed, err := s.store.ClaimLetters(t.Context(), "test", 100, s.at, s.at.AddDate(0, 0, 1))
	must(t, err)
	for _, c := range claimed {
		if l, err := letter.Open(s.vault, c.Sealed); err == nil { // the petition's first one is made up
			kinds[l.Kind] = l
		}
	}
	if l := kinds[letter.ComplaintDecided]; l.To != "complainant@mail.example" || l.Lang != "ru" || l.Args["note"] != "The source says so." {
		t.Errorf("to the complainant: %+v", l)
	}
	if l := kinds[letter.ComplaintAbout]; l.Args["outcome"] != "rejected" || l.Args["mine"] == "" {
		t.Errorf("to the petitioner: %+v", l)
	}
	dom(t, s.get(links[0], "Cookie", other))
}

func TestDemandOfAnAuthority(t *testing.T) {
	s := newSite(t, nil)
	s.login("first@mail.example", store.Moderator)
	other := s.login("other@mail.example", store.Moderator)
	form := url.Values{"by": {"authority"}, "name": {"Invented office"}, "what": {"Take down the third line"}, "why": {"Because."}, "ground": {"unlawful"}}
	status(t, s.send("/en/complain", form, ""), http.StatusUnprocessableEntity)
	form.Set("article", "Article 0 of an invented law")
	status(t, s.send("/en/complain", form, ""), http.StatusSeeOther)
	path := "/en/desk/complaints/1"
	f := oneForm(t, dom(t, s.get(path, "Cookie", other)), path)
	if f.values.Get("register") != "yes" || f.values.Get("asked") != "Take down the third line" {
		t.Errorf("form begins with %v", f.values)
	}
	f.values.Set("outcome", "rejected")
	f.values.Set("reason", "No court said so.")
	f.values.Set("done", "")
	status(t, s.send(path, f.values, other), http.StatusUnprocessableEntity)
	f.values.Set("done", "Nothing was removed.")
	f.values.Set("confirm", "yes")
	status(t, s.send(path, f.values, other), http.StatusSeeOther)

	entry := url.Values{"authority": {"Second office"}, "on": {"2026-11-20"}, "ground": {"a law"}, "asked": {"data"}, "done": {"refused"}, "reason": {"there is none"},
		"publish_on": {"2026-12-24"}}
	status(t, s.send("/en/desk/demands", entry, other), http.StatusUnprocessableEntity)
	entry.Set("delay_ground", "a law of silence")
	entry.Set("confirm", "yes")
	status(t, s.send("/en/desk/demands", entry, other), http.StatusSeeOther)
	status(t, s.send("/en/desk/demands", entry, ""), http.StatusUnauthorized)
	dom(t, s.get("/en/desk/demands", "Cookie", other))
	w := s.get("/en/demands")
	dom(t, w)
	body := w.Body.String()
	for _, want := range []string{"Invented office", "Article 0", "Nothing was removed.", "No court said so.", "Demands not yet public: 1"} {
		if !strings.Contains(body, want) {
			t.Errorf("the register lacks %q", want)
		}
	}
	if strings.Contains(body, "Second office") {
		t.Error("a demand shows before its day")
	}
	s.at = s.at.AddDate(0, 1, 1)
	if !strings.Contains(s.get("/en/demands").Body.String(), "a law of silence") {
		t.Error("a demand does not show on its day")
	}
}

func TestRemovalsAndModeration(t *testing.T) {
	s := newSite(t, nil)
	for _, l := range []string{"kk", "ru", "en"} {
		for _, page := range []string{"removals", "moderation", "demands", "about"} {
			w := s.get("/" + l + "/" + page)
			status(t, w, http.StatusOK)
			dom(t, w)
		}
	}
	s.open(texts())
	p := s.petition(texts())
	for officer := range petition.OfficerID(2) {
		s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
			return s.law.Decide(p, petition.Decision{Verdict: petition.Reject, Reason: "unclear", Note: "Which path?", TextVersion: 1, Officer: officer + 1}, s.at)
		})
	}
	s.at = s.at.AddDate(0, 0, 1)
	w := s.get("/en/removals")
	dom(t, w)
	for _, want := range []string{"Which path?", "reasons for refusal", `href="/en/about#law-reasons"`, "Refused"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("removals lack %q", want)
		}
	}
	if strings.Contains(w.Body.String(), "law/kz-civic") {
		t.Error("a key of the profiles is shown to readers")
	}
	w = s.get("/en/moderation")
	root := dom(t, w)
	rows := map[string]string{}
	for _, tr := range elements(root, "tr") {
		if th, td := elements(tr, "th"), elements(tr, "td"); len(th) == 1 && len(td) == 1 {
			rows[textOf(th[0])] = textOf(td[0])
		}
	}
	for name, want := range map[string]string{"Submitted": "2", "Published by a moderator": "1", "Refused": "1", "Appealed": "0"} {
		if rows[name] != want {
			t.Errorf("%s: %q, want %s", name, rows[name], want)
		}
	}
	if len(elements(root, "rect")) != 2 || !strings.Contains(w.Body.String(), "November 2026: published 1, refused 1") {
		t.Error("the chart does not show the month")
	}
}

// TestMineTellsOfComplaints: the petitioner sees that somebody complained, who
// decides and by when, and the decision; never who complained and in which words.
func TestMineTellsOfComplaints(t *testing.T) {
	s := newSite(t, nil)
	p := s.open(texts())
	mine := "/mine/" + s.vault.Fixed("mine", p.UID[:])
	if body := s.get("/en" + mine).Body.String(); strings.Contains(body, `id="complaints"`) {
		t.Error("the page tells of complaints where there are none")
	}
	form := wholeComplaint(strconv.FormatInt(p.Number, 10))
	form.Set("name", "Invented complainant")
	form.Set("article", "Article nought")
	status(t, s.send("/ru/complain", form, ""), http.StatusSeeOther)
	secrets := []string{"complainant@", "Invented complainant", "Article nought", form.Get("what"), form.Get("why")}
	check := func(l petition.Lang, says, silent []string) {
		t.Helper()
		w := s.get("/" + string(l) + mine)
		status(t, w, http.StatusOK)
		dom(t, w)
		body := html.UnescapeString(w.Body.String())
		for _, key := range says {
			if !strings.Contains(body, s.words(l, key)) {
				t.Errorf("%s: the page lacks %s", l, key)
			}
		}
		for _, key := range silent {
			if strings.Contains(body, s.words(l, key)) {
				t.Errorf("%s: the page has %s", l, key)
			}
		}
		for _, secret := range secrets {
			if strings.Contains(body, secret) {
				t.Errorf("%s: the page tells %q", l, secret)
			}
		}
	}
	waits := []string{"mine.complaints.stands", "mine.complaints.collects", "mine.complaints.who", "mine.complaints.by", "complain.ground.reputation"}
	for _, l := range []petition.Lang{"kk", "ru", "en"} {
		check(l, waits, []string{"mine.complaints.late", "mine.complaints.after"})
	}
	list, _, err := s.store.DeskComplaints(t.Context(), 0, 1)
	must(t, err)
	last := lastDay(s.law, list[0].DecideBy)
	if body := s.get("/en" + mine).Body.String(); !strings.Contains(body, `datetime="`+last.String()+`"`) {
		t.Errorf("the page lacks the last day, %s", last)
	}
	at := s.at
	s.at = list[0].DecideBy.Add(time.Hour)
	check("en", []string{"mine.complaints.late"}, nil)
	s.at = at
	s.login("officer@mail.example", store.Moderator)
	other := s.login("other@mail.example", store.Moderator)
	status(t, s.send("/en/desk/complaints/1", url.Values{"outcome": {"partly"}, "reason": {"The source says so."}, "confirm": {"yes"}}, other), http.StatusSeeOther)
	check("kk", []string{"complaint.outcome.partly", "mine.complaints.after"}, waits[:4])
	if body := s.get("/en" + mine).Body.String(); !strings.Contains(body, "The source says so.") {
		t.Error("the page lacks the reason of the decision")
	}
}
