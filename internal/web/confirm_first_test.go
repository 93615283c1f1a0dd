package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// harmless are the POST routes of the desk and of private pages that take
// nothing away, and why nothing is asked first.
var harmless = map[string]string{
	"POST /desk/login/{token}":               "logs in",
	"POST /desk/code":                        "logs in",
	"POST /desk/logout":                      "ends one's own session, and the button says no more",
	"POST /desk/petitions/{id}/claim":        "takes a case or lets it go; nobody outside sees it, and it runs out by itself",
	"POST /desk/petitions/{id}/notes":        "adds a note",
	"POST /desk/petitions/{id}/topics":       "topics can be set again",
	"POST /desk/petitions/{id}/member":       "asks a member",
	"POST /desk/petitions/{id}/organisation": "asks an organisation",
	"POST /desk/delays":                      "sends letters; its preview is TestDelaysAreShownFirst's",
	"POST /desk/settings/staff":              "adds an account",
	"POST /mine/{token}/appeal":              "lodges an appeal",
	"POST /mine/{token}/change":              "adds a version",
	"POST /mine/{token}/news":                "hands in news",
	"POST /mine/{token}/display":             "can be chosen again until the publication",
	"POST /mine/{token}/data":                "sends a letter",
	"POST /mine/{token}/member":              "a wish",
}

// destroying is a form that takes something away: where it is sent, what it
// says, and by whom.
type destroying struct {
	path   string
	form   url.Values
	cookie string
	calm   bool // the button is no warning
}

