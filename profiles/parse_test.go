package profiles

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauys/dauys/civil"
)

func source(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// lineOf is the line of the first occurrence of part, 1 when part is empty.
func lineOf(t testing.TB, text, part string) int {
	t.Helper()
	before, _, ok := strings.Cut(text, part)
	if !ok {
		t.Fatalf("%q is not in the profile", part)
	}
	return 1 + strings.Count(before, "\n")
}

// broken are edits of kz-civic.yaml: old becomes new, once; the fault is
// expected on the line where the text at first stands after the edit.
var broken = []struct{ name, old, new, at, reason string }{
	{"syntax", "binding: advisory", "binding: [advisory", "binding: [advisory", "not YAML: did not find expected ',' or ']'"},
	{"tab", "  threshold: 20", "\tthreshold: 20", "\tthreshold: 20", "not YAML: found character that cannot start any token"},
	{"unknown key", "zone: Asia/Almaty", "zone: Asia/Almaty\nmayor: yes", "mayor: yes", "mayor: unknown key"},
	{"unknown key inside", "  grace_hours: 24", "  grace_days: 1", "  grace_days", "collect.grace_days: unknown key"},
	{"doubled key", "country: KZ", "country: KZ\ncountry: GB", "country: GB", "country: the key is already on line"},
	{"alias", "  window: {n: 30, unit: day}", "  window: &w {n: 30, unit: day}\n  cite: *w", "  cite: *w", "aliases are not taken"},
	{"tag", "  threshold: 20", "  threshold: !!int 20", "  threshold: !!int", "tags are not taken"},
	{"no number", "  threshold: 20", "  threshold: many", "  threshold: many", "support.threshold: want a whole number"},
	{"octal number", "  threshold: 20", "  threshold: 020", "  threshold: 020", "want a whole number"},
	{"huge number", "  threshold: 20", "  threshold: 99999999999999999999", "  threshold: 9999", "want a whole number"},
	{"no boolean", "  allowed: true", "  allowed: yes", "  allowed: yes", "appeal.allowed: want true or false"},
	{"no date", "valid_from: 2026-11-01", "valid_from: 2026-11-31", "2026-11-31", "petitioner.cite.valid_from: want a date"},
	{"list for a block", "  window: {n: 30, unit: day}", "  window: [30, day]", "[30, day]", "support.window: want keys and values"},
	{"value for a list", "  citizenship: []", "  citizenship: KZ", "citizenship: KZ", "petitioner.citizenship: want a list"},
	{"null", "zone: Asia/Almaty", "zone:", "zone:", "zone: want one value"},
	{"unknown language", "  kk: \"Азаматтық петиция\"", "  de: \"Petition\"", "  de:", "name.de: unknown key"},
	{"name without Kazakh", "  kk: \"Азаматтық петиция\"\n", "", "name:", "name: the text in kk is missing"},
	{"reason without English", "        en: \"The petition names a private person or is aimed at one.\"\n", "", "      text:", "moderation.reasons[0].text: the text in en is missing"},
	{"bad id", "id: kz-civic", "id: KZ_civic", "id: KZ_civic", "want small letters"},
	{"bad version", "version: \"1\"", "version: \"1 beta\"", "version:", "want letters and digits"},
	{"unknown binding", "binding: advisory", "binding: loose", "binding: loose", "binding: \"loose\": want official, shadow, advisory"},
	{"unknown country", "country: KZ", "country: Kaz", "country: Kaz", "want an ISO 3166 code"},
	{"unknown zone", "zone: Asia/Almaty", "zone: Asia/Atlantis", "zone: Asia/Atlantis", "unknown time zone"},
	{"zone of the machine", "zone: Asia/Almaty", "zone: Local", "zone: Local", "unknown time zone"},
	{"unknown places", "places: kz", "places: mars", "places: mars", "places: \"mars\": want kz, uk, au"},
	{"unknown calendar", "calendar: kz", "calendar: mayan", "calendar: mayan", "no calendar \"mayan\" is shipped"},
	{"calendar outside", "calendar: kz", "calendar: ../calendars/kz", "calendar: ..", "is shipped"},
	{"no calendar", "calendar: kz\n", "", "", "calendar: missing"},
	{"calendar without a working day", "calendar: kz", "calendar:\n  id: own\n  from: 2026-01-01\n  to: 2026-12-31\n  weekend: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]", "  weekend:", "no day of the week is worked"},
	{"calendar with an unknown day", "calendar: kz", "calendar:\n  id: own\n  from: 2026-01-01\n  to: 2026-12-31\n  weekend: [caturday]", "  weekend:", "unknown weekday"},
	{"holiday out of order", "calendar: kz", "calendar:\n  id: own\n  from: 2026-01-01\n  to: 2026-12-31\n  holidays:\n    - {date: 2026-05-09, name: B, source: s, confidence: press}\n    - {date: 2026-05-07, name: A, source: s, confidence: press}", "    - {date: 2026-05-07", "does not come after 2026-05-09"},
	{"holiday outside", "calendar: kz", "calendar:\n  id: own\n  from: 2026-01-01\n  to: 2026-12-31\n  holidays:\n    - {date: 2027-05-09, name: B, source: s, confidence: press}", "    - {date: 2027", "outside the calendar"},
	{"worked on a weekday", "calendar: kz", "calendar:\n  id: own\n  from: 2026-01-01\n  to: 2026-12-31\n  weekend: [sunday]\n  worked:\n    - {date: 2026-05-07, name: A, source: s, confidence: press}", "    - {date: 2026", "is worked anyway"},
	{"no required language", "{lang: kk, required: true}\n  - {lang: ru, required: true}", "{lang: kk, required: false}", "languages:", "at least one language must be required"},
	{"language twice", "{lang: ru, required: true}", "{lang: kk, required: true}", "  - {lang: kk, required: true}\n  - {lang: en", "kk twice"},
	{"cite missing", "  title: 80\n  ask: 300\n  details: 800\n  cite:\n    article: law/kz-civic#text\n    source: \"operator's own rules (kz-civic 1)\"\n    valid_from: 2026-11-01\n    confidence: verified\n", "  title: 80\n  ask: 300\n  details: 800\n", "text:\n  title: 80", "text.cite: missing"},
	{"cite without a source", "    article: law/kz-civic#petitioner\n    source: \"operator's own rules (kz-civic 1)\"\n", "    article: law/kz-civic#petitioner\n", "  cite:", "petitioner.cite.source: missing"},
	{"cite without a start", "    source: \"operator's own rules (kz-civic 1)\"\n    valid_from: 2026-11-01\n", "    source: \"operator's own rules (kz-civic 1)\"\n", "  cite:", "petitioner.cite.valid_from: missing"},
	{"cite that ends before it starts", "    valid_from: 2026-11-01\n", "    valid_from: 2026-11-01\n    valid_to: 2026-10-31\n", "valid_to", "2026-10-31 is before valid_from 2026-11-01"},
	{"unknown confidence", "    confidence: unverified", "    confidence: hopeful", "confidence: hopeful", "want verified, press, recalled, unverified"},
	{"article elsewhere", "law/kz-civic#support", "https://law.example/1", "https://law.example", "want law/FILE#ANCHOR"},
	{"unknown unit", "{n: 30, unit: day}", "{n: 30, unit: fortnight}", "fortnight", "support.window.unit: \"fortnight\""},
	{"negative term", "{n: 30, unit: day}", "{n: -30, unit: day}", "n: -30", "support.window.n: -30: want 0 to 3660"},
	{"moderation without end", "  term: {n: 10, unit: workday}\n  second_term", "  second_term", "moderation:", "moderation.term: missing"},
	{"unknown outcome", "on_missed: publish", "on_missed: refuse", "on_missed: refuse", "want publish, wait"},
	{"three officers", "refusal_officers: 2", "refusal_officers: 3", "refusal_officers: 3", "want 1 to 2"},
	{"maximum below threshold", "  max: 0", "  max: 19", "  max: 19", "19 supporters are taken, 20 are needed"},
	{"window without threshold", "  threshold: 20", "  threshold: 0", "  threshold: 0", "without a threshold"},
	{"negative threshold", "  threshold: 20", "  threshold: -1", "  threshold: -1", "want 0 to"},
	{"reason twice", "code: unclear", "code: duplicate", "code: duplicate\n      text:\n        kk: \"Органнан", "\"duplicate\" twice"},
	{"reason code", "code: unclear", "code: Not clear", "code: Not clear", "want small letters"},
	{"stage does not rise", "    threshold: 10000", "    threshold: 1000", "    threshold: 1000\n    duty: answer", "1000 does not rise above 1000"},
	{"stage below support", "    threshold: 1000\n", "    threshold: 20\n", "    threshold: 20\n", "no more than the 20 supporters"},
	{"stage twice", "  - id: answer", "  - id: open-letter", "  - id: open-letter\n    name:\n      kk: \"Жауап", "\"open-letter\" twice"},
	{"unknown duty", "duty: hearing", "duty: applause", "duty: applause", "want letter, answer, hearing, debate"},
	{"unknown actor", "actor: operator", "actor: nobody", "actor: nobody", "want body, operator, parliament"},
	{"stages that never close", "  window: {n: 6, unit: month}", "  window: {n: 0, unit: month}", "  window: {n: 0, unit: month}", "nothing closes"},
	{"no retention", "  retention: {n: 30, unit: day}\n", "", "collect:", "collect.retention: missing"},
	{"no withdrawal", "  withdrawals: true", "  withdrawals: false", "  withdrawals: false", "may always withdraw"},
	{"long grace", "grace_hours: 24", "grace_hours: 9999", "grace_hours: 9999", "want 0 to 240"},
	{"negative step", "step_by: 5", "step_by: -5", "step_by: -5", "counts.step_by: -5"},
	{"step without minutes", "  step_minutes: 10\n", "", "  step_below: 500", "steps need step_minutes and step_by"},
	{"cell that names people", "cell: 10", "cell: 3", "cell: 3", "counts.cell: 3: want 10"},
	{"no title", "  title: 80", "  title: 0", "  title: 0", "text.title: 0: want 1 to 255"},
	{"nobody may petition", "  persons: true\n  organisations: true", "  persons: false\n  organisations: false", "petitioner:", "neither persons nor organisations"},
	{"organisations sign", "  persons: true\n  organisations: false", "  persons: true\n  organisations: true", "  organisations: true\n  min_age: 16\n  citizenship: []\n  residence: []\n  assurance: mail\n  cite:\n    article: law/kz-civic#signer", "only persons sign"},
	{"unknown assurance", "assurance: mail", "assurance: blood", "assurance: blood", "want mail, eid-substantial, eid-high"},
	{"appeal without a window", "  window: {n: 10, unit: workday}\n", "", "appeal:", "appeal.window: missing"},
	{"terms of no appeal", "  allowed: true", "  allowed: false", "  allowed: false", "an appeal that is not allowed"},
	{"cases and a threshold", "    threshold: 1000\n", "    threshold: 1000\n    cases:\n      - {percent: 1}\n", "  - id: open-letter", "want one of them"},
	{"case that fits nothing", "    threshold: 1000\n", "    cases:\n      - {above: 50000, up_to: 50000, threshold: 5}\n", "      - {above", "50000 is not above 50000"},
	{"case without a number", "    threshold: 1000\n", "    cases:\n      - {above: 50000}\n", "      - {above", "want a threshold or a percent"},
	{"case of an unknown place", "    threshold: 1000\n", "    cases:\n      - {places: [moon], percent: 1}\n", "      - {places", "\"moon\": want region"},
	{"percent of everybody and more", "    threshold: 1000\n", "    percent: 101\n", "    percent: 101", "101: want 1 to 100"},
	{"territory that is no place", "    threshold: 1000\n", "    threshold: 1000\n    territories:\n      places: 1\n      minimums:\n        - {place: KZ-99, minimum: 5}\n", "        - {place", "no place of kz"},
	{"more territories than there are", "    threshold: 1000\n", "    threshold: 1000\n    territories:\n      places: 2\n      minimums:\n        - {place: KZ-10, minimum: 5}\n", "      places: 2", "2: want 1 to 1"},
	{"territory twice", "    threshold: 1000\n", "    threshold: 1000\n    territories:\n      places: 1\n      minimums:\n        - {place: KZ-10, minimum: 5}\n        - {place: KZ-10, minimum: 6}\n", "        - {place: KZ-10, minimum: 6}", "KZ-10 twice"},
	{"window that is no choice", "  grace_hours: 24", "  choices: [{n: 30, unit: day}]\n  grace_hours: 24", "  choices:", "the window is none of them"},
	{"choice that never opens", "  grace_hours: 24", "  choices: [{n: 6, unit: month}, {n: 0, unit: day}]\n  grace_hours: 24", "  choices:", "a term of zero never runs"},
	{"a window and no end", "  grace_hours: 24", "  open_ended: true\n  grace_hours: 24", "  open_ended", "cannot be without an end too"},
	{"authoriser without a term", "calendar: kz\n", "calendar: kz\nauthoriser:\n  actor: member\n  tries: 5\n", "authoriser:", "authoriser.term: missing"},
	{"duplicate bar without an end", "calendar: kz\n", "calendar: kz\nduplicate:\n  window: {n: 0, unit: month}\n", "  window: {n: 0, unit: month}", "a term of zero never runs"},
	{"duplicate bar without an effect", "calendar: kz\n", "calendar: kz\nduplicate:\n  window: {n: 1, unit: month}\n", "duplicate:", "duplicate.effect: \"\": want refuse, warn"},
	{"supporters after the check that nobody looks for", "  threshold: 20", "  threshold: 0\n  after_check: true", "  after_check", "nobody is looked for"},
	{"rules that never meet", "    article: law/kz-civic#support\n    source: \"operator's own rules (kz-civic 1)\"\n    valid_from: 2026-11-01\n", "    article: law/kz-civic#support\n    source: \"operator's own rules (kz-civic 1)\"\n    valid_from: 2026-01-01\n    valid_to: 2026-10-31\n", "    valid_to: 2026-10-31", "they are never in force together"},
	{"steps wider than what they hide", "step_by: 5", "step_by: 501", "step_by: 501", "steps of 501 never move below 500"},
	{"case behind one that takes all", "    threshold: 1000\n", "    cases:\n      - {threshold: 900}\n      - {above: 50000, threshold: 950}\n", "      - {above", "case 1 before it takes every place"},
	{"case of a place the law has not", "    threshold: 1000\n", "    cases:\n      - {places: [constituency], percent: 1}\n", "      - {places", "no place of kz is a constituency"},
	{"an archive without a way", "  desk_after: {n: 6, unit: month}\n  after: {n: 24, unit: month}\n", "", "archive:", "archive: no term: nothing ever goes to the archive"},
	{"an officer who is always late", "  desk_after: {n: 6, unit: month}", "  desk_after: {n: 24, unit: month}", "  desk_after:", "archive.desk_after: 24 is not before 24"},
	{"an archive of the dissolved where nothing stops", "  desk_after: {n: 6, unit: month}", "  dissolved: {n: 2, unit: day}", "  dissolved:", "archive.dissolved: no dissolution stops petitions"},
	{"an archive without a source", "  after: {n: 24, unit: month}\n  cite:\n    article: law/kz-civic#archive", "  after: {n: 24, unit: month}\n  cite:\n    article: archive", "    article: archive", "archive.cite.article"},
	{"unknown effect of a dissolution", "calendar: kz\n", "calendar: kz\ndissolution:\n  effect: panic\n", "  effect:", "want stop, carry-over"},
	{"unknown duty of the body", "calendar: kz\n", "calendar: kz\nanswer:\n  from: stage\n  duties: [sing]\n", "  duties:", "\"sing\": want invite-petitioner"},
	{"subject without words", "calendar: kz\n", "calendar: kz\nexcluded:\n  - code: courts\n", "  - code: courts", "the text in kk is missing"},
	{"right twice", "calendar: kz\n", "calendar: kz\nrights:\n  - code: life\n  - code: life # again\n", "  - code: life # again", "\"life\" twice"},
	{"unknown display", "calendar: kz\n", "calendar: kz\nshown:\n  signer: photograph\n", "  signer: photograph", "want never, initials"},
	{"second document", "calendar: kz\n", "calendar: kz\n---\nid: another\n", "---", "a file holds one profile"},
}

func TestBrokenProfiles(t *testing.T) {
	text := source(t, "kz-civic.yaml")
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			lineOf(t, text, c.old)
			edited := strings.Replace(text, c.old, c.new, 1)
			law, problems := Parse("own.yaml", []byte(edited))
			if law != nil {
				t.Error("the profile was accepted")
			}
			line := lineOf(t, edited, c.at)
			for _, p := range problems {
				if p.File == "own.yaml" && p.Line == line && strings.Contains(p.Reason, c.reason) {
					return
				}
			}
			t.Errorf("want own.yaml:%d: ... %s; got %v", line, c.reason, problems)
		})
	}
}

