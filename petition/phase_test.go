package petition

import (
	"strings"
	"testing"
	"time"
)

func TestPhaseAtEachPoint(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	supporting := inState(t, l, Supporting, now)
	moderation := inState(t, l, Moderation, now)
	open := inState(t, l, Open, now)
	closed := inState(t, l, Closed, now)
	escalated := moderation
	escalated.Escalated = true
	owed := closed
	owed.Stages = []StageReached{{Stage: "answer", Threshold: 10000, AnswerBy: Date{Year: 2026, Month: 12, Day: 14}}}
	both := owed
	both.Stages = append(both.Stages[:1:1], StageReached{Stage: "hearing", Threshold: 50000})
	hearing := closed
	hearing.Stages = []StageReached{{Stage: "letter", Threshold: 1000}, {Stage: "hearing", Threshold: 50000}}
	answered := both
	answered.Answer = &Answer{Outcome: "partly"}
	for _, c := range []struct {
		name string
		p    Petition
		now  string
		want Phase
	}{
		{"supporting, first day", supporting, "2026-11-23 00:00:00", Phase{"supporting", Date{Year: 2026, Month: 12, Day: 23}, 30, ""}},
		{"supporting, last second", supporting, "2026-12-23 23:59:59", Phase{"supporting", Date{Year: 2026, Month: 12, Day: 23}, 0, ""}},
		{"supporting, the calendar is late", supporting, "2026-12-24 00:00:00", Phase{"supporting", Date{Year: 2026, Month: 12, Day: 23}, -1, ""}},
		{"moderation, last second", moderation, "2026-12-07 23:59:59", Phase{"moderation", Date{Year: 2026, Month: 12, Day: 7}, 0, ""}},
		{"moderation, overdue", moderation, "2026-12-08 00:00:00", Phase{"moderation-overdue", Date{Year: 2026, Month: 12, Day: 7}, -1, ""}},
		{"moderation, second officer", escalated, "2026-12-07 12:00:00", Phase{"moderation-escalated", Date{Year: 2026, Month: 12, Day: 7}, 0, ""}},
		{"collecting, last second", open, "2027-05-23 23:59:59", Phase{"collecting", Date{Year: 2027, Month: 5, Day: 23}, 0, ""}},
		{"closed, nothing asked", closed, "2027-06-01 12:00:00", Phase{Key: "closed"}},
		{"answer, last day", owed, "2026-12-14 23:59:59", Phase{"awaiting-answer", Date{Year: 2026, Month: 12, Day: 14}, 0, "answer"}},
		{"answer, a day late", owed, "2026-12-15 00:00:00", Phase{"answer-overdue", Date{Year: 2026, Month: 12, Day: 14}, -1, "answer"}},
		{"a stage without a term hides nothing", both, "2026-12-17 00:00:00", Phase{"answer-overdue", Date{Year: 2026, Month: 12, Day: 14}, -3, "answer"}},
		{"hearing without a term", hearing, "2026-12-17 00:00:00", Phase{Key: "awaiting-answer", Stage: "hearing"}},
		{"answered", answered, "2026-12-17 00:00:00", Phase{Key: "answered"}},
		{"returned", inState(t, l, Returned, now), "2026-12-17 00:00:00", Phase{Key: "returned"}},
		{"refused", inState(t, l, Refused, now), "2026-12-17 00:00:00", Phase{Key: "refused"}},
		{"appealed", inState(t, l, Appealed, now), "2026-12-07 00:00:00", Phase{"appealed", Date{Year: 2026, Month: 12, Day: 7}, 0, ""}},
	} {
		if got := l.PhaseOf(c.p, at(t, l, c.now)); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	open.ClosesAt = time.Time{}
	if got := l.PhaseOf(open, now); got != (Phase{Key: "collecting"}) {
		t.Errorf("collecting without a window: %+v", got)
	}
}

// line writes steps as "key:status" for comparison.
func line(steps []Step) string {
	var b strings.Builder
	for i, s := range steps {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s.Key)
		if s.Stage != "" {
			b.WriteString("/" + s.Stage)
		}
		b.WriteString(":" + string(s.Status))
	}
	return b.String()
}

