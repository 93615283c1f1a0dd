package petition

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// walk is one petition under random acts, with what was true of it before.
type walk struct {
	l        *Profile
	p        Petition
	now      time.Time
	numbered bool
	events   []Event
	other    Petition        // another one that is open, to merge with
	seen     map[string]bool // transitions, by their names in the list
}

// legal are the ways a petition may go; it may always stay.
var legal = map[State][]State{
	"":    {Draft},
	Draft: {Supporting, Authorising, Moderation, Withdrawn}, Supporting: {Authorising, Moderation, Open, Lapsed, Withdrawn},
	Authorising: {Moderation, Lapsed, Withdrawn},
	Moderation:  {Open, Supporting, Refused, Returned, Withdrawn, Lapsed}, Returned: {Moderation, Withdrawn, Lapsed},
	Refused: {Appealed, Hidden}, Appealed: {Open, Supporting, Refused, Withdrawn, Hidden}, Open: {Closed, Withdrawn, Hidden},
	Closed: {Hidden}, Hidden: {Open, Closed, Refused, Appealed, Removed},
}

func TestRandomLivesStayLegal(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range []*Profile{civic(t), parliament(t), commons(t), checkedFirst(t)} {
		l.Display.EraseName = true
		partner := inState(t, civic(t), Open, noon(t, l))
		partner.ID, partner.Number, partner.Profile = 2, 1000002, l.Ref()
		start := noon(t, l)
		rapid.Check(t, func(t *rapid.T) {
			for range 10 { // under -short there are few checks, and the transitions are to be met all the same
				w := &walk{l: l, now: start, other: partner, seen: seen}
				w.live(t)
			}
		})
	}
	listed := transitions(t)
	for name := range seen {
		if !listed[name] {
			t.Errorf("%s: no line of testdata/transitions.txt", name)
		}
	}
	if len(seen) < len(listed)/2 {
		t.Errorf("only %d of %d transitions were met", len(seen), len(listed))
	}
}

// live is one life from its start on.
func (w *walk) live(t *rapid.T) {
	w.p = draft(w.l, w.now)
	w.p.Number, w.p.State = 1000001, ""
	if rapid.IntRange(0, 4).Draw(t, "proposal") == 0 {
		w.p.Kind = KindProposal
	}
	if rapid.IntRange(0, 3).Draw(t, "organisation") == 0 {
		w.p.Creator = Creator{Kind: Organisation, Name: "N", Org: "O"}
	}
	w.take(t, w.l.Start(w.p, w.now), nil)
	for range rapid.IntRange(1, 60).Draw(t, "acts") {
		w.act(t)
	}
}

// transitions are the lines of the list: "FROM KIND[+KIND] TO", or "stays KIND"
// for what leads to no other state.
func transitions(t *testing.T) map[string]bool {
	t.Helper()
	b, err := os.ReadFile("testdata/transitions.txt")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			if listed[line] {
				t.Errorf("%s is listed twice", line)
			}
			listed[line] = true
		}
	}
	return listed
}

// besides are the acts that come with another one, whatever that is.
var besides = []EventKind{EvStage, EvAddressed, EvMergeLapsed}

// transition names a change as the list does: one line, and one more for each
// act that came with it.
func transition(from State, c Change) []string {
	var acts, lines []string
	for _, e := range c.Events {
		if slices.Contains(besides, e.Kind) {
			lines = append(lines, "stays "+string(e.Kind))
		} else {
			acts = append(acts, string(e.Kind))
		}
	}
	switch act := strings.Join(acts, "+"); {
	case len(acts) == 0:
	case from == c.Petition.State:
		lines = append(lines, "stays "+act)
	default:
		lines = append(lines, string(cmp.Or(from, "none"))+" "+act+" "+string(c.Petition.State))
	}
	return lines
}

// Every state and every kind of act that the package names is in the list.
func TestEveryStateAndActIsInTheList(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "nouns.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for line := range transitions(t) {
		for _, w := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '+' }) {
			words[w] = true
		}
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Type == nil {
			return true
		}
		typ, ok := spec.Type.(*ast.Ident)
		if !ok || typ.Name != "State" && typ.Name != "EventKind" {
			return true
		}
		word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		found++
		if !words[word] && EventKind(word) != EvImported { // imports are rows without acts
			t.Errorf("%s %q is in no line of testdata/transitions.txt", typ.Name, word)
		}
		return true
	})
	if found < 50 {
		t.Errorf("only %d states and acts were found in nouns.go", found)
	}
}

