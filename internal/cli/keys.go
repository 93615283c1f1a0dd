package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/internal/vault"
	"github.com/spf13/cobra"
)

// keysName is where a database keeps the fingerprint of its keys.
const keysName = "keys"

// openKeys opens the keys of a site, and makes them for a database that knows
// none yet. Under other keys than its own nothing in a database can be read,
// and who signed could sign once more: so they are refused, and none are made
// in the place of those that are missing.
func openKeys(ctx context.Context, cfg Config, st *store.Store) (*vault.Vault, error) {
	known, err := st.Meta(ctx, keysName)
	if err != nil {
		return nil, err
	}
	if known == "" {
		v, err := vault.Open(cfg.Keys)
		if err != nil {
			return nil, fmt.Errorf("DAUYS_KEYS: %w", err)
		}
		// Two servers may start at once, each with keys it has just made.
		if known, err = st.FirstMeta(ctx, keysName, v.Fingerprint()); err != nil {
			return nil, err
		}
	}
	v, err := vault.Existing(cfg.Keys)
	switch {
	case errors.Is(err, vault.ErrNoKey):
		return nil, fmt.Errorf("the keys of this database are not in DAUYS_KEYS=%s: %w. %s", cfg.Keys, err, keysHelp)
	case err != nil:
		return nil, fmt.Errorf("DAUYS_KEYS: %w", err)
	}
	if other := otherKeys(known, v.Fingerprint()); len(other) > 0 {
		return nil, fmt.Errorf("the keys in DAUYS_KEYS=%s are not those of this database: %s. %s", cfg.Keys, strings.Join(other, ", "), keysHelp)
	}
	return v, nil
}

// withoutKeys warns that a database came without its keys: the server will not
// start on it.
func (e *env) withoutKeys(ctx context.Context, cfg Config, st *store.Store) error {
	known, err := st.Meta(ctx, keysName)
	if err != nil || known == "" {
		return err
	}
	if _, err := openKeys(ctx, cfg, st); err != nil {
		fmt.Fprintln(e.err, "dauys: warning: the server will not start yet:", err)
	}
	return nil
}

const keysHelp = "Point DAUYS_KEYS at its own, or bring their copy back; `dauys keys adopt --help` says what is left when they are lost for good"

// otherKeys names the files whose keys are not the known ones.
func otherKeys(known, found string) []string {
	var files []string
	for word := range strings.FieldsSeq(found) {
		if !strings.Contains(" "+known+" ", " "+word+" ") {
			name, _, _ := strings.Cut(word, ":")
			files = append(files, name+".key")
		}
	}
	return files
}

func (e *env) keys() *cobra.Command {
	c := &cobra.Command{Use: "keys", Short: "The keys of a site, and whether they are those of its database", Args: usage(cobra.NoArgs), RunE: needsCommand}
	c.AddCommand(&cobra.Command{
		Use: "check", Short: "Prove that the keys are those of the database", Args: usage(cobra.NoArgs),
		RunE: e.withStore(false, func(ctx context.Context, cfg Config, st *store.Store, _ []string) error {
			if known, err := st.Meta(ctx, keysName); err != nil {
				return err
			} else if known == "" {
				return errors.New("this database knows no keys yet: the first start of the server makes them")
			}
			if _, err := openKeys(ctx, cfg, st); err != nil {
				return err
			}
			fmt.Fprintf(e.out, "the keys in %s are those of the database\n", cfg.Keys)
			return nil
		}),
	}, &cobra.Command{
		Use: "adopt", Short: "Go on under other keys, because those of the database are lost for good", Args: usage(cobra.NoArgs),
		Long: `Go on under the keys in DAUYS_KEYS (what is missing there is made), because
those of the database are lost for good. There is no way back:

  - addresses that are kept (petitioners, followers, officers) can never be read
    again; nobody of them gets a letter, and officers need a new account
  - links in letters that were sent no longer work
  - who signed an open petition can sign it once more, and is counted twice:
    close or restart those that are open, and say why in public

Stop the server first. A copy of the keys, however old, is better than this:
they never change.`,
		RunE: e.withStore(true, func(ctx context.Context, cfg Config, st *store.Store, _ []string) error {
			v, err := vault.Open(cfg.Keys)
			if err != nil {
				return fmt.Errorf("DAUYS_KEYS: %w", err)
			}
			if err := st.SetMeta(ctx, keysName, v.Fingerprint()); err != nil {
				return err
			}
			fmt.Fprintf(e.out, "the keys in %s are those of the database from now on\n", cfg.Keys)
			return nil
		}),
	})
	return c
}
