package storetest

import (
	"github.com/dauys/dauys/petition"
)

// Spread is Small with a stage at 5 that asks for two signatures in each of two
// places, and one at a tenth of the inhabitants.
const Spread = "test-spread"

func spreadLaw(small petition.Profile) petition.Profile {
	l := small
	l.ID = Spread
	l.Stages = []petition.Stage{
		{ID: "spread", Threshold: 5, Duty: "letter", Actor: "operator", Territories: petition.TerritoryRule{Places: 2,
			Minimums: []petition.PlaceMinimum{{Place: "KZ-10", Minimum: 2}, {Place: "KZ-11", Minimum: 2}, {Place: "KZ-15", Minimum: 2}}}},
		{ID: "tenth", Percent: 10, Duty: "answer", Actor: "body"},
	}
	l.Population = func(code string, _ petition.Date) (petition.Headcount, bool) {
		return petition.Headcount{Place: code, Kind: "country", N: 81}, true
	}
	return l
}

// thresholdsByPlace plays stages that the total alone does not decide.
func thresholdsByPlace(w *World) {
	w.Migrate()
	p := w.Publish(Spread) // 3, without a place
	reached := func(what string, want int) {
		w.T.Helper()
		equal(w, what, len(w.Load(p.ID).Stages), want)
	}
	equal(w, "a tenth of 81", w.Load(p.ID).Thresholds["tenth"], int64(9))
	w.Sign(p.ID, 50, 2, "KZ-10")
	reached("5, in one place", 0)
	w.Sign(p.ID, 60, 1, "KZ-11")
	reached("6, one short in the second", 0)
	w.must(w.S.WithdrawSignature(w.T.Context(), p.ID, Nullifier(50), 0, w.Now))
	w.Sign(p.ID, 61, 1, "KZ-11")
	reached("6, one taken back in the first", 0)
	w.Sign(p.ID, 70, 2, "KZ-15")
	reached("8, two places", 1)
	w.Sign(p.ID, 80, 1, "")
	got := w.Load(p.ID)
	equal(w, "stages at 9", len(got.Stages), 2)
	equal(w, "frozen threshold", got.Stages[1].Threshold, int64(9))
	w.sound()
}
