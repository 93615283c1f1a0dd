package web

import (
	"net/http"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
)

// orgPage asks an organisation whether a petition in its name is its own.
type orgPage struct {
	Page
	Token string
	Name  string // of the organisation, as the petitioner wrote it
	State string // what it said; "" before
	Texts []textView
	Live  bool // the link can still answer
	Ask   choice
}

func (w *Web) showOrganisation(rw http.ResponseWriter, r *http.Request, l petition.Lang, status int, errs petition.FieldErrors) error {
	token := r.PathValue("token")
	p, live, err := w.moderation.PeekOrg(r.Context(), token)
	if err != nil {
		return processError(err)
	}
	noRobots(rw)
	pr := w.bundle.Printer(l)
	d := orgPage{Page: w.private(rw, l, tokenPath("organisation", token), pr.T("org.page.title")), Token: token, Name: p.Creator.Org,
		Texts: w.textViews(l, p.Texts), Live: live}
	if !live {
		d.State = orgWords(pr, p)
	}
	d.Invalid = len(errs) > 0
	d.Ask = choice{Name: "own", Label: pr.T("org.page.ask", "name", p.Creator.Org), Error: faultOf(w.summary(l, errs), "own"), Options: []option{
		{Value: "yes", Label: pr.T("org.page.yes"), Hint: pr.T("org.page.yes.hint")},
		{Value: "no", Label: pr.T("org.page.no"), Hint: pr.T("org.page.no.hint")},
	}}
	return w.answer(rw, l, status, "organisation", d)
}

// getOrganisation shows the question and changes nothing: mail scanners open links.
func (w *Web) getOrganisation(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		return w.showOrganisation(rw, r, l, http.StatusOK, nil)
	}
}

// postOrganisation takes the organisation's word; field own (yes or no).
func (w *Web) postOrganisation(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		own := form.Get("own")
		if own != "yes" && own != "no" {
			return w.showOrganisation(rw, r, l, http.StatusUnprocessableEntity, petition.FieldErrors{{Field: "own", Key: "required"}})
		}
		if err := w.moderation.AnswerOrg(r.Context(), r.PathValue("token"), own == "yes"); err != nil {
			return processError(err)
		}
		return seeOther(rw, "/"+string(l)+tokenPath("organisation", r.PathValue("token")))
	}
}
