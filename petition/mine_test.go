package petition

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNewsOnceAWeekAndOnlyWhatWasRead(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	if _, err := l.WriteNews(inState(t, l, Moderation, now), News{Title: "a", Text: "b"}, now); !errors.Is(err, ErrState) {
		t.Errorf("before the publication: %v", err)
	}
	p := inState(t, l, Open, now)
	c, err := l.WriteNews(p, News{Title: "Кездесу", Text: "Ертең.", Lang: "kk"}, now)
	p = must(t, c, err)
	if _, err := l.WriteNews(p, News{Title: "a", Text: "b"}, now); !errors.Is(err, ErrState) {
		t.Errorf("a second while one waits: %v", err)
	}
	say := Decision{Verdict: Publish, Officer: 3}
	if _, err := l.DecideNews(p, say, now.Add(time.Second), now); !errors.Is(err, ErrTextChanged) {
		t.Errorf("not what was read: %v", err)
	}
	if _, err := l.DecideNews(p, Decision{Verdict: Reject, Reason: "no such"}, now, now); !errors.Is(err, ErrReason) {
		t.Errorf("refused without a reason: %v", err)
	}
	c, err = l.DecideNews(p, say, now, now)
	p = must(t, c, err)
	if e := c.Events[0]; e.Kind != EvNews || e.Data["title"] != "Кездесу" || e.Data["text"] != "Ертең." || p.News != nil {
		t.Errorf("published: %+v", e)
	}
	var errs FieldErrors
	if _, err := l.WriteNews(p, News{Title: "a", Text: "b"}, now.Add(NewsEvery-time.Nanosecond)); !errors.As(err, &errs) || errs[0].Key != "news_week" {
		t.Errorf("within a week: %v", err)
	}
	if _, err := l.WriteNews(p, News{Title: "a", Text: "b"}, now.Add(NewsEvery)); err != nil {
		t.Errorf("after a week: %v", err)
	}
	if errs := CheckNews(News{Title: strings.Repeat("я", NewsTitle+1), Text: strings.Repeat("я", NewsText+1)}); len(errs) != 2 {
		t.Errorf("too long: %v", errs)
	}
}

func TestNeverMoreThanWasChosen(t *testing.T) {
	for _, c := range []struct {
		who  Creator
		want string
	}{
		{Creator{Kind: Person, Name: "Әлия Ойдан"}, "Әлия Ойдан"},
		{Creator{Kind: Person, Name: "Әлия Ойдан", Display: DisplayInitials}, "Ә. О."},
		{Creator{Kind: Person, Name: "Әлия Ойдан", Display: DisplayPlatform}, ""},
		{Creator{Kind: Person, Name: "Әлия Ойдан", Erased: true}, ""},
		{Creator{Kind: Organisation, Name: "Әлия Ойдан", Display: DisplayPlatform}, "Әлия Ойдан"},
	} {
		if got := c.who.Public().Name; got != c.want {
			t.Errorf("%+v is shown as %q", c.who, got)
		}
	}
	l := civic(t)
	now := noon(t, l)
	p := inState(t, l, Supporting, now)
	if _, err := l.SetDisplay(p, DisplayInitials, now); err == nil {
		t.Error("the law lists one way only")
	}
	l.Display.Creator = []Display{DisplayName, DisplayInitials}
	c, err := l.SetDisplay(p, DisplayInitials, now)
	if must(t, c, err).Creator.Display != DisplayInitials {
		t.Error("not kept")
	}
	if _, err := l.SetDisplay(inState(t, l, Open, now), DisplayInitials, now); !errors.Is(err, ErrState) {
		t.Errorf("after the publication: %v", err)
	}
}

func TestErase(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	p := inState(t, l, Open, now)
	p.Creator = Creator{Kind: Person, Name: "Әлия Ойдан"}
	c, err := l.Erase(p, now)
	if q := must(t, c, err); q.Creator.Name != "Әлия Ойдан" || len(c.Events[0].Data) != 0 {
		t.Errorf("the law does not let the name go: %+v", q.Creator)
	}
	l.Display.EraseName = true
	c, err = l.Erase(p, now)
	if q := must(t, c, err); q.Creator.Name != "" || !q.Creator.Erased || q.State != Open {
		t.Errorf("erased: %+v", q.Creator)
	}
}

