package moderation

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
)

func TestCheckNamesEachField(t *testing.T) {
	w := newWorld(t, "kz-civic")
	for _, c := range []struct {
		name string
		f    func(*Form)
		want string // field:key, in the order of the form
	}{
		{"good", func(*Form) {}, ""},
		{"a proposal", func(f *Form) { f.Kind = petition.KindProposal }, ""},
		{"an organisation", func(f *Form) { f.CreatorKind, f.Org = petition.Organisation, "Үлгі ұйымы" }, ""},
		{"no place", func(f *Form) { f.Place = "" }, ""},
		{"no title", func(f *Form) { f.Texts["kk"] = petition.Text{Ask: "x"} }, "title:required"},
		{"long everything", func(f *Form) {
			f.Texts["kk"] = petition.Text{Title: strings.Repeat("ә", 81), Ask: strings.Repeat("ә", 301), Details: strings.Repeat("ә", 801)}
		}, "title:too_long ask:too_long details:too_long"},
		{"half a translation", func(f *Form) { f.Texts["en"] = petition.Text{Title: "Bus stop"} }, "ask.en:required"},
		{"an unknown language", func(f *Form) { f.Texts["de"] = petition.Text{Title: "x"} }, "title.de:unknown"},
		{"written in an unknown one", func(f *Form) { f.Lang = "de" }, "lang:unknown"},
		{"kind", func(f *Form) { f.Kind = "poll" }, "kind:unknown"},
		{"creator kind", func(f *Form) { f.CreatorKind = "" }, "creator_kind:unknown"},
		{"organisation without a name", func(f *Form) { f.CreatorKind, f.Org = petition.Organisation, " " }, "org:required"},
		{"organisation in two lines", func(f *Form) { f.CreatorKind, f.Org = petition.Organisation, "a\nb" }, "org:one_line"},
		{"creator", func(f *Form) { f.Creator = "\u200d" }, "creator:required"},
		{"creator turned round", func(f *Form) { f.Creator = "a\u202eb" }, "creator:control"},
		{"place", func(f *Form) { f.Place = "GB-1" }, "place:unknown"},
		{"email", func(f *Form) { f.Email = "a@b.example\r\nBcc: c@d.example" }, "email:email"},
		{"eligible", func(f *Form) { f.Eligible = false }, "eligible:eligible"},
		{"no body", func(f *Form) { f.Body = "" }, "body:required"},
		{"body", func(f *Form) { f.Body = "moon" }, "body:unknown"},
		{"nothing at all", func(f *Form) { *f = Form{} },
			"lang:unknown kind:unknown creator_kind:unknown creator:required email:email eligible:eligible body:required"},
	} {
		f := form()
		c.f(&f)
		errs, err := w.Check(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range errs {
			got = append(got, e.Field+":"+e.Key)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
		err = w.Start(t.Context(), f)
		var faults petition.FieldErrors
		if (c.want == "") != (err == nil) || err != nil && (!errors.As(err, &faults) || len(faults) != len(errs)) {
			t.Errorf("%s: start says %v", c.name, err)
		}
	}
	f := form()
	f.Body = "broken"
	_, err := w.Check(t.Context(), f)
	w.want("the register does not answer", err, store.ErrUnavailable)
	w.want("the same, start", w.Start(t.Context(), f), store.ErrUnavailable)
	if n, letters := w.number(`SELECT count(*) FROM petitions`), w.number(`SELECT count(*) FROM outbox`); n != 4 || letters != 4 {
		t.Errorf("%d petitions and %d letters of four good forms", n, letters)
	}
}

func TestPersonsOnlyWhereTheLawSaysSo(t *testing.T) {
	w := newWorld(t, "uk-parl")
	f := form()
	f.Texts, f.Lang = petition.Texts{"en": {Title: "Bus stop", Ask: "Build one"}}, "en"
	f.CreatorKind, f.Org, f.Eligible, f.Place = petition.Organisation, "Example Society", false, ""
	errs, err := w.Check(t.Context(), f)
	if err != nil || len(errs) != 2 || errs[0].Field != "creator_kind" || errs[1].Key != "eligible_any" {
		t.Errorf("%v, %v", errs, err)
	}
}

func TestFromDraftToSupporters(t *testing.T) {
	w := newWorld(t, "kz-civic")
	token := w.begin(form())
	for range 3 { // a mail scanner looks at it
		p, used, err := w.PeekStart(t.Context(), token)
		if err != nil || used || p.State != petition.Draft {
			t.Fatalf("peek: %s, used %v, %v", p.State, used, err)
		}
	}
	first, err := w.ConfirmStart(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	p := first.Petition
	if p.State != petition.Supporting || p.Texts["kk"].Title != "Аялдама" || p.Texts["kk"].Ask != "Көктем көшесіне\nаялдама" || p.Body != "city" || p.Creator.Org != "" || first.Signs {
		t.Errorf("petition %+v", p)
	}
	if _, ok := p.Texts["en"]; ok {
		t.Error("an empty translation was kept")
	}
	if p.UID == (petition.UID{}) || first.Mine == first.Share || first.Blind == (vault.Hash{}) {
		t.Errorf("started %+v", first)
	}
	w.set(w.clock().Add(2000 * time.Hour)) // a used link is answered for ever
	again, err := w.ConfirmStart(t.Context(), token)
	if err != nil || again.Mine != first.Mine || again.Share != first.Share || again.Blind != first.Blind || again.Petition.UID != p.UID {
		t.Errorf("again: %+v, %v", again, err)
	}
	if n := w.number(`SELECT count(*) FROM events WHERE kind = 'confirmed'`); n != 1 {
		t.Errorf("confirmed %d times", n)
	}
	m, err := w.Mine(t.Context(), first.Mine)
	if err != nil || m.Petition.UID != p.UID || m.Share != first.Share || m.Law != w.law || len(m.Events) != 2 {
		t.Errorf("mine: %+v, %v", m, err)
	}
	for name, bad := range map[string]string{"share": first.Share, "empty": "", "altered": first.Mine[1:], "sealed": token, "nobody's": w.vault.Fixed("mine", vault.Random(16)), "short": w.vault.Fixed("mine", vault.Random(8))} {
		_, err := w.Mine(t.Context(), bad)
		w.want("mine by "+name, err, store.ErrNotFound)
	}
}

func TestTwoClicksAtOnceAnswerTheSame(t *testing.T) {
	w := newWorld(t, "kz-civic")
	token := w.begin(form())
	const n = 12
	var got [n]Started
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			s, err := w.ConfirmStart(t.Context(), token)
			if err != nil {
				t.Error(err)
			}
			got[i] = s
		})
	}
	close(start)
	wg.Wait()
	for _, s := range got {
		if s.Mine != got[0].Mine || s.Share != got[0].Share || s.Petition.State != petition.Supporting || s.Petition.UID != got[0].Petition.UID {
			t.Fatalf("one click got %+v", s)
		}
	}
}

