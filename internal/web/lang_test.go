package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// spoken is the language a text of a page is said to be in.
func spoken(n *html.Node) string {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode {
			if l := attrOf(n, "lang"); l != "" {
				return l
			}
		}
	}
	return ""
}

// TestForeignTextSaysItsLanguage: whatever of a petition is shown on a page in
// another language has lang, so that a screen reader speaks it as what it is
// (WCAG 3.1.2).
func TestForeignTextSaysItsLanguage(t *testing.T) {
	s := newSite(t, nil)
	kk := texts()["kk"]
	only := petition.Texts{"kk": kk}
	p := s.open(only)
	refused := s.petition(petition.Texts{"kk": {Title: kk.Title + " (екінші)", Ask: kk.Ask, Details: kk.Details}})
	for officer := range petition.OfficerID(2) {
		s.change(refused.ID, func(p petition.Petition) (petition.Change, error) {
			return s.law.Decide(p, petition.Decision{Verdict: petition.Reject, Reason: "unclear", TextVersion: 1, Officer: officer + 1}, s.at)
		})
	}
	s.mailbox()
	mine, share := s.started() // a Kazakh and a Russian text
	at := "/en" + petitionPath(p.Number)
	pages := map[string]string{}
	for _, path := range []string{"/en/", "/en/petitions", "/en/petitions?q=" + url.QueryEscape("жағалауына жаяу"), "/en/petitions?state=rejected", at, at + "/sign",
		at + "/withdraw", at + "/follow", at + "/share", "/en/removals", "/en" + mine[3:], "/en" + share[3:]} {
		pages[path] = s.page(path, http.StatusOK)
	}
	s.mailbox()
	status(t, s.post(at+"/sign", "email", "reader@people.example", "eligible", "yes"), http.StatusSeeOther)
	link := s.link()
	pages["the link to sign"] = s.get(link).Body.String()
	pages["thanks"] = s.post(link).Body.String()
	similar := wholeForm()
	similar.Set("step", stepCheck)
	similar.Set("go", stepAsk)
	pages["the wizard"] = s.send("/en/start", similar, "").Body.String()

	shown := 0
	for name, page := range pages {
		root, err := html.Parse(strings.NewReader(page))
		must(t, err)
		for n := range root.Descendants() {
			if n.Type != html.TextNode || n.Parent.Data == "title" || n.Parent.Data == "textarea" { // neither can say two languages
				continue
			}
			for _, part := range []string{"жағалауына жаяу жол", "жарығы бар жаяу", "қауіпсіз жол жоқ"} {
				if !strings.Contains(n.Data, part) {
					continue
				}
				shown++
				if l := spoken(n.Parent); l != "kk" {
					t.Errorf("%s: %q in <%s> is said to be in %q", name, strings.TrimSpace(n.Data), n.Parent.Data, l)
				}
			}
		}
	}
	if shown < 25 {
		t.Errorf("the text was met %d times on %d pages", shown, len(pages))
	}
}

// TestWordsSayTheirLanguage: what officers wrote without being asked in which
// language is spoken as what it seems to be.
func TestWordsSayTheirLanguage(t *testing.T) {
	s := newSite(t, nil)
	moderator := s.login("dana@desk.example", store.Moderator)
	const asked = "Убрать вторую строку."
	status(t, s.send("/en/desk/demands", url.Values{"authority": {"Вымышленное агентство печати"}, "on": {s.law.Today(s.at).String()},
		"ground": {"Статья вымышленного закона"}, "asked": {asked}, "done": {"Ничего."}, "reason": {"Закон не назван."}, "confirm": {"yes"}}, moderator), http.StatusSeeOther)
	for page, want := range map[string]string{"kk": "ru", "ru": "ru", "en": "ru"} {
		found := 0
		for n := range dom(t, s.get("/"+page+"/demands")).Descendants() {
			if n.Type == html.TextNode && (strings.Contains(n.Data, asked) || strings.Contains(n.Data, "Ничего.") || strings.Contains(n.Data, "агентство печати")) {
				found++
				if l := spoken(n.Parent); l != want {
					t.Errorf("/%s/demands: %q is said to be in %q", page, n.Data, l)
				}
			}
		}
		if found != 3 {
			t.Errorf("/%s/demands shows %d of the words", page, found)
		}
	}
}
