package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dauys/dauys/internal/letter"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/web"
	"github.com/dauys/dauys/petition"
	"github.com/spf13/cobra"
)

// demoClock is the time of the demo: the real one, moved forward by hand.
type demoClock struct {
	real   func() time.Time
	offset atomic.Int64 // nanoseconds
}

func (c *demoClock) now() time.Time { return c.real().Add(time.Duration(c.offset.Load())) }

const demoBody = "samal-akimat" // whose officer the demo lends; a body of demoworld.toml

const demoOffset = "demo-offset" // meta: where the clock stands, so that it goes on after a restart

func (e *env) demo() *cobra.Command {
	var addr, data string
	c := &cobra.Command{
		Use: "demo", Short: "The whole world with nothing set up, on this machine", Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if e.config != "" {
				return fmt.Errorf("%w: demo takes no --config", errUsage)
			}
			cfg, warnings, err := demoConfig(e.environ, addr, data)
			for _, w := range warnings {
				fmt.Fprintln(e.err, "dauys: warning:", w)
			}
			if err != nil {
				return err
			}
			return e.runDemo(c.Context(), cfg, data)
		},
	}
	c.Flags().StringVar(&addr, "addr", "", "where to listen (127.0.0.1:8080)")
	c.Flags().StringVar(&data, "data", "dauys-demo", "directory for everything the demo keeps")
	return c
}

func (e *env) runDemo(ctx context.Context, cfg Config, dir string) error {
	cfg.Operator, cfg.Contact = "Dauys demo", "demo@dauys.example"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := e.makeWorld(ctx, cfg, dir); err != nil {
		return err
	}
	clock := &demoClock{real: e.now}
	d := &demoWorld{clock: clock, dir: filepath.Join(dir, "mail")}
	a, err := newApp(ctx, cfg, clock.now, e.err, &web.Demo{
		Letters: d.letters, Letter: d.letter, Login: d.login, Advance: d.advance,
		Previews: d.previews,
	})
	if err != nil {
		return err
	}
	d.app = a
	if err := d.loadOffset(ctx); err != nil {
		a.store.Close()
		return err
	}
	return a.serve(ctx, func(addr string) {
		fmt.Fprintf(e.out, "the demo of Dauys is at %s\nits letters are at %s/demo/mail, its desk at %s/demo/staff\n", cfg.URL, cfg.URL, cfg.URL)
		fmt.Fprintf(e.out, "Ctrl-C stops it; the next start goes on with what is in %s, and without that directory begins anew\n", dir)
	})
}

// makeWorld seeds the database when there is none. It is made under another
// name and renamed when it is whole: killed half-way, the next start begins again.
func (e *env) makeWorld(ctx context.Context, cfg Config, dir string) error {
	path := filepath.Join(dir, "dauys.db")
	if _, err := os.Stat(path); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	seed := filepath.Join(dir, "seed.db")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(seed + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	fmt.Fprintln(e.out, "making a small fictional world ...")
	if err := seedWorld(ctx, cfg, seed, e.now()); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return os.Rename(seed, path)
}

// demoWorld is what the demo's own pages may do.
type demoWorld struct {
	clock *demoClock
	dir   string     // of the letters
	app   *app       // set before the first request
	mu    sync.Mutex // held by who moves the clock
}

func (d *demoWorld) loadOffset(ctx context.Context) error {
	v, err := d.app.store.Meta(ctx, demoOffset)
	if err != nil || v == "" {
		return err
	}
	n, err := strconv.ParseInt(v, 10, 64)
	d.clock.offset.Store(n)
	return err
}

// advance moves the clock and returns when everything that is due has been done.
//
//	offset kept -> clock moves -> timetable until nothing is due -> letters leave
func (d *demoWorld) advance(ctx context.Context, by time.Duration) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	offset := d.clock.offset.Load() + int64(by)
	if offset > int64(maxOffset) {
		return web.ErrClockEnd
	}
	if err := d.app.store.SetMeta(ctx, demoOffset, strconv.FormatInt(offset, 10)); err != nil {
		return err
	}
	d.clock.offset.Store(offset)
	if err := d.app.store.SkipBeat(ctx, d.clock.now()); err != nil {
		return err // the site was up all the time
	}
	if err := d.app.jobs.RunAll(ctx); err != nil {
		return err
	}
	_, err := d.app.mail.Flush(ctx)
	return err
}

// maxOffset is how far the clock can be moved in all: half a century, within
// which the calendars and the arithmetic of times hold.
const maxOffset = 50 * 365 * 24 * time.Hour

// login opens a session for the n-th officer of a role.
func (d *demoWorld) login(ctx context.Context, role store.Role, n int) (string, time.Duration, error) {
	body := ""
	if role == store.Officer {
		body = demoBody
	}
	link, err := d.app.staff.Add(ctx, demoOfficer(role, n), role, body)
	if err != nil {
		return "", 0, err
	}
	token, err := d.app.staff.Login(ctx, link)
	return token, staff.SessionLife, err
}

func demoOfficer(role store.Role, n int) string { return fmt.Sprintf("%s%d@desk.example", role, n) }

// previews are letters of every kind, about an invented petition.
func (d *demoWorld) previews(l petition.Lang) ([]web.DemoLetter, error) {
	var list []web.DemoLetter
	for _, kind := range letter.Kinds() {
		m, err := d.app.mail.Composer().Preview(kind, l)
		if err != nil {
			return nil, err
		}
		list = append(list, web.DemoLetter{ID: string(kind), Kind: string(kind), To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML})
	}
	return list, nil
}