func TestOrganisationAnswersOnce(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	nonce := []byte("once")
	for state, after := range map[State]State{Open: Closed, Supporting: Withdrawn, Moderation: Withdrawn, Returned: Withdrawn, Refused: Refused} {
		p := inState(t, l, state, now)
		if _, err := l.AskOrg(p, "https://org.example", nonce, 5, now); !errors.Is(err, ErrState) {
			t.Errorf("%s: a person was asked for: %v", state, err)
		}
		p.Creator = Creator{Kind: Organisation, Org: "Тал"}
		c, err := l.AskOrg(p, "https://org.example", nonce, 5, now)
		p = must(t, c, err)
		if _, err := l.ConfirmOrg(p, []byte("other"), now); !errors.Is(err, ErrState) {
			t.Errorf("%s: another link: %v", state, err)
		}
		if _, err := l.DisownOrg(p, nonce, now.Add(OrgLinkLife)); !errors.Is(err, ErrLate) {
			t.Errorf("%s: too late: %v", state, err)
		}
		c, err = l.ConfirmOrg(p, nonce, now)
		q := must(t, c, err)
		if _, err := l.DisownOrg(q, nonce, now); !q.OrgVerified() || !errors.Is(err, ErrState) {
			t.Errorf("%s: twice: %v", state, err)
		}
		c, err = l.DisownOrg(p, nonce, now)
		q = must(t, c, err)
		if q.State != after || l.CheckSign(q, now) == nil || l.CheckConfirm(q, now) == nil || q.OrgVerified() {
			t.Errorf("%s: disowned it is %s", state, q.State)
		}
	}
}

func TestMergeNeedsBoth(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	a, b := inState(t, l, Open, now), inState(t, l, Open, now)
	a.ID, a.Number, a.Count, b.ID, b.Number, b.Count = 1, 1000001, 30, 2, 1000002, 40
	if _, _, err := AcceptMerge(a, b, now); !errors.Is(err, ErrState) {
		t.Errorf("nobody asked: %v", err)
	}
	if _, _, err := ProposeMerge(a, a, now); !errors.Is(err, ErrState) {
		t.Errorf("with itself: %v", err)
	}
	ca, cb, err := ProposeMerge(a, b, now)
	a, b = must(t, ca, err), must(t, cb, err)
	if a.State != Open || b.State != Open || a.MergeInto != b.Number {
		t.Errorf("asking changes nothing else: %+v", a)
	}
	na, nb, err := DeclineMerge(a, b, now)
	if x, y := must(t, na, err), must(t, nb, err); x.MergeInto != 0 || y.MergeOffers != nil || x.State != Open {
		t.Errorf("declined: %+v", x)
	}
	if _, _, err := AcceptMerge(b, a, now); !errors.Is(err, ErrState) {
		t.Errorf("the other way round: %v", err)
	}
	ca, cb, err = AcceptMerge(a, b, now)
	a, b = must(t, ca, err), must(t, cb, err)
	if a.State != Closed || a.MergedInto != b.Number || b.State != Open || a.Count != 30 || b.Count != 40 || b.Merged[0] != a.Number {
		t.Errorf("merged: %+v %+v", a, b)
	}
}

func TestProposalIsPutToItsBody(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	p := draft(l, now)
	p.Kind = KindProposal
	c, err := l.Confirm(p, now)
	p = must(t, c, err)
	if p.State != Moderation {
		t.Fatalf("it looks for supporters: %s", p.State)
	}
	c, err = l.Decide(p, decision(p, Publish, "", 1), now)
	p = must(t, c, err)
	r, ok := p.Reached("answer")
	if !ok || r.Threshold != 0 || !r.AnswerBy.IsZero() || c.Events[len(c.Events)-1].Kind != EvAddressed || l.NextThreshold(p) != 0 {
		t.Errorf("published: %+v", p.Stages)
	}
	if wait := l.Undelivered(p); len(wait) != 1 || wait[0].ID != "answer" {
		t.Errorf("to be delivered: %+v", wait)
	}
	if ph := l.PhaseOf(p, now.AddDate(1, 0, 0)); ph.Key != "awaiting-answer" || !ph.Until.IsZero() {
		t.Errorf("the term runs before the delivery: %+v", ph)
	}
	c, err = l.Deliver(p, Delivery{Stage: "answer", On: l.Today(now), Channel: ByPost}, now)
	p = must(t, c, err)
	if r, _ = p.Reached("answer"); r.AnswerBy.IsZero() {
		t.Error("a delivery starts no term")
	}
	if ph := l.PhaseOf(p, now); ph.Key != "awaiting-answer" || ph.Until != r.AnswerBy {
		t.Errorf("phase %+v", ph)
	}
	own := civic(t)
	own.Binding = Official
	if r, _ := own.address(Change{Petition: Petition{Kind: KindProposal}}, now).Petition.Reached("answer"); r.AnswerBy.IsZero() {
		t.Error("an authority's own site waits for a delivery")
	}
	if ph := l.PhaseOf(p, r.AnswerBy.AddDays(1).Midnight(l.Location)); ph.Key != "answer-overdue" {
		t.Errorf("overdue: %+v", ph)
	}
	silent := civic(t)
	silent.Stages = nil
	if ph := silent.PhaseOf(p, now); ph.Key != "collecting" {
		t.Errorf("where the law names no duty: %+v", ph)
	}
	for _, s := range l.Steps(p, now) {
		if s.Key == "stage" || s.Key == "supporting" {
			t.Errorf("a threshold that does not apply: %+v", s)
		}
	}
	if _, more := l.Count(p, 1_000_000, now); more {
		t.Error("signatures reach a stage of a proposal")
	}
}

