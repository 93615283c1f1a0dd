package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/petition"
	"github.com/spf13/cobra"
)

// ingestOptions are how long and how hard `bench ingest` measures.
type ingestOptions struct {
	rows          []int // sizes of the table, ascending
	runs, callers int
	seconds       float64
	postgres, dir string
	sqlite, bare  bool
	json          bool
}

// mostRows is the largest table; mostCallers is how many of one petition the
// pool lets wait.
const (
	mostRows    = 100_000_000
	mostCallers = 1024
	comeBack    = 10 * time.Millisecond // after a refusal
)

func (o *ingestOptions) check() error {
	slices.Sort(o.rows)
	o.rows = slices.Compact(o.rows)
	if len(o.rows) == 0 || o.rows[0] < 0 || o.rows[len(o.rows)-1] > mostRows || o.runs < 1 || o.callers < 1 || o.callers > mostCallers ||
		o.seconds <= 0 || o.seconds > 600 {
		return fmt.Errorf("%w: want --rows of 0 or more, --runs and --seconds above 0, --callers from 1 to %d", errUsage, mostCallers)
	}
	if !o.sqlite && o.postgres == "" {
		return fmt.Errorf("%w: --sqlite=false needs --postgres", errUsage)
	}
	return nil
}

// ingestReport is what `bench ingest --json` prints: for each engine and each
// size of the table one entry.
type ingestReport struct {
	Machine machine       `json:"machine"`
	Tables  []tableReport `json:"tables"`
	Flood   []floodReport `json:"flood"`
}

// tableReport is the signing pool on one engine, beside a bare loop of inserts.
type tableReport struct {
	Engine    string  `json:"engine"`
	Rows      int     `json:"rows_before"` // before the first run; each run adds to them
	RowsAfter int64   `json:"rows_after"`
	Callers   int     `json:"callers"` // who wait for an answer at any moment
	Pool      figures `json:"pool"`    // cpu is of this process, callers included
	// Settling is a round's rate where the time is added that its signatures take
	// on their way into the table afterwards, with nobody signing meanwhile.
	Settling  float64    `json:"per_second_with_settling"`
	Batch     float64    `json:"batch"` // signatures committed together, on average
	Bytes     float64    `json:"bytes_per_signature"`
	Bare      *figures   `json:"bare,omitempty"` // batches of as many rows as there are callers; p50 and p99 of a batch
	BareBytes float64    `json:"bare_bytes_per_row,omitempty"`
	ToBare    float64    `json:"ratio_to_bare,omitempty"`
	Fill      float64    `json:"fill_seconds"` // to bring both tables to this size
	Ahead     int64      `json:"read_ahead"`   // signatures whose index was read before, as a server does at its start
	AheadTook float64    `json:"read_ahead_seconds"`
	Disk      diskReport `json:"disk"` // just before the runs, of the disk with --dir
}

func (e *env) benchIngest() *cobra.Command {
	var o ingestOptions
	c := &cobra.Command{
		Use: "ingest", Short: "Signatures through pool and store, beside bare inserts", Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return inBenchDir(o.dir, func(dir string) error {
				b := &ingestBench{env: e, o: o, out: benchOut{e.out, o.json}, dir: dir}
				return b.run(c.Context())
			})
		},
	}
	c.Flags().IntSliceVar(&o.rows, "rows", []int{0, 100_000, 1_000_000}, "signatures in the table before each measurement; 10000000 takes minutes to fill")
	c.Flags().IntVar(&o.runs, "runs", 5, "rounds; medians are shown")
	c.Flags().Float64Var(&o.seconds, "seconds", 3, "length of a round")
	c.Flags().IntVar(&o.callers, "callers", 1024, "how many wait at once")
	c.Flags().StringVar(&o.postgres, "postgres", "", "also on this empty database, which is left filled")
	c.Flags().BoolVar(&o.sqlite, "sqlite", true, "on SQLite; false needs --postgres")
	c.Flags().BoolVar(&o.bare, "bare", true, "beside bare inserts, whose table has to be filled, too")
	c.Flags().StringVar(&o.dir, "dir", "", "work in this directory and leave it filled for the next run")
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	return c
}

