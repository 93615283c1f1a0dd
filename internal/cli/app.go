package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/identity"
	"github.com/dauys/dauys/internal/jobs"
	"github.com/dauys/dauys/internal/mail"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/internal/web"
	"github.com/dauys/dauys/petition"
	"github.com/prometheus/client_golang/prometheus"
)

// app is everything of a running site, wired.
type app struct {
	cfg        Config
	log        *slog.Logger
	now        func() time.Time
	store      *store.Store
	vault      *vault.Vault
	law        *petition.Profile // when the program began
	operator   operator          // when the program began
	signing    *signing.Service
	moderation *moderation.Service
	staff      *staff.Service
	mail       *mail.Dispatcher
	letters    *mail.Follower
	jobs       *jobs.Runner
	server     *httpd.Server
	handler    http.Handler
	holder     string
	heap       int64 // to which it may grow; 0 for no limit
	settings   *settings.Service
	bundle     *i18n.Bundle
	demo       *web.Demo
	applying   sync.Mutex           // held by apply
	face       atomic.Pointer[face] // what answers requests, under the settings in force
}

// cacheBytes is how much memory rendered pages may take.
const cacheBytes = 48 << 20

// newApp opens the database, migrates it and wires everything. demo is nil on
// a real site.
func newApp(ctx context.Context, cfg Config, now func() time.Time, logTo io.Writer, demo *web.Demo) (*app, error) {
	a := &app{cfg: cfg, now: now, demo: demo, log: httpd.NewLogger(logTo, cfg.Log), holder: randomName(), heap: cfg.heapLimit(os.ReadFile)}
	if n := debug.SetMemoryLimit(-1); n < math.MaxInt64 { // GOMEMLIMIT wins
		a.heap = n
	}
	laws, err := shippedLaws()
	if err != nil {
		return nil, err
	}
	if a.law, err = lawOf(laws, cfg.Profile); err != nil {
		return nil, err
	}
	if a.store, err = store.Open(ctx, cfg.Database, laws); err != nil {
		return nil, err
	}
	if a.heap > 0 {
		a.store.BoundRecent(a.heap)
	}
	if cfg.Replica != "" {
		err = a.store.UseReplica(cfg.Replica)
	}
	if err == nil {
		err = a.wire(ctx)
	}
	if err != nil {
		a.store.Close()
		return nil, err
	}
	return a, nil
}

func randomName() string {
	b := make([]byte, 8)
	rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}

func (a *app) wire(ctx context.Context) error {
	if err := a.store.Migrate(ctx); err != nil {
		return err
	}
	var err error
	if a.vault, err = openKeys(ctx, a.cfg, a.store); err != nil {
		return err
	}
	if err := a.store.PollGeneration(ctx); err != nil {
		return err
	}
	if a.bundle, err = i18n.New(); err != nil {
		return err
	}
	if err := a.wireSettings(ctx); err != nil {
		return err
	}
	broker := identity.NewBroker(a.vault)
	a.signing = signing.New(signing.Options{Store: a.store, Vault: a.vault, Broker: broker, URL: a.cfg.URL, PlaceOK: a.placeOK, Now: a.now, Steady: time.Now,
		Busy: (&gauge{now: time.Now, spent: ownCPU, procs: runtime.GOMAXPROCS(0)}).busy})
	a.moderation = a.moderationUnder(a.law, petition.Date{})
	a.staff = staff.New(a.store, a.vault, a.now)
	if a.demo == nil {
		a.staff.RequireCodes()
	}
	registry := prometheus.NewRegistry()
	if err := a.wireMail(registry); err != nil {
		return err
	}
	a.jobs = jobs.New(jobs.Options{Store: a.store, Holder: a.holder, Alone: a.alone(), Logger: a.log, Tasks: a.tasks()})
	return a.wireHTTP(ctx, registry)
}

// moderationUnder pins new petitions to a law. It keeps no state, so that each
// face has its own.
func (a *app) moderationUnder(law *petition.Profile, dissolved petition.Date) *moderation.Service {
	return moderation.New(moderation.Options{Store: a.store, Vault: a.vault, Broker: identity.NewBroker(a.vault), Law: law, Dissolved: dissolved, URL: a.cfg.URL,
		Pace:   jobs.Pace(a.now, calendarRest),
		BodyOK: a.bodyOK, PlaceOK: a.placeOK, Now: a.now})
}

