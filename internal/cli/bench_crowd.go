package cli

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/jobs"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/spf13/cobra"
)

// crowdOptions are how large the crowd of `bench crowd` is.
type crowdOptions struct {
	benchOptions
	rows, rate    int
	minutes       float64
	dir, postgres string
	only          []string // names of parts; empty for all
}

// crowdParts are what `bench crowd` measures, in this order.
var crowdParts = []string{"confirm", "sustained", "read", "forged", "submit"}

func (o crowdOptions) check() error {
	if o.rows < 0 || o.rows > mostRows || o.rate < 1 || o.rate > 100_000 || o.minutes < 0 || o.minutes > 120 {
		return fmt.Errorf("%w: want --rows of 0 or more, --rate of 1 to 100000, --minutes of 0 to 120", errUsage)
	}
	for _, name := range o.only {
		if !slices.Contains(crowdParts, name) {
			return fmt.Errorf("%w: want --only of %s", errUsage, strings.Join(crowdParts, ", "))
		}
	}
	return o.benchOptions.check()
}

// crowdReport is what `bench crowd --json` prints.
type crowdReport struct {
	Machine   machine          `json:"machine"`
	Engine    string           `json:"engine"`
	Rows      int              `json:"rows_before"`
	Disk      []diskReport     `json:"disk"`      // before each rate of confirm, and before sustained
	Confirm   []rateReport     `json:"confirm"`   // POST of the link: counted, durable
	Bare      []rateReport     `json:"bare"`      // the same requests to bare net/http
	Form      figures          `json:"form"`      // GET of the form, rendered for each
	Submit    []rateReport     `json:"submit"`    // POST of the form, at what it must reach and above: pending row and sealed letter, durable
	Sustained *sustainedReport `json:"sustained"` // null without --minutes
	Page      raceReport       `json:"page"`
	Signing   figures          `json:"page_while_signing"` // 1,000 are counted every second meanwhile
	ToBare    float64          `json:"page_while_signing_ratio_to_bare"`
	Half      rateReport       `json:"page_at_half_load"`
	Count     raceReport       `json:"count_json"`
	Forged    figures          `json:"forged"` // links nobody was sent
	Counted   int64            `json:"counted"`
	Peak      int64            `json:"memory_peak_bytes"`
}

func (e *env) benchCrowd() *cobra.Command {
	o := crowdOptions{benchOptions: benchOptions{signers: 1, pages: 1}}
	c := &cobra.Command{
		Use: "crowd", Short: "People who sign and read at a fixed rate, whatever becomes of them (open loop)", Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return inBenchDir(o.dir, func(dir string) error {
				b := &crowdBench{httpBench: httpBench{env: e, o: o.benchOptions, out: benchOut{e.out, o.json}, dir: dir}, crowd: o}
				return b.run(c.Context())
			})
		},
	}
	c.Flags().IntVar(&o.rows, "rows", 1_000_000, "signatures in the table before")
	c.Flags().IntVar(&o.rate, "rate", 5000, "how many confirm every second")
	c.Flags().Float64Var(&o.minutes, "minutes", 0, "also confirm at that rate for so long, and look for stalls")
	c.Flags().IntVar(&o.runs, "runs", 5, "rounds; medians are shown")
	c.Flags().Float64Var(&o.seconds, "seconds", 5, "length of a round")
	c.Flags().IntVar(&o.conns, "conns", 256, "keep-alive connections")
	c.Flags().StringVar(&o.postgres, "postgres", "", "on this empty database instead of SQLite; it is left filled")
	c.Flags().StringVar(&o.dir, "dir", "", "work in this directory and leave it filled for the next run")
	c.Flags().StringSliceVar(&o.only, "only", nil, "only these parts of it: "+strings.Join(crowdParts, ", "))
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	return c
}

// crowdBench is one run of `bench crowd`.
type crowdBench struct {
	httpBench
	crowd   crowdOptions
	report  crowdReport
	signing *signing.Service // makes the links; the server counts them
	person  store.Signing
	bare    string // address of bare net/http
}

