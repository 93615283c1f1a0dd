package storetest

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// Assembly is Small under an assembly: a member must stand behind a petition,
// a dissolution stops what runs, an outage gives its days back. Checked is
// Small with supporters found after the check.
const (
	Assembly = "test-assembly"
	Checked  = "test-checked"
)

func assemblyLaw(small petition.Profile) petition.Profile {
	l := small
	l.ID = Assembly
	l.Authoriser = petition.AuthoriserRule{Tries: 2, Term: petition.Term{N: 14, Unit: civil.Days}}
	l.Dissolution = petition.DissolutionRule{Effect: petition.DissolveStop}
	l.Downtime = petition.DowntimeRule{Compensate: true, FromHours: 4}
	return l
}

func checkedLaw(small petition.Profile) petition.Profile {
	l := small
	l.ID, l.Support.AfterCheck = Checked, true
	return l
}

// act is a pure decision about a petition.
type act func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error)

func verdict(v petition.Verdict, officer petition.OfficerID) act {
	return func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
		d := petition.Decision{Verdict: v, TextVersion: p.TextVersion, Officer: officer}
		if v != petition.Publish {
			d.Reason = "personal-data"
		}
		return l.Decide(p, d, w.Now)
	}
}

func memberSays(yes bool) act {
	return func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.AnswerMember(p, p.Asked().Nonce, yes, w.Now)
	}
}

func askMember(name string) act {
	return func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.AskMember(p, name, "https://assembly.example/"+name, []byte(name), 3, w.Now)
	}
}

// sometimes is an act of the calendar, which must have something to do.
func sometimes(decide func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, bool)) act {
	return func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
		c, ok := decide(w, l, p)
		if !ok {
			return c, petition.ErrState
		}
		return c, nil
	}
}

// acts are the acts by the words of the table.
func acts() map[string]act {
	return map[string]act{
		"confirm": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Confirm(p, w.Now)
		},
		"publish": verdict(petition.Publish, 1), "return": verdict(petition.Return, 1),
		"reject": verdict(petition.Reject, 1), "second": verdict(petition.Reject, 2),
		"accept": verdict(petition.Publish, 3), "uphold": verdict(petition.Reject, 3), "uphold-second": verdict(petition.Reject, 4),
		"appeal": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Lodge(p, "Look again.", w.Now)
		},
		"resubmit": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Resubmit(p, Texts("Mill Road"), w.Now)
		},
		"withdraw": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Withdraw(p, w.Now)
		},
		"deliver": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Deliver(p, petition.Delivery{Stage: "answer", On: l.Today(w.Now), Channel: petition.ByPost, By: 3}, w.Now)
		},
		"answer": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Respond(p, petition.Answer{Outcome: "partly", By: 3}, w.Now)
		},
		"hide": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Hide(p, "personal-data", "", 1, w.Now)
		},
		"lift": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Lift(p, 2, w.Now)
		},
		"remove": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Remove(p, 2, w.Now)
		},
		"ask": askMember("A"), "ask-another": askMember("B"), "yes": memberSays(true), "no": memberSays(false),
		"due": sometimes(func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, bool) {
			w.Now = l.NextDue(p)
			return l.Tick(p, w.Now)
		}),
		"dissolve": sometimes(func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, bool) {
			on := l.Today(w.Now).AddDays(1)
			w.Now = l.DissolvedAt(on)
			return l.Dissolve(p, on, w.Now)
		}),
		"outage": sometimes(func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, bool) {
			from := w.Now
			w.Now = w.Now.Add(5 * time.Hour)
			return l.Extend(p, petition.Outage{From: from, To: w.Now}, w.Now)
		}),
	}
}