// Two edits make thresholds fall between the stages, by cases and by percent.
func TestFallingThresholdsByPlace(t *testing.T) {
	for name, c := range map[string]struct{ first, second, at, reason string }{
		"cases":   {"    cases:\n      - {above: 7, threshold: 90}\n", "    cases:\n      - {above: 7, threshold: 80}\n", "      - {above: 7, threshold: 80}", "does not rise above the case of open-letter"},
		"shares":  {"    cases:\n      - {places: [region], percent: 3}\n", "    cases:\n      - {places: [region], percent: 3} # again\n", "percent: 3} # again", "does not rise above the case of open-letter"},
		"percent": {"    percent: 3\n", "    percent: 2\n", "    percent: 2\n", "2 % does not rise above 3 %"},
	} {
		text := strings.Replace(source(t, "kz-civic.yaml"), "    threshold: 1000\n", c.first, 1)
		text = strings.Replace(text, "    threshold: 10000\n", c.second, 1)
		_, problems := Parse("own.yaml", []byte(text))
		line, found := lineOf(t, text, c.at), false
		for _, p := range problems {
			found = found || p.Line == line && strings.Contains(p.Reason, c.reason)
		}
		if !found {
			t.Errorf("%s: want line %d: %s; got %v", name, line, c.reason, problems)
		}
	}
}