func (b *crowdBench) run(ctx context.Context) (err error) {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	b.report.Machine, b.report.Rows = b.httpBench.report.Machine, b.crowd.rows
	st, before, err := b.people(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	b.report.Engine = st.Engine()
	b.o.runs = 1 // one start will do
	if err := b.starting(ctx); err != nil {
		return err
	}
	b.o.runs = b.crowd.runs
	defer func() { err = errors.Join(err, b.server.stop()) }()
	// Letters are asked for last: the file sink syncs each of them twice.
	quiet := func(ctx context.Context) error { return b.lettersSent(ctx, st) }
	if err := quiet(ctx); err != nil {
		return err
	}
	for i, part := range []func(context.Context) error{b.confirms, b.sustained, b.readers, b.forgers, b.submits} {
		if len(b.crowd.only) > 0 && !slices.Contains(b.crowd.only, crowdParts[i]) {
			continue
		}
		if err := part(ctx); err != nil {
			return err
		}
	}
	_, b.report.Peak = b.server.memory()
	if err := b.server.stop(); err != nil {
		return err
	}
	after, err := b.count(ctx)
	if err == nil && after-before != b.report.Counted {
		err = fmt.Errorf("the count grew by %d, acknowledged are %d", after-before, b.report.Counted)
	}
	if err != nil {
		return err
	}
	b.out.section(fmt.Sprintf("%d were acknowledged and are counted; most memory %s", b.report.Counted, mb(b.report.Peak)))
	return b.out.end(b.report)
}

// people fills the table and readies what makes links. The store stays open
// beside the server's for what it knows, and writes nothing more.
func (b *crowdBench) people(ctx context.Context) (*store.Store, int64, error) {
	st, err := b.opened(ctx)
	if err != nil {
		return nil, 0, err
	}
	world, err := openPetitions(ctx, st, b.env.now())
	if err != nil {
		st.Close()
		return nil, 0, err
	}
	b.hot = world.hot
	p, err := st.SigningPetition(ctx, b.hot.Number)
	if err == nil {
		err = fill(ctx, st, nil, b.hot, max(0, b.crowd.rows-int(p.Count)), b.env.now())
	}
	var before int64
	if err == nil {
		before, err = b.count(ctx)
	}
	var v *vault.Vault
	if err == nil {
		v, err = vault.Open(b.cfg.Keys)
	}
	if err != nil {
		st.Close()
		return nil, 0, err
	}
	b.person = p
	b.signing = signing.New(signing.Options{Store: st, Vault: v, Broker: identity.NewBroker(v), URL: b.cfg.URL, PlaceOK: placeOK, Now: b.env.now})
	return st, before, nil
}

// opened is the database that is measured, with the fictional petitions in it.
func (b *crowdBench) opened(ctx context.Context) (*store.Store, error) {
	if b.crowd.postgres == "" {
		if _, err := benchWorld(ctx, b.cfg, b.database(), b.env.now()); err != nil {
			return nil, err
		}
		return openStore(ctx, b.cfg.Database, false)
	}
	if err := carryWorld(ctx, b.cfg, filepath.Join(b.dir, "carry.db"), b.crowd.postgres, b.env.now()); err != nil {
		return nil, err
	}
	b.cfg.Database = b.crowd.postgres
	b.environ = append(b.environ, "DAUYS_DATABASE="+b.crowd.postgres) // the last one counts
	return openStore(ctx, b.cfg.Database, false)
}

// lettersSent waits for the letters that an earlier run with this --dir left.
func (b *crowdBench) lettersSent(ctx context.Context, st *store.Store) error {
	for {
		waiting, _, err := st.OutboxSize(ctx)
		if err != nil || waiting == 0 {
			return err
		}
		jobs.Sleep(ctx, 200*time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// link is the request of somebody who opens their letter.
func (b *crowdBench) link(addr string) []byte {
	return post(addr, "/en/confirm/"+b.signing.SyntheticLink(b.person, anybody(), ""), "")
}

// open runs one open loop against the server, and notes what was counted.
func (b *crowdBench) open(ctx context.Context, rate int, d time.Duration, counted bool, next func() []byte) (rateReport, error) {
	cpu := b.server.cpu()
	r, err := rateLoad{addr: b.addr, conns: 4 * b.o.conns, perSecond: rate}.run(ctx, d, next)
	r.CPU = tidy(float64((b.server.cpu() - cpu).Microseconds()) / float64(max(1, r.Done)))
	if counted {
		b.report.Counted += r.Done
	}
	return r, err
}

// confirms measures POST of the link at a small and at the full rate, in turns
// with the same requests to bare net/http.
func (b *crowdBench) confirms(ctx context.Context) error {
	page, err := fetch(ctx, b.addr, get(b.addr, "/en/petitions/"+strconv.FormatInt(b.hot.Number, 10)))
	if err != nil {
		return err
	}
	others, err := b.others(ctx, page)
	defer func() {
		for _, c := range others {
			_ = c.server.stop() // it served its purpose
		}
	}()
	if err != nil {
		return err
	}
	b.bare = others[0].addr
	rows := [][]string{rateHeads()}
	disks := [][]string{diskHeads()}
	for _, rate := range []int{min(1000, b.crowd.rate), b.crowd.rate} {
		disk, err := b.disk(ctx)
		if err != nil {
			return err
		}
		disks = append(disks, disk.line(fmt.Sprintf("before %d/s", rate)))
		var ours, bare []rateReport
		for range b.o.runs {
			r, err := b.open(ctx, rate, b.o.time(), true, func() []byte { return b.link(b.addr) })
			if err != nil {
				return err
			}
			ours = append(ours, r)
			r, err = rateLoad{addr: b.bare, conns: 4 * b.o.conns, perSecond: rate}.run(ctx, b.o.time(), func() []byte { return b.link(b.bare) })
			if err != nil {
				return err
			}
			bare = append(bare, r)
		}
		b.report.Confirm, b.report.Bare = append(b.report.Confirm, middle(ours)), append(b.report.Bare, middle(bare))
		rows = append(rows, rateLine("POST confirm", middle(ours)), rateLine("bare net/http", middle(bare)))
	}
	b.out.section(fmt.Sprintf("%s: people open their letters: %d signatures before", b.report.Engine, b.crowd.rows), rows...)
	b.out.section("the disk alone: a page after another, each synced; and pages all over a file", disks...)
	return nil
}

// disk measures the disk that holds the database.
func (b *crowdBench) disk(ctx context.Context) (diskReport, error) {
	d, err := measureDisk(ctx, b.dir, min(time.Second, b.o.time()))
	b.report.Disk = append(b.report.Disk, d)
	return d, err
}

// submits measures POST of the form. Its letters go to the file sink meanwhile.
func (b *crowdBench) submits(ctx context.Context) error {
	path := "/en/petitions/" + strconv.FormatInt(b.hot.Number, 10) + "/sign"
	form := get(b.addr, path)
	before := b.server.cpu()
	shown, err := load{addr: b.addr, conns: b.o.conns, want: []int{200}, size: -1}.run(ctx, b.o.time(), func(int) []byte { return form })
	if err != nil {
		return err
	}
	shown.cpu = b.server.cpu() - before
	b.report.Form = sumUp([]round{shown})
	b.out.section("people ask for the form, which is rendered for each", rateHead("forms/s"), rateRow("GET sign", b.report.Form))
	name := base64.RawURLEncoding.EncodeToString(vault.Random(6))
	var n atomic.Int64
	rows := [][]string{rateHeads()}
	for _, rate := range []int{3000, 3500} {
		r, err := b.open(ctx, rate, b.o.time(), false, func() []byte {
			return post(b.addr, path, fmt.Sprintf("email=%s%d%%40people.example&eligible=yes", strings.ToLower(name), n.Add(1)))
		})
		if err != nil {
			return err
		}
		b.report.Submit, rows = append(b.report.Submit, r), append(rows, rateLine("POST sign", r))
	}
	b.out.section("people fill in the form: pending row and sealed letter, durable", rows...)
	return nil
}

// readers measures the hot page idle, while 1,000 a second sign, and at half of
// what the server can; and the count.
func (b *crowdBench) readers(ctx context.Context) (err error) {
	page := "/en/petitions/" + strconv.FormatInt(b.hot.Number, 10)
	if b.report.Page, err = b.race(ctx, "petition page", page, false); err != nil {
		return err
	}
	if b.report.Count, err = b.race(ctx, "count.json", strings.TrimPrefix(page, "/en")+"/count.json", false); err != nil {
		return err
	}
	var rounds []round
	for range b.o.runs {
		r, err := b.whileSigning(ctx, page)
		if err != nil {
			return err
		}
		rounds = append(rounds, r)
	}
	b.report.Signing = sumUp(rounds)
	b.report.ToBare = ratio(b.report.Signing.Runs, b.report.Page.Bare.Runs)
	if b.report.Half, err = b.open(ctx, max(1, int(b.report.Page.Dauys.PerSecond/2)), b.o.time(), false, func() []byte { return get(b.addr, page) }); err != nil {
		return err
	}
	b.out.section(fmt.Sprintf("petition page while 1,000 sign every second: %.0f %% of bare net/http idle", 100*b.report.ToBare),
		rateHead("requests/s"), rateRow("dauys", b.report.Signing))
	b.out.section("petition page at half load", rateHeads(), rateLine("GET page", b.report.Half))
	return nil
}

func (b *crowdBench) whileSigning(ctx context.Context, page string) (r round, err error) {
	var signers sync.WaitGroup
	var serr error
	signers.Go(func() {
		_, serr = b.open(ctx, min(1000, b.crowd.rate), b.o.time(), true, func() []byte { return b.link(b.addr) })
	})
	request := get(b.addr, page)
	before := b.server.cpu()
	r, err = load{addr: b.addr, conns: b.o.conns, want: []int{200}, size: -1}.run(ctx, b.o.time(), func(int) []byte { return request })
	r.cpu = b.server.cpu() - before
	signers.Wait()
	return r, errors.Join(err, serr)
}

// forgers try links that nobody was sent, as fast as they can.
func (b *crowdBench) forgers(ctx context.Context) error {
	request := func() []byte {
		return post(b.addr, "/en/confirm/"+base64.RawURLEncoding.EncodeToString(vault.Random(96)), "")
	}
	before := b.server.cpu()
	r, err := load{addr: b.addr, conns: b.o.conns, want: []int{404}, size: -1}.run(ctx, b.o.time(), func(int) []byte { return request() })
	r.cpu = b.server.cpu() - before
	b.report.Forged = sumUp([]round{r})
	b.out.section("forged links, refused without the database", rateHead("requests/s"), rateRow("POST confirm, forged", b.report.Forged))
	return err
}

// sustained confirms for minutes on end, and watches the disk meanwhile.
func (b *crowdBench) sustained(ctx context.Context) error {
	if b.crowd.minutes == 0 {
		return nil
	}
	before, err := b.disk(ctx)
	if err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	var disk *stalls
	var derr error
	var watch sync.WaitGroup
	watch.Go(func() { disk, derr = watchDisk(watching, b.dir) })
	r := &sustainedReport{}
	r.rateReport, err = b.open(ctx, b.crowd.rate, time.Duration(b.crowd.minutes*float64(time.Minute)), true, func() []byte { return b.link(b.addr) })
	stop()
	watch.Wait()
	if err := errors.Join(err, derr); err != nil {
		return err
	}
	r.explain(disk)
	b.report.Sustained = r
	b.out.section(fmt.Sprintf("people open their letters for %g minutes", b.crowd.minutes), rateHeads(), rateLine("POST confirm", r.rateReport))
	b.out.section(fmt.Sprintf("the longest stalls; without what the disk stood still none over %.0f ms; longest sync of a page %.0f ms", r.Own, r.Disk), r.lines()...)
	b.out.section("the disk alone, before", diskHeads(), before.line(""))
	return nil
}
