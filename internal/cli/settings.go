package cli

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/api"
	"github.com/dauys/dauys/internal/complaints"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/web"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

// face is everything that answers requests under one state of the settings.
// It never changes: other settings make another face, which takes its place
// between two requests. Its cache is its own, so that no page outlives the
// settings it was made under.
type face struct {
	version    int64
	generation int64 // up to which no newer settings were seen
	law        *petition.Profile
	places     *place.Set
	pages      *web.Web
	mux        *http.ServeMux
	moderation *moderation.Service
}

// operator is who answers for the site.
type operator struct {
	name, contact string
	official      bool
}

// fixed are the settings that the configuration decides.
func (c *Config) fixed(law *petition.Profile) petition.Settings {
	values := petition.Settings{}
	for name, value := range map[string]string{petition.SetOperator: c.Operator, petition.SetContact: c.Contact,
		petition.SetProfile: law.ID, petition.SetFirstNumber: strconv.FormatInt(c.FirstNumber, 10)} {
		if strings.Contains(c.Given, "dauys_"+name+" ") {
			values[name] = value
		}
	}
	return values
}

// wireSettings reads the settings in force for the first time.
func (a *app) wireSettings(ctx context.Context) error {
	a.settings = settings.New(settings.Options{Store: a.store, Vault: a.vault, Laws: a.store.Laws(), Langs: i18n.Langs(),
		Fixed: a.cfg.fixed(a.law), Law: a.law, Apply: a.apply, Now: a.now})
	now, err := a.settings.Current(ctx)
	if err != nil {
		return err
	}
	a.law, a.operator = now.Law, a.operatorOf(now)
	return a.law.CheckAssurance(petition.AssuranceMail)
}

// operatorOf falls back on the configuration, which the demo fills in.
func (a *app) operatorOf(c settings.Current) operator {
	o := operator{name: c.Values[petition.SetOperator], contact: c.Values[petition.SetContact], official: c.Official()}
	if o.name == "" {
		o.name = a.cfg.Operator
	}
	if o.contact == "" {
		o.contact = a.cfg.Contact
	}
	return o
}

// apply puts the settings as they are now in force in this process.
func (a *app) apply(ctx context.Context) error {
	a.applying.Lock()
	defer a.applying.Unlock()
	generation := a.store.Generation()
	now, err := a.settings.Current(ctx)
	if err != nil {
		return err
	}
	first := a.cfg.FirstNumber
	if n, err := strconv.ParseInt(now.Values[petition.SetFirstNumber], 10, 64); err == nil {
		first = n
	}
	if err := a.store.FirstNumber(ctx, first); err != nil {
		return err
	}
	f, err := a.newFace(now)
	if err != nil {
		return err
	}
	f.generation = generation
	if err := a.mail.SetSender(a.cfg.sender(a.operatorOf(now))); err != nil {
		return err
	}
	a.face.Store(f)
	return nil
}

// follow learns of settings that another server changed.
func (a *app) follow(ctx context.Context) error {
	f, generation := a.face.Load(), a.store.Generation()
	if f.generation == generation {
		return nil
	}
	version, err := a.store.SettingsVersion(ctx)
	if err != nil {
		return err
	}
	if version != f.version {
		return a.apply(ctx)
	}
	seen := *f
	seen.generation = generation
	a.face.CompareAndSwap(f, &seen)
	return nil
}

func (a *app) newFace(now settings.Current) (*face, error) {
	f := &face{moderation: a.moderationUnder(now.Law, now.Values.Dissolved()), version: now.Version, law: now.Law, places: now.Places, mux: http.NewServeMux()}
	o := a.operatorOf(now)
	shown := web.Operator{Name: o.name, Contact: o.contact}
	if shown.Name == "" {
		shown.Name = a.cfg.URL
	}
	cache := httpd.NewCache(cacheBytes, a.store.Generation, a.now)
	cache.ReadFrom(a.store.Standby)
	cache.AtOnce(a.renderings())
	var err error
	f.pages, err = web.New(web.Options{Bundle: a.bundle, Store: a.store, Signing: a.signing, Moderation: f.moderation, Staff: a.staff,
		Complaints: complaints.New(complaints.Options{Store: a.store, Vault: a.vault, Law: now.Law, URL: a.cfg.URL, Now: a.now}),
		Cache:      cache, Law: now.Law, Now: a.now, URL: a.cfg.URL, Operator: shown, Official: o.official,
		Dissolved: now.Values.Dissolved(), Bodies: a.store.Bodies, Settings: a.settings, Langs: now.Values.Languages(i18n.Langs()), Places: now.Places, Demo: a.demo, DraftLetter: a.draftLetter,
		DraftDelay: a.draftDelay,
		SetUp: web.Deployment{Postgres: strings.HasPrefix(a.cfg.Database, "postgres"), MailServer: strings.HasPrefix(a.cfg.Mail, "smtp"),
			Proxies: a.cfg.TrustedProxies != "", OuterBroker: a.cfg.Broker != ""}})
	if err != nil {
		return nil, err
	}
	f.pages.Routes(f.mux, a.server)
	programs, err := api.New(api.Options{Store: a.store, Laws: a.store.Laws(), Law: now.Law, Places: f.placeSet,
		URL: a.cfg.URL, Bundle: a.bundle, Cache: cache, Server: a.server, Now: a.now})
	if err != nil {
		return nil, err
	}
	return f, programs.Routes(f.mux)
}

// renderings is how many pages are rendered at once. Where the database is part
// of the program each keeps a processor busy; elsewhere they wait for it.
func (a *app) renderings() int {
	if a.alone() {
		return max(2, runtime.GOMAXPROCS(0))
	}
	return a.store.Readers()
}

// draftLetter is what a change would have the petitioner read.
func (a *app) draftLetter(ctx context.Context, c petition.Change) (web.DraftLetter, bool, error) {
	m, lang, ok, err := a.letters.Draft(ctx, a.mail.Composer(), c)
	return web.DraftLetter{Subject: m.Subject, Text: m.Text, Lang: lang}, ok, err
}

// draftDelay is a letter about delay as a petitioner would read it.
func (a *app) draftDelay(t petition.DelayText, lang petition.Lang) (web.DraftLetter, error) {
	m, err := a.letters.DraftDelay(a.mail.Composer(), t, lang)
	return web.DraftLetter{Subject: m.Subject, Text: m.Text, Lang: lang}, err
}

// placeSet is the set of a law: the one in force, or a shipped one.
func (f *face) placeSet(id string) *place.Set {
	if f.places != nil && id == f.law.Places {
		return f.places
	}
	return placeSet(id)
}

// placeOK says whether a place belongs to a law's set.
func (a *app) placeOK(law *petition.Profile, code string) bool {
	set := a.face.Load().placeSet(law.Places)
	if set == nil {
		return false
	}
	_, ok := set.Lookup(code)
	return ok
}

func (a *app) errorPage(w io.Writer, r *http.Request, p httpd.Problem) error {
	return a.face.Load().pages.ErrorPage(w, r, p)
}
