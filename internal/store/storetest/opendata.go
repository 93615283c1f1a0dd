package storetest

import (
	"context"
	"slices"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// opendata reads a site as an export does: each petition by its number with
// what PublicPlaces and PublicDays tell of it, decisions in their order, and
// all of one moment.
func opendata(w *World) {
	ctx := w.Migrate().T.Context()
	refused := w.Supporting(Small)
	w.Sign(refused.ID, 1, 3, "")
	refused = w.refuse(refused.ID)
	p := w.Publish(Small)
	w.Sign(p.ID, 100, 12, "KZ-10")
	w.Sign(p.ID, 200, 2, "KZ-11")
	gone := w.Publish(Small)
	w.Change(gone.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Withdraw(p, w.Now) })
	w.Supporting(Small) // nobody has seen it
	w.wait(50 * time.Hour)
	must := func(err error) { w.T.Helper(); w.must(err) }

	places := func(petition.Petition) int { return 20 }
	var numbers []int64
	must(w.S.Snapshot(ctx, func(ctx context.Context) error {
		w.Sign(p.ID, 300, 30, "KZ-15") // while the export reads
		return w.S.EachCounted(ctx, w.Now, places, func(c store.Counted) error {
			numbers = append(numbers, c.Number)
			if c.ID == p.ID {
				equal(w, "signatures of another moment", slices.ContainsFunc(c.Shown, func(c petition.Cell) bool { return c.Code == "KZ-15" }), false)
			}
			return nil
		})
	}))
	if !slices.Equal(numbers, []int64{refused.Number, p.Number}) {
		w.T.Errorf("petitions %v, want %d and %d", numbers, refused.Number, p.Number)
	}
	must(w.S.EachCounted(ctx, w.Now, places, func(c store.Counted) error {
		shown, other, err := w.S.PublicPlaces(ctx, c.Petition, 20)
		must(err)
		days, err := w.S.PublicDays(ctx, c.Petition, w.law(Small).Today(w.Now))
		must(err)
		if !slices.Equal(c.Shown, shown) || c.Other != other || !slices.Equal(c.Days, days) {
			w.T.Errorf("%d: %v, %d, %v; the page has %v, %d, %v", c.Number, c.Shown, c.Other, c.Days, shown, other, days)
		}
		return nil
	}))
	w.decisionsAndNumbers(refused, p)
}

func (w *World) decisionsAndNumbers(refused, p petition.Petition) {
	ctx := w.T.Context()
	var acts []store.Decided
	w.must(w.S.EachDecision(ctx, func(d store.Decided) error {
		acts = append(acts, d)
		return nil
	}))
	equal(w, "decisions", len(acts), 2)
	equal(w, "the first", acts[0].Kind, petition.EvRefused)
	equal(w, "of", acts[0].Number, refused.Number)
	equal(w, "reason", acts[0].Reason, "unclear")
	equal(w, "by", acts[0].Actor, "officer")
	equal(w, "the second", acts[1].Kind, petition.EvPublished)
	ranges, err := w.S.NumberRanges(ctx, 1000)
	w.must(err)
	equal(w, "ranges", len(ranges), 1)
	equal(w, "begins", ranges[0].Index, p.Number/1000)
	list, err := w.S.NumberedBetween(ctx, ranges[0].Index*1000, ranges[0].Index*1000+999, 10)
	w.must(err)
	equal(w, "numbered", len(list), 2)
	equal(w, "changed last", ranges[0].Updated.Before(list[1].Updated), false)
}
