package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/imports"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/profiles"
	"github.com/spf13/cobra"
)

func (e *env) replay() *cobra.Command {
	var n int64
	c := &cobra.Command{}
	*c = cobra.Command{
		Use: "replay FILE.json", Short: "A real petition document becomes a petition with as many synthetic signatures", Args: usage(cobra.ExactArgs(1)),
		RunE: e.withStore(true, func(ctx context.Context, cfg Config, st *store.Store, args []string) error {
			if n < 1 && c.Flags().Changed("signatures") {
				return fmt.Errorf("%w: --signatures wants a number of 1 or more", errUsage)
			}
			r, err := readDocument(args[0])
			if err != nil {
				return err
			}
			if n == 0 {
				n = r.SignatureCount
			}
			return e.runReplay(ctx, cfg, st, r, n)
		}),
	}
	c.Flags().Int64Var(&n, "signatures", 0, "how many; as many as the document has when not given")
	return c
}

// readDocument reads the one petition of a document.
func readDocument(name string) (imports.Record, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return imports.Record{}, err
	}
	var found []imports.Record
	for r, err := range imports.Read(bytes.NewReader(b), name) {
		if err != nil {
			return r, err
		}
		found = append(found, r)
	}
	if len(found) != 1 || found[0].Source != imports.SourceJSON {
		return imports.Record{}, fmt.Errorf("%s: want the JSON document of one petition", name)
	}
	if r := found[0]; r.OpenedAt.IsZero() || r.UpdatedAt.IsZero() || r.SignatureCount == 0 {
		return r, fmt.Errorf("%s: a petition without signatures, or without the days of its opening and of the document", name)
	}
	return found[0], nil
}

// replayer fills one petition. Its clock stands at noon of the day being filled.
type replayer struct {
	store   *store.Store
	signing *signing.Service
	law     *petition.Profile
	plan    replayPlan
	clock   atomic.Int64 // Unix seconds
}

func (p *replayer) now() time.Time { return time.Unix(p.clock.Load(), 0) }

