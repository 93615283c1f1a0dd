package petition

import "time"

// The limits of a letter about delay, in grapheme clusters: those of
// petition.parliament.uk, whose moderators have written such letters for years.
const (
	MaxDelaySubject = 100
	MaxDelayText    = 2000
)

// DelayText is a letter about delay in one language.
type DelayText struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// DelayLetter is what an officer writes to all petitioners whose moderation is
// late: to whom, and in which words.
type DelayLetter struct {
	Profile string             `json:"profile,omitempty"` // id of the law; "" for every
	Queued  time.Time          `json:"queued,omitzero"`   // in the queue since then or longer; zero for all
	Texts   map[Lang]DelayText `json:"texts"`
}

// Check judges the words, which must be there in each of langs. The field
// names are those of the desk's form.
func (d DelayLetter) Check(langs []Lang) FieldErrors {
	var errs FieldErrors
	for _, l := range langs {
		t := d.Texts[l]
		errs = append(errs, checkLine("subject."+string(l), t.Subject, MaxDelaySubject, true)...)
		errs = append(errs, CheckText("text."+string(l), t.Text, MaxDelayText, true)...)
	}
	return errs
}

// In is the letter for a reader of lang, or else in the first of others in
// which there is one.
func (d DelayLetter) In(lang Lang, others ...Lang) DelayText {
	for _, l := range append([]Lang{lang}, others...) {
		if t, ok := d.Texts[l]; ok {
			return t
		}
	}
	return DelayText{}
}
