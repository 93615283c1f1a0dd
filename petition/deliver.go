package petition

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Channel is the way a petition was brought to the body.
type Channel string

// The channels.
const (
	ByPost     Channel = "post"
	ByEmail    Channel = "email"
	ByEOtinish Channel = "eotinish" // the state's portal for appeals in Kazakhstan
	ByHand     Channel = "hand"
	ByOther    Channel = "other"
)

// Channels lists them in the order of a form.
func Channels() []Channel { return []Channel{ByEOtinish, ByPost, ByEmail, ByHand, ByOther} }

// Attachment is a document that belongs to a public act. The document itself is
// kept under its hash.
type Attachment struct {
	Hash string `json:"hash"` // SHA-256 of the content, 64 hexadecimal digits
	Name string `json:"name"` // shown only; never part of a path
	Type string `json:"type"` // media type, found in the content
	Size int64  `json:"size"` // bytes
}

// Delivery is a petition handed to its body at one stage.
type Delivery struct {
	Stage   string       `json:"stage"`
	On      Date         `json:"on"` // when the body got it; the duty's clock runs from here
	Channel Channel      `json:"channel"`
	Ref     string       `json:"ref,omitempty"`   // the body's registration number
	Files   []Attachment `json:"files,omitempty"` // a scan
	By      OfficerID    `json:"by,omitempty"`
	At      time.Time    `json:"at"` // when it was recorded
}

// The lengths of what is typed about a delivery or an answer, in grapheme clusters.
const (
	MaxRef    = 100
	MaxSource = 500
)

// Delivered is the delivery of a stage, if there was one.
func (p Petition) Delivered(stage string) (Delivery, bool) {
	for _, d := range p.Deliveries {
		if d.Stage == stage {
			return d, true
		}
	}
	return Delivery{}, false
}

// needsDelivery reports whether the term of a stage runs from a delivery. Where
// the site is the authority's own the petition is with the body already, and
// the term runs from the day the threshold was met.
func (l *Profile) needsDelivery(s Stage) bool { return s.Actor == "body" && l.Binding != Official }

// Undelivered are the stages reached that wait to be brought to the body, in
// the order of the law. None once the body has answered.
func (l *Profile) Undelivered(p Petition) []Stage {
	if p.Answer != nil || p.State != Open && p.State != Closed || p.Archived() {
		return nil
	}
	var wait []Stage
	for _, s := range l.Stages {
		r, reached := p.Reached(s.ID)
		_, done := p.Delivered(s.ID)
		if reached && !done && r.AnswerBy.IsZero() && l.needsDelivery(s) {
			wait = append(wait, s)
		}
	}
	return wait
}

// Deliver records that the petition was handed to its body at a stage that was
// reached. The term of the stage's duty runs from that day.
//
//  1. Each stage is delivered once, before the answer: ErrState.
//  2. The day is none of the future, and not before the stage was reached.
//  3. A registration number is one line.
func (l *Profile) Deliver(p Petition, d Delivery, now time.Time) (Change, error) {
	if p.Archived() {
		return Change{}, ErrArchived
	}
	if p.State != Open && p.State != Closed {
		return Change{}, ErrState
	}
	i := slices.IndexFunc(l.Undelivered(p), func(s Stage) bool { return s.ID == d.Stage })
	if i < 0 {
		return Change{}, ErrState
	}
	stage := l.Undelivered(p)[i]
	reached, _ := p.Reached(d.Stage)
	if errs := l.checkDelivery(d, reached, now); len(errs) > 0 {
		return Change{}, errs
	}
	d.At = now
	p.Deliveries = append(slices.Clone(p.Deliveries), d)
	data := map[string]string{"stage": d.Stage, "threshold": strconv.FormatInt(reached.Threshold, 10),
		"on": d.On.String(), "channel": string(d.Channel)}
	if d.Ref != "" {
		data["ref"] = d.Ref
	}
	if !stage.Term.IsZero() {
		p.Stages = slices.Clone(p.Stages)
		k := slices.IndexFunc(p.Stages, func(r StageReached) bool { return r.Stage == d.Stage })
		p.Stages[k].AnswerBy = stage.Term.LastDay(d.On, &l.Calendar)
		data["answer_by"] = p.Stages[k].AnswerBy.String()
	}
	return changed(p, EvDelivered, now, ActorOfficer(d.By), data), nil
}