// lives are ways through a law: acts, and the states they lead to. A number
// lets that many people sign; "propose" makes the draft a proposal.
var lives = []struct{ law, acts, states string }{
	{Small, "confirm due", "supporting lapsed"},
	{Small, "confirm withdraw", "supporting withdrawn"},
	{Small, "withdraw", "withdrawn"},
	{Small, "confirm 3 publish 5 deliver answer due", "supporting moderation open open open open closed"},
	{Small, "confirm 3 publish 5 due deliver answer", "supporting moderation open open closed closed closed"},
	{Small, "confirm 3 return resubmit publish withdraw", "supporting moderation returned moderation open withdrawn"},
	{Small, "confirm 3 return due", "supporting moderation returned lapsed"},
	{Small, "confirm 3 return withdraw", "supporting moderation returned withdrawn"},
	{Small, "confirm 3 withdraw", "supporting moderation withdrawn"},
	{Small, "confirm 3 due due", "supporting moderation moderation open"},
	{Small, "confirm 3 reject second appeal accept", "supporting moderation moderation refused appealed open"},
	{Small, "confirm 3 reject second appeal uphold uphold-second", "supporting moderation moderation refused appealed appealed refused"},
	{Small, "confirm 3 reject second appeal withdraw", "supporting moderation moderation refused appealed withdrawn"},
	{Small, "confirm 3 reject publish", "supporting moderation moderation open"},
	{Small, "confirm 3 publish hide lift", "supporting moderation open hidden open"},
	{Small, "confirm 3 publish hide due", "supporting moderation open hidden open"},
	{Small, "confirm 3 publish hide remove", "supporting moderation open hidden removed"},
	{Small, "confirm 3 publish due hide lift", "supporting moderation open closed hidden closed"},
	{Small, "confirm 3 reject second hide lift", "supporting moderation moderation refused hidden refused"},
	{Small, "confirm 3 reject second appeal hide lift", "supporting moderation moderation refused appealed hidden appealed"},
	{Small, "propose confirm publish deliver answer", "draft moderation open open open"},
	{Small, "propose confirm withdraw", "draft moderation withdrawn"},
	{Checked, "confirm publish 3", "moderation supporting open"},
	{Checked, "confirm reject second appeal accept 3", "moderation moderation refused appealed supporting open"},
	{Assembly, "confirm 3 ask no ask-another yes publish", "supporting authorising authorising authorising authorising moderation open"},
	{Assembly, "confirm 3 ask no ask-another no", "supporting authorising authorising authorising authorising lapsed"},
	{Assembly, "confirm 3 ask due ask-another due", "supporting authorising authorising authorising authorising lapsed"},
	{Assembly, "confirm 3 withdraw", "supporting authorising withdrawn"},
	{Assembly, "confirm dissolve", "supporting lapsed"},
	{Assembly, "confirm 3 dissolve", "supporting authorising lapsed"},
	{Assembly, "confirm 3 ask yes dissolve", "supporting authorising authorising moderation lapsed"},
	{Assembly, "confirm 3 ask yes return dissolve", "supporting authorising authorising moderation returned lapsed"},
	{Assembly, "confirm outage 3 ask yes publish outage dissolve", "supporting supporting authorising authorising moderation open open closed"},
	{Assembly, "confirm 3 ask yes reject second appeal dissolve", "supporting authorising authorising moderation moderation refused appealed refused"},
}

// transitions walks every life, and has somebody else act at the same time at
// each step: one of the two wins, the other hears of the conflict.
func transitions(w *World) {
	w.Migrate()
	all, signers := acts(), 1
	for _, life := range lives {
		p := w.Draft(life.law)
		states := strings.Fields(life.states)
		for i, name := range strings.Fields(life.acts) {
			switch {
			case name == "propose":
				p = w.Change(p.ID, func(_ *petition.Profile, p petition.Petition) (petition.Change, error) {
					p.Kind = petition.KindProposal
					return petition.Change{Petition: p}, nil
				})
			case all[name] != nil:
				w.contested(p.ID, life.acts+": "+name, all[name])
			default:
				w.Sign(p.ID, signers, int(name[0]-'0'), "")
				signers += int(name[0] - '0')
			}
			equal(w, life.law+": "+life.acts+": after "+name, string(w.Load(p.ID).State), states[i])
		}
	}
	w.sound()
}

// contested makes two changes of the state that both have read: the act, and
// one of somebody else.
func (w *World) contested(id petition.ID, what string, do act) {
	w.T.Helper()
	read := w.Load(id)
	rival := read
	rival.Creator.Name += "’"
	mine, err := do(w, w.S.Laws().Of(read), read)
	if err != nil {
		w.T.Fatalf("%s: %v", what, err)
	}
	var errs [2]error
	var wg sync.WaitGroup
	for i, c := range []petition.Change{mine, {Petition: rival}} {
		wg.Go(func() {
			_, errs[i] = w.S.Change(w.T.Context(), id, w.Now, func(*store.Tx, petition.Petition) (petition.Change, error) { return c, nil })
		})
	}
	wg.Wait()
	switch {
	case errs[0] == nil && errors.Is(errs[1], store.ErrConflict):
	case errs[1] == nil && errors.Is(errs[0], store.ErrConflict):
		equal(w, what+": state after a lost act", w.Load(id).State, read.State)
		w.Change(id, func(*petition.Profile, petition.Petition) (petition.Change, error) {
			c := mine
			c.Petition.Creator.Name, c.Petition.Version = rival.Creator.Name, w.Load(id).Version
			return c, nil
		})
	default:
		w.T.Fatalf("%s: two at once heard %v and %v", what, errs[0], errs[1])
	}
}