// alone reports whether no other server can share the database.
func (a *app) alone() bool { return a.store.Engine() == "sqlite" }

// bodyOK says whether new petitions may be addressed to a body: it exists today.
func (a *app) bodyOK(ctx context.Context, id string) (bool, error) {
	b, err := a.store.Body(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && b.On(a.law.Today(a.now())), err
}

func (a *app) wireMail(registry *prometheus.Registry) error {
	transport, err := mail.ParseURL(a.cfg.Mail)
	if err != nil {
		return fmt.Errorf("DAUYS_MAIL: %w", err)
	}
	a.letters = mail.NewFollower(a.store, a.vault, a.cfg.URL, a.now)
	a.mail, err = mail.NewDispatcher(mail.Options{
		Store: a.store, Vault: a.vault, Bundle: a.bundle, Transport: transport, Holder: a.holder, Now: a.now, Logger: a.log,
		Registry: registry, Single: a.alone(), Sender: a.cfg.sender(a.operator), Rate: a.cfg.MailRate, Bounces: a.cfg.Bounces, Jitter: mathrand.Float64,
	})
	return err
}

// sender is who letters come from: the configured address, or one at the
// site's own host.
func (c *Config) sender(o operator) mail.Sender {
	from := c.MailFrom
	if from == "" {
		from = "dauys@localhost.example"
		if u, err := url.Parse(c.URL); err == nil && u.Scheme == "https" {
			from = "dauys@" + u.Hostname()
		}
	}
	return mail.Sender{Name: "Dauys", Address: from, Operator: o.name, Contact: o.contact, Notice: !o.official}
}

func (a *app) wireHTTP(ctx context.Context, registry *prometheus.Registry) error {
	public, err := url.Parse(a.cfg.URL)
	if err != nil {
		return err
	}
	proxies, err := a.cfg.proxies()
	if err != nil {
		return err
	}
	a.server, err = httpd.New(httpd.Options{Bundle: a.bundle, Logger: a.log, Now: a.now, Rand: rand.Reader, Limits: a.cfg.Limits,
		TrustedProxies: proxies, PublicURL: public, Registry: registry, Mappings: errorTable(), Ready: a.store.Ready, ErrorPage: a.errorPage, Memory: a.heap})
	if err != nil {
		return err
	}
	a.handler = a.server.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.face.Load().mux.ServeHTTP(w, r) }))
	return a.apply(ctx)
}

// errorTable maps the errors of the store and the use cases; the law's own are
// known to httpd.
func errorTable() []httpd.Mapping {
	return []httpd.Mapping{
		{Err: store.ErrNotFound, Status: http.StatusNotFound, Key: "not_found"},
		{Err: vault.ErrSealed, Status: http.StatusNotFound, Key: "link"},
		{Err: signing.ErrExpired, Status: http.StatusGone, Key: "expired"},
		{Err: moderation.ErrExpired, Status: http.StatusGone, Key: "expired"},
		{Err: moderation.ErrNotYours, Status: http.StatusForbidden, Key: "forbidden"},
		{Err: settings.ErrSpent, Status: http.StatusGone, Key: "expired"},
		{Err: moderation.ErrClaimed, Status: http.StatusConflict, Key: "conflict"},
		{Err: staff.ErrLink, Status: http.StatusGone, Key: "expired"},
		{Err: staff.ErrNoSession, Status: http.StatusUnauthorized, Key: "unauthorized"},
		{Err: store.ErrConflict, Status: http.StatusConflict, Key: "conflict"},
		{Err: store.ErrFull, Status: http.StatusServiceUnavailable, Key: "full", RetryAfter: time.Minute},
		{Err: store.ErrDisk, Status: http.StatusServiceUnavailable, Key: "disk", RetryAfter: time.Minute},
		{Err: store.ErrUnavailable, Status: http.StatusServiceUnavailable, Key: "overloaded", RetryAfter: 5 * time.Second},
		{Err: signing.ErrFull, Status: http.StatusServiceUnavailable, Key: "overloaded", RetryAfter: 2 * time.Second},
	}
}

