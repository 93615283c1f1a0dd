package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

type petitionData struct {
	Page
	Number              string
	Text                textView
	Versions            []version
	Ask, Sign, Withdraw string
	Tags                []tag
	Count               int64
	Counts              bool   // the count is shown
	Group, Words        string // for 10-count.js, see countForms
	Bar                 *progress
	Next                string
	Signable            bool
	Local               bool // runs on this site: it can be followed
	Stepped             bool // the public count moves in steps
	StepMinutes         int
	StepBy              int64
	Facts               []fact
	To, Ends            *fact // to whom and until when, shown where they are looked for first
	Every               int   // seconds between two looks at the count
	Steps               []timelineStep
	Refusal             *refusalView
	Answer              *answerView
	Deliveries          []deliveryView
	Places              *placesView
	Days                *daysView
	Imported            *importedView
	Share               *shareView
	JSON, Atom          string
	More                *petitionMore
	Ruled               ruledView
}

// fact is a line of the petition's small print.
type fact struct {
	Key         string // that of its name
	Name, Value string
	Lang        petition.Lang // of the value; "" for the page's
	Date        petition.Date // for a machine; zero for none
	URL         string        // page of the value; "" for none
}

// refusalView says why a petition is not published for signing.
type refusalView struct {
	Reason, Note string
	Cite         citation
	Date         petition.Date
	Hidden       bool // the text itself is not shown
	AppealUntil  petition.Date
	Appealed     bool
}

// removedError is a petition that was public once and is gone or hidden.
type removedError struct{ v store.Public }

// Error says no more than its number.
func (e *removedError) Error() string { return fmt.Sprintf("web: petition %d was removed", e.v.Number) }

// Unwrap makes it 410 wherever it is not shown as a page of its own.
func (e *removedError) Unwrap() error { return httpd.ErrGone }

// getPetition is the page of one petition. ?text=LANG chooses the language of
// its text where there are several, ?order=name that of the places.
func (w *Web) getPetition(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		n, err := number(r)
		if err != nil {
			return err
		}
		in, order := petition.Lang(""), ""
		if r.URL.RawQuery != "" {
			in, order = petition.Lang(r.URL.Query().Get("text")), r.URL.Query().Get("order")
		}
		if in != "" && !slices.Contains(i18n.Langs(), in) {
			in = ""
		}
		if order != byName {
			order = ""
		}
		key := "petition " + strconv.FormatInt(n, 10) + " " + string(in) + " " + order
		err = w.cached(rw, r, l, key, func(ctx context.Context) (view, error) { return w.petition(ctx, l, n, in, order) })
		if gone, ok := errors.AsType[*removedError](err); ok {
			return w.removed(rw, r, l, gone.v)
		}
		return err
	}
}

// public loads a petition for everyone to see; a removed one is an error.
func (w *Web) public(ctx context.Context, n int64) (store.Public, error) {
	v, err := w.store.PublicPetition(ctx, n)
	if errors.Is(err, store.ErrNotFound) {
		return v, fmt.Errorf("%w: %w", httpd.ErrNotFound, err)
	}
	if err == nil && (v.State == petition.Removed || v.State == petition.Hidden) {
		return v, &removedError{v}
	}
	return v, err
}

