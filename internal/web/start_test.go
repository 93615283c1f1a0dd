package web

import (
	"golang.org/x/net/html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
)

func TestStartIntroLeadsToTheFirstStep(t *testing.T) {
	s := newSite(t, nil)
	for _, path := range inLangs("/start") {
		w := s.get(path)
		status(t, w, http.StatusOK)
		f := oneForm(t, dom(t, w), path)
		f.values.Set("go", f.buttons[0])
		w = s.send(path, f.values, "")
		status(t, w, http.StatusOK)
		first := oneForm(t, dom(t, w), path)
		if !slices.Equal(slices.Compact(slices.DeleteFunc(first.names, func(name string) bool { return name == "website" })), stepFields(startSteps()[0])) {
			t.Errorf("%s: first step asks for %s", path, first.names)
		}
	}
}

// walk goes through the wizard as a browser does, one page after the other,
// filling in what each page asks for.
func walk(t testing.TB, s *testSite, path string, fill url.Values) formOf {
	t.Helper()
	v := url.Values{"step": {"intro"}, "go": {"next"}}
	var f formOf
	for range 20 {
		w := s.send(path, v, "")
		if w.Code != http.StatusOK {
			t.Fatalf("after %s: %d: %s", v.Get("step"), w.Code, textStart(w.Body.String()))
		}
		f = oneForm(t, dom(t, w), path)
		if f.values.Get("step") == stepCheck {
			return f
		}
		for _, name := range f.names {
			f.values.Del(name)
			if x := fill.Get(name); x != "" {
				f.values.Set(name, x)
			}
		}
		f.values.Set("go", "next")
		v = f.values
	}
	t.Fatal("the wizard does not end")
	return f
}

func TestWizardInEveryLanguage(t *testing.T) {
	s := newSite(t, nil)
	for i, path := range inLangs("/start") {
		fill := wholeForm()
		fill.Set("email", []string{"a", "b", "c"}[i]+"@mail.example")
		f := walk(t, s, path, fill)
		for name := range fill {
			if f.values.Get(name) != fill.Get(name) {
				t.Errorf("%s: %s is %q on the last page, want %q", path, name, f.values.Get(name), fill.Get(name))
			}
		}
		f.values.Set("go", "submit")
		w := s.send(path, f.values, "")
		status(t, w, http.StatusSeeOther)
		if got := w.Header().Get("Location"); got != path+"/sent" {
			t.Errorf("%s: sent to %q", path, got)
		}
		dom(t, s.get(path+"/sent"))
		l := s.letters()
		if len(l) != 1 || string(l[0].Lang) != path[1:3] || !strings.HasPrefix(l[0].Args["link"], "https://dauys.example/"+path[1:3]+"/confirm/") {
			t.Errorf("%s: letters %+v", path, l)
		}
	}
}

