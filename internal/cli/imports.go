package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/ingest"
	"github.com/dauys/dauys/internal/settings"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
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
			err := e.closing(total.Imported, total.Unchanged, total.Rejected)
			if broken {
				return errSaid
			}
			return err
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

// table imports what an operator keeps in a CSV: every good row is taken, the
// others are named, and the last line says how many of each there were.
func (e *env) table(noun, short, columns string, take func(s *settings.Service) takeCSV) *cobra.Command {
	c := &cobra.Command{Use: noun, Short: short, Args: usage(cobra.NoArgs), RunE: needsCommand}
	c.AddCommand(&cobra.Command{
		Use: "import FILE.csv", Short: short + " from a CSV: " + columns, Args: usage(cobra.ExactArgs(1)),
		RunE: e.withStore(true, func(ctx context.Context, cfg Config, st *store.Store, args []string) error {
			law, err := lawOf(st.Laws(), cfg.Profile)
			if err != nil {
				return err
			}
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			service := settings.New(settings.Options{Store: st, Laws: st.Laws(), Langs: i18n.Langs(), Fixed: cfg.fixed(law), Law: law, Now: e.now})
			done, err := take(service)(ctx, settings.Command, f, args[0])
			for _, p := range done.Problems {
				fmt.Fprintln(e.err, p.Error())
			}
			if err != nil {
				return err
			}
			return e.closing(done.Changed, done.Unchanged, len(done.Problems))
		}),
	})
	return c
}

// takeCSV takes a table in; its file is named in faults.
type takeCSV func(ctx context.Context, actor int64, r io.Reader, file string) (settings.Imported, error)

func (e *env) body() *cobra.Command {
	return e.table("body", "Public bodies", "id,name.kk,name.ru,name.en,kind,place,email,from,to",
		func(s *settings.Service) takeCSV { return s.ImportBodies })
}

func (e *env) place() *cobra.Command {
	return e.table("place", "Places of signers", "code,kind,name.kk,name.ru,name.en,parent,from,to,population,population_on,population_source,official",
		func(s *settings.Service) takeCSV { return s.ImportPlaces })
}

// closing is the last line of every import; what was rejected makes it fail.
func (e *env) closing(imported, unchanged, rejected int) error {
	fmt.Fprintf(e.out, "imported %d, unchanged %d, rejected %d\n", imported, unchanged, rejected)
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
			v, err := openKeys(ctx, cfg, st)
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
