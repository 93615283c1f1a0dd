package profiles

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the zones of the shipped profiles exist on every machine

	"github.com/dauys/dauys/petition"
	"github.com/dauys/dauys/place"
)

var (
	languages   = []string{"kk", "ru", "en"} // in which every profile explains itself
	duties      = []string{"letter", "answer", "hearing", "debate"}
	confidences = []string{"verified", "press", "recalled", "unverified"}
	slug        = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	version     = regexp.MustCompile(`^[0-9A-Za-z]+([.-][0-9A-Za-z]+)*$`)
	country     = regexp.MustCompile(`^[A-Z]{2}$`)
	article     = regexp.MustCompile(`^law/[a-z0-9-]+#[A-Za-z0-9.-]+$`)
)

// The bounds keep a slip of the finger from becoming a law, and the walk over a
// calendar short.
const (
	maxTerm  = 3660 // of any unit
	maxCount = 1_000_000_000
	maxGrace = 240 // hours
	minCell  = 10  // below it a count names people
)

func known(lang string) bool { return slices.Contains(languages, lang) }

func item(path, list string, i int) string { return fmt.Sprintf("%s[%d]", join(path, list), i) }

func (r *reader) oneOf(path, got string, want []string) {
	if !slices.Contains(want, got) {
		r.failAt(path, "%.80q: want %s", got, strings.Join(want, ", "))
	}
}

// checker weighs the rules of one law against each other.
type checker struct {
	*reader
	law *petition.Profile
}

func (c *checker) check() {
	c.head()
	c.writtenIn()
	c.eligibility("petitioner", c.law.Petitioner)
	c.eligibility("signer", c.law.Signer)
	c.display()
	c.support()
	c.moderation()
	c.appeal()
	c.stages()
	c.collect()
	c.counts()
	c.text()
	c.extras()
	if !c.has("calendar") {
		c.failAt("calendar", "missing")
	} else if c.has("calendar.id") {
		c.checkCalendar(&c.law.Calendar, "calendar")
	}
}

func (c *checker) head() {
	c.match("id", c.law.ID, slug, "want small letters, digits and hyphens")
	c.match("version", c.law.Version, version, "want letters and digits joined by points or hyphens")
	c.match("country", c.law.Country, country, "want an ISO 3166 code of two letters")
	c.oneOf("binding", string(c.law.Binding), []string{"official", "shadow", "advisory"})
	c.oneOf("places", c.law.Places, place.IDs())
	c.bodies()
	c.inAllLanguages("name", c.law.Name)
	c.inAllLanguages("summary", c.law.Summary)
	c.inhabitants()
	loc, err := time.LoadLocation(c.law.Zone)
	if err != nil || c.law.Zone == "" || c.law.Zone == "Local" {
		c.failAt("zone", "unknown time zone %.80q", c.law.Zone)
		return
	}
	c.law.Location = loc
}

// bodies are what the law says of whom it petitions; a law may say nothing.
func (c *checker) bodies() {
	for i, kind := range c.law.Bodies {
		c.match(item("", "bodies", i), kind, slug, "want a kind of body: small letters, digits and hyphens")
		if slices.Contains(c.law.Bodies[:i], kind) {
			c.failAt(item("", "bodies", i), "%s twice", kind)
		}
	}
}

func (c *checker) match(path, got string, want *regexp.Regexp, hint string) {
	if len(got) > 64 || !want.MatchString(got) {
		c.failAt(path, "%.80q: %s", got, hint)
	}
}

func (c *checker) inAllLanguages(path string, texts map[petition.Lang]string) {
	for _, lang := range languages {
		if texts[petition.Lang(lang)] == "" && c.readable(join(path, lang)) {
			c.failAt(path, "the text in %s is missing", lang)
		}
	}
}

func (c *checker) writtenIn() {
	required := false
	seen := map[petition.Lang]bool{}
	for i, l := range c.law.Languages {
		c.oneOf(item("", "languages", i), string(l.Lang), languages)
		if seen[l.Lang] {
			c.failAt(item("", "languages", i), "%s twice", l.Lang)
		}
		seen[l.Lang] = true
		required = required || l.Required
	}
	if !required && c.readable("languages") {
		c.failAt("languages", "at least one language must be required")
	}
}

