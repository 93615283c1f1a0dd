package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/profiles"
	"github.com/spf13/cobra"
)

func shippedLaws() (petition.Laws, error) { return profiles.Shipped() }

// lawOf finds the profile a deployment is set up with: a shipped one by id, or
// an operator's own file, which joins laws.
func lawOf(laws petition.Laws, name string) (*petition.Profile, error) {
	if !strings.ContainsAny(name, "/.") {
		if law := profiles.ByID(laws, name); law != nil {
			return law, nil
		}
		return nil, fmt.Errorf("DAUYS_PROFILE: there is no profile %q", name)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	law, problems := profiles.Parse(name, b)
	if len(problems) > 0 {
		lines := make([]string, len(problems))
		for i, p := range problems {
			lines[i] = p.Error()
		}
		return nil, fmt.Errorf("the profile cannot be used:\n%s", strings.Join(lines, "\n"))
	}
	laws[law.Ref()] = law
	return law, nil
}

// placeSet finds a shipped set of places; nil when there is none.
func placeSet(id string) *place.Set {
	set, err := place.Shipped(id)
	if err != nil {
		return nil
	}
	return set
}

// placeOK says whether a place belongs to a law's shipped set.
func placeOK(law *petition.Profile, code string) bool {
	set := placeSet(law.Places)
	if set == nil {
		return false
	}
	_, ok := set.Lookup(code)
	return ok
}

func (e *env) profile() *cobra.Command {
	c := &cobra.Command{Use: "profile", Short: "Look at the laws", Args: usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(&cobra.Command{
		Use: "check FILE", Short: "Is this law well-formed? file:line: reason", Args: usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			b, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			law, problems := profiles.Parse(args[0], b)
			for _, p := range problems {
				fmt.Fprintln(e.err, p.Error())
			}
			if len(problems) > 0 {
				return errSaid
			}
			fmt.Fprintf(e.out, "%s %s is well-formed\n", law.ID, law.Version)
			return nil
		},
	}, e.explain())
	return c
}

func (e *env) explain() *cobra.Command {
	var lang string
	c := &cobra.Command{
		Use: "explain ID", Short: "The law as a timeline in words", Args: usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			laws, err := shippedLaws()
			if err != nil {
				return err
			}
			law, err := lawOf(laws, args[0])
			if err != nil {
				return err
			}
			bundle, err := i18n.New()
			if err != nil {
				return err
			}
			for _, l := range i18n.Langs() {
				if lang != "" && lang != string(l) {
					continue
				}
				e.explainIn(c.Context(), bundle.Printer(l), law)
			}
			return nil
		},
	}
	c.Flags().StringVar(&lang, "lang", "", "kk, ru or en; all three when not given")
	return c
}

// explainIn prints one law in one language.
func (e *env) explainIn(_ context.Context, p *i18n.Printer, law *petition.Profile) {
	l := p.Lang()
	fmt.Fprintf(e.out, "%s (%s %s)\n%s\n", law.Name[l], law.ID, law.Version, law.Summary[l])
	line := func(what, value string, c petition.Cite) {
		if value == "" {
			return
		}
		fmt.Fprintf(e.out, "  - %s: %s  [%s, %s]\n", what, value, c.Article, c.Confidence)
	}
	term := func(t petition.Term) string {
		if t.IsZero() {
			return ""
		}
		return p.N("unit."+string(t.Unit)+"s", int64(t.N))
	}
	line(p.T("cli.support"), strings.TrimSpace(p.N("unit.supporters", law.Support.Threshold)+" "+term(law.Support.Window)), law.Support.Cite)
	line(p.T("cli.moderation"), term(law.Moderation.Term), law.Moderation.Cite)
	if law.Appeal.Allowed {
		line(p.T("cli.appeal"), term(law.Appeal.Window), law.Appeal.Cite)
	}
	line(p.T("cli.window"), term(law.Collect.Window), law.Collect.Cite)
	for _, s := range law.Stages {
		line(p.N("unit.signatures", s.Threshold), strings.TrimSpace(s.Name[l]+" "+term(s.Term)), s.Cite)
	}
	line(p.T("cli.retention"), term(law.Collect.Retention), law.Collect.Cite)
	fmt.Fprintln(e.out)
}