func TestEveryFaultIsNamed(t *testing.T) {
	text := source(t, "kz-civic.yaml")
	for _, edit := range [][2]string{{"  threshold: 20", "  threshold: 0"}, {"cell: 10", "cell: 1"}, {"binding: advisory", "binding: x"}} {
		text = strings.Replace(text, edit[0], edit[1], 1)
	}
	_, problems := Parse("own.yaml", []byte(text))
	if len(problems) != 3 || problems[0].Line > problems[1].Line || problems[1].Line > problems[2].Line {
		t.Errorf("problems %v", problems)
	}
	if want := "own.yaml:6: binding: \"x\": want official, shadow, advisory"; problems[0].Error() != want {
		t.Errorf("prints %q, want %q", problems[0].Error(), want)
	}
}

// Values that cannot be read, keys that nobody knows and rules that contradict
// each other are all named at once, each on its line.
func TestFaultsOfEveryKindAreNamedTogether(t *testing.T) {
	text := source(t, "kz-civic.yaml")
	for _, edit := range [][2]string{{"  threshold: 20", "  threshold: many"}, {"  max: 0", "  max: 19"}, {"cell: 10", "cell: 3"},
		{"zone: Asia/Almaty", "zone: Asia/Almaty\nmayor: yes"}, {"  allowed: true", "  allowed: yes"}, {"on_missed: publish", "on_missed: refuse"},
		{"{n: 6, unit: month}", "{n: six, unit: fortnight}"}, {"calendar: kz", "calendar: mayan"}, {"duty: hearing", "duty: applause"}} {
		if !strings.Contains(text, edit[0]) {
			t.Fatalf("%q is not in the profile", edit[0])
		}
		text = strings.Replace(text, edit[0], edit[1], 1)
	}
	_, problems := Parse("own.yaml", []byte(text))
	var got []string
	for _, p := range problems {
		_, reason, _ := strings.Cut(p.Error(), ": ")
		got = append(got, reason)
	}
	for _, want := range []string{"support.threshold: want a whole number", "counts.cell: 3: want 10 to 1000000000", "mayor: unknown key",
		"appeal.allowed: want true or false", `moderation.on_missed: "refuse": want publish, wait`, "collect.window.n: want a whole number",
		`collect.window.unit: "fortnight": want day, workday, week, month`, `calendar: no calendar "mayan" is shipped`,
		`stages[2].duty: "applause": want letter, answer, hearing, debate`} {
		if i := slices.Index(got, want); i < 0 {
			t.Errorf("not named: %s", want)
		} else {
			got = slices.Delete(got, i, i+1)
		}
	}
	if len(got) > 0 {
		t.Errorf("named without a cause: %q", got)
	}
}

