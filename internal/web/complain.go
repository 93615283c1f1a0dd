package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/dauys/dauys/internal/complaints"
	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
)

// complainData is the form of a complaint.
type complainData struct {
	Page
	Faults             []fault
	By, Ground         choice
	Name, Number       field
	What, Why, Article field
	Email              field
}

// getComplain is the form; ?petition=N fills the number in.
func (w *Web) getComplain(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		q, err := httpd.Query(r)
		if err != nil {
			return err
		}
		return w.showComplain(rw, l, url.Values{"petition": {q.Get("petition")}, "by": {string(petition.ByPerson)}}, nil)
	}
}

func (w *Web) showComplain(rw http.ResponseWriter, l petition.Lang, form url.Values, errs petition.FieldErrors) error {
	pr := w.bundle.Printer(l)
	d := complainData{Page: w.private(rw, l, "/complain", pr.T("complain.title")), Faults: w.summary(l, errs)}
	d.Invalid = len(errs) > 0
	text := func(name, key string, rows, limit int) field {
		return field{Name: name, Label: pr.T(key), Value: form.Get(name), Rows: rows, Max: limit, Error: faultOf(d.Faults, name)}
	}
	d.By = choice{Name: "by", Label: pr.T("complain.by"), Error: faultOf(d.Faults, "by")}
	for _, by := range petition.Complainants() {
		o := option{Value: string(by), Label: pr.T("complain.by." + string(by)), Selected: form.Get("by") == string(by)}
		if by == petition.ByAuthority {
			o.Hint = pr.T("complain.by.authority.hint")
		}
		d.By.Options = append(d.By.Options, o)
	}
	d.Ground = choice{Name: "ground", Label: pr.T("complain.ground"), Error: faultOf(d.Faults, "ground")}
	for _, g := range petition.Grounds() {
		d.Ground.Options = append(d.Ground.Options, option{Value: string(g), Label: pr.T("complain.ground." + string(g)), Selected: form.Get("ground") == string(g)})
	}
	d.Name, d.Number = text("name", "complain.name", 0, 0), text("petition", "complain.petition", 0, 0)
	d.Name.Hint, d.Number.Hint, d.Number.Optional = pr.T("complain.name.hint"), pr.T("complain.petition.hint"), true
	d.What, d.Why = text("what", "complain.what", 3, petition.MaxComplaintWhat), text("why", "complain.why", 8, petition.MaxComplaintWhy)
	d.Why.Hint = pr.T("complain.why.hint")
	d.Article = text("article", "complain.article", 0, 0)
	d.Article.Hint = pr.T("complain.article.hint")
	d.Email = text("email", "complain.email", 0, 0)
	d.Email.Type, d.Email.Autocomplete, d.Email.Optional, d.Email.Hint = "email", "email", true, pr.T("complain.email.hint")
	d.Faults = labelled([]formItem{{Radios: &d.By}, {Field: &d.Name}, {Field: &d.Number}, {Field: &d.What}, {Field: &d.Why}, {Radios: &d.Ground},
		{Field: &d.Article}, {Field: &d.Email}}, d.Faults)
	return w.answer(rw, l, d.status(), "complain", d)
}

// postComplain takes a complaint; fields by, name, petition, what, why, ground,
// article, email. Whoever fills the trap gets a number, too.
func (w *Web) postComplain(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, errs, err := readForm(r)
		if err != nil {
			return err
		}
		if err := w.server.AllowClient(r, httpd.RuleComplain); err != nil {
			return err
		}
		ref := complaints.Ref()
		if len(errs) == 0 && !trapped(form) {
			ref, err = w.complaints.Complain(r.Context(), complaints.Form{Number: form.Get("petition"), Email: form.Get("email"),
				Complaint: petition.Complaint{By: petition.Complainant(form.Get("by")), Name: form.Get("name"), What: form.Get("what"),
					Why: form.Get("why"), Ground: petition.Ground(form.Get("ground")), Article: form.Get("article"), Lang: l}})
		}
		if errors.As(err, &errs); len(errs) > 0 {
			return w.showComplain(rw, l, form, errs)
		}
		if err != nil {
			return err
		}
		return seeOther(rw, "/"+string(l)+"/complain/received?number="+ref)
	}
}

// receivedData says that a complaint is here, and its number.
type receivedData struct {
	Page
	Ref string
}

// getComplaintReceived is the same for everyone, and shows no number that this
// site could not have given.
func (w *Web) getComplaintReceived(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		q, err := httpd.Query(r)
		if err != nil {
			return err
		}
		ref := q.Get("number")
		if !complaints.IsRef(ref) {
			return httpd.ErrNotFound
		}
		d := receivedData{Page: w.private(rw, l, "/complain/received", w.bundle.Printer(l).T("complain.done.title")), Ref: ref}
		d.Query = "number=" + ref
		return w.answer(rw, l, http.StatusOK, "complaint_received", d)
	}
}