func TestStepsAtEachPoint(t *testing.T) {
	l := civic(t)
	now := noon(t, l)
	reached := inState(t, l, Open, now)
	c, _ := l.Count(reached, 10000, now)
	reached = c.Petition
	asked, err := l.Deliver(reached, Delivery{Stage: "answer", On: l.Today(now), Channel: ByHand}, now)
	wantErr(t, "delivered", err, nil)
	handed := asked.Petition
	answered := reached
	answered.Answer = &Answer{At: now}
	closed := handed
	closed.State, closed.ClosedAt = Closed, reached.ClosesAt
	early := closed // signing ends the day before the body gets it
	early.ClosedAt = now.AddDate(0, 0, -1)
	late := early
	late.Answer = &Answer{At: now}
	const ahead = " stage/letter:ahead stage/answer:ahead stage/hearing:ahead closed:ahead"
	for _, c := range []struct {
		name string
		p    Petition
		now  string
		want string
	}{
		{"draft", inState(t, l, Draft, now), "2026-11-23 12:00:00", "started:done supporting:ahead moderation:ahead" + ahead},
		{"supporting", inState(t, l, Supporting, now), "2026-12-23 23:59:59", "started:done supporting:current moderation:ahead" + ahead},
		{"supporting, over", inState(t, l, Supporting, now), "2026-12-24 00:00:00", "started:done supporting:overdue moderation:ahead" + ahead},
		{"moderation", inState(t, l, Moderation, now), "2026-12-07 23:59:59", "started:done supporting:done moderation:current" + ahead},
		{"moderation, over", inState(t, l, Moderation, now), "2026-12-08 00:00:00", "started:done supporting:done moderation:overdue" + ahead},
		{"refused", inState(t, l, Refused, now), "2026-12-07 23:59:59", "started:done supporting:done moderation:done refused:done appeal-open:ahead"},
		{"refused for good", inState(t, l, Refused, now), "2026-12-08 00:00:00", "started:done supporting:done moderation:done refused:done"},
		{"appealed", inState(t, l, Appealed, now), "2026-12-07 23:59:59", "started:done supporting:done moderation:done refused:done appealed:current"},
		{"appealed, over", inState(t, l, Appealed, now), "2026-12-08 00:00:00", "started:done supporting:done moderation:done refused:done appealed:overdue"},
		{"open", inState(t, l, Open, now), "2026-11-24 00:00:00", "started:done supporting:done moderation:done stage/letter:current stage/answer:ahead stage/hearing:ahead closed:ahead"},
		{"not delivered yet", reached, "2027-02-14 23:59:59", "started:done supporting:done moderation:done stage/letter:done stage/answer:done stage/hearing:current delivery/answer:current answer/answer:ahead closed:ahead"},
		{"asked", handed, "2026-12-14 23:59:59", "started:done supporting:done moderation:done stage/letter:done stage/answer:done stage/hearing:current delivery/answer:done answer/answer:current closed:ahead"},
		{"asked and not answered", handed, "2026-12-15 00:00:00", "started:done supporting:done moderation:done stage/letter:done stage/answer:done stage/hearing:current delivery/answer:done answer/answer:overdue closed:ahead"},
		{"answered", answered, "2026-12-15 00:00:00", "started:done supporting:done moderation:done stage/letter:done stage/answer:done stage/hearing:current answer:done closed:ahead"},
		{"closed", closed, "2027-06-15 00:00:00", "started:done supporting:done moderation:done stage/letter:done stage/answer:done stage/hearing:ahead delivery/answer:done answer/answer:overdue closed:done"},
		{"closed before it was delivered", early, "2026-12-14 23:59:59", "started:done supporting:done moderation:done stage/letter:done stage/answer:done stage/hearing:ahead closed:done delivery/answer:done answer/answer:current"},
		{"closed and answered", late, "2026-12-15 00:00:00", "started:done supporting:done moderation:done stage/letter:done stage/answer:done stage/hearing:ahead closed:done delivery/answer:done answer:done archived:ahead"},
	} {
		if got := line(l.Steps(c.p, at(t, l, c.now))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	proposal := draft(l, now)
	proposal.Kind = KindProposal
	if got := line(l.Steps(proposal, now)); strings.Contains(got, "supporting") {
		t.Errorf("a proposal looks for supporters: %s", got)
	}
}
