package petition

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/dauys/dauys/civil"
)

// The names of what an operator decides about a site.
const (
	SetOperator     = "operator"     // who runs the site and answers for it
	SetContact      = "contact"      // an e-mail address or an https address
	SetProfile      = "profile"      // id of the law that new petitions are pinned to
	SetAcknowledged = "acknowledged" // the open rules of the profile, as Acknowledgement writes them
	SetOfficial     = "official"     // "yes": the operator is the authority of the profile
	SetLanguages    = "languages"    // those the pages offer, in their order: "kk,ru"
	SetPlaces       = "places"       // "" for the profile's own set, "csv:HASH" for an imported one
	SetFirstNumber  = "first_number" // number of the first petition made here
	SetDissolved    = "dissolved"    // day on which the assembly of the law was dissolved; "" while it sits
)

// SettingNames are all settings, in the order in which they are asked for.
func SettingNames() []string {
	return []string{SetOperator, SetContact, SetProfile, SetAcknowledged, SetOfficial, SetLanguages, SetPlaces, SetFirstNumber, SetDissolved}
}

// Settings are the values by name; one that is not there was never decided.
type Settings map[string]string

// SettingAct is one decision about a site: who replaced what by what, and
// when. Acts are only ever added.
type SettingAct struct {
	ID    int64 // grows with time; 0 until it is kept
	At    time.Time
	Actor int64 // id of the officer; 0 for a command on the server
	Name  string
	Old   string
	New   string
}

// SettingsRules are what a change is judged by.
type SettingsRules struct {
	Law   func(id string) *Profile // nil when there is no such profile
	Langs []Lang                   // that the program speaks
	Fixed Settings                 // decided by the configuration of the server, and so by nobody else
}

// Change judges a change of some settings. The acts have no time and no actor
// yet. An unchanged value is no act. A new profile whose rules are not all
// verified needs the acknowledgement of exactly those rules; a profile that
// binds nobody takes "official" back.
func (s Settings) Change(wanted Settings, rules SettingsRules) ([]SettingAct, FieldErrors) {
	var errs FieldErrors
	bad := func(name, key string) { errs = append(errs, FieldError{Field: name, Key: key}) }
	next := Settings{}
	for _, name := range SettingNames() {
		next[name] = s[name]
		value, asked := wanted[name]
		if !asked || value == s[name] {
			continue
		}
		if _, fixed := rules.Fixed[name]; fixed {
			bad(name, "fixed")
		} else if key := checkSetting(name, value, rules); key != "" {
			bad(name, key)
		}
		next[name] = value
	}
	maps.Copy(next, rules.Fixed)
	law := rules.Law(next[SetProfile])
	_, fixed := rules.Fixed[SetProfile]
	switch _, chosen := wanted[SetProfile]; {
	case law == nil:
	case chosen && law.CheckAssurance(AssuranceMail) != nil:
		bad(SetProfile, "assurance")
	case !fixed && chosen && len(law.OpenRules()) > 0 && next[SetAcknowledged] != law.Acknowledgement():
		bad(SetAcknowledged, "acknowledge")
	case next[SetOfficial] == "yes" && law.Binding != Official && wanted[SetOfficial] == "yes":
		bad(SetOfficial, "not_official")
	}
	if law == nil || law.Binding != Official {
		next[SetOfficial] = ""
	}
	if len(errs) > 0 {
		return nil, errs
	}
	var acts []SettingAct
	for _, name := range SettingNames() {
		if _, fixed := rules.Fixed[name]; !fixed && next[name] != s[name] {
			acts = append(acts, SettingAct{Name: name, Old: s[name], New: next[name]})
		}
	}
	return acts, nil
}

// Longest values, in bytes.
const (
	maxOperator = 200
	maxContact  = 254
)

// firstDissolution is the year before which no assembly was petitioned with
// this program: an earlier day is a slip of the pen, and would end all petitions.
const firstDissolution = 2000