func (c *checker) cite(block string, cite petition.Cite) {
	path := join(block, "cite")
	if !c.has(path) {
		c.failAt(path, "missing: every rule says where it comes from")
		return
	}
	if !article.MatchString(cite.Article) {
		c.failAt(path+".article", "%.80q: want law/FILE#ANCHOR", cite.Article)
	}
	if cite.Source == "" {
		c.failAt(path+".source", "missing")
	}
	if cite.ValidFrom.IsZero() {
		c.failAt(path+".valid_from", "missing")
	}
	if !cite.ValidTo.IsZero() && cite.ValidTo.Before(cite.ValidFrom) {
		c.failAt(path+".valid_to", "%s is before valid_from %s", cite.ValidTo, cite.ValidFrom)
	}
	c.oneOf(path+".confidence", cite.Confidence, confidences)
}

// term checks a term. needed says that without it the rule has no end.
func (c *checker) term(path string, t petition.Term, needed bool) {
	if t.N < 0 || t.N > maxTerm {
		c.failAt(path+".n", "%d: want 0 to %d", t.N, maxTerm)
	}
	switch {
	case needed && t.N == 0 && c.readable(path+".n"):
		c.failAt(path, "missing: a term of zero never runs")
	case t.N != 0 || t.Unit != "" || !c.readable(path+".n"):
		c.oneOf(path+".unit", string(t.Unit), []string{"day", "workday", "week", "month"})
	}
}

// between checks a number against its bounds.
func (c *checker) between(path string, n, low, high int64) {
	if n < low || n > high {
		c.failAt(path, "%d: want %d to %d", n, low, high)
	}
}

func (c *checker) eligibility(path string, e petition.Eligibility) {
	c.cite(path, e.Cite)
	if !e.Persons && !e.Organisations && c.readable(path+".persons", path+".organisations") {
		c.failAt(path, "neither persons nor organisations are admitted")
	}
	if path == "signer" && e.Organisations {
		c.failAt(path+".organisations", "only persons sign")
	}
	c.between(path+".min_age", int64(e.MinAge), 0, 120)
	for _, list := range []struct {
		name  string
		codes []string
	}{{"citizenship", e.Citizenship}, {"residence", e.Residence}} {
		for i, code := range list.codes {
			c.match(item(path, list.name, i), code, country, "want an ISO 3166 code of two letters")
		}
	}
	c.oneOf(path+".assurance", e.Assurance, []string{"mail", "eid-substantial", "eid-high"})
}

// display is a rule a law may leave out: then the petitioner is shown by name.
func (c *checker) display() {
	if !c.has("display") {
		return
	}
	c.cite("display", c.law.Display.Cite)
	for i, d := range c.law.Display.Creator {
		c.oneOf(item("display", "creator", i), string(d), []string{"name", "initials", "platform"})
	}
}

func (c *checker) support() {
	s := c.law.Support
	c.cite("support", s.Cite)
	c.between("support.threshold", s.Threshold, 0, maxCount)
	c.between("support.max", s.Max, 0, maxCount)
	c.term("support.window", s.Window, false)
	if s.Max != 0 && s.Max < s.Threshold {
		c.failAt("support.max", "%d supporters are taken, %d are needed", s.Max, s.Threshold)
	}
	if s.Threshold == 0 && (s.Max != 0 || !s.Window.IsZero()) {
		c.failAt("support.threshold", "without a threshold there is no stage for a window or a maximum")
	}
	if s.Threshold == 0 && s.AfterCheck && c.readable("support.threshold") {
		c.failAt("support.after_check", "without a threshold nobody is looked for after the check")
	}
	if s.PetitionerSigns && s.AfterCheck {
		c.failAt("support.after_check", "the petitioner signs when the address is proven, and nobody signs before the check")
	}
}