// The other click wins between this one's look and its act.
func TestTheSecondClickFindsItDone(t *testing.T) {
	w := newWorld(t, "kz-civic")
	token := w.begin(form())
	second, calls := &Service{o: w.o}, 0
	var first Started
	second.o.Now = func() time.Time {
		if calls++; calls == 2 { // once to look, once to act
			var err error
			if first, err = w.ConfirmStart(t.Context(), token); err != nil {
				t.Error(err)
			}
		}
		return w.clock()
	}
	got, err := second.ConfirmStart(t.Context(), token)
	if err != nil || calls < 2 || got.Mine != first.Mine || got.Share != first.Share || got.Petition.State != petition.Supporting {
		t.Errorf("after %d looks at the clock: %+v, %v; the first had %+v", calls, got, err, first)
	}
}

func TestAStartLinkLivesThreeDays(t *testing.T) {
	w := newWorld(t, "kz-civic")
	token := w.begin(form())
	begun := w.clock()
	w.set(begun.Add(LinkLife - time.Second))
	if _, _, err := w.PeekStart(t.Context(), token); err != nil {
		t.Errorf("in its last second: %v", err)
	}
	w.set(begun.Add(LinkLife))
	_, _, err := w.PeekStart(t.Context(), token)
	w.want("look", err, ErrExpired)
	_, err = w.ConfirmStart(t.Context(), token)
	w.want("use", err, ErrExpired)
	if n, err := w.store.PurgeDrafts(t.Context(), begun); err != nil || n != 0 {
		t.Errorf("purged %d too early, %v", n, err)
	}
	if n, err := w.store.PurgeDrafts(t.Context(), begun.Add(time.Second)); err != nil || n != 1 {
		t.Errorf("purged %d drafts, %v", n, err)
	}
	for _, table := range []string{"petitions", "texts", "contacts", "events"} {
		if n := w.number(`SELECT count(*) FROM ` + table); n != 0 {
			t.Errorf("%d rows of %s stay", n, table)
		}
	}
	_, err = w.ConfirmStart(t.Context(), token)
	w.want("use after the purge", err, ErrExpired)
}

func TestAnAlteredStartLink(t *testing.T) {
	w := newWorld(t, "kz-civic")
	token := w.begin(form())
	for i := range len(token) {
		c := byte('A')
		if token[i] == c {
			c = 'B'
		}
		bad := token[:i] + string(c) + token[i+1:]
		if _, _, err := w.PeekStart(t.Context(), bad); !errors.Is(err, vault.ErrSealed) {
			t.Fatalf("byte %d: %v", i, err)
		}
		if _, err := w.ConfirmStart(t.Context(), bad); !errors.Is(err, vault.ErrSealed) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	for _, bad := range []string{"", w.vault.Token("sign", make([]byte, 40)), w.vault.Token("start", make([]byte, 39)), w.vault.Token("start", make([]byte, 41))} {
		_, err := w.ConfirmStart(t.Context(), bad)
		w.want("another token", err, vault.ErrSealed)
	}
}

func TestAProposalGoesToTheDesk(t *testing.T) {
	w := newWorld(t, "kz-civic")
	f := form()
	f.Kind = petition.KindProposal
	s, err := w.ConfirmStart(t.Context(), w.begin(f))
	if err != nil || s.Petition.State != petition.Moderation {
		t.Errorf("%s, %v", s.Petition.State, err)
	}
}

func TestALawThatIsGoneDoesNotPanic(t *testing.T) {
	w := newWorld(t, "kz-civic")
	token, s := w.begin(form()), w.queued()
	w.exec(`UPDATE petitions SET record = replace(record, '"kz-civic"', '"gone"')`)
	_, err := w.ConfirmStart(t.Context(), token)
	w.want("confirm", err, petition.ErrState)
	w.want("withdraw", w.WithdrawPetition(t.Context(), s.Mine), petition.ErrState)
	w.want("appeal", w.Appeal(t.Context(), s.Mine, "words"), petition.ErrState)
	w.want("resubmit", w.Resubmit(t.Context(), s.Mine, form().Texts), petition.ErrState)
	_, err = w.Decide(t.Context(), officer(1), s.Petition.ID, Verdict{Verdict: petition.Publish, Version: 1})
	w.want("decide", err, petition.ErrState)
	w.want("answer", w.Answer(t.Context(), officer(1), s.Petition.ID, "partly", form().Texts), petition.ErrState)
	_, _, _, err = w.Case(t.Context(), s.Petition.ID)
	w.want("case", err, store.ErrNotFound)
}
