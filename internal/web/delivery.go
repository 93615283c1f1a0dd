package web

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/dauys/dauys/civil"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/internal/staff"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

// fileView is a document of a public act.
type fileView struct {
	URL, Name string
	KB        int64
}

// deliveryView is one delivery for readers.
type deliveryView struct {
	Stage   string
	Date    petition.Date
	Channel string
	Ref     string
	Files   []fileView
}

func fileViews(files []petition.Attachment) []fileView {
	var views []fileView
	for _, f := range files {
		views = append(views, fileView{URL: "/files/" + f.Hash, Name: f.Name, KB: (f.Size + 1023) / 1024})
	}
	return views
}

// deliveries are what was handed to the body, in the order it was.
func deliveries(pr *i18n.Printer, law *petition.Profile, p petition.Petition) []deliveryView {
	var views []deliveryView
	for _, d := range p.Deliveries {
		stage, _ := law.Stage(d.Stage)
		views = append(views, deliveryView{Stage: inLang(stage.Name, pr.Lang()), Date: d.On,
			Channel: pr.T("channel." + string(d.Channel)), Ref: d.Ref, Files: fileViews(d.Files)})
	}
	return views
}

// getFile answers with a document of a public act. It is sent as a download
// under a name of ours: what an officer's browser called it never gets here.
func (w *Web) getFile(rw http.ResponseWriter, r *http.Request) error {
	hash := r.PathValue("hash")
	media, b, err := w.store.PublicFile(r.Context(), hash)
	if err != nil {
		return err
	}
	h := rw.Header()
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "dauys-" + hash[:12] + fileExtension(media)}))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Etag", `"`+hash+`"`)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	_, err = rw.Write(b)
	return err
}

func fileExtension(media string) string {
	switch media {
	case "application/pdf":
		return ".pdf"
	case "image/png":
		return ".png"
	case "image/jpeg":
		return ".jpg"
	case "application/vnd.oasis.opendocument.text":
		return ".odt"
	}
	return ".docx"
}

// documentField is an input for documents.
type documentField struct{ Name, Label, Hint, Error string }

// ID is the id of the field's element.
func (f documentField) ID() string { return fieldID(f.Name) }

// DescribedBy names the elements that explain the field.
func (f documentField) DescribedBy() string { return describedBy(f.ID(), f.Hint != "", f.Error) }

// deliveryForm is the form of a delivery.
type deliveryForm struct {
	Stage, Channel choice
	On, Ref        field
}

// desk parts of a case that speak of the body.
type caseDelivery struct {
	Form  *deliveryForm // nil when nothing can be delivered by this officer now
	Done  []deliveryView
	Words []string // reminders sent to the body
}

func (w *Web) caseDelivery(ctx context.Context, pr *i18n.Printer, c deskCase, form url.Values, faults []fault) (caseDelivery, error) {
	d := caseDelivery{Done: deliveries(pr, c.law, c.p)}
	if wait := c.law.Undelivered(c.p); len(wait) > 0 && staff.Can(c.who.Role, staff.DeliverTo) {
		d.Form = w.deliveryForm(pr, c.law, wait, form, faults)
	}
	list, err := w.store.DeskReminders(ctx, c.p.ID)
	if err != nil || len(list) == 0 {
		return d, err
	}
	for _, r := range list {
		d.Words = append(d.Words, pr.T("desk.reminder."+r.Kind, "date", c.law.Today(r.At)))
	}
	body, err := w.store.Body(ctx, c.p.Body)
	if errors.Is(err, store.ErrNotFound) || err == nil && body.Email == "" {
		d.Words = append(d.Words, pr.T("desk.reminder.nobody"))
		return d, nil
	}
	return d, err
}

func (w *Web) deliveryForm(pr *i18n.Printer, law *petition.Profile, wait []petition.Stage, form url.Values, faults []fault) *deliveryForm {
	f := &deliveryForm{
		Stage:   choice{Name: "stage", Label: pr.T("desk.delivery.stage")},
		Channel: choice{Name: "channel", Label: pr.T("desk.delivery.channel"), Error: faultOf(faults, "channel")},
		On:      field{Name: "on", Label: pr.T("desk.delivery.on"), Hint: pr.T("desk.delivery.on.hint"), Value: form.Get("on"), Error: faultOf(faults, "on")},
		Ref:     field{Name: "ref", Label: pr.T("desk.delivery.ref"), Value: form.Get("ref"), Optional: true, Error: faultOf(faults, "ref")},
	}
	if f.On.Value == "" {
		f.On.Value = law.Today(w.now()).String()
	}
	for i, s := range wait {
		f.Stage.Options = append(f.Stage.Options, option{Value: s.ID, Label: inLang(s.Name, pr.Lang()), Selected: form.Get("stage") == s.ID || i == 0})
	}
	for _, c := range petition.Channels() {
		f.Channel.Options = append(f.Channel.Options, option{Value: string(c), Label: pr.T("channel." + string(c)), Selected: form.Get("channel") == string(c)})
	}
	return f
}