func (l *Profile) checkDelivery(d Delivery, reached StageReached, now time.Time) FieldErrors {
	var errs FieldErrors
	if d.On.IsZero() || l.Today(now).Before(d.On) || d.On.Before(l.Today(reached.At)) {
		errs = append(errs, FieldError{Field: "on", Key: "invalid"})
	}
	if !slices.Contains(Channels(), d.Channel) {
		errs = append(errs, FieldError{Field: "channel", Key: "unknown"})
	}
	errs = append(errs, checkLine("ref", d.Ref, MaxRef, false)...)
	return append(errs, CheckAttachments("file", d.Files)...)
}

var hexHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ValidHash reports whether s is a SHA-256 as Attachment.Hash has it.
func ValidHash(s string) bool { return hexHash.MatchString(s) }

// CheckAttachments judges the names and hashes of attachments.
func CheckAttachments(field string, files []Attachment) FieldErrors {
	var errs FieldErrors
	for _, f := range files {
		if !ValidHash(f.Hash) || f.Size <= 0 {
			errs = append(errs, FieldError{Field: field, Key: "invalid"})
		}
		errs = append(errs, checkLine(field, f.Name, MaxRef, true)...)
	}
	return errs
}

// FileName is the name of an uploaded document as it may be shown: the last
// part of what the browser sent, without controls, on one line, at most MaxRef
// long. It never becomes a path.
func FileName(sent string) string {
	sent = strings.ToValidUTF8(sent, "")
	if i := strings.LastIndexAny(sent, `/\`); i >= 0 {
		sent = sent[i+1:]
	}
	sent = Clean(strings.Map(func(r rune) rune {
		if forbidden(r) || unseen(r) || r == '\n' || r == '\t' {
			return -1
		}
		return r
	}, sent))
	from := len(sent) // the end says what it is
	for range MaxRef - 10 {
		_, n := utf8.DecodeLastRuneInString(sent[:from])
		from -= n
	}
	sent = strings.TrimSpace(sent[from:])
	if strings.Trim(sent, ". ") == "" || len(checkLine("", sent, MaxRef, true)) > 0 {
		return "document"
	}
	return sent
}

// AnswerDays is how long the body took, in civil and in working days of the
// law, from the first delivery (under an official profile: from the first stage
// reached with a duty of the body). False when nobody asked before it answered.
func (l *Profile) AnswerDays(p Petition) (civil, working int, ok bool) {
	if p.Answer == nil {
		return 0, 0, false
	}
	var from Date
	earlier := func(d Date) {
		if from.IsZero() || d.Before(from) {
			from = d
		}
	}
	for _, d := range p.Deliveries {
		earlier(d.On)
	}
	for _, r := range p.Stages {
		if s, known := l.Stage(r.Stage); known && s.Actor == "body" && !l.needsDelivery(s) {
			earlier(l.Today(r.At))
		}
	}
	on := l.Today(p.Answer.At)
	if !p.Answer.Received.IsZero() {
		on = p.Answer.Received
	}
	if from.IsZero() || on.Before(from) {
		return 0, 0, false
	}
	return from.DaysUntil(on), l.Calendar.Workdays(from, on), true
}

// checkAnswer judges where an answer came from and what is attached.
func (l *Profile) checkAnswer(a Answer, now time.Time) FieldErrors {
	errs := checkLine("source", a.Source, MaxSource, false)
	if !a.Received.IsZero() && l.Today(now).Before(a.Received) {
		errs = append(errs, FieldError{Field: "received", Key: "invalid"})
	}
	return append(errs, CheckAttachments("file", a.Files)...)
}