func (w *Web) petition(ctx context.Context, l petition.Lang, n int64, in petition.Lang, order string) (view, error) {
	v, err := w.public(ctx, n)
	if err != nil {
		return view{}, err
	}
	now, law, pr := w.now(), w.lawOf(v.Petition), w.bundle.Printer(l)
	want := l
	if in != "" {
		want = in
	}
	text, of, _ := v.Texts.In(want, fallbacks(v.Lang)...)
	d := petitionData{Number: strconv.FormatInt(n, 10), Count: v.Shown,
		Counts: v.State == petition.Open || v.State == petition.Closed, Tags: w.tags(pr, v, now), JSON: petitionPath(n) + ".json"}
	title := text.Title
	if title == "" {
		title = pr.T("web.petition.no-text", "number", d.Number)
	}
	d.Page = w.page(l, petitionPath(n), title)
	d.Active, d.Description = "petitions", text.Ask
	d.Text, d.Versions = textIn(l, of, text), w.versions(l, law, v, of)
	d.Preview = w.previewOf(l, v)
	if d.Share, err = w.shareOf(l, v); err != nil {
		return view{}, err
	}
	d.splitFacts(w.publicFacts(ctx, l, law, v))
	if here(v) {
		d.Local, d.Every = true, countEvery(v)
		d.Atom = petitionPath(n) + ".atom"
		d.Feed = d.Atom
		d.Signable = law.CheckSign(v.Petition, now) == nil
		d.Signs = d.Signable
		d.Group, d.Words = countForms(pr)
		d.Stepped, d.StepMinutes, d.StepBy = v.State == petition.Open && !law.Live(v.Shown), law.Counts.StepMinutes, law.Counts.StepBy
		d.Steps = w.steps(l, law, v.Petition, now)
		d.Ruled = ruled(pr, law, v.Petition)
		if v.State == petition.Open {
			d.Bar, d.Next = w.next(pr, v)
		}
	}
	d.Refusal, d.Answer, d.Deliveries = w.refusal(l, law, v, now), w.answerOf(l, v), deliveries(pr, law, v.Petition)
	if d.More, err = w.petitionMore(ctx, l, law, v); err != nil {
		return view{}, err
	}
	return view{"petition", d}, w.numbers(ctx, l, law, v, &d, order, now)
}

// splitFacts puts two facts where they are looked for first.
func (d *petitionData) splitFacts(facts []fact) {
	for i, f := range facts {
		switch f.Key {
		case "body":
			d.To = &facts[i]
		case "closes", "closed":
			d.Ends = &facts[i]
			d.Facts = append(d.Facts, f)
		default:
			d.Facts = append(d.Facts, f)
		}
	}
}

// countEvery is how often a page that is looked at asks for the count, in
// seconds. A petition that a country signs is asked for less often: what one
// more signature changes is seen less, and those who ask are more.
func countEvery(v store.Public) int {
	switch {
	case v.Shown < 100_000:
		return 10
	case v.Shown < 1_000_000:
		return 15
	}
	return 30
}

// countForms are what 10-count.js needs to write a number as the server does: what
// stands between three digits, and the word after it in its plural forms.
func countForms(pr *i18n.Printer) (group, words string) {
	return strings.Trim(pr.Number(1000), "0123456789"), wordForms(pr, "web.count.word")
}

// numbers adds what is counted: by place and by day, or what another site says.
func (w *Web) numbers(ctx context.Context, l petition.Lang, law *petition.Profile, v store.Public, d *petitionData, order string, now time.Time) (err error) {
	path := d.Here(l)
	if in := d.Text.Lang; in != "" {
		path += "?text=" + string(in)
	}
	if !here(v) {
		d.Imported, err = w.imported(l, v, order, path)
		return err
	}
	if d.Places, err = w.placesOf(ctx, l, law, v, order, path); err != nil {
		return err
	}
	d.Days, err = w.daysOf(ctx, l, law, v, now)
	return err
}

// publicFacts are the small print: who, to whom, when.
func (w *Web) publicFacts(ctx context.Context, l petition.Lang, law *petition.Profile, v store.Public) []fact {
	pr := w.bundle.Printer(l)
	var facts []fact
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, fact{Key: key, Name: pr.T("web.fact." + key), Value: value})
		}
	}
	day := func(key string, t time.Time) {
		if !t.IsZero() {
			date := law.Today(t)
			facts = append(facts, fact{Key: key, Name: pr.T("web.fact." + key), Value: pr.Date(date), Date: date})
		}
	}
	if v.Body != "" {
		add("body", w.bodyName(ctx, l, v.Body))
		facts[len(facts)-1].URL = "/" + string(l) + "/bodies/" + v.Body
	}
	if v.Place != "" {
		add("place", w.placeName(l, law, v.Place))
	}
	var topics []string
	for _, code := range v.Topics {
		topics = append(topics, topicName(pr, code))
	}
	add("topics", strings.Join(topics, ", "))
	add("creator", creatorWords(pr, v.Creator))
	if v.Creator.Kind == petition.Organisation && v.Creator.Org != "" {
		add("org", v.Creator.Org+" ("+orgWords(pr, v.Petition)+")")
	}
	add("number", strconv.FormatInt(v.Number, 10))
	day("opened", v.OpenedAt)
	if v.ClosedAt.IsZero() && !v.ClosesAt.IsZero() {
		day("closes", v.ClosesAt.Add(-time.Nanosecond))
	}
	day("closed", v.ClosedAt)
	day("archived", v.ArchivedAt)
	return facts
}

