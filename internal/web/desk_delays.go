package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// delaysData is the page of letters about delay: the form, and those sent.
type delaysData struct {
	Page
	Done    bool
	Faults  []fault
	Late    []namedCount // petitions that are late, by law
	Profile choice
	Days    field
	Letters []delayFields
	Sent    []delayRow
}

// delayFields are the fields of the letter in one language.
type delayFields struct {
	Language string
	Fields   []field
}

// delayRow is a letter about delay that was sent.
type delayRow struct {
	Who, When, State string
	Subject          string
	Texts            []DraftLetter
}

// delayPreview is a letter about delay before it is sent.
type delayPreview struct {
	Page
	Total   int
	Langs   []namedCount // petitioners by the language they are written to in
	Letters []DraftLetter
	Fields  []hiddenField
	Earlier string // when such a letter was sent last; "" for never
}

// shownDelays is how many of the letters sent are shown.
const shownDelays = 20

// delayLangs are the languages in which a letter about delay must be written:
// those of the site.
func (w *Web) delayLangs() []petition.Lang {
	if len(w.site.Langs) > 0 {
		return w.site.Langs
	}
	return i18n.Langs()
}

func (w *Web) getDeskDelays(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.TellDelays, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		return w.showDelays(rw, r, l, who, http.StatusOK, url.Values{}, nil)
	})
}

func (w *Web) showDelays(rw http.ResponseWriter, r *http.Request, l petition.Lang, who store.Staff, code int, form url.Values, faults []fault) error {
	pr := w.bundle.Printer(l)
	late, err := w.moderation.Late(r.Context())
	if err != nil {
		return err
	}
	sent, err := w.store.DeskDelays(r.Context(), shownDelays)
	if err != nil {
		return err
	}
	d := delaysData{Page: w.deskPage(rw, l, who, "/desk/delays", pr.T("desk.delays.title")), Faults: faults, Done: r.URL.Query().Get("done") == "yes",
		Profile: choice{Name: "profile", Label: pr.T("desk.delays.profile"), None: pr.T("desk.delays.profile.all"), Optional: true},
		Days:    field{Name: "days", Label: pr.T("desk.delays.days"), Hint: pr.T("desk.delays.days.hint"), Value: form.Get("days"), Optional: true, Error: faultOf(faults, "days")}}
	d.Invalid = len(faults) > 0
	for _, law := range slices.SortedFunc(w.lateLaws(l, late), func(a, b option) int { return strings.Compare(a.Label, b.Label) }) {
		d.Late = append(d.Late, namedCount{law.Label, int64(late[law.Value])})
		law.Selected = law.Value == form.Get("profile")
		d.Profile.Options = append(d.Profile.Options, law)
	}
	for _, lang := range w.delayLangs() {
		d.Letters = append(d.Letters, delayFieldsIn(pr, lang, form, faults))
	}
	for _, a := range sent {
		d.Sent = append(d.Sent, w.delayRow(pr, a))
	}
	return w.answer(rw, l, code, "desk_delays", d)
}

// lateLaws are the laws of late petitions by name.
func (w *Web) lateLaws(l petition.Lang, late map[string]int) func(yield func(option) bool) {
	return func(yield func(option) bool) {
		for id := range late {
			name := id
			for ref, law := range w.store.Laws() {
				if ref.ID == id {
					name = inLang(law.Name, l)
				}
			}
			if !yield(option{Value: id, Label: name}) {
				return
			}
		}
	}
}

func delayFieldsIn(pr *i18n.Printer, lang petition.Lang, form url.Values, faults []fault) delayFields {
	f := func(name, label string, most, rows int) field {
		name = inLanguage(name, lang)
		return field{Name: name, Label: pr.T(label), Value: form.Get(name), Lang: lang, Rows: rows, Max: most, Error: faultOf(faults, name)}
	}
	return delayFields{pr.T("lang." + string(lang)), []field{f("subject", "desk.delays.subject", petition.MaxDelaySubject, 0),
		f("text", "desk.delays.text", petition.MaxDelayText, 8)}}
}

func (w *Web) delayRow(pr *i18n.Printer, a store.DelayAct) delayRow {
	row := delayRow{When: pr.Date(w.law.Today(a.At)) + ", " + pr.Time(a.At, w.law.Location),
		Who:   actorWords(pr, petition.ActorOfficer(petition.OfficerID(a.Staff)), true),
		State: pr.N("desk.delays.told", int64(a.Told)), Subject: a.In(pr.Lang(), i18n.Langs()...).Subject}
	if !a.Done {
		row.State += ". " + pr.T("desk.delays.running")
	}
	for _, lang := range i18n.Langs() {
		if t, ok := a.Texts[lang]; ok {
			row.Texts = append(row.Texts, DraftLetter{Subject: t.Subject, Text: t.Text, Lang: lang})
		}
	}
	return row
}

