package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/petition"
	"github.com/spf13/cobra"
)

func (e *env) explain() *cobra.Command {
	var lang string
	c := &cobra.Command{
		Use: "explain ID", Short: "The law as a timeline in words", Args: usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if lang != "" && !slices.Contains(i18n.Langs(), i18n.Lang(lang)) {
				return fmt.Errorf("%w: --lang %s: want kk, ru or en", errUsage, lang)
			}
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
				if lang == "" || lang == string(l) {
					explainIn(e.out, bundle.Printer(l), law)
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&lang, "lang", "", "kk, ru or en; all three when not given")
	return c
}

// list names the profiles that come with the program.
func (e *env) list() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "The laws that come with the program; those for a single place are ID-CODE, such as kz-local-750000000", Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			laws, err := shippedLaws()
			if err != nil {
				return err
			}
			all := slices.SortedFunc(maps.Values(laws), func(a, b *petition.Profile) int {
				return slices.Compare([]string{a.ID, a.Version}, []string{b.ID, b.Version})
			})
			for _, l := range all {
				if l.Local != nil {
					continue
				}
				fmt.Fprintf(e.out, "%s %s, %s: %d of %d rules unverified\n", l.ID, l.Version, l.Binding, len(l.OpenRules()), len(l.Rules()))
			}
			return nil
		},
	}
}

// explainIn prints one law in one language: each rule with its article, and
// how far it can be relied on.
func explainIn(out io.Writer, p *i18n.Printer, law *petition.Profile) {
	l := p.Lang()
	fmt.Fprintf(out, "%s (%s %s)\n%s\n%s\n", law.Name[l], law.ID, law.Version, law.Summary[l], p.T("law.binding."+string(law.Binding)))
	rules := slices.Concat(p.Law(law), p.LawSubjects(law))
	for _, r := range law.Moderation.Reasons {
		rules = append(rules, i18n.LawRule{Title: p.T("web.about.reasons"), Lines: []string{r.Text[l]}, Cite: r.Cite})
	}
	for _, r := range rules {
		fmt.Fprintf(out, "  - %s\n", r.Title)
		for _, line := range r.Lines {
			fmt.Fprintf(out, "      %s\n", line)
		}
		fmt.Fprintf(out, "      [%s, %s] %s\n", r.Cite.Article, p.T("law.confidence."+r.Cite.Confidence), p.Valid(r.Cite))
	}
	fmt.Fprintln(out)
}
