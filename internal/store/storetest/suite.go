package storetest

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
)

// Small and Civic are the laws of the suite. Small has thresholds that a test
// can reach by hand: 3 supporters, stages at 5 and 8, live counts from 10 on.
const (
	Small = "test-small"
	Civic = "kz-civic"
)

// Laws are the profiles that stores under test are opened with.
func Laws(t testing.TB) petition.Laws {
	t.Helper()
	laws, err := profiles.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	small := *profiles.ByID(laws, Civic)
	small.ID, small.Version = Small, "1"
	small.Support.Threshold = 3
	small.Stages = []petition.Stage{{ID: "letter", Threshold: 5, Duty: "letter", Actor: "operator"}, {ID: "answer", Threshold: 8, Duty: "answer", Actor: "body"}}
	small.Counts = petition.CountRule{StepBelow: 10, StepMinutes: 10, StepBy: 3, Cell: 2}
	laws[small.Ref()] = &small
	spread := spreadLaw(small)
	laws[spread.Ref()] = &spread
	assembly, checked := assemblyLaw(small), checkedLaw(small)
	laws[assembly.Ref()], laws[checked.Ref()] = &assembly, &checked
	return laws
}

// Run plays every scenario on stores that open returns: fresh ones of the
// engine, opened with Laws and not migrated. It closes what open returned.
func Run(t *testing.T, open func(t *testing.T) *store.Store) {
	scenarios := []struct {
		name string
		play func(w *World)
	}{
		{"not migrated", notMigrated},
		{"life", life},
		{"refusal", refusal},
		{"numbers", numbers},
		{"conflict", conflict},
		{"changes at once", changesAtOnce},
		{"transitions", transitions},
		{"archive", archive},
		{"calendar", calendar},
		{"drafts", drafts},
		{"followers", followers},
		{"follower fails", followerFails},
		{"duplicates", duplicates}, {"every nullifier", everyNullifier},
		{"many at once", manyAtOnce},
		{"signing and withdrawing at once", signingAndWithdrawing},
		{"withdrawal", withdrawal},
		{"stages", stages},
		{"thresholds by place", thresholdsByPlace},
		{"steps", steps},
		{"steps from live", stepsFromLive},
		{"days", days}, {"places of signers", local},
		{"letters cap", lettersCap}, {"letters unsent", lettersUnsent},
		{"pending at once", pendingAtOnce},
		{"subscriptions", subscriptions},
		{"purge", purge},
		{"outbox", outbox},
		{"letters settled together", settledTogether},
		{"letters take turns", letterTurns},
		{"senders at once", sendersAtOnce},
		{"dead senders", deadSenders},
		{"servers at once", serversAtOnce},
		{"mailing", mailing},
		{"mailings held", mailingsHeld},
		{"refused addresses", refusedAddresses},
		{"public", public},
		{"mine", mine},
		{"lists", lists},
		{"search", search},
		{"imports", imports},
		{"staff", staff},
		{"petitioners", petitioners},
		{"desk queue", deskQueue},
		{"claims", claims},
		{"delays", delays},
		{"second factor", secondFactor},
		{"bodies", bodies},
		{"complaints", complaints},
		{"demands", demands},
		{"removals", removals},
		{"tallies", tallies},
		{"open data", opendata},
		{"meta", meta},
		{"outages", outages},
		{"windows", windows},
		{"settings", settings},
		{"acts about bodies and staff", deskActs},
		{"first run", firstRun},
		{"delivery", delivery},
		{"file of a withdrawn petition", hiddenFile},
		{"backup", backup},
		{"backup while serving", backupWhileServing},
		{"restore replaces", restoreReplaces},
		{"restore refuses", restoreRefuses},
		{"check finds nothing", checkFindsNothing},
	}
	for _, c := range scenarios {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			t.Cleanup(func() { s.Close() })
			w := &World{T: t, S: s, Now: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)}
			c.play(w)
		})
	}
}

// World is a store under test and a clock that stands.
type World struct {
	author byte // who drafts; 0 for somebody new each time
	T      testing.TB
	S      *store.Store
	Now    time.Time
	n      int // uids given
}

func (w *World) law(id string) *petition.Profile { return profiles.ByID(w.S.Laws(), id) }

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

func (w *World) want(err, target error) {
	w.T.Helper()
	if !errors.Is(err, target) {
		w.T.Fatalf("got error %v, want %v", err, target)
	}
}