func TestWholeFormAtOnce(t *testing.T) {
	s := newSite(t, nil)
	first := s.send("/ru/start", wholeForm(), "")
	status(t, first, http.StatusSeeOther)
	again := s.send("/ru/start", wholeForm(), "")
	if again.Code != first.Code || again.Header().Get("Location") != first.Header().Get("Location") || again.Body.String() != first.Body.String() {
		t.Error("a known address is answered differently")
	}
	if n := len(s.letters()); n != 2 {
		t.Errorf("%d letters, want 2", n)
	}
	for _, c := range []struct {
		name  string
		field string
		value string
		step  string
	}{
		{"no title", "title", "", stepTitle},
		{"title too long", "title", strings.Repeat("ә", 81), stepTitle},
		{"title of two lines", "title", "a\nb", stepTitle},
		{"no ask", "ask", "", stepAsk},
		{"details too long", "details", strings.Repeat("👩‍👩‍👧", 801), stepDetails},
		{"translation without ask", "title.en", "Only a title", stepMore + "en"},
		{"no kind", "kind", "", stepKind},
		{"unknown kind", "kind", "poll", stepKind},
		{"no name", "creator", "", stepName},
		{"organisation unnamed", "creator_kind", "organisation", stepName},
		{"unknown language", "lang", "tlh", stepLang},
		{"no body", "body", "", stepBody},
		{"unknown place", "place", "KZ-00", stepPlace},
		{"no address", "email", "", stepEmail},
		{"broken address", "email", "somebody at home", stepEmail},
		{"too young", "eligible", "", stepEmail},
	} {
		t.Run(c.name, func(t *testing.T) {
			form := wholeForm()
			form.Set(c.field, c.value)
			for _, path := range inLangs("/start") {
				w := s.send(path, form, "")
				status(t, w, http.StatusUnprocessableEntity)
				root := dom(t, w)
				f := oneForm(t, root, path)
				if got := f.values.Get("step"); got != c.step {
					t.Errorf("shows step %q, want %q", got, c.step)
				}
				if !strings.Contains(w.Body.String(), `id="errors"`) {
					t.Error("no error summary")
				}
				for name := range form {
					if want := petition.Clean(form.Get(name)); f.values.Get(name) != want && name != c.field {
						t.Errorf("%s became %q", name, f.values.Get(name))
					}
				}
			}
		})
	}
	if n := len(s.letters()); n != 0 {
		t.Errorf("%d letters left for forms with faults", n)
	}
}

func TestTitleOfEightyClustersIsTaken(t *testing.T) {
	s := newSite(t, nil)
	form := wholeForm()
	form.Set("title", strings.Repeat("👩‍👩‍👧", 80))
	status(t, s.send("/en/start", form, ""), http.StatusSeeOther)
}

func TestStartTrap(t *testing.T) {
	s := newSite(t, nil)
	form := wholeForm()
	form.Set("website", "https://spam.example")
	w := s.send("/en/start", form, "")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/en/start/sent" {
		t.Errorf("answered %d %q", w.Code, w.Header().Get("Location"))
	}
	if n := len(s.letters()); n != 0 {
		t.Errorf("%d letters left", n)
	}
}

func TestStartLimitsLettersToOneAddress(t *testing.T) {
	s := newSite(t, nil)
	for range 8 {
		status(t, s.send("/en/start", wholeForm(), ""), http.StatusSeeOther)
	}
	if n := len(s.letters()); n != 5 {
		t.Errorf("%d letters to one address, want 5", n)
	}
	for i := range 30 {
		form := wholeForm()
		form.Set("email", strings.Repeat("x", i+1)+"@mail.example")
		if w := s.send("/en/start", form, ""); w.Code == http.StatusTooManyRequests {
			if w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			return
		}
	}
	t.Error("one network starts petitions without end")
}

func TestSimilarPetitionsAreNamed(t *testing.T) {
	s := newSite(t, nil)
	p := s.open(texts())
	form := url.Values{"step": {stepTitle}, "go": {"next"}, "lang": {"kk"}, "kind": {"petition"}, "creator_kind": {"person"},
		"creator": {"Ертай"}, "title": {"Жағалауына жаяу жолды Көкбұлақ қаласына салайық"}}
	w := s.send("/kk/start", form, "")
	status(t, w, http.StatusOK)
	if !strings.Contains(w.Body.String(), petitionPath(p.Number)) {
		t.Error("an open petition about the same is not shown")
	}
	form.Set("title", "Мектеп асханасына жаңа пеш керек")
	if w := s.send("/kk/start", form, ""); strings.Contains(w.Body.String(), petitionPath(p.Number)) {
		t.Error("a petition about something else is shown")
	}
}

// asked are the steps with a question for a text in l, under the law of the
// tests: it leaves no choice of the time for signing.
func asked(l string) []string {
	return slices.DeleteFunc(startSteps(), func(step string) bool {
		return step == stepCheck || step == stepWindow || step == stepMore+l
	})
}