// destroyingSite has something to lose behind every such form, each in a
// petition of its own, so that one act does not spoil the next.
func destroyingSite(t *testing.T) (*testSite, map[string][]destroying) {
	s := newSite(t, func(o *Options) {
		withDelays(o)
		o.Settings = settings.New(settings.Options{Store: o.Store, Vault: vaultIn(t), Laws: o.Store.Laws(), Langs: i18n.Langs(), Law: o.Law, Now: o.Now})
	})
	first, second := s.login("dana@desk.example", store.Moderator), s.login("erlan@desk.example", store.Moderator)
	admin, other := s.login("admin@desk.example", store.Admin), s.login("other@desk.example", store.Moderator)
	on := func(p petition.Petition, tail string) string { return caseURL("en", p.ID) + tail }
	why := url.Values{"hide_reason": {"unclear"}, "hide_note": {"See <b>two</b>"}}
	with := func(base url.Values, pairs ...string) url.Values {
		v := url.Values{}
		maps.Copy(v, base)
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	hidden := func() petition.Petition {
		p := s.open(texts())
		s.change(p.ID, func(p petition.Petition) (petition.Change, error) { return s.law.Hide(p, "unclear", "", 1, s.at) })
		return s.load(p.ID)
	}
	news := func() (petition.Petition, string) {
		p := s.open(texts())
		s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
			return s.law.WriteNews(p, petition.News{Title: "Жаңалық", Text: "Мәтін", Lang: "kk"}, s.at)
		})
		p = s.load(p.ID)
		return p, strconv.FormatInt(p.News.At.UnixNano(), 10)
	}
	fresh, gone, back := s.open(texts()), hidden(), hidden()
	sent, sentMark := news()
	kept, keptMark := news()
	waiting := s.petition(texts())
	must(t, s.store.AddComplaint(t.Context(), petition.Complaint{Ref: "R", State: petition.ComplaintReceived, What: "Line two", Lang: "en", At: s.at, DecideBy: s.at}, nil))
	must(t, s.store.AddComplaint(t.Context(), petition.Complaint{Ref: "S", State: petition.ComplaintReceived, By: petition.ByAuthority, Name: "Office", Article: "law", What: "All", Lang: "en", At: s.at, DecideBy: s.at}, nil))
	_, err := s.store.Follow(t.Context(), "test", 1000, func(tx *store.Tx, e petition.Event) error {
		if e.Kind != petition.EvPublished || e.Petition != fresh.ID {
			return nil
		}
		return tx.AddMailing(e.Seq, string(letter.NewsOpen), fresh.ID, nil)
	})
	must(t, err)
	mine := func(p petition.Petition) string { return "/en/mine/" + s.moderation.MineToken(p.UID) }
	merging, taking, declining := s.open(texts()), s.open(texts()), s.open(texts())
	for _, into := range []petition.Petition{taking, declining} {
		from := s.open(texts())
		must(t, s.store.ChangeBoth(t.Context(), from.ID, into.ID, s.at, func(a, b petition.Petition) (petition.Change, petition.Change, error) {
			return petition.ProposeMerge(a, b, s.at)
		}))
	}
	offer := func(p petition.Petition) string { return strconv.FormatInt(s.load(p.ID).MergeOffers[0], 10) }
	done, asked := s.rested(), s.open(texts())
	leaver := s.login("leaver@desk.example", store.Moderator)
	s.login("clerk@desk.example", store.Moderator)
	ended := attrOfButton(t, s, leaver)
	verdict := url.Values{"verdict": {"reject"}, "reason": {"unclear"}, "version": {"1"}, "preview": {"yes"}}
	return s, map[string][]destroying{
		"POST /desk/petitions/{id}": {{path: on(waiting, ""), form: verdict, cookie: first, calm: true}, {path: on(waiting, ""), form: verdict, cookie: second}},
		"POST /desk/petitions/{id}/takedown": {{path: on(fresh, "/takedown"), form: with(why, "act", "hide"), cookie: first},
			{path: on(gone, "/takedown"), form: url.Values{"act": {"remove"}}, cookie: second}, {path: on(back, "/takedown"), form: url.Values{"act": {"lift"}}, cookie: second, calm: true}},
		"POST /desk/petitions/{id}/news": {{path: on(kept, "/news"), form: url.Values{"news": {keptMark}, "news_verdict": {"reject"}, "news_reason": {"unclear"}}, cookie: first},
			{path: on(sent, "/news"), form: url.Values{"news": {sentMark}, "news_verdict": {"publish"}}, cookie: first, calm: true}},
		"POST /desk/complaints/{id}": {{path: "/en/desk/complaints/1", form: url.Values{"outcome": {"rejected"}, "reason": {"It is so"}}, cookie: other},
			{path: "/en/desk/complaints/2", form: url.Values{"outcome": {"partly"}, "reason": {"Half"}, "register": {"yes"}, "asked": {"All"}, "done": {"Nothing"}}, cookie: other}},
		"POST /desk/letters": {{path: "/en/desk/letters", form: url.Values{"mailing": {"1"}, "act": {"pause"}}, cookie: first},
			{path: "/en/desk/letters", form: url.Values{"mailing": {"1"}, "act": {"stop"}}, cookie: first}},
		"POST /desk/archive":               {{path: "/en/desk/archive", form: url.Values{"petition": {strconv.FormatInt(int64(done.ID), 10)}}, cookie: first}},
		"POST /desk/petitions/{id}/answer": {{path: on(asked, "/answer"), form: url.Values{"outcome": {"partly"}, "answer.kk": {"Жол салынады"}, "source": {"Letter 7"}}, cookie: first, calm: true}},
		"POST /desk/petitions/{id}/delivery": {{path: on(s.reached(), "/delivery"), form: url.Values{"stage": {"answer"}, "on": {s.law.Today(s.at).String()}, "channel": {"post"}, "ref": {"7"}},
			cookie: first, calm: true}},
		"POST /desk/petitions/{id}/organisation/confirm": {{path: on(s.ofOrg(), "/organisation/confirm"), form: url.Values{"org_register": {"https://register.example/1"}}, cookie: admin, calm: true}},
		"POST /desk/demands": {{path: "/en/desk/demands", form: url.Values{"authority": {"Office"}, "on": {"2026-11-20"}, "ground": {"a law"}, "asked": {"data"}, "done": {"no"}, "reason": {"none"}},
			cookie: first, calm: true}},
		"POST /desk/sessions": {{path: "/en/desk/sessions", form: url.Values{"session": {ended}}, cookie: leaver}},
		"POST /desk/settings/{group}": {{path: "/en/desk/settings/operator", form: url.Values{"operator": {"Invented town"}, "contact": {"help@dauys.example"}}, cookie: admin, calm: true},
			{path: "/en/desk/settings/assembly", form: url.Values{"dissolved": {"2026-11-23"}}, cookie: admin, calm: true}},
		"POST /desk/settings/bodies": {{path: "/en/desk/settings/bodies", form: url.Values{"csv": {"id,name.en,kind\nsome-council,Some council,council\n"}}, cookie: admin, calm: true}},
		"POST /desk/settings/body":   {{path: "/en/desk/settings/body", form: url.Values{"body.id": {"a-council"}, "body.kind": {"council"}, "body.name.en": {"A council"}}, cookie: admin, calm: true}},
		"POST /desk/settings/staff/{id}": {{path: "/en/desk/settings/staff/6", form: url.Values{"role.6": {"auditor"}}, cookie: admin},
			{path: "/en/desk/settings/staff/6", form: url.Values{"role.6": {"auditor"}, "disabled.6": {"yes"}}, cookie: admin}},
		"POST /mine/{token}/withdraw": {{path: mine(s.petition(texts())) + "/withdraw"}, {path: mine(s.open(texts())) + "/withdraw"}},
		"POST /mine/{token}/merge":    {{path: mine(merging) + "/merge", form: url.Values{"merge_number": {strconv.FormatInt(taking.Number, 10)}}}},
		"POST /mine/{token}/merge/answer": {{path: mine(taking) + "/merge/answer", form: url.Values{"number": {offer(taking)}, "consent": {"yes"}}},
			{path: mine(declining) + "/merge/answer", form: url.Values{"number": {offer(declining)}, "consent": {"no"}}, calm: true}},
		"POST /mine/{token}/data/{data}/erase": {{path: s.dataPath() + "/erase"}},
		"POST /organisation/{token}":           {{path: s.orgPath("one", true), form: url.Values{"own": {"yes"}}, calm: true}, {path: s.orgPath("two", true), form: url.Values{"own": {"no"}}}, {path: s.orgPath("three", false), form: url.Values{"own": {"no"}}}},
		"POST /member/{token}":                 {{path: s.memberPath(), form: url.Values{"stand": {"no"}}}, {path: s.memberPath(), form: url.Values{"stand": {"yes"}}, calm: true}},
	}
}

