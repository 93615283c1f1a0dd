package profiles

import (
	"strconv"
	"strings"

	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

// extras weighs the rules that not every law has. A block that the file does
// not have is no rule; one that it has must be whole.
func (c *checker) extras() {
	l := c.law
	if c.has("authoriser") {
		c.cite("authoriser", l.Authoriser.Cite)
		c.oneOf("authoriser.actor", l.Authoriser.Actor, []string{"member"})
		c.term("authoriser.term", l.Authoriser.Term, true)
		c.between("authoriser.tries", int64(l.Authoriser.Tries), 1, 20)
	}
	if c.has("duplicate") {
		c.cite("duplicate", l.Duplicate.Cite)
		c.term("duplicate.window", l.Duplicate.Window, true)
		c.oneOf("duplicate.effect", l.Duplicate.Effect, []string{petition.BarRefuse, petition.BarWarn})
	}
	if c.has("dissolution") {
		c.cite("dissolution", l.Dissolution.Cite)
		c.oneOf("dissolution.effect", l.Dissolution.Effect, []string{petition.DissolveStop, petition.DissolveCarry})
	}
	if c.has("archive") {
		c.archive(l.Archive, l.Dissolution)
	}
	if c.has("downtime") {
		c.cite("downtime", l.Downtime.Cite)
		c.between("downtime.from_hours", int64(l.Downtime.FromHours), 0, maxGrace)
	}
	if c.has("shown") {
		c.cite("shown", l.Shown.Cite)
		c.oneOf("shown.signer", l.Shown.Signer, []string{"never", "initials", "given-name-initial", "name"})
	}
	if c.has("answer") {
		c.answer(l.Answer)
	}
	c.together()
	c.subjects("excluded", l.Excluded)
	c.subjects("rights", l.Rights)
}

// archive wants a way into the archive, in an order that lets each be taken.
func (c *checker) archive(a petition.ArchiveRule, d petition.DissolutionRule) {
	c.cite("archive", a.Cite)
	c.term("archive.desk_after", a.DeskAfter, false)
	c.term("archive.after", a.After, false)
	c.term("archive.dissolved", a.Dissolved, false)
	switch {
	case !c.readable("archive.desk_after", "archive.after", "archive.dissolved", "dissolution"):
		return
	case a.DeskAfter.IsZero() && a.After.IsZero() && a.Dissolved.IsZero():
		c.failAt("archive", "no term: nothing ever goes to the archive")
	case !a.Dissolved.IsZero() && d.Effect != petition.DissolveStop:
		c.failAt("archive.dissolved", "no dissolution stops petitions: what runs on cannot be archived with what ended")
	}
	if !a.DeskAfter.IsZero() && a.DeskAfter.Unit == a.After.Unit && a.DeskAfter.N >= a.After.N {
		c.failAt("archive.desk_after", "%d is not before %d: the calendar is always first", a.DeskAfter.N, a.After.N)
	}
}

func (c *checker) answer(a petition.AnswerRule) {
	c.cite("answer", a.Cite)
	c.oneOf("answer.from", a.From, []string{"stage", "delivery", "registration", "review"})
	c.set("answer.duties", a.Duties, []string{"invite-petitioner", "public-discussion", "working-group", "head-decides", "media-statement", "hearing", "table", "publish"})
	c.set("answer.outcomes", a.Outcomes, []string{"satisfied", "partly", "refused"})
}

// set checks that each word of a list is known and there once.
func (c *checker) set(path string, got, want []string) {
	seen := map[string]bool{}
	for i, word := range got {
		at := path + "[" + strconv.Itoa(i) + "]"
		c.oneOf(at, word, want)
		if seen[word] {
			c.failAt(at, "%q twice", word)
		}
		seen[word] = true
	}
}

func (c *checker) subjects(path string, list []petition.Subject) {
	seen := map[string]bool{}
	for i, s := range list {
		at := item("", path, i)
		c.match(at+".code", s.Code, slug, "want small letters, digits and hyphens")
		if seen[s.Code] {
			c.failAt(at+".code", "%q twice", s.Code)
		}
		seen[s.Code] = true
		c.inAllLanguages(at+".text", s.Text)
		c.cite(at, s.Cite)
	}
}

// choices are windows that a petitioner may pick; the window itself is one of
// them, the one for those who pick none.
func (c *checker) choices() {
	w := c.law.Collect
	if w.OpenEnded && !w.Window.IsZero() {
		c.failAt("collect.open_ended", "a window is set: the law cannot be without an end too")
	}
	found := len(w.Choices) == 0
	seen := map[petition.Term]bool{}
	for i, t := range w.Choices {
		at := item("", "collect.choices", i)
		c.term(at, t, true)
		if seen[t] && c.readable(at) {
			c.failAt(at, "twice")
		}
		seen[t] = true
		found = found || t == w.Window
	}
	if !found && c.readable("collect.window", "collect.choices") {
		c.failAt("collect.choices", "the window is none of them")
	}
}

// stageThreshold wants exactly one way to say how many are enough, and every
// way above what came before.
func (c *checker) stageThreshold(at string, i int, s petition.Stage) {
	switch {
	case !c.readable(at+".threshold", at+".percent", at+".cases"):
	case s.Percent == 0 && len(s.Cases) == 0:
		c.between(at+".threshold", s.Threshold, 1, maxCount)
	case s.Threshold != 0 || s.Percent != 0 && len(s.Cases) > 0:
		c.failAt(at, "threshold, percent and cases: want one of them")
	case s.Percent != 0:
		c.between(at+".percent", int64(s.Percent), 1, 100)
	}
	if s.Threshold != 0 {
		if before := c.highest(i); before != 0 && s.Threshold <= before {
			c.failAt(at+".threshold", "%d does not rise above %d", s.Threshold, before)
		}
		if s.Threshold <= c.law.Support.Threshold {
			c.failAt(at+".threshold", "%d is no more than the %d supporters needed before publication", s.Threshold, c.law.Support.Threshold)
		}
	}
	if s.Percent != 0 {
		for _, before := range c.law.Stages[:i] {
			if before.Percent >= s.Percent {
				c.failAt(at+".percent", "%d %% does not rise above %d %%", s.Percent, before.Percent)
			}
		}
	}
	c.cases(at, s.Cases)
	c.rises(at, i, s)
	if c.has(at + ".territories") {
		c.territories(at+".territories", s)
	}
}

// highest is the highest absolute threshold before stage i, 0 for none.
func (c *checker) highest(i int) int64 {
	var top int64
	for _, s := range c.law.Stages[:i] {
		top = max(top, s.Threshold)
	}
	return top
}

func (c *checker) cases(at string, cases []petition.ThresholdCase) {
	for i, x := range cases {
		here := item(at, "cases", i)
		if (x.Threshold == 0) == (x.Percent == 0) && c.readable(here) {
			c.failAt(here, "want a threshold or a percent")
		}
		c.between(here+".threshold", x.Threshold, 0, maxCount)
		c.between(here+".percent", int64(x.Percent), 0, 100)
		c.between(here+".above", x.Above, 0, 1<<40)
		c.between(here+".up_to", x.UpTo, 0, 1<<40)
		if x.UpTo != 0 && x.UpTo <= x.Above {
			c.failAt(here+".up_to", "%d is not above %d: no place fits", x.UpTo, x.Above)
		}
		c.kindsExist(here+".places", x.Places)
		c.set(here+".places", x.Places, []string{string(place.Region), string(place.Constituency), string(place.Country), string(place.Other)})
	}
}

// territories wants places that exist, and more of them than are needed.
func (c *checker) territories(at string, s petition.Stage) {
	r := s.Territories
	if c.readable(at + ".minimums") {
		c.between(at+".places", int64(r.Places), 1, int64(max(len(r.Minimums), 1)))
	}
	set, err := place.Shipped(c.law.Places)
	seen := map[string]bool{}
	for i, m := range r.Minimums {
		here := item(at, "minimums", i)
		c.between(here+".minimum", m.Minimum, 1, maxCount)
		if err == nil {
			if _, ok := set.Lookup(m.Place); !ok {
				c.failAt(here+".place", "%.20q: no place of %s", m.Place, c.law.Places)
			}
		}
		if seen[m.Place] && c.readable(here+".place") {
			c.failAt(here+".place", "%s twice", m.Place)
		}
		seen[m.Place] = true
	}
	if s.Threshold == 0 && c.readable(strings.TrimSuffix(at, ".territories")+".threshold") {
		c.failAt(at, "support in several places goes with a threshold of signatures")
	}
}

// inhabitants gives the law the population of its shipped places.
func (c *checker) inhabitants() {
	set, err := place.Shipped(c.law.Places)
	if err != nil {
		return // the check of places says so
	}
	c.law.Population = Inhabitants(set)
}

// Inhabitants tells the population of a set's places. A place without a count
// is known with none; a count of a later day is not used.
func Inhabitants(set *place.Set) petition.Population {
	return func(code string, day petition.Date) (petition.Headcount, bool) {
		p, ok := set.Lookup(code)
		if !ok {
			return petition.Headcount{}, false
		}
		h := petition.Headcount{Place: code, Kind: string(p.Kind)}
		if p.Population > 0 && !day.Before(p.PopulationOn) {
			h.N, h.On = p.Population, p.PopulationOn
		}
		return h, true
	}
}
