package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

type withdrawData struct {
	Page
	Number string
	Name   textView
	Faults []fault
	Action string
	Email  field
}

// getWithdraw is the form that asks for a withdrawal link.
func (w *Web) getWithdraw(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		p, law, err := w.signingPetition(r)
		if err != nil {
			return err
		}
		if err := law.CheckWithdraw(p.Petition, w.now()); err != nil {
			return err
		}
		return w.showWithdraw(rw, r, l, p, law, url.Values{}, nil)
	}
}

func (w *Web) showWithdraw(rw http.ResponseWriter, _ *http.Request, l petition.Lang, p store.Signing, _ *petition.Profile, form url.Values,
	errs petition.FieldErrors) error {
	pr := w.bundle.Printer(l)
	path := petitionPath(p.Number) + "/withdraw"
	text, of, _ := p.Texts.In(l, fallbacks(p.Lang)...)
	d := withdrawData{Page: w.private(rw, l, path, pr.T("web.withdraw.title")), Number: strconv.FormatInt(p.Number, 10),
		Name: textIn(l, of, text), Faults: w.summary(l, errs), Action: "/" + string(l) + path}
	d.Active, d.Invalid = "petitions", len(errs) > 0
	d.Email = field{Name: "email", Type: "email", Autocomplete: "email", Label: pr.T("web.sign.email"), Hint: pr.T("web.withdraw.email.hint"),
		Value: form.Get("email"), Error: faultOf(d.Faults, "email")}
	status := http.StatusOK
	if d.Invalid {
		status = http.StatusUnprocessableEntity
	}
	return w.answer(rw, l, status, "withdraw", d)
}

// postWithdraw sends a letter, which is the only place that says whether the
// address has signed.
func (w *Web) postWithdraw(l petition.Lang) httpd.Handler {
	return w.petitionForm(l, signerForm{
		find: func(r *http.Request, l petition.Lang) (store.Signing, *petition.Profile, string, error) {
			p, law, moved, err := w.signingOf(r, l)
			if err == nil {
				err = law.CheckWithdraw(p.Petition, w.now())
			}
			return p, law, moved, err
		},
		act: func(r *http.Request, p store.Signing, _ *petition.Profile, form url.Values) error {
			if trapped(form) || !w.mayWrite(form.Get("email")) {
				return nil
			}
			return w.signing.RequestWithdrawal(r.Context(), p, form.Get("email"), l)
		},
		again: w.showWithdraw,
		next:  func(_ *http.Request, p store.Signing) string { return petitionPath(p.Number) + "/withdraw/sent" },
	})
}

// getWithdrawal shows one button and changes nothing.
func (w *Web) getWithdrawal(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		link, err := w.signing.PeekWithdrawal(r.Context(), token)
		if err == nil && link.Status == signing.Live {
			d := w.linkPage(rw, r, l, "/withdraw/"+token, "withdrawal", link)
			d.Action = "/" + string(l) + "/withdraw/" + token
			d.Button = w.bundle.Printer(l).T("web.withdrawal.button")
			return w.answer(rw, l, http.StatusOK, "link", d)
		}
		return w.withdrawn(rw, r, l, token, link, err)
	}
}

// postWithdrawal takes the signature back. 200 means durable.
func (w *Web) postWithdrawal(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if err := w.server.AllowClient(r, httpd.RuleConfirm); err != nil {
			return err
		}
		token := r.PathValue("token")
		link, err := w.signing.ConfirmWithdrawal(r.Context(), token)
		return w.withdrawn(rw, r, l, token, link, err)
	}
}

// withdrawn says what became of a withdrawal link.
func (w *Web) withdrawn(rw http.ResponseWriter, r *http.Request, l petition.Lang, token string, link signing.Link, err error) error {
	words, status := "withdrawal.done", http.StatusOK
	switch {
	case errors.Is(err, signing.ErrExpired):
		words, status = "withdrawal.expired", http.StatusGone
	case err != nil:
		return err
	case link.Status == signing.Stale:
		words = "withdrawal.stale"
	}
	d := w.linkPage(rw, r, l, "/withdraw/"+token, words, link)
	if d.PetitionPath != "" && words != "withdrawal.done" {
		d.Again, d.AgainText = d.PetitionPath+"/withdraw", w.bundle.Printer(l).T("web.withdrawal.again")
	}
	return w.answer(rw, l, status, "link", d)
}