// ofOrg is a petition in the name of an organisation that was not asked.
func (s *testSite) ofOrg() petition.Petition {
	s.t.Helper()
	p := s.petition(texts())
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		p.Creator.Kind, p.Creator.Org = petition.Organisation, "Invented union"
		return petition.Change{Petition: p}, nil
	})
	return s.load(p.ID)
}

// What an officer typed about a case that a colleague has claimed meanwhile, or
// that was answered or archived, is on the page that says so.
func TestWhatWasTypedIsNotLost(t *testing.T) {
	s := newSite(t, nil)
	dana, erlan := s.login("dana@desk.example", store.Moderator), s.login("erlan@desk.example", store.Moderator)
	p := s.petition(texts())
	path := caseURL("en", p.ID)
	status(t, s.send(path+"/claim", url.Values{"act": {"claim"}}, dana), http.StatusSeeOther)
	for _, preview := range []string{"yes", ""} {
		form := url.Values{"verdict": {"reject"}, "reason": {"unclear"}, "note": {"Which of the two bridges?"}, "version": {"1"}}
		if preview != "" {
			form.Set("preview", preview)
		}
		w := s.send(path, form, erlan)
		status(t, w, http.StatusConflict)
		dom(t, w)
		if !strings.Contains(w.Body.String(), "Which of the two bridges?") {
			t.Errorf("preview %q: the note is lost", preview)
		}
	}
	open := s.open(texts())
	answer := url.Values{"outcome": {"partly"}, "answer.kk": {"Жол салынады"}, "source": {"Letter 7"}, "confirm": {"yes"}}
	status(t, s.send(caseURL("en", open.ID)+"/answer", answer, dana), http.StatusSeeOther)
	answer.Set("answer.kk", "Көпір де салынады")
	w := s.send(caseURL("en", open.ID)+"/answer", answer, erlan)
	status(t, w, http.StatusConflict)
	if body := w.Body.String(); !strings.Contains(body, "Көпір де салынады") || !strings.Contains(body, "Letter 7") {
		t.Error("the second answer is lost")
	}
}