// checkSetting is the key of the fault of a value, "" when there is none.
func checkSetting(name, value string, rules SettingsRules) string {
	switch name {
	case SetOperator:
		return checkSettingLine(value, maxOperator)
	case SetContact:
		if key := checkSettingLine(value, maxContact); key != "" {
			return key
		}
		before, host, mail := strings.Cut(value, "@")
		if mail && before != "" && strings.Contains(host, ".") && !strings.ContainsAny(value, " <>?&\"") || len(value) > len("https://") && strings.HasPrefix(value, "https://") && !strings.ContainsAny(value, " <>\"") {
			return ""
		}
		return "contact"
	case SetProfile:
		if rules.Law(value) == nil {
			return "unknown"
		}
	case SetOfficial:
		if value != "" && value != "yes" {
			return "unknown"
		}
	case SetLanguages:
		return checkLanguages(value, rules.Langs)
	case SetPlaces:
		if value != "" && !strings.HasPrefix(value, PlacesPrefix) {
			return "unknown"
		}
	case SetDissolved:
		if day, err := civil.ParseDate(value); value != "" && (err != nil || day.Year < firstDissolution) {
			return "invalid"
		}
	case SetFirstNumber:
		if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 1 || n > 1e12 {
			return "number"
		}
	}
	return ""
}

// PlacesPrefix begins the value of SetPlaces when the set was imported; the
// hash of its text follows.
const PlacesPrefix = "csv:"

func checkSettingLine(value string, most int) string {
	switch {
	case strings.TrimSpace(value) == "":
		return "required"
	case len(value) > most:
		return "setting_long"
	case strings.ContainsFunc(value, func(r rune) bool { return unicode.Is(unicode.C, r) }):
		return "setting_line"
	}
	return ""
}

func checkLanguages(value string, known []Lang) string {
	var seen []Lang
	for l := range strings.SplitSeq(value, ",") {
		if !slices.Contains(known, Lang(l)) || slices.Contains(seen, Lang(l)) {
			return "languages"
		}
		seen = append(seen, Lang(l))
	}
	return ""
}

// Dissolved is the day on which the assembly was dissolved; zero while it sits.
func (s Settings) Dissolved() Date {
	day, err := civil.ParseDate(s[SetDissolved])
	if err != nil {
		return Date{}
	}
	return day
}

// Languages are those the pages offer, in order; all of known when nobody decided.
func (s Settings) Languages(known []Lang) []Lang {
	if s[SetLanguages] == "" || checkLanguages(s[SetLanguages], known) != "" {
		return known
	}
	var list []Lang
	for l := range strings.SplitSeq(s[SetLanguages], ",") {
		list = append(list, Lang(l))
	}
	return list
}

// OpenRule is a rule of a law that nobody has read in the law itself.
type OpenRule struct {
	Rule string // which part of the profile, in the singular: "support", "stage", "reason"
	Code string // of a stage or a reason; "" for the others
	Cite Cite
}

// String is "stage answer (law/kz-civic#answer, press)".
func (r OpenRule) String() string {
	return fmt.Sprintf("%s (%s, %s)", strings.TrimSpace(r.Rule+" "+r.Code), r.Cite.Article, r.Cite.Confidence)
}

// OpenRules are the rules of a law that are not verified, in the order of Rules.
func (l *Profile) OpenRules() []OpenRule {
	var list []OpenRule
	for _, r := range l.Rules() {
		if r.Cite.Unverified() {
			kind, code, _ := strings.Cut(r.Path, ".")
			list = append(list, OpenRule{Rule: strings.TrimSuffix(kind, "s"), Code: code, Cite: r.Cite})
		}
	}
	return list
}

// Acknowledgement is what an officer's act keeps of the open rules they were
// shown: the version of the profile and a hash of the list. A changed list has
// another one, so that nobody acknowledges what they did not see.
func (l *Profile) Acknowledgement() string {
	h := sha256.New()
	for _, r := range l.OpenRules() {
		fmt.Fprintln(h, r)
	}
	return l.ID + " " + l.Version + " " + hex.EncodeToString(h.Sum(nil))[:16]
}
