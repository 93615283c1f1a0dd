package petition

// Rule is a rule of a profile by the path of its block, with where it comes from.
type Rule struct {
	Path string // "moderation", "stages.answer", "reasons.unclear"
	Cite Cite
}

// Rules lists every rule that the profile has, in the order of its blocks.
func (l *Profile) Rules() []Rule {
	rules := []Rule{
		{"petitioner", l.Petitioner.Cite}, {"signer", l.Signer.Cite}, {"support", l.Support.Cite},
		{"moderation", l.Moderation.Cite}, {"appeal", l.Appeal.Cite}, {"collect", l.Collect.Cite},
		{"counts", l.Counts.Cite}, {"text", l.Text.Cite},
	}
	for _, r := range l.Moderation.Reasons {
		rules = append(rules, Rule{"reasons." + r.Code, r.Cite})
	}
	for _, s := range l.Stages {
		rules = append(rules, Rule{"stages." + s.ID, s.Cite})
	}
	for _, r := range []Rule{
		{"authoriser", l.Authoriser.Cite}, {"duplicate", l.Duplicate.Cite}, {"dissolution", l.Dissolution.Cite},
		{"downtime", l.Downtime.Cite}, {"archive", l.Archive.Cite}, {"shown", l.Shown.Cite}, {"display", l.Display.Cite}, {"answer", l.Answer.Cite},
	} {
		if r.Cite != (Cite{}) {
			rules = append(rules, r)
		}
	}
	for _, s := range l.Excluded {
		rules = append(rules, Rule{"excluded." + s.Code, s.Cite})
	}
	for _, s := range l.Rights {
		rules = append(rules, Rule{"rights." + s.Code, s.Cite})
	}
	return rules
}