// rested is a petition that can go to the archive.
func (s *testSite) rested() petition.Petition {
	s.t.Helper()
	p := s.open(texts())
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		p.State, p.OpenedAt, p.ClosesAt, p.ClosedAt = petition.Closed, s.at.AddDate(-1, -6, 0), s.at.AddDate(-1, 0, 0), s.at.AddDate(-1, 0, 0)
		p.PurgedAt = s.at.AddDate(0, -11, 0)
		return petition.Change{Petition: p, Events: []petition.Event{{Petition: p.ID, Kind: petition.EvClosed, At: p.ClosedAt, Actor: petition.ActorCalendar}}}, nil
	})
	return s.load(p.ID)
}

// attrOfButton is the session of cookie as the page of sessions names it.
func attrOfButton(t *testing.T, s *testSite, cookie string) string {
	t.Helper()
	for _, f := range forms(dom(t, s.get("/en/desk/sessions", "Cookie", cookie))) {
		if f.action == "/en/desk/sessions" {
			return f.values.Get("session")
		}
	}
	t.Fatal("no session")
	return ""
}

// newLink is the link of the letter that was queued last.
func (s *testSite) newLink() string {
	s.t.Helper()
	claimed, err := s.store.ClaimLetters(s.t.Context(), "test", 1000, s.at, s.at.AddDate(0, 0, 1))
	must(s.t, err)
	link := ""
	for _, c := range claimed {
		if l, err := letter.Open(s.vault, c.Sealed); err == nil { // the others are made by the tests, of one byte
			link = strings.TrimPrefix(l.Args["link"], "https://dauys.example")
		}
	}
	return link
}

// dataPath is the link to the own data of a petition just started.
func (s *testSite) dataPath() string {
	s.t.Helper()
	s.newLink()
	mine, _ := s.started()
	s.newLink()
	status(s.t, s.send(mine+"/data", nil, ""), http.StatusSeeOther)
	return s.newLink()
}

// orgPath is the link by which an organisation answers for its petition.
func (s *testSite) orgPath(name string, public bool) string {
	s.t.Helper()
	p := s.petition(texts())
	s.change(p.ID, func(p petition.Petition) (petition.Change, error) {
		p.Creator.Kind, p.Creator.Org = petition.Organisation, "Invented "+name
		if public {
			return s.law.Decide(p, petition.Decision{Verdict: petition.Publish, TextVersion: p.TextVersion, Officer: 1}, s.at)
		}
		return petition.Change{Petition: p}, nil
	})
	s.newLink()
	must(s.t, s.moderation.AskOrg(s.t.Context(), store.Staff{ID: 1}, p.ID, name+"@org.example", "https://org.example", "en"))
	return s.newLink()
}

// memberPath is the link by which a member of an assembly answers, under a law
// that asks one.
func (s *testSite) memberPath() string {
	s.t.Helper()
	site := s.law
	defer func() { s.law = site }()
	for _, law := range s.store.Laws() {
		if law.ID == "ca-commons" {
			s.law = law
		}
	}
	p := s.petition(texts())
	s.newLink()
	must(s.t, s.moderation.AskMember(s.t.Context(), store.Staff{ID: 1}, p.ID,
		moderation.MemberLetter{Member: "Olive Invented", Source: "https://house.example/olive", Email: "olive@house.example", Lang: "en"}))
	return s.newLink()
}