func equal[T comparable](w *World, what string, got, want T) {
	w.T.Helper()
	if got != want {
		w.T.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// Migrate makes the schema.
func (w *World) Migrate() *World {
	w.T.Helper()
	w.must(w.S.Migrate(w.T.Context()))
	return w
}

// sound demands that Check finds nothing.
func (w *World) sound() {
	w.T.Helper()
	findings, err := w.S.Check(w.T.Context())
	w.must(err)
	for _, f := range findings {
		w.T.Errorf("check: %s", f)
	}
}

func (w *World) uid() petition.UID {
	w.n++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", w.T.Name(), w.n))
	return petition.UID(sum[:16])
}

// Texts is a text in two languages about a subject.
func Texts(subject string) petition.Texts {
	return petition.Texts{
		"en": {Title: "Lanterns for " + subject, Ask: "Put lanterns along " + subject + ".", Details: "It is dark."},
		"ru": {Title: "Фонари: " + subject, Ask: "Поставьте фонари.", Details: "Темно, ёлки не видно."},
	}
}

// Letter is a letter with this uid that may leave at once.
func (w *World) Letter(uid string, priority int) store.Letter {
	return store.Letter{UID: uid, Kind: "test", Priority: priority, Sealed: []byte("sealed " + uid), QueuedAt: w.Now}
}

// Draft makes a petition that nobody has confirmed yet.
func (w *World) Draft(law string) petition.Petition {
	w.T.Helper()
	l := w.law(law)
	c := l.Start(petition.Petition{UID: w.uid(), Kind: petition.KindPetition, Lang: "en", Body: "akimat-river",
		Texts: Texts("River Street"), Topics: []string{"roads"}, Creator: petition.Creator{Kind: petition.Person, Name: "Aigerim Testova"}}, w.Now)
	contact := store.Contact{Hash: [16]byte{1, byte(w.n)}, Sealed: []byte("sealed address"), Lang: "en"}
	if w.author != 0 {
		contact.Hash = [16]byte{2, w.author}
	}
	p, err := w.S.Create(w.T.Context(), c, fmt.Appendf(nil, "salt of %d 0123456789abcdef", w.n), contact, w.Now, func(p petition.Petition) (store.Letter, error) {
		return w.Letter(fmt.Sprintf("start-%x", p.UID), store.PriorityProof), nil
	})
	w.must(err)
	return p
}

// Change applies a pure decision.
func (w *World) Change(id petition.ID, decide func(l *petition.Profile, p petition.Petition) (petition.Change, error)) petition.Petition {
	w.T.Helper()
	p, err := w.S.Change(w.T.Context(), id, w.Now, func(_ *store.Tx, p petition.Petition) (petition.Change, error) {
		return decide(w.S.Laws().Of(p), p)
	})
	w.must(err)
	return p
}

// Supporting makes a petition that looks for supporters.
func (w *World) Supporting(law string) petition.Petition {
	w.T.Helper()
	return w.Change(w.Draft(law).ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) { return l.Confirm(p, w.Now) })
}

// Publish makes a petition that collects signatures; its supporters are the
// nullifiers from 1 on, without a place.
func (w *World) Publish(law string) petition.Petition {
	w.T.Helper()
	p := w.Supporting(law)
	w.Sign(p.ID, 1, int(w.law(law).Support.Threshold), "")
	return w.Change(p.ID, func(l *petition.Profile, p petition.Petition) (petition.Change, error) {
		return l.Decide(p, petition.Decision{Verdict: petition.Publish, TextVersion: 1, Officer: 7}, w.Now)
	})
}

// Nullifier is the nullifier of an imagined signer.
func Nullifier(n int) (key [16]byte) {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
	copy(key[:], sum[:])
	return key
}

// Batch is a batch of n signatures of petition id, from the signer from on.
func (w *World) Batch(id petition.ID, from, n int, place string) []store.NewSignature {
	day := w.law(Small).Today(w.Now).DayNumber()
	batch := make([]store.NewSignature, n)
	for i := range batch {
		batch[i] = store.NewSignature{Petition: id, Nullifier: Nullifier(from + i), Place: place, Day: day}
	}
	return batch
}

// Sign adds n signatures, all of which must be new.
func (w *World) Sign(id petition.ID, from, n int, place string) {
	w.T.Helper()
	out, err := w.S.AddSignatures(w.T.Context(), w.Batch(id, from, n, place), w.Now)
	w.must(err)
	for i, o := range out {
		if o != store.Added {
			w.T.Fatalf("signature %d: outcome %d", from+i, o)
		}
	}
}

// Load is the petition as it stands.
func (w *World) Load(id petition.ID) petition.Petition {
	w.T.Helper()
	p, _, err := w.S.DeskPetition(w.T.Context(), id)
	w.must(err)
	return p
}

func (w *World) wait(d time.Duration) { w.Now = w.Now.Add(d) }