func (w *Web) refusal(l petition.Lang, law *petition.Profile, v store.Public, now time.Time) *refusalView {
	if v.Refusal == nil || v.State != petition.Refused && v.State != petition.Appealed {
		return nil
	}
	r := &refusalView{Note: v.Refusal.Note, Reason: v.Refusal.Reason, Hidden: v.HideText, Appealed: v.State == petition.Appealed}
	if !v.RefusedAt.IsZero() {
		r.Date = law.Today(v.RefusedAt)
	}
	if reason, ok := law.Reason(v.Refusal.Reason); ok && here(v) {
		r.Reason, r.Cite = inLang(reason.Text, l), w.cite(w.bundle.Printer(l), reason.Cite.Article)
	}
	if now.Before(v.AppealUntil) && v.State == petition.Refused {
		r.AppealUntil = law.Today(v.AppealUntil.Add(-time.Nanosecond))
	}
	return r
}

type removedData struct {
	Page
	Number       string
	Date         petition.Date
	Reason, Note string
	Hidden       string // what follows, of one that is only hidden; "" when it is gone for ever
}

// removed is the page of a petition that was taken down: why, and nothing of it.
func (w *Web) removed(rw http.ResponseWriter, r *http.Request, l petition.Lang, v store.Public) error {
	if v.State == petition.Hidden {
		return w.hidden(rw, l, v)
	}
	pr := w.bundle.Printer(l)
	d := removedData{Page: w.private(rw, l, petitionPath(v.Number), pr.T("web.removed.title")), Number: strconv.FormatInt(v.Number, 10)}
	law := w.lawOf(v.Petition)
	if !v.RemovedAt.IsZero() {
		d.Date = law.Today(v.RemovedAt)
	}
	events, err := w.store.PublicEvents(r.Context(), v.ID)
	if err != nil {
		return err
	}
	for _, e := range events {
		if e.Kind == petition.EvRemoved {
			d.Reason, d.Note = e.Data["reason"], e.Data["note"]
		}
	}
	if reason, ok := law.Reason(d.Reason); ok {
		d.Reason = inLang(reason.Text, l)
	}
	return w.answer(rw, l, http.StatusGone, "removed", d)
}

type embedData struct {
	Page
	Card  card
	Theme string // "light" or "dark" where the other site says so
}

// getEmbed is a card of a petition for other sites to frame: no form, no
// cookie, links that open in a page of their own.
func (w *Web) getEmbed(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		n, err := number(r)
		if err != nil {
			return err
		}
		theme := r.URL.Query().Get("theme")
		if theme != "light" && theme != "dark" {
			theme = "" // the reader's own
		}
		httpd.AllowFraming(rw)
		return w.cached(rw, r, l, "embed "+strconv.FormatInt(n, 10)+" "+theme, func(ctx context.Context) (view, error) {
			v, err := w.public(ctx, n)
			if err != nil {
				return view{}, err
			}
			d := embedData{Page: w.page(l, petitionPath(n), ""), Card: w.card(l, v, w.now()), Theme: theme}
			d.Title, d.NoIndex = d.Card.Title, true
			d.Card.URL = w.url + d.Card.URL
			return view{"embed", d}, nil
		})
	}
}
