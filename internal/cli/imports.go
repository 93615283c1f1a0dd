package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dauys/dauys/internal/ingest"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/dauys/dauys/register"
	"github.com/spf13/cobra"
)

func (e *env) importCmd() *cobra.Command {
	c := &cobra.Command{Use: "import", Short: "Bring real petitions of another site in", Args: usage(cobra.NoArgs),
		RunE: needsCommand}
	c.AddCommand(&cobra.Command{
		Use: "uk FILE...", Short: "Exports of petition.parliament.uk: the JSON document and the CSV list", Args: usage(cobra.MinimumNArgs(1)),
		RunE: e.withStore(true, func(ctx context.Context, _ Config, st *store.Store, args []string) error {
			var total ingest.Result
			broken := false
			for _, name := range args {
				r, err := e.importFile(ctx, st, name)
				total.Imported += r.Imported
				total.Unchanged += r.Unchanged
				total.Rejected += r.Rejected
				if err != nil {
					if ctx.Err() != nil {
						return ctx.Err()
					}
					fmt.Fprintln(e.err, err)
					broken = true
				}
			}
			fmt.Fprintf(e.out, "imported %d, unchanged %d, rejected %d\n", total.Imported, total.Unchanged, total.Rejected)
			if total.Rejected > 0 || broken {
				return errSaid
			}
			return nil
		}),
	})
	return c
}

func (e *env) importFile(ctx context.Context, st *store.Store, name string) (ingest.Result, error) {
	f, err := os.Open(name)
	if err != nil {
		return ingest.Result{}, err
	}
	defer f.Close()
	return ingest.UK(ctx, st, f, name, e.now(), 0, func(fault error) { fmt.Fprintln(e.err, fault) })
}

func (e *env) body() *cobra.Command {
	c := &cobra.Command{Use: "body", Short: "Public bodies", Args: usage(cobra.NoArgs),
		RunE: needsCommand}
	c.AddCommand(&cobra.Command{
		Use: "import FILE.csv", Short: "Bodies from a CSV: id,name.kk,name.ru,name.en,kind,place,email", Args: usage(cobra.ExactArgs(1)),
		RunE: e.withStore(true, func(ctx context.Context, cfg Config, st *store.Store, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			return e.importBodies(ctx, cfg, st, f, args[0])
		}),
	})
	return c
}

// importBodies keeps every good row and names the others.
func (e *env) importBodies(ctx context.Context, cfg Config, st *store.Store, r io.Reader, name string) error {
	law, err := lawOf(st.Laws(), cfg.Profile)
	if err != nil {
		return err
	}
	bodies, problems := register.ParseBodies(r, name)
	for _, p := range problems {
		fmt.Fprintln(e.err, p.Error())
	}
	rejected, good := len(problems), bodies[:0]
	for _, b := range bodies {
		if b.Place != "" && !placeOK(law, b.Place) {
			fmt.Fprintf(e.err, "%s: body %s: place %q is not in the set %s\n", name, b.ID, b.Place, law.Places)
			rejected++
			continue
		}
		good = append(good, b)
	}
	added, unchanged, err := st.ImportBodies(ctx, good)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "imported %d, unchanged %d, rejected %d\n", added, unchanged, rejected)
	if rejected > 0 {
		return errSaid
	}
	return nil
}

func (e *env) staff() *cobra.Command {
	var email, role, body string
	var reset bool
	add := &cobra.Command{
		Use: "add", Short: "Make an account of the desk and print its one-time login link", Args: usage(cobra.NoArgs),
		RunE: e.withStore(true, func(ctx context.Context, cfg Config, st *store.Store, _ []string) error {
			if email == "" || !store.Role(role).Known() {
				return fmt.Errorf("%w: staff add needs --email, and --role moderator, officer, auditor or admin", errUsage)
			}
			if body != "" {
				if _, err := st.Body(ctx, body); errors.Is(err, store.ErrNotFound) {
					return fmt.Errorf("there is no body %q", body)
				} else if err != nil {
					return err
				}
			}
			v, err := vault.Open(cfg.Keys)
			if err != nil {
				return err
			}
			desk := staff.New(st, v, e.now)
			link := desk.Add
			if reset {
				link = desk.Reset
			}
			token, err := link(ctx, email, store.Role(role), body)
			if err != nil {
				return err
			}
			fmt.Fprintln(e.out, loginLink(cfg, token))
			return nil
		}),
	}
	add.Flags().StringVar(&email, "email", "", "where the officer is written to")
	add.Flags().StringVar(&role, "role", "", "moderator, officer, auditor or admin")
	add.Flags().StringVar(&body, "body", "", "id of the body an officer answers for")
	add.Flags().BoolVar(&reset, "reset-code", false, "forget the officer's login code and end their sessions, when the link is used")
	c := &cobra.Command{Use: "staff", Short: "Who works at the desk", Args: usage(cobra.NoArgs),
		RunE: needsCommand}
	c.AddCommand(add)
	return c
}

func loginLink(cfg Config, token string) string { return cfg.URL + "/en/desk/login/" + token }
