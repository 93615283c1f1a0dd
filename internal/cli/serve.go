package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/dauys/dauys/internal/store"
	"github.com/spf13/cobra"
)

type netAddr = net.Addr

func (e *env) serve() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "The server; works with no configuration", Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := e.load()
			if err != nil {
				return err
			}
			a, err := newApp(c.Context(), cfg, e.now, e.err, nil)
			if err != nil {
				return err
			}
			e.warn(a)
			last, err := a.store.LastBeat(c.Context())
			if err != nil {
				return errors.Join(err, a.store.Close())
			}
			if doubt := clockDoubt(last, e.now()); doubt != "" {
				fmt.Fprintln(e.err, "dauys: warning: "+doubt)
			}
			return a.serve(c.Context(), func(addr string) {
				fmt.Fprintf(e.out, "dauys listens on %s for %s\n", addr, cfg.URL)
				if err := e.greet(c.Context(), a); err != nil {
					a.log.Error("first run", "error", err)
				}
			})
		},
	}
}

// warn says what an administrator should know of this set-up: a public site
// over plain http, metrics that everybody can read, and the rules of the law that nobody has verified.
func (e *env) warn(a *app) {
	guessed := a.cfg.URL == ownURL(a.cfg.Addr)
	if u, err := url.Parse(a.cfg.URL); err == nil && u.Scheme == "http" && (!loopback(u.Host) && u.Hostname() != "localhost" || guessed && !loopback(a.cfg.Addr)) {
		fmt.Fprintln(e.err, "dauys: warning: DAUYS_URL is plain http: anybody on the way can read links and sessions")
	}
	if everywhere(a.cfg.AdminAddr) {
		fmt.Fprintln(e.err, "dauys: warning: DAUYS_ADMIN_ADDR listens on every address of the machine: metrics have no login, and tell when somebody signs; name a loopback or private address")
	}
	if rules := a.law.OpenRules(); len(rules) > 0 {
		fmt.Fprintf(e.err, "dauys: rules of %s %s that are not verified against the law:\n", a.law.ID, a.law.Version)
		for _, r := range rules {
			fmt.Fprintln(e.err, "  "+r.String())
		}
	}
}

// everywhere reports whether a host and port is on every address of the machine.
func everywhere(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip, bad := netip.ParseAddr(host)
	return err == nil && (host == "" || bad == nil && ip.IsUnspecified())
}

// clockDoubt says when the machine's clock may be wrong: the site was up at a
// moment that is still to come, or was silent for most of a day. Terms, days
// and links go by that clock.
func clockDoubt(last, now time.Time) string {
	switch away := now.Sub(last).Round(time.Minute); {
	case last.IsZero():
		return ""
	case away <= -2*time.Minute:
		return fmt.Sprintf("the clock of this machine is %s behind the moment the site was last up (%s): set it before anybody signs or decides",
			-away, last.UTC().Format(time.RFC3339))
	case away >= 12*time.Hour:
		return fmt.Sprintf("the site was last up %s ago (%s). That is published as an outage, and terms get these days back; if it was not down, this machine's clock is wrong",
			away, last.UTC().Format(time.RFC3339))
	}
	return ""
}

// greet says, until the first run is finished, how to set the site up: each
// start gives a new link and voids the one before. It comes when the site
// listens, so that a start that failed prints none.
func (e *env) greet(ctx context.Context, a *app) error {
	token, err := a.settings.NewLink(ctx)
	if errors.Is(err, store.ErrConflict) {
		return nil // somebody can log in: the first run is over
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "first run: set the site up, within 24 hours, at %s/en/setup/%s\n", a.cfg.URL, token)
	return nil
}
