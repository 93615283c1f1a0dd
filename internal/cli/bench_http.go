package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/petition"
	"github.com/spf13/cobra"
)

// benchOptions are how long and how hard `bench http` measures.
type benchOptions struct {
	runs, conns, signers, signatures, pages int
	seconds                                 float64
	uk                                      string
	json                                    bool
}

func (o benchOptions) check() error {
	if o.runs < 1 || o.conns < 1 || o.conns > 1000 || o.signers < 1 || o.signers > 5000 || o.signatures < 0 || o.pages < 1 || o.seconds <= 0 || o.seconds > 600 {
		return fmt.Errorf("%w: want --runs, --pages and --seconds above 0, --conns from 1 to 1000, --signers from 1 to 5000", errUsage)
	}
	return nil
}

func (o benchOptions) time() time.Duration { return time.Duration(o.seconds * float64(time.Second)) }

// httpReport is what `bench http --json` prints.
type httpReport struct {
	Machine     machine      `json:"machine"`
	Binary      int64        `json:"binary_bytes"`
	Start       startReport  `json:"start"`
	Import      importReport `json:"import"`
	Page        raceReport   `json:"page"`
	Count       raceReport   `json:"count_json"`
	NotModified raceReport   `json:"not_modified"`
	List        listReport   `json:"list"`
	Search      figures      `json:"search"`
	Sign        signReport   `json:"sign"`
	LoadPeak    int64        `json:"memory_load_peak_bytes"` // VmHWM after everything
}

type startReport struct {
	Ready float64   `json:"ready_ms"` // from exec to /readyz 200, median
	Runs  []float64 `json:"runs_ms"`
	Idle  int64     `json:"memory_idle_bytes"`      // VmRSS
	Peak  int64     `json:"memory_idle_peak_bytes"` // VmHWM
}

func (e *env) benchHTTP() *cobra.Command {
	var o benchOptions
	c := &cobra.Command{
		Use: "http", Short: "Pages, lists, import and signatures, beside bare net/http and nginx", Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return inTempDir(func(dir string) error {
				b := &httpBench{env: e, o: o, out: benchOut{e.out, o.json}, dir: dir}
				return b.run(c.Context())
			})
		},
	}
	c.Flags().IntVar(&o.runs, "runs", 5, "rounds; medians are shown")
	c.Flags().Float64Var(&o.seconds, "seconds", 5, "length of a round")
	c.Flags().IntVar(&o.conns, "conns", 64, "keep-alive connections")
	c.Flags().IntVar(&o.pages, "pages", 1000, "different pages of the list")
	c.Flags().IntVar(&o.signatures, "signatures", 100_000, "signatures the hot petition has before")
	c.Flags().IntVar(&o.signers, "signers", 5000, "people who sign by mail link")
	c.Flags().StringVar(&o.uk, "uk", "", "directory of exports to import (testdata/uk where it exists; else a made-up list)")
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object")
	return c
}

// httpBench is one run of `bench http`.
type httpBench struct {
	env      *env
	o        benchOptions
	out      benchOut
	dir      string // removed in the end
	self     string // this program
	addr     string // of the server
	environ  []string
	cfg      Config
	hot      petition.Petition
	server   *child
	exported export
	report   httpReport
}

func (b *httpBench) run(ctx context.Context) (err error) {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	defer func() {
		if b.server != nil {
			err = errors.Join(err, b.server.stop())
		}
	}()
	for _, step := range []func(context.Context) error{b.importing, b.world, b.starting, b.pages, b.lists, b.searching, b.signing} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	b.out.section("memory", []string{"idle", mb(b.report.Start.Idle)}, []string{"most under load", mb(b.report.LoadPeak)})
	return b.out.end(b.report)
}

func (b *httpBench) prepare(ctx context.Context) (err error) {
	b.report.Machine = thisMachine()
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	info, err := os.Stat(b.self)
	if err != nil {
		return err
	}
	b.report.Binary = info.Size()
	if b.addr, err = freePort(ctx); err != nil {
		return err
	}
	b.use(filepath.Join(b.dir, "dauys.db"))
	if b.cfg, _, err = loadConfig("", b.environ); err != nil {
		return err
	}
	m := b.report.Machine
	b.out.section(fmt.Sprintf("%s, %d processors, %s; program %s; %d runs of %g s, %d connections, medians; the load is made on the same machine",
		m.OS, m.CPUs, m.Go, mb(b.report.Binary), b.o.runs, b.o.seconds, b.o.conns))
	return nil
}

// use points the children at a database.
func (b *httpBench) use(db string) {
	b.environ = append(clean(b.env.environ), "DAUYS_ADDR="+b.addr, "DAUYS_URL=http://"+b.addr, "DAUYS_DATABASE=sqlite:"+db,
		"DAUYS_KEYS="+filepath.Join(b.dir, "keys"), "DAUYS_MAIL=file:"+filepath.Join(b.dir, "mail"), "DAUYS_LIMITS=off", "DAUYS_LOG=warn")
}

func (b *httpBench) database() string { return strings.TrimPrefix(b.cfg.Database, "sqlite:") }

// world makes the petition that everyone reads and signs, beside the imported ones.
func (b *httpBench) world(ctx context.Context) (err error) {
	now := b.env.now()
	world, err := benchWorld(ctx, b.cfg, b.database(), now)
	if err != nil {
		return err
	}
	b.hot = world.hot
	st, err := openStore(ctx, b.cfg.Database, false)
	if err != nil {
		return err
	}
	defer st.Close()
	return fill(ctx, st, nil, b.hot, b.o.signatures, now)
}

// starting measures starts, and what the last one holds in memory when idle.
func (b *httpBench) starting(ctx context.Context) error {
	r := &b.report.Start
	for range b.o.runs {
		if b.server != nil {
			if err := b.server.stop(); err != nil {
				return err
			}
		}
		since := time.Now()
		var err error
		if b.server, err = spawn(ctx, nil, b.environ, b.self, "serve"); err != nil {
			return err
		}
		took, err := b.server.ready(ctx, b.addr, get(b.addr, "/readyz"), since)
		if err != nil {
			return err
		}
		r.Runs = append(r.Runs, ms(took))
	}
	r.Ready = median(r.Runs)
	select {
	case <-time.After(min(b.o.time(), 3*time.Second)):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	r.Idle, r.Peak = b.server.memory()
	b.out.section("start", []string{"to /readyz 200", fmt.Sprintf("%.0f ms (%.0f to %.0f)", r.Ready, slices.Min(r.Runs), slices.Max(r.Runs))},
		[]string{"memory idle", mb(r.Idle)})
	return nil
}

// pages measures what everyone reads in the hour that matters.
func (b *httpBench) pages(ctx context.Context) (err error) {
	page := "/en/petitions/" + strconv.FormatInt(b.hot.Number, 10)
	if b.report.Page, err = b.race(ctx, "petition page", page, false); err != nil {
		return err
	}
	if b.report.Count, err = b.race(ctx, "count.json", strings.TrimPrefix(page, "/en")+"/count.json", false); err != nil {
		return err
	}
	b.report.NotModified, err = b.race(ctx, "petition page, not modified (304)", page, true)
	return err
}