// A number that cannot be read is one fault, wherever it stands: what is
// compared with it says nothing, and what has nothing to do with it is said.
func TestAMisreadNumberIsOneFault(t *testing.T) {
	number := regexp.MustCompile(`: -?[0-9]+(, |}|\n)`)
	for _, name := range []string{"kz-civic", "uk-parl", "kz-appc", "kz-local", "ca-commons", "us-wethepeople"} {
		text := strings.Replace(source(t, name+".yaml"), "\nzone: ", "\nzone: Nowhere/", 1)
		text = regexp.MustCompile(`\nversion: .*`).ReplaceAllString(text, "\nversion: x") // a word that may look like a number
		places := number.FindAllStringSubmatchIndex(text, -1)
		if len(places) < 10 {
			t.Fatalf("%s: %d numbers", name, len(places))
		}
		for _, at := range places {
			edited := text[:at[0]] + ": many" + text[at[2]:]
			_, problems := Parse("own.yaml", []byte(edited))
			if len(problems) != 2 || problems[1].Line != 1+strings.Count(text[:at[0]], "\n") {
				t.Errorf("%s: %.60q: %v", name, edited[max(at[0]-40, 0):], problems)
			}
		}
	}
}

func TestNotAProfile(t *testing.T) {
	for in, want := range map[string]string{
		"":                            "own.yaml:1: empty",
		"# nothing\n":                 "own.yaml:1: empty",
		"- a\n- b\n":                  "own.yaml:1: profile: want keys and values",
		"just words":                  "own.yaml:1: profile: want keys and values",
		"? [a, b]\n: c\n":             "own.yaml:1: profile: a key must be a word",
		strings.Repeat("#", 1<<20+1):  "own.yaml:1: longer than",
		"id: x\n# a\rb\n":             "own.yaml:2: a line must end with LF or CR LF",
		"id: x\n\nname: a\u2028b\n":   "own.yaml:3: a line must end with LF or CR LF",
		"\xff\xfe":                    "own.yaml:1:",
		"id: x\n<<: {version: \"1\"}": "own.yaml:2: <<: unknown key",
	} {
		law, problems := Parse("own.yaml", []byte(in))
		if law != nil || !slices.ContainsFunc(problems, func(p Problem) bool { return strings.HasPrefix(p.Error(), want) }) {
			t.Errorf("%.20q: %v, want %s", in, problems, want)
		}
	}
}

