package storetest

import (
	"errors"
	"maps"
	"os"
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
	l.Archive = petition.ArchiveRule{Dissolved: petition.Term{N: 2, Unit: civil.Days}}
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

func news(v petition.Verdict) act {
	return func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.DecideNews(p, petition.Decision{Verdict: v, Reason: "personal-data", Officer: 1}, p.News.At, w.Now)
	}
}

// extended is a link that still works at now: the petition of the test has
// closed long after it was sent.
func extended(c *petition.OrgCheck, now time.Time) *petition.OrgCheck {
	still := *c
	still.Until = now.Add(time.Hour)
	return &still
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
		"news": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			w.Now = w.Now.Add(8 * 24 * time.Hour)
			return l.WriteNews(p, petition.News{Title: "First lantern", Text: "It shines.", Lang: "en"}, w.Now)
		},
		"news-yes": news(petition.Publish), "news-no": news(petition.Reject),
		"topics": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Retopic(p, []string{"safety"}, 1, w.Now)
		},
		"retopic": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.Retopic(p, nil, 1, w.Now)
		},
		"display": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.SetDisplay(p, petition.DisplayInitials, w.Now)
		},
		"org-ask": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.AskOrg(p, "https://society.example/contacts", []byte("nonce"), 1, w.Now)
		},
		"org-yes": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.ConfirmOrg(p, []byte("nonce"), w.Now)
		},
		"org-no": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			p.OrgCheck = extended(p.OrgCheck, w.Now)
			return l.DisownOrg(p, []byte("nonce"), w.Now)
		},
		"name": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			return l.NameMember(p, "A", "https://assembly.example/A", w.Now)
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

// archiveActs are those that lead to the archive.
func archiveActs() map[string]act {
	return map[string]act{
		"archive": func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, error) {
			w.Now = l.ArchiveFrom(p)
			return l.ToArchive(p, 3, w.Now)
		},
		"term-ends": sometimes(func(w *World, l *petition.Profile, p petition.Petition) (petition.Change, bool) {
			on := l.Today(w.Now).AddDays(1)
			w.Now = l.ArchivesDissolved(on)
			return l.ArchiveDissolved(p, on, w.Now)
		}),
	}
}

// lives are ways through a law: acts, and the states they lead to. A number
// lets that many people sign; "propose" makes the draft a proposal, "society"
// one of an organisation. The acts of wholeActs are the store's own.
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
	{Small, "confirm 3 publish 5 deliver answer due purge archive", "supporting moderation open open open open closed closed closed"},
	{Small, "confirm 3 publish due purge due hide remove", "supporting moderation open closed closed closed hidden removed"},
	{Small, "confirm 3 reject second purge archive hide lift", "supporting moderation moderation refused refused refused hidden refused"},
	{Assembly, "confirm 3 ask yes publish dissolve term-ends", "supporting authorising authorising moderation open closed closed"},
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
	{Small, "confirm 3 publish news news-yes news news-no topics retopic", "supporting moderation open open open open open open open"},
	{Small, "confirm display 3 publish erase due purge", "supporting supporting moderation open open closed closed"},
	{Small, "confirm 3 publish merge-ask merge-accept", "supporting moderation open open closed"},
	{Small, "confirm 3 publish merge-ask merge-decline merge-ask due", "supporting moderation open open open open open"},
	{Small, "confirm 3 publish merge-ask withdraw", "supporting moderation open open withdrawn"},
	{Small, "confirm 3 publish merge-offer merge-take", "supporting moderation open open open"},
	{Small, "confirm 3 publish merge-offer merge-refuse merge-offer due", "supporting moderation open open open open open"},
	{Small, "society confirm org-ask org-yes", "draft supporting supporting supporting"},
	{Small, "society confirm org-ask org-no", "draft supporting supporting withdrawn"},
	{Small, "society confirm 3 org-ask org-no", "draft supporting moderation moderation withdrawn"},
	{Small, "society confirm 3 return org-ask org-no", "draft supporting moderation returned returned withdrawn"},
	{Small, "society confirm 3 publish org-ask org-no", "draft supporting moderation open open closed"},
	{Small, "society confirm 3 publish org-ask due org-no", "draft supporting moderation open open closed closed"},
	{Assembly, "society confirm 3 org-ask org-no", "draft supporting authorising authorising withdrawn"},
	{Assembly, "confirm 3 name ask", "supporting authorising authorising authorising"},
	{Assembly, "confirm 3 ask yes reject second appeal dissolve", "supporting authorising authorising moderation moderation refused appealed refused"},
}

