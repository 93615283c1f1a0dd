package api

import (
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func TestOpenRegisters(t *testing.T) {
	w := newWorld(t)
	p := w.made(t, "kz-civic", func(*petition.Petition) {}, map[string]int{"KZ-75": 30})
	_, err := w.st.Change(t.Context(), p.ID, w.now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		return w.st.Laws().Of(p).Withdraw(p, w.now)
	})
	check(t, err)
	today := petition.Date{Year: 2026, Month: 11, Day: 20}
	for _, d := range []petition.Demand{
		{Authority: "=Invented office", On: today, Ground: "a law", Asked: "take it down", Done: "nothing", Reason: "no court", Officer: 3},
		{Authority: "Silent office", On: today, PublishOn: today.AddDays(900), DelayGround: "another law"},
	} {
		check(t, w.st.AddDemand(t.Context(), d))
	}
	v := w.value(t, "/api/v1/removals")
	if at(t, v, "total") != json.Number("1") || at(t, v, "data", 0, "kind") != "withdrawn" || at(t, v, "data", 0, "number") != json.Number(strconv.FormatInt(p.Number, 10)) {
		t.Errorf("removals: %v", v)
	}
	v = w.value(t, "/api/v1/demands?limit=1")
	if at(t, v, "not_yet_public") != json.Number("1") || at(t, v, "total") != json.Number("1") || at(t, v, "data", 0, "asked") != "take it down" {
		t.Errorf("demands: %v", v)
	}
	v = w.value(t, "/api/v1/moderation")
	if at(t, v, "all", "acts", "published") != json.Number("1") || at(t, v, "all", "acts", "withdrawn") != json.Number("1") || at(t, v, "months", 0, "month") != "2026-11" {
		t.Errorf("moderation: %v", v)
	}
	for path, want := range map[string]string{"/removals.csv": "withdrawn", "/demands.csv": "%3DInvented office", "/moderation.csv": "2026-11"} {
		rows, err := csv.NewReader(w.get(t, path).Body).ReadAll()
		if err != nil || len(rows) != 2 || !strings.Contains(strings.Join(rows[1], ","), want) {
			t.Errorf("%s: %v, %v", path, rows, err)
		}
	}
	if strings.Contains(w.get(t, "/demands.csv").Body.String(), "Silent") {
		t.Error("a demand is told before its day")
	}
}

// The CSV of moderation says what the JSON says, month by month, refusals by
// their reason too.
func TestModerationInCSVIsThatOfJSON(t *testing.T) {
	w := newWorld(t)
	for i, reason := range []string{"unclear", "unclear", "duplicate"} {
		p := w.made(t, "kz-civic", func(*petition.Petition) {}, nil)
		for officer := range 2 {
			_, err := w.st.Change(t.Context(), p.ID, w.now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
				if officer == 0 {
					p.State, p.RefusedBy, p.Proposed = petition.Moderation, nil, nil
					p.DecideBy, p.QueuedAt = w.now.AddDate(0, 0, 9), w.now
				}
				return w.st.Laws().Of(p).Decide(p, petition.Decision{Verdict: petition.Reject, Reason: reason, TextVersion: p.TextVersion, Officer: petition.OfficerID(10*i + officer + 1)}, w.now)
			})
			check(t, err)
		}
	}
	rows, err := csv.NewReader(w.get(t, "/moderation.csv").Body).ReadAll()
	check(t, err)
	v := w.value(t, "/api/v1/moderation")
	if len(rows) != 2 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, column := range rows[0] {
		var want any
		switch code, refused := strings.CutPrefix(column, "refused:"); {
		case refused:
			want = at(t, v, "months", 0, "reasons", code)
		case strings.HasSuffix(column, "workdays"), column == "month":
			want = at(t, v, "months", 0, column)
		default:
			want = at(t, v, "months", 0, "acts", column)
		}
		got := any(rows[1][i])
		if n, ok := want.(json.Number); ok {
			want = n.String()
		}
		if got != want {
			t.Errorf("%s: %v in CSV, %v in JSON", column, got, want)
		}
	}
	if !strings.Contains(strings.Join(rows[0], " "), "refused:duplicate refused:unclear") || rows[1][len(rows[1])-1] != "2" {
		t.Errorf("refusals by reason: %v", rows)
	}
}