func (w *walk) act(t *rapid.T) {
	l, p := w.l, w.p
	who := OfficerID(rapid.IntRange(1, 4).Draw(t, "officer"))
	reason := rapid.SampledFrom([]string{"unclear", "hatred", "", "dislike"}).Draw(t, "reason")
	switch rapid.IntRange(0, 20).Draw(t, "act") {
	case 0:
		c, err := l.Confirm(p, w.now)
		w.take(t, c, err)
	case 1, 2, 3:
		w.sign(t, rapid.Int64Range(-30, 4000).Draw(t, "signatures"))
	case 4, 5:
		c, err := l.Decide(p, decision(p, Publish, "", who), w.now)
		w.take(t, c, err)
	case 6, 7:
		c, err := l.Decide(p, decision(p, Reject, reason, who), w.now)
		w.take(t, c, err)
	case 8:
		c, err := l.Decide(p, decision(p, Return, reason, who), w.now)
		w.take(t, c, err)
	case 9:
		c, err := l.Lodge(p, "words", w.now)
		w.take(t, c, err)
	case 10:
		c, err := l.Resubmit(p, p.Texts, w.now)
		w.take(t, c, err)
	case 11:
		w.end(t, who)
	case 12:
		w.pass(t)
	case 13, 14:
		w.takeDown(t, who, reason)
	case 15, 16:
		w.member(t, who)
	case 17:
		w.world(t)
	case 18:
		w.merge(t)
	case 19, 20:
		w.beside(t, who, reason)
	}
}

// merge asks the other petition or is asked by it, and answers.
func (w *walk) merge(t *rapid.T) {
	act := rapid.SampledFrom([]func(a, b Petition, now time.Time) (Change, Change, error){ProposeMerge, AcceptMerge, DeclineMerge}).Draw(t, "merge")
	if rapid.Bool().Draw(t, "first") {
		if a, b, err := act(w.p, w.other, w.now); err == nil {
			w.take(t, a, nil)
			w.other = b.Petition
		}
		return
	}
	if a, b, err := act(w.other, w.p, w.now); err == nil {
		if w.take(t, b, nil); a.Petition.State == Open {
			w.other = a.Petition
		}
	}
}

// beside is what changes no state, or rarely.
func (w *walk) beside(t *rapid.T, who OfficerID, reason string) {
	var c Change
	err := ErrState
	switch p := w.p; rapid.IntRange(0, 9).Draw(t, "beside") {
	case 0:
		c, err = w.l.WriteNews(p, News{Title: "T", Text: "W", Lang: "kk"}, w.now)
	case 1:
		if p.News != nil {
			c, err = w.l.DecideNews(p, Decision{Verdict: rapid.SampledFrom([]Verdict{Publish, Reject}).Draw(t, "news"), Reason: reason, Officer: who}, p.News.At, w.now)
		}
	case 2:
		c, err = w.l.Retopic(p, []string{rapid.SampledFrom(KnownTopics()).Draw(t, "topic")}, who, w.now)
	case 3:
		c, err = w.l.SetDisplay(p, DisplayInitials, w.now)
	case 4:
		c, err = w.l.Erase(p, w.now)
	case 5:
		c, err = w.l.AskOrg(p, "https://o.example", []byte{1}, who, w.now)
	case 6:
		c, err = w.l.ConfirmOrg(p, []byte{1}, w.now)
	case 7:
		c, err = w.l.DisownOrg(p, []byte{1}, w.now)
	case 8:
		c, err = w.l.NameMember(p, "A", "https://a.example", w.now)
	case 9:
		c, err = w.l.Deliver(p, Delivery{Stage: rapid.SampledFrom([]string{"answer", "response"}).Draw(t, "stage"), On: w.l.Today(w.now), Channel: ByPost, By: who}, w.now)
	}
	w.take(t, c, err)
}

// end are the rarer acts that lead out.
func (w *walk) end(t *rapid.T, who OfficerID) {
	switch rapid.IntRange(0, 9).Draw(t, "end") {
	case 4, 5:
		c, err := w.l.ToArchive(w.p, who, w.now)
		w.take(t, c, err)
	case 0:
		c, err := w.l.Withdraw(w.p, w.now)
		w.take(t, c, err)
	case 1, 2, 3:
		c, err := w.l.Respond(w.p, Answer{Outcome: "refused", By: who}, w.now)
		w.take(t, c, err)
	}
}

// member writes to a member of the assembly, or answers for one.
func (w *walk) member(t *rapid.T, who OfficerID) {
	if w.p.Asked() == nil {
		name := rapid.SampledFrom([]string{"A", "B", "C", "D"}).Draw(t, "member")
		c, err := w.l.AskMember(w.p, name, "https://assembly.example/"+name, []byte(name), who, w.now)
		w.take(t, c, err)
		return
	}
	c, err := w.l.AnswerMember(w.p, w.p.Asked().Nonce, rapid.Bool().Draw(t, "yes"), w.now)
	w.take(t, c, err)
}

// world is what happens to the site and the assembly: an outage that just
// ended, or, rarely, a dissolution.
func (w *walk) world(t *rapid.T) {
	if rapid.IntRange(0, 9).Draw(t, "world") > 0 {
		hours := time.Duration(rapid.IntRange(1, 60).Draw(t, "outage")) * time.Hour
		if c, ok := w.l.Extend(w.p, Outage{w.now.Add(-hours), w.now}, w.now); ok {
			w.take(t, c, nil)
		}
		return
	}
	on := w.l.Today(w.now)
	if c, ok := w.l.Dissolve(w.p, on, w.now); ok {
		w.take(t, c, nil)
	}
	w.now = w.now.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "after")) * time.Hour)
	if c, ok := w.l.ArchiveDissolved(w.p, on, w.now); ok {
		w.take(t, c, nil)
	}
}