// transitions walks every life, and has somebody else act at the same time at
// each step: one of the two wins, the other hears of the conflict. Together they
// go every way that the list of package petition names, and no other.
func transitions(w *World) {
	w.Migrate()
	all, whole, signers := acts(), wholeActs(), 1
	maps.Copy(all, archiveActs())
	walked := map[string]bool{"none started draft": true}
	for _, life := range lives {
		p := w.Draft(life.law)
		partner := petition.ID(0)
		if strings.Contains(life.acts, "merge") {
			partner = w.Publish(life.law).ID
		}
		states := strings.Fields(life.states)
		for i, name := range strings.Fields(life.acts) {
			before, acted := w.Load(p.ID).State, w.acted(p.ID)
			switch {
			case name == "propose" || name == "society":
				p = w.Change(p.ID, func(_ *petition.Profile, p petition.Petition) (petition.Change, error) {
					if p.Kind = petition.KindProposal; name == "society" {
						p.Kind, p.Creator = petition.KindPetition, petition.Creator{Kind: petition.Organisation, Name: "Aigerim Testova", Org: "Invented society"}
					}
					return petition.Change{Petition: p}, nil
				})
			case whole[name] != nil:
				whole[name](w, p.ID, partner)
			case all[name] != nil:
				w.contested(p.ID, life.acts+": "+name, all[name])
			default:
				w.Sign(p.ID, signers, int(name[0]-'0'), "")
				signers += int(name[0] - '0')
			}
			after := w.Load(p.ID)
			equal(w, life.law+": "+life.acts+": after "+name, string(after.State), states[i])
			for _, line := range transitionLines(before, after.State, w.events(p.ID)[acted:]) {
				walked[line] = true
			}
		}
	}
	w.listed(walked)
	w.sound()
}

// acted is how many acts a petition has had.
func (w *World) acted(id petition.ID) int { return len(w.events(id)) }

// wholeActs are acts that the store does as a whole: about two petitions, or
// with what is destroyed beside the record.
func wholeActs() map[string]func(w *World, id, partner petition.ID) {
	both := func(act func(a, b petition.Petition, now time.Time) (petition.Change, petition.Change, error), asked bool) func(w *World, id, partner petition.ID) {
		return func(w *World, id, partner petition.ID) {
			if asked {
				id, partner = partner, id
			}
			w.must(w.S.ChangeBoth(w.T.Context(), id, partner, w.Now, func(a, b petition.Petition) (petition.Change, petition.Change, error) { return act(a, b, w.Now) }))
		}
	}
	return map[string]func(w *World, id, partner petition.ID){
		"merge-ask": both(petition.ProposeMerge, false), "merge-accept": both(petition.AcceptMerge, false), "merge-decline": both(petition.DeclineMerge, false),
		"merge-offer": both(petition.ProposeMerge, true), "merge-take": both(petition.AcceptMerge, true), "merge-refuse": both(petition.DeclineMerge, true),
		"erase": func(w *World, id, _ petition.ID) {
			w.must(w.S.EraseContact(w.T.Context(), id, w.Now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
				return w.S.Laws().Of(p).Erase(p, w.Now)
			}))
		},
		"purge": func(w *World, id, _ petition.ID) {
			p := w.Load(id)
			w.Now = w.S.Laws().Of(p).NextDue(p)
			w.must(w.S.Purge(w.T.Context(), id, w.Now))
		},
	}
}

// transitionLines names what happened as the list does.
func transitionLines(from, to petition.State, events []petition.Event) (lines []string) {
	var acts []string
	for _, e := range events {
		switch e.Kind {
		case petition.EvStage, petition.EvAddressed, petition.EvMergeLapsed:
			lines = append(lines, "stays "+string(e.Kind))
		default:
			acts = append(acts, string(e.Kind))
		}
	}
	if act := strings.Join(acts, "+"); len(acts) > 0 && from == to {
		lines = append(lines, "stays "+act)
	} else if len(acts) > 0 {
		lines = append(lines, string(from)+" "+act+" "+string(to))
	}
	return lines
}

// listed compares what was walked with the list of package petition.
func (w *World) listed(walked map[string]bool) {
	b, err := os.ReadFile("../../petition/testdata/transitions.txt")
	w.must(err)
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if !walked[line] {
			w.T.Errorf("nobody walks: %s", line)
		}
		delete(walked, line)
	}
	for line := range walked {
		w.T.Errorf("walked, and not in the list: %s", line)
	}
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
