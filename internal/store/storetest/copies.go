package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/register"
)

// Populate writes something into every table.
func (w *World) Populate() {
	w.T.Helper()
	ctx := w.T.Context()
	p := w.Publish(Small)
	w.Sign(p.ID, 100, 9, "KZ-10")
	w.Sign(p.ID, 200, 4, "KZ-11")
	w.must(w.S.WithdrawSignature(ctx, p.ID, Nullifier(101), 0, w.Now))
	w.deliver(p.ID, "answer", []byte{'%', 'P', 'D', 'F', 0, 255})
	_, err := w.S.Remind(ctx, p.ID, "due-soon", w.Now, func(petition.Petition) (petition.Date, *store.Letter, error) {
		return petition.Date{Year: 2027, Month: 1, Day: 4}, nil, nil
	})
	w.must(err)
	w.must(w.S.SkipBeat(ctx, w.Now.Add(-24*time.Hour)))
	w.must(w.S.Beat(ctx, w.Now))
	q := w.Publish(Civic)
	w.Sign(q.ID, 100, 9, "KZ-15")
	w.Draft(Small)
	m := row(7, store.UKJSON, "Ёлки, \"quotes\" \\ and\nlines\u2028 \u0001 😀")
	m.Topics, m.Document, m.Listed, m.Parliament = []string{"trees"}, []byte(`{"a":[1,null]}`), []byte(`{}`), []byte(`{"id":1}`)
	w.must(importRows(w, m, row(8, store.UKCSV, "Плотина")))
	w.must(w.S.NewSetupLink(ctx, []byte("set-up"), w.Now.Add(time.Hour)))
	w.must(w.S.SaveSetupDraft(ctx, []byte{0, 255}))
	w.must(w.S.KeepPlaces(ctx, "hash", "code,kind\n"))
	w.must(w.S.ChangeSettings(ctx, 0, w.Now, func(petition.Settings) ([]petition.SettingAct, error) {
		return []petition.SettingAct{{Name: petition.SetOperator, New: "Песок"}}, nil
	}))
	_, err = w.S.SaveBodies(ctx, 0, []register.Body{{ID: "min-sand", Names: map[string]string{"en": "Sand"}, Kind: "ministry"}}, w.Now)
	w.must(err)
	w.organisation("Ak Bulak", p.ID)
	pend := w.pending(p.ID, 300, "with a subscription")
	pend.Subscription = &store.NewSubscription{ID: Nullifier(-1), Address: []byte{0, 255, 10}, Lang: "kk"}
	_, err = w.S.AddPending(ctx, []store.NewPending{pend}, w.Now)
	w.must(err)
	_, err = w.S.Follow(ctx, "mail", 5, func(tx *store.Tx, e petition.Event) error {
		return tx.AddMailing(e.Seq, "news", e.Petition, map[string]string{"a": "b"})
	})
	w.must(err)
	st, err := w.S.AddStaff(ctx, [16]byte{7}, []byte("sealed"), store.Moderator, "", w.Now)
	w.must(err)
	w.must(w.S.AddLoginLink(ctx, []byte("link"), st.ID, w.Now.Add(time.Hour)))
	w.must(w.S.AddLoginLink(ctx, []byte("link2"), st.ID, w.Now.Add(time.Hour)))
	_, err = w.S.StartSession(ctx, []byte("link2"), []byte("session"), w.Now, w.Now.Add(time.Hour))
	w.must(err)
	w.complain(p, []byte("sealed"))
	_, err = w.S.Bounced(ctx, store.Bounce{Tag: [16]byte{7}, Priority: store.PriorityNews}, w.Now)
	w.must(err)
	w.must(w.S.AddDemand(ctx, w.demand(petition.Date{})))
	_, err = w.S.SecondFactor(ctx, st.ID, []byte("sealed secret"))
	w.must(err)
	waits := w.waiting()
	_, err = w.S.Claim(ctx, waits.ID, st.ID, w.Now, w.Now.Add(time.Hour))
	w.must(err)
	w.must(w.S.AddNote(ctx, waits.ID, st.ID, "Ескерту", w.Now))
	w.must(w.S.SendDelay(ctx, "form", st.ID, petition.DelayLetter{}, waits.DecideBy))
	_, err = w.S.ExpandDelay(ctx, 1, func(a store.DelayAct, _ store.Addressee) (store.Letter, error) {
		return w.Letter("delay", store.PriorityNews), nil
	})
	w.must(err)
	w.must(w.S.SetMeta(ctx, "site", "Тест"))
	_, _, err = w.S.Lease(ctx, "work", "somebody", time.Minute)
	w.must(err)
}

// Backup is a backup of the store.
func (w *World) Backup() []byte {
	w.T.Helper()
	var b bytes.Buffer
	_, err := w.S.Backup(w.T.Context(), &b)
	w.must(err)
	return b.Bytes()
}

func backup(w *World) {
	w.Migrate().Populate()
	ctx := w.T.Context()
	var file bytes.Buffer
	wrote, err := w.S.Backup(ctx, &file)
	w.must(err)
	for _, c := range wrote {
		if c.Rows == 0 && c.Table != "profiles" {
			w.T.Errorf("table %s is empty: the scenario proves nothing about it", c.Table)
		}
	}
	_, err = w.S.Restore(ctx, bytes.NewReader(file.Bytes()), false)
	w.want(err, store.ErrNotEmpty)
	read, err := w.S.Restore(ctx, bytes.NewReader(file.Bytes()), true)
	w.must(err)
	if !slices.Equal(read, wrote) {
		w.T.Errorf("restored %v, backed up %v", read, wrote)
	}
	w.sound()
	equal(w, "found after the restore", w.found("плотина"), 1)
	// The sequences go on: new rows find new ids.
	w.Populate2()
	w.sound()
}