type ingestBench struct {
	env    *env
	o      ingestOptions
	out    benchOut
	dir    string
	vault  *vault.Vault
	report ingestReport
}

func (b *ingestBench) run(ctx context.Context) (err error) {
	b.report.Machine = thisMachine()
	cfg, _, err := loadConfig("", append(clean(b.env.environ), "DAUYS_KEYS="+filepath.Join(b.dir, "keys")))
	if err != nil {
		return err
	}
	m := b.report.Machine
	b.out.section(fmt.Sprintf("%s, %d processors, %s; %d runs of %g s, %d callers wait at once, medians", m.OS, m.CPUs, m.Go, b.o.runs, b.o.seconds, b.o.callers))
	seed := filepath.Join(b.dir, "dauys.db")
	if _, err := benchWorld(ctx, cfg, seed, b.env.now()); err != nil {
		return err
	}
	if b.vault, err = vault.Open(cfg.Keys); err != nil {
		return err
	}
	engines := [][2]string{{"sqlite:" + seed, "sqlite:" + filepath.Join(b.dir, "bare.db")}}
	if b.o.postgres != "" {
		engines = append(engines, [2]string{b.o.postgres, b.o.postgres})
	}
	for i, addr := range engines {
		if i == 0 && !b.o.sqlite {
			continue
		}
		if i > 0 {
			if err := carryWorld(ctx, cfg, filepath.Join(b.dir, "carry.db"), b.o.postgres, b.env.now()); err != nil {
				return err
			}
		}
		if err := b.engine(ctx, addr[0], addr[1]); err != nil {
			return err
		}
	}
	return b.out.end(b.report)
}

// engine measures one engine with few rows and then with many. The plain
// tables lie in another file where an engine has files.
func (b *ingestBench) engine(ctx context.Context, addr, bareAddr string) (err error) {
	st, err := openStore(ctx, addr, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	plain, err := store.Open(ctx, bareAddr, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plain.Close()) }()
	world, err := openPetitions(ctx, st, b.env.now())
	if err != nil {
		return err
	}
	t := &ingestTable{b: b, st: st, plain: plain, p: world.hot, quiet: world.quiet}
	if b.o.bare {
		if t.bare, err = plain.Bare(ctx); err != nil {
			return err
		}
		if t.plainRows, err = t.bare.Rows(ctx); err != nil {
			return err
		}
	}
	for _, rows := range b.o.rows {
		if err := t.measure(ctx, rows); err != nil {
			return fmt.Errorf("%s: %w", st.Engine(), err)
		}
	}
	if err := t.flood(ctx); err != nil {
		return fmt.Errorf("%s: flood: %w", st.Engine(), err)
	}
	faults, err := st.Check(ctx)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("check: %s", faults[0])
	}
	return err
}

// ingestTable is one engine under measurement.
type ingestTable struct {
	b         *ingestBench
	st, plain *store.Store
	bare      *store.Bare // nil where it is left out
	p, quiet  petition.Petition
	plainRows int // in the plain table
}