// postDeskDelays shows what would be sent and to how many; with confirm=yes it
// is sent, with confirm=edit the form comes back. Fields profile, days,
// subject.kk, text.kk and so on, and form, which names the form.
func (w *Web) postDeskDelays(l petition.Lang) httpd.Handler {
	return w.forStaff(l, staff.TellDelays, func(who store.Staff, l petition.Lang, rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		f, errs := w.readDelay(form)
		if form.Get("confirm") == "edit" {
			return w.showDelays(rw, r, l, who, http.StatusOK, form, nil)
		}
		switch {
		case len(errs) > 0:
			errs = append(errs, w.moderation.FaultsOfDelay(f, w.delayLangs())...)
		case form.Get("confirm") == "yes":
			if err = w.moderation.SendDelay(r.Context(), who, form.Get("form"), f, w.delayLangs()); err == nil {
				return seeOther(rw, "/"+string(l)+"/desk/delays?done=yes")
			}
		default:
			err = w.previewDelay(rw, r, l, who, f, form)
		}
		if errs == nil && !errors.As(err, &errs) && !errors.Is(err, petition.ErrState) {
			return err
		}
		faults := w.delayFaults(l, errs)
		if errors.Is(err, petition.ErrState) {
			faults = []fault{{Field: fieldID("profile"), Text: w.bundle.Printer(l).T("desk.delays.nobody")}}
		}
		return w.showDelays(rw, r, l, who, http.StatusUnprocessableEntity, form, faults)
	})
}

// delayFaults are faults with the language that they are in.
func (w *Web) delayFaults(l petition.Lang, errs petition.FieldErrors) []fault {
	faults := w.summary(l, errs)
	for i, e := range errs {
		if _, lang, ok := strings.Cut(e.Field, "."); ok {
			faults[i].Text = w.bundle.Printer(l).T("lang."+lang) + ": " + faults[i].Text
		}
	}
	return faults
}

func (w *Web) readDelay(form url.Values) (moderation.DelayForm, petition.FieldErrors) {
	f := moderation.DelayForm{Profile: form.Get("profile"), Texts: map[petition.Lang]petition.DelayText{}}
	var errs petition.FieldErrors
	if days := strings.TrimSpace(form.Get("days")); days != "" {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 10_000 {
			errs = append(errs, petition.FieldError{Field: "days", Key: "invalid"})
		}
		f.Days = n
	}
	for _, lang := range w.delayLangs() {
		f.Texts[lang] = petition.DelayText{Subject: form.Get(inLanguage("subject", lang)), Text: form.Get(inLanguage("text", lang))}
	}
	return f, errs
}

// previewDelay shows the letters and how many get them; nobody is ErrState.
func (w *Web) previewDelay(rw http.ResponseWriter, r *http.Request, l petition.Lang, who store.Staff, f moderation.DelayForm, form url.Values) error {
	letter, whom, err := w.moderation.RehearseDelay(r.Context(), f, w.delayLangs())
	if err != nil {
		return err
	}
	pr := w.bundle.Printer(l)
	d := delayPreview{Page: w.deskPage(rw, l, who, "/desk/delays", pr.T("desk.delays.preview"))}
	d.Narrow = true
	for _, lang := range w.delayLangs() {
		draft, err := w.draftDelay(letter.Texts[lang], lang)
		if err != nil {
			return err
		}
		d.Letters = append(d.Letters, draft)
		d.Fields = append(d.Fields, hiddenField{inLanguage("subject", lang), letter.Texts[lang].Subject}, hiddenField{inLanguage("text", lang), letter.Texts[lang].Text})
	}
	for _, lang := range i18n.Langs() {
		if n := whom[lang]; n > 0 {
			d.Langs = append(d.Langs, namedCount{pr.T("lang." + string(lang)), int64(n)})
			d.Total += n
		}
	}
	if d.Total == 0 {
		return petition.ErrState
	}
	d.Fields = append(d.Fields, hiddenField{"profile", form.Get("profile")}, hiddenField{"days", form.Get("days")}, hiddenField{"form", w.moderation.NewDelayForm()})
	sent, err := w.store.DeskDelays(r.Context(), 1)
	if err != nil {
		return err
	}
	if len(sent) > 0 {
		d.Earlier = pr.Date(w.law.Today(sent[0].At))
	}
	return w.answer(rw, l, http.StatusOK, "desk_delays_preview", d)
}