func TestWindowsLineEnds(t *testing.T) {
	law, problems := Parse("own.yaml", []byte(strings.ReplaceAll(source(t, "kz-civic.yaml"), "\n", "\r\n")))
	if law == nil {
		t.Fatal(problems)
	}
}

func TestInlineCalendar(t *testing.T) {
	text := strings.Replace(source(t, "kz-civic.yaml"), "calendar: kz", `calendar:
  id: own
  from: 2026-01-01
  to: 2026-12-31
  weekend: [friday, saturday]
  holidays:
    - {date: 2026-05-07, name: A, source: s, confidence: press}
  worked:
    - {date: 2026-05-08, name: B, source: s, confidence: press}`, 1)
	law, problems := Parse("own.yaml", []byte(text))
	if law == nil {
		t.Fatal(problems)
	}
	if got := law.Calendar.AddWorkdays(civil.Date{Year: 2026, Month: 5, Day: 6}, 2).String(); got != "2026-05-10" {
		t.Errorf("two working days after 6 May end on %s", got)
	}
}

func TestCalendarFile(t *testing.T) {
	for in, want := range map[string]string{
		"id: x\n": "c.yaml:1: to: want the first and the last day",
		"kz":      "c.yaml:1: calendar: want keys and values",
		"id: x\nfrom: 2026-01-01\nto: 2025-01-01\n":                                                                          "c.yaml:3: to: want the first and the last day",
		"id: X\nfrom: 2026-01-01\nto: 2026-01-02\n":                                                                          "c.yaml:1: id: want small letters",
		"id: x\nfrom: 2026-01-01\nto: 2026-01-02\nweekend: [sunday, sunday]\n":                                               "c.yaml:4: weekend: sunday twice",
		"id: x\nfrom: 2026-01-01\nto: 2026-01-02\nholidays:\n  - {date: 2026-01-01, name: N, source: s, confidence: sure}\n": "c.yaml:5: holidays[0].confidence",
		"id: x\nfrom: 2026-01-01\nto: 2026-01-02\nholidays:\n  - {name: N, source: s, confidence: press}\n":                  "c.yaml:5: holidays[0]: date is missing",
	} {
		_, problems := parseCalendar("c.yaml", []byte(in))
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), want) {
			t.Errorf("%q: %v, want %s", in, problems, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(source(f, "kz-civic.yaml"))
	f.Add(source(f, "uk-parl.yaml"))
	f.Add("id: [\n")
	f.Add("a: &a [*a]\n---\n")
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, in string) {
		law, problems := Parse("fuzz.yaml", []byte(in))
		if (law == nil) == (len(problems) == 0) {
			t.Fatalf("law %v with problems %v", law != nil, problems)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Line > strings.Count(in, "\n")+2 && p.File == "fuzz.yaml" || p.Reason == "" {
				t.Errorf("no such place: %v", p)
			}
		}
		if law == nil {
			return
		}
		for _, term := range []civil.Term{law.Moderation.Term, law.Support.Window, law.Collect.Window, law.Collect.Retention} {
			if end := term.End(at, &law.Calendar, law.Location); end.Before(at) {
				t.Errorf("%v after %s ends %s", term, at, end)
			}
		}
	})
}
