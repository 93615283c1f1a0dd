package cli

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
	"github.com/dauys/dauys/profiles"
	"github.com/spf13/cobra"
)

// shippedLaws are the laws that come with the program, and those that follow
// from them for single places.
func shippedLaws() (petition.Laws, error) {
	laws, err := profiles.Shipped()
	if err != nil {
		return nil, err
	}
	maps.Copy(laws, profiles.Derived(laws))
	return laws, nil
}

// unknownLaw says that there is no such law, and of one for single places which there are.
func unknownLaw(laws petition.Laws, name string) error {
	var codes []string
	base := ""
	for _, law := range laws {
		if law.Local != nil && strings.HasPrefix(name, law.ID[:strings.LastIndex(law.ID, "-")+1]) {
			base = law.ID[:strings.LastIndex(law.ID, "-")]
			codes = append(codes, law.ID[len(base)+1:])
		}
	}
	if base == "" {
		return fmt.Errorf("DAUYS_PROFILE: there is no profile %q", name)
	}
	slices.Sort(codes)
	return fmt.Errorf("DAUYS_PROFILE: there is no profile %q: %s is derived for the places whose kind is known here, %s", name, base, strings.Join(slices.Compact(codes), ", "))
}

// ownFile reports whether a profile is named by its file, not by its id.
func ownFile(name string) bool { return strings.ContainsAny(name, "/.") }

// lawOf finds the profile a deployment is set up with: a shipped one by id, or
// an operator's own file, which joins laws.
func lawOf(laws petition.Laws, name string) (*petition.Profile, error) {
	if !ownFile(name) {
		if law := profiles.ByID(laws, name); law != nil {
			return law, nil
		}
		return nil, unknownLaw(laws, name)
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
		RunE: needsCommand}
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
	}, e.explain(), e.list())
	return c
}
