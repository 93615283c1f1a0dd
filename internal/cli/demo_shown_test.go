package cli

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// shownAtOnce is what a reader of the demo finds without touching its clock.
func shownAtOnce() []string {
	return []string{"link-only", "in moderation, nearly overdue", "in moderation, first term missed", "returned", "refusal proposed",
		"refused, text shown", "refused, text hidden", "appealed", "reopened after an appeal", "open below 500", "open above 500",
		"stage reached", "stage not delivered yet", "delivered", "answer overdue", "answered: satisfied", "answered: partly", "answered: refused", "answer with a document",
		"closed without reaching a stage", "withdrawn", "lapsed", "hidden", "removed", "merged", "proposal published", "proposal in moderation",
		"organisation verified", "organisation unverified", "organisation disowned", "news waiting", "news published",
		"complaint open", "complaint decided", "demand of an authority"}
}

// checkShown wants each of them, on whatever day the demo is started.
func checkShown(t *testing.T, st *store.Store, now time.Time) {
	t.Helper()
	shown := map[string]bool{}
	for id := petition.ID(1); ; id++ {
		p, events, err := st.DeskPetition(t.Context(), id)
		if errors.Is(err, store.ErrNotFound) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		law := st.Laws().Of(p)
		stateShown(shown, law, p, now)
		besideShown(shown, law, p, events)
	}
	objectionsShown(t, st, shown, law(st).Today(now))
	for _, want := range shownAtOnce() {
		if !shown[want] {
			t.Errorf("the demo does not show: %s; it shows %v", want, slices.Sorted(maps.Keys(shown)))
		}
	}
}

func law(st *store.Store) *petition.Profile {
	for _, l := range st.Laws() {
		if l.ID == "kz-civic" {
			return l
		}
	}
	return nil
}

func stateShown(shown map[string]bool, law *petition.Profile, p petition.Petition, now time.Time) {
	ph := law.PhaseOf(p, now)
	for name, is := range map[string]bool{
		"link-only":                        p.State == petition.Supporting,
		"in moderation, nearly overdue":    p.State == petition.Moderation && !p.Escalated && ph.DaysLeft <= 5,
		"in moderation, first term missed": p.State == petition.Moderation && p.Escalated,
		"returned":                         p.State == petition.Returned,
		"refusal proposed":                 p.Proposed != nil,
		"refused, text shown":              p.State == petition.Refused && !p.HideText,
		"refused, text hidden":             p.State == petition.Refused && p.HideText,
		"appealed":                         p.State == petition.Appealed,
		"reopened after an appeal":         p.State == petition.Open && !p.AppealedAt.IsZero(),
		"open below 500":                   p.State == petition.Open && p.Kind == petition.KindPetition && p.Shown < 500,
		"open above 500":                   p.State == petition.Open && p.Shown > 500,
		"answer overdue":                   ph.Key == "answer-overdue",
		"withdrawn":                        p.State == petition.Withdrawn,
		"lapsed":                           p.State == petition.Lapsed,
		"hidden":                           p.State == petition.Hidden && now.Before(p.Hiding.Until),
		"removed":                          p.State == petition.Removed,
		"closed without reaching a stage":  p.State == petition.Closed && len(p.Stages) == 0 && p.MergedInto == 0,
		"proposal published":               p.State == petition.Open && p.Kind == petition.KindProposal,
		"proposal in moderation":           p.State == petition.Moderation && p.Kind == petition.KindProposal,
	} {
		shown[name] = shown[name] || is
	}
}

func besideShown(shown map[string]bool, law *petition.Profile, p petition.Petition, events []petition.Event) {
	disowned := p.OrgCheck != nil && p.OrgCheck.State == petition.OrgDisowned
	for name, is := range map[string]bool{
		"stage reached":           len(p.Stages) > 0,
		"stage not delivered yet": len(law.Undelivered(p)) > 0,
		"delivered":               len(p.Deliveries) > 0,
		"answer with a document":  p.Answer != nil && len(p.Answer.Files) > 0,
		"merged":                  p.MergedInto != 0,
		"organisation verified":   p.OrgVerified(),
		"organisation unverified": p.Creator.Kind == petition.Organisation && !p.OrgVerified() && !disowned && p.State.Public(),
		"organisation disowned":   disowned && p.State.Public(),
		"news waiting":            p.News != nil,
		"news published":          slices.ContainsFunc(events, func(e petition.Event) bool { return e.Kind == petition.EvNews }),
	} {
		shown[name] = shown[name] || is
	}
	if p.Answer != nil {
		shown["answered: "+p.Answer.Outcome] = true
	}
}

func objectionsShown(t *testing.T, st *store.Store, shown map[string]bool, today petition.Date) {
	t.Helper()
	_, open, err := st.DeskComplaints(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	shown["complaint open"] = open == 1
	c, _, err := st.DeskComplaint(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	shown["complaint decided"] = c.Outcome != ""
	demands, err := st.PublicDemands(t.Context(), today, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	shown["demand of an authority"] = len(demands.Items) == 1
}