// measure fills both tables up to rows and runs pool and bare loop in turns.
func (t *ingestTable) measure(ctx context.Context, rows int) error {
	r := tableReport{Engine: t.st.Engine(), Rows: rows, Callers: t.b.o.callers}
	took, err := t.fill(ctx, rows)
	if err != nil {
		return err
	}
	r.Fill = seconds(took)
	began := time.Now()
	if r.Ahead, err = t.st.Warm(ctx); err != nil {
		return err
	}
	r.AheadTook = seconds(time.Since(began))
	if r.Disk, err = measureDisk(ctx, t.b.dir, min(time.Second, time.Duration(t.b.o.seconds*float64(time.Second)))); err != nil {
		return err
	}
	var pool, bare []round
	var batch, size, bareSize, settled []float64
	for range t.b.o.runs {
		in, err := t.pool(ctx)
		if err != nil {
			return err
		}
		settled = append(settled, float64(len(in.lat))/(in.took+in.settling).Seconds())
		pool, batch, size = append(pool, in.round), append(batch, in.batch), append(size, in.size)
		if t.bare == nil {
			continue
		}
		got, bytes, err := t.loop(ctx)
		if err != nil {
			return err
		}
		bare, bareSize = append(bare, got), append(bareSize, bytes)
	}
	p, err := t.st.SigningPetition(ctx, t.p.Number)
	if err != nil {
		return err
	}
	r.Pool, r.RowsAfter, r.Batch, r.Bytes = sumUp(pool), p.Count, tidy(median(batch)), tidy(median(size))
	r.Settling = tidy(median(settled))
	if t.bare != nil {
		beside := sumUpBatches(bare, t.b.o.callers)
		r.Bare, r.BareBytes, r.ToBare = &beside, tidy(median(bareSize)), ratio(r.Pool.Runs, beside.Runs)
	}
	t.b.report.Tables = append(t.b.report.Tables, r)
	t.b.out.section(r.head(), r.lines()...)
	return nil
}

func (r tableReport) head() string {
	s := fmt.Sprintf("%s, %d rows before; %.0f in a batch; %.0f bytes a signature", r.Engine, r.Rows, r.Batch, r.Bytes)
	if r.Settling < r.Pool.PerSecond*0.99 {
		s += fmt.Sprintf("; %.0f/s with the time to settle them", r.Settling)
	}
	if r.Bare != nil {
		s += fmt.Sprintf(", %.0f a bare row; %.0f %% of the bare loop", r.BareBytes, 100*r.ToBare)
	}
	s += fmt.Sprintf("; the disk syncs %.0f times a second", r.Disk.Syncs)
	if r.Ahead > 0 {
		s += fmt.Sprintf("; the index of %d read ahead in %.1f s, as a server does at its start", r.Ahead, r.AheadTook)
	}
	return s
}

func (r tableReport) lines() [][]string {
	lines := [][]string{rateHead("signatures/s"), rateRow("signing pool", r.Pool)}
	if r.Bare != nil {
		lines = append(lines, rateRow("bare inserts", *r.Bare))
	}
	return lines
}

// fill brings both tables up to rows.
func (t *ingestTable) fill(ctx context.Context, rows int) (took time.Duration, err error) {
	begin := time.Now()
	p, err := t.st.SigningPetition(ctx, t.p.Number)
	if err != nil {
		return 0, err
	}
	if t.bare == nil {
		return time.Since(begin), fill(ctx, t.st, nil, t.p, rows-int(p.Count), t.b.env.now())
	}
	both := min(rows-int(p.Count), rows-t.plainRows)
	if err := fill(ctx, t.st, t.bare, t.p, both, t.b.env.now()); err != nil {
		return 0, err
	}
	// A table that an earlier run left filled.
	if err := fill(ctx, t.st, nil, t.p, rows-int(p.Count)-max(both, 0), t.b.env.now()); err != nil {
		return 0, err
	}
	err = fill(ctx, nil, t.bare, t.p, rows-t.plainRows-max(both, 0), t.b.env.now())
	t.plainRows = max(t.plainRows, rows)
	return time.Since(begin), err
}

// sumUpBatches sums up rounds whose latencies are of batches of n rows.
func sumUpBatches(rounds []round, n int) figures {
	f := sumUp(rounds)
	for i := range f.Runs {
		f.Runs[i] = tidy(f.Runs[i] * float64(n))
	}
	f.PerSecond, f.CPU = median(f.Runs), tidy(f.CPU/float64(n))
	return f
}

// ingested is a round through the pool.
type ingested struct {
	round
	batch, size float64 // signatures committed together, and bytes of each, on average
	settling    time.Duration
}

