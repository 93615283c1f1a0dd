package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/dauys/dauys/internal/store"
	"github.com/spf13/cobra"
)

// openStore opens a database with the laws of this deployment and migrates it
// when asked. What is not to be migrated must be there: a slip in a path makes
// no empty database.
func openStore(ctx context.Context, addr string, migrate bool) (*store.Store, error) {
	if path, embedded := strings.CutPrefix(addr, "sqlite:"); embedded && !migrate {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("there is no database at %s; DAUYS_DATABASE or --config says where it is", path)
		} else if err != nil {
			return nil, err
		}
	}
	laws, err := shippedLaws()
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, addr, laws)
	if err != nil {
		return nil, err
	}
	if migrate {
		if err := st.Migrate(ctx); err != nil {
			st.Close()
			return nil, err
		}
	}
	return st, nil
}

// knowOwnLaw lets a store know the operator's own law, when the site has one.
func knowOwnLaw(st *store.Store, cfg Config) error {
	if !ownFile(cfg.Profile) {
		return nil
	}
	_, err := lawOf(st.Laws(), cfg.Profile)
	return err
}

// withStore runs f on the configured database.
func (e *env) withStore(migrate bool, f func(ctx context.Context, cfg Config, st *store.Store, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		cfg, err := e.load()
		if err != nil {
			return err
		}
		st, err := openStore(c.Context(), cfg.Database, migrate)
		if err != nil {
			return err
		}
		defer st.Close()
		if err := st.Migrated(c.Context()); err != nil {
			return err
		}
		if err := knowOwnLaw(st, cfg); err != nil {
			return err
		}
		return f(c.Context(), cfg, st, args)
	}
}

func (e *env) migrate() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database to this version", Args: usage(cobra.NoArgs),
		RunE: e.withStore(true, func(ctx context.Context, _ Config, st *store.Store, _ []string) error {
			_, err := st.Narrow(ctx)
			if err != nil && !errors.Is(err, store.ErrOlder) {
				return err
			}
			fmt.Fprintln(e.out, "the database is at this version")
			if err != nil {
				fmt.Fprintln(e.out, "signatures move to their new table once no server of a release before is up")
			}
			return nil
		}),
	}
}

func (e *env) check() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Prove that counters, events and derived data agree", Args: usage(cobra.NoArgs),
		RunE: e.withStore(false, func(ctx context.Context, _ Config, st *store.Store, _ []string) error {
			faults, err := st.Check(ctx)
			if err != nil {
				return err
			}
			for _, f := range faults {
				fmt.Fprintln(e.err, f)
			}
			if len(faults) > 0 {
				return errSaid
			}
			fmt.Fprintln(e.out, "everything agrees")
			return nil
		}),
	}
}

func (e *env) backup() *cobra.Command {
	var keys bool
	c := &cobra.Command{
		Use: "backup FILE", Short: "Write the whole site into one file, while it serves", Args: usage(cobra.ExactArgs(1)),
		RunE: e.withStore(false, func(ctx context.Context, cfg Config, st *store.Store, args []string) error {
			err := writeFile(args[0], func(w io.Writer) error {
				n, err := st.Backup(ctx, w)
				if err == nil {
					fmt.Fprintf(e.out, "%d rows of %d tables\n", total(n), len(n))
				}
				return err
			})
			if err != nil || !keys {
				return err
			}
			return copyKeys(cfg.Keys, args[0]+".keys")
		}),
	}
	c.Flags().BoolVar(&keys, "keys", false, "copy the keys too, into FILE.keys: whoever has both can read every sealed address")
	return c
}

func (e *env) restore() *cobra.Command {
	var keys, replace bool
	c := &cobra.Command{
		Use: "restore FILE", Short: "Bring a backup back; readers see the old site until it is whole", Args: usage(cobra.ExactArgs(1)),
		RunE: e.withStore(true, func(ctx context.Context, cfg Config, st *store.Store, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			if keys {
				// First, because a site must not get a database that its keys do not open.
				if _, err := readKeys(args[0]+".keys", cfg.Keys); err != nil {
					return err
				}
			}
			n, err := st.Restore(ctx, bufio.NewReaderSize(f, 1<<20), replace)
			if errors.Is(err, store.ErrNotEmpty) {
				return fmt.Errorf("%w; with --replace they give way to the backup", err)
			} else if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if keys {
				if err := copyKeys(args[0]+".keys", cfg.Keys); err != nil {
					return err
				}
			}
			fmt.Fprintf(e.out, "%d rows of %d tables\n", total(n), len(n))
			return e.withoutKeys(ctx, cfg, st)
		}),
	}
	c.Flags().BoolVar(&keys, "keys", false, "bring the keys back too, from FILE.keys")
	c.Flags().BoolVar(&replace, "replace", false, "let the backup replace the petitions that are there")
	return c
}

func (e *env) move() *cobra.Command {
	return &cobra.Command{
		Use: "move FROM TO", Short: "Carry the site from one database to another and compare the counts", Args: usage(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := e.load()
			if err != nil {
				return err
			}
			from, err := openStore(c.Context(), args[0], false)
			if err != nil {
				return err
			}
			defer from.Close()
			to, err := openStore(c.Context(), args[1], true)
			if err != nil {
				return err
			}
			defer to.Close()
			if err := errors.Join(knowOwnLaw(from, cfg), knowOwnLaw(to, cfg)); err != nil {
				return err
			}
			n, err := store.Move(c.Context(), from, to)
			if err != nil {
				return err
			}
			for _, t := range n {
				fmt.Fprintf(e.out, "%-16s %d\n", t.Table, t.Rows)
			}
			fmt.Fprintf(e.out, "%d rows moved, all counts equal\n", total(n))
			return e.withoutKeys(c.Context(), cfg, to)
		},
	}
}

func total(counts store.Counts) int64 {
	var n int64
	for _, c := range counts {
		n += c.Rows
	}
	return n
}

// writeFile makes a file whole or not at all: temporary file, fsync, rename.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	w := bufio.NewWriterSize(f, 1<<20)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// readKeys reads the key files of one directory as they will be named in
// another, which must not hold other keys.
func readKeys(from, to string) (map[string][]byte, error) {
	names, err := filepath.Glob(filepath.Join(from, "*.key"))
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s holds no keys", from)
	}
	keys := make(map[string][]byte, len(names))
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		target := filepath.Join(to, filepath.Base(name))
		if have, err := os.ReadFile(target); err == nil && string(have) != string(b) {
			return nil, fmt.Errorf("%s is another key than the one in %s; move it away first", target, from)
		}
		keys[target] = b
	}
	return keys, nil
}

// copyKeys copies the key files of one directory into another. All are compared
// before any is written: half of another site's keys would open neither site's
// letters.
func copyKeys(from, to string) error {
	keys, err := readKeys(from, to)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	for target, b := range keys {
		if err := writeFile(target, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
			return err
		}
	}
	return nil
}
