package petition

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func reachedAll(t testing.TB, l *Profile) Petition {
	t.Helper()
	c, ok := l.Count(inState(t, l, Open, noon(t, l)), 1_000_000, noon(t, l))
	if !ok {
		t.Fatal("nothing reached")
	}
	return c.Petition
}

func TestTheClockRunsFromTheDelivery(t *testing.T) {
	l := civic(t)
	p := reachedAll(t, l)
	later := noon(t, l).AddDate(0, 0, 60)
	if due := l.Duty(p); due == nil || !due.AnswerBy.IsZero() || l.PhaseOf(p, later).Key == "answer-overdue" {
		t.Errorf("a duty runs before the delivery: %+v", due)
	}
	step := func(p Petition, key string) Step {
		t.Helper()
		for _, s := range l.Steps(p, later) {
			if s.Key == key && (s.Stage == "answer" || key == "answer") {
				return s
			}
		}
		t.Fatalf("no step %s", key)
		return Step{}
	}
	if s := step(p, "delivery"); s.Status != Current {
		t.Errorf("not delivered: %+v", s)
	}
	if s := step(p, "answer"); s.Status != Ahead {
		t.Errorf("an answer is expected of who was not asked: %+v", s)
	}
	on := l.Today(later).AddDays(-2)
	c, err := l.Deliver(p, Delivery{Stage: "answer", On: on, Channel: ByEOtinish, Ref: "ЖТ-2027-1", By: 3}, later)
	wantErr(t, "deliver", err, nil)
	wantKinds(t, "deliver", c, EvDelivered)
	want := l.Calendar.AddWorkdays(on, 15)
	if r, _ := c.Petition.Reached("answer"); r.AnswerBy != want || len(p.Deliveries) != 0 || !p.Stages[1].AnswerBy.IsZero() {
		t.Errorf("answer by %s, want %s; before %+v", r.AnswerBy, want, p.Stages)
	}
	if d := c.Events[0].Data; d["answer_by"] != want.String() || d["ref"] != "ЖТ-2027-1" || d["channel"] != "eotinish" || c.Events[0].Actor != "officer:3" {
		t.Errorf("event %+v", c.Events[0])
	}
	if s := step(c.Petition, "delivery"); s.Status != Done || s.On != on {
		t.Errorf("delivered: %+v", s)
	}
	if s := step(c.Petition, "answer"); s.Status != Current || s.By != want {
		t.Errorf("asked: %+v", s)
	}
	if left := l.Undelivered(c.Petition); len(left) != 1 || left[0].ID != "hearing" {
		t.Errorf("undelivered %v", left)
	}
	_, err = l.Deliver(c.Petition, Delivery{Stage: "answer", On: on, Channel: ByHand}, later)
	wantErr(t, "twice", err, ErrState)
	overdue := want.AddDays(1).Midnight(l.location())
	for _, s := range l.Steps(c.Petition, overdue) {
		if s.Key == "answer" && s.Status != Overdue {
			t.Errorf("a day late: %+v", s)
		}
	}
}

func TestAnOfficialSiteNeedsNoDelivery(t *testing.T) {
	own := *civic(t)
	own.Binding = Official
	p := reachedAll(t, &own)
	if r, _ := p.Reached("answer"); r.AnswerBy != (Date{Year: 2026, Month: 12, Day: 14}) {
		t.Errorf("answer by %s", r.AnswerBy)
	}
	if l := own.Undelivered(p); l != nil {
		t.Errorf("undelivered %v", l)
	}
	c, err := own.Respond(p, Answer{Outcome: "partly"}, noon(t, &own).AddDate(0, 0, 7))
	wantErr(t, "answer", err, nil)
	if days, working, ok := own.AnswerDays(c.Petition); !ok || days != 7 || working != 5 {
		t.Errorf("%d days, %d working days, %v", days, working, ok)
	}
}