// pool lets the callers sign through the service, each again as soon as it was
// answered, and holds the count against what was acknowledged. Every batch
// moves the public count of a petition of this size, so that the generation
// counts the batches.
func (t *ingestTable) pool(ctx context.Context) (r ingested, err error) {
	svc := signing.New(signing.Options{Store: t.st, Vault: t.b.vault, Broker: identity.NewBroker(t.b.vault), PlaceOK: placeOK, Now: t.b.env.now})
	before, err := t.state(ctx)
	if err != nil {
		return r, err
	}
	runCtx, stop := context.WithCancel(ctx)
	var running, callers sync.WaitGroup
	var tidied error // of the goroutine that keeps the log short, as in a server
	running.Go(func() { svc.Run(runCtx) })
	running.Go(func() { tidyLog(runCtx, t.st, func(e error) { tidied = errors.Join(tidied, e) }) })
	var unsettled error
	running.Go(func() { settle(runCtx, t.st, func(e error) { unsettled = errors.Join(unsettled, e) }) })
	lat, errs := make([][]time.Duration, t.b.o.callers), make([]error, t.b.o.callers)
	begin, cpu := time.Now(), ownCPU()
	end := begin.Add(time.Duration(t.b.o.seconds * float64(time.Second)))
	for i := range t.b.o.callers {
		callers.Go(func() { lat[i], errs[i] = signUntil(ctx, svc, t.p.UID, end) })
	}
	callers.Wait()
	r.round = round{took: time.Since(begin), cpu: ownCPU() - cpu, lat: slices.Concat(lat...)}
	stop()
	running.Wait()
	slices.Sort(r.lat)
	if err := errors.Join(append(errs, tidied, unsettled)...); err != nil {
		return r, err
	}
	begin = time.Now()
	if _, err := t.st.Settle(ctx, func(int, int) {}); err != nil {
		return r, err
	}
	r.settling = time.Since(begin)
	after, err := t.state(ctx)
	if err != nil {
		return r, err
	}
	n := int64(len(r.lat))
	if after.count-before.count != n {
		return r, fmt.Errorf("the count grew by %d, acknowledged were %d", after.count-before.count, n)
	}
	r.batch, r.size = float64(n)/float64(max(1, after.generation-before.generation)), float64(after.size-before.size)/float64(max(1, n))
	return r, nil
}

// signUntil signs for one new person after another. Who is refused, because the
// disk is slow at this moment, comes back a little later.
func signUntil(ctx context.Context, svc *signing.Service, uid petition.UID, end time.Time) (lat []time.Duration, err error) {
	for last := time.Now(); last.Before(end); {
		switch err := svc.Synthetic(ctx, uid, anybody(), somewhere()); {
		case errors.Is(err, signing.ErrFull):
			time.Sleep(comeBack)
			if time.Now().After(end) {
				return lat, nil
			}
			continue
		case err != nil:
			return lat, err
		}
		now := time.Now()
		lat = append(lat, now.Sub(last))
		last = now
	}
	return lat, nil
}

// ingestState is what is compared before and after a run.
type ingestState struct{ count, generation, size int64 }

func (t *ingestTable) state(ctx context.Context) (s ingestState, err error) {
	if _, err := t.st.TidyLog(ctx); err != nil {
		return s, err
	}
	p, err := t.st.SigningPetition(ctx, t.p.Number)
	if err != nil {
		return s, err
	}
	s.count, s.generation = p.Count, t.st.Generation()
	s.size, err = t.st.Size(ctx)
	return s, err
}

// loop inserts batches of rows with nothing around them.
func (t *ingestTable) loop(ctx context.Context) (r round, size float64, err error) {
	before, err := t.plain.Size(ctx)
	if err != nil {
		return r, 0, err
	}
	begin, cpu := time.Now(), ownCPU()
	end := begin.Add(time.Duration(t.b.o.seconds * float64(time.Second)))
	for last := begin; last.Before(end); {
		if err := t.bare.Signatures(ctx, nobodies(t.p, t.b.o.callers, last)); err != nil {
			return r, 0, err
		}
		now := time.Now()
		r.lat = append(r.lat, now.Sub(last))
		last = now
	}
	r.took, r.cpu = time.Since(begin), ownCPU()-cpu
	slices.Sort(r.lat)
	t.plainRows += len(r.lat) * t.b.o.callers
	after, err := t.plain.Size(ctx)
	return r, float64(after-before) / float64(len(r.lat)*t.b.o.callers), err
}
