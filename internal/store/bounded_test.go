package store

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dauys/dauys/petition"
)

// What runs every few minutes, or whenever a crawler asks, must not walk through
// all petitions. SQLite says how it would answer, without any rows.
func TestNothingWalksThroughAllPetitions(t *testing.T) {
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "plan.db"), petition.Laws{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		query string
		args  []any
		want  []string
	}{
		"followers": {followedOver, []any{1, 2}, []string{"SEARCH e USING INDEX sqlite_autoindex_events_1 (seq>? AND seq<?)", "SEARCH p USING INTEGER PRIMARY KEY"}},
		"numbers":   {numberedBetween, []any{1, 1000, 10}, []string{"(number>? AND number<?)"}},
		"export":    {countedIDs, []any{1, 10}, []string{"(number>?)"}},
		"local":     {mostSignedIn(), []any{"KZ-10", 50}, []string{"SEARCH n USING COVERING INDEX place_counts_shown (place=? AND shown>?)", "SEARCH p USING INTEGER PRIMARY KEY"}},
		"requests":  {oldestRequests, []any{1, 500}, []string{"pending_hour (hour<?)"}},
		"request":   {eraseRequest, []any{1, []byte("x"), 0}, []string{"(petition_id=? AND nullifier=? AND withdrawal=?)"}},
		"decisions": {decisionsAfter, []any{1, 10}, []string{"SEARCH e USING INDEX sqlite_autoindex_events_1 (seq>?)"}},
	} {
		var plan strings.Builder
		rows, err := s.r.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+c.query, c.args...)
		if err := s.d.each(rows, err, func(scan func(...any) error) error {
			var id, parent, unused int
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			plan.WriteString(detail + "\n")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(plan.String(), want) {
				t.Errorf("%s: want %q in\n%s", name, want, plan.String())
			}
		}
		if strings.Contains(plan.String(), "SCAN") || strings.Contains(plan.String(), "TEMP B-TREE") {
			t.Errorf("%s: it walks or sorts:\n%s", name, plan.String())
		}
	}
}