// Populate2 writes rows whose ids the database gives.
func (w *World) Populate2() {
	w.T.Helper()
	w.n += 1000
	p := w.Publish(Small)
	w.Sign(p.ID, 1000, 3, "KZ-63")
	_, err := w.S.AddStaff(w.T.Context(), [16]byte{8}, []byte("sealed"), store.Auditor, "", w.Now)
	w.must(err)
	_, err = w.S.Follow(w.T.Context(), "more", 1, func(tx *store.Tx, e petition.Event) error {
		return tx.AddMailing(e.Seq, "more", e.Petition, nil)
	})
	w.must(err)
}

// slowly lets a writer work between the pieces of a file.
type slowly struct {
	w     io.Writer
	pause func()
}

func (s slowly) Write(p []byte) (int, error) {
	s.pause()
	return s.w.Write(p)
}

func backupWhileServing(w *World) {
	w.Migrate()
	p := w.Publish(Civic)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 1000; ; i += 5 {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := w.S.AddSignatures(w.T.Context(), w.Batch(p.ID, i, 5, "KZ-10"), w.Now); err != nil {
				w.T.Error(err)
			}
		}
	})
	for range 3 {
		var file bytes.Buffer
		_, err := w.S.Backup(w.T.Context(), slowly{&file, func() { _ = w.Load(p.ID) }})
		w.must(err)
		// A moment, not a smear: what was read agrees with itself.
		findings, err := w.S.Check(w.T.Context())
		w.must(err)
		if len(findings) > 0 {
			w.T.Errorf("check while serving: %v", findings)
		}
		close(stop)
		wg.Wait()
		_, err = w.S.Restore(w.T.Context(), &file, true)
		w.must(err)
		w.sound()
		stop = make(chan struct{})
		wg.Go(func() { <-stop })
	}
	close(stop)
	wg.Wait()
}

func restoreReplaces(w *World) {
	w.Migrate().Populate()
	ctx := w.T.Context()
	file := w.Backup()
	before, err := w.S.Totals(ctx)
	w.must(err)
	p := w.Publish(Small)
	w.must(importRows(w, row(99, store.UKCSV, "Later")))
	gen := w.S.Generation()
	// Readers see the old world until the commit.
	_, err = w.S.Restore(ctx, &watched{r: bytes.NewReader(file), at: func() {
		v, err := w.S.PublicPetition(ctx, p.Number)
		w.must(err)
		equal(w, "while restoring", v.Number, p.Number)
	}}, true)
	w.must(err)
	after, err := w.S.Totals(ctx)
	w.must(err)
	equal(w, "totals", after, before)
	equal(w, "what came later is not found", w.found("later"), 0)
	if w.S.Generation() <= gen {
		w.T.Errorf("generation %d after %d: caches keep the old world", w.S.Generation(), gen)
	}
	_, ok, err := w.S.Lease(ctx, "work", "another", time.Minute)
	w.must(err)
	equal(w, "leases of running processes stay", ok, false)
	w.sound()
}

// watched calls at before the last piece of a file.
type watched struct {
	r  *bytes.Reader
	at func()
}

func (r *watched) Read(p []byte) (int, error) {
	if r.r.Len() < 500 {
		r.at()
	}
	return r.r.Read(p[:min(len(p), 400)])
}

func restoreRefuses(w *World) {
	w.Migrate().Populate()
	ctx := w.T.Context()
	file := w.Backup()
	want, err := w.S.Totals(ctx)
	w.must(err)
	refused := func(what string, b []byte) {
		w.T.Helper()
		_, err := w.S.Restore(ctx, bytes.NewReader(b), true)
		if err == nil {
			w.T.Fatalf("%s: restored", what)
		}
	}
	for i := 0; i < len(file); i += max(1, len(file)/60) {
		bad := slices.Clone(file)
		bad[i] ^= 1 << (i % 8)
		refused(fmt.Sprintf("byte %d of %d changed", i, len(file)), bad)
	}
	for i := range 45 { // the seal and what is before it
		bad := slices.Clone(file)
		bad[len(bad)-1-i] ^= 0x10
		refused(fmt.Sprintf("byte -%d changed", i+1), bad)
	}
	for _, n := range []int{0, 1, 39, 40, 41, len(file) / 3, len(file) - 40, len(file) - 1} {
		refused(fmt.Sprintf("cut to %d", n), file[:n])
	}
	refused("something follows", append(slices.Clone(file), 0))
	refused("twice", append(slices.Clone(file), file...))
	broken := errors.New("the medium broke")
	_, err = w.S.Restore(ctx, io.MultiReader(bytes.NewReader(file[:len(file)/2]), failing{broken}), true)
	w.want(err, broken)
	got, err := w.S.Totals(ctx)
	w.must(err)
	equal(w, "nothing changed", got, want)
	w.sound()
	_, err = w.S.Restore(ctx, bytes.NewReader(file), true)
	w.must(err)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func checkFindsNothing(w *World) {
	w.Migrate()
	w.sound()
	w.Populate()
	w.sound()
}