// runReplay makes the petition, or finds the one an earlier run began, and
// fills it day by day through the pool.
//
// A day is begun when the one before it is durable, so that thresholds are met
// on their days. A replay that was killed goes on with the first day that is
// not complete; signers of that day who were counted are counted once.
func (e *env) runReplay(ctx context.Context, cfg Config, st *store.Store, r imports.Record, n int64) error {
	v, err := openKeys(ctx, cfg, st)
	if err != nil {
		return err
	}
	p := &replayer{store: st, law: profiles.ByID(st.Laws(), "uk-parl")}
	if p.law == nil {
		return errors.New("there is no profile uk-parl")
	}
	p.plan = planReplay(r, n, p.law)
	found, err := p.petition(ctx, r)
	if err != nil {
		return err
	}
	done, err := p.done(ctx, found.ID)
	if err != nil {
		return err
	}
	switch {
	case found.Count > n:
		return fmt.Errorf("petition %d replays this document with %d signatures already", found.Number, found.Count)
	case !p.plan.fits(done):
		fmt.Fprintf(e.err, "dauys: warning: petition %d was begun with fewer signatures: those keep the days and places of that number\n", found.Number)
	}
	p.signing = signing.New(signing.Options{Store: st, Vault: v, Broker: identity.NewBroker(v), URL: cfg.URL, PlaceOK: placeOK, Now: p.now, Steady: e.now})
	poolCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var pools sync.WaitGroup
	pools.Go(func() { p.signing.Run(poolCtx) })
	var unsettled error // is tried again below
	pools.Go(func() { settle(poolCtx, st, func(err error) { unsettled = err }) })
	begin := e.now()
	err = p.fill(ctx, found.UID, done)
	stop()
	pools.Wait()
	if err != nil {
		return errors.Join(err, unsettled)
	}
	if _, err := st.Settle(ctx, func(int, int) {}); err != nil {
		return err
	}
	took := e.now().Sub(begin)
	size, err := st.Size(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%d signatures, %.0f/s in this run, database of %d bytes\n", n, float64(n-found.Count)/max(took.Seconds(), 0.001), size)
	fmt.Fprintf(e.out, "petition %d\n", found.Number)
	return nil
}

// petition finds the petition of this document, or makes and publishes it at
// the documented moments.
func (p *replayer) petition(ctx context.Context, r imports.Record) (petition.Petition, error) {
	sum := sha256.Sum256([]byte("dauys/replay/" + strconv.FormatInt(r.Number, 10)))
	uid := petition.UID(sum[:16])
	found, err := p.store.SigningPetitionByUID(ctx, uid)
	if errors.Is(err, store.ErrNotFound) {
		found.Petition, err = p.create(ctx, r, uid)
	}
	if err != nil || found.State != petition.Moderation {
		return found.Petition, err
	}
	at := r.OpenedAt
	return p.store.Change(ctx, found.ID, at, func(_ *store.Tx, q petition.Petition) (petition.Change, error) {
		q.DecideBy = time.Time{} // the documented decision is in time by definition
		return p.law.Decide(q, petition.Decision{Verdict: petition.Publish, TextVersion: q.TextVersion}, at)
	})
}

// create writes the petition as it entered moderation. The supporters it had
// there are among the signers: exactly as many as the document has.
func (p *replayer) create(ctx context.Context, r imports.Record, uid petition.UID) (petition.Petition, error) {
	at := r.CreatedAt
	if at.IsZero() || at.After(r.OpenedAt) {
		at = r.OpenedAt
	}
	c := p.law.Start(petition.Petition{UID: uid, Kind: petition.KindPetition, Lang: "en", Body: "",
		Texts:   petition.Texts{"en": {Title: r.Title, Ask: r.Ask, Details: r.Details}},
		Creator: petition.Creator{Kind: petition.Person, Name: r.CreatorName}}, at)
	confirmed, err := p.law.Confirm(c.Petition, at)
	if err != nil {
		return petition.Petition{}, err
	}
	queued := confirmed
	if confirmed.Petition.State == petition.Supporting {
		var ok bool
		if queued, ok = p.law.Count(confirmed.Petition, p.law.NextThreshold(confirmed.Petition), at); !ok {
			return petition.Petition{}, petition.ErrState
		}
		queued.Events = append(confirmed.Events, queued.Events...)
	}
	queued.Petition.Count = 0
	queued.Events = append(c.Events, queued.Events...)
	return p.store.CreateReplay(ctx, queued, vault.Random(32), at)
}

// signers is how many sign at the same time: as many as the pool lets wait for
// one petition.
const signers = 1024

// done is how many have signed on each day.
func (p *replayer) done(ctx context.Context, id petition.ID) (map[petition.Date]int64, error) {
	counts, err := p.store.ReplayDays(ctx, id)
	done := make(map[petition.Date]int64, len(counts))
	for _, c := range counts {
		done[c.Day] = c.Count
	}
	return done, err
}

// fill signs what is not done yet.
func (p *replayer) fill(ctx context.Context, uid petition.UID, done map[petition.Date]int64) error {
	for _, d := range p.plan.days {
		if done[d.day] == d.end-d.first {
			continue
		}
		p.clock.Store(d.day.Midnight(p.law.Location).Add(12 * time.Hour).Unix())
		if err := p.day(ctx, uid, d); err != nil {
			return fmt.Errorf("%s: %w", d.day, err)
		}
	}
	return nil
}

// day lets everybody of one day sign and returns when all are durable.
func (p *replayer) day(ctx context.Context, uid petition.UID, d replayDay) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	next.Store(d.first)
	var wg sync.WaitGroup
	for range min(signers, d.end-d.first) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := next.Add(1) - 1
				if i >= d.end {
					return
				}
				err := p.signing.Replay(ctx, uid, i, p.plan.place(i))
				for errors.Is(err, signing.ErrFull) && ctx.Err() == nil { // the disk is slow at this moment
					time.Sleep(comeBack)
					err = p.signing.Replay(ctx, uid, i, p.plan.place(i))
				}
				if err != nil {
					stop(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}