// TestOneQuestionAPage: the question is the heading where there is one only,
// and the progress is told in words.
func TestOneQuestionAPage(t *testing.T) {
	s := newSite(t, nil)
	for _, step := range asked("kk") {
		v := wholeForm()
		v.Set("step", stepCheck)
		v.Set("go", step)
		root := dom(t, s.send("/ru/start", v, ""))
		h := elements(root, "h1")
		if len(h) != 1 {
			t.Fatalf("%s: %d headings", step, len(h))
		}
		parent := h[0].Parent.Data
		labels := len(elements(h[0], "label"))
		whole := parent == "legend" || labels == 1
		if several := step == stepName || step == stepEmail || strings.HasPrefix(step, stepMore); several == whole {
			t.Errorf("%s: the heading is in %s with %d labels", step, parent, labels)
		}
		if got := textOf(root); !strings.Contains(got, "Часть ") || !strings.Contains(got, " из 4: ") {
			t.Errorf("%s: no progress in words", step)
		}
	}
}

func TestBackAndChangeKeepAnswers(t *testing.T) {
	s := newSite(t, nil)
	f := walk(t, s, "/en/start", wholeForm())
	for _, step := range asked("kk") {
		if !slices.Contains(f.buttons, step) {
			t.Errorf("the last page has no way to change %s", step)
		}
		v := maps.Clone(f.values)
		v.Set("go", step)
		w := s.send("/en/start", v, "")
		status(t, w, http.StatusOK)
		g := oneForm(t, dom(t, w), "/en/start")
		if g.values.Get("step") != step {
			t.Fatalf("change leads to %q, want %q", g.values.Get("step"), step)
		}
		g.values.Set("go", "next")
		w = s.send("/en/start", g.values, "")
		status(t, w, http.StatusOK)
		if back := oneForm(t, dom(t, w), "/en/start"); back.values.Get("step") != stepCheck {
			t.Errorf("after a change of %s comes %q, not the last page", step, back.values.Get("step"))
		}
	}
	v := maps.Clone(f.values)
	v.Set("go", "back")
	w := s.send("/en/start", v, "")
	if g := oneForm(t, dom(t, w), "/en/start"); g.values.Get("step") != stepEmail {
		t.Errorf("back leads to %q", g.values.Get("step"))
	}
}

// TestWizardKeepsEveryAnswer sends random answers through the steps in any
// order: what was typed comes out as it is counted and kept.
func TestWizardKeepsEveryAnswer(t *testing.T) {
	s := newSite(t, nil)
	texts := []string{`"><script>alert(1)</script>`, "line\nbreak\r\nand another", "👩‍👩‍👧 әңгіме", `it's "quoted" & <b>bold</b>`, "&quot;", "\ttab", "]]>", "{{.}}", "الكتاب", " spaced "}
	rapid.Check(t, func(rt *rapid.T) {
		fill := url.Values{}
		for _, name := range startFields() {
			if name == "eligible" || name == "display" || name == "kind" || name == "creator_kind" || name == "lang" || name == "body" || name == "place" || name == "window" {
				continue
			}
			if rapid.Bool().Draw(rt, "has "+name) {
				fill.Set(name, rapid.OneOf(rapid.SampledFrom(texts), rapid.StringOfN(rapid.RuneFrom([]rune("абвғқңabc<>&\"'`=/\n 👍🇰🇿")), 0, 40, -1)).Draw(rt, name))
			}
		}
		fill.Set("kind", rapid.SampledFrom([]string{"petition", "proposal"}).Draw(rt, "kind"))
		fill.Set("creator_kind", rapid.SampledFrom([]string{"person", "organisation"}).Draw(rt, "creator_kind"))
		fill.Set("display", rapid.SampledFrom([]string{"name", "initials", "platform"}).Draw(rt, "display"))
		fill.Set("lang", string(rapid.SampledFrom(i18n.Langs()).Draw(rt, "lang")))
		fill.Set("body", "akimat-kokbulak")
		fill.Set("place", rapid.SampledFrom([]string{"", "KZ-75", "KZ-10"}).Draw(rt, "place"))
		if rapid.Bool().Draw(rt, "eligible") {
			fill.Set("eligible", "yes")
		}
		v := maps.Clone(fill)
		v.Set("step", rapid.SampledFrom(startSteps()).Draw(rt, "from"))
		for range rapid.IntRange(1, 6).Draw(rt, "moves") {
			v.Set("go", rapid.SampledFrom(append(startSteps()[:len(startSteps())-1], "back", "next", "stay", "submit")).Draw(rt, "go"))
			w := s.send("/ru/start", v, "")
			if w.Code == http.StatusSeeOther || w.Code == http.StatusTooManyRequests {
				return
			}
			v = oneForm(t, dom(t, w), "/ru/start").values
			for name := range fill {
				want := petition.Clean(fill.Get(name))
				if name == inLanguage("title", petition.Lang(fill.Get("lang"))) && v.Get(name) == "" {
					continue
				}
				if got := petition.Clean(v.Get(name)); got != want {
					rt.Fatalf("on %s: %s is %q, was %q", v.Get("step"), name, got, want)
				}
			}
		}
	})
}