func (c *checker) moderation() {
	m := c.law.Moderation
	c.cite("moderation", m.Cite)
	c.term("moderation.term", m.Term, true)
	c.term("moderation.second_term", m.SecondTerm, false)
	c.oneOf("moderation.on_missed", m.OnMissed, []string{"publish", "wait"})
	c.between("moderation.refusal_officers", int64(m.RefusalOfficers), 1, 2)
	if len(m.Reasons) == 0 {
		c.failAt("moderation.reasons", "no reason: nothing could be refused or returned")
	}
	seen := map[string]bool{}
	for i, reason := range m.Reasons {
		at := item("moderation", "reasons", i)
		c.match(at+".code", reason.Code, slug, "want small letters, digits and hyphens")
		if seen[reason.Code] {
			c.failAt(at+".code", "%q twice", reason.Code)
		}
		seen[reason.Code] = true
		c.inAllLanguages(at+".text", reason.Text)
		c.cite(at, reason.Cite)
	}
}

func (c *checker) appeal() {
	a := c.law.Appeal
	c.cite("appeal", a.Cite)
	c.term("appeal.window", a.Window, a.Allowed)
	c.term("appeal.term", a.Term, a.Allowed)
	if !a.Allowed && (!a.Window.IsZero() || !a.Term.IsZero()) {
		c.failAt("appeal.allowed", "terms are set for an appeal that is not allowed")
	}
}

func (c *checker) stages() {
	seen := map[string]bool{}
	for i, s := range c.law.Stages {
		at := item("", "stages", i)
		c.match(at+".id", s.ID, slug, "want small letters, digits and hyphens")
		if seen[s.ID] {
			c.failAt(at+".id", "%q twice", s.ID)
		}
		seen[s.ID] = true
		c.stageThreshold(at, i, s)
		c.inAllLanguages(at+".name", s.Name)
		c.inAllLanguages(at+".describe", s.Describe)
		c.oneOf(at+".duty", s.Duty, duties)
		c.oneOf(at+".actor", s.Actor, []string{"body", "operator", "parliament"})
		c.term(at+".term", s.Term, false)
		c.cite(at, s.Cite)
	}
}

func (c *checker) collect() {
	w := c.law.Collect
	c.cite("collect", w.Cite)
	c.term("collect.window", w.Window, false)
	c.term("collect.retention", w.Retention, true)
	c.between("collect.grace_hours", int64(w.GraceHours), 0, maxGrace)
	c.choices()
	if w.Window.IsZero() && len(c.law.Stages) > 0 && !w.OpenEnded && c.readable("collect.window", "collect.open_ended") {
		c.failAt("collect.window", "without a window nothing closes and the stages stay open for ever")
	}
	if !w.Withdrawals {
		c.failAt("collect.withdrawals", "a signer may always withdraw until the close")
	}
}

func (c *checker) counts() {
	n := c.law.Counts
	c.cite("counts", n.Cite)
	c.between("counts.step_below", n.StepBelow, 0, maxCount)
	c.between("counts.step_minutes", int64(n.StepMinutes), 0, 24*60)
	c.between("counts.step_by", n.StepBy, 0, maxCount)
	c.between("counts.cell", n.Cell, minCell, maxCount)
	if n.StepBelow > 0 && (n.StepMinutes == 0 || n.StepBy == 0) && c.readable("counts.step_minutes", "counts.step_by") {
		c.failAt("counts.step_below", "steps need step_minutes and step_by")
	}
	if n.StepBelow > 0 && n.StepBy > n.StepBelow {
		c.failAt("counts.step_by", "steps of %d never move below %d", n.StepBy, n.StepBelow)
	}
	if n.StepBelow == 0 && (n.StepMinutes != 0 || n.StepBy != 0) {
		c.failAt("counts.step_below", "missing: step_minutes and step_by apply below it")
	}
}

func (c *checker) text() {
	c.cite("text", c.law.Text.Cite)
	c.between("text.title", int64(c.law.Text.Title), 1, 255)
	c.between("text.ask", int64(c.law.Text.Ask), 1, 5000)
	c.between("text.details", int64(c.law.Text.Details), 0, 20000)
	c.between("text.words", int64(c.law.Text.Words), 0, 5000)
}
