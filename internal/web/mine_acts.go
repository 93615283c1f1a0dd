package web

import (
	"errors"
	"net/http"

	"github.com/dauys/dauys/internal/httpd"
	"github.com/dauys/dauys/petition"
)

// backToMine ends an act of the petitioner: the private page tells what came of
// it, and a reload repeats nothing.
func backToMine(rw http.ResponseWriter, r *http.Request, l petition.Lang) error {
	return seeOther(rw, "/"+string(l)+tokenPath("mine", r.PathValue("token")))
}

// postMineAppeal lodges the appeal; field "appeal".
func (w *Web) postMineAppeal(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		err = w.moderation.Appeal(r.Context(), r.PathValue("token"), form.Get("appeal"))
		if errs, bad := errors.AsType[petition.FieldErrors](err); bad {
			return w.showMine(rw, r, l, http.StatusUnprocessableEntity, errs, mineInput{appeal: form.Get("appeal")})
		}
		if err != nil {
			return processError(err)
		}
		return backToMine(rw, r, l)
	}
}

// postMineChange hands in the changed text; fields as in the start form.
func (w *Web) postMineChange(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		form, err := httpd.ParseForm(r)
		if err != nil {
			return err
		}
		token := r.PathValue("token")
		m, err := w.moderation.Mine(r.Context(), token)
		if err != nil {
			return processError(err)
		}
		a := readAnswers(form)
		a["lang"] = string(m.Petition.Lang)
		err = w.moderation.Resubmit(r.Context(), token, a.form(l).Texts)
		if errs, bad := errors.AsType[petition.FieldErrors](err); bad {
			return w.showMine(rw, r, l, http.StatusUnprocessableEntity, errs, mineInput{answers: a})
		}
		if err != nil {
			return processError(err)
		}
		return backToMine(rw, r, l)
	}
}

// mineWithdraw is the last question before a petition is withdrawn.
type mineWithdraw struct {
	Page
	Token    string
	Petition string        // its title
	TextLang petition.Lang // of the title
	Public   bool
}

// getMineWithdraw says what a withdrawal means before it is done.
func (w *Web) getMineWithdraw(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		token := r.PathValue("token")
		m, err := w.moderation.Mine(r.Context(), token)
		if err != nil {
			return processError(err)
		}
		if !withdrawable(m.Petition.State) {
			return backToMine(rw, r, l)
		}
		noRobots(rw)
		t, in, _ := m.Petition.Texts.In(l, fallbacks(m.Petition.Lang)...)
		return w.answer(rw, l, http.StatusOK, "mine_withdraw", mineWithdraw{
			Page:  w.private(rw, l, tokenPath("mine", token, "withdraw"), w.bundle.Printer(l).T("mine.withdraw.title")),
			Token: token, Petition: t.Title, TextLang: in, Public: m.Petition.State.Public(),
		})
	}
}

func (w *Web) postMineWithdraw(l petition.Lang) httpd.Handler {
	return func(rw http.ResponseWriter, r *http.Request) error {
		if err := w.moderation.WithdrawPetition(r.Context(), r.PathValue("token")); err != nil {
			return processError(err)
		}
		return backToMine(rw, r, l)
	}
}