func TestAChangeKeepsWhatWasBacked(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	p := inState(t, l, Returned, now)
	p.Count = 21
	c, err := l.Resubmit(p, Texts{"kk": {Title: "Жаңа", Ask: "Жаңа"}}, now)
	must(t, c, err)
	if d := c.Events[0].Data; d["hash"] != TextHash(p.Texts) || d["version"] != "1" || d["backed"] != "21" {
		t.Errorf("kept: %v", d)
	}
}

func TestDiffKeepsBothTexts(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("аб \nв")), 0, 60, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		var before, after strings.Builder
		for _, p := range Diff(a, b) {
			if p.Op != "added" {
				before.WriteString(p.Text)
			}
			if p.Op != "removed" {
				after.WriteString(p.Text)
			}
		}
		if before.String() != a || after.String() != b {
			t.Fatalf("%q and %q come back as %q and %q", a, b, before.String(), after.String())
		}
	})
	if got := Diff("шесть скамеек у входа", "восемь скамеек у входа"); len(got) != 3 || got[2].Op != "same" {
		t.Errorf("pieces %v", got)
	}
}

func TestLookalikes(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Тал", "Тал", false}, {"Тал", "ТАЛ ", false}, {"Ak Orda", "Аk Orda", true}, {"Сокол", "Coкoл", true}, {"Жер-Су", "Жер Су", true},
		{"Тал", "Терек", false}, {"!", "?", false},
		{"ORION", "ΟRΙΟΝ", true}, {"Vita", "ν\u0131ta", true}, {"АТОМ", "ΑΤΟΜ", true}, // Greek
		{"École", "Ecole", true}, {"Zażółć", "Zazolc", true}, {"Мёд", "Мед", true}, {"Қамқор", "Камкор", true}, // marks
		{"Ak Orda", "AkOrda", true}, {"Ak Orda", "Ak  Orda", false}, {"Ak\u200cOrda", "AkOrda", true}, {"Ta\u00adza", "Taza", true}, // blanks, no width
		{"Taza\u3164", "Taza", true}, {"Ta\ufe00za", "Taza", true}, {"Та\u034fза", "Таза", true},
		{"𝐀𝐤 𝐁𝐮𝐥𝐚𝐤", "Ak Bulak", false}, {"Ａｋ", "Аk", true}, // compatibility forms are the same name
		{"Modern", "Modem", true}, {"Illia", "1llіa", true}, {"Школа 3", "Школа З", true}, {"ІШКІ ІСТЕР", "Ішкі істер", false},
	} {
		if got := Lookalike(c.a, c.b); got != c.want || Lookalike(c.b, c.a) != c.want {
			t.Errorf("%q and %q: %v (%q, %q)", c.a, c.b, got, Skeleton(c.a), Skeleton(c.b))
		}
	}
	for name, want := range map[string]bool{"Сoкол": true, "PDF-файл Сокол": false, "Ορion": true, "Аlpha": true, "Ta\u200dза": true, "Көктөбе": false,
		"Ωmega": true, "Ак Orda": false, "é́cole": false} {
		if MixesScripts(name) != want {
			t.Errorf("%q mixes alphabets: %v", name, !want)
		}
	}
}

// What cannot be seen makes no other demand of the same.
func TestUnseenCharactersMakeNoOtherDemand(t *testing.T) {
	for _, b := range []string{"Фонари на Мел\u00adьничной", "фонари на мельничнoй", "Мельничной: фонари на", "Фонари на\ufe0f Мельничной", "Фонари на Мельни\u200fчной"} {
		if !SameDemand("Фонари на Мельничной", b) {
			t.Errorf("%q is taken for another demand", b)
		}
	}
}