// tasks is the timetable. The order is that of cause and effect, so that one
// round of RunAll takes what is due through to the letters.
func (a *app) tasks() []jobs.Task {
	var placed time.Time // since when cells may have moved; all of them at the start
	tasks := []jobs.Task{
		{Name: "calendar", Every: 5 * time.Second, Run: a.calendar},
		{Name: "counts", Every: 20 * time.Second, Run: func(ctx context.Context) (bool, error) {
			return false, a.moderation.ShowCounts(ctx)
		}},
		{Name: "places", Every: 10 * time.Minute, Run: func(ctx context.Context) (bool, error) {
			now := a.now()
			err := a.store.ShowPlaces(ctx, placed)
			if err == nil {
				placed = now.Add(-time.Minute) // a commit may be noted a moment after its time
			}
			return false, err
		}},
		{Name: "reminders", Every: time.Minute, Run: func(ctx context.Context) (bool, error) {
			n, err := a.moderation.Remind(ctx)
			return n > 0, err
		}},
		{Name: "letters", Every: 200 * time.Millisecond, Run: func(ctx context.Context) (bool, error) {
			n, err := a.letters.Follow(ctx)
			return n > 0, err
		}},
		{Name: "news", Every: time.Second, Run: a.letters.ExpandMailings},
		{Name: "delays", Every: time.Second, Run: a.letters.ExpandDelays},
		{Name: "purge", Every: 10 * time.Minute, Run: func(ctx context.Context) (bool, error) {
			return a.purge(ctx)
		}},
	}
	if !a.alone() {
		// What a server that died was sending: files are looked up and sent again.
		tasks = append(tasks, jobs.Task{Name: "recover", Every: time.Minute, Run: func(ctx context.Context) (bool, error) {
			return false, a.mail.Recover(ctx)
		}})
	}
	return tasks
}

// calendarRest is the longest rest between two transactions of the calendar:
// closing 10,000 petitions takes 1,250 of them, and 8 seconds more at most.
const calendarRest = 6 * time.Millisecond

// calendar does what is due. The heartbeat comes first: an outage that has just
// ended gives its days back before anything closes, and a dissolution stops
// what the calendar would otherwise lead on.
func (a *app) calendar(ctx context.Context) (bool, error) {
	if err := a.store.Beat(ctx, a.now()); err != nil {
		return false, err
	}
	done := 0
	face := a.face.Load()
	for _, step := range []func(context.Context) (int, error){a.moderation.Compensate, face.moderation.Dissolve, face.moderation.ArchiveDissolved, a.tick} {
		n, err := step(ctx)
		done += n
		if err != nil {
			return done > 0, err
		}
	}
	return done > 0, nil
}

// tick lets terms run out, and says how many of which kind.
func (a *app) tick(ctx context.Context) (int, error) {
	n, err := a.moderation.Tick(ctx)
	for kind, acts := range n {
		a.log.Info("calendar", "act", kind, "petitions", acts)
	}
	return n.Sum(), err
}

// followersStep is how many addresses of followers, or of petitioners, go in one transaction.
const followersStep = 500

// purge destroys what was not confirmed in time and what has ended, says how
// much, and empties the database's log of it.
func (a *app) purge(ctx context.Context) (more bool, err error) {
	before := a.now().Add(-signing.LinkLife)
	requests, err := a.purgeRequests(ctx, before)
	if err != nil {
		return false, err
	}
	p, err := a.store.PurgePending(ctx, before)
	if err != nil {
		return false, err
	}
	drafts, err := a.store.PurgeDrafts(ctx, before)
	if err != nil {
		return false, err
	}
	followers, err := a.store.PurgeFollowers(ctx, followersStep)
	if err != nil {
		return false, err
	}
	contacts, err := a.store.PurgeContacts(ctx, a.now().Add(-petition.ContactLife), followersStep)
	if requests+p.Sum()+drafts+followers+contacts > 0 {
		a.log.Info("purged", "requests", requests, "subscriptions", p.Subscriptions, "links", p.Links, "sessions", p.Sessions,
			"letters", p.Letters, "drafts", drafts, "followers", followers, "contacts", contacts)
	}
	if err != nil {
		return false, err
	}
	return drafts+followers+contacts > 0, a.store.Scrub(ctx)
}

// requestsStep is how many requests to sign are erased in one transaction, which
// holds up those who sign for as long as a commit of theirs takes.
const requestsStep = 500

