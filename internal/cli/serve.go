package cli

import (
	"context"
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
			e.warn(a)
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
// over plain http, and the rules of the law that nobody has verified.
func (e *env) warn(a *app) {
	if u, err := url.Parse(a.cfg.URL); err == nil && u.Scheme == "http" && !loopback(u.Host) && u.Hostname() != "localhost" {
		fmt.Fprintln(e.err, "dauys: warning: DAUYS_URL is plain http: anybody on the way can read links and sessions")
	}
	if rules := unverified(a.law); len(rules) > 0 {
		fmt.Fprintf(e.err, "dauys: %s %s has %d rules that are not verified against the law:\n", a.law.ID, a.law.Version, len(rules))
		for _, r := range rules {
			fmt.Fprintln(e.err, "  "+r)
		}
	}
}

// greet says on the first run how to get in. It comes when the site listens: a
// start that failed must not use the one link up.
func (e *env) greet(ctx context.Context, a *app) error {
	has, err := a.store.HasStaff(ctx)
	if err != nil || has {
		return err
	}
	token, err := a.staff.Add(ctx, setupAddress, store.Admin, "")
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "first run: log in once, within 24 hours, at %s\n", loginLink(a.cfg, token))
	return nil
}

// setupAddress stands for the administrator of the first run, who has not said
// who they are. Letters are never sent to it.
const setupAddress = "administrator@setup.invalid"
