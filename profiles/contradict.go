package profiles

import (
	"fmt"
	"slices"

	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

// together wants all rules to be in force on some day: a rule that ends before
// another begins never meets it, and what it opens never opens.
func (c *checker) together() {
	var first petition.Cite
	for _, r := range c.law.Rules() {
		if r.Cite.ValidFrom.After(first.ValidFrom) {
			first = r.Cite
		}
	}
	for _, r := range c.law.Rules() {
		if to := r.Cite.ValidTo; !to.IsZero() && to.Before(first.ValidFrom) && !to.Before(r.Cite.ValidFrom) {
			c.failAt(c.pathOf(r)+".cite.valid_to", "ends on %s, before %s begins on %s: they are never in force together", to, first.Article, first.ValidFrom)
		}
	}
}

// pathOf is a rule's path in the file: lists are named there by position.
func (c *checker) pathOf(r petition.Rule) string {
	for list, codes := range map[string][]string{"moderation.reasons": c.codes("reasons"), "stages": c.codes("stages"),
		"excluded": c.codes("excluded"), "rights": c.codes("rights")} {
		for i, code := range codes {
			if r.Path == code {
				return fmt.Sprintf("%s[%d]", list, i)
			}
		}
	}
	return r.Path
}

// codes are the paths of the items of a list as petition.Rules has them.
func (c *checker) codes(list string) []string {
	var codes []string
	for _, r := range c.law.Rules() {
		if len(r.Path) > len(list) && r.Path[:len(list)+1] == list+"." {
			codes = append(codes, r.Path)
		}
	}
	return codes
}

// rises wants the cases of a stage above those that an earlier stage has for
// the same places, and none behind one that takes every place.
func (c *checker) rises(at string, i int, s petition.Stage) {
	for k, x := range s.Cases {
		here := item(at, "cases", k)
		for n, before := range s.Cases[:k] {
			if len(before.Places) == 0 && before.Above == 0 && before.UpTo == 0 && c.readable(item(at, "cases", n)) {
				c.failAt(here, "case %d before it takes every place: it never fits", n+1)
				break
			}
		}
		for _, earlier := range c.law.Stages[:i] {
			for _, y := range earlier.Cases {
				if sameCase(x, y) && (x.Threshold > 0 && y.Threshold > 0 && x.Threshold <= y.Threshold || x.Percent > 0 && y.Percent > 0 && x.Percent <= y.Percent) {
					c.failAt(here, "does not rise above the case of %s for the same places", earlier.ID)
				}
			}
		}
	}
}

func sameCase(a, b petition.ThresholdCase) bool {
	return slices.Equal(a.Places, b.Places) && a.Above == b.Above && a.UpTo == b.UpTo
}

// kindsExist wants places of each kind that a case names among those of the law.
func (c *checker) kindsExist(at string, kinds []string) {
	set, err := place.Shipped(c.law.Places)
	if err != nil {
		return // the check of places says so
	}
	for i, kind := range kinds {
		known := slices.Contains([]string{string(place.Region), string(place.Constituency), string(place.Country), string(place.Other)}, kind)
		// A district or town may come with a set that the operator brings.
		if known && kind != string(place.Other) && !slices.ContainsFunc(set.Places, func(p place.Place) bool { return string(p.Kind) == kind }) {
			c.failAt(fmt.Sprintf("%s[%d]", at, i), "no place of %s is a %s: the case never fits", c.law.Places, kind)
		}
	}
}