// purgeRequests erases what a crowd left in portions that leave room for the next
// one: behind a country that signed at once they are thousands.
func (a *app) purgeRequests(ctx context.Context, before time.Time) (sum int64, err error) {
	paced := jobs.Pace(a.now, calendarRest)
	for n := int64(requestsStep); n == requestsStep && err == nil; sum += n {
		err = paced(ctx, func() error {
			n, err = a.store.PurgeRequests(ctx, before, requestsStep)
			return err
		})
		err = errors.Join(err, ctx.Err())
	}
	return sum, err
}

// background runs everything that is not a request, until ctx ends. Every
// server learns of generations; the timetable runs on one of them.
func (a *app) background(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { a.jobs.Run(ctx) })
	wg.Go(func() { a.warm(ctx) })
	wg.Go(func() { a.narrow(ctx) })
	if os.Getenv("GOGC") == "" {
		wg.Go(func() { easeCollector(ctx) })
	}
	wg.Go(func() { // the first search finds the index made
		for _, read := range []func(context.Context) error{a.store.Searchable, a.store.Shelve} {
			a.logged(ctx, "search", read(ctx))
			debug.FreeOSMemory() // what reading all texts took
		}
	})
	wg.Go(func() {
		if err := a.mail.Run(ctx); err != nil {
			a.log.Error("mail", "error", err)
		}
	})
	wg.Go(func() { a.beAlive(ctx) })
	wg.Go(func() { a.watchReplica(ctx) })
	wg.Go(func() { a.listen(ctx) })
	wg.Go(func() { a.poll(ctx) })
	wg.Go(func() { tidyLog(ctx, a.store, func(err error) { a.logged(ctx, "checkpoint", err) }) })
	wg.Go(func() { settle(ctx, a.store, func(err error) { a.logged(ctx, "settle", err) }) })
	wg.Wait()
}

// narrow finishes a migration as soon as no server of a release before is up.
// On a large database it takes minutes, and everything works meanwhile.
func (a *app) narrow(ctx context.Context) {
	for {
		began := time.Now()
		done, err := a.store.Narrow(ctx)
		if done && err == nil {
			a.log.Info("the signatures are in the table of this version", "took", time.Since(began).Round(time.Millisecond))
		}
		if err == nil {
			return
		}
		if !errors.Is(err, store.ErrOlder) {
			a.logged(ctx, "migration", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(aliveFor):
		}
	}
}

// warm reads ahead what a crowd that signs needs at once.
func (a *app) warm(ctx context.Context) {
	began := time.Now()
	n, err := a.store.Warm(ctx)
	a.logged(ctx, "warm", err)
	if n > 0 && err == nil {
		a.log.Info("the index of large petitions is in memory", "signatures", n, "took", time.Since(began).Round(time.Millisecond))
	}
}

// serve runs the site until ctx ends.
//
// Order at the end: requests drain (10 s at most), then the signing pools
// commit what they hold, then the background stops, then the database closes.
func (a *app) serve(ctx context.Context, ready func(addr string)) error {
	release, err := a.only()
	if err != nil {
		return errors.Join(err, a.store.Close())
	}
	defer release()
	if a.heap > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(a.heap)
	}
	poolCtx, stopPools := context.WithCancel(context.WithoutCancel(ctx))
	backCtx, stopBack := context.WithCancel(context.WithoutCancel(ctx))
	var pools, back sync.WaitGroup
	pools.Go(func() { a.signing.Run(poolCtx) })
	back.Go(func() { a.background(backCtx) })
	err = httpd.Serve(ctx, a.serveConfig(ready))
	stopPools()
	pools.Wait()
	stopBack()
	back.Wait()
	return errors.Join(err, a.store.Close())
}

func (a *app) serveConfig(ready func(string)) httpd.ServeConfig {
	cfg := httpd.ServeConfig{MaxConns: httpd.ConnsWithin(a.heap), Addr: a.cfg.Addr, Handler: a.handler, AdminAddr: a.cfg.AdminAddr, Logger: a.log, Now: time.Now}
	if a.cfg.AdminAddr != "" {
		cfg.Admin = a.server.AdminHandler()
	}
	if a.cfg.TLS == "autocert" {
		u, _ := url.Parse(a.cfg.URL) // checked by Config.check
		cfg.TLS = &httpd.Autocert{Host: u.Hostname(), CacheDir: filepath.Join(a.cfg.Keys, "acme"), RedirectAddr: ":80"}
	}
	cfg.Ready = func(addr netAddr) { ready(addr.String()) }
	return cfg
}