// Every POST of the desk and of private pages is either known to take nothing
// away, or says first what follows. Its routes are read from the sources.
func TestNothingIsDestroyedUnasked(t *testing.T) {
	s, asks := destroyingSite(t)
	routes := postRoutes(t)
	for _, r := range routes {
		if _, asked := asks[r]; !asked && harmless[r] == "" {
			t.Errorf("%s: does it hide, remove, refuse, erase or stop anything? Then it asks first, and has a row here", r)
		}
	}
	for r, list := range asks {
		if !slices.Contains(routes, r) {
			t.Errorf("%s is no route", r)
		}
		for _, d := range list {
			s.unasked(t, r, d)
		}
	}
	for r := range harmless {
		if !slices.Contains(routes, r) {
			t.Errorf("%s is no route", r)
		}
	}
}

// unasked sends a form as the page has it, in three languages: had the first
// done it, the second would find nothing to ask about. Then it confirms
// something that has changed, and at last what was read.
func (s *testSite) unasked(t *testing.T, route string, d destroying) {
	t.Helper()
	for _, l := range i18n.Langs() {
		w := s.send("/"+string(l)+d.path[3:], d.form, d.cookie)
		if w.Code != http.StatusOK {
			t.Errorf("%s %v in %s: %d, no question", route, d.form, l, w.Code)
			return
		}
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: the question may be kept: %q", route, got)
		}
		root := dom(t, w)
		said := consequencesOf(root)
		if len(said) < 2 || strings.Contains(w.Body.String(), "⟦") {
			t.Errorf("%s %v in %s: does not say what follows: %q", route, d.form, l, said)
		}
		if danger := strings.Contains(w.Body.String(), "button danger"); danger == d.calm {
			t.Errorf("%s %v: a warning: %v", route, d.form, danger)
		}
	}
	w := s.send(d.path, d.form, d.cookie)
	f := oneForm(t, dom(t, w), d.path)
	if len(f.values.Get("seen"))+len(f.values.Get("version")) == 0 && !strings.Contains(route, "session") {
		t.Errorf("%s: what was seen does not come along", route)
	}
	f.values.Set("confirm", "yes")
	if f.values.Has("seen") {
		stale := url.Values{}
		maps.Copy(stale, f.values)
		stale.Set("seen", "something else")
		w := s.send(f.action, stale, d.cookie)
		if w.Code != http.StatusConflict || len(consequencesOf(dom(t, w))) == 0 {
			t.Errorf("%s: confirmed about something else: %d", route, w.Code)
		}
	}
	if w := s.send(f.action, f.values, d.cookie); w.Code != http.StatusSeeOther {
		t.Errorf("%s %v, confirmed: %d", route, f.values, w.Code)
	}
}

// consequencesOf is what a page says about an act before it is done.
func consequencesOf(root *html.Node) (said []string) {
	for _, dl := range elements(root, "dl") {
		if strings.Contains(attrOf(dl, "class"), "consequences") {
			for _, dd := range elements(dl, "dd") {
				said = append(said, textOf(dd))
			}
		}
	}
	return said
}

// postRoutes are the POST routes of the desk and of private pages, read from
// the sources.
func postRoutes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	must(t, err)
	var routes []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 4 {
				return true
			}
			method, _ := call.Args[1].(*ast.BasicLit)
			path, _ := call.Args[2].(*ast.BasicLit)
			if method == nil || path == nil || method.Value != `"POST"` {
				return true
			}
			s, err := strconv.Unquote(path.Value)
			must(t, err)
			for _, part := range []string{"/desk", "/mine/", "/organisation/", "/member/"} {
				if strings.HasPrefix(s, part) {
					routes = append(routes, "POST "+s)
				}
			}
			return true
		})
	}
	return routes
}