// takeDown hides, confirms the hiding or lifts it.
func (w *walk) takeDown(t *rapid.T, who OfficerID, reason string) {
	c, err := w.l.Hide(w.p, reason, "", who, w.now)
	if w.p.State == Hidden {
		c, err = w.l.Lift(w.p, who, w.now)
		if rapid.Bool().Draw(t, "confirm") {
			c, err = w.l.Remove(w.p, who, w.now)
		}
	}
	w.take(t, c, err)
}

// sign lets n people sign, or take a signature back, as the store would.
func (w *walk) sign(t *rapid.T, n int64) {
	if n > 0 && w.l.CheckConfirm(w.p, w.now) != nil || n < 0 && w.l.CheckWithdraw(w.p, w.now) != nil {
		return
	}
	count := max(0, w.p.Count+n)
	next := w.l.NextThreshold(w.p)
	c, ok := w.l.Count(w.p, count, w.now)
	if ok != (next > 0 && count >= next) {
		t.Fatalf("%s at %d with the next threshold %d: Count says %v", w.p.State, count, next, ok)
	}
	if ok {
		w.take(t, c, nil)
		return
	}
	w.p.Count = count
}

// pass lets time pass, and the calendar act.
func (w *walk) pass(t *rapid.T) {
	most := rapid.SampledFrom([]int{24 * 40, 24 * 300}).Draw(t, "most")
	w.now = w.now.Add(time.Duration(rapid.IntRange(1, most).Draw(t, "hours")) * time.Hour)
	for n := 0; ; n++ {
		due := w.l.NextDue(w.p)
		c, ok := w.l.Tick(w.p, w.now)
		if ok != (!due.IsZero() && !w.now.Before(due)) {
			t.Fatalf("%s is due at %s; at %s Tick says %v", w.p.State, due, w.now, ok)
		}
		if !ok {
			return
		}
		if n > 5 {
			t.Fatalf("%s: the calendar never comes to an end", w.p.State)
		}
		w.take(t, c, nil)
	}
}

// take accepts a change after it has looked at it hard.
func (w *walk) take(t *rapid.T, c Change, err error) {
	if err != nil {
		return
	}
	before, p := w.p, c.Petition
	if before.State != p.State && !slices.Contains(legal[before.State], p.State) {
		t.Fatalf("from %s to %s", before.State, p.State)
	}
	if len(c.Events) == 0 {
		t.Fatalf("from %s to %s without an event", before.State, p.State)
	}
	if before.Archived() && (p.ArchivedAt != before.ArchivedAt || !slices.Contains([]EventKind{EvPurged, EvErased, EvHidden, EvRestored, EvRemoved}, c.Events[0].Kind)) {
		t.Fatalf("%s of an archived petition", c.Events[0].Kind)
	}
	for _, line := range transition(before.State, c) {
		w.seen[line] = true
	}
	kept := slices.Clone(p.Stages[:min(len(p.Stages), len(before.Stages))])
	for i := range kept {
		if c.Events[0].Kind == EvDelivered && before.Stages[i].AnswerBy.IsZero() {
			kept[i].AnswerBy = Date{} // the term runs from the delivery
		}
	}
	if !slices.Equal(kept, before.Stages) {
		t.Fatalf("stages %v became %v", before.Stages, p.Stages)
	}
	if p.Count < 0 || p.Shown < 0 {
		t.Fatalf("counts %d, shown %d", p.Count, p.Shown)
	}
	if p.State == Refused && (p.Refusal == nil || p.RefusedAt.IsZero()) {
		t.Fatal("refused without a reason")
	}
	if p.State == Refused {
		if _, ok := w.l.Reason(p.Refusal.Reason); !ok || len(p.RefusedBy) < w.l.Moderation.RefusalOfficers {
			t.Fatalf("refused for %q by %v", p.Refusal.Reason, p.RefusedBy)
		}
	}
	if p.State == Open && p.Refusal != nil {
		t.Fatal("open, and refused")
	}
	if p.State == Removed && before.State != Removed && p.HiddenBy[len(p.HiddenBy)-1] == p.Hiding.Officer && len(c.Events) == 1 && c.Events[0].Actor == ActorOfficer(p.Hiding.Officer) {
		t.Fatalf("officer %d removed it alone", p.Hiding.Officer)
	}
	appealDecided := before.State == Appealed && (p.State == Open || p.State == Refused)
	for _, e := range c.Events {
		for _, who := range before.RefusedBy {
			if appealDecided && e.Actor == ActorOfficer(who) {
				t.Fatalf("officer %d decided the appeal against their own refusal", who)
			}
		}
	}
	w.numbered = w.numbered || c.NeedsNumber
	if p.State.Public() && !w.numbered {
		t.Fatalf("%s without a number", p.State)
	}
	if p.State == Moderation && p.DecideBy.IsZero() {
		t.Fatal("in moderation without a term")
	}
	w.events = append(w.events, c.Events...)
	w.p = p
}
