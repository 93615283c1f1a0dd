package web

import (
	"net/http"
	"net/url"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
)

// orgPage asks an organisation whether a petition in its name is its own.
type orgPage struct {
	Page
	Token string
	Name  string // of the organisation, as the petitioner wrote it
	State string // what it said; "" before
	Facts []caseFact
	Texts []textView
	Live  bool // the link can still answer
	Ask   choice

	Faults []fault
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
	if body := w.bodyName(r.Context(), l, p.Body); body != "" {
		d.Facts = append(d.Facts, caseFact{pr.T("desk.case.body"), body})
	}
	if p.Creator.Name != "" {
		d.Facts = append(d.Facts, caseFact{pr.T("desk.case.creator"), p.Creator.Name})
	}
	d.Faults = w.summary(l, errs)
	d.Invalid = len(errs) > 0
	d.Ask = choice{Name: "own", Label: pr.T("org.page.ask", "name", p.Creator.Org), Error: faultOf(d.Faults, "own"), Options: []option{
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

// postOrganisation takes the organisation's word, once it is confirmed; field own (yes or no).
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
		if yes, err := w.organisationAsked(rw, r, l, own, form); !yes {
			return err
		}
		if err := w.moderation.AnswerOrg(r.Context(), r.PathValue("token"), own == "yes"); err != nil {
			return processError(err)
		}
		return seeOther(rw, "/"+string(l)+tokenPath("organisation", r.PathValue("token")))
	}
}

// organisationAsked asks before the organisation's word is public for good. A
// link that is dead has nothing to ask about.
func (w *Web) organisationAsked(rw http.ResponseWriter, r *http.Request, l petition.Lang, own string, form url.Values) (bool, error) {
	token := r.PathValue("token")
	p, live, err := w.moderation.PeekOrg(r.Context(), token)
	if err != nil {
		return false, processError(err)
	}
	if !live {
		return true, nil
	}
	noRobots(rw)
	path := tokenPath("organisation", token)
	q := mineQuestion(l, token, p, "org-"+own, "public where long final")
	q.args, q.back, q.calm = []any{"name", p.Creator.Org}, "/"+string(l)+path, own == "yes"
	if own == "no" && !p.State.Public() {
		q.key, q.says = "org-no-private", "public final"
	}
	return w.asked(rw, r, w.private(rw, l, path, ""), form, q)
}