// uploaded reads a form of the desk with its documents.
func uploaded(rw http.ResponseWriter, r *http.Request) (url.Values, []moderation.Document, error) {
	form, files, err := httpd.ParseUpload(rw, r, moderation.MaxDocument)
	var docs []moderation.Document
	for _, f := range files {
		if f.Field == "file" {
			docs = append(docs, moderation.Document{Name: f.Name, Data: f.Data})
		}
	}
	return form, docs, err
}

// dateOf reads a day that was typed; a wrong one is a fault of the field.
func dateOf(form url.Values, name string) (petition.Date, error) {
	s := strings.TrimSpace(form.Get(name))
	if s == "" {
		return petition.Date{}, nil
	}
	d, err := civil.ParseDate(s)
	if err != nil {
		return d, petition.FieldErrors{{Field: name, Key: "invalid"}}
	}
	return d, nil
}

// postDeskDelivery records a delivery; fields stage, on, channel, ref, file.
func (w *Web) postDeskDelivery(l petition.Lang) httpd.Handler {
	return w.caseUpload(l, staff.DeliverTo, func(rw http.ResponseWriter, r *http.Request, c deskCase, form url.Values, docs []moderation.Document) error {
		on, err := dateOf(form, "on")
		h := moderation.Handing{Stage: form.Get("stage"), On: on, Channel: petition.Channel(form.Get("channel")), Ref: form.Get("ref"), Documents: docs}
		if err == nil {
			err = w.rehearseDelivery(c, h)
		}
		if err == nil {
			p, q := w.deskPage(rw, l, c.who, "/desk/petitions/"+r.PathValue("id"), ""), w.deliveryQuestion(l, c, h)
			var answered bool
			answered, err = w.publish(rw, r, p, form, q, docs, func() error { return w.moderation.Deliver(r.Context(), c.who, c.p.ID, h) })
			if answered {
				return err
			}
		}
		if err == nil {
			return seeOther(rw, caseURL(l, c.p.ID)+"#delivery")
		}
		return w.decided(rw, r, l, c, form, c.p.TextVersion, err)
	})
}

// reply is the answer of a form with what is wrong with it. Who does not speak
// for the body says where the answer comes from.
func (w *Web) reply(pr *i18n.Printer, c deskCase, form url.Values, docs []moderation.Document) (moderation.Reply, []fault) {
	texts, faults := answerTexts(pr, c.law, form)
	received, err := dateOf(form, "received")
	if err != nil {
		faults = append(faults, w.summary(pr.Lang(), petition.FieldErrors{{Field: "received", Key: "invalid"}})...)
	}
	source := petition.Clean(form.Get("source"))
	if source == "" && c.who.Role != store.Officer {
		faults = append(faults, fault{Field: fieldID("source"), Text: pr.T("desk.answer.need_source"), Own: true})
	}
	if c.who.Role == store.Officer {
		source, received = "", petition.Date{} // the body itself speaks, now
	}
	return moderation.Reply{Outcome: form.Get("outcome"), Texts: texts, Source: source, Received: received, Documents: docs}, faults
}

// answerExtras are the fields of an answer beside its text.
func (f *answerForm) extras(pr *i18n.Printer, c deskCase, form url.Values, faults []fault) {
	if c.who.Role == store.Officer {
		return
	}
	f.Outside = []field{
		{Name: "source", Label: pr.T("desk.answer.source"), Hint: pr.T("desk.answer.source.hint"), Value: form.Get("source"), Error: faultOf(faults, "source")},
		{Name: "received", Label: pr.T("desk.answer.received"), Hint: pr.T("desk.delivery.on.hint"), Value: form.Get("received"), Optional: true,
			Error: faultOf(faults, "received")},
	}
}

// sourceOf is what is said of where an answer came from.
func (v *answerView) sourceOf(a *petition.Answer) {
	v.Source, v.Received, v.Files = a.Source, a.Received, fileViews(a.Files)
	if strings.HasPrefix(a.Source, "https://") {
		if u, err := url.Parse(a.Source); err == nil && u.Host != "" && !strings.ContainsAny(a.Source, " \t") {
			v.SourceURL = fmt.Sprint(u)
		}
	}
}
