package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

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
			if err := e.greet(c.Context(), a); err != nil {
				a.store.Close()
				return err
			}
			return a.serve(c.Context(), func(addr string) { fmt.Fprintf(e.out, "dauys listens on %s for %s\n", addr, cfg.URL) })
		},
	}
}

// greet says, until the first run is finished, how to set the site up (each
// start gives a new link and voids the one before), and always which rules of the law
// nobody has verified.
func (e *env) greet(ctx context.Context, a *app) error {
	if u, err := url.Parse(a.cfg.URL); err == nil && u.Scheme == "http" && !loopback(u.Host) && u.Hostname() != "localhost" {
		fmt.Fprintln(e.err, "dauys: warning: DAUYS_URL is plain http: anybody on the way can read links and sessions")
	}
	if rules := a.law.OpenRules(); len(rules) > 0 {
		fmt.Fprintf(e.err, "dauys: %s %s has %d rules that are not verified against the law:\n", a.law.ID, a.law.Version, len(rules))
		for _, r := range rules {
			fmt.Fprintln(e.err, "  "+r.String())
		}
	}
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