func TestDeliveryIsRefused(t *testing.T) {
	l, now := civic(t), noon(t, civic(t))
	p := reachedAll(t, l)
	good := Delivery{Stage: "answer", On: l.Today(now), Channel: ByPost}
	answered := p
	answered.Answer = &Answer{}
	gone := p
	gone.State = Removed
	for name, q := range map[string]Petition{"answered": answered, "removed": gone, "nothing reached": inState(t, l, Open, now)} {
		_, err := l.Deliver(q, good, now)
		wantErr(t, name, err, ErrState)
	}
	letter := good
	letter.Stage = "open-letter"
	_, err := l.Deliver(p, letter, now)
	wantErr(t, "the operator's own duty", err, ErrState)
	for name, spoil := range map[string]func(*Delivery){
		"on":      func(d *Delivery) { d.On = d.On.AddDays(1) },
		"on ":     func(d *Delivery) { d.On = d.On.AddDays(-1) },
		"on  ":    func(d *Delivery) { d.On = Date{} },
		"channel": func(d *Delivery) { d.Channel = "pigeon" },
		"ref":     func(d *Delivery) { d.Ref = "two\nlines" },
		"ref ":    func(d *Delivery) { d.Ref = strings.Repeat("9", MaxRef+1) },
		"file":    func(d *Delivery) { d.Files = []Attachment{{Hash: "../x", Name: "x", Size: 1}} },
	} {
		d := good
		spoil(&d)
		_, err := l.Deliver(p, d, now)
		var errs FieldErrors
		if !errors.As(err, &errs) || errs[0].Field != strings.TrimSpace(name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnswerDaysAreCountedFromTheFirstDelivery(t *testing.T) {
	l, now := civic(t), noon(t, civic(t))
	p := reachedAll(t, l)
	c, err := l.Deliver(p, Delivery{Stage: "answer", On: l.Today(now), Channel: ByPost}, now)
	wantErr(t, "deliver", err, nil)
	if _, _, ok := l.AnswerDays(c.Petition); ok {
		t.Error("days without an answer")
	}
	later := now.AddDate(0, 0, 10)
	c, err = l.Respond(c.Petition, Answer{Outcome: "refused", Source: "https://body.example/1", Received: l.Today(now).AddDays(7)}, later)
	wantErr(t, "answer", err, nil)
	if days, working, ok := l.AnswerDays(c.Petition); !ok || days != 7 || working != 5 {
		t.Errorf("%d days, %d working days, %v", days, working, ok)
	}
	if c.Events[0].Data["source"] != "https://body.example/1" {
		t.Errorf("event %+v", c.Events[0])
	}
	unasked := p
	c, err = l.Respond(unasked, Answer{Outcome: "partly"}, later)
	wantErr(t, "unasked", err, nil)
	if _, _, ok := l.AnswerDays(c.Petition); ok {
		t.Error("days from nowhere")
	}
	for name, a := range map[string]Answer{"received": {Received: l.Today(later).AddDays(1)}, "source": {Source: "a\u202eb"}, "file": {Files: []Attachment{{}}}} {
		_, err := l.Respond(p, a, later)
		var errs FieldErrors
		if !errors.As(err, &errs) || errs[0].Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFileName(t *testing.T) {
	if got := FileName(strings.Repeat("ә", 1<<20) + ".pdf"); got != strings.Repeat("ә", MaxRef-14)+".pdf" {
		t.Errorf("of a long name is left %q", got)
	}
	for sent, want := range map[string]string{
		"ответ.pdf": "ответ.pdf", "../../etc/passwd": "passwd", `C:\Users\x\scan 1.png`: "scan 1.png", "..": "document", "": "document",
		"a\u202efdp.exe": "afdp.exe", "a\x00b\n.pdf": "ab.pdf", "/": "document",
		`..\..\x`: "x", "../x": "x", "x/..": "document", ". .": "document", "a\u200fb\u200b.pdf": "ab.pdf", "\u3164": "document", "\u3164.pdf": ".pdf", "\xff.pdf": ".pdf",
		"pay\u200dment.pdf": "payment.pdf", strings.Repeat("я", 5000) + ".pdf": strings.Repeat("я", MaxRef-14) + ".pdf", "x.pdf\u202e": "x.pdf",
		"<img src=x>.png": "<img src=x>.png", "a\u2028b.pdf": "ab.pdf",
	} {
		if got := FileName(sent); got != want {
			t.Errorf("%q is shown as %q, want %q", sent, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		got := FileName(rapid.String().Draw(t, "sent"))
		if strings.ContainsAny(got, "/\\\n\x00") || len(CheckAttachments("file", []Attachment{{Hash: strings.Repeat("0", 64), Name: got, Size: 1}})) > 0 {
			t.Fatalf("shown as %q", got)
		}
	})
}

// Whatever is delivered when, no term begins before its delivery and none ends
// before it began.
func TestTermsFollowDeliveries(t *testing.T) {
	l := civic(t)
	p0, start := reachedAll(t, l), noon(t, l)
	rapid.Check(t, func(t *rapid.T) {
		p, now := p0, start
		for range rapid.IntRange(0, 4).Draw(t, "acts") {
			now = now.Add(time.Duration(rapid.IntRange(1, 400).Draw(t, "hours")) * time.Hour)
			d := Delivery{Stage: rapid.SampledFrom([]string{"open-letter", "answer", "hearing", "none"}).Draw(t, "stage"),
				On: l.Today(now).AddDays(rapid.IntRange(-30, 2).Draw(t, "on")), Channel: ByHand}
			if c, err := l.Deliver(p, d, now); err == nil {
				p = c.Petition
			}
		}
		for _, r := range p.Stages {
			d, ok := p.Delivered(r.Stage)
			if !ok && !r.AnswerBy.IsZero() || ok && !r.AnswerBy.IsZero() && !d.On.Before(r.AnswerBy) {
				t.Fatalf("%+v delivered %+v", r, d)
			}
		}
	})
}

// FuzzFileName: a name that is shown can be attached, leads nowhere and is its
// own name.
func FuzzFileName(f *testing.F) {
	for _, s := range []string{"../x.pdf", `C:\a\b.docx`, "a\x00\u202efdp.exe", strings.Repeat("e\u0301", 200) + ".odt", "..", "\xff/.", "\u1100\u1161\u11a8.pdf", "\ufeff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		name := FileName(sent)
		if again := FileName(name); again != name {
			t.Errorf("%q is %q, and again %q", sent, name, again)
		}
		if strings.ContainsAny(name, "/\\\n\r\t\x00") || strings.Trim(name, ".") == "" {
			t.Errorf("%q is %q", sent, name)
		}
		if errs := CheckAttachments("file", []Attachment{{Hash: strings.Repeat("a", 64), Name: name, Size: 1}}); len(errs) > 0 {
			t.Errorf("%q is %q: %v", sent, name, errs)
		}
	})
}
