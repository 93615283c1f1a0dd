package web

import (
	"errors"
	"net/http"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/internal/signing"
	"github.com/dauys/dauys/internal/store"
	"github.com/dauys/dauys/petition"
)

func (w *Web) withdrawPage() formPage {
	return w.addressPage("withdraw", "web.withdraw.title", "web.withdraw.email.hint")
}

func (w *Web) mayWithdraw(p store.Signing, law *petition.Profile) error {
	return law.CheckWithdraw(p.Petition, w.now())
}

// getWithdraw is the form that asks for a withdrawal link.
func (w *Web) getWithdraw(l petition.Lang) httpd.Handler {
	return w.emptyForm(l, w.withdrawPage(), w.mayWithdraw)
}

// postWithdraw sends a letter, which is the only place that says whether the
// address has signed.
func (w *Web) postWithdraw(l petition.Lang) httpd.Handler {
	return w.addressForm(l, "withdraw", w.withdrawPage(), w.mayWithdraw, w.signing.RequestWithdrawal)
}

// getWithdrawal shows one button and changes nothing.
func (w *Web) getWithdrawal(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		link, err := w.signing.PeekWithdrawal(r.Context(), token)
		if err == nil && link.Status == signing.Live {
			d := w.linkPage(rw, l, "/withdraw/"+token, "withdrawal", link)
			d.Action = "/" + string(l) + "/withdraw/" + token
			d.Button, d.Danger = w.bundle.Printer(l).T("web.withdrawal.button"), true
			return w.answerLink(rw, l, http.StatusOK, d)
		}
		return w.withdrawn(rw, l, token, link, err)
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
		return w.withdrawn(rw, l, token, link, err)
	}
}

// withdrawn says what became of a withdrawal link.
func (w *Web) withdrawn(rw http.ResponseWriter, l petition.Lang, token string, link signing.Link, err error) error {
	words, status := "withdrawal.done", http.StatusOK
	switch {
	case errors.Is(err, signing.ErrExpired):
		words, status = "withdrawal.expired", http.StatusGone
	case err != nil:
		return err
	case link.Status == signing.Stale:
		words = "withdrawal.stale"
	}
	d := w.linkPage(rw, l, "/withdraw/"+token, words, link)
	if d.PetitionPath != "" && words != "withdrawal.done" {
		d.Again, d.AgainText = d.PetitionPath+"/withdraw", w.bundle.Printer(l).T("web.withdrawal.again")
	}
	return w.answerLink(rw, l, status, d)
}