// TestHiddenFieldsAreNotShownTwice: a name that a page asks for must not be
// sent a second time by a hidden field, or the old answer would win.
func TestHiddenFieldsAreNotShownTwice(t *testing.T) {
	s := newSite(t, nil)
	for _, step := range asked("kk") {
		v := wholeForm()
		v.Set("step", stepCheck)
		v.Set("go", step)
		f := oneForm(t, dom(t, s.send("/en/start", v, "")), "/en/start")
		for name, values := range f.values {
			if len(values) > 1 {
				t.Errorf("step %s sends %s %d times", step, name, len(values))
			}
		}
	}
}

func TestFieldNamesOfTheContract(t *testing.T) {
	want := []string{"title", "ask", "details", "body", "place", "window", "lang", "kind", "creator_kind", "org", "creator", "display", "email", "eligible"}
	for _, l := range i18n.Langs() {
		want = append(want, "title."+string(l), "ask."+string(l), "details."+string(l))
	}
	got := startFields()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("fields %v, want %v", got, want)
	}
}

// startTexts are the fields of the texts. The petitioner's own language has a
// second, full name for each, which is taken into the plain one.
func startTexts(form url.Values) []string {
	var names []string
	for _, field := range []string{"title", "ask", "details"} {
		names = append(names, field)
		for _, l := range i18n.Langs() {
			if string(l) != petition.Clean(form.Get("lang")) {
				names = append(names, inLanguage(field, l))
			}
		}
	}
	return names
}

// FuzzStartForm: whatever is sent, no answer is a 500, none holds markup of what
// was typed, and a page that asks on has every text that came, as it is kept.
func FuzzStartForm(f *testing.F) {
	s := newSite(f, nil)
	s.free = true
	s.serve(nil, s.now)
	f.Add("title=a&ask=b&step=title&go=next")
	f.Add("step=check&go=submit&email=%00")
	f.Add("title=%ff&lang=kk")
	f.Add("step=who&go=%F0%9F%91%8D&title.kk=%3Cscript%3E")
	f.Add("step=title&go=next&lang=ru&title=%22%3E%3Cx-foreign%3E&ask=a%0d%0a%0db&details=%0aa&title.kk=%C2%AD&email=a%26amp;")
	f.Add("step=email&go=title&lang=en&title=a&title.en=b&ask.ru=%3C/textarea%3E%3Cx-foreign%3E")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		w := s.send("/en/start", form, "")
		if w.Code >= 500 {
			t.Errorf("%q: %d", body, w.Code)
		}
		if found := foreign(t, w.Body.String()); found != "" {
			t.Errorf("%q: the answer holds %s", body, found)
		}
		root, err := html.Parse(w.Body)
		must(t, err)
		for _, got := range forms(root) {
			if got.action != "/en/start" {
				continue
			}
			for _, name := range append(startTexts(form), "org", "creator", "email") {
				if v := form.Get(name); !utf8.ValidString(v) || strings.Contains(v, "\x00") {
					continue // refused by its name, and not shown again
				}
				if sent, kept := petition.Clean(form.Get(name)), petition.Clean(got.values.Get(name)); kept != sent {
					t.Errorf("%q: %s is %q, was %q", body, name, kept, sent)
				}
			}
		}
	})
}

