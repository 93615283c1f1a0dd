package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/store/storetest"
	"github.com/dauys/dauys/petition"
	"pgregory.net/rapid"
)

// modelSig is what the model knows of one signature.
type modelSig struct {
	active     bool
	generation int
}

type modelKey struct {
	petition petition.ID
	signer   int
}

// signers are enough for a crowd, and few enough to come again.
const signers = 14

// model is the promise of AddSignatures and WithdrawSignature in a few lines.
type model map[modelKey]modelSig

func (m model) add(k modelKey, generation int) store.Outcome {
	switch sig, ok := m[k]; {
	case !ok:
		m[k] = modelSig{true, generation}
	case sig.active:
		return store.Again
	case sig.generation != generation:
		return store.Stale
	default:
		m[k] = modelSig{true, generation}
	}
	return store.Added
}

func (m model) withdraw(k modelKey, generation int) {
	if sig, ok := m[k]; ok && sig.active && sig.generation == generation {
		m[k] = modelSig{false, generation + 1}
	}
}

func (m model) count(id petition.ID) (n int64) {
	for k, sig := range m {
		if k.petition == id && sig.active {
			n++
		}
	}
	return n
}

// Any sequence of batches, repeats, withdrawals and new signatures counts what
// the model counts.
func TestSignaturesAgainstModel(t *testing.T) {
	onEach(t, func(t *testing.T, w *storetest.World) {
		var next int // signers are new in every run
		rapid.Check(t, func(t *rapid.T) {
			w := &storetest.World{T: w.T, S: w.S, Now: noon}
			ids := []petition.ID{open(w, t, next), open(w, t, next+1)}
			next += 2
			m := model{}
			for range rapid.IntRange(1, 8).Draw(t, "acts") {
				w.Now = w.Now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "minutes")) * 9 * time.Minute)
				switch rapid.IntRange(0, 5).Draw(t, "act") {
				case 0: // as a server does now and then
					store.SettleInSlices(w.S, rapid.IntRange(1, 30).Draw(t, "slice"))
					if _, err := w.S.Settle(t.Context(), func(int, int) {}); err != nil {
						t.Fatal(err)
					}
					continue
				case 1: // a start of the server
					store.ForgetRecent(w.S)
					continue
				case 2, 3:
					k := modelKey{rapid.SampledFrom(ids).Draw(t, "of"), rapid.IntRange(1, signers).Draw(t, "signer")}
					generation := rapid.IntRange(0, 2).Draw(t, "generation")
					m.withdraw(k, generation)
					if err := w.S.WithdrawSignature(t.Context(), k.petition, storetest.Nullifier(k.signer), generation, w.Now); err != nil {
						t.Fatal(err)
					}
					continue
				}
				sign(t, w, m, ids)
			}
			for _, id := range ids {
				if got, want := w.Load(id).Count, m.count(id); got != want {
					t.Fatalf("count %d, want %d", got, want)
				}
			}
			// The sums of the rows by petition, place and day, and the steps of what is shown.
			if findings, err := w.S.Check(t.Context()); err != nil || len(findings) > 0 {
				t.Fatalf("check: %v %v", findings, err)
			}
		})
	})
}

// sign adds one random batch, sometimes twice, and compares the outcomes.
func sign(t *rapid.T, w *storetest.World, m model, ids []petition.ID) {
	var batch []store.NewSignature
	var want []store.Outcome
	var generation int
	for range rapid.IntRange(0, 3*signers).Draw(t, "batch") {
		k := modelKey{rapid.SampledFrom(ids).Draw(t, "of"), rapid.IntRange(1, signers).Draw(t, "signer")}
		n := w.Batch(k.petition, k.signer, 1, rapid.SampledFrom([]string{"", "KZ-10", "KZ-11"}).Draw(t, "place"))[0]
		if rapid.IntRange(0, 4).Draw(t, "other link") == 0 { // most of a crowd come by links of one kind
			generation = rapid.IntRange(0, 2).Draw(t, "generation")
		}
		n.Generation = generation
		want = append(want, m.add(k, n.Generation))
		batch = append(batch, n)
	}
	got, err := w.S.AddSignatures(t.Context(), batch, w.Now)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("outcomes %v, want %v (%v)", got, want, err)
	}
	if rapid.Bool().Draw(t, "twice") {
		got, err = w.S.AddSignatures(t.Context(), batch, w.Now)
		if err != nil || slices.Contains(got, store.Added) {
			t.Fatalf("the same batch again: %v %v", got, err)
		}
	}
}

// open is a petition that collects and has no signature yet.
func open(w *storetest.World, t *rapid.T, n int) petition.ID {
	law := *w.S.Laws()[petition.ProfileRef{ID: storetest.Small, Version: "1"}]
	p := petition.Petition{UID: petition.UID{1, byte(n >> 16), byte(n >> 8), byte(n)}, Kind: petition.KindProposal, Lang: "en", Texts: storetest.Texts("the river")}
	c := law.Start(p, w.Now)
	p, err := w.S.Create(t.Context(), c, []byte("salt"), store.Contact{Sealed: []byte("sealed"), Lang: "en"}, w.Now, func(p petition.Petition) (store.Letter, error) {
		return w.Letter(string(rune('a'+n%26))+time.Duration(n).String(), 0), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		c, err := l.Confirm(p, w.Now)
		if err != nil {
			return c, err
		}
		d, err := l.Decide(c.Petition, petition.Decision{Verdict: petition.Publish, TextVersion: 1, Officer: 3}, w.Now)
		d.Events = append(c.Events, d.Events...)
		return d, err
	})
	return p.ID
}