// TestClientWithoutButtons: a program that fills in each page and presses no
// button gets through, and is taken at its word once nothing is missing.
func TestClientWithoutButtons(t *testing.T) {
	s := newSite(t, nil)
	fill, v := wholeForm(), url.Values{"step": {"intro"}}
	for range 20 {
		w := s.send("/kk/start", v, "")
		if w.Code == http.StatusSeeOther {
			if n := len(s.letters()); n != 1 {
				t.Errorf("%d letters", n)
			}
			return
		}
		status(t, w, http.StatusOK)
		f := oneForm(t, dom(t, w), "/kk/start")
		for _, name := range f.names {
			if x := fill.Get(name); x != "" {
				f.values.Set(name, x)
			}
		}
		v = f.values
	}
	t.Error("the form was never taken")
}

// TestLanguageSwitchKeepsAnswers: on every page of the wizard, with answers
// typed and not yet checked, the switch leads to the same page in the other
// language with all of them; Enter in a field still means to continue.
func TestLanguageSwitchKeepsAnswers(t *testing.T) {
	s := newSite(t, nil)
	for _, step := range append(asked("kk"), stepCheck) {
		v := wholeForm()
		v.Set("place", "KZ-75")
		v.Set("step", stepCheck)
		v.Set("go", step)
		if step == stepCheck {
			v.Set("go", goStay)
		}
		root := dom(t, s.send("/kk/start", v, ""))
		f := oneForm(t, root, "/kk/start")
		if slices.Contains(f.buttons, goStay) {
			t.Errorf("%s: Enter, or a client that takes the last button, would change the language", step)
		}
		var targets []string
		for _, b := range elements(root, "button") {
			if attrOf(b, "value") == goStay && attrOf(b, "form") == "wizard" {
				targets = append(targets, attrOf(b, "formaction"))
			}
		}
		if !slices.Equal(targets, inLangs("/start")) {
			t.Fatalf("%s: the switch leads to %v", step, targets)
		}
		for _, n := range elements(root, "nav") {
			if attrOf(n, "class") == "langs" {
				t.Errorf("%s: links that lose the answers", step)
			}
		}
		f.values.Set("go", goStay)
		if step == stepEmail {
			f.values.Set("email", "not yet an addr")
		}
		w := s.send("/ru/start", f.values, "")
		status(t, w, http.StatusOK)
		g := oneForm(t, dom(t, w), "/ru/start")
		for name := range f.values {
			if name != "go" && g.values.Get(name) != f.values.Get(name) {
				t.Errorf("%s: %s was %q, is %q", step, name, f.values.Get(name), g.values.Get(name))
			}
		}
	}
}

func TestPlaceOfAPetition(t *testing.T) {
	s := newSite(t, nil)
	fill := wholeForm()
	fill.Set("place", "KZ-75")
	f := walk(t, s, "/ru/start", fill)
	if body := s.send("/ru/start", f.values, "").Body.String(); f.values.Get("place") != "KZ-75" || strings.Contains(body, "KZ-75</dd>") {
		t.Errorf("place %q on the last page", f.values.Get("place"))
	}
	f.values.Set("go", goSubmit)
	status(t, s.send("/ru/start", f.values, ""), http.StatusSeeOther)
	if p := s.load(1); p.Place != "KZ-75" {
		t.Errorf("started for %q", p.Place)
	}
}
